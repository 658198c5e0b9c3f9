"""Where each moment of one cut of a recording is in another cut of it.

Both cuts are tiled: what they share are stretches, in the same order in both and each at one speed; the rest of the old
one was removed, the rest of the new one was added::

    old   |--- 1 ---|  removed  |------ 2 ------|
    new   | added |--- 1 ---|------ 2 ------|added|
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from pipeline.times import Ms, Span

LEAST_REST: Ms = 100
"""Twice what an edge may be off."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Sound that both cuts have; neither span is empty."""

    old: Span
    new: Span

    def __post_init__(self) -> None:
        if not (self.old.duration and self.new.duration):
            raise ValueError(f"a stretch has sound in both cuts, got {self.old} and {self.new}")

    @property
    def rate(self) -> float:
        """The new duration for each old ms: below 1 where the new cut is faster."""
        return self.new.duration / self.old.duration

    def to_new(self, at: Ms) -> Ms:
        """Return the new time of an old one, in ms; outside of the stretch, that of its nearer end."""
        inside = min(max(at, self.old.start), self.old.end) - self.old.start
        return self.new.start + round(inside * self.rate)


@dataclass(frozen=True, slots=True)
class TimeMap:
    """The stretches that two cuts share, in order and disjoint in both, and how long both are.

    Raises:
        ValueError: the stretches are not in order, overlap, or are beyond the end of a cut.
    """

    stretches: tuple[Stretch, ...]
    old_duration: Ms
    new_duration: Ms

    def __post_init__(self) -> None:
        for one, following in pairwise(self.stretches):
            if one.old.end > following.old.start or one.new.end > following.new.start:
                raise ValueError(f"stretches overlap or are out of order: {one} and {following}")
        last = self.stretches[-1:]
        if any(one.old.end > self.old_duration or one.new.end > self.new_duration for one in last):
            raise ValueError(f"a stretch is beyond the end of a cut: {last}")

    @property
    def removed(self) -> tuple[Span, ...]:
        """What only the old cut has, in its times."""
        return tuple(_between((one.old for one in self.stretches), self.old_duration))

    @property
    def added(self) -> tuple[Span, ...]:
        """What only the new cut has, in its times."""
        return tuple(_between((one.new for one in self.stretches), self.new_duration))

    def inverse(self) -> TimeMap:
        """Return the map from the new cut to the old one."""
        swapped = tuple(Stretch(one.new, one.old) for one in self.stretches)
        return TimeMap(swapped, self.new_duration, self.old_duration)

    def stretch_at(self, at: Ms) -> Stretch | None:
        """Return the stretch that has an old time; None if it was removed."""
        index = bisect_right(self.stretches, at, key=lambda one: one.old.start) - 1
        return self.stretches[index] if index >= 0 and at < self.stretches[index].old.end else None

    def place(self, at: Ms) -> Ms:
        """Return the new time of an old one, in ms; of a removed one, where the new cut goes on after it.

        It never decreases with ``at``. After the last stretch it is that one's end.
        """
        index = bisect_right(self.stretches, at, key=lambda one: one.old.start) - 1
        if index >= 0 and at < self.stretches[index].old.end:
            return self.stretches[index].to_new(at)
        if index + 1 < len(self.stretches):
            return self.stretches[index + 1].new.start
        return self.stretches[-1].new.end if self.stretches else 0

    def place_end(self, at: Ms) -> Ms:
        """Return the new time of an old one at which something ends; of a removed one, where the new cut stops before.

        It never decreases with ``at``. Before the first stretch it is that one's start.
        """
        index = bisect_right(self.stretches, at - 1, key=lambda one: one.old.start) - 1
        if index >= 0:
            return self.stretches[index].to_new(at)
        return self.stretches[0].new.start if self.stretches else 0

    def pieces(self, span: Span) -> tuple[Span, ...]:
        """Return where the kept parts of an old span are in the new cut; adjacent ones are joined."""
        joined: list[Span] = []
        first = max(0, bisect_right(self.stretches, span.start, key=lambda one: one.old.start) - 1)
        for one in self.stretches[first:]:
            if one.old.start >= span.end:
                break
            piece = Span(one.to_new(span.start), one.to_new(span.end))
            if joined and piece.start == joined[-1].end:
                joined[-1] = joined[-1].cover(piece)
            elif piece.duration:
                joined.append(piece)
        return tuple(joined)

    def keep(self, span: Span) -> Span | None:
        """Return where an old span is in the new cut; None if it was removed.

        Where something was added inside of it, it is its longest kept part, the first one of several. A rest of a
        removed span that is shorter than ``LEAST_REST`` is no evidence that any of it was kept.
        """
        pieces = self.pieces(span)
        longest = max(pieces, key=lambda one: one.duration, default=None)
        if longest is None or longest.duration < min(LEAST_REST, span.duration / 2):
            return None
        return longest


def _between(spans: Iterable[Span], duration: Ms) -> Iterator[Span]:
    """Yield what is left of [0, ``duration``) between disjoint spans in order."""
    done = 0
    for span in spans:
        if span.start > done:
            yield Span(done, span.start)
        done = span.end
    if duration > done:
        yield Span(done, duration)
