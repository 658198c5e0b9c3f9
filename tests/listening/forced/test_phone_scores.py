"""Blocks of scores are joined to those of any span."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.listening.forced import BLOCK, blocks_of
from pipeline.listening.forced.phone_classifier import CLASSES, packed, unpacked
from pipeline.listening.forced.phone_scores import scores_within
from pipeline.times import Span

FRAMES = 5_000
WHOLE = unpacked(packed(-np.random.default_rng(1).uniform(0, 15, (FRAMES, len(CLASSES))).astype(np.float32)))
"""The scores of 50 seconds: two blocks and a half."""

BLOCKS = {k: packed(WHOLE[k * BLOCK // 10 : (k + 1) * BLOCK // 10]) for k in range(3)}


@given(st.integers(0, 60_000), st.integers(0, 60_000))
def test_a_span_has_its_frames(one: int, other: int) -> None:
    """From the frame in which it starts, over the edges of blocks, to the end of the recording at most."""
    span = Span(min(one, other), max(one, other))

    assert np.array_equal(scores_within(BLOCKS, span), WHOLE[span.start // 10 : span.end // 10])


def test_nothing_follows_a_block_that_is_missing() -> None:
    """Frames after it would be taken for earlier ones."""
    blocks = {0: BLOCKS[0], 2: BLOCKS[2]}

    assert np.array_equal(scores_within(blocks, Span(10_000, 50_000)), WHOLE[1_000:2_000])
    assert len(scores_within(blocks, Span(30_000, 50_000))) == 0


def test_the_blocks_of_spans_are_those_that_they_touch() -> None:
    """Each once, in order; an empty span touches none at an edge."""
    assert blocks_of([Span(41_000, 42_000), Span(19_999, 20_001), Span(0, 20_000)]) == [0, 1, 2]
    assert blocks_of([Span(20_000, 20_000)]) == []
