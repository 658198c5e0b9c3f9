"""When each written word was said: measured where it was matched, interpolated between, or none where nobody says it.

A matched word takes the time at which its heard words were heard. What lies between two matches is said differently,
or not at all. Words at the end of an utterance follow its last match and go no further than the next pause or the next
heard sentence; words at its start precede its first match likewise; words in its middle share what lies between. How
far a start may be off is judged from the words that it was interpolated over, and lowers the utterance's confidence::

    written    So   what  broke?  What in 0.8 …        (``So`` was not heard)
    measured        ├────┼──────┤
    start     ├~~~┤                                    as long as such a word takes
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.matching.alignment.ambiguity import spoken, unsure_places
from pipeline.reading.words.word_breaks import letters_in
from pipeline.schema import (
    Alignment,
    Fit,
    HeardWord,
    Hearing,
    Pairing,
    Run,
    TimedUtterance,
    TimedWord,
    Transcript,
    Utterance,
    WrittenWord,
)
from pipeline.times import Ms, Span

PAUSE: Ms = 500
"""Silence between two heard words that ends what could still belong to the words before it."""

NOBODY_SAYS = 6
"""An unmatched run of so many spoken words, without as many heard ones beside it, has no times."""

MS_PER_LETTER: Ms = 75
"""A common rate of speech, for a text in which nothing was measured."""

SPELLED_OUT = 4
"""So many heard words may stand for one written: "CI" is said as "continuous integration", "&" as "and"."""

UNINTELLIGIBLE_LETTERS = 12

UNSURE_START: Ms = 1_000
"""A start that may be off by more than this keeps the confidence below one half."""

UNSURE_CONFIDENCE = 0.45

VERBATIM, REWORDED, PARTIAL, PARTIAL_RUN = 0.9, 0.5, 0.2, 5

ABBREVIATIONS = ("mr.", "mrs.", "ms.", "dr.", "st.", "vs.", "etc.", "e.g.", "i.e.")


@dataclass(frozen=True, slots=True)
class _Scene:
    """What interpolation looks at: both texts, for each written word the heard ones beside it, and the rate of speech.

    ``rate`` is in ms per letter.
    """

    transcript: Transcript
    hearing: Hearing
    beside: tuple[Run, ...]
    rate: float


@dataclass(frozen=True, slots=True)
class _Block:
    """What surrounds an unmatched run of one utterance: the heard words that lie beside it, and the room in time.

    ``after`` and ``before`` are the known points around the block, else the recording's ends; the flags tell whether
    the utterance has words of its own on either side.
    """

    heard: Run
    after: Ms
    before: Ms
    measured_before: bool
    measured_after: bool


def assign_times(
    transcript: Transcript, hearing: Hearing, alignment: Alignment
) -> tuple[tuple[TimedWord, ...], tuple[TimedUtterance, ...]]:
    """Give every written word and utterance a time on the audio's clock, or none.

    Spans are in order, do not overlap and lie within the recording. The words of an utterance that was not found have
    none; neither has a run of six or more words that nobody says.

    Returns:
        One ``TimedWord`` for each of ``transcript.words``, one ``TimedUtterance`` for each utterance.
    """
    times: list[TimedWord] = [TimedWord(None, measured=False, confidence=0.0)] * len(transcript.words)
    for pairing in alignment.pairings:
        if pairing.score > 0:
            _measure(times, transcript.words, hearing.words, pairing)
    _in_order(times, hearing.duration)
    beside = _heard_beside(alignment, len(transcript.words))
    scene = _Scene(transcript, hearing, beside, _ms_per_letter(transcript.words, times))
    elsewhere = unsure_places(transcript, hearing, alignment)
    utterances: list[TimedUtterance] = []
    for utterance in transcript.utterances:
        fit = _fit(transcript, utterance, times)
        doubt: Ms = 0
        if fit == "not-found":
            for k in utterance.words:
                times[k] = TimedWord(None, measured=False, confidence=0.0)
        else:
            doubt = _interpolate(times, utterance, scene)
        unplaced = utterance.index in elsewhere
        utterances.append(_timed_utterance(transcript, utterance, times, fit, doubt=doubt, unplaced=unplaced))
    return tuple(times), tuple(utterances)


def _measure(
    times: list[TimedWord], written: Sequence[WrittenWord], heard: Sequence[HeardWord], pairing: Pairing
) -> None:
    """Share the heard words' time among the written ones, by their letters."""
    these, those = pairing.written, pairing.heard
    span = heard[those.start].span.cover(heard[those.end - 1].span)
    probabilities = [heard[j].probability for j in those]
    sure = statistics.fmean(1.0 if p is None else p for p in probabilities)
    for k, part in zip(these, _shares(span, [_letters(written[k]) for k in these]), strict=True):
        times[k] = TimedWord(part, measured=True, confidence=round(pairing.score * (0.7 + 0.3 * sure), 3))


