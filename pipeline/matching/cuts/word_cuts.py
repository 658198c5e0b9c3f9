"""Find another cut of a recording from its text alone: the old times of its parts, and when their words are said now.

The old recording is not needed. The map is as exact as the old times are: its offsets are medians over many parts, and
a piece of the text that nobody says any more was removed. A step of the offset below a second cannot be
distinguished from the noise of typed and heard times.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median

from pipeline.matching.alignment.timing import UNHEARD_RUN_WORDS
from pipeline.matching.cuts.time_map import Stretch, TimeMap
from pipeline.matching.time_pieces import LEAST_DRIFT_MS, TimePiece, fit_time_pieces
from pipeline.reading.imports.pieces import Piece
from pipeline.reading.imports.word_spans import word_pieces
from pipeline.schema import Result, Run, Transcript
from pipeline.times import MS_PER_SECOND, Ms, Span

_LEAST_SAID = 0.25
"""A part of which a smaller share is said was not found; the alignment tolerates as free a transcript as that."""


_SLOW_WORD: Ms = 400
"""People say 150 words a minute or more."""


@dataclass(frozen=True, slots=True)
class TimedPart:
    """Words of a transcript with old times: a cue, a few words of a report, or what follows a typed time.

    Attributes:
        old: when they were said in the old recording.
        words: their indices in the transcript.
    """

    old: Span
    words: Run


@dataclass(frozen=True, slots=True)
class _Part:
    """A part with what was heard of it.

    Attributes:
        spoken: the number of its spoken words; 0 for a sound.
        begins: when its first word is said; None if that was not measured.
        said: from the first word that is said to the last; None if too few are.
    """

    old: Span
    spoken: int
    begins: Ms | None
    said: Span | None

    @property
    def until(self) -> Ms:
        """When its words ended at the latest: what follows a typed time may be music."""
        return min(self.old.end, self.old.start + self.spoken * _SLOW_WORD)


@dataclass(frozen=True, slots=True)
class _Segment:
    """Found parts of one piece, the old time from the first to the last, between removed parts on either side."""

    piece: TimePiece
    start: Ms
    end: Ms

    def to_new(self, at: Ms) -> Ms:
        return at + self.piece.shift(at)


@dataclass(frozen=True, slots=True)
class _Gap:
    """What is between two found parts in the old cut, and what of it was removed with its words; None for nothing."""

    old: Span
    removed: Span | None


def timed_parts(transcript: Transcript, pieces: Sequence[Piece]) -> Iterator[TimedPart]:
    """Yield the parts of a transcript that have times and words.

    Args:
        pieces: what the transcript was made of, or its typed times as pieces; at least one.
    """
    numbers = [index for index, _, _ in word_pieces(transcript, pieces)]
    done = 0
    for index, words in groupby(numbers):
        start, done = done, done + sum(1 for _ in words)
        piece = pieces[index]
        if piece.start is not None and piece.end is not None:
            yield TimedPart(Span(piece.start, piece.end), Run(start, done))


def cuts_by_words(parts: Sequence[TimedPart], result: Result, old_duration: Ms = 0, exact: int = 1) -> TimeMap:
    """Return the map from the old cut to the one that was listened to.

    Args:
        parts: in the order of the text. One that begins before another one above it is left out.
        result: of the text that the parts are of, and the new recording.
        old_duration: how long the old cut is at least, in ms; it lasts at least as long as its last part.
        exact: 1 for times in whole seconds, as they are typed; n where they are n times as exact.

    Returns:
        A map without stretches if no part was found.
    """
    ordered = _in_order([_look_up(part, result) for part in parts])
    duration, old_duration = result.hearing.duration, max((old_duration, *(part.old.end for part in ordered)))
    later = MS_PER_SECOND // 2 if exact == 1 else 0  # a typed time is floored: what it is of begins within its second
    points = [(part.old.start + later, part.begins) for part in ordered if part.begins is not None]
    pieces = _pieces(points, exact)
    if not pieces:
        return TimeMap((), old_duration, duration)
    near = LEAST_DRIFT_MS // exact
    found = _found(ordered, pieces, near)
    gaps = _gaps(ordered, [index for index, _ in found], (old_duration, duration), _Others(result), near)
    segments, between = _segments([(ordered[index], pieces[of]) for index, of in found], gaps)
    return TimeMap(_stretches(segments, between, old_duration, duration), old_duration, duration)


# --- what was heard of each part ---------------------------------------------------------------------------------


def _look_up(part: TimedPart, result: Result) -> _Part:
    spoken = [k for k in part.words if result.transcript.words[k].kind == "spoken" and result.transcript.words[k].keys]
    heard = [span for k in spoken if (span := result.words[k].span) is not None and result.words[k].measured]
    is_found = bool(heard) and len(heard) >= _LEAST_SAID * len(spoken)
    said = Span(heard[0].start, max(span.end for span in heard)) if is_found else None
    first = result.words[spoken[0]] if said else None
    begins = first.span.start if first and first.span and first.measured else None
    return _Part(part.old, len(spoken), begins, said)


def _in_order(parts: Sequence[_Part]) -> list[_Part]:
    ordered: list[_Part] = []
    for part in parts:
        if not ordered or part.old.start >= ordered[-1].old.start:
            ordered.append(part)
    return ordered


def _pieces(points: Sequence[tuple[Ms, Ms]], exact: int) -> tuple[TimePiece, ...]:
    """Return the pieces of old and new times; the first one holds from the start. None without any times.

    The fit is made for times in whole seconds. Of times that are more exact it is given multiples.
    """
    if not points:
        return ()
    found = fit_time_pieces([old * exact for old, _ in points], [new * exact for _, new in points])
    if not found:
        return (TimePiece(0, points[0][0], round(median(new - old for old, new in points))),)
    return tuple(TimePiece(one.start, one.origin // exact, round(one.by / exact), one.rate) for one in found)


def _found(parts: Sequence[_Part], pieces: Sequence[TimePiece], near: Ms) -> list[tuple[int, int]]:
    """Return the parts that are said where a piece has them: their indices, and that of the piece; both ascending.

    Args:
        near: how far from there they may be said, in ms.
    """
    found: list[tuple[int, int]] = []
    origins = [piece.origin for piece in pieces]
    for index, part in enumerate(parts):
        own = max(0, bisect_right(origins, part.old.start) - 1)
        least = found[-1][1] if found else 0
        for of in range(max(own, least), min(own + 2, len(pieces))):
            if part.said is not None and _fits(part, part.said, pieces[of], near):
                found.append((index, of))
                break
    return found


def _fits(part: _Part, said: Span, piece: TimePiece, near: Ms) -> bool:
    first, last = (at + piece.shift(at) for at in (part.old.start, part.old.end))
    begins = part.begins is not None and abs(part.begins - first) < near  # its old end is often a guess
    return begins or first - near < said.start <= said.end < last + near


# --- what was removed --------------------------------------------------------------------------------------------


class _Others:
    """The heard words that match none of the text."""

    def __init__(self, result: Result) -> None:
        runs = (one.heard for one in result.alignment.pairings if not one.score)
        self._starts = sorted(result.hearing.words[k].span.start for run in runs for k in run)

    def count(self, start: Ms, end: Ms) -> int:
        """Return how many of them begin in a part of the recording."""
        return max(0, bisect_left(self._starts, end) - bisect_left(self._starts, start))


def other_words(result: Result, spans: Sequence[Span]) -> tuple[int, ...]:
    """Return for parts of the recording how many words are said in each that match none of the text."""
    others = _Others(result)
    return tuple(others.count(span.start, span.end) for span in spans)


def _gaps(parts: Sequence[_Part], found: Sequence[int], cuts: tuple[Ms, Ms], others: _Others, near: Ms) -> list[_Gap]:
    """Return what is before the first found part, between each two, and after the last one.

    Args:
        found: their indices.
        cuts: the durations of the old and the new cut.
        near: how far a gap may differ between the cuts if nothing was removed from it or added to it, in ms.
    """
    edges = [(-1, Span(0, 0), Span(0, 0))]
    edges += [(index, parts[index].old, parts[index].said or Span(0, 0)) for index in found]
    edges.append((len(parts), Span(cuts[0], cuts[0]), Span(cuts[1], cuts[1])))
    gaps: list[_Gap] = []
    for (before, old, said), (after, old_after, said_after) in pairwise(edges):
        lost = [part for part in parts[before + 1 : after] if part.spoken]
        room = Span(old.end, max(old.end, old_after.start))
        words = sum(part.spoken for part in lost)
        differs = abs(said_after.start - said.end - room.duration) >= near
        is_removed = words >= UNHEARD_RUN_WORDS and (differs or 2 * others.count(said.end, said_after.start) >= words)
        gaps.append(_Gap(room, Span(lost[0].old.start, max(part.until for part in lost)) if is_removed else None))
    return gaps


# --- stretches ---------------------------------------------------------------------------------------------------


def _segments(found: Sequence[tuple[_Part, TimePiece]], gaps: Sequence[_Gap]) -> tuple[list[_Segment], list[_Gap]]:
    """Join found parts that have one piece and nothing removed between them; also returns the gaps around segments."""
    segments: list[_Segment] = []
    between: list[_Gap] = []
    for (part, piece), gap in zip(found, gaps, strict=False):
        if segments and segments[-1].piece == piece and gap.removed is None:
            segments[-1] = _Segment(piece, segments[-1].start, max(segments[-1].end, part.old.end))
        else:
            segments.append(_Segment(piece, part.old.start, part.old.end))
            between.append(gap)
    return segments, [*between, gaps[-1]]


def _stretches(
    segments: Sequence[_Segment], gaps: Sequence[_Gap], old_duration: Ms, duration: Ms
) -> tuple[Stretch, ...]:
    """Return the segments with what is around them: a gap is shared from both sides as far as both cuts have it."""
    new_edges = [0, *(at for one in segments for at in (one.to_new(one.start), one.to_new(one.end))), duration]
    shares = [
        _shares(gap, new_edges[2 * k + 1] - new_edges[2 * k], is_first=not k, is_last=k == len(segments))
        for k, gap in enumerate(gaps)
    ]
    made: list[Stretch] = []
    old_done = new_done = 0
    for one, (_, before), (after, _) in zip(segments, shares, shares[1:], strict=False):
        start, end = max(old_done, one.start - before), min(old_duration, one.end + after)
        start += max(0, new_done - one.to_new(start))
        end -= max(0, one.to_new(end) - duration)
        if one.to_new(end) > one.to_new(start) >= new_done:
            made.append(Stretch(Span(start, end), Span(one.to_new(start), min(duration, one.to_new(end)))))
            old_done, new_done = end, made[-1].new.end
    return tuple(made)


def _shares(gap: _Gap, room: Ms, *, is_first: bool, is_last: bool) -> tuple[Ms, Ms]:
    """Return how much of a gap the segment before it gets, and the one after it, in old ms.

    Args:
        room: how long the gap is in the new cut, in ms.
    """
    old, ends = gap.old, 1 if is_first or is_last else 2
    before, after = old.duration // ends, old.duration // ends
    if gap.removed is not None:
        before, after = max(0, gap.removed.start - old.start), max(0, old.end - gap.removed.end)
    most = max(0, room) // ends
    return 0 if is_first else min(before, most), 0 if is_last else min(after, most)
