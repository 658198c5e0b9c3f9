"""Which words are aligned again after an edit, and how their pairings take the place of the old ones.

A stretch ends at words that are matched and that the edit did not come near, so what is heard between its ends is all
that its words can be. Where nothing matched follows (the end of the typing), a bounded number of heard words is looked
at.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from pipeline.schema import Pairing, Run, Transcript

CONTEXT_WORDS = 40
"""Words on either side of an edit that are aligned again: the edit may change what they match. Chosen by hand."""

ANCHOR_PAIRINGS = 3
"""So many matches in a row are no coincidence, and end a stretch."""

MOST_SEARCHED_WORDS = 400
"""How far matches in a row are searched for; beyond, the nearest match ends the stretch."""

OPEN_END_WORDS = 300
"""The heard words that are looked at where no matched word follows, besides twice the written ones: two minutes of
speech, by which what was typed may have been left out before. Chosen by hand."""

MOST_HEARD_WORDS = 2_500
"""A stretch with more heard words has a hole, of which only the beginning is looked at, as at an open end."""

MOST_WRITTEN_WORDS = 1_500
"""A stretch with more written words takes too long for a quick step, and waits for the whole alignment."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is aligned again.

    Attributes:
        old: the words of the old transcript.
        new: the words of the new transcript in their place.
        heard: the heard words that they are compared with.
        left: how many pairings before it stay.
        right: the index of the first pairing after it that stays.
        before: written words between the pairings that stay and the stretch; none of them is matched.
        after: the same behind the stretch, by the old transcript.
        until: the end of the heard words before the pairings that stay; ``heard`` may end before.
    """

    old: Run
    new: Run
    heard: Run
    left: int
    right: int
    before: Run
    after: Run
    until: int

    @property
    def added(self) -> int:
        """How many words more there are now."""
        return len(self.new) - len(self.old)


def differing(before: Transcript, after: Transcript, old: Run, new: Run) -> tuple[Run, Run]:
    """Return the words that differ, in both transcripts: the runs without the equal words at their ends."""
    most = min(len(old), len(new))
    same = next((n for n in range(most) if not _is_same(before, old.start + n, after, new.start + n)), most)
    most -= same
    end = next((n for n in range(most) if not _is_same(before, old.end - 1 - n, after, new.end - 1 - n)), most)
    return Run(old.start + same, old.end - end), Run(new.start + same, new.end - end)


def _is_same(before: Transcript, k: int, after: Transcript, n: int) -> bool:
    """Return whether two words are written equally and stand equally in a turn of the same speaker."""
    one, other = before.words[k], after.words[n]
    turn, other_turn = before.utterances[one.utterance], after.utterances[other.utterance]
    return (
        one.text == other.text
        and one.kind == other.kind
        and one.keys == other.keys
        and turn.speaker == other_turn.speaker
        and (turn.words.start == k) == (other_turn.words.start == n)
    )


def find_stretch(pairings: Sequence[Pairing], num_words: int, num_heard: int, old: Run, new: Run) -> Stretch | None:
    """Return the stretch around words that differ; None if it has too many words for a quick step.

    Args:
        pairings: of the old transcript.
        num_words: of the old transcript.
        num_heard: words that were heard.
        old: the words of the old transcript that differ.
        new: the words of the new one in their place.
    """
    low, high = max(0, old.start - CONTEXT_WORDS), min(num_words, old.end + CONTEXT_WORDS)
    left = _left_anchor(pairings, low)
    right = _right_anchor(pairings, high)
    end = num_words, num_heard
    first, start = _ends(pairings, left)
    last, until = _starts(pairings, right, end)
    has_hole = until - start > MOST_HEARD_WORDS and right < len(pairings)
    if has_hole:
        hole = max(range(left, right), key=lambda k: len(pairings[k].heard))
        if pairings[hole].written.end <= old.start:
            left = hole + 1
            first, start = _ends(pairings, left)
        elif pairings[hole].written.start >= old.end:
            right = hole + 1
            last, until = _starts(pairings, right, end)
    begin = low if low - first > MOST_SEARCHED_WORDS else first
    stop = high if last - high > MOST_SEARCHED_WORDS else last
    written = Run(begin, stop + len(new) - len(old))
    if len(written) > MOST_WRITTEN_WORDS:
        return None
    if right == len(pairings) or has_hole:
        near = max((one.heard.end for one in pairings[left:right] if one.score > 0), default=start)
        heard = Run(start, min(until, near + OPEN_END_WORDS + 2 * len(written)))
    else:
        heard = Run(start, until)
    return Stretch(Run(begin, stop), written, heard, left, right, Run(first, begin), Run(stop, last), until)


def _ends(pairings: Sequence[Pairing], left: int) -> tuple[int, int]:
    return (pairings[left - 1].written.end, pairings[left - 1].heard.end) if left else (0, 0)


def _starts(pairings: Sequence[Pairing], right: int, end: tuple[int, int]) -> tuple[int, int]:
    return (pairings[right].written.start, pairings[right].heard.start) if right < len(pairings) else end


def _left_anchor(pairings: Sequence[Pairing], low: int) -> int:
    """Return how many pairings stay before a stretch that includes the word ``low``."""
    nearest = 0
    for left in range(bisect_left(pairings, low + 1, key=lambda one: one.written.end), 0, -1):
        if pairings[left - 1].score == 0:
            continue
        nearest = nearest or left
        is_far = low - pairings[left - 1].written.end > MOST_SEARCHED_WORDS
        if is_far or all(one.score > 0 for one in pairings[max(0, left - ANCHOR_PAIRINGS) : left]):
            return nearest if is_far else left
    return nearest


def _right_anchor(pairings: Sequence[Pairing], high: int) -> int:
    """Return the index of the first pairing that stays after a stretch that ends before the word ``high``."""
    nearest: int | None = None
    for right in range(bisect_left(pairings, high, key=lambda one: one.written.start), len(pairings)):
        if pairings[right].score == 0:
            continue
        nearest = right if nearest is None else nearest
        is_far = pairings[right].written.start - high > MOST_SEARCHED_WORDS
        if is_far or all(one.score > 0 for one in pairings[right : right + ANCHOR_PAIRINGS]):
            return nearest if is_far else right
    return len(pairings) if nearest is None else nearest


# --- the pairings ----------------------------------------------------------------------------------------------------


def splice(pairings: Sequence[Pairing], found: Iterable[Pairing], stretch: Stretch) -> tuple[tuple[Pairing, ...], Run]:
    """Put the pairings of a stretch in the place of the old ones.

    Args:
        pairings: of the old transcript.
        found: those of the stretch, counted from its start.
        stretch: where.

    Returns:
        All pairings, and the indices of the new ones.
    """
    start, end = stretch.heard.start, stretch.heard.end
    added = stretch.added
    rest = Run(stretch.after.start + added, stretch.after.end + added)
    middle = _tiles(
        (
            Pairing(stretch.before, Run(start, start), 0.0),
            *(move(one, stretch.new.start, start) for one in found),
            Pairing(rest, Run(end, stretch.until), 0.0),
        )
    )
    kept = pairings[stretch.right :]
    tail = [move(one, added, 0) for one in kept] if added else kept
    return (*pairings[: stretch.left], *middle, *tail), Run(stretch.left, stretch.left + len(middle))


def move(pairing: Pairing, written: int, heard: int) -> Pairing:
    """Return a pairing with both runs moved."""
    moved = Run(pairing.written.start + written, pairing.written.end + written)
    if not heard:
        return Pairing(moved, pairing.heard, pairing.score)
    return Pairing(moved, Run(pairing.heard.start + heard, pairing.heard.end + heard), pairing.score)


def _tiles(pairings: Iterable[Pairing]) -> list[Pairing]:
    """Return the pairings; those without a match that follow each other are joined, and empty ones are left out."""
    tiles = list[Pairing]()
    filled = (one for one in pairings if len(one.written) or len(one.heard))
    for is_match, group in groupby(filled, key=lambda one: one.score > 0):
        some = list(group)
        written = Run(some[0].written.start, some[-1].written.end)
        heard = Run(some[0].heard.start, some[-1].heard.end)
        tiles += some if is_match else [Pairing(written, heard, 0.0)]
    return tiles
