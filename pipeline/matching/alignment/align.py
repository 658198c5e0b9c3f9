"""Find the written words among the heard ones, however freely they were typed.

Unique n-grams, in order, pin the two texts together; a dynamic programme with fuzzy word similarity fills each stretch
between two pins; what matched by chance is dropped; and the result tiles both texts, so that nothing written and
nothing heard is ever unaccounted for::

    written   | Hello, welcome to NodeUp.            | We got great sponsors. | Let's go on
    heard     | hello welcome to node up | (a sponsor) | we've got great sponsors | um | let's go on
    pairings  | 1:1 1:1 1:1 1:2          | 0:n         | 1:1 …                  | 0:1 | 1:1 …

The work grows linearly: a stretch too large for the programme is split at n-grams that are unique within it, and where
there are none only its two ends are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.matching.alignment.anchors import Match, anchor
from pipeline.matching.alignment.chance_matches import Evidence, believable, jump_between
from pipeline.matching.alignment.gap_alignment import fill
from pipeline.matching.alignment.gap_placement import slide
from pipeline.matching.alignment.pairings import tile
from pipeline.matching.alignment.same_recording import anchor_share
from pipeline.matching.alignment.tokens import Texts, similarities, similarity, tokenize
from pipeline.options import option
from pipeline.reading.words.spoken_form import spoken_keys
from pipeline.schema import Alignment, HeardWord, WrittenWord

ANCHOR_SIZES = (5, 4, 3, 2)
"""In words; long n-grams first: one that is unique in the whole text is sure, shorter ones need a small stretch."""

CORNER = 400
"""Words of each text that are compared at either end of a stretch too large for the programme."""

LEFT_OUT = 30
"""A jump of so many heard words is a passage that the typist left out, or the place where the typing stopped."""

TAIL = 250
"""A typed tail of more words than this after a jump is no phrase that happens to be said again."""


@dataclass(frozen=True, slots=True)
class AlignOptions:
    """How the two texts are compared."""

    most_cells: int = option(
        3_000_000, "Largest stretch that is compared word by word, as written words times heard words (memory and time)"
    )
    fewest_ngrams: int = option(
        20, "With fewer unique three-word phrases than this, no verdict on whether the audio is the right one"
    )


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Half-open token ranges of both texts that lie between two anchors."""

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
    """Align what is written with what is heard.

    The pairings tile both texts in order. Runs with a score above 0 say the same: one word each, or several where one
    is written as another is spoken ("npm", "n p m"). Cost and memory grow linearly with the texts.

    Args:
        language: of both, for numbers spoken in full.

    >>> from pipeline.times import Span
    >>> align((), (HeardWord("hello", Span(0, 400)),), AlignOptions()).pairings
    (Pairing(written=Run(start=0, end=0), heard=Run(start=0, end=1), score=0.0),)
    """
    written_keys = [word.keys for word in written]
    heard_keys = [spoken_keys(word.text, language) for word in heard]
    texts = tokenize(written_keys, heard_keys, [word.utterance for word in written])
    matches = _matches(texts, options)
    pairings = tile(texts, matches, written_keys, heard_keys)
    return Alignment(pairings, anchor_share(texts, matches, options.fewest_ngrams))


def _matches(texts: Texts, options: AlignOptions) -> list[Match]:
    whole = _Stretch(0, len(texts.written), 0, len(texts.heard))
    pinned = _believed(texts, _pins(texts, whole, ANCHOR_SIZES[:3]))
    matches = _believed(texts, slide(texts, _between(texts, whole, pinned, options)))
    return _believed(texts, _first_place_of_tail(texts, whole, matches, options))


def _believed(texts: Texts, matches: Sequence[Match]) -> list[Match]:
    return believable([_evidence(texts, i, j) for i, j in matches], texts.grain)


def _evidence(texts: Texts, i: int, j: int) -> Evidence:
    written, heard = texts.written.ids[i], texts.heard.ids[j]
    alike = similarity(texts.vocabulary[written], texts.vocabulary[heard])
    return Evidence((i, j), int(texts.turns[i]), float(texts.weight[written]) * alike / texts.grain)


