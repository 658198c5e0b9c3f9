"""Times that stay: a word whose pairing did not change keeps its time to the millisecond.

An interpolated time depends on more than the word's own pairing: on the rate of speech of the whole recording, for
example. A person who hears a word and clicks it must not see its time move because of an edit elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from pipeline.schema import Pairing, Result, Run, TimedUtterance, TimedWord, Transcript
from pipeline.times import Ms, Span

_Key = tuple[tuple[str, ...], Run, bool]
"""What a pairing pairs: the written texts, the heard words, and whether they match."""


def unchanged_times(
    before: Result, near: Sequence[Pairing], transcript: Transcript, now: Sequence[Pairing], shift: int
) -> Mapping[int, TimedWord]:
    """Return the time before of each word whose pairing is the same as before, by the word's index now.

    Args:
        before: the result before the edit.
        near: its pairings where the edit was.
        transcript: the new one.
        now: the pairings in their place.
        shift: how many words were added.
    """
    old = {(_key(one, before.transcript), one.written.start): one for one in near}
    times: dict[int, TimedWord] = {}
    for one in now:
        key = _key(one, transcript)
        same = old.get((key, one.written.start)) or old.get((key, one.written.start - shift))
        if same is not None:
            times.update(zip(one.written, before.words[same.written.start : same.written.end], strict=True))
    return times


def _key(pairing: Pairing, transcript: Transcript) -> _Key:
    texts = tuple(word.text for word in transcript.words[pairing.written.start : pairing.written.end])
    return texts, pairing.heard, pairing.score > 0


def keep_times(
    old: Sequence[TimedWord | None], new: Sequence[TimedWord], edges: tuple[Ms, Ms]
) -> tuple[TimedWord, ...]:
    """Return the new times, but the old one for each word that had one and still has one.

    New times do not overlap the old ones that are kept.

    Args:
        old: the time before; None for a word whose pairing changed.
        new: the time now.
        edges: the end of the time before these words, and the start of the time after them.
    """
    kept = [
        was.span if was is not None and was.span is not None and now.span is not None else None
        for was, now in zip(old, new, strict=True)
    ]
    ceilings, ceiling = list[Ms](), edges[1]
    for span in reversed(kept):
        ceilings.append(ceiling)
        ceiling = span.start if span is not None else ceiling
    times, floor = list[TimedWord](), edges[0]
    for timed, span, ceiling in zip(new, kept, reversed(ceilings), strict=True):
        if span is None and timed.span is not None:
            span = timed.span.clip(Span(min(floor, ceiling), ceiling))  # noqa: PLW2901 -- the one that it gets
        floor = max(floor, span.end) if span is not None else floor
        times.append(timed if span == timed.span else replace(timed, span=span))
    return tuple(times)


def settled_times(before: Result, after: Result) -> Result:
    """Return the whole new alignment of a text, but with the time before of each word whose pairing is the same.

    Args:
        before: what the page shows of the same text and hearing.
        after: the whole new alignment.
    """
    place = [word.chars.start for word in before.transcript.words]
    old = {place[one.written.start]: one for one in before.alignment.pairings if len(one.written)}
    texts = after.transcript.words
    times: list[TimedWord | None] = [None] * len(texts)
    for one in after.alignment.pairings:
        was = old.get(texts[one.written.start].chars.start) if len(one.written) else None
        if was is None or was.heard != one.heard or len(was.written) != len(one.written):
            continue
        is_same_kind = (was.score > 0) == (one.score > 0)
        if is_same_kind and place[was.written.end - 1] == texts[one.written.end - 1].chars.start:
            times[one.written.start : one.written.end] = before.words[was.written.start : was.written.end]
    words = keep_times(times, after.words, (0, after.hearing.duration))
    return replace(after, words=words, utterances=tuple(_spanning(after, words)))


def _spanning(result: Result, words: Sequence[TimedWord]) -> Iterator[TimedUtterance]:
    """Yield the utterances, and where their words have other times, with the spans of these."""
    for one, timed in zip(result.transcript.utterances, result.utterances, strict=True):
        now = words[one.words.start : one.words.end]
        if list(now) == list(result.words[one.words.start : one.words.end]):
            yield timed
            continue
        spans = [word.span for word in now if word.span is not None] if timed.span is not None else []
        yield replace(timed, span=Span(spans[0].start, spans[-1].end) if spans else None)
