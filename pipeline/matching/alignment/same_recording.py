"""Judge whether two texts are of the same recording, by how much of each written turn is said.

Another episode of the same show has the same jingle, sponsor and names. It differs in this: these fill a few turns, and
the other turns have nothing in common. In the right episode some words of nearly every turn are found, however badly it
is typed or heard.

For the origin of the numbers and what "benchmark" means, see ``chance_matches``.
There the right transcripts have an anchor share of 79 % or more, and another episode has 45 %.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from pipeline.matching.alignment.anchors import Match, unique_ngrams
from pipeline.matching.alignment.tokens import Texts

NGRAM_WORDS = 3
"""The length of the n-grams, in words. In a script without spaces an n-gram has two tokens more than a word has, not as
many as three words have: one wrong letter would spoil all of them. Benchmark: with 6, a right one has 38 %."""

FOUND_TURN_SHARE = 0.15
"""A turn counts as found if this share of its unique n-grams is found: a third of its words may be wrong. Benchmark: no
change with 0.075; with 0.3, 71 % and 37 %."""

LEAST_HEARD_SHARE = 0.5
"""Turns do not count if less than this share of their words is heard at their position: they were cut out. Benchmark:
no change."""


def anchor_share(texts: Texts, matches: Sequence[Match], fewest: int) -> float | None:
    """Return the share of the unique written n-grams that are found in order, of turns that can have been said.

    Args:
        texts: the tokens of both texts.
        matches: indices of tokens, increasing in both.
        fewest: the number of unique n-grams below which there is no verdict.

    Returns:
        0 to 1; None if the text has fewer than ``fewest`` such n-grams.
    """
    size = NGRAM_WORDS + texts.tokens_per_word - 1
    grams = unique_ngrams(texts.written.ids.tolist(), size)
    if len(grams) < fewest:
        return None
    heard_at = dict(matches)
    all_of: Counter[int] = Counter()
    found_of: Counter[int] = Counter()
    for at in grams.values():
        turn = int(texts.turns[at])
        all_of[turn] += 1
        found_of[turn] += all(heard_at.get(at + k, -2) == heard_at.get(at, -9) + k for k in range(size))
    cut_out = _cut_out_turns(texts, matches)
    counted = {turn: count for turn, count in all_of.items() if found_of[turn] or turn not in cut_out}
    if not counted:
        return 0.0
    found = sum(count * min(1.0, found_of[turn] / (FOUND_TURN_SHARE * count)) for turn, count in counted.items())
    return found / sum(counted.values())


def _cut_out_turns(texts: Texts, matches: Sequence[Match]) -> set[int]:
    """Return the turns in passages of which far less is heard than written: they are cut out of the audio."""
    edges = ((-1, -1), *matches, (len(texts.written), len(texts.heard)))
    return {
        int(turn)
        for (i, j), (next_i, next_j) in pairwise(edges)
        if next_j - j - 1 < LEAST_HEARD_SHARE * (next_i - i - 1)
        for turn in texts.turns[i + 1 : next_i]
    }
