"""The classifier's scores are log probabilities; in 8 bits they are the same to the rounding."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from pipeline.listening.forced.phone_classifier import CLASSES, SILENCE, load_classifier, packed, unpacked
from pipeline.listening.forced.phone_features import BANDS, CONTEXT

BASE_WIDTH = 512
"""The width of the output of base's encoder."""

WIDTH = BASE_WIDTH + BANDS * len(CONTEXT)


@given(st_numpy.arrays(np.float32, st.tuples(st.integers(0, 5), st.just(WIDTH)), elements=st.floats(-9, 9, width=16)))
def test_scores_are_log_probabilities(features: np.ndarray) -> None:
    """Of each frame they sum up to one, whatever the features."""
    scores = load_classifier().log_probabilities(features)

    assert scores.shape == (len(features), len(CLASSES))
    assert np.allclose(np.exp(scores).sum(axis=1), 1, atol=1e-4)


def test_the_shares_of_the_classes_sum_up_to_one() -> None:
    """The prior of each class is its share in the training data; silence is frequent there."""
    shares = np.exp(load_classifier().log_priors)

    assert np.isclose(shares.sum(), 1, atol=1e-4)
    assert shares[SILENCE] > 1 / len(CLASSES)


@given(
    st_numpy.arrays(
        np.float32, st.tuples(st.integers(0, 20), st.just(len(CLASSES))), elements=st.floats(-40, 0, width=32)
    )
)
def test_packed_scores_are_the_same_to_the_rounding(scores: np.ndarray) -> None:
    """What is less probable than e to the -16 is as improbable as that; the size is a byte for each."""
    content = packed(scores)

    assert len(content) == scores.size
    assert np.abs(unpacked(content) - np.maximum(scores, -255 / 16)).max(initial=0) <= 1 / 32 + 1e-6
