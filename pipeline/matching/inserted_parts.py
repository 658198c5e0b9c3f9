"""Find parts of a recording that typed times do not know: adverts that were put into a download, or a longer beginning.

Each is a step of the offset between the typed and the measured times, upwards, with as long a passage of which nothing
is typed. Times that were typed wrong are a step without such a passage.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from pipeline.matching.time_pieces import LEAST_DRIFT_MS
from pipeline.matching.typed_times import ComparedTimes, compare_typed_times
from pipeline.schema import TimedUtterance, TimedWord, Transcript
from pipeline.times import Ms, Span

LEAST_INSERTED_MS: Ms = 5_000
"""Adverts last 5 s or more; a shorter step may be a person's inexact typing."""


def inserted_parts(
    transcript: Transcript, words: Sequence[TimedWord], utterances: Sequence[TimedUtterance]
) -> tuple[Span, ...]:
    """Return where the recording has something that the typed times do not know, in order, to about a second.

    Only times up to the first place where they start again count: of a later clock nobody knows where it begins. Times
    that run at another speed say nothing either.

    Args:
        transcript: the transcript.
        words: the times of its words.
        utterances: the times of its utterances.
    """
    part = next(compare_typed_times(transcript, words, utterances), None)
    if part is None or any(offset.piece.rate != 1 for offset in part.offsets):
        return ()
    return tuple(_inserted(part, words))


def _inserted(part: ComparedTimes, words: Sequence[TimedWord]) -> Iterator[Span]:
    last: tuple[int, Ms] | None = None
    for index, (claim, at) in enumerate(zip(part.claims, part.measured, strict=True)):
        offset = part.offset_of(index)
        by = offset.piece.shift(claim.at) if offset else 0
        if at is None or abs(at - claim.at - by) >= LEAST_DRIFT_MS:
            continue
        first, before = last or (0, 0)
        if by - before >= LEAST_INSERTED_MS:
            start, end = _longest_silence(words[first : claim.word], at, from_start=last is None)
            if end - start >= by - before - LEAST_DRIFT_MS:
                yield Span(start, start + by - before)
        last = claim.word, by


def _longest_silence(words: Sequence[TimedWord], until: Ms, *, from_start: bool) -> tuple[Ms, Ms]:
    """Return the longest time between measured words, up to the word that begins at ``until``."""
    spans = [word.span for word in words if word.span is not None and word.measured]
    edges = [*([Span(0, 0)] if from_start else []), *spans, Span(until, until)]
    gaps = [(one.end, max(one.end, after.start)) for one, after in pairwise(edges)]
    return max(gaps, key=lambda gap: gap[1] - gap[0], default=(0, 0))
