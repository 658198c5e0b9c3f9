"""However badly the example is typed, no start that is far off has a high confidence."""

from __future__ import annotations

import pytest

from pipeline.matching.alignment.align import AlignOptions, align
from pipeline.matching.alignment.timing import assign_times
from pipeline.matching.continue_note import find_continue_point
from pipeline.reading.transcript import parse
from pipeline.times import Ms
from tests.episodes.kept_hearing import kept_hearing
from tests.matching.degraded_typing import degrade, document

FAR_OFF_MS: Ms = 700
"""Without forced alignment one start, where Whisper extends a word over the pause before it, is off by 0.55 s."""


@pytest.mark.parametrize("seed", range(20))
def test_a_start_that_is_far_off_has_a_confidence_below_one_half(seed: int) -> None:
    """Every turn that is found with a confidence of 0.5 or more starts when it was said."""
    turns = degrade(seed)
    hearing = kept_hearing()
    transcript = parse(document(turns))

    alignment = align(transcript.words, hearing.words, AlignOptions())
    _, utterances = assign_times(transcript, hearing, alignment)

    assert len(utterances) == len(turns)
    wrong = [
        (turn.text, timed.span.start, turn.start, timed.confidence)
        for turn, timed in zip(turns, utterances, strict=True)
        if timed.span is not None
        and timed.confidence >= 0.5
        and (turn.start is None or abs(timed.span.start - turn.start) > FAR_OFF_MS)
    ]
    assert wrong == []


def test_four_of_five_turns_that_are_said_have_a_confidence_of_one_half() -> None:
    """This holds over all twenty typings, though up to a third of the words are wrong."""
    said = sure = 0
    for seed in range(20):
        turns, hearing = degrade(seed), kept_hearing()
        transcript = parse(document(turns))
        _, utterances = assign_times(transcript, hearing, align(transcript.words, hearing.words, AlignOptions()))
        said += sum(turn.start is not None for turn in turns)
        sure += sum(timed.confidence >= 0.5 for timed in utterances)

    assert sure >= 0.8 * said


@pytest.mark.parametrize("seed", range(20))
def test_the_continue_time_is_the_end_of_the_last_typed_turn(seed: int) -> None:
    """It is right within 0.7 s, whatever was left out before; judged by the last turn that is said and was found."""
    turns = degrade(seed)
    while turns[-1].end is None:
        turns = turns[:-1]
    hearing = kept_hearing()
    transcript = parse(document(turns))
    alignment = align(transcript.words, hearing.words, AlignOptions())
    words, utterances = assign_times(transcript, hearing, alignment)

    point = find_continue_point(transcript, hearing, alignment, words, utterances)

    found = [turn.end for turn, timed in zip(turns, utterances, strict=True) if timed.span is not None]
    assert point.at is not None
    assert found[-1] is not None
    assert abs(point.at - found[-1]) <= FAR_OFF_MS
