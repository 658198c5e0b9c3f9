"""A passage is found wherever it is said, and another place that sounds as much like it is told."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from pipeline.listening.forced.grammar_aligner import Unit
from pipeline.listening.forced.phone_classifier import CLASSES
from pipeline.listening.forced.phone_search import find_passage
from tests.listening.forced.test_phone_aligner import EVEN, scores_of

PASSAGE = (Unit((("W", "IY"),)), Unit((("W", "EH", "N", "T"), ("W", "EH", "N"))), Unit((("HH", "OW", "M"),)))
OTHERS = sorted(set(CLASSES) - {phone for unit in PASSAGE for way in unit.ways for phone in way})
FRAMES_OF_SCORE = 3

ELSE = st.lists(st.tuples(st.sampled_from(OTHERS), st.integers(1, 40)), max_size=12)
LENGTH = st.integers(2, 5).map(lambda one: one * FRAMES_OF_SCORE)


def spoken(frames: int, pause: int = 0) -> list[tuple[str, int]]:
    """The passage, each phone of it so long, with a pause after its second word."""
    phones = [(phone, frames) for unit in PASSAGE for phone in unit.ways[0]]
    return [*phones[:6], ("SIL", pause), *phones[6:]]


def frames_in(sounds: list[tuple[str, int]]) -> int:
    """How many frames some sounds take."""
    return sum(count for _, count in sounds)


def whole(sounds: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """The same with silence after them, so that the next sound begins with a frame of the search."""
    return [*sounds, ("SIL", -frames_in(sounds) % FRAMES_OF_SCORE)]


@given(ELSE, LENGTH, st.integers(0, 30), ELSE)
def test_a_passage_is_found_where_it_is_said(
    before: list[tuple[str, int]], frames: int, pause: int, after: list[tuple[str, int]]
) -> None:
    """Whatever is said before and after it, however long its phones are, with a pause or none; nothing is as good."""
    before, passage = whole(before), spoken(frames, pause * FRAMES_OF_SCORE)

    found = find_passage(scores_of([*before, *passage, *after]), EVEN, PASSAGE)

    assert found is not None
    assert found.span.start == frames_in(before) * 10
    assert found.span.end == frames_in([*before, *passage]) * 10
    assert found.ahead > 0.2


@given(ELSE, LENGTH, ELSE)
def test_of_a_passage_that_is_said_twice_no_place_is_ahead(
    before: list[tuple[str, int]], frames: int, between: list[tuple[str, int]]
) -> None:
    """Both places are as good; with one phone of the second wrong, the first one is found, and is ahead."""
    before, between = whole(before), whole([*between, ("SIL", 30)])
    passage = spoken(frames)

    same = find_passage(scores_of([*before, *passage, *between, *passage]), EVEN, PASSAGE)
    other = find_passage(scores_of([*before, *passage, *between, *passage[:-1], ("ZH", frames)]), EVEN, PASSAGE)

    assert same is not None
    assert other is not None
    assert same.ahead < 0.01
    assert other.span.start == frames_in(before) * 10
    assert other.ahead > same.ahead


@given(st.integers(0, 400), st.integers(0, 2**32 - 1))
def test_what_is_found_is_within_the_sound(frames: int, seed: int) -> None:
    """Of any scores; where there is room for no passage, nothing is found."""
    scores: npt.NDArray[np.float32] = np.random.default_rng(seed).normal(-4, 2, (frames, len(CLASSES))).astype("f4")

    found = find_passage(scores, EVEN, PASSAGE)

    if frames < 8 * FRAMES_OF_SCORE:
        assert found is None
    else:
        assert found is not None
        assert 0 <= found.span.start < found.span.end <= frames * 10
        assert found.ahead >= 0
    assert find_passage(scores, EVEN, ()) is None
