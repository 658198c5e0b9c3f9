"""Decide which forced times are taken: those near to where the word was heard, or beside a word that was taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

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
"""Two aligners that place a word within this of each other are both near: a mean is taken. Else one of them is wrong:
the one nearer to where the word was heard is taken, or in noise the second one."""

NOISY_BELOW_DB = 22.0
"""Sound counts as noisy if its loud parts are less than this above its quiet ones (see ``force.level_range_db``). Of
hand-timed speech with babble at 10 dB the range is 20.2 at most, without noise 24 and more at any speed."""


class _Shares(NamedTuple):
    """What the second aligner counts in the mean of two starts and of two ends, from 0 to 1."""

    start: float
    end: float


_IN_QUIET, _IN_NOISE = _Shares(2 / 3, 1 / 4), _Shares(0.8, 0.8)
"""PocketSphinx begins a word late in noise. Before silence the classifier ends it late, on the reverberation; in noise
PocketSphinx ends it far too early, on the last loud vowel. Chosen on words timed by hand and on the turns of the
example: with pink noise at 5 dB the median of the ends of turns is 38 in place of 65 ms, that of the starts 19 in place
of 31. With more for the classifier fewer words are where another aligner has them, whose times are not better known."""

LEAST_LENGTH_SHARE = 0.5
"""Of two short spans that hardly overlap the weighted edges would be in the wrong order: with less than this share of
the shorter one's length, both edges have the weight of the start. Not measured: few words are that short."""

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
    fits = forced.fits or (None,) * len(words)
    times = [time and replace(time, fit=fit) for time, fit in zip(voted_times(stretch, forced), fits, strict=True)]
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


def voted_times(stretch: Stretch, forced: Forced) -> list[ForcedTime | None]:
    """Return the time of each word of a stretch from those that the aligners found; None if none did.

    A word ends where the next one starts, if it would be longer: starts and ends are weighted differently, and starts
    are better known.
    """
    by_phones = forced.phones or (None,) * len(stretch.words)
    times = [
        vote([span.shift(forced.start + DELAY_MS) for span in found if span is not None], forced.range_db, word.heard)
        for word, *found in zip(stretch.words, forced.spans, by_phones, strict=True)
    ]
    later: Span | None = None
    for k in range(len(times) - 1, -1, -1):
        if (time := times[k]) is None:
            continue
        if later is not None and time.span.start < later.start < time.span.end:
            times[k] = replace(time, span=Span(time.span.start, later.start))
        later = time.span
    return times


def vote(found: Sequence[Span], range_db: float | None, heard: Span | None = None) -> ForcedTime | None:
    """Return the time of a word from those that the aligners found, two at most.

    Args:
        found: from the start of the recording; PocketSphinx's first.
        range_db: of the sound around (see ``Forced``).
        heard: when the word was heard; None if it was not.
    """
    if not found:
        return None
    first, last = found[0], found[-1]
    apart = abs(first.start - last.start)
    is_noisy = range_db is not None and range_db < NOISY_BELOW_DB
    if apart <= MOST_APART_IN_MEAN_MS:
        share = _IN_NOISE if is_noisy else _IN_QUIET
        start, end = _between(first.start, last.start, share.start), _between(first.end, last.end, share.end)
        if end - start < LEAST_LENGTH_SHARE * min(first.duration, last.duration):
            end = _between(first.end, last.end, share.start)
        span = Span(start, end)
    elif heard is None or is_noisy:
        span = last
    else:
        span = min(found, key=lambda one: abs(one.start - heard.start))
    return ForcedTime(span, apart if len(found) > 1 else None)


def _between(first: Ms, last: Ms, share: float) -> Ms:
    return first + round(share * (last - first))


def have_agreed(time: ForcedTime) -> bool:
    """Return whether two aligners place a word within ``MOST_APART_IN_MEAN_MS`` of each other."""
    return time.apart is not None and time.apart <= MOST_APART_IN_MEAN_MS


def _is_near(time: ForcedTime, heard: Span) -> bool:
    """Return whether a forced time may be that of a word that was heard."""
    return abs(time.span.start - heard.start) <= (MOST_MOVED_BY_BOTH_MS if have_agreed(time) else MOST_MOVED_MS)


def _are_beside(first: ForcedTime | None, second: ForcedTime | None) -> bool:
    return (
        first is not None
        and second is not None
        and -MOST_OVERLAP_MS <= second.span.start - first.span.end <= MOST_APART_MS
    )
