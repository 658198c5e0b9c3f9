"""From matched tokens to pairings of words that tile both texts, words parted otherwise ("every one") put together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz

from pipeline.matching.alignment.anchors import Match
from pipeline.matching.alignment.tokens import Texts, similarity
from pipeline.schema import Pairing, Run

Keys = Sequence[Sequence[str]]
"""For each word of a text, its keys."""

LEAST_SCORE = 0.35
"""A word of many tokens of which fewer matched ("point" out of "0.8.3") was not matched."""

MOST_JOINED = 6
"""The most words that one word may stand for: "npm" and "n p m", "NodeUp" and "node up"."""

FEWEST_LETTERS = 3
JOINED_FROM = 0.85
"""How alike words must be once written together; more than a slip within one word needs, as chance is greater."""


def tile(texts: Texts, matches: Sequence[Match], written: Keys, heard: Keys) -> tuple[Pairing, ...]:
    """Pair the words whose tokens matched; what lies between becomes pairings of score 0, so that both texts are tiled.

    A word that shares tokens with two words of the other text draws both into one pairing.
    """
    tiled = _with_gaps(_matched(texts, matches), len(written), len(heard))
    parted = (part for pairing in tiled for part in _joined_at_an_end(pairing, written, heard))
    return tuple(_completed(list(parted), written, heard))


def _matched(texts: Texts, matches: Sequence[Match]) -> Iterator[Pairing]:
    size_written, size_heard = _sizes(texts.written.word), _sizes(texts.heard.word)
    groups: list[tuple[int, int, int, int, float]] = []
    for i, j in matches:
        w, h = texts.written.word[i], texts.heard.word[j]
        alike = similarity(texts.vocabulary[texts.written.ids[i]], texts.vocabulary[texts.heard.ids[j]])
        if groups and (groups[-1][1] == w or groups[-1][3] == h):
            w0, _, h0, _, total = groups.pop()
            groups.append((w0, w, h0, h, total + alike))
        else:
            groups.append((w, w, h, h, alike))
    for w0, w1, h0, h1, total in groups:
        score = total / max(size_written[w0 : w1 + 1].sum(), size_heard[h0 : h1 + 1].sum())
        if score >= LEAST_SCORE:
            yield Pairing(Run(w0, w1 + 1), Run(h0, h1 + 1), min(1.0, float(score)))


def _sizes(word_of_token: Sequence[int]) -> npt.NDArray[np.int64]:
    return np.bincount(np.array(word_of_token, dtype=np.int64))


def _with_gaps(matched: Iterable[Pairing], num_written: int, num_heard: int) -> Iterator[Pairing]:
    i = j = 0
    for pairing in (*matched, Pairing(Run(num_written, num_written), Run(num_heard, num_heard), 0.0)):
        if pairing.written.start > i or pairing.heard.start > j:
            yield Pairing(Run(i, pairing.written.start), Run(j, pairing.heard.start), 0.0)
        if pairing.score > 0:
            yield pairing
        i, j = pairing.written.end, pairing.heard.end


def _joined_at_an_end(pairing: Pairing, written: Keys, heard: Keys, tries: int = MOST_JOINED) -> tuple[Pairing, ...]:
    """Split off the start or the end of an unmatched stretch where the two differ only in how words are parted."""
    if pairing.score > 0 or not len(pairing.written) or not len(pairing.heard) or not tries:
        return (pairing,)
    beside_a_join = tries < MOST_JOINED
    cuts = [cut for cut in _cuts(pairing) if beside_a_join or _parted_otherwise(written, heard, *cut)]
    scores = [_alike_joined(written, heard, these, those) for these, those in cuts]
    score = max(scores, default=0.0)
    if score < JOINED_FROM:
        return (pairing,)
    these, those = cuts[scores.index(score)]
    parts = (
        Pairing(Run(pairing.written.start, these.start), Run(pairing.heard.start, those.start), 0.0),
        Pairing(these, those, score),
        Pairing(Run(these.end, pairing.written.end), Run(those.end, pairing.heard.end), 0.0),
    )
    return tuple(
        smaller
        for part in parts
        if len(part.written) or len(part.heard)
        for smaller in _joined_at_an_end(part, written, heard, tries - 1)
    )


def _cuts(pairing: Pairing) -> Iterator[tuple[Run, Run]]:
    written, heard = pairing.written, pairing.heard
    for n in range(1, min(len(written), MOST_JOINED) + 1):
        for m in range(1, min(len(heard), MOST_JOINED) + 1):
            if min(n, m) > 1:
                continue
            yield Run(written.start, written.start + n), Run(heard.start, heard.start + m)
            yield Run(written.end - n, written.end), Run(heard.end - m, heard.end)


def _parted_otherwise(written: Keys, heard: Keys, these: Run, those: Run) -> bool:
    """Whether the words differ in how they are parted ("JavaScript", "Javascript"), not merely in their letters."""
    return sum(len(written[k]) for k in these) != sum(len(heard[k]) for k in those)


def _alike_joined(written: Keys, heard: Keys, these: Run, those: Run) -> float:
    """How alike the words are when they are written together; 0 where an edge word says nothing."""
    edges = (written[these.start], written[these.end - 1], heard[those.start], heard[those.end - 1])
    left = "".join(key for k in these for key in written[k])
    right = "".join(key for k in those for key in heard[k])
    if not all(edges) or min(len(left), len(right)) < FEWEST_LETTERS:
        return 0.0
    return fuzz.ratio(left, right) / 100


def _completed(pairings: list[Pairing], written: Keys, heard: Keys) -> list[Pairing]:
    """Give a half-matched word the neighbouring unmatched ones that complete it: "NodeUp" heard as "node", "up"."""
    for at in range(len(pairings) - 1):
        for one, other in ((at, at + 1), (at + 1, at)):
            if 0 < pairings[one].score < 1 and pairings[other].score == 0:
                pairings[one], pairings[other] = _complete(
                    pairings[one], pairings[other], written, heard, after=one < other
                )
    return [pairing for pairing in pairings if len(pairing.written) or len(pairing.heard)]


def _complete(pairing: Pairing, beside: Pairing, written: Keys, heard: Keys, *, after: bool) -> tuple[Pairing, Pairing]:
    best, rest = pairing, beside
    for n, m in ((0, 1), (1, 0), (0, 2), (2, 0)):
        if n > len(beside.written) or m > len(beside.heard):
            continue
        these, beside_written = _grown(pairing.written, beside.written, n, after=after)
        those, beside_heard = _grown(pairing.heard, beside.heard, m, after=after)
        score = _alike_joined(written, heard, these, those)
        if score > max(JOINED_FROM, best.score):
            best, rest = Pairing(these, those, score), Pairing(beside_written, beside_heard, 0.0)
    return best, rest


def _grown(run: Run, beside: Run, by: int, *, after: bool) -> tuple[Run, Run]:
    if after:
        return Run(run.start, run.end + by), Run(beside.start + by, beside.end)
    return Run(run.start - by, run.end), Run(beside.start, beside.end - by)
