"""Whether two texts are of one recording at all: how much of what is written is said, turn by turn.

Another episode of the same show shares its jingle, its sponsor and its names. What tells it apart is that these fill a
few turns and the rest has nothing in common, while of the right one some words of nearly every turn are found, however
badly it is typed or heard.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from pipeline.matching.alignment.anchors import Match, unique_ngrams
from pipeline.matching.alignment.tokens import Texts

SIZE = 3
"""The n of the n-grams, in words. Of letters without spaces it takes a little more, not as many as make three words:
one wrong letter would spoil them all."""

WHOLE_FROM = 0.15
"""A turn of whose unique n-grams this share is found counts as found: a third of its words may be wrong."""

ROOM = 0.5
"""Turns that nobody could have said, because so much less is heard where they stand, do not count."""


def anchor_share(texts: Texts, matches: Sequence[Match], fewest: int) -> float | None:
    """The share of the unique written n-grams that are found in order, of turns for which there is room.

    Returns:
        0 to 1; None where the text has fewer than ``fewest`` such n-grams.
    """
    size = SIZE + texts.grain - 1
    grams = unique_ngrams(texts.written.ids.tolist(), size)
    if len(grams) < fewest:
        return None
    place = dict(matches)
    all_of: Counter[int] = Counter()
    found_of: Counter[int] = Counter()
    for at in grams.values():
        turn = int(texts.turns[at])
        all_of[turn] += 1
        found_of[turn] += all(place.get(at + k, -2) == place.get(at, -9) + k for k in range(size))
    crowded_out = _without_room(texts, matches)
    counted = {turn: count for turn, count in all_of.items() if found_of[turn] or turn not in crowded_out}
    if not counted:
        return 0.0
    found = sum(count * min(1.0, found_of[turn] / (WHOLE_FROM * count)) for turn, count in counted.items())
    return found / sum(counted.values())


def _without_room(texts: Texts, matches: Sequence[Match]) -> set[int]:
    """The turns in stretches of which far less is heard than written: a passage that is cut out of the audio."""
    edges = ((-1, -1), *matches, (len(texts.written), len(texts.heard)))
    return {
        int(turn)
        for (i, j), (next_i, next_j) in pairwise(edges)
        if next_j - j - 1 < ROOM * (next_i - i - 1)
        for turn in texts.turns[i + 1 : next_i]
    }
