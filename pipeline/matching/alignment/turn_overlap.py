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

import math
from collections.abc import Mapping, Sequence

from pipeline.matching.alignment.heard_times import ForcedTime, letters_of
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

LEAST_FIT = -1.0
MOST_PAUSE_IF_UNFIT_MS: Ms = 200
"""A turn whose first word sounds less like that than ``LEAST_FIT`` where it is placed, after no longer pause than this,
may begin earlier too. Chosen last, on 38 draws in which ten turns were still sure and off by more than 0.5 s: that is
so for 4 of them, for 13 of 337 right ones, and for none of 1,676 without overlap; with 250 ms for 4, 14 and 5; with a
fit of -1.5 for none of the ten."""

MOST_PAUSE_IF_UNFOUND_MS: Ms = 300
"""So may a turn whose first word was neither heard nor found by forced alignment, after no longer pause than this. In
seven draws that is so for 3 of 6 turns whose start was sure and off by more than 0.5 s, for one of 119 right ones, and
for none of 786 without overlap."""

SQUEEZED_FIRST = 0.4
"""So may a turn whose first word alone takes a smaller share of its time than this, after no longer pause than that. In
thirteen draws that is so for two of three turns whose start was sure and off by more than 0.5 s, for 1 of 303 right
ones, and for 2 of 1,693 without overlap; with 0.5 for two, 24 and 13."""

UNFOUND_WORDS = 2
"""So may a turn none of whose first two words was found, after whatever pause. This and the limits below were chosen on
thirty draws, in which 17 turns were still sure and off by more than 0.5 s. This is so for 4 of them, for 2 of the 666
right starts in these draws and their stopped texts, and for 10 of 1,691 without overlap."""

FIRST_WORDS = 3
SQUEEZED_BEGINNING = 0.5
MOST_PAUSE_IF_SQUEEZED_MS: Ms = 600
"""So may one whose first three words take a smaller share of their time than this, after no longer pause than this: 2
of the 17, 9 of the 666, and none of the 1,691; with a share of 0.55 it is 3, 23 and 2."""

FEWEST_WITHOUT_LENGTH, LONGEST_WITHOUT_LENGTH_MS = 2, 20
"""So may one of whose first four words Whisper heard two within no time, which is where it puts words that it cannot
place, after no longer pause than that: 2 of the 17, 3 of the 666, 3 of the 1,691."""

MOST_AFTER_HEARD_MS: Ms = 800
"""So may one whose first heard word is placed so much later than Whisper heard it: forced alignment has taken other
sounds for it then, or Whisper was misled by the other voice. 3 of the 17, 17 of the 666, none of the 1,691; with 600 ms
it is 3, 31 and 23."""


def may_overlap(
    transcript: Transcript,
    before: Utterance,
    utterance: Utterance,
    times: Sequence[TimedWord],
    heard: Sequence[TimedWord],
    forced: Mapping[int, ForcedTime],
    ms_per_letter: float,
) -> bool:
    """Return whether a turn may begin before the one before it has ended.

    Args:
        transcript: the transcript.
        before: the last turn before it that has a time.
        utterance: the turn.
        times: of all words up to the end of the turn.
        heard: the times of the words as they were heard; not measured where they were not.
        forced: what forced alignment found; empty where it was not done.
        ms_per_letter: the recording's rate of speech.
    """
    if before.speaker is not None and before.speaker == utterance.speaker:
        return False
    last, first = _timed(transcript, before, times), _timed(transcript, utterance, times)
    if not last or not first:
        return False
    pause = first[0][0].start - last[-1][0].end
    around = last[-WORDS_ON_EACH_SIDE:] + first[:WORDS_ON_EACH_SIDE]
    if pause < MOST_PAUSE_MS and _share(around, ms_per_letter) < SQUEEZED:
        return True
    if not forced:  # the other limits are of times that are as exact as these
        return False
    counted = spoken_words(transcript, utterance.words)
    return (
        _is_unfound(counted, times)
        or _is_after_heard(counted, times, heard, forced)
        or (pause < MOST_PAUSE_IF_UNFIT_MS and _is_unfit(counted, forced))
        or (pause < MOST_PAUSE_IF_UNFOUND_MS and not times[counted[0]].measured)
        or (pause < MOST_PAUSE_IF_UNFOUND_MS and _share(first[:1], ms_per_letter) < SQUEEZED_FIRST)
        or (pause < MOST_PAUSE_IF_SQUEEZED_MS and _share(first[:FIRST_WORDS], ms_per_letter) < SQUEEZED_BEGINNING)
        or (pause < MOST_PAUSE_IF_SQUEEZED_MS and _num_without_length(counted, heard) >= FEWEST_WITHOUT_LENGTH)
    )


def _is_unfound(counted: Sequence[int], times: Sequence[TimedWord]) -> bool:
    """Return whether none of the first words of a turn was found, by Whisper or by forced alignment."""
    beginning = counted[:UNFOUND_WORDS]
    return len(beginning) == UNFOUND_WORDS and not any(times[k].measured for k in beginning)


def _is_after_heard(
    counted: Sequence[int],
    times: Sequence[TimedWord],
    heard: Sequence[TimedWord],
    forced: Mapping[int, ForcedTime],
) -> bool:
    """Return whether the first heard word at the beginning of a turn is placed long after it was heard.

    Where it was rejected there and found elsewhere, that is what it should be.
    """
    first = next((k for k in counted[:FIRST_WORDS] if heard[k].measured), None)
    if first is None or (first in forced and forced[first].place == "gap"):
        return False
    placed, at = times[first].span, heard[first].span
    return placed is not None and at is not None and placed.start - at.start > MOST_AFTER_HEARD_MS


def _num_without_length(counted: Sequence[int], heard: Sequence[TimedWord]) -> int:
    """Return how many of the first words of a turn were heard within no time."""
    spans = (heard[k].span for k in counted[: 2 * FEWEST_WITHOUT_LENGTH] if heard[k].measured)
    return sum(span is not None and span.duration <= LONGEST_WITHOUT_LENGTH_MS for span in spans)


def _is_unfit(counted: Sequence[int], forced: Mapping[int, ForcedTime]) -> bool:
    """Return whether the first word of a turn does not sound like that where it is placed."""
    first = forced.get(counted[0])
    return first is not None and first.fit is not None and first.fit < LEAST_FIT


def _share(words: Sequence[tuple[Span, int]], ms_per_letter: float) -> float:
    """Return the share of the time that words need at the recording's rate of speech in which they are said."""
    needed = ms_per_letter * sum(letters for _, letters in words)
    return sum(span.duration for span, _ in words) / needed if needed else math.inf


def _timed(transcript: Transcript, utterance: Utterance, times: Sequence[TimedWord]) -> list[tuple[Span, int]]:
    """Return when each spoken word of a turn is said, and its length in letters, for those that have a time."""
    return [
        (span, letters_of(transcript.words[k]))
        for k in spoken_words(transcript, utterance.words)
        if (span := times[k].span) is not None
    ]
