"""Assign times to the written words: measured if matched, interpolated between matches, none if they are not said.

A matched word takes the time of its heard words. Words between two matches are said differently, or not said. Words at
the end of an utterance follow its last match and extend no further than the next pause or the next heard sentence;
words at its start precede its first match in the same way; words in its middle share the time between. Where the first
words are not matched, the start may be off (see ``turn_beginnings``), which lowers the confidence of the utterance::

    written    So   what  broke?  What in 0.8 …        (``So`` was not heard)
    measured        ├────┼──────┤
    start     ├~~~┤                                    as long as such a word takes

For the origin of the numbers and what "benchmark" means, see ``chance_matches``.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.matching.alignment.ambiguity import ambiguous_utterances
from pipeline.matching.alignment.heard_times import (
    UNSURE_CONFIDENCE,
    UNTIMED,
    ForcedTime,
    heard_times,
    letters_of,
    speech_rate,
    split_by_letters,
    with_forced_times,
    with_words_in_gaps,
)
from pipeline.matching.alignment.said_words import (
    PAUSE_AT_UTTERANCE_EDGE_MS,
    Tail,
    end_of_tail,
    fit_of,
    said_part,
    start_of_head,
)
from pipeline.matching.alignment.tokens import spoken_words
from pipeline.matching.alignment.turn_beginnings import (
    Beginning,
    most_confidence,
    start_doubt,
    unmatched_beginnings,
    without_contradicted,
)
from pipeline.matching.alignment.turn_overlap import may_overlap
from pipeline.reading.words.sentence_end import ends_sentence
from pipeline.reading.words.spoken_form import spoken_keys
from pipeline.schema import (
    Alignment,
    Fit,
    Hearing,
    Run,
    TimedUtterance,
    TimedWord,
    Transcript,
    Utterance,
    WrittenWord,
)
from pipeline.times import Ms, Span

UNHEARD_RUN_WORDS = 6
"""An unmatched run of at least this many spoken words has no times, unless enough heard words are in its place. The
JSON document promises this number. Benchmark: no change."""

LEAST_HEARD_PER_WRITTEN = 0.5
"""The heard words for each spoken word of such a run that are enough: it is then said differently. Benchmark: no
change."""

MOST_HEARD_PER_WRITTEN = 4
"""The most heard words that one unmatched word in the middle of an utterance may be said as: "CI" as "continuous
integration", "&" as "and". Such a run takes all the time between its neighbours. Benchmark: no change, as of the next
number: it measures turns, and both are about words inside one."""

LONGEST_MIDDLE_FACTOR = 3
"""A run in the middle of an utterance also takes all that time if it is at most this many times what its letters need
at the recording's rate of speech; else it takes only what they need, and the rest is a pause."""

MOST_TAIL_FACTOR = 2
"""The heard words, for each unmatched word at the end of an utterance, that may still belong to it, if they end a
sentence or a pause follows. Benchmark: the mean error of ends is 1 ms more with 1. A number may be said in more:
"555-0199" in eight, or in seven digits."""

UNINTELLIGIBLE_WORDS = 2
"""The length of such a mark in words."""

LARGEST_SURE_DOUBT_MS: Ms = 500
"""A start that may be off by more than this limits the confidence to ``UNSURE_CONFIDENCE``. Benchmark: one sure
start fewer with 250, five more with 1,000."""


