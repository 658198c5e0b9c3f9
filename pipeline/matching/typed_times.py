"""Compare the times that people typed with those of the recording: what is off, and what would be right.

A typed time is a claim about an utterance or a word. Where that was surely found and measured, the claim is evidence;
the others are judged by what the evidence around them says (see ``time_pieces``).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from pipeline.matching.time_pieces import (
    FEWEST_OFFSET_TIMES,
    LEAST_DRIFT_MS,
    OFFSET_TOLERANCE_MS,
    TimePiece,
    fit_time_pieces,
)
from pipeline.reading.markup.clock_parts import clock_restarts
from pipeline.schema import Claim, Finding, Run, TimedUtterance, TimedWord, Transcript
from pipeline.times import Ms, Span, format_clock, to_seconds

RATE_DECIMALS = 6
"""Of the rate in JSON: 4 ms in an hour."""


@dataclass(frozen=True, slots=True)
class ComparedTimes:
    """The typed times of one clock with the measured ones; ``Transcript.claims`` may have several such parts.

    Attributes:
        claims: the typed times.
        utterances: the index of the utterance of each.
        measured: when each was said; None where that is not sure.
        zero: where this clock is at zero in the recording, and whether as many times say so as make a piece.
        offsets: the typed times that are off together, in order.
    """

    claims: tuple[Claim, ...]
    utterances: tuple[int, ...]
    measured: tuple[Ms | None, ...]
    zero: Ms
    zero_is_sure: bool
    offsets: tuple[Offset, ...]

    def offset_of(self, index: int) -> Offset | None:
        """Return what the time at an index is off by together with others."""
        return next((one for one in self.offsets if one.covered.start <= index < one.covered.end), None)


@dataclass(frozen=True, slots=True)
class Offset:
    """Typed times that are off together: their indices, the correction, and the typed times from and until which.

    ``piece`` starts at the first time that shows it; ``until`` is None where it holds to the end of its part.
    """

    covered: Run
    piece: TimePiece
    first: Ms
    until: Ms | None


def compare_typed_times(
    transcript: Transcript, words: Sequence[TimedWord], utterances: Sequence[TimedUtterance]
) -> Iterator[ComparedTimes]:
    """Yield what is off in each part whose times have one clock; the zero of a later part's clock is not known."""
    starts = [0, *clock_restarts([claim.at for claim in transcript.claims]), len(transcript.claims)]
    for start, end in pairwise(starts):
        claims = transcript.claims[start:end]
        measured = tuple(measured_claim_time(claim, transcript, words, utterances) for claim in claims)
        known = [k for k, at in enumerate(measured) if at is not None]
        by = [at - claims[k].at for k, at in enumerate(measured) if at is not None]
        zero, support = _most_common(by) if start else (0, 0)
        if abs(zero) < LEAST_DRIFT_MS:
            zero = 0
        typed = [claims[k].at for k in known]
        pieces = fit_time_pieces(typed, [at + of - zero for at, of in zip(typed, by, strict=True)])
        yield ComparedTimes(
            claims,
            tuple(transcript.words[claim.word].utterance for claim in claims),
            measured,
            zero,
            support >= FEWEST_OFFSET_TIMES,
            tuple(_offsets(claims, known, pieces)),
        )


def measured_claim_time(
    claim: Claim, transcript: Transcript, words: Sequence[TimedWord], utterances: Sequence[TimedUtterance]
) -> Ms | None:
    """Return when the utterance or word that a typed time is about was said, in ms; None if that is not sure."""
    timed = utterances[transcript.words[claim.word].utterance]
    if timed.span is None or not timed.is_sure:
        return None
    if claim.heads:
        return timed.span.start
    word = words[claim.word]
    return word.span.start if word.span is not None and word.measured else None


