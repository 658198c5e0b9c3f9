"""The times of the matched words: those at which they were heard, or at which forced alignment finds them."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.reading.words.word_breaks import letters_in
from pipeline.schema import Alignment, HeardWord, Hearing, Pairing, TimedWord, Transcript, WrittenWord
from pipeline.times import Ms, Span

MS_PER_LETTER: Ms = 75
"""A common rate of speech, for a text in which nothing was measured: 13 letters a second, about 160 words a minute."""

UNINTELLIGIBLE_LETTERS = 12
"""The length of an ``[unintelligible]`` mark in letters: that of two or three words."""

MATCH_CONFIDENCE = 0.7
ENGINE_CONFIDENCE = 0.3
"""The confidence of a measured word is its pairing's score times the first, plus the second times the mean of the
engine's probabilities: a match of words of which the engine is not sure still gives 0.7. Benchmark: no change with half
or double of either, since no confidence crosses one half."""

CERTAINTY: tuple[tuple[Ms, float], ...] = ((15, 0.95), (30, 0.9), (60, 0.8), (100, 0.6))
"""The share of words whose start is within 50 ms of the truth, by how far two aligners are apart at most. Measured on
hand-timed and machine-timed words, clean, with babble, with noise and over a telephone: 0.97, 0.91, 0.82 and 0.61."""

LEAST_CERTAINTY = 0.4
"""The same where they are further apart (measured: 0.1 to 0.5)."""

ONE_ALIGNER_CERTAINTY = 0.8
"""The same where only one finds the word: PocketSphinx alone has 0.97 of the clean words and 0.65 to 0.8 in noise."""

START_CERTAINTY: tuple[tuple[Ms, float], ...] = ((60, 1.0), (100, 0.9), (300, 0.7))
"""The highest confidence of an utterance, by how far the aligners are apart at its first word: the share of such words
whose start is within 0.1 s of the truth (measured on the same words: 0.98, 0.90 and 0.68)."""

LEAST_START_CERTAINTY = 0.45
"""The same where they are further apart: then the start is not sure. Few of such starts are within 0.1 s, most within
0.5 s; where people talk over each other, three of four are not."""

HEARD_START_CERTAINTY = 0.7
"""The same, at least, where a turn's first words were not matched, but others were heard in their place, which begin
there too: what is said there is not what is written, so that the aligners need not agree."""

UNSURE_CONFIDENCE = 0.45
"""The highest confidence of an utterance whose start is doubtful: just below that from which times are written."""

REJECTED_CONFIDENCE = 0.3
"""The highest confidence of a word that forced alignment does not find where it was heard: it is not sure."""

UNTIMED = TimedWord(None, None, 0.0)
"""The time of a word that is not said."""


@dataclass(frozen=True, slots=True)
class ForcedTime:
    """The time of a word by forced alignment.

    Attributes:
        apart: how far apart two aligners place its start; None if there is only one that finds it.
        place: "heard" for a word near to where it was heard, or beside one that is; "gap" for one that was not heard
            there and is found by its sound alone; "rejected" for one that is not said where it was heard, with the
            time at which it was heard.
        fit: how well a word at a "heard" place sounds there (see ``phone_aligner.Placed``); None if the second aligner
            does not place it, and at other places.
    """

    span: Span
    apart: Ms | None = None
    place: Literal["heard", "gap", "rejected"] = "heard"
    fit: float | None = None


def heard_times(transcript: Transcript, hearing: Hearing, alignment: Alignment) -> list[TimedWord]:
    """Return the time of each written word as it was heard, in order, without overlaps; none if it was not matched."""
    times = [UNTIMED] * len(transcript.words)
    for pairing in alignment.pairings:
        if pairing.score > 0:
            _measure(times, transcript.words, hearing.words, pairing)
    _remove_overlaps(times, hearing.duration)
    return times


def with_words_in_gaps(heard: Sequence[TimedWord], forced: Mapping[int, ForcedTime]) -> list[TimedWord]:
    """Return the heard times with those of the words that are found by their sound alone."""
    return [
        _with_forced_time(one, found) if (found := forced.get(k)) and found.place == "gap" else one
        for k, one in enumerate(heard)
    ]


def certainty(apart: Ms | None) -> float:
    """Return how sure a forced time is, given how far two aligners are apart; None for one alone."""
    if apart is None:
        return ONE_ALIGNER_CERTAINTY
    return next((share for most, share in CERTAINTY if apart <= most), LEAST_CERTAINTY)


def start_certainty(apart: Ms | None) -> float:
    """Return the highest confidence of an utterance whose first word has a forced time."""
    if apart is None:
        return 1.0
    return next((share for most, share in START_CERTAINTY if apart <= most), LEAST_START_CERTAINTY)


def with_forced_times(times: Sequence[TimedWord], forced: Mapping[int, ForcedTime], duration: Ms) -> list[TimedWord]:
    """Return the times with those of forced alignment in the place of the heard ones, which give way to them.

    A word is then no surer than two aligners are that agree as these do.
    """
    if not forced:
        return list(times)
    joined = [_with_forced_time(one, forced[k]) if k in forced else one for k, one in enumerate(times)]
    floor: Ms = 0
    for k, timed in enumerate(joined):
        if timed.span is None:
            continue
        start = max(timed.span.start, floor)
        if start != timed.span.start:
            joined[k] = TimedWord(Span(start, max(start, timed.span.end)), timed.timing, timed.confidence)
        if k not in forced or forced[k].place != "rejected":  # which gives way to what is found before it
            floor = timed.span.end if timed.timing == "forced" else start
    _remove_overlaps(joined, duration)
    return joined


def _with_forced_time(heard: TimedWord, forced: ForcedTime) -> TimedWord:
    if forced.place == "rejected":
        return TimedWord(heard.span, heard.timing, min(heard.confidence, REJECTED_CONFIDENCE))
    most = certainty(forced.apart)
    return TimedWord(forced.span, "forced", most if forced.place == "gap" else min(heard.confidence, most))


def _measure(
    times: list[TimedWord], written: Sequence[WrittenWord], heard: Sequence[HeardWord], pairing: Pairing
) -> None:
    """Share the heard words' time among the written ones, by their letters."""
    span = heard[pairing.heard.start].span.cover(heard[pairing.heard.end - 1].span)
    probabilities = [heard[j].probability for j in pairing.heard]
    probability = math.fsum(1.0 if p is None else p for p in probabilities) / len(probabilities)
    confidence = round(pairing.score * (MATCH_CONFIDENCE + ENGINE_CONFIDENCE * probability), 3)
    parts = split_by_letters(span, [letters_of(written[k]) for k in pairing.written])
    for k, part in zip(pairing.written, parts, strict=True):
        times[k] = TimedWord(part, "heard", confidence)


