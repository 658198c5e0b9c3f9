"""Turn matched tokens into pairings of words that tile both texts.

Words that are split differently ("every one", "everyone") are paired with each other.

For the origin of the numbers and what "benchmark" means, see ``chance_matches``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from rapidfuzz import fuzz

from pipeline.matching.alignment.anchors import Match
from pipeline.matching.alignment.tokens import Texts, key_similarity
from pipeline.schema import Pairing, Run

Keys = Sequence[Sequence[str]]
"""For each word of a text, its keys."""

LEAST_PAIR_SCORE = 0.35
"""A word of many tokens of which a smaller share matched ("point" out of "0.8.3") is not matched. Benchmark: no change
with 0.175, 0.2 % of the words fewer with 0.7."""

MOST_SPLIT_WORDS = 6
"""The most words that one word may be paired with: "npm" and "n p m", "NodeUp" and "node up". Benchmark: no change with
3, 0.2 % more words with 12."""

FEWEST_JOINED_LETTERS = 3
"""Words that have fewer letters together are not compared in their joined form. Benchmark: no change with 1, one sure
start fewer with 6."""

LEAST_JOINED_SIMILARITY = 0.85
"""The similarity that differently split words need in their joined form. It is more than a misspelt single word needs,
because joined forms agree by chance more often. Benchmark: at most one sure start fewer with 0.775 or 0.925."""


def pair_words(texts: Texts, matches: Sequence[Match], written: Keys, heard: Keys) -> tuple[Pairing, ...]:
    """Pair the words whose tokens matched; words between them become pairings of score 0, so both texts are tiled.

    A word that shares tokens with two words of the other text is paired with both.

    Args:
        texts: the tokens of both texts.
        matches: indices of tokens, increasing in both.
        written: the keys of each written word.
        heard: the keys of each heard word.
    """
    tiled = _with_gaps(_matched_words(texts, matches), len(written), len(heard))
    split = (part for pairing in tiled for part in _split_off_joined_words(pairing, written, heard))
    return tuple(_completed(list(split), written, heard))


def _matched_words(texts: Texts, matches: Sequence[Match]) -> Iterator[Pairing]:
    size_written, size_heard = _tokens_of_words(texts.written.word), _tokens_of_words(texts.heard.word)
    written, heard = texts.written.ids.tolist(), texts.heard.ids.tolist()
    groups: list[tuple[int, int, int, int, float]] = []
    for i, j in matches:
        w, h = texts.written.word[i], texts.heard.word[j]
        similarity = key_similarity(texts.vocabulary[written[i]], texts.vocabulary[heard[j]])
        if groups and (groups[-1][1] == w or groups[-1][3] == h):
            w0, _, h0, _, total = groups.pop()
            groups.append((w0, w, h0, h, total + similarity))
        else:
            groups.append((w, w, h, h, similarity))
    for w0, w1, h0, h1, total in groups:
        score = total / max(sum(size_written[w0 : w1 + 1]), sum(size_heard[h0 : h1 + 1]))
        if score >= LEAST_PAIR_SCORE:
            yield Pairing(Run(w0, w1 + 1), Run(h0, h1 + 1), min(1.0, score))


def _tokens_of_words(word_of_token: Sequence[int]) -> list[int]:
    """Return the number of tokens of each word."""
    counts: list[int] = np.bincount(np.array(word_of_token, dtype=np.int64)).tolist()
    return counts


def _with_gaps(matched: Iterable[Pairing], num_written: int, num_heard: int) -> Iterator[Pairing]:
    i = j = 0
    for pairing in (*matched, Pairing(Run(num_written, num_written), Run(num_heard, num_heard), 0.0)):
        if pairing.written.start > i or pairing.heard.start > j:
            yield Pairing(Run(i, pairing.written.start), Run(j, pairing.heard.start), 0.0)
        if pairing.score > 0:
            yield pairing
        i, j = pairing.written.end, pairing.heard.end


def _split_off_joined_words(
    pairing: Pairing, written: Keys, heard: Keys, tries: int = MOST_SPLIT_WORDS
) -> tuple[Pairing, ...]:
    """Split off the start or the end of an unmatched pairing if its words differ only in how they are split."""
    if pairing.score > 0 or not len(pairing.written) or not len(pairing.heard) or not tries:
        return (pairing,)
    next_to_split = tries < MOST_SPLIT_WORDS
    cuts = [cut for cut in _cuts(pairing) if next_to_split or _are_split_differently(written, heard, *cut)]
    scores = [_joined_similarity(written, heard, *cut) for cut in cuts]
    score = max(scores, default=0.0)
    if score < LEAST_JOINED_SIMILARITY:
        return (pairing,)
    cut_written, cut_heard = cuts[scores.index(score)]
    parts = (
        Pairing(Run(pairing.written.start, cut_written.start), Run(pairing.heard.start, cut_heard.start), 0.0),
        Pairing(cut_written, cut_heard, score),
        Pairing(Run(cut_written.end, pairing.written.end), Run(cut_heard.end, pairing.heard.end), 0.0),
    )
    return tuple(
        smaller
        for part in parts
        if len(part.written) or len(part.heard)
        for smaller in _split_off_joined_words(part, written, heard, tries - 1)
    )


def _cuts(pairing: Pairing) -> Iterator[tuple[Run, Run]]:
    written, heard = pairing.written, pairing.heard
    for n in range(1, min(len(written), MOST_SPLIT_WORDS) + 1):
        for m in range(1, min(len(heard), MOST_SPLIT_WORDS) + 1):
            if min(n, m) > 1:
                continue
            yield Run(written.start, written.start + n), Run(heard.start, heard.start + m)
            yield Run(written.end - n, written.end), Run(heard.end - m, heard.end)


def _are_split_differently(written: Keys, heard: Keys, run_written: Run, run_heard: Run) -> bool:
    """Return whether the words are split differently ("JavaScript", "Javascript"), not only spelt differently."""
    return sum(len(written[k]) for k in run_written) != sum(len(heard[k]) for k in run_heard)


def _joined_similarity(written: Keys, heard: Keys, run_written: Run, run_heard: Run) -> float:
    """Return the similarity of the words in their joined form; 0 if a word at an edge has no keys."""
    edges = (written[run_written.start], written[run_written.end - 1], heard[run_heard.start], heard[run_heard.end - 1])
    left = "".join(key for k in run_written for key in written[k])
    right = "".join(key for k in run_heard for key in heard[k])
    if not all(edges) or min(len(left), len(right)) < FEWEST_JOINED_LETTERS:
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


def _complete(
    pairing: Pairing, unmatched: Pairing, written: Keys, heard: Keys, *, after: bool
) -> tuple[Pairing, Pairing]:
    best, rest = pairing, unmatched
    for n, m in ((0, 1), (1, 0), (0, 2), (2, 0)):  # one or two more words, of one text
        if n > len(unmatched.written) or m > len(unmatched.heard):
            continue
        run_written, rest_written = _extended(pairing.written, unmatched.written, n, after=after)
        run_heard, rest_heard = _extended(pairing.heard, unmatched.heard, m, after=after)
        score = _joined_similarity(written, heard, run_written, run_heard)
        if score > max(LEAST_JOINED_SIMILARITY, best.score):
            best, rest = Pairing(run_written, run_heard, score), Pairing(rest_written, rest_heard, 0.0)
    return best, rest


def _extended(run: Run, neighbour: Run, by: int, *, after: bool) -> tuple[Run, Run]:
    if after:
        return Run(run.start, run.end + by), Run(neighbour.start + by, neighbour.end)
    return Run(run.start - by, run.end), Run(neighbour.start, neighbour.end - by)
