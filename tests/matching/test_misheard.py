"""A typed word is misheard where what was heard in its place fits the sound better, and by enough."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.alignment.align import AlignOptions, align
from pipeline.matching.forced.stretches import Forced
from pipeline.matching.misheard import LEAST_GAIN, Misheard, comparisons, find_misheard, misheard_findings
from pipeline.matching.substitutions import Substitution, find_substitutions
from pipeline.reading.transcript import parse
from pipeline.schema import Finding, Hearing, Transcript
from pipeline.times import Span
from tests.matching.word_lists import heard_words, make_hearing

SOURCE = "# Title\n\n**Ann**: The harbour master told us.\n\n**Bob**: We met “Wilhelmina,” at the lake yesterday.\n"
SAID = "the harbour master told us we met Philomena at the lake yesterday"


def substitution(probability: float = 0.9) -> tuple[Transcript, Hearing, Substitution]:
    """The one substitution of the two texts above."""
    transcript, hearing = parse(SOURCE), make_hearing(heard_words(SAID))
    alignment = align(transcript.words, hearing.words, AlignOptions())
    (one,) = find_substitutions(transcript, hearing, alignment)
    return transcript, hearing, replace(one, probability=probability)


def misheard(
    gain: float, *, frames: int = 50, probability: float = 0.9, is_guessed: bool = False
) -> tuple[Misheard, ...]:
    """What is found if the heard word fits better by ``gain``."""
    _, hearing, one = substitution(probability)
    phones = (Span(0, 100), Span(100, 100 + 10 * frames), Span(900, 950))
    typed, heard = (
        Forced(0, (None,) * 3, phones, total=total, guessed=(True, is_guessed, True)) for total in (-gain - 5.0, -5.0)
    )
    stretches = comparisons([one])
    return find_misheard(
        hearing, [one], tuple(zip((each.without_places() for each in stretches), (typed, heard), strict=True))
    )


def test_a_word_that_fits_much_worse_is_found() -> None:
    """With what is heard, when, and its words."""
    _, _, one = substitution()

    (found,) = misheard(40)

    assert found == Misheard(one.written, "Philomena", one.span, 0.95)


@pytest.mark.parametrize(
    ("gain", "frames", "probability", "is_guessed", "confidence"),
    [
        (25, 50, 0.9, False, 0.9),
        (16, 30, 0.9, False, 0.8),
        (11, 30, 0.9, False, 0.6),
        (60, 200, 0.9, False, 0.8),
        (60, 50, 0.5, False, 0.7),
        (60, 50, 0.9, True, 0.7),
        (8, 10, 0.9, False, 0.6),
        (8, 10, 0.8, False, None),
        (6, 10, 0.9, False, None),
        (20, 200, 0.9, False, None),
        (60, 50, 0.3, False, None),
        (19, 20, 0.9, True, None),
        (60, 50, 0.5, True, None),
        (-40, 50, 0.9, False, None),
    ],
)
def test_less_evidence_is_less_confidence(
    gain: float, frames: int, probability: float, *, is_guessed: bool, confidence: float | None
) -> None:
    """In all, in each frame, by the engine, and where the pronunciation is a guess; too little is nothing."""
    found = misheard(gain, frames=frames, probability=probability, is_guessed=is_guessed)

    assert [one.confidence for one in found] == ([] if confidence is None else [confidence])


@given(st.floats(-100, 200), st.floats(0, 100), st.integers(1, 300), st.floats(0, 1), st.booleans())
def test_more_gain_is_never_less_confidence(
    gain: float,
    more: float,
    frames: int,
    probability: float,
    is_guessed: bool,  # noqa: FBT001 -- drawn
) -> None:
    """Whatever the rest is; and without the least gain there is none."""
    low, high = (
        sum(one.confidence for one in misheard(one, frames=frames, probability=probability, is_guessed=is_guessed))
        for one in (gain, gain + more)
    )

    assert 0 <= low <= high <= 1
    assert not low or gain >= LEAST_GAIN


def test_what_was_not_compared_is_not_found() -> None:
    """Neither without results, nor where a stretch has no total."""
    _, hearing, one = substitution()
    typed, heard = (stretch.without_places() for stretch in comparisons([one]))

    assert find_misheard(hearing, [one], ()) == ()
    assert find_misheard(hearing, [one], ((heard, Forced(0, (None,) * 3, total=-1.0)),)) == ()
    assert find_misheard(hearing, [one], ((typed, Forced(0, (None,) * 3)), (heard, Forced(0, (None,) * 3)))) == ()


def test_the_finding_says_the_line_and_both_words() -> None:
    """Without the punctuation around them."""
    transcript, _, one = substitution()

    assert list(misheard_findings(transcript, misheard(40))) == [
        Finding(
            "misheard",
            "line 5: typed “Wilhelmina”, sounds like “Philomena”",
            utterance=1,
            span=one.span,
            details={"typed": "Wilhelmina", "heard": "Philomena", "confidence": 0.95},
        )
    ]