def _most_common(by: Sequence[Ms]) -> tuple[Ms, int]:
    """Return the constant that explains most offsets to within ``OFFSET_TOLERANCE_MS``, and how many; 0, 0 for none."""
    ordered = sorted(by)
    ends = [bisect_right(ordered, low + 2 * OFFSET_TOLERANCE_MS) for low in ordered]
    best = max(range(len(ordered)), key=lambda at: ends[at] - at, default=None)
    return (0, 0) if best is None else (ordered[(best + ends[best]) // 2], ends[best] - best)


def _offsets(claims: Sequence[Claim], known: Sequence[int], pieces: Sequence[TimePiece]) -> Iterator[Offset]:
    """Yield the pieces that are off, as stretches of typed times.

    Args:
        claims: the typed times of one part.
        known: the indices of those that were measured; the pieces count these alone.
        pieces: of the measured times.
    """
    starts = [known[piece.start] for piece in pieces]
    if pieces and pieces[0].start == 0:
        starts[0] = 0  # nothing speaks against it for the times before the first one that was measured
    firsts = [min(claim.at for claim in claims[a : known[p.start] + 1]) for a, p in zip(starts, pieces, strict=True)]
    for k, (piece, start) in enumerate(zip(pieces, starts, strict=True)):
        is_last = k + 1 == len(pieces)
        end = len(claims) if is_last else starts[k + 1]
        if any(abs(piece.shift(claims[j].at)) >= LEAST_DRIFT_MS for j in known if start <= j < end):
            yield Offset(Run(start, end), piece, firsts[k], None if is_last else firsts[k + 1])


# --- findings --------------------------------------------------------------------------------------------------------


def typed_time_findings(
    transcript: Transcript, words: Sequence[TimedWord], utterances: Sequence[TimedUtterance]
) -> Iterator[Finding]:
    """Yield one finding for the times that are off together, and one for each time that is off by itself."""
    for part in compare_typed_times(transcript, words, utterances):
        for offset in part.offsets:
            yield _time_offset(part, offset)
        for k, measured in enumerate(part.measured):
            if measured is not None and _is_off_alone(part, k, measured):
                yield _time_drift(part, k, measured)


def _is_off_alone(part: ComparedTimes, index: int, measured: Ms) -> bool:
    by = measured - part.claims[index].at - part.zero
    return abs(by) >= LEAST_DRIFT_MS and not _fits(part, index, measured)


def _fits(part: ComparedTimes, index: int, measured: Ms) -> bool:
    """Return whether a measured time is one of several that are off together."""
    offset, typed = part.offset_of(index), part.claims[index].at
    return offset is not None and abs(measured - typed - part.zero - offset.piece.shift(typed)) < LEAST_DRIFT_MS


def _time_drift(part: ComparedTimes, index: int, measured: Ms) -> Finding:
    typed = part.claims[index].at
    begins = f"; its part begins at {format_clock(part.zero)}" if part.zero else ""
    return Finding(
        "time-drift",
        f"typed as {format_clock(typed)}, said at {format_clock(measured)}{begins}",
        utterance=part.utterances[index],
        span=Span(measured, measured),
        details={"typed": to_seconds(typed), "measured": to_seconds(measured)},
    )


def _time_offset(part: ComparedTimes, offset: Offset) -> Finding:
    by, rate = offset.piece.shift(offset.first), round(offset.piece.rate, RATE_DECIMALS)
    measured = [(k, at) for k, at in enumerate(part.measured) if at is not None and _fits_at(part, offset, k)]
    index, start = measured[0]
    last = part.claims[measured[-1][0]].at
    where = f"from {format_clock(offset.first)} " + (
        "on" if offset.until is None else f"until {format_clock(offset.until)}"
    )
    off = f"the typed times are {_early(by)}"
    if rate != 1:
        pace = "slow" if rate > 1 else "fast"
        off = (
            f"the typed times run {pace}: {_early(by)} at first, {_early(offset.piece.shift(last))} at "
            f"{format_clock(last)} (rate {rate:.4f})"
        )
    return Finding(
        "time-offset",
        f"{where}, {off}; --fix-times corrects them",
        utterance=part.utterances[index],
        span=Span(start, start),
        details={
            "from": to_seconds(offset.first),
            "until": None if offset.until is None else to_seconds(offset.until),
            "by": to_seconds(by),
            **({"rate": rate} if rate != 1 else {}),
        },
    )


def _fits_at(part: ComparedTimes, offset: Offset, index: int) -> bool:
    measured = part.measured[index]
    return measured is not None and part.offset_of(index) == offset and _fits(part, index, measured)


def _early(by: Ms) -> str:
    return f"{abs(by) / 1000:.1f} s {'early' if by >= 0 else 'late'}"


# --- corrections -----------------------------------------------------------------------------------------------------


def corrected_claims(
    transcript: Transcript,
    words: Sequence[TimedWord],
    utterances: Sequence[TimedUtterance],
    duration: Ms,
) -> Iterator[tuple[Claim, Ms]]:
    """Yield the typed times that are to be replaced, with the right time in ms.

    A measured one is replaced by what was measured, if it is off by itself or together with others. One that was not
    measured is moved by what the others around it are off by, if it then fits between the measured ones; a passage
    that was cut out has no place there. After that no time is off, so a second run yields nothing.

    Args:
        transcript: the transcript.
        words: the times of its words.
        utterances: the times of its utterances.
        duration: the length of the recording, in ms.
    """
    parts = list(compare_typed_times(transcript, words, utterances))
    before, after = _neighbours([at for part in parts for at in part.measured], duration)
    index = 0
    for part in parts:
        for k, (claim, measured) in enumerate(zip(part.claims, part.measured, strict=True)):
            if measured is None:
                at = _moved(part, k)
                if at is not None and before[index] <= at <= after[index]:
                    yield claim, at
            elif abs(measured - claim.at) >= LEAST_DRIFT_MS or _fits(part, k, measured):
                yield claim, measured
            index += 1


def _moved(part: ComparedTimes, index: int) -> Ms | None:
    """Return where a time that was not measured is by the others around it; None if it stays."""
    offset, typed = part.offset_of(index), part.claims[index].at
    by = (part.zero if part.zero_is_sure else 0) + (offset.piece.shift(typed) if offset else 0)
    return typed + by if abs(by) >= LEAST_DRIFT_MS else None


def _neighbours(measured: Sequence[Ms | None], duration: Ms) -> tuple[list[Ms], list[Ms]]:
    """Return the earliest and the latest time that each index can have, give or take a second, in ms."""
    before = list(accumulate(measured, lambda last, at: last if at is None else at, initial=0))
    after = list(accumulate(reversed(measured), lambda last, at: last if at is None else at, initial=duration))
    earliest = [max(0, at - OFFSET_TOLERANCE_MS) for at in before[:-1]]
    return earliest, [min(duration, at + OFFSET_TOLERANCE_MS) for at in reversed(after[:-1])]


def covered_claims(
    finding: Finding, transcript: Transcript, words: Sequence[TimedWord], utterances: Sequence[TimedUtterance]
) -> Sequence[Claim]:
    """Return the typed times that a ``time-offset`` is about; none if these times no longer have that finding."""
    for part in compare_typed_times(transcript, words, utterances):
        for offset in part.offsets:
            if _time_offset(part, offset) == finding:
                return part.claims[offset.covered.start : offset.covered.end]
    return ()
