"""Paragraphs of long turns."""

from __future__ import annotations

from pipeline.matching.drafting.paragraphs import MIN_WORDS_BEFORE_SENTENCE, MIN_WORDS_LEFT, paragraph_starts
from tests.factories import heard

SENTENCE = "one two three four five six seven eight nine ten."


def test_a_long_turn_is_split_between_sentences() -> None:
    """A turn without pauses has a paragraph every 120 words, each at the start of a sentence."""
    words = heard(" ".join([SENTENCE] * 30))

    assert paragraph_starts(words) == (0, MIN_WORDS_BEFORE_SENTENCE, 2 * MIN_WORDS_BEFORE_SENTENCE)


def test_a_pause_splits_sooner() -> None:
    """After 60 words, a pause between sentences starts a paragraph."""
    words = (*heard(" ".join([SENTENCE] * 7)), *heard(" ".join([SENTENCE] * 4), 22_000))

    assert paragraph_starts(words) == (0, 70)


def test_no_paragraph_is_too_short_or_looks_like_a_remark() -> None:
    """A few last words stay in the paragraph, and so do words that would read as an editor's note."""
    short = heard(" ".join([SENTENCE] * 12 + ["word"] * (MIN_WORDS_LEFT - 1)))
    remark = heard(" ".join([SENTENCE] * 12 + ["Note: this is"] + ["word"] * MIN_WORDS_LEFT))

    assert paragraph_starts(short) == (0,)
    assert paragraph_starts(remark) == (0,)
