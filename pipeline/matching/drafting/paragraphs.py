"""Paragraphs of a long turn, split between sentences and preferably at pauses."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from pipeline.reading.words.sentence_end import has_sentence_stop
from pipeline.schema import HeardWord
from pipeline.times import Ms

MIN_WORDS_BEFORE_PAUSE = 60
"""After this many words, a long pause between two sentences starts a new paragraph. Chosen by hand."""

MIN_WORDS_BEFORE_SENTENCE = 120
"""After this many words, the end of any sentence does. Chosen by hand."""

MIN_WORDS_LEFT = 25
"""No paragraph is started for fewer words than this. Chosen by hand."""

MIN_PARAGRAPH_PAUSE_MS: Ms = 700
"""A silence of this length between two sentences is a long pause. Chosen by hand."""


def paragraph_starts(words: Sequence[HeardWord]) -> tuple[int, ...]:
    """Return the indices of the words that start a paragraph, 0 included.

    Paragraphs are split only at the end of a sentence, so a turn without sentences is one long paragraph.
    """
    starts = [0]
    for at, (before, after) in enumerate(pairwise(words), start=1):
        length, left = at - starts[-1], len(words) - at
        pauses = after.span.start - before.span.end >= MIN_PARAGRAPH_PAUSE_MS
        can_split = has_sentence_stop(before.text) and not _looks_like_a_remark(words[at : at + 3])
        if (
            left >= MIN_WORDS_LEFT
            and can_split
            and (length >= MIN_WORDS_BEFORE_SENTENCE or (length >= MIN_WORDS_BEFORE_PAUSE and pauses))
        ):
            starts.append(at)
    return tuple(starts)


def _looks_like_a_remark(first: Sequence[HeardWord]) -> bool:
    """Return whether a paragraph that starts like this reads as an editor's ("Note: ...", "Show notes: ...")."""
    return any(word.text.endswith((":", "：")) for word in first)
