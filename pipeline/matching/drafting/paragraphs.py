"""A turn's sentences as paragraphs that one reads with ease, parted where the speaker breathes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from pipeline.matching.drafting.disfluency import ends_sentence
from pipeline.schema import HeardWord
from pipeline.times import Ms

MIN_WORDS_BEFORE_PAUSE = 60
"""Words after which a long pause between two sentences begins a new paragraph."""

MIN_WORDS_BEFORE_SENTENCE = 120
"""Words after which any sentence's end does."""

MIN_WORDS_LEFT = 25
"""No paragraph is begun for fewer words than this."""

MIN_PARAGRAPH_PAUSE_MS: Ms = 700
"""Silence between two sentences that parts two thoughts."""


def paragraph_starts(words: Sequence[HeardWord]) -> tuple[int, ...]:
    """The indices of the words that begin a paragraph, the first word's among them.

    Only a sentence's end parts paragraphs, so a speaker without sentences has one long one.
    """
    starts = [0]
    for at, (before, after) in enumerate(pairwise(words), start=1):
        length, left = at - starts[-1], len(words) - at
        rests = after.span.start - before.span.end >= MIN_PARAGRAPH_PAUSE_MS
        parts = ends_sentence(before.text) and not _looks_like_a_remark(words[at : at + 3])
        if (
            left >= MIN_WORDS_LEFT
            and parts
            and (length >= MIN_WORDS_BEFORE_SENTENCE or (length >= MIN_WORDS_BEFORE_PAUSE and rests))
        ):
            starts.append(at)
    return tuple(starts)


def _looks_like_a_remark(first: Sequence[HeardWord]) -> bool:
    """Whether a paragraph that begins so would be read as an editor's ("Note: ...", "Show notes: ...")."""
    return any(word.text.endswith((":", "：")) for word in first)
