"""Untranscribed speech: after the last utterance, in gaps in the middle, and under unintelligible marks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import regex

from pipeline.matching.alignment.tokens import spoken_words
from pipeline.matching.continue_note import LEAST_UNTRANSCRIBED_WORDS
from pipeline.matching.drafting.detokenize import detokenize
from pipeline.matching.drafting.disfluency import remove_fillers
from pipeline.reading.words.sentence_end import has_sentence_stop
from pipeline.reading.words.spoken_form import spoken_keys
from pipeline.schema import Chars, Pairing, Result, Run
from pipeline.times import Ms, Span

MAX_GAP_SHIFT_WORDS = 6
"""A gap may be shifted by this many words to the end of a sentence. Chosen by hand."""

MAX_UNINTELLIGIBLE_WORDS = 12
"""A mark replaces this many heard words at most. Chosen by hand."""

_BRACKETED = regex.compile(r"\\?[\[(][^\[\]()]*+[\])]")


@dataclass(frozen=True, slots=True)
class Passage:
    """Heard words that are not written.

    Attributes:
        heard: their indices in the hearing.
        fills: the characters of the source that they replace, empty for an insertion; None after the last utterance.
    """

    heard: Run
    fills: Chars | None = None


def find_rest(result: Result) -> tuple[Passage, ...]:
    """Return what is said after the last utterance that was found: one passage, or none if the transcript is complete.

    If nothing is typed, it is all of the episode. If nothing that is typed was found, there is none, because it is not
    known what is missing.
    """
    start = _rest_start(result)
    run = Run(start, len(result.hearing.words))
    return (Passage(run),) if _is_passage(result, run) else ()


def find_gaps(result: Result) -> tuple[Passage, ...]:
    """Return the gaps in the middle that can be filled: between two turns, or between two sentences of a labelled turn.

    If a continue note marks the gap, the passage replaces the note.
    """
    end = _rest_start(result)
    return tuple(
        passage
        for pairing in result.alignment.pairings
        for run in _unwritten(result, pairing)
        if run.end <= end and _is_passage(result, run) and (passage := _gap(result, pairing, run)) is not None
    )


def find_unintelligible(result: Result) -> Iterator[tuple[Passage, int]]:
    """Yield the unintelligible marks for which a few words are heard, each with the index of its utterance."""
    words = result.transcript.words
    for pairing in result.alignment.pairings:
        marks = [k for k in pairing.written if words[k].kind == "unintelligible"]
        alone = len(marks) == 1 and not spoken_words(result.transcript, pairing.written)
        if pairing.score == 0 and alone and 0 < len(pairing.heard) <= MAX_UNINTELLIGIBLE_WORDS:
            word = words[marks[0]]
            if found := _BRACKETED.search(word.text):
                start, end = found.span()
                chars = Chars(word.start + start, word.start + end)
                yield Passage(pairing.heard, chars), word.utterance


def _is_passage(result: Result, run: Run) -> bool:
    language = result.hearing.language
    heard = detokenize(result.hearing.words[run.start : run.end], language)
    return len(remove_fillers(heard, language)) >= LEAST_UNTRANSCRIBED_WORDS


def _rest_start(result: Result) -> int:
    """Return the index of the first heard word after the last utterance that was found; 0 if nothing is typed."""
    heard = result.hearing.words
    if not any(spoken_words(result.transcript, utterance.words) for utterance in result.transcript.utterances):
        return 0
    ends = [timed.span.end for timed in result.words if timed.span is not None]
    if not ends:
        return len(heard)
    end = ends[-1]  # of the words: the voice of the last utterance may go on while the next person speaks
    return next((at for at, word in enumerate(heard) if word.span.start >= end), len(heard))


# --- gaps --------------------------------------------------------------------------------------------------------


def _unwritten(result: Result, pairing: Pairing) -> Iterator[Run]:
    """Yield the runs of heard words of an unmatched pairing at whose time nothing is written."""
    if pairing.score > 0:
        return
    taken = [span for k in pairing.written if (span := result.words[k].span) is not None]
    free = [j for j in pairing.heard if not _is_mostly_in(result.hearing.words[j].span, taken)]
    for _, group in groupby(enumerate(free), key=lambda pair: pair[1] - pair[0]):
        run = [j for _, j in group]
        yield Run(run[0], run[-1] + 1)


def _is_mostly_in(span: Span, taken: list[Span]) -> bool:
    return any(2 * span.overlap(other) > span.duration for other in taken)


def _gap(result: Result, pairing: Pairing, run: Run) -> Passage | None:
    """Return the passage at the nearest place that is possible; None if there is no place outside a sentence."""
    following = _following_word(result, pairing, result.hearing.words[run.start].span.start)
    for shift in _equivalent_shifts(result, run):
        before_word = following + shift
        place = _gap_place(result, before_word) if 0 <= before_word <= len(result.transcript.words) else None
        if place is not None:
            return Passage(Run(run.start + shift, run.end + shift), place)
    return None


def _equivalent_shifts(result: Result, run: Run) -> Iterator[int]:
    """Yield by how many words a gap may be shifted with the same words left out, nearest first in each direction.

    In "[So it was.] So it is", the gap may include either "So".
    """
    yield 0
    for shift in range(1, min(MAX_GAP_SHIFT_WORDS, run.start) + 1):
        if not _is_same(result, run.start - shift, run.end - shift):
            break
        yield -shift
    for shift in range(1, min(MAX_GAP_SHIFT_WORDS, len(result.hearing.words) - run.end) + 1):
        if not _is_same(result, run.start + shift - 1, run.end + shift - 1):
            break
        yield shift


def _is_same(result: Result, one: int, other: int) -> bool:
    words, language = result.hearing.words, result.hearing.language
    return spoken_keys(words[one].text, language) == spoken_keys(words[other].text, language)


def _gap_place(result: Result, following: int) -> Chars | None:
    """Return the place of a passage before this word; None inside a sentence, or if no label says who goes on."""
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
    is_between_sentences = has_sentence_stop(before.shown) and not between.strip() and between
    return (note or Chars(after.chars.start, after.chars.start)) if is_between_sentences and labelled else None


def _following_word(result: Result, pairing: Pairing, at: Ms) -> int:
    """Return the index of the first written word of an unmatched pairing that is after a point of the audio."""
    timed = [k for k in pairing.written if (span := result.words[k].span) is not None and span.start < at]
    first = timed[-1] + 1 if timed else pairing.written.start
    while first < pairing.written.end and not spoken_words(result.transcript, Run(first, first + 1)) and first > 0:
        if result.transcript.words[first].utterance != result.transcript.words[first - 1].utterance:
            break
        first += 1  # an editor's [Laughter] belongs to the words before it
    return first


def _note_between(result: Result, start: int, end: int) -> Chars | None:
    """Return the note that marks the gap at these characters; None if there is none."""
    note = result.continue_point.hole_note
    if note is None:
        return None
    chars = result.transcript.notes[note].chars
    return chars if start <= chars.start and chars.end <= end else None