@dataclass(frozen=True, slots=True)
class _Context:
    """What interpolation needs to know.

    Attributes:
        in_place: for each written word the heard words of its pairing.
        unwritten: the heard words that stand between two written ones, by the index of the first.
        beginnings: the unmatched first words of utterances, by the index of the utterance.
        ms_per_letter: the rate of speech.
    """

    transcript: Transcript
    hearing: Hearing
    in_place: tuple[Run, ...]
    unwritten: Mapping[int, Run]
    beginnings: Mapping[int, Beginning]
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
        begins_at: where the utterance begins by the heard words in the place of its first ones; None if not known.
    """

    heard: Run
    after: Ms
    before: Ms
    measured_before: bool
    measured_after: bool
    begins_at: Ms | None


def assign_times(
    transcript: Transcript,
    hearing: Hearing,
    alignment: Alignment,
    rate: float | None = None,
    forced: Mapping[int, ForcedTime] | None = None,
) -> tuple[tuple[TimedWord, ...], tuple[TimedUtterance, ...]]:
    """Assign a time on the audio's clock to every written word and utterance that was found.

    Spans are in order, do not overlap and are within the recording. The words of an utterance that was not found have
    none; neither has a run of six or more words that are not said.

    Args:
        transcript: the transcript, or a part of it.
        hearing: what was heard there.
        alignment: of the two above.
        rate: the ms that a letter takes, if a part of a transcript is timed as the whole one is; None to measure it.
        forced: the times of forced alignment, by the index of the word (see ``matching.forced``).

    Returns:
        One ``TimedWord`` for each of ``transcript.words``, one ``TimedUtterance`` for each utterance.
    """
    matched = heard_times(transcript, hearing, alignment)
    beginnings = unmatched_beginnings(transcript, hearing, alignment)
    forced = without_contradicted(forced or {}, beginnings, matched)
    heard = with_words_in_gaps(matched, forced)
    times = with_forced_times(heard, forced, hearing.duration)
    in_place = _heard_in_place(alignment, len(transcript.words))
    parts = [said_part(transcript, hearing, utterance, in_place, matched, heard) for utterance in transcript.utterances]
    fits = [fit_of(transcript, one, said, heard) for one, said in zip(transcript.utterances, parts, strict=True)]
    unwritten = {pairing.heard.start: pairing.heard for pairing in alignment.pairings if not pairing.written}
    rate = rate or speech_rate(transcript.words, times)
    context = _Context(transcript, hearing, in_place, unwritten, beginnings, rate)
    ambiguous = ambiguous_utterances(transcript, hearing, alignment)
    utterances: list[TimedUtterance] = []
    before: Utterance | None = None  # the last one that is said in its place
    for utterance, said, fit in zip(transcript.utterances, parts, fits, strict=True):
        counted = spoken_words(transcript, utterance.words)
        doubt: Ms = 0
        is_over_other = False
        if fit == "not-found":
            for k in utterance.words:
                times[k] = UNTIMED
        else:
            for k in range(said.end, utterance.words.end):
                times[k] = UNTIMED
            _interpolate(times, utterance, said, context)
            _extend_cut_number(times, utterance, context)
            doubt = _start_doubt(times, utterance, context, forced)
            is_over_other = before is not None and may_overlap(
                transcript, before, utterance, times, matched, forced, rate
            )
        is_rejected = any(forced[k].place == "rejected" for k in counted if k in forced)
        if fit != "not-found" and not is_rejected:
            before = utterance
        is_doubtful = (
            doubt > LARGEST_SURE_DOUBT_MS
            or is_over_other
            or utterance.index in ambiguous
            or _first_part_is_missing(counted, times)
            or is_rejected
        )
        beginning = beginnings.get(utterance.index)
        most = UNSURE_CONFIDENCE if is_doubtful else most_confidence(counted, forced, beginning)
        found = [heard[k].confidence for k in counted]
        utterances.append(_timed_utterance(utterance, times, fit, found, most))
    return tuple(times), tuple(utterances)


def _heard_in_place(alignment: Alignment, num_words: int) -> tuple[Run, ...]:
    """Return for each written word the heard words of its pairing, for an unmatched one those in the same place."""
    in_place = [Run(0, 0)] * num_words
    for pairing in alignment.pairings:
        for k in pairing.written:
            in_place[k] = pairing.heard
    return tuple(in_place)


def _interpolate(times: list[TimedWord], utterance: Utterance, said: Run, context: _Context) -> None:
    """Assign times to the unmatched runs of the words of a found utterance that are said."""
    words = context.transcript.words
    for run in _unmeasured_runs(said, times):
        around = _surroundings(times, utterance, run, context)
        spoken = spoken_words(context.transcript, run)
        count = len(spoken)
        if count >= UNHEARD_RUN_WORDS and len(around.heard) < LEAST_HEARD_PER_WRITTEN * count:
            continue
        letters = [letters_of(words[k]) for k in run]
        needed = round(context.ms_per_letter * sum(letters))
        marks = sum(words[k].kind == "unintelligible" for k in run)
        marked = UNINTELLIGIBLE_WORDS * marks
        tail = Tail(
            sum(_said_words(words[k], 1) for k in spoken) + marked,
            sum(_said_words(words[k], MOST_TAIL_FACTOR) for k in spoken) + MOST_TAIL_FACTOR * marked,
            needed,
        )
        span = _span_of_run(around, context.hearing, count + marked, tail)
        for k, part in zip(run, split_by_letters(span, letters), strict=True):
            times[k] = TimedWord(part, "interpolated", 0.0)


def _extend_cut_number(times: list[TimedWord], utterance: Utterance, context: _Context) -> None:
    """Extend a number at the end of an utterance over the unwritten words after it, if only its beginning was heard."""
    last = spoken_words(context.transcript, utterance.words)[-1]
    word, timed, own = context.transcript.words[last], times[last], context.in_place[last]
    following = context.unwritten.get(own.end)
    if timed.span is None or not timed.measured or following is None or not any(map(str.isdecimal, word.text)):
        return
    heard = context.hearing.words
    said = [key for j in own for key in spoken_keys(heard[j].text, context.hearing.language)]
    if said[-1:] != [word.keys[-1]] and not ends_sentence(heard[own.end - 1].text):
        left = max(0, len(word.keys) - len(said))
        later = (times[k] for k in range(last + 1, len(times)))  # which forced alignment may have put before them
        latest = next((t.span.start for t in later if t.span is not None), context.hearing.duration)
        end = min(end_of_tail([heard[j] for j in following], timed.span.end, Tail(left, left)), latest)
        times[last] = replace(timed, span=Span(timed.span.start, end))


def _said_words(word: WrittenWord, words: int) -> int:
    """Return how many heard words an unmatched word at the end of an utterance is: ``words``, or more of a number."""
    digits = sum(map(str.isdecimal, word.text))
    return max(MOST_TAIL_FACTOR, digits, len(word.keys)) if digits else words


def _start_doubt(
    times: Sequence[TimedWord], utterance: Utterance, context: _Context, forced: Mapping[int, ForcedTime]
) -> Ms:
    """Return by how much the start of a found utterance may be off."""
    first = spoken_words(context.transcript, utterance.words)[0]
    span, found = times[first].span, forced.get(first)
    if span is None or (found and found.place == "gap"):
        return 0
    beginning = context.beginnings.get(utterance.index)
    wanted = found.span.start if found else beginning.at if beginning else None
    pushed = 0 if wanted is None else span.start - wanted
    pushed = max(pushed, _unlikely_length(times, utterance, context))
    if beginning is None:
        return pushed
    before = _end_before(times, utterance.words.start)
    match = times[beginning.words.end].span
    around = Span(before, max(before, match.start if match else before))
    needed = round(context.ms_per_letter * sum(letters_of(context.transcript.words[k]) for k in beginning.words))
    return max(pushed, start_doubt(beginning, found, around, needed))


def _unlikely_length(times: Sequence[TimedWord], utterance: Utterance, context: _Context) -> Ms:
    """Return by how much the unmeasured first words of an utterance take more or less time than they need."""
    counted = spoken_words(context.transcript, utterance.words)
    unmeasured = list(itertools.takewhile(lambda k: not times[k].measured, counted))
    if not 0 < len(unmeasured) < len(counted):
        return 0
    first, match = times[unmeasured[0]].span, times[counted[len(unmeasured)]].span
    if first is None or match is None:
        return 0
    needed = round(context.ms_per_letter * sum(letters_of(context.transcript.words[k]) for k in unmeasured))
    return abs(match.start - first.start - needed)


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
    after = _end_before(times, run.start)
    later = (times[k] for k in range(run.end, len(times)))
    before = next((t.span.start for t in later if t.measured and t.span is not None), context.hearing.duration)
    heard = [context.in_place[k] for k in run if len(context.in_place[k])]
    beginning = context.beginnings.get(utterance.index)
    return _Surroundings(
        heard=Run(heard[0].start, heard[-1].end) if heard else Run(0, 0),
        after=after,
        before=max(after, before),
        measured_before=run.start > utterance.words.start,
        measured_after=run.end < utterance.words.end,
        begins_at=beginning.at if beginning else None,
    )


def _end_before(times: Sequence[TimedWord], k: int) -> Ms:
    """Return the end of the last timed word before word ``k``, else the recording's start."""
    earlier = (times[number].span for number in range(k - 1, -1, -1))
    return next((span.end for span in earlier if span is not None), 0)


