"""Whether a turn could as well stand elsewhere: the same words said again nearby, or so few that chance would do.

"That is what I thought too", said by two people and typed once, fits both places equally; a lone "Yes." fits any.
Their times are given with low confidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.reading.words.spoken_form import spoken_keys
from pipeline.reading.words.word_breaks import letters_in
from pipeline.schema import Alignment, Hearing, Pairing, Run, Transcript

LONGEST_REPEATED = 15
"""Turns of more heard words are not compared: so long a turn is hardly said twice in the same breath."""

FARTHEST = 120
"""Heard words on either side among which a second place is looked for."""

SAME_FROM = 0.75
"""The share of words that two sayings of a turn have in common."""

NEARER = 2
"""A place is as good if it is farther from the neighbouring turns by its own length and so many words: next to it."""

THIN_LETTERS = 6
"""Matched words with no more letters than this tell nothing by themselves: "Yes.", "So I"."""

_FAR = 1_000_000


def spoken(transcript: Transcript, run: Run) -> list[int]:
    """The indices of the words in a run that count: what is said, without the editor's words."""
    return [k for k in run if transcript.words[k].kind == "spoken" and transcript.words[k].keys]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a turn was matched, and how much lies between it and the matched words around it.

    Attributes:
        written: from its first to its last matched word.
        heard: the heard words from its first to its last match.
        before, after: the first heard word behind the last match before it, and the first match after it; None at the
            ends of the text.
        jump: how many more words lie there in one text than in the other, on the worse side.
        head: the heard words of its first matches, up to the first heard words that it lacks; ``gap`` are those.
    """

    utterance: int
    written: Run
    heard: Run
    before: int | None
    after: int | None
    jump: int
    head: Run
    gap: Run


def unsure_places(transcript: Transcript, hearing: Hearing, alignment: Alignment) -> frozenset[int]:
    """The indices of the utterances that could as well stand elsewhere."""
    return frozenset(
        place.utterance
        for place in _places(transcript, alignment)
        if _is_thin(transcript, place) or _is_said_again(hearing, place) or _begins_again(hearing, place)
    )


def _places(transcript: Transcript, alignment: Alignment) -> Iterator[_Place]:
    turns: list[tuple[int, list[Pairing]]] = []
    for pairing in alignment.pairings:
        if pairing.score > 0:
            turn = transcript.words[pairing.written.start].utterance
            if not turns or turns[-1][0] != turn:
                turns.append((turn, []))
            turns[-1][1].append(pairing)
    for at, (turn, pairings) in enumerate(turns):
        first, last = pairings[0], pairings[-1]
        previous = turns[at - 1][1][-1] if at else None
        following = turns[at + 1][1][0] if at + 1 < len(turns) else None
        yield _Place(
            turn,
            Run(first.written.start, last.written.end),
            Run(first.heard.start, last.heard.end),
            previous.heard.end if previous else None,
            following.heard.start if following else None,
            max(_jump(transcript, previous, first), _jump(transcript, last, following)) if len(turns) > 1 else _FAR,
            *_head(pairings),
        )


def _head(pairings: Sequence[Pairing]) -> tuple[Run, Run]:
    """The heard words up to the first gap between matches, and that gap; empty where there is none."""
    start = pairings[0].heard.start
    for before, after in pairwise(pairings):
        if after.heard.start > before.heard.end:
            return Run(start, before.heard.end), Run(before.heard.end, after.heard.start)
    return Run(start, start), Run(start, start)


def _jump(transcript: Transcript, before: Pairing | None, after: Pairing | None) -> int:
    if before is None or after is None:
        return 0
    unmatched = len(spoken(transcript, Run(before.written.end, after.written.start)))
    return abs(after.heard.start - before.heard.end - unmatched)


def _is_thin(transcript: Transcript, place: _Place) -> bool:
    letters = sum(letters_in(key) for k in spoken(transcript, place.written) for key in transcript.words[k].keys)
    return letters <= THIN_LETTERS and place.jump > 0


def _is_said_again(hearing: Hearing, place: _Place) -> bool:
    length = len(place.heard)
    if length > LONGEST_REPEATED:
        return False
    said = _folded(hearing, place.heard)
    distance = _distance(place, place.heard.start, length)
    low = max(place.before or 0, place.heard.start - FARTHEST)
    high = min(len(hearing.words) if place.after is None else place.after, place.heard.end + FARTHEST)
    others = (*range(low, place.heard.start - length + 1), *range(place.heard.end, high - length + 1))
    return any(
        _distance(place, start, length) <= distance + length + NEARER
        and _same(said, _folded(hearing, Run(start, start + length))) >= SAME_FROM
        for start in others
    )


def _begins_again(hearing: Hearing, place: _Place) -> bool:
    """Whether the turn's first words are said again before its others: "900 days. 900 days without an update"."""
    length, said = len(place.head), _folded(hearing, place.head)
    starts = range(place.gap.start, min(place.gap.end, place.gap.start + FARTHEST) - length + 1)
    return length > 0 and any(_folded(hearing, Run(start, start + length)) == said for start in starts)


def _distance(place: _Place, start: int, length: int) -> int:
    """How many heard words lie between a place for the turn and the nearer of its neighbours."""
    from_before = _FAR if place.before is None else start - place.before
    to_after = _FAR if place.after is None else place.after - start - length
    return min(from_before, to_after)


def _folded(hearing: Hearing, run: Run) -> list[tuple[str, ...]]:
    return [spoken_keys(hearing.words[j].text, hearing.language) for j in run]


def _same(a: Sequence[object], b: Sequence[object]) -> float:
    return sum(x == y for x, y in zip(a, b, strict=True)) / len(a)
