from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise
from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.alignment.align import AlignOptions, align
from pipeline.matching.alignment.timing import assign_times
from pipeline.matching.cuts.time_map import TimeMap
from pipeline.matching.cuts.word_cuts import TimedPart, cuts_by_words, other_words
from pipeline.reading.transcript import parse
from pipeline.schema import HeardWord, Result, Run
from pipeline.times import Ms, Span
from tests.factories import heard, hearing, result

WORDS = 8
CUE: Ms = 3_000
"""Cues of eight words, a cue each three seconds, the last half second of which is a pause."""


def text_of(seed: int, cues: int) -> list[str]:
    """So many cues of made words, which have next to nothing in common with those of another seed."""
    draw = random.Random(seed)
    return [" ".join("".join(draw.choices(ascii_lowercase, k=7)) for _ in range(WORDS)) for _ in range(cues)]


EPISODE = text_of(1, 40)
ADVERT = text_of(2, 10)


def said(cues: Sequence[str], at: Ms) -> tuple[HeardWord, ...]:
    """Cues, said one after the other from a time on."""
    return tuple(word for k, cue in enumerate(cues) for word in heard(cue, at + k * CUE, at + k * CUE + 2_500))


def cuts(written: Sequence[str], *sound: tuple[HeardWord, ...], duration: Ms, exact: int = 2) -> tuple[TimeMap, Result]:
    """The map from cues at their old times, one after the other, to a new sound."""
    document = parse(" ".join(written) + "\n")
    listened = hearing(*sound, duration=duration)
    alignment = align(document.words, listened.words, AlignOptions())
    words, utterances = assign_times(document, listened, alignment)
    made = result(document)
    made = Result(
        made.audio, made.transcript_file, document, listened, alignment, words, utterances, made.continue_point,
        1.0, (), (), {},
    )  # fmt: skip
    parts = [TimedPart(Span(k * CUE, k * CUE + 2_500), Run(k * WORDS, (k + 1) * WORDS)) for k in range(len(written))]
    return cuts_by_words(parts, made, exact=exact), made


def shape(found: TimeMap) -> list[tuple[Ms, Ms, Ms]]:
    """The stretches as old start, old end, and how much later they are."""
    return [(one.old.start, one.old.end, one.new.start - one.old.start) for one in found.stretches]


def test_the_same_times() -> None:
    """The same sound is one stretch to the end of the text, and nothing is removed."""
    found, _ = cuts(EPISODE, said(EPISODE, 0), duration=125_000)

    assert shape(found) == [(0, 119_500, 0)]


def test_an_advert_is_put_in() -> None:
    """Half a minute of other speech in the middle: two stretches, and what is new is named with its words."""
    found, made = cuts(
        EPISODE, said(EPISODE[:20], 0), said(ADVERT, 60_000), said(EPISODE[20:], 90_000), duration=155_000
    )

    assert shape(found) == [(0, 59_750, 0), (59_750, 119_500, 30_000)]
    assert found.removed == ()
    assert found.added == (Span(59_750, 89_750), Span(149_500, 155_000))
    assert other_words(made, found.added) == (80, 0)


def test_an_advert_is_taken_out() -> None:
    """What nobody says any more is removed with its cues."""
    written = [*EPISODE[:20], *ADVERT, *EPISODE[20:]]
    found, _ = cuts(written, said(EPISODE, 0), duration=120_000)

    assert shape(found) == [(0, 59_750, 0), (89_750, 149_500, -30_000)]
    assert [found.keep(Span(k * CUE, k * CUE + 2_500)) for k in range(20, 30)] == [None] * 10


def test_an_advert_is_replaced_by_one_of_the_same_length() -> None:
    """Other words in the place of an advert are removed and added, though no time changes."""
    written = [*EPISODE[:20], *ADVERT, *EPISODE[20:]]
    found, _ = cuts(
        written, said(EPISODE[:20], 0), said(text_of(3, 10), 60_000), said(EPISODE[20:], 90_000), duration=150_000
    )

    assert shape(found) == [(0, 60_000, 0), (89_500, 149_500, 0)]
    assert found.removed == (Span(60_000, 89_500),)


def test_what_the_engine_misses_is_kept() -> None:
    """Where nothing else is said for as long as the cues were, they are only not heard: they stay."""
    found, _ = cuts(EPISODE, said(EPISODE[:15], 0), said(EPISODE[20:], 60_000), duration=120_000)

    assert shape(found) == [(0, 119_500, 0)]


def test_a_trimmed_start() -> None:
    """The first cues are gone, and all others are earlier."""
    found, _ = cuts(EPISODE, said(EPISODE[5:], 200), duration=106_000)

    assert shape(found) == [(14_800, 119_500, -14_800)]
    assert [found.keep(Span(k * CUE, k * CUE + 2_500)) for k in range(5)] == [None] * 5


def test_another_speed() -> None:
    """A cut that is 4 % faster is one stretch with its rate."""
    words = tuple(
        HeardWord(word.text, Span(round(word.span.start / 1.04), round(word.span.end / 1.04)), 0.9)
        for word in said(EPISODE, 0)
    )
    (stretch,) = cuts(EPISODE, words, duration=115_400)[0].stretches

    assert stretch.rate == pytest.approx(1 / 1.04, abs=1e-3)


def test_another_text() -> None:
    """Nothing in common is a map without stretches."""
    assert cuts(EPISODE, said(text_of(4, 40), 0), duration=120_000)[0].stretches == ()


def test_no_parts() -> None:
    """A text without times has no cuts."""
    _, made = cuts(EPISODE, said(EPISODE, 0), duration=120_000)

    assert cuts_by_words([], made).stretches == ()


@given(
    st.lists(st.tuples(st.integers(3, 8), st.sampled_from(["keep", "cut", "advert"])), min_size=1, max_size=5),
    st.integers(0, 400),
)
def test_planted_cuts_are_found(plan: list[tuple[int, str]], noise: Ms) -> None:
    """Whatever is cut or put in between runs of three or more cues: each kept cue moves to where it is said."""
    sound: list[tuple[HeardWord, ...]] = []
    truth: dict[int, Ms] = {}
    index, at = 0, noise
    for number, kind in plan:
        cues = EPISODE[index : index + number]
        if kind == "advert":
            sound.append(said(ADVERT[:4], at))
            at += 4 * CUE
        if kind != "cut":
            sound.append(said(cues, at))
            truth |= {index + k: at + k * CUE for k in range(number)}
            at += number * CUE
        index += number
    written = EPISODE[:index]
    found, _ = cuts(written, *sound, duration=at + 1_000)

    for k, new in truth.items():
        kept = found.keep(Span(k * CUE, k * CUE + 2_500))
        assert kept is not None
        assert abs(kept.start - new) <= 20
    assert all(found.keep(Span(k * CUE, k * CUE + 2_500)) is None for k in range(index) if k not in truth)
    assert all(a.new.end <= b.new.start for a, b in pairwise(found.stretches))