def _span_of_run(around: _Surroundings, hearing: Hearing, count: int, tail: Tail) -> Span:
    """Return the time of an unmatched run: between its matches, or up to a pause on the side without one.

    Args:
        around: what surrounds the run.
        hearing: the heard words.
        count: the words that may be said in its place.
        tail: what it is if it is at the end of its utterance.
    """
    needed = tail.needed
    whole = Span(around.after, around.before)
    if around.measured_before and around.measured_after:
        is_said = 0 < len(around.heard) <= MOST_HEARD_PER_WRITTEN * count
        takes_all = is_said or whole.duration <= LONGEST_MIDDLE_FACTOR * needed
        return whole if takes_all else Span(whole.start, whole.start + needed)
    words = [hearing.words[j] for j in around.heard]
    default = min(needed, PAUSE_AT_UTTERANCE_EDGE_MS)
    if around.measured_before:
        end = end_of_tail(words, around.after, tail) if words else around.after + default
        return Span(around.after, min(max(end, around.after), around.before))
    if around.begins_at is not None:
        start = around.begins_at
    else:
        start = start_of_head(words, around.before, count) if words else around.before - default
    return Span(max(min(start, around.before), around.after), around.before)


def _timed_utterance(
    utterance: Utterance, times: Sequence[TimedWord], fit: Fit, found: Sequence[float], most: float
) -> TimedUtterance:
    """Return the time of an utterance.

    Args:
        found: the confidences of its spoken words as they were heard, 0 for those that were not.
        most: the highest confidence that it may have.
    """
    spans = [span for k in utterance.words if (span := times[k].span) is not None]
    if fit == "not-found" or not spans:
        return TimedUtterance(None, 0.0, "not-found")
    confidence = math.sqrt(statistics.fmean(found))  # so that half of the words found give 0.7, a quarter 0.5
    return TimedUtterance(Span(spans[0].start, spans[-1].end), round(min(most, confidence), 3), fit)


def _first_part_is_missing(counted: Sequence[int], times: Sequence[TimedWord]) -> bool:
    """Return whether the utterance begins with words that are not said: its start is then of another sentence."""
    return bool(counted) and times[counted[0]].span is None