def _shares(span: Span, letters: Sequence[int]) -> list[Span]:
    total = sum(letters)
    edges = [span.start]
    for count in letters:
        edges.append(edges[-1] + count)
    points = [span.start + round(span.duration * (edge - span.start) / total) for edge in edges]
    return [Span(a, b) for a, b in itertools.pairwise(points)]


def _letters(word: WrittenWord) -> int:
    """How long a word is to say, in letters; a mark for what the typist could not hear stands for a few words."""
    return UNINTELLIGIBLE_LETTERS if word.kind == "unintelligible" else max(1, sum(map(letters_in, word.keys)))


def _in_order(times: list[TimedWord], duration: Ms) -> None:
    """Engines overlap neighbouring words by some ms and end after the audio: keep the start, cut the end."""
    ceiling = duration
    for k in range(len(times) - 1, -1, -1):
        timed = times[k]
        if timed.span is None:
            continue
        start = min(timed.span.start, ceiling)
        span = Span(start, max(start, min(timed.span.end, ceiling)))
        times[k] = TimedWord(span, timed.measured, timed.confidence)
        ceiling = start


def _ms_per_letter(words: Sequence[WrittenWord], times: Sequence[TimedWord]) -> float:
    rates = [
        timed.span.duration / _letters(word)
        for word, timed in zip(words, times, strict=True)
        if timed.span is not None and timed.span.duration
    ]
    return statistics.median(rates) if rates else MS_PER_LETTER


def _heard_beside(alignment: Alignment, num_words: int) -> tuple[Run, ...]:
    """For each written word the heard words of its pairing (for an unmatched one: those at the same place)."""
    beside = [Run(0, 0)] * num_words
    for pairing in alignment.pairings:
        for k in pairing.written:
            beside[k] = pairing.heard
    return tuple(beside)


def _fit(transcript: Transcript, utterance: Utterance, times: Sequence[TimedWord]) -> Fit:
    counted = spoken(transcript, utterance.words)
    if not counted:
        return "not-found"
    measured = [times[k].measured for k in counted]
    share = sum(measured) / len(counted)
    if share >= VERBATIM:
        return "verbatim"
    if share >= REWORDED:
        return "reworded"
    return "partial" if share >= PARTIAL or _longest_run(measured) >= PARTIAL_RUN else "not-found"


def _longest_run(flags: Sequence[bool]) -> int:
    longest = current = 0
    for flag in flags:
        current = current + 1 if flag else 0
        longest = max(longest, current)
    return longest


def _interpolate(times: list[TimedWord], utterance: Utterance, scene: _Scene) -> Ms:
    """Fill the unmatched runs of a found utterance; returns by how much its start may be off."""
    words = scene.transcript.words
    doubt: Ms = 0
    for run in _unmeasured_runs(utterance.words, times):
        block = _block(times, utterance, run, scene)
        count = len(spoken(scene.transcript, run))
        if count >= NOBODY_SAYS and 2 * len(block.heard) < count:
            continue
        letters = [_letters(words[k]) for k in run]
        needed = round(scene.rate * sum(letters))
        marked = sum(words[k].kind == "unintelligible" for k in run)
        room = _room(block, scene.hearing, needed, count + 2 * marked)
        for k, span in zip(run, _shares(room, letters), strict=True):
            times[k] = TimedWord(span, measured=False, confidence=0.0)
        if not block.measured_before and count:
            doubt = _doubt(block, room, needed, len(block.heard) - count, scene.rate)
    return doubt


def _doubt(block: _Block, room: Span, needed: Ms, surplus: int, rate: float) -> Ms:
    """By how much an interpolated start may be off: the words' own length, and what stands unwritten beside them."""
    slack = block.before - block.after
    return min(slack, max(room.duration, needed) + (round(rate * 4 * surplus) if surplus > 0 else 0))


