"""Find where a turn may begin while another person still speaks.

Written words have one order, and forced alignment lays them one behind the other, also where two people speak at once.
At such a change of speaker there is no pause, and less time for the words than they take elsewhere::

    said       … let the fans spin.
                     This episode is brought to you …
    forced     … let the fans spin.This episode is brought to you …
                             │ squeezed  │

The limits were chosen with ``scripts/benchmark_texts.py`` on four draws of changes that overlap by 1 to 2 s: of 19
starts that were sure and off by more than 0.5 s, 16 are found, with 14 of 68 right ones; none of 175 without overlap.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.matching.alignment.heard_times import letters_of
from pipeline.matching.alignment.tokens import spoken_words
from pipeline.schema import TimedWord, Transcript, Utterance
from pipeline.times import Ms, Span

MOST_PAUSE_MS: Ms = 60
"""After a longer pause than this, the turn before is over."""

WORDS_ON_EACH_SIDE = 2
"""The words at the end of the turn before and at the start of the turn whose length is compared. One is too few: how
long a short word takes varies most."""

SQUEEZED = 0.7
"""Words that take a smaller share of the time that they need at the recording's rate of speech are squeezed."""

LEAST_FIT = -1.5
MOST_PAUSE_IF_UNFIT_MS: Ms = 200
"""A turn whose first word sounds less like that than ``LEAST_FIT`` where it is placed, after no longer pause than this,
may begin earlier too: that is so for 3 of 6 such starts of seven draws that were sure and off by more than 0.5 s, for 2
of 119 right ones, and for none of 786 without overlap; with 250 ms for 3, 3 and 1, with 150 ms for none of the 6."""

MOST_PAUSE_IF_UNFOUND_MS: Ms = 300
"""So may a turn whose first word was neither heard nor found by forced alignment, after no longer pause than this: the
other 3 of the 6, one of the 119, and none of the 786."""

SQUEEZED_FIRST = 0.4
"""So may a turn whose first word alone takes a smaller share of its time than this, after no longer pause than that. In
thirteen draws that is so for two of three turns whose start was sure and off by more than 0.5 s, for 1 of 303 right
ones, and for 2 of 1,693 without overlap; with 0.5 for two, 24 and 13."""


def may_overlap(
    transcript: Transcript,
    before: Utterance,
    utterance: Utterance,
    times: Sequence[TimedWord],
    ms_per_letter: float,
    fit: float | None,
    *,
    is_unfound: bool,
) -> bool:
    """Return whether a turn may begin before the one before it has ended.

    Args:
        transcript: the transcript.
        before: the last turn before it that has a time.
        utterance: the turn.
        times: of all words up to the end of the turn.
        ms_per_letter: the recording's rate of speech.
        fit: how well the first word of the turn sounds where it is placed; None if that is not known.
        is_unfound: whether the first word was neither heard nor found by forced alignment.
    """
    if before.speaker is not None and before.speaker == utterance.speaker:
        return False
    last = _timed(transcript, before, times)[-WORDS_ON_EACH_SIDE:]
    first = _timed(transcript, utterance, times)[:WORDS_ON_EACH_SIDE]
    if not last or not first:
        return False
    pause = first[0][0].start - last[-1][0].end
    if fit is not None and fit < LEAST_FIT and pause < MOST_PAUSE_IF_UNFIT_MS:
        return True
    is_first_squeezed = first[0][0].duration < SQUEEZED_FIRST * ms_per_letter * first[0][1]
    if (is_unfound or is_first_squeezed) and pause < MOST_PAUSE_IF_UNFOUND_MS:
        return True
    if pause >= MOST_PAUSE_MS:
        return False
    taken = sum(span.duration for span, _ in last + first)
    needed = ms_per_letter * sum(letters for _, letters in last + first)
    return taken < SQUEEZED * needed


def _timed(transcript: Transcript, utterance: Utterance, times: Sequence[TimedWord]) -> list[tuple[Span, int]]:
    """Return when each spoken word of a turn is said, and its length in letters, for those that have a time."""
    return [
        (span, letters_of(transcript.words[k]))
        for k in spoken_words(transcript, utterance.words)
        if (span := times[k].span) is not None
    ]
