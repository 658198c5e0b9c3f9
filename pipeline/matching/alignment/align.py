"""Align the written words with the heard ones, however freely they were typed.

Unique n-grams in the same order anchor the two texts to each other. Dynamic programming with fuzzy word similarity
aligns each region between two anchors. Matches that occurred by chance are dropped. The result tiles both texts, so
every written and every heard word is accounted for::

    written   | Hello, welcome to NodeUp.            | We got great sponsors. | Let's go on
    heard     | hello welcome to node up | (a sponsor) | we've got great sponsors | um | let's go on
    pairings  | 1:1 1:1 1:1 1:2          | 0:n         | 1:1 …                  | 0:1 | 1:1 …

Time and memory grow linearly with the texts. A region too large for dynamic programming is split at n-grams that are
unique within it; if there are none, only its two ends are compared.

For the origin of the numbers and what "benchmark" means, see ``chance_matches``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.matching.alignment.anchors import Match, find_anchors
from pipeline.matching.alignment.chance_matches import WeightedMatch, drop_chance_matches, jump_between
from pipeline.matching.alignment.gap_alignment import align_gap
from pipeline.matching.alignment.gap_placement import place_gaps
from pipeline.matching.alignment.pairings import pair_words
from pipeline.matching.alignment.same_recording import anchor_share
from pipeline.matching.alignment.tokens import Texts, key_similarity, similarity_table, tokenize
from pipeline.options import option
from pipeline.reading.words.spoken_form import spoken_keys
from pipeline.schema import Alignment, HeardWord, WrittenWord

ANCHOR_SIZES = (5, 4, 3, 2)
"""The lengths of the n-grams, in words. Long ones come first: one that is unique in the whole text is reliable; a
shorter one is so in a small region only."""

NO_GAIN_SIMILARITY = 0.5
"""The similarity at which a match of two keys would gain nothing; the gain increases linearly from here to 1.
Benchmark: at most one sure start fewer with 0.25 or 0.75."""

TOKENS_PER_WORD_EXPONENT = 0.5
"""In a script without spaces each letter is a token. Letters of one word prove less than as many words, and more than
one word. The square root of the tokens per word is between: with it Thai is found, and chance is not. Benchmark: no
change with 0.25 or 1."""

COMPARED_END_WORDS = 400
"""The words of each text that are compared at either end of a region too large for dynamic programming. It limits time
and memory to 160,000 cells at each end."""

LEFT_OUT_WORDS = 30
"""A jump of at least this many heard words is a passage that the typist left out, or the end of the typing. Benchmark:
one sure start fewer with 15, no change with 60."""

LONGEST_TAIL_WORDS = 250
"""A typed tail of more words after a jump is not a phrase that happens to be said again. Benchmark: no change."""

TAIL_SHARE = 0.5
"""The share of the tail's matches that an earlier position must have to be taken. An earlier jingle is often heard
worse, because music is under it. Benchmark: no change with 0.25 or 1."""


@dataclass(frozen=True, slots=True)
class AlignOptions:
    """How the two texts are compared."""

    most_cells: int = option(
        3_000_000, "Largest region that is compared word by word, as written words times heard words (memory and time)"
    )
    fewest_ngrams: int = option(
        20, "With fewer unique three-word phrases than this, no verdict on whether the audio is the right one"
    )


@dataclass(frozen=True, slots=True)
class _Region:
    """Half-open token ranges of both texts: ``i0`` to ``i1`` of the written one, ``j0`` to ``j1`` of the heard one."""

    i0: int
    i1: int
    j0: int
    j1: int

    @property
    def cells(self) -> int:
        return (self.i1 - self.i0) * (self.j1 - self.j0)


def align(
    written: Sequence[WrittenWord], heard: Sequence[HeardWord], options: AlignOptions, language: str = "en"
) -> Alignment:
    """Align the written words with the heard ones.

    The pairings tile both texts in order. Runs with a score above 0 say the same: one word each, or several if one word
    is spoken as several ("npm", "n p m"). Time and memory grow linearly with the texts.

    Args:
        written: the words of the transcript.
        heard: the words of the hearing.
        options: limits of the comparison.
        language: the language code of both texts, for numbers that are spoken in full.

    >>> from pipeline.times import Span
    >>> align((), (HeardWord("hello", Span(0, 400)),), AlignOptions()).pairings
    (Pairing(written=Run(start=0, end=0), heard=Run(start=0, end=1), score=0.0),)
    """
    written_keys = [word.keys for word in written]
    heard_keys = [spoken_keys(word.text, language) for word in heard]
    texts = tokenize(written_keys, heard_keys, [word.utterance for word in written])
    matches = _match_tokens(texts, options)
    pairings = pair_words(texts, matches, written_keys, heard_keys)
    return Alignment(pairings, anchor_share(texts, matches, options.fewest_ngrams))


def _match_tokens(texts: Texts, options: AlignOptions) -> list[Match]:
    whole = _Region(0, len(texts.written), 0, len(texts.heard))
    anchors = _supported(texts, _anchors(texts, whole, ANCHOR_SIZES[:3]))
    matches = _supported(texts, place_gaps(texts, _align_between(texts, whole, anchors, options)))
    return _supported(texts, _move_tail_to_first_occurrence(texts, whole, matches, options))


def _supported(texts: Texts, matches: Sequence[Match]) -> list[Match]:
    return drop_chance_matches(list(_weighted(texts, matches)), texts.tokens_per_word)


def _weighted(texts: Texts, matches: Sequence[Match]) -> Iterator[WeightedMatch]:
    written, heard = texts.written.ids.tolist(), texts.heard.ids.tolist()  # many single numbers are read faster so
    turns, weight = texts.turns.tolist(), texts.weight.tolist()
    for i, j in matches:
        similarity = key_similarity(texts.vocabulary[written[i]], texts.vocabulary[heard[j]])
        yield WeightedMatch((i, j), turns[i], weight[written[i]] * similarity / texts.tokens_per_word)


def _anchors(texts: Texts, region: _Region, sizes: Sequence[int]) -> list[Match]:
    """Return the anchors of a region: of the largest n-grams that give any, and of smaller ones between those."""
    if not sizes or region.i0 == region.i1 or region.j0 == region.j1:
        return []
    written = texts.written.ids[region.i0 : region.i1].tolist()
    heard = texts.heard.ids[region.j0 : region.j1].tolist()
    found = find_anchors(written, heard, texts.tokens_per_word * sizes[0])
    anchors = [(region.i0 + i, region.j0 + j) for i, j in found]
    return _with_each_gap(region, anchors, lambda gap: _anchors(texts, gap, sizes[1:]))


def _align_between(texts: Texts, region: _Region, anchors: Sequence[Match], options: AlignOptions) -> list[Match]:
    return _with_each_gap(region, anchors, lambda gap: _align_region(texts, gap, options))


def _with_each_gap(region: _Region, anchors: Sequence[Match], match: Callable[[_Region], list[Match]]) -> list[Match]:
    """Return the anchors and, between them, what ``match`` finds in each gap that has words of both texts."""
    matches: list[Match] = []
    i, j = region.i0, region.j0
    for anchor_i, anchor_j in (*anchors, (region.i1, region.j1)):
        if anchor_i > i and anchor_j > j:
            matches.extend(match(_Region(i, anchor_i, j, anchor_j)))
        if (anchor_i, anchor_j) != (region.i1, region.j1):
            matches.append((anchor_i, anchor_j))
        i, j = anchor_i + 1, anchor_j + 1
    return matches


def _align_region(texts: Texts, region: _Region, options: AlignOptions) -> list[Match]:
    if region.cells <= options.most_cells:
        return _align_every_word(texts, region)
    for size in ANCHOR_SIZES:
        anchors = _supported(texts, _anchors(texts, region, (size,)))
        if anchors:
            return _align_between(texts, region, anchors, options)
    return _align_both_ends(texts, region)


def _align_both_ends(texts: Texts, region: _Region) -> list[Match]:
    """Compare the two ends of a region alone: its middle has no phrase in common.

    A text that is no longer than an end is compared with both ends of the other one, and is at the better one.
    """
    size = COMPARED_END_WORDS * texts.tokens_per_word
    i, j = min(region.i1, region.i0 + size), min(region.j1, region.j0 + size)
    head = _align_every_word(texts, _Region(region.i0, i, region.j0, j))
    if i == region.i1 or j == region.j1:
        end = _Region(max(region.i0, region.i1 - size), region.i1, max(region.j0, region.j1 - size), region.j1)
        return max(head, _align_every_word(texts, end), key=len)
    tail_start = max(i, region.i1 - size), max(j, region.j1 - size)
    tail = _align_every_word(texts, _Region(tail_start[0], region.i1, tail_start[1], region.j1))
    return head + tail


def _align_every_word(texts: Texts, region: _Region) -> list[Match]:
    rows, columns = texts.written.ids[region.i0 : region.i1], texts.heard.ids[region.j0 : region.j1]
    if len(rows) == len(columns) == 1:
        similarity = key_similarity(texts.vocabulary[rows[0]], texts.vocabulary[columns[0]])
        return [(region.i0, region.j0)] if similarity > 0 else []
    table = similarity_table(texts, rows, columns)
    fuzzy = np.where(table < 1, np.maximum(0, (table - NO_GAIN_SIMILARITY) / (1 - NO_GAIN_SIMILARITY)), 1)
    per_word = texts.tokens_per_word**TOKENS_PER_WORD_EXPONENT
    gain = np.asarray(fuzzy * texts.weight[rows][:, None] / per_word, dtype=np.float32)
    found = align_gap(
        gain,
        texts.inside_turn[region.i0 : region.i1 + 1],
        open_start=region.i0 == 0 and region.j0 == 0,
        open_end=region.i1 == len(texts.written) and region.j1 == len(texts.heard),
    )
    return [(region.i0 + i, region.j0 + j) for i, j in found]


def _move_tail_to_first_occurrence(
    texts: Texts, whole: _Region, matches: list[Match], options: AlignOptions
) -> list[Match]:
    """Match a short typed tail where it is said first, if it was matched far behind all that comes before it.

    A jingle or a sponsor that is typed last and said twice is often heard better the second time, without music.
    """
    for at in range(len(matches) - 1, 0, -1):
        (i, j), (next_i, next_j) = matches[at - 1], matches[at]
        if whole.i1 - next_i > LONGEST_TAIL_WORDS * texts.tokens_per_word:
            break
        if jump_between((i, j), (next_i, next_j)) < LEFT_OUT_WORDS * texts.tokens_per_word:
            continue
        gap = _Region(i + 1, whole.i1, j + 1, next_j)
        nearer = _align_region(texts, gap, options) if gap.cells else []
        candidate = _supported(texts, [*matches[:at], *nearer])
        if len(candidate) - at >= TAIL_SHARE * (len(matches) - at):
            return candidate
    return matches