def _unmeasured_runs(words: Run, times: Sequence[TimedWord]) -> list[Run]:
    runs: list[Run] = []
    for k in words:
        if times[k].measured:
            continue
        if runs and runs[-1].end == k:
            runs[-1] = Run(runs[-1].start, k + 1)
        else:
            runs.append(Run(k, k + 1))
    return runs


def _block(times: Sequence[TimedWord], utterance: Utterance, run: Run, scene: _Scene) -> _Block:
    past = (times[k].span for k in range(run.start - 1, -1, -1))
    after = next((span.end for span in past if span is not None), 0)
    to_come = (times[k] for k in range(run.end, len(times)))
    before = next((t.span.start for t in to_come if t.measured and t.span is not None), scene.hearing.duration)
    heard = [scene.beside[k] for k in run if len(scene.beside[k])]
    return _Block(
        heard=Run(heard[0].start, heard[-1].end) if heard else Run(0, 0),
        after=after,
        before=max(after, before),
        measured_before=run.start > utterance.words.start,
        measured_after=run.end < utterance.words.end,
    )


def _room(block: _Block, hearing: Hearing, needed: Ms, budget: int) -> Span:
    """The time that the block's words may take: between its matches, or up to a pause on its open side."""
    whole = Span(block.after, block.before)
    if block.measured_before and block.measured_after:
        spelled_out = 0 < len(block.heard) <= SPELLED_OUT * budget
        fits = spelled_out or whole.duration <= 3 * needed
        return whole if fits else Span(whole.start, whole.start + needed)
    words = [hearing.words[j] for j in block.heard]
    if block.measured_before:
        end = _end_of_tail(words, block.after, budget) if words else block.after + min(needed, PAUSE)
        return Span(block.after, min(max(end, block.after), block.before))
    start = _start_of_head(words, block, budget) if words else block.before - min(needed, PAUSE)
    return Span(max(min(start, block.before), block.after), block.before)


def _end_of_tail(heard: Sequence[HeardWord], after: Ms, count: int) -> Ms:
    """Where a typed ending that reads differently ends: the heard words up to a pause or a sentence's end."""
    end = after
    for n, word in enumerate(heard):
        if word.span.start - end > PAUSE or n >= 2 * count:
            break
        end = max(end, word.span.end)
        if ends_sentence(word.text):
            break
    return end


def _start_of_head(heard: Sequence[HeardWord], block: _Block, count: int) -> Ms:
    """Where a typed beginning that reads differently begins; the heard words are all its own where they are as few."""
    if len(heard) <= count + 1:
        return heard[0].span.start
    start = block.before
    for n, word in enumerate(reversed(heard)):
        if start - word.span.end > PAUSE or ends_sentence(word.text) or n >= count:
            break
        start = min(start, word.span.start)
    return start


def ends_sentence(text: str) -> bool:
    """Whether a heard word carries the end of a sentence, as Whisper punctuates."""
    bare = text.strip().rstrip("\"'”’)]»")
    return bare.endswith((".", "?", "!", "…", "。", "？", "！", "؟")) and bare.lower() not in ABBREVIATIONS


def _timed_utterance(
    transcript: Transcript,
    utterance: Utterance,
    times: Sequence[TimedWord],
    fit: Fit,
    *,
    doubt: Ms,
    unplaced: bool,
) -> TimedUtterance:
    spans = [span for k in utterance.words if (span := times[k].span) is not None]
    if fit == "not-found" or not spans:
        return TimedUtterance(None, 0.0, "not-found")
    counted = spoken(transcript, utterance.words)
    share = sum(times[k].confidence for k in counted if times[k].measured) / len(counted)
    confidence = math.sqrt(share)
    if doubt > UNSURE_START or unplaced or _first_part_missing(counted, times):
        confidence = min(confidence, UNSURE_CONFIDENCE)
    return TimedUtterance(Span(spans[0].start, spans[-1].end), round(min(1.0, confidence), 3), fit)


def _first_part_missing(counted: Sequence[int], times: Sequence[TimedWord]) -> bool:
    """Whether the utterance begins with words that nobody says: its start is then another sentence's."""
    return times[counted[0]].span is None
