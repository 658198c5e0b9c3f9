"""Assign times to the written words: measured if matched, interpolated between matches, none if nobody says them.

A matched word takes the time of its heard words. Words between two matches are said differently, or not said. Words at
the end of an utterance follow its last match and extend no further than the next pause or the next heard sentence;
words at its start precede its first match likewise; words in its middle share the time between. How far a start may be
off is estimated from the words before the first match, and lowers the confidence of the utterance::

    written    So   what  broke?  What in 0.8 …        (``So`` was not heard)
    measured        ├────┼──────┤
    start     ├~~~┤                                    as long as such a word takes

For the origin of the numbers and what "benchmark" means, see ``chance_matches``.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.matching.alignment.ambiguity import ambiguous_utterances
from pipeline.matching.alignment.tokens import spoken_words
from pipeline.reading.words.sentence_end import ends_sentence
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

PAUSE_AT_UTTERANCE_EDGE_MS: Ms = 500
"""A silence between two heard words that ends the unmatched words at an edge of an utterance. Benchmark: the mean error
of ends changes by 1 ms."""

UNHEARD_RUN_WORDS = 6
"""An unmatched run of at least this many spoken words has no times, unless enough heard words are in its place. The
JSON document promises this number. Benchmark: no change."""

LEAST_HEARD_PER_WRITTEN = 0.5
"""The heard words for each spoken word of such a run that are enough: it is then said differently. Benchmark: no
change."""

MS_PER_LETTER: Ms = 75
"""A common rate of speech, for a text in which nothing was measured: 13 letters a second, about 160 words a minute."""

MOST_HEARD_PER_WRITTEN = 4
"""The most heard words that one unmatched word in the middle of an utterance may be said as: "CI" as "continuous
integration", "&" as "and". Such a run takes all the time between its neighbours. Benchmark: no change, as of the next
number: it measures turns, and both are about words inside one."""

LONGEST_MIDDLE_FACTOR = 3
"""A run in the middle of an utterance also takes all that time if it is at most this many times what its letters need
at the recording's rate of speech; else it takes only what they need, and the rest is a pause."""

MOST_TAIL_FACTOR = 2
"""The heard words, for each unmatched word at the end of an utterance, that may still belong to it. Benchmark: the mean
error of ends is 1 ms more with 1."""

SURPLUS_WORD_LETTERS = 4
"""The letters of a heard word that nobody wrote, where a start is interpolated over such words. The heard words of the
example have 4.1 letters on average. Benchmark: two sure starts more with 2, one fewer with 8."""

UNINTELLIGIBLE_LETTERS = 12
"""The letters that an ``[unintelligible]`` mark stands for: two or three words."""

UNINTELLIGIBLE_WORDS = 2
"""The words that such a mark stands for."""

MATCH_CONFIDENCE = 0.7
ENGINE_CONFIDENCE = 0.3
"""The confidence of a measured word is its pairing's score times the first, plus the second times the mean of the
engine's probabilities: a match of words of which the engine is not sure still gives 0.7. Benchmark: no change with half
or double of either, since no confidence crosses one half."""

LARGEST_SURE_DOUBT_MS: Ms = 1_000
"""A start that may be off by more than this limits the confidence to ``UNSURE_CONFIDENCE``. The tests check that no
sure start is off by more. Benchmark: with 500, 12 sure starts fewer and 35 off by more than 0.5 s in place of 40; with
2,000, 8 more, and one is off by more than 1 s."""

UNSURE_CONFIDENCE = 0.45
"""The highest confidence of an utterance whose start is doubtful: just below that from which times are written."""

VERBATIM, REWORDED, PARTIAL, PARTIAL_RUN = 0.9, 0.5, 0.2, 5
"""The shares of measured words from which an utterance has that fit, and the run of measured words that is enough for
``partial``. They are part of the JSON document's description."""

_UNTIMED = TimedWord(None, measured=False, confidence=0.0)


