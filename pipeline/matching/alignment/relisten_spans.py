"""Choose the spans of the audio to transcribe again, and keep the second reading if it is better.

A span is worth it if written words are unmatched between matched ones, and there is speech at just that time::

    written   | We met | Philomena and Okoro | at the | lake.
    heard     | we met | fill a minor and oh | at the | lake
    span           [═══════════════════════════]            the unmatched passage and a word or two around it
    core                   [═══════════════]                only its heard words are replaced

What is heard and not written is not transcribed again, however long; nor is written text for which there is no speech.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.matching.alignment.align import AlignOptions, align
from pipeline.matching.alignment.tokens import is_spoken
from pipeline.options import option
from pipeline.schema import Alignment, HeardWord, Hearing, Pairing, Run, WrittenWord
from pipeline.times import MS_PER_SECOND, Ms, Span

WHISPER_WINDOW_MS: Ms = 30 * MS_PER_SECOND
"""The audio that Whisper decodes at once (``CHUNK_LENGTH`` in openai-whisper's ``audio.py``). A longer span has no
advantage over the first reading."""

CALL_COST_MS: Ms = 12 * MS_PER_SECOND
"""The cost of one call of the engine, as a length of audio: however short a span is, the engine decodes 30 s.

Measured with base on two processors: 1.1 to 1.7 s of processor time for 2 to 4 s of audio, where a second of a whole
episode takes 0.1 s.
"""

LEAST_BUDGET_MS: Ms = 24 * MS_PER_SECOND
"""The cost that is always allowed: one span in a recording so short that ``most_share`` of it is less. It is one call
and 12 s of audio."""

LEAST_SPEECH_MS: Ms = 200
"""Less speech has no time for a word. No measurement is recorded for this and the numbers below."""

SHORTEST_WORD_MS: Ms = 100
"""The least time that a word takes; a passage with less speech for each unmatched word is not said there."""

CONTEXT_WORDS = 2
"""Matched words on both sides of the passage that are transcribed with it."""

LONGEST_CONTEXT_MS: Ms = 2_500
"""These words are no further from the passage than this."""

BRIDGED_MATCHES = 1
"""Unmatched passages with up to this many matched pairings between them are one passage."""

MOST_HEARD_PER_UNMATCHED = 3
MOST_HEARD_BESIDES = 4
"""With more than 3 heard words for each unmatched written word, and 4 more, something else is said there: a passage
that is not written."""

UNKNOWN_PROBABILITY = 0.5
"""The probability of a heard word for which the engine gives none."""

COMPARED_PAIRINGS = 12
"""Pairings on both sides of a passage with which its two readings are compared: alone, a few words prove nothing. A
pairing with more words than this is a left-out passage, at which the comparison stops."""


@dataclass(frozen=True, slots=True)
class RelistenOptions:
    """When a passage is transcribed again."""

    most_share: float = option(
        0.1, "The highest cost of transcribing again, as a share from 0 to 1 of the first time; 0 turns it off"
    )
    fewest_words: int = option(
        2, "Written words in one place that were not heard, from which on it is transcribed again"
    )

    def __post_init__(self) -> None:
        if not 0 <= self.most_share <= 1:
            raise ValueError(f"most_share must be from 0 to 1, not {self.most_share}")
        if self.fewest_words < 1:
            raise ValueError(f"fewest_words must be 1 or more, not {self.fewest_words}")


@dataclass(frozen=True, slots=True)
class UnmatchedPassage:
    """A span of the audio to transcribe again.

    Attributes:
        span: the audio to transcribe, at most 30 s.
        core: the part of it between the matched words around the passage.
        written: the written words of the passage, a matched one between them included.
        heard: the heard words in their place.
        pairings: the passage, as indices into the alignment's pairings.
    """

    span: Span
    core: Span
    written: Run
    heard: Run
    pairings: Run


def find_passages_to_relisten(
    written: Sequence[WrittenWord], hearing: Hearing, alignment: Alignment, options: RelistenOptions
) -> tuple[UnmatchedPassage, ...]:
    """Return the spans that are worth transcribing again: in order, with disjoint cores, of a bounded cost.

    All together cost no more than ``most_share`` of all speech, or than ``LEAST_BUDGET_MS`` if that is more. If more
    spans are found, those with the most unmatched written words and the most doubtful heard ones for their cost are
    taken. So a transcript of another episode costs no more than any.
    """
    found = []
    for run in _unmatched_pairings(written, alignment.pairings):
        passage = _passage(hearing, alignment.pairings, run)
        unmatched = _num_unmatched(written, alignment.pairings[run.start : run.end])
        if passage and unmatched >= options.fewest_words and _may_be_said(hearing, passage, unmatched):
            found.append((unmatched * _doubt(hearing.words[passage.heard.start : passage.heard.end]), passage))
    speech = sum(span.duration for span in hearing.speech)
    budget = max(options.most_share * speech, LEAST_BUDGET_MS) if options.most_share else 0
    chosen: list[UnmatchedPassage] = []
    for _, passage in sorted(found, key=lambda one: (-one[0] / _cost(one[1]), one[1].core)):
        if _cost(passage) <= budget:
            budget -= _cost(passage)
            chosen.append(passage)
    return tuple(sorted(chosen, key=lambda passage: passage.core))


def _cost(passage: UnmatchedPassage) -> Ms:
    return CALL_COST_MS + passage.span.duration


def _doubt(heard: Sequence[HeardWord]) -> float:
    """Return how unsure the engine was of these words, 0 to 1; no words have the highest doubt."""
    known = [UNKNOWN_PROBABILITY if word.probability is None else word.probability for word in heard]
    return 1 - sum(known) / len(known) if known else 1.0


def _unmatched_pairings(written: Sequence[WrittenWord], pairings: Sequence[Pairing]) -> Iterator[Run]:
    """Yield runs of pairings that begin and end with unmatched written words; a few matched ones may be between."""
    start = end = None
    for at, pairing in enumerate(pairings):
        if not _num_unmatched(written, [pairing]):
            continue
        if start is not None and end is not None and at - end > BRIDGED_MATCHES:
            yield Run(start, end)
            start = None
        start, end = at if start is None else start, at + 1
    if start is not None and end is not None:
        yield Run(start, end)


def _num_unmatched(written: Sequence[WrittenWord], pairings: Sequence[Pairing]) -> int:
    """Return how many written words are spoken and have no match."""
    return sum(is_spoken(written[k]) for pairing in pairings if pairing.score == 0 for k in pairing.written)


def _passage(hearing: Hearing, pairings: Sequence[Pairing], run: Run) -> UnmatchedPassage | None:
    """Return the span of a passage; None if it is longer than Whisper's window."""
    first, last = pairings[run.start], pairings[run.end - 1]
    heard = Run(first.heard.start, last.heard.end)
    words = hearing.words
    start = words[heard.start - 1].span.end if heard.start else 0
    end = words[heard.end].span.start if heard.end < len(words) else hearing.duration
    if not 0 < end - start <= WHISPER_WINDOW_MS:
        return None
    core = Span(start, end)
    before = [words[j].span.start for j in range(max(0, heard.start - CONTEXT_WORDS), heard.start)]
    after = [words[j].span.end for j in range(heard.end, min(len(words), heard.end + CONTEXT_WORDS))]
    context = min(LONGEST_CONTEXT_MS, (WHISPER_WINDOW_MS - core.duration) // 2)
    left = min((at for at in before if start - at <= context), default=start)
    right = max((at for at in after if at - end <= context), default=end)
    return UnmatchedPassage(Span(left, right), core, Run(first.written.start, last.written.end), heard, run)


def _may_be_said(hearing: Hearing, passage: UnmatchedPassage, unmatched: int) -> bool:
    """Return whether the speech there has time for the unmatched words and is not another passage."""
    has_time = _speech_within(hearing, passage.core) >= max(LEAST_SPEECH_MS, unmatched * SHORTEST_WORD_MS)
    return has_time and len(passage.heard) <= MOST_HEARD_PER_UNMATCHED * unmatched + MOST_HEARD_BESIDES


def _speech_within(hearing: Hearing, within: Span) -> Ms:
    first = max(0, bisect_left(hearing.speech, within.start, key=lambda span: span.end))
    last = bisect_left(hearing.speech, within.end, key=lambda span: span.start)
    return sum(span.overlap(within) for span in hearing.speech[first:last])


# --- the second reading --------------------------------------------------------------------------------------------


def keep_better_readings(
    written: Sequence[WrittenWord],
    hearing: Hearing,
    alignment: Alignment,
    readings: Sequence[tuple[UnmatchedPassage, tuple[HeardWord, ...]]],
    options: AlignOptions,
) -> Hearing:
    """Return the hearing with the second reading of each span in which that one has more of the written words.

    Only the words between the matched ones around a passage are replaced, so no time that was measured elsewhere
    changes. A reading that adds more unwritten words than it finds written ones is refused.

    Args:
        written: the words of the transcript.
        hearing: the first reading.
        alignment: of the two above.
        readings: what was heard in each span of this alignment, in order.
        options: limits of the comparison.
    """
    words: list[HeardWord] = []
    done = 0
    for passage, reading in readings:
        new = _better_words(written, hearing, alignment, passage, reading, options)
        words += hearing.words[done : passage.heard.start]
        words += hearing.words[passage.heard.start : passage.heard.end] if new is None else new
        done = passage.heard.end
    return replace(hearing, words=(*words, *hearing.words[done:]))


def _better_words(
    written: Sequence[WrittenWord],
    hearing: Hearing,
    alignment: Alignment,
    passage: UnmatchedPassage,
    reading: Sequence[HeardWord],
    options: AlignOptions,
) -> tuple[HeardWord, ...] | None:
    """Return the words of a second reading for the core; None if the old ones are at least as good."""
    first, *_, last = _with_neighbours(alignment.pairings, passage.pairings)
    texts = written[first.written.start : last.written.end]
    before = hearing.words[first.heard.start : passage.heard.start]
    after = hearing.words[passage.heard.end : last.heard.end]
    old = hearing.words[passage.heard.start : passage.heard.end]
    new = _words_in_core(reading, passage.core, before[-CONTEXT_WORDS:], after[:CONTEXT_WORDS])

    def matched_and_unwritten(words: Sequence[HeardWord]) -> tuple[float, int]:
        pairings = align(texts, (*before, *words, *after), options, hearing.language).pairings
        unwritten = sum(len(pairing.heard) for pairing in pairings if pairing.score == 0)
        return sum(pairing.score * len(pairing.written) for pairing in pairings), unwritten

    (matched_old, unwritten_old), (matched_new, unwritten_new) = matched_and_unwritten(old), matched_and_unwritten(new)
    gained, added = matched_new - matched_old, unwritten_new - unwritten_old
    return new if gained >= 1 and gained > added else None


def _with_neighbours(pairings: Sequence[Pairing], run: Run) -> Sequence[Pairing]:
    """Return the pairings of a passage and some on both sides, up to a left-out passage; at least two."""
    start, end = run.start, run.end
    while start > 0 and run.start - start < COMPARED_PAIRINGS and _is_short(pairings[start - 1]):
        start -= 1
    while end < len(pairings) and end - run.end < COMPARED_PAIRINGS and _is_short(pairings[end]):
        end += 1
    return (*pairings[start:end], pairings[end - 1])


def _is_short(pairing: Pairing) -> bool:
    return len(pairing.written) + len(pairing.heard) <= COMPARED_PAIRINGS


def _words_in_core(
    reading: Sequence[HeardWord], core: Span, before: Sequence[HeardWord], after: Sequence[HeardWord]
) -> tuple[HeardWord, ...]:
    """Return the words of a reading in the core, clipped to its time, without the known words around it."""
    middle = [word for word in reading if core.start <= (word.span.start + word.span.end) // 2 < core.end]
    while middle and before and _is_same_word(middle[0], before[-1]):
        del middle[0]
    while middle and after and _is_same_word(middle[-1], after[0]):
        del middle[-1]
    return tuple(replace(word, span=word.span.clip(core)) for word in middle)


def _is_same_word(one: HeardWord, other: HeardWord) -> bool:
    return _letters(one) == _letters(other) != ""


def _letters(word: HeardWord) -> str:
    return "".join(filter(str.isalnum, word.text.casefold()))