def split_by_letters(span: Span, letters: Sequence[int]) -> list[Span]:
    """Share a span among words by their letters."""
    if len(letters) == 1:
        return [span]
    total = sum(letters)
    edges = list(itertools.accumulate(letters, initial=span.start))
    points = [span.start + round(span.duration * (edge - span.start) / total) for edge in edges]
    return [Span(a, b) for a, b in itertools.pairwise(points)]


def letters_of(word: WrittenWord) -> int:
    """Return how long a word takes to say, in letters; an ``[unintelligible]`` mark counts as a few words."""
    return UNINTELLIGIBLE_LETTERS if word.kind == "unintelligible" else max(1, sum(map(letters_in, word.keys)))


def _remove_overlaps(times: list[TimedWord], duration: Ms) -> None:
    """Cut each end at the next start: engines overlap neighbouring words by some ms and end after the audio."""
    ceiling = duration
    for k in range(len(times) - 1, -1, -1):
        timed = times[k]
        if timed.span is None:
            continue
        start = min(timed.span.start, ceiling)
        if timed.span.end > ceiling:
            times[k] = TimedWord(Span(start, max(start, ceiling)), timed.timing, timed.confidence)
        ceiling = start


def speech_rate(words: Sequence[WrittenWord], times: Sequence[TimedWord]) -> float:
    """Return how many ms a letter takes: the median of the measured words."""
    rates = [
        timed.span.duration / letters_of(word)
        for word, timed in zip(words, times, strict=True)
        if timed.measured and timed.span is not None and timed.span.duration
    ]
    return statistics.median(rates) if rates else MS_PER_LETTER
