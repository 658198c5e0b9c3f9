"""The quick step after an edit: only the words near it are aligned again, between words that stay matched.

The small problem is solved by the same ``align`` and ``assign_times`` as the whole one. Words whose pairing did not
change keep their time to the millisecond.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from msgspec.structs import replace as replace_struct

from pipeline.desk.quick.kept_times import keep_times, unchanged_times
from pipeline.desk.quick.read_again import read_again
from pipeline.desk.quick.stretch import ANCHOR_PAIRINGS, Stretch, differing, find_stretch, move, splice
from pipeline.matching.alignment.align import AlignOptions, align
from pipeline.matching.alignment.timing import assign_times
from pipeline.matching.speakers.speaker_segments import dominant_speakers
from pipeline.reading.transcript import FileReading
from pipeline.schema import (
    Alignment,
    Chars,
    Pairing,
    Result,
    Run,
    TimedUtterance,
    TimedWord,
    Transcript,
    Utterance,
)
from pipeline.times import Ms, Span

_NOT_FOUND = TimedUtterance(None, 0.0, "not-found")


@dataclass(frozen=True, slots=True)
class Retimed:
    """A result after the quick step.

    Attributes:
        result: of the new text; its findings, continue point and speakers are still those of the text before.
        old: the words of the old transcript from the first to the last that may differ.
        new: those in their place.
    """

    result: Result
    old: Run
    new: Run


def retime(
    result: Result, source: str, changed: Chars, reading: FileReading, options: AlignOptions, rate: float
) -> Retimed | None:
    """Return the result for an edited text.

    Args:
        result: before the edit.
        source: the text afterwards.
        changed: the range of the old source that was replaced.
        reading: of the file, when it was last read as a whole.
        options: of the alignment.
        rate: how many ms a letter takes in this recording (``speech_rate``).

    Returns:
        None if so much changed that the whole has to be aligned.
    """
    reread = read_again(result.transcript, source, changed, reading)
    old, new = differing(result.transcript, reread.transcript, reread.old, reread.new)
    before = result.alignment.pairings
    stretch = find_stretch(before, len(result.words), len(result.hearing.words), old, new)
    if stretch is None:
        return None
    found = _align(reread.transcript, result, stretch, options)
    pairings, near = splice(before, found, stretch)
    aligned = replace(result, transcript=reread.transcript, alignment=replace(result.alignment, pairings=pairings))
    words, utterances = _times(result, aligned, stretch, near, rate)
    start = min(stretch.old.start, reread.old.start)
    behind = min(len(result.words) - stretch.old.end, len(result.words) - reread.old.end)
    return Retimed(
        replace(aligned, words=words, utterances=utterances),
        Run(start, len(result.words) - behind),
        Run(start, len(words) - behind),
    )


def _align(transcript: Transcript, result: Result, stretch: Stretch, options: AlignOptions) -> tuple[Pairing, ...]:
    written = transcript.words[stretch.new.start : stretch.new.end]
    heard = result.hearing.words[stretch.heard.start : stretch.heard.end]
    return align(written, heard, options, result.hearing.language).pairings


def _times(
    before: Result, aligned: Result, stretch: Stretch, near: Run, rate: float
) -> tuple[tuple[TimedWord, ...], tuple[TimedUtterance, ...]]:
    """Return the times of all words and utterances: those of the stretch are new where their pairing is."""
    pairings, old_pairings = aligned.alignment.pairings, before.alignment.pairings
    low = near.start if len(stretch.before) else max(0, near.start - ANCHOR_PAIRINGS)
    high = near.end if len(stretch.after) else min(len(pairings), near.end + ANCHOR_PAIRINGS)
    part = _Part(aligned, [_clipped(one, stretch) for one in pairings[low:high]])
    timed, utterances = part.times(rate)
    old_near = old_pairings[max(0, stretch.left - ANCHOR_PAIRINGS) : stretch.right + ANCHOR_PAIRINGS]
    same = unchanged_times(before, old_near, aligned.transcript, pairings[low:high], stretch.added)
    head, tail = before.words[: part.words.start], before.words[part.words.end - stretch.added :]
    edges: tuple[Ms, Ms] = (
        next((one.span.end for one in reversed(head) if one.span is not None), 0),
        next((one.span.start for one in tail if one.span is not None), aligned.hearing.duration),
    )
    kept = keep_times([same.get(k) for k in part.words], timed, edges)
    words = (*head, *kept, *tail)
    return words, _utterances(before, aligned, words, part, utterances)


def _clipped(pairing: Pairing, stretch: Stretch) -> Pairing:
    """Return a pairing without the words beside the stretch that are not matched."""
    low = stretch.new.start if len(stretch.before) else 0
    high = stretch.new.end if len(stretch.after) else pairing.written.end
    start = min(max(pairing.written.start, low), high)
    return replace(pairing, written=Run(start, max(start, min(pairing.written.end, high))))


class _Part:
    """A part of a result that is timed by itself: whole pairings in a row."""

    def __init__(self, aligned: Result, pairings: Sequence[Pairing]) -> None:
        self._aligned, self._pairings = aligned, pairings
        self.words = Run(pairings[0].written.start, pairings[-1].written.end) if pairings else Run(0, 0)
        texts, start = aligned.transcript.words, self.words.start
        if len(self.words):
            self.utterances = Run(texts[start].utterance, texts[self.words.end - 1].utterance + 1)
        else:
            first = texts[start - 1].utterance + 1 if start else 0
            self.utterances = Run(first, first)

    def is_whole(self, utterance: Utterance) -> bool:
        """Return whether all words of an utterance are in the part."""
        return self.words.start <= utterance.words.start and utterance.words.end <= self.words.end

    def times(self, rate: float) -> tuple[tuple[TimedWord, ...], tuple[TimedUtterance, ...]]:
        """Return the times of the part's words and of its utterances, or of what of them is in it."""
        if not len(self.words):
            return (), ()
        transcript, hearing = self._aligned.transcript, self._aligned.hearing
        first, last = self._pairings[0].heard.start, self._pairings[-1].heard.end
        own = transcript.utterances[self.utterances.start : self.utterances.end]
        local = replace(
            transcript,
            words=transcript.words[self.words.start : self.words.end],
            utterances=tuple(self._inside(one) for one in own),
        )
        heard = replace(hearing, words=hearing.words[first:last])
        moved = tuple(move(one, -self.words.start, -first) for one in self._pairings)
        return assign_times(local, heard, Alignment(moved, None), rate)

    def _inside(self, one: Utterance) -> Utterance:
        start, end = max(one.words.start, self.words.start), min(one.words.end, self.words.end)
        return replace_struct(one, words=Run(start - self.words.start, end - self.words.start))


def _utterances(
    before: Result, aligned: Result, words: Sequence[TimedWord], part: _Part, local: Sequence[TimedUtterance]
) -> tuple[TimedUtterance, ...]:
    """Return the utterances: new ones within the part, and those that it cuts with their confidence from before."""
    written, old = aligned.transcript.utterances, before.utterances
    added = len(written) - len(old)
    changed = list[TimedUtterance]()
    for one, now in zip(written[part.utterances.start : part.utterances.end], local, strict=True):
        spans = [span for k in one.words if (span := words[k].span) is not None]
        was = now
        if not part.is_whole(one):
            was = old[one.index] if one.words.start < part.words.start else old[one.index - added]
        base = now if was.span is None else was
        is_found = spans and base.span is not None
        changed.append(replace(base, span=Span(spans[0].start, spans[-1].end)) if is_found else _NOT_FOUND)
    if aligned.named_turns:
        names = dominant_speakers(aligned.named_turns, [(one.span,) if one.span else () for one in changed])
        changed = [
            replace(one, heard_speaker=one.heard_speaker or name) for one, name in zip(changed, names, strict=True)
        ]
    return (*old[: part.utterances.start], *changed, *old[part.utterances.end - added :])
