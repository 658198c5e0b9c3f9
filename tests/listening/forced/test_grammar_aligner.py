"""Words are found where they are said, in order, and a word that may be left out is."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.listening.audio.recording import RATE, open_recording
from pipeline.listening.forced.grammar_aligner import FRAME, GrammarAligner, Unit
from pipeline.listening.forced.pronunciations import pronunciations
from pipeline.reading.words.spoken_form import spoken_keys
from pipeline.times import Span, from_seconds
from tests.episodes.kept_hearing import AUDIO, TRUTH

MARGIN = 300
SENTENCES = [one for one in TRUTH["sentences"] if 2.0 < one["end"] - one["start"] < 7.0][:8]


@pytest.fixture(scope="module")
def aligner() -> GrammarAligner:
    """One decoder for all tests."""
    return GrammarAligner()


def units(text: str, *, optional: bool = False) -> list[Unit]:
    """The words of a text, with all their pronunciations."""
    return [Unit(pronunciations(key), optional) for word in text.split() for key in spoken_keys(word)]


def sound(sentence: dict[str, Any]) -> np.ndarray[Any, np.dtype[np.float32]]:
    """The samples of a sentence, with a margin on each side."""
    start, end = from_seconds(sentence["start"]), from_seconds(sentence["end"])
    return open_recording(AUDIO).read(Span(start - MARGIN, end + MARGIN)).samples


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda one: one["spoken"][:20])
def test_a_sentence_begins_and_ends_where_it_is_said(aligner: GrammarAligner, sentence: dict[str, Any]) -> None:
    """Every word is found, in order; the first begins and the last ends with the sentence."""
    spans = [span for span in aligner.align(sound(sentence), units(sentence["spoken"])) if span]

    length = from_seconds(sentence["end"]) - from_seconds(sentence["start"])
    assert len(spans) == len(units(sentence["spoken"]))
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
    assert abs(spans[0].start - MARGIN) < 80
    assert abs(spans[-1].end - MARGIN - length) < 200  # the truth includes the last sound's decay


def test_a_word_that_is_not_said_is_left_out(aligner: GrammarAligner) -> None:
    """Where it may be left out; the others stay where they are."""
    sentence = SENTENCES[0]
    words = units(sentence["spoken"])
    extra = units("magnificent", optional=True)

    without = aligner.align(sound(sentence), words)
    found = aligner.align(sound(sentence), [*words[:3], *extra, *words[3:]])

    assert found[3] is None
    assert (*found[:3], *found[4:]) == without


def test_a_result_does_not_depend_on_what_was_aligned_before(aligner: GrammarAligner) -> None:
    """The same sound and words give the same times in a new decoder."""
    sentence = SENTENCES[1]

    assert aligner.align(sound(sentence), units(sentence["spoken"])) == GrammarAligner().align(
        sound(sentence), units(sentence["spoken"])
    )


def test_no_grammar_stays_in_memory(aligner: GrammarAligner) -> None:
    """A decoder has one grammar, however many stretches it has aligned."""
    words = units("the kettle boils")
    samples = np.zeros(RATE, np.float32)
    aligner.align(samples, words)
    before = psutil.Process().memory_info().rss
    for _ in range(60):
        aligner.align(samples, words)

    assert psutil.Process().memory_info().rss - before < 5_000_000


@settings(max_examples=15)
@given(
    st.integers(800, 3 * RATE),
    st.lists(
        st.tuples(st.sampled_from(["tea", "kettle", "um", "the", "boils"]), st.booleans()), min_size=1, max_size=6
    ),
    st.integers(0, 9),
)
def test_any_sound_gives_times_in_order(
    aligner: GrammarAligner, length: int, words: list[tuple[str, bool]], seed: int
) -> None:
    """In noise or silence of any length, times are in order and inside the sound; or there are none."""
    samples = np.random.default_rng(seed).normal(0, 0.01 * seed, length).astype(np.float32)

    spans = aligner.align(samples, [Unit(pronunciations(word), optional) for word, optional in words])

    found = [span for span in spans if span is not None]
    assert len(spans) == len(words)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    assert all(span.end <= length * 1_000 // RATE + FRAME for span in found)
