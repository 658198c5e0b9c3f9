"""The best path through the words is found, whatever is optional, silent or of no word."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from pipeline.listening.forced.grammar_aligner import Unit
from pipeline.listening.forced.phone_aligner import align_phones, compare_phones
from pipeline.listening.forced.phone_classifier import CLASSES
from pipeline.times import Span

EVEN = np.full(len(CLASSES), -np.log(len(CLASSES)), np.float32)
"""The priors of classes that are all as frequent."""

Sounds = list[tuple[str, int]]
"""Phones, each with how many frames it takes."""


def scores_of(sounds: Sounds, certainty: float = 0.7) -> npt.NDArray[np.float32]:
    """Log probabilities in which each sound is the most probable in its frames."""
    rows = []
    for phone, frames in sounds:
        row = np.full(len(CLASSES), (1 - certainty) / len(CLASSES))
        row[CLASSES.index(phone)] += certainty
        rows += [np.log(row)] * frames
    return np.array(rows, np.float32).reshape(-1, len(CLASSES))


WORDS = {
    "we": ("W", "IY"),
    "went": ("W", "EH", "N", "T"),
    "home": ("HH", "OW", "M"),
    "so": ("S", "OW"),
    "again": ("AH", "G", "EH", "N"),
}
SPOKEN = st.lists(
    st.tuples(st.sampled_from(sorted(WORDS)), st.integers(3, 12), st.sampled_from([0, 0, 0, 20, 60])),
    min_size=1,
    max_size=6,
)
"""Words, the frames of each of their phones, and the frames of silence after them."""


def spans_of(
    scores: npt.NDArray[np.float32],
    priors: npt.NDArray[np.float32],
    units: Sequence[Unit],
    expected: Sequence[int | None],
) -> tuple[Span | None, ...]:
    """When each word is said (see ``align_phones``)."""
    return tuple(one and one.span for one in align_phones(scores, priors, units, expected))


def said(spoken: list[tuple[str, int, int]], quiet: int = 10) -> tuple[Sounds, list[Span]]:
    """The sounds of words, with silence before them, and when each is said."""
    sounds, spans, at = [("SIL", quiet)], [], quiet
    for word, frames, pause in spoken:
        end = at + frames * len(WORDS[word])
        spans.append(Span(at * 10, end * 10))
        sounds += [*((phone, frames) for phone in WORDS[word]), *([("SIL", pause)] if pause else [])]
        at = end + pause
    return sounds, spans


@given(SPOKEN)
def test_words_are_found_where_they_are_said(spoken: list[tuple[str, int, int]]) -> None:
    """To the frame, with pauses or without; but where two equal phones meet, no sound says where the edge is."""
    sounds, spans = said(spoken)
    units = [Unit((WORDS[word],)) for word, _, _ in spoken]

    found = spans_of(scores_of(sounds), EVEN, units, [None] * len(units))

    met = [WORDS[one[0]][-1] == WORDS[other[0]][0] and not one[2] for one, other in itertools.pairwise(spoken)]
    for k, (span, true) in enumerate(zip(found, spans, strict=True)):
        assert span is not None
        assert span.start == true.start or (k and met[k - 1])
        assert span.end == true.end or (k < len(met) and met[k])


@given(SPOKEN, st.data())
def test_spans_are_in_order_whatever_is_said(spoken: list[tuple[str, int, int]], data: st.DataObject) -> None:
    """Also where other words are said than are looked for: spans do not overlap and are within the sound."""
    sounds, _ = said(spoken)
    scores = scores_of(sounds)
    names = data.draw(st.lists(st.sampled_from(sorted(WORDS)), min_size=1, max_size=6))
    units = [Unit((WORDS[name],), optional=data.draw(st.booleans())) for name in names]
    expected = [data.draw(st.none() | st.integers(0, 5_000)) for _ in names]

    found = [span for span in spans_of(scores, EVEN, units, expected) if span is not None]

    assert all(before.end <= after.start for before, after in itertools.pairwise(found))
    assert all(0 <= span.start < span.end <= len(scores) * 10 for span in found)


def test_an_optional_word_is_left_out_if_it_is_not_said() -> None:
    """The first, a middle and the last one; said, each is found."""
    for gone in range(3):
        names = ["so", "we", "again"]
        units = [Unit((WORDS[name],), optional=k == gone) for k, name in enumerate(names)]
        spoken = [(name, 6, 0) for k, name in enumerate(names) if k != gone]
        sounds, spans = said(spoken)

        found = spans_of(scores_of(sounds), EVEN, units, [None] * 3)

        assert found[gone] is None
        assert [span for k, span in enumerate(found) if k != gone] == spans
        assert None not in spans_of(scores_of(said([(name, 6, 0) for name in names])[0]), EVEN, units, [None] * 3)


def test_sound_of_no_word_is_passed() -> None:
    """Unwritten words before, between and after: no word extends over them."""
    other = [("K", 8), ("AE", 8), ("T", 8)] * 3
    we, home = (("W", 6), ("IY", 6)), (("HH", 6), ("OW", 6), ("M", 6))
    sounds = [*other, *we, *other, *home, *other]

    found = spans_of(scores_of(sounds), EVEN, [Unit((WORDS["we"],)), Unit((WORDS["home"],))], [None, None])

    assert found == (Span(720, 840), Span(1_560, 1_740))


def test_the_pronunciation_that_fits_is_taken() -> None:
    """Whatever its place among the ways of a word."""
    ways = (("T", "AH", "M", "EY", "T", "OW"), ("T", "AH", "M", "AA", "T", "OW"))
    for way in ways:
        sounds = [("SIL", 10), *((phone, 5) for phone in way), ("SIL", 10)]

        assert spans_of(scores_of(sounds), EVEN, [Unit(ways)], [None]) == (Span(100, 400),)


def test_of_two_equal_places_the_one_that_was_heard_is_taken() -> None:
    """The same word is said twice and written once: it is where it was heard."""
    sounds, (first, second) = said([("home", 6, 60), ("home", 6, 10)])
    unit = [Unit((WORDS["home"],))]

    assert spans_of(scores_of(sounds), EVEN, unit, [first.start + 100]) == (first,)
    assert spans_of(scores_of(sounds), EVEN, unit, [second.start - 100]) == (second,)


def test_a_sound_that_is_too_short_has_no_words() -> None:
    """Each phone takes three frames; nothing and a text without words are no error."""
    units = [Unit((WORDS["went"],))]

    assert spans_of(scores_of([("W", 12)]), EVEN, units, [None]) == (None,)
    assert spans_of(scores_of([]), EVEN, units, [None]) == (None,)
    assert spans_of(scores_of([("W", 12)]), EVEN, [], []) == ()


def test_sound_of_no_word_may_be_excluded() -> None:
    """Else it takes the place of words whose phones are not quite the best ones, as in another language."""
    foreign = scores_of([("SIL", 10), ("T", 20), ("EH", 20), ("SIL", 10)])
    foreign[10:50] -= 1.0  # the best phones are those of this language
    foreign[10:30, CLASSES.index("P")] = foreign[10, CLASSES.index("T")] - 1.5
    foreign[30:50, CLASSES.index("IY")] = foreign[30, CLASSES.index("EH")] - 1.5
    units = [Unit((("P", "IY"),))]

    (with_other,) = align_phones(foreign, EVEN, units, [None])
    (without,) = align_phones(foreign, EVEN, units, [None], allows_other=False)

    assert with_other is not None
    assert with_other.span.duration < 100
    assert without is not None
    assert without.span == Span(100, 500)


def test_a_word_fits_where_its_phones_are_the_best_ones() -> None:
    """One that is said fits exactly, another one in its place does not, and neither fit is above 0."""
    sounds, _ = said([("went", 6, 20), ("home", 6, 20)])
    right, other = [[Unit((WORDS[name],)) for name in names] for names in (("went", "home"), ("went", "again"))]

    fits = [
        [one and one.fit for one in align_phones(scores_of(sounds), EVEN, units, [None] * 2)]
        for units in (right, other)
    ]

    assert fits[0] == [0, 0]
    assert fits[1][0] == 0
    assert fits[1][1] is not None
    assert fits[1][1] < -1


@given(SPOKEN, st.data())
def test_what_is_said_fits_best(spoken: list[tuple[str, int, int]], data: st.DataObject) -> None:
    """It scores as much as the best phone of each frame, with its pauses; with another word in it never more."""
    sounds, _ = said(spoken)
    names = [name for name, _, _ in spoken]
    place = data.draw(st.integers(0, len(names) - 1))
    changed = [*names[:place], data.draw(st.sampled_from(sorted(WORDS))), *names[place + 1 :]]

    right, other = (
        compare_phones(scores_of(sounds), EVEN, [Unit((WORDS[name],)) for name in some]) for some in (names, changed)
    )

    assert right is not None
    assert right.total == 0
    assert [one.fit for one in right.placed] == [0] * len(names)
    if other is not None:
        assert other.total <= 0
        assert (other.total == 0) == (changed == names)


def test_a_sound_that_is_too_short_is_not_compared() -> None:
    """Nor is one without words."""
    assert compare_phones(scores_of([("W", 12)]), EVEN, [Unit((WORDS["went"],))]) is None
    assert compare_phones(scores_of([("W", 12)]), EVEN, []) is None