def _pins(texts: Texts, at: _Stretch, sizes: Sequence[int]) -> list[Match]:
    """Anchors of the stretch, of the largest n-grams that give any, and of smaller ones between those."""
    if not sizes or at.i0 == at.i1 or at.j0 == at.j1:
        return []
    written, heard = texts.written.ids[at.i0 : at.i1].tolist(), texts.heard.ids[at.j0 : at.j1].tolist()
    pins = [(at.i0 + i, at.j0 + j) for i, j in anchor(written, heard, texts.grain * sizes[0])]
    return _with_each_gap(at, pins, lambda gap: _pins(texts, gap, sizes[1:]))


def _between(texts: Texts, at: _Stretch, pins: Sequence[Match], options: AlignOptions) -> list[Match]:
    return _with_each_gap(at, pins, lambda gap: _fill_stretch(texts, gap, options))


def _with_each_gap(at: _Stretch, pins: Sequence[Match], match: Callable[[_Stretch], list[Match]]) -> list[Match]:
    """The pins and, between them, what ``match`` finds in each gap that has words of both texts."""
    matches: list[Match] = []
    i, j = at.i0, at.j0
    for pin_i, pin_j in (*pins, (at.i1, at.j1)):
        if pin_i > i and pin_j > j:
            matches.extend(match(_Stretch(i, pin_i, j, pin_j)))
        if (pin_i, pin_j) != (at.i1, at.j1):
            matches.append((pin_i, pin_j))
        i, j = pin_i + 1, pin_j + 1
    return matches


def _fill_stretch(texts: Texts, at: _Stretch, options: AlignOptions) -> list[Match]:
    if at.cells <= options.most_cells:
        return _fill_exactly(texts, at)
    for size in ANCHOR_SIZES:
        pins = _believed(texts, _pins(texts, at, (size,)))
        if pins:
            return _between(texts, at, pins, options)
    return _fill_corners(texts, at)


def _fill_corners(texts: Texts, at: _Stretch) -> list[Match]:
    """Compare the two ends of a stretch alone: its middle has no phrase in common."""
    corner = CORNER * texts.grain
    i, j = min(at.i1, at.i0 + corner), min(at.j1, at.j0 + corner)
    head = _fill_exactly(texts, _Stretch(at.i0, i, at.j0, j))
    tail = _fill_exactly(texts, _Stretch(max(i, at.i1 - corner), at.i1, max(j, at.j1 - corner), at.j1))
    return head + tail


def _fill_exactly(texts: Texts, at: _Stretch) -> list[Match]:
    rows, columns = texts.written.ids[at.i0 : at.i1], texts.heard.ids[at.j0 : at.j1]
    if len(rows) == len(columns) == 1:
        alike = similarity(texts.vocabulary[rows[0]], texts.vocabulary[columns[0]])
        return [(at.i0, at.j0)] if alike > 0 else []
    table = similarities(texts, rows, columns)
    fuzzy = np.where(table < 1, np.maximum(0, (table - 0.5) / 0.5), 1)
    # Letters of one word are not as many proofs, nor a single one: in between, Thai is found and chance is not.
    gain = np.asarray(fuzzy * texts.weight[rows][:, None] / texts.grain**0.5, dtype=np.float32)
    found = fill(
        gain,
        texts.inside_turn[at.i0 : at.i1 + 1],
        open_start=at.i0 == 0 and at.j0 == 0,
        open_end=at.i1 == len(texts.written) and at.j1 == len(texts.heard),
    )
    return [(at.i0 + i, at.j0 + j) for i, j in found]


def _first_place_of_tail(texts: Texts, whole: _Stretch, matches: list[Match], options: AlignOptions) -> list[Match]:
    """Put a short typed tail where it is said first, if it was found far behind all that comes before it.

    A jingle or a sponsor that is typed last and said twice is often heard better the second time (no music over it).
    """
    for at in range(len(matches) - 1, 0, -1):
        (i, j), (next_i, next_j) = matches[at - 1], matches[at]
        if whole.i1 - next_i > TAIL * texts.grain:
            break
        if jump_between((i, j), (next_i, next_j)) < LEFT_OUT * texts.grain:
            continue
        gap = _Stretch(i + 1, whole.i1, j + 1, next_j)
        nearer = _fill_stretch(texts, gap, options) if gap.cells else []
        candidate = _believed(texts, [*matches[:at], *nearer])
        if 2 * (len(candidate) - at) >= len(matches) - at:
            return candidate
    return matches
