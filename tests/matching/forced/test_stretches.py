"""Stretches: every matched word is in one of them, in order, between places where the sound is cut."""

from __future__ import annotations

import itertools
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.alignment.align import AlignOptions, align
from pipeline.matching.alignment.heard_times import heard_times
from pipeline.matching.forced.stretches import (
    END_MARGIN_MS,
    LONG_PAUSE_MS,
    MARGIN_MS,
    MOST_UNWRITTEN_WORDS,
    Stretch,
    cut_into_stretches,
)
from pipeline.reading.transcript import parse
from pipeline.schema import HeardWord
from pipeline.times import Span
from tests.matching.word_lists import heard_words, make_hearing, prose

TURNS = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 25)), min_size=1, max_size=6)


def stretches_of(source: str, words: tuple[HeardWord, ...], duration: int | None = None) -> tuple[Stretch, ...]:
    """The stretches of a transcript and of what was heard."""
    transcript, hearing = parse(source), make_hearing(words, duration=duration or words[-1].span.end)
    alignment = align(transcript.words, words, AlignOptions())
    return cut_into_stretches(transcript, hearing, alignment, heard_times(transcript, hearing, alignment))


def texts(source: str, stretch: Stretch) -> list[str]:
    """The words of a stretch; what may be left out is in parentheses."""
    written = parse(source).words
    words = zip(stretch.words, stretch.places, strict=True)
    shown = ["+".join(word.keys) if place is None else written[place].shown for word, place in words]
    return [f"({text})" if word.optional else text for word, text in zip(stretch.words, shown, strict=True)]


@given(TURNS, TURNS, st.integers(0, 3))
def test_stretches_have_every_matched_word_once(
    typed: list[tuple[int, int]], said: list[tuple[int, int]], overlap: int
) -> None:
    """Whatever is typed and said, words are in order, and stretches follow each other within the recording."""
    source = "\n\n".join(f"**Ann**: {prose(seed, n)}" for seed, n in typed)
    clean = heard_words(" | ".join(prose(seed, n) for seed, n in said))
    words = tuple(HeardWord(w.text, Span(w.span.start, w.span.end + 90 * overlap), w.probability) for w in clean)
    duration = words[-1].span.end
    transcript, hearing = parse(source), make_hearing(words, duration=duration)
    alignment = align(transcript.words, words, AlignOptions())
    times = heard_times(transcript, hearing, alignment)

    stretches = cut_into_stretches(transcript, hearing, alignment, times)

    written = [place for stretch in stretches for place in stretch.places if place is not None]
    assert written == sorted(set(written))
    assert {k for k, time in enumerate(times) if time.measured and transcript.words[k].keys} <= set(written)
    assert all(one.start.start <= one.end.end <= duration for one in stretches)
    for one, following in itertools.pairwise(stretches):
        assert one.end == following.start or one.end.end <= following.start.start


def test_a_stretch_ends_in_a_pause() -> None:
    """Once it is four seconds long, it ends at the next pause, and the next one starts there."""
    said = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen | fifteen sixteen"
    words = heard_words(said)
    first, second = stretches_of("**Ann**: " + said.replace(" |", ""), words)

    assert texts("**Ann**: " + said.replace(" |", ""), second) == ["fifteen", "sixteen"]
    assert first.end == second.start
    assert words[13].span.end in range(first.end.start, first.end.end + 1)


def test_what_sounds_in_a_long_pause_is_in_no_stretch() -> None:
    """Before and after five seconds of music, each stretch has half a second of it."""
    before, after = heard_words("we are"), heard_words("back again", 5_600)
    first, second = stretches_of("**Ann**: we are back again", before + after)

    assert before[-1].span.end + LONG_PAUSE_MS < after[0].span.start
    assert (first.end.end, second.start.start) == (before[-1].span.end + MARGIN_MS, after[0].span.start - MARGIN_MS)
    assert second.end.end == after[-1].span.end
    assert first.start.start == max(0, before[0].span.start - END_MARGIN_MS)


def test_heard_words_that_are_not_written_may_be_left_out() -> None:
    """A filler between written words is in the sequence, and so is a written word that was not heard."""
    source = "**Ann**: the kettle boils whenever somebody really asks for tea in the evening"
    said = "the kettle boils um you know whenever somebody asks for tea in the evening"
    (stretch,) = stretches_of(source, heard_words(said))

    assert " ".join(texts(source, stretch)) == (
        "the kettle boils (um) (you) (know) whenever somebody (really) asks for tea in the evening"
    )


def test_of_a_long_passage_that_is_not_written_only_its_edges_are_forced() -> None:
    """The words of the untyped rest are not forced."""
    source = f"**Ann**: {prose(1, 20)}"
    stretches = stretches_of(source, heard_words(f"{prose(1, 20)} {prose(2, 200)}"))

    unwritten = [place for stretch in stretches for place in stretch.places if place is None]
    assert 0 < len(unwritten) <= MOST_UNWRITTEN_WORDS


def test_nothing_is_forced_where_nothing_was_found() -> None:
    """A text that nobody says has no stretches."""
    assert stretches_of("**Ann**: quite another matter altogether", heard_words(prose(3, 40))) == ()


def test_words_of_other_languages_keep_their_accents() -> None:
    """They change how a word is pronounced; digits are said as words; English keys have neither."""
    text = "L'hôpital est ouvert à 20 heures, je crois."
    source, words = f"**Ann**: {text}", heard_words(text)
    transcript = parse(source, "fr")
    spoken = {}
    for language in ("fr", "en"):
        hearing = replace(make_hearing(words, duration=9_000), language=language)
        alignment = align(transcript.words, words, AlignOptions(), language)
        (stretch,) = cut_into_stretches(transcript, hearing, alignment, heard_times(transcript, hearing, alignment))
        assert stretch.language == language
        spoken[language] = [word.keys for word in stretch.words if not word.optional]

    assert spoken["fr"][0] == ("l'hôpital",)
    assert ("à",) in spoken["fr"]
    assert ("vingt",) in spoken["fr"]
    assert ("a",) in spoken["en"]