@dataclass(frozen=True, slots=True)
class _Context:
    """What interpolation needs to know.

    Attributes:
        in_place: for each written word the heard words of its pairing.
        ms_per_letter: the rate of speech.
    """

    transcript: Transcript
    hearing: Hearing
    in_place: tuple[Run, ...]
    ms_per_letter: float


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What surrounds an unmatched run of one utterance.

    Attributes:
        heard: the heard words in its place.
        after: the end of the last timed word before the run, else the recording's start.
        before: the start of the first measured word after the run, else the recording's end.
        measured_before: whether the utterance has words of its own before the run.
        measured_after: whether it has words of its own after the run.
    """

    heard: Run
    after: Ms
    before: Ms
    measured_before: bool
    measured_after: bool


def assign_times(
    transcript: Transcript, hearing: Hearing, alignment: Alignment
) -> tuple[tuple[TimedWord, ...], tuple[TimedUtterance, ...]]:
    """Assign a time on the audio's clock to every written word and utterance that was found.

    Spans are in order, do not overlap and are within the recording. The words of an utterance that was not found have
    none; neither has a run of six or more words that nobody says.

    Returns:
        One ``TimedWord`` for each of ``transcript.words``, one ``TimedUtterance`` for each utterance.
    """
    times: list[TimedWord] = [_UNTIMED] * len(transcript.words)
    for pairing in alignment.pairings:
        if pairing.score > 0:
            _measure(times, transcript.words, hearing.words, pairing)
    _remove_overlaps(times, hearing.duration)
    in_place = _heard_in_place(alignment, len(transcript.words))
    context = _Context(transcript, hearing, in_place, _ms_per_letter(transcript.words, times))
    ambiguous = ambiguous_utterances(transcript, hearing, alignment)
    utterances: list[TimedUtterance] = []
    for utterance in transcript.utterances:
        fit = _fit(transcript, utterance, times)
        doubt: Ms = 0
        if fit == "not-found":
            for k in utterance.words:
                times[k] = _UNTIMED
        else:
            doubt = _interpolate(times, utterance, context)
        is_ambiguous = utterance.index in ambiguous
        utterances.append(_timed_utterance(transcript, utterance, times, fit, doubt=doubt, is_ambiguous=is_ambiguous))
    return tuple(times), tuple(utterances)


def _measure(
    times: list[TimedWord], written: Sequence[WrittenWord], heard: Sequence[HeardWord], pairing: Pairing
) -> None:
    """Share the heard words' time among the written ones, by their letters."""
    span = heard[pairing.heard.start].span.cover(heard[pairing.heard.end - 1].span)
    probabilities = [heard[j].probability for j in pairing.heard]
    probability = statistics.fmean(1.0 if p is None else p for p in probabilities)
    confidence = round(pairing.score * (MATCH_CONFIDENCE + ENGINE_CONFIDENCE * probability), 3)
    parts = _split_by_letters(span, [_letters(written[k]) for k in pairing.written])
    for k, part in zip(pairing.written, parts, strict=True):
        times[k] = TimedWord(part, measured=True, confidence=confidence)


def _split_by_letters(span: Span, letters: Sequence[int]) -> list[Span]:
    total = sum(letters)
    edges = [span.start]
    for count in letters:
        edges.append(edges[-1] + count)
    points = [span.start + round(span.duration * (edge - span.start) / total) for edge in edges]
    return [Span(a, b) for a, b in itertools.pairwise(points)]


def _letters(word: WrittenWord) -> int:
    """Return how long a word takes to say, in letters; a mark for what was unintelligible stands for a few words."""
    return UNINTELLIGIBLE_LETTERS if word.kind == "unintelligible" else max(1, sum(map(letters_in, word.keys)))


def _remove_overlaps(times: list[TimedWord], duration: Ms) -> None:
    """Cut each end at the next start: engines overlap neighbouring words by some ms and end after the audio."""
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


def _heard_in_place(alignment: Alignment, num_words: int) -> tuple[Run, ...]:
    """Return for each written word the heard words of its pairing, for an unmatched one those in the same place."""
    in_place = [Run(0, 0)] * num_words
    for pairing in alignment.pairings:
        for k in pairing.written:
            in_place[k] = pairing.heard
    return tuple(in_place)


def _fit(transcript: Transcript, utterance: Utterance, times: Sequence[TimedWord]) -> Fit:
    counted = spoken_words(transcript, utterance.words)
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


def _interpolate(times: list[TimedWord], utterance: Utterance, context: _Context) -> Ms:
    """Assign times to the unmatched runs of a found utterance; return by how much its start may be off."""
    words = context.transcript.words
    doubt: Ms = 0
    for run in _unmeasured_runs(utterance.words, times):
        around = _surroundings(times, utterance, run, context)
        count = len(spoken_words(context.transcript, run))
        if count >= UNHEARD_RUN_WORDS and len(around.heard) < LEAST_HEARD_PER_WRITTEN * count:
            continue
        letters = [_letters(words[k]) for k in run]
        needed = round(context.ms_per_letter * sum(letters))
        marks = sum(words[k].kind == "unintelligible" for k in run)
        span = _span_of_run(around, context.hearing, needed, count + UNINTELLIGIBLE_WORDS * marks)
        for k, part in zip(run, _split_by_letters(span, letters), strict=True):
            times[k] = TimedWord(part, measured=False, confidence=0.0)
        if not around.measured_before and count:
            doubt = _start_doubt(around, span, needed, len(around.heard) - count, context.ms_per_letter)
    return doubt


