"""Where speech is that nobody has written: after the last utterance, in holes, and under unintelligible marks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import regex

from pipeline.matching.alignment.ambiguity import spoken
from pipeline.matching.continue_note import UNWRITTEN_WORDS
from pipeline.matching.drafting.detokenize import detokenize
from pipeline.matching.drafting.disfluency import ends_sentence, remove_fillers
from pipeline.reading.words.spoken_form import spoken_keys
from pipeline.schema import Chars, Pairing, Result, Run
from pipeline.times import Ms, Span

MAX_GAP_SHIFT_WORDS = 6
"""Words by which a hole may be shifted to the end of a sentence."""

MAX_UNINTELLIGIBLE_WORDS = 12
"""Heard words that one mark may stand for."""

_MARK = regex.compile(r"\\?[\[(][^\[\]()]*+[\])]")


@dataclass(frozen=True, slots=True)
class Passage:
    """Heard words that are not written, and where in the source they belong; None after the last utterance."""

    heard: Run
    fills: Chars | None = None


def find_rest(result: Result) -> tuple[Passage, ...]:
    """What is said after the last utterance that was found: one passage, none where the transcript is complete.

    All of it where nothing is typed; none where nothing typed was found, for then nobody knows what is missing.
    """
    start = _rest_start(result)
    run = Run(start, len(result.hearing.words))
    return (Passage(run),) if _is_passage(result, run) else ()


def find_gaps(result: Result) -> tuple[Passage, ...]:
    """The holes in the middle that can be filled: between two turns, or between two sentences of a labelled one.

    A note that marks a hole is what is to be replaced there.
    """
    end = _rest_start(result)
    return tuple(
        passage
        for pairing in result.alignment.pairings
        for run in _unwritten(result, pairing)
        if run.end <= end and _is_passage(result, run) and (passage := _gap(result, pairing, run)) is not None
    )


def find_unintelligible(result: Result) -> Iterator[tuple[Passage, int]]:
    """The marks beside which a few unwritten words are heard, each with the index of its utterance."""
    words = result.transcript.words
    for pairing in result.alignment.pairings:
        marks = [k for k in pairing.written if words[k].kind == "unintelligible"]
        alone = len(marks) == 1 and not spoken(result.transcript, pairing.written)
        if pairing.score == 0 and alone and 0 < len(pairing.heard) <= MAX_UNINTELLIGIBLE_WORDS:
            word = words[marks[0]]
            if found := _MARK.search(word.text):
                start, end = found.span()
                chars = Chars(word.chars.start + start, word.chars.start + end)
                yield Passage(pairing.heard, chars), word.utterance


def _is_passage(result: Result, run: Run) -> bool:
    language = result.hearing.language
    heard = detokenize(result.hearing.words[run.start : run.end], language)
    return len(remove_fillers(heard, language)) >= UNWRITTEN_WORDS


def _rest_start(result: Result) -> int:
    """The first heard word behind the last utterance that was found; 0 where nothing is typed."""
    heard = result.hearing.words
    if not any(spoken(result.transcript, utterance.words) for utterance in result.transcript.utterances):
        return 0
    spans = [timed.span for timed in result.utterances if timed.span is not None]
    if not spans:
        return len(heard)
    end = spans[-1].end
    return next((at for at, word in enumerate(heard) if word.span.start >= end), len(heard))


# --- holes -------------------------------------------------------------------------------------------------------


def _unwritten(result: Result, pairing: Pairing) -> Iterator[Run]:
    """The heard words of an unmatched stretch that lie under no written word, as runs."""
    if pairing.score > 0:
        return
    taken = [span for k in pairing.written if (span := result.words[k].span) is not None]
    free = [j for j in pairing.heard if not _lies_in(result.hearing.words[j].span, taken)]
    for _, group in groupby(enumerate(free), key=lambda pair: pair[1] - pair[0]):
        run = [j for _, j in group]
        yield Run(run[0], run[-1] + 1)


def _lies_in(span: Span, taken: list[Span]) -> bool:
    return any(2 * span.overlap(other) > span.duration for other in taken)


def _gap(result: Result, pairing: Pairing, run: Run) -> Passage | None:
    """The passage and its place, the nearest that fits; None where it can only stand inside of a sentence."""
    following = _following_word(result, pairing, result.hearing.words[run.start].span.start)
    for by in _slides(result, run):
        place = _place(result, following + by) if 0 <= following + by <= len(result.transcript.words) else None
        if place is not None:
            return Passage(Run(run.start + by, run.end + by), place)
    return None


def _slides(result: Result, run: Run) -> Iterator[int]:
    """By how many words a hole may be shifted and lack the same words: both "So" in "[So it was.] So it is" are one."""
    yield 0
    for by in range(1, min(MAX_GAP_SHIFT_WORDS, run.start) + 1):
        if not _is_same(result, run.start - by, run.end - by):
            break
        yield -by
    for by in range(1, min(MAX_GAP_SHIFT_WORDS, len(result.hearing.words) - run.end) + 1):
        if not _is_same(result, run.start + by - 1, run.end + by - 1):
            break
        yield by


def _is_same(result: Result, one: int, other: int) -> bool:
    words, language = result.hearing.words, result.hearing.language
    return spoken_keys(words[one].text, language) == spoken_keys(words[other].text, language)


def _place(result: Result, following: int) -> Chars | None:
    """Where a passage before this word belongs; None inside of a sentence, or where no label says who goes on."""
    transcript = result.transcript
    before = transcript.words[following - 1] if following else None
    after = transcript.words[following] if following < len(transcript.words) else None
    if before is None or after is None or before.utterance != after.utterance:
        start = transcript.utterances[before.utterance].chars.end if before else 0
        end = transcript.utterances[after.utterance].chars.start if after else len(transcript.source)
        note = _note_between(result, start, end)
        at = start if before else end
        return note or Chars(at, at)
    note = _note_between(result, before.chars.end, after.chars.start)
    between = transcript.source[before.chars.end : note.start if note else after.chars.start]
    between += transcript.source[note.end : after.chars.start] if note else ""
    labelled = transcript.utterances[before.utterance].label is not None
    ends = ends_sentence(before.shown) and not between.strip() and between
    return (note or Chars(after.chars.start, after.chars.start)) if ends and labelled else None


def _following_word(result: Result, pairing: Pairing, at: Ms) -> int:
    """The index of the first written word that comes after a point of the audio, in an unmatched stretch."""
    timed = [k for k in pairing.written if (span := result.words[k].span) is not None and span.start < at]
    first = timed[-1] + 1 if timed else pairing.written.start
    while first < pairing.written.end and not spoken(result.transcript, Run(first, first + 1)) and first > 0:
        if result.transcript.words[first].utterance != result.transcript.words[first - 1].utterance:
            break
        first += 1  # an editor's [Laughter] stays with what is before it
    return first


def _note_between(result: Result, start: int, end: int) -> Chars | None:
    """The note that marks this very hole."""
    hole = result.continue_point.hole_note
    if hole is None:
        return None
    chars = result.transcript.notes[hole].chars
    return chars if start <= chars.start and chars.end <= end else None
