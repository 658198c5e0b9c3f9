"""Decide which forced times are taken: those near to where the word was heard, or beside a word that was taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipeline.matching.alignment.heard_times import ForcedTime
from pipeline.matching.forced.stretches import Forced, Stretch
from pipeline.times import Ms, Span

MOST_MOVED_MS: Ms = 600
"""A forced start that is further from the heard one is not taken. Tried: with 350 many right ones are lost, with 1,500
wrong ones are taken."""

MOST_MOVED_BY_BOTH_MS: Ms = 6_000
"""The same where two aligners agree, which they seldom do on a wrong place: Whisper extends a word over the pause or
music before the next one, or puts the first words of a sentence into the music before it (5.7 s early was seen). On
machine-timed speech 8 in place of 13 of 551 starts are then off by more than 0.5 s."""

MOST_APART_MS: Ms = 300
MOST_OVERLAP_MS: Ms = 20
"""A word that was not heard is taken only this near to a neighbour that is: else it may be on speech that is not its
own."""

DELAY_MS: Ms = 7
"""What is added to each time: by this much the aligner is early on hand-timed words."""


MOST_APART_IN_MEAN_MS: Ms = 100
"""Two aligners that place a word within this of each other are both near: the mean is taken. Else one of them is wrong,
and the one nearer to where the word was heard is taken."""

ForcedResults = tuple[tuple[Stretch, Forced], ...]
"""What was forced, each stretch without the places of its words."""


def forced_times(stretches: Iterable[Stretch], results: ForcedResults) -> dict[int, ForcedTime]:
    """Return the times that are taken of a transcript, by the index of the word, where a stretch has a result."""
    known = dict(results)
    times: dict[int, ForcedTime] = {}
    for stretch in stretches:
        if forced := known.get(stretch.without_places()):
            times.update(accepted_times(stretch, forced))
    return times


def accepted_times(stretch: Stretch, forced: Forced) -> dict[int, ForcedTime]:
    """Return the times of one stretch that are taken, by the index of the written word."""
    words = stretch.words
    by_phones, fits = forced.phones or (None,) * len(words), forced.fits or (None,) * len(words)
    voted = [
        vote([span.shift(forced.start + DELAY_MS) for span in found if span is not None], word.heard)
        for word, *found in zip(words, forced.spans, by_phones, strict=True)
    ]
    times = [time and replace(time, fit=fit) for time, fit in zip(voted, fits, strict=True)]
    taken = [
        time is not None and word.heard is not None and _is_near(time, word.heard)
        for word, time in zip(words, times, strict=True)
    ]
    order = range(len(words))
    for indices, step in ((order, -1), (reversed(order), 1)):
        for k in indices:
            if not taken[k] and words[k].heard is None and 0 <= k + step < len(words) and taken[k + step]:
                taken[k] = _are_beside(times[min(k, k + step)], times[max(k, k + step)])
    return {
        place: time
        for place, time, is_taken in zip(stretch.places, times, taken, strict=True)
        if is_taken and time is not None and place is not None
    }


def vote(found: Sequence[Span], heard: Span | None = None) -> ForcedTime | None:
    """Return the time of a word from those that the aligners found, two at most.

    Args:
        found: from the start of the recording.
        heard: when the word was heard; None if it was not.
    """
    if not found:
        return None
    first, last = found[0], found[-1]
    apart = abs(first.start - last.start)
    if apart <= MOST_APART_IN_MEAN_MS:
        start = (first.start + last.start) // 2
        span = Span(start, max(start, (first.end + last.end) // 2))
    elif heard is None:
        span = last
    else:
        span = min(found, key=lambda one: abs(one.start - heard.start))
    return ForcedTime(span, apart if len(found) > 1 else None)


def _is_near(time: ForcedTime, heard: Span) -> bool:
    """Return whether a forced time may be that of a word that was heard."""
    agreed = time.apart is not None and time.apart <= MOST_APART_IN_MEAN_MS
    return abs(time.span.start - heard.start) <= (MOST_MOVED_BY_BOTH_MS if agreed else MOST_MOVED_MS)


def _are_beside(first: ForcedTime | None, second: ForcedTime | None) -> bool:
    return (
        first is not None
        and second is not None
        and -MOST_OVERLAP_MS <= second.span.start - first.span.end <= MOST_APART_MS
    )