def _start_doubt(around: _Surroundings, span: Span, needed: Ms, surplus: int, ms_per_letter: float) -> Ms:
    """Return by how much an interpolated start may be off: the words' own length and that of the unwritten ones."""
    unwritten = round(ms_per_letter * SURPLUS_WORD_LETTERS * surplus) if surplus > 0 else 0
    return min(around.before - around.after, max(span.duration, needed) + unwritten)


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


def _surroundings(times: Sequence[TimedWord], utterance: Utterance, run: Run, context: _Context) -> _Surroundings:
    earlier = (times[k].span for k in range(run.start - 1, -1, -1))
    after = next((span.end for span in earlier if span is not None), 0)
    later = (times[k] for k in range(run.end, len(times)))
    before = next((t.span.start for t in later if t.measured and t.span is not None), context.hearing.duration)
    heard = [context.in_place[k] for k in run if len(context.in_place[k])]
    return _Surroundings(
        heard=Run(heard[0].start, heard[-1].end) if heard else Run(0, 0),
        after=after,
        before=max(after, before),
        measured_before=run.start > utterance.words.start,
        measured_after=run.end < utterance.words.end,
    )


def _span_of_run(around: _Surroundings, hearing: Hearing, needed: Ms, count: int) -> Span:
    """Return the time of an unmatched run: between its matches, or up to a pause on the side without one.

    Args:
        around: what surrounds the run.
        hearing: the heard words.
        needed: what the run takes at the recording's rate of speech, in ms.
        count: the words that may be said in its place.
    """
    whole = Span(around.after, around.before)
    if around.measured_before and around.measured_after:
        is_said = 0 < len(around.heard) <= MOST_HEARD_PER_WRITTEN * count
        takes_all = is_said or whole.duration <= LONGEST_MIDDLE_FACTOR * needed
        return whole if takes_all else Span(whole.start, whole.start + needed)
    words = [hearing.words[j] for j in around.heard]
    default = min(needed, PAUSE_AT_UTTERANCE_EDGE_MS)
    if around.measured_before:
        end = _end_of_tail(words, around.after, count) if words else around.after + default
        return Span(around.after, min(max(end, around.after), around.before))
    start = _start_of_head(words, around, count) if words else around.before - default
    return Span(max(min(start, around.before), around.after), around.before)


def _end_of_tail(heard: Sequence[HeardWord], after: Ms, count: int) -> Ms:
    """Return the end of a typed ending that is said differently: of the heard words up to a pause or sentence end."""
    end = after
    for n, word in enumerate(heard):
        if word.span.start - end > PAUSE_AT_UTTERANCE_EDGE_MS or n >= MOST_TAIL_FACTOR * count:
            break
        end = max(end, word.span.end)
        if ends_sentence(word.text):
            break
    return end


def _start_of_head(heard: Sequence[HeardWord], around: _Surroundings, count: int) -> Ms:
    """Return the start of a typed beginning that is said differently; a few heard words belong to it entirely."""
    if len(heard) <= count + 1:
        return heard[0].span.start
    start = around.before
    for n, word in enumerate(reversed(heard)):
        if start - word.span.end > PAUSE_AT_UTTERANCE_EDGE_MS or ends_sentence(word.text) or n >= count:
            break
        start = min(start, word.span.start)
    return start


def _timed_utterance(
    transcript: Transcript,
    utterance: Utterance,
    times: Sequence[TimedWord],
    fit: Fit,
    *,
    doubt: Ms,
    is_ambiguous: bool,
) -> TimedUtterance:
    spans = [span for k in utterance.words if (span := times[k].span) is not None]
    if fit == "not-found" or not spans:
        return TimedUtterance(None, 0.0, "not-found")
    counted = spoken_words(transcript, utterance.words)
    mean = sum(times[k].confidence for k in counted if times[k].measured) / len(counted)
    confidence = math.sqrt(mean)  # so that half of the words found give 0.7, a quarter 0.5
    if doubt > LARGEST_SURE_DOUBT_MS or is_ambiguous or _first_part_is_missing(counted, times):
        confidence = min(confidence, UNSURE_CONFIDENCE)
    return TimedUtterance(Span(spans[0].start, spans[-1].end), round(min(1.0, confidence), 3), fit)


def _first_part_is_missing(counted: Sequence[int], times: Sequence[TimedWord]) -> bool:
    """Return whether the utterance begins with words that nobody says: its start is then of another sentence."""
    return times[counted[0]].span is None
