"""Decide which forced times are taken: those near to where the word was heard, or beside a word that was taken."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.matching.forced.stretches import Forced, Stretch
from pipeline.times import Ms, Span

MOST_MOVED_MS: Ms = 600
"""A forced start that is further from the heard one is not taken. Tried: with 350 many right ones are lost, with 1,500
wrong ones are taken."""

MOST_APART_MS: Ms = 300
MOST_OVERLAP_MS: Ms = 20
"""A word that was not heard is taken only this near to a neighbour that is: else it may be on speech that is not its
own."""

DELAY_MS: Ms = 7
"""What is added to each time: by this much the aligner is early on hand-timed words."""


ForcedResults = tuple[tuple[Stretch, Forced], ...]
"""What was forced, each stretch without the places of its words."""


def forced_times(stretches: Iterable[Stretch], results: ForcedResults) -> dict[int, Span]:
    """Return the times that are taken of a transcript, by the index of the word, where a stretch has a result."""
    known = dict(results)
    times: dict[int, Span] = {}
    for stretch in stretches:
        if forced := known.get(stretch.without_places()):
            times.update(accepted_times(stretch, forced))
    return times


def accepted_times(stretch: Stretch, forced: Forced) -> dict[int, Span]:
    """Return the times of one stretch that are taken, by the index of the written word."""
    words = stretch.words
    spans = [span and span.shift(forced.start + DELAY_MS) for span in forced.spans]
    taken = [
        span is not None and word.heard is not None and abs(span.start - word.heard.start) <= MOST_MOVED_MS
        for word, span in zip(words, spans, strict=True)
    ]
    order = range(len(words))
    for indices, step in ((order, -1), (reversed(order), 1)):
        for k in indices:
            if not taken[k] and words[k].heard is None and 0 <= k + step < len(words) and taken[k + step]:
                taken[k] = _are_beside(spans[min(k, k + step)], spans[max(k, k + step)])
    return {
        place: span
        for place, span, is_taken in zip(stretch.places, spans, taken, strict=True)
        if is_taken and span is not None and place is not None
    }


def _are_beside(first: Span | None, second: Span | None) -> bool:
    return first is not None and second is not None and -MOST_OVERLAP_MS <= second.start - first.end <= MOST_APART_MS
