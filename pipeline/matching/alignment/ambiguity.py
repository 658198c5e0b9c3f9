"""Find the turns whose position is ambiguous: their words are said again nearby, or are too few to prove anything.

"That is what I thought too", said by two people and typed once, fits both positions equally; a single "Yes." fits any.
The times of such turns get a low confidence.

For the origin of the numbers and what "benchmark" means, see ``chance_matches``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.matching.alignment.tokens import spoken_words
from pipeline.reading.words.spoken_form import spoken_keys
from pipeline.reading.words.word_breaks import letters_in
from pipeline.schema import Alignment, Hearing, Pairing, Run, Transcript

LONGEST_REPEATED_WORDS = 15
"""Turns of more heard words are not compared: so long a turn is rarely said twice in close succession. Benchmark: no
change with 7 or 30."""

SEARCHED_WORDS = 120
"""The heard words on either side among which a second position is searched. Benchmark: no change."""

REPEATED_SHARE = 0.75
"""The share of words that two passages must have in common for one to be a repetition of the other. Benchmark: no
change with 0.625 or 0.875."""

NEIGHBOUR_WORDS = 2
"""A second position counts if it is further from the neighbouring turns by at most the turn's own length and this many
words, which means that it is next to the first. Benchmark: no change with 1 or 4."""

SHORT_MATCH_LETTERS = 6
"""Matched words with at most this many letters prove nothing by themselves: "Yes.", "So I". Benchmark: no change with
3, 18 sure starts fewer with 12."""

MOST_LEAD_MATCHES = 4
LEAST_WORDS_AFTER_LEAD = 2
"""The most matches that a turn may begin with, and the fewest unmatched words that follow, for its start to be searched
in the words before it that nobody wrote: with more matches the start is certain. Chosen on the example with half of its
words replaced (``scripts/benchmark_texts.py``); no change where three of ten are."""

_FAR = 1_000_000
"""A distance in words that is beyond any limit here: no transcript has as many words."""


@dataclass(frozen=True, slots=True)
class _MatchedTurn:
    """The position at which a turn was matched, and the words between it and the matched words around it.

    Attributes:
        written: from its first to its last matched word.
        heard: the heard words from its first to its last match.
        before: the first heard word behind the last match before it; None at the start of the text.
        after: the first heard word of the first match after it; None at the end of the text.
        jump: how many more words are there in one text than in the other, on the worse side.
        head: the heard words of its first matches, up to the first heard words that are not written.
        gap: those heard words that are not written; empty if all are.
        lead: the heard words of its first matches, if these are few and unmatched written words follow; else empty.
    """

    utterance: int
    written: Run
    heard: Run
    before: int | None
    after: int | None
    jump: int
    head: Run
    gap: Run
    lead: Run


def ambiguous_utterances(transcript: Transcript, hearing: Hearing, alignment: Alignment) -> frozenset[int]:
    """Return the indices of the utterances that fit another position in the hearing as well."""
    return frozenset(
        turn.utterance
        for turn in _matched_turns(transcript, alignment)
        if _is_too_short(transcript, turn)
        or _is_repeated_nearby(hearing, turn)
        or _start_is_repeated(hearing, turn)
        or _lead_is_said_before(hearing, turn)
    )


def _matched_turns(transcript: Transcript, alignment: Alignment) -> Iterator[_MatchedTurn]:
    turns: list[tuple[int, list[Pairing]]] = []
    for pairing in alignment.pairings:
        if pairing.score > 0:
            turn = transcript.words[pairing.written.start].utterance
            if not turns or turns[-1][0] != turn:
                turns.append((turn, []))
            turns[-1][1].append(pairing)
    ends = {utterance.index: utterance.words.end for utterance in transcript.utterances}
    for at, (turn, pairings) in enumerate(turns):
        first, last = pairings[0], pairings[-1]
        previous = turns[at - 1][1][-1] if at else None
        following = turns[at + 1][1][0] if at + 1 < len(turns) else None
        yield _MatchedTurn(
            turn,
            Run(first.written.start, last.written.end),
            Run(first.heard.start, last.heard.end),
            previous.heard.end if previous else None,
            following.heard.start if following else None,
            max(_jump(transcript, previous, first), _jump(transcript, last, following)) if len(turns) > 1 else _FAR,
            *_head_and_gap(pairings),
            _lead(transcript, pairings, ends[turn]),
        )


def _head_and_gap(pairings: Sequence[Pairing]) -> tuple[Run, Run]:
    """Return the heard words up to the first gap between matches, and that gap; both empty if there is no gap."""
    start = pairings[0].heard.start
    for before, after in pairwise(pairings):
        if after.heard.start > before.heard.end:
            return Run(start, before.heard.end), Run(before.heard.end, after.heard.start)
    return Run(start, start), Run(start, start)


def _lead(transcript: Transcript, pairings: Sequence[Pairing], end: int) -> Run:
    """Return the heard words of the matches before the first long run of unmatched ones; empty if they are many."""
    start = pairings[0].heard.start
    followers = [*(pairing.written.start for pairing in pairings[1:]), end]
    for pairing, following in zip(pairings[:MOST_LEAD_MATCHES], followers, strict=False):
        if len(spoken_words(transcript, Run(pairing.written.end, following))) >= LEAST_WORDS_AFTER_LEAD:
            return Run(start, pairing.heard.end)
    return Run(start, start)


def _jump(transcript: Transcript, before: Pairing | None, after: Pairing | None) -> int:
    if before is None or after is None:
        return 0
    unmatched = len(spoken_words(transcript, Run(before.written.end, after.written.start)))
    return abs(after.heard.start - before.heard.end - unmatched)


def _is_too_short(transcript: Transcript, turn: _MatchedTurn) -> bool:
    words = spoken_words(transcript, turn.written)
    letters = sum(letters_in(key) for k in words for key in transcript.words[k].keys)
    return letters <= SHORT_MATCH_LETTERS and turn.jump > 0


def _is_repeated_nearby(hearing: Hearing, turn: _MatchedTurn) -> bool:
    length = len(turn.heard)
    if length > LONGEST_REPEATED_WORDS:
        return False
    said = _heard_keys(hearing, turn.heard)
    distance = _distance(turn, turn.heard.start, length)
    low = max(turn.before or 0, turn.heard.start - SEARCHED_WORDS)
    high = min(len(hearing.words) if turn.after is None else turn.after, turn.heard.end + SEARCHED_WORDS)
    others = (*range(low, turn.heard.start - length + 1), *range(turn.heard.end, high - length + 1))
    return any(
        _distance(turn, start, length) <= distance + length + NEIGHBOUR_WORDS
        and _equal_share(said, _heard_keys(hearing, Run(start, start + length))) >= REPEATED_SHARE
        for start in others
    )


def _start_is_repeated(hearing: Hearing, turn: _MatchedTurn) -> bool:
    """Return whether the turn's first words are repeated before its others: "900 days. 900 days without an update"."""
    length, said = len(turn.head), _heard_keys(hearing, turn.head)
    starts = range(turn.gap.start, min(turn.gap.end, turn.gap.start + SEARCHED_WORDS) - length + 1)
    return length > 0 and any(_heard_keys(hearing, Run(start, start + length)) == said for start in starts)


def _lead_is_said_before(hearing: Hearing, turn: _MatchedTurn) -> bool:
    """Return whether the turn's few first matches also fit the heard words before it, which are not written."""
    length, said = len(turn.lead), _heard_keys(hearing, turn.lead)
    low = max(turn.before or 0, turn.lead.start - SEARCHED_WORDS)
    starts = range(low, turn.lead.start - length + 1) if length else range(0)
    return any(
        _equal_share(said, _heard_keys(hearing, Run(start, start + length))) >= REPEATED_SHARE for start in starts
    )


def _distance(turn: _MatchedTurn, start: int, length: int) -> int:
    """Return how many heard words are between a position for the turn and the nearer of its neighbours."""
    from_before = _FAR if turn.before is None else start - turn.before
    to_after = _FAR if turn.after is None else turn.after - start - length
    return min(from_before, to_after)


def _heard_keys(hearing: Hearing, run: Run) -> list[tuple[str, ...]]:
    return [spoken_keys(hearing.words[j].text, hearing.language) for j in run]


def _equal_share(a: Sequence[object], b: Sequence[object]) -> float:
    return sum(x == y for x, y in zip(a, b, strict=True)) / len(a)
