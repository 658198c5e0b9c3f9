"""The script that trains the phone classifier: a toy one learns what is to be learned, and is the same at each run."""

from __future__ import annotations

import itertools
import tomllib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.listening.forced.phone_classifier import CLASSES, SILENCE, PhoneClassifier
from scripts.phones.labels import moved, split_files
from scripts.phones.train import SPLITS, Frames, Piece, as_classifier, second_round, spoilt, train

WIDTH = 12


def frames(seed: int, count: int = 3_000) -> Frames:
    """Frames of three classes, each a point among noise."""
    random = np.random.default_rng(seed)
    points = np.random.default_rng(7).normal(size=(3, WIDTH)) * 3
    kinds = random.integers(3, size=count)
    labels = np.array([0, 5, SILENCE])[kinds]
    return Frames((points[kinds] + random.normal(size=(count, WIDTH))).astype(np.float16), labels)


def classifier(seed: int = 1) -> PhoneClassifier:
    """A toy classifier, through what is in its file."""
    return as_classifier(train(frames(seed), epochs=60, hidden=16))


def test_a_toy_classifier_tells_what_it_was_trained_to_tell(capsys: pytest.CaptureFixture[str]) -> None:
    """Other frames of the same classes, nine of ten; the classes' shares are those of the training."""
    toy, unseen = classifier(), frames(2)

    found = toy.log_probabilities(unseen.features.astype(np.float32)).argmax(axis=1)

    assert np.mean(found == unseen.labels) > 0.9
    assert np.allclose(np.exp(toy.log_priors[[0, 5, SILENCE]]), 1 / 3, atol=0.05)
    assert "epoch 60: loss" in capsys.readouterr().out


def test_the_same_data_give_the_same_weights() -> None:
    """On one processor: the seed fixes what is random."""
    first, second = train(frames(1), epochs=1, hidden=8), train(frames(1), epochs=1, hidden=8)

    assert first.keys() == second.keys()
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_spoilt_speech_keeps_its_length() -> None:
    """Its labels stay right; it is not clipped beyond the range, and it is changed."""
    samples = np.sin(np.arange(16_000) / 9).astype(np.float32) * 0.5
    for seed in range(12):
        found = spoilt(samples, np.random.default_rng(seed))

        assert found.shape == samples.shape
        assert np.abs(found).max() <= 1
        assert np.isfinite(found).all()
        assert not np.array_equal(found, samples)


def test_what_is_reported_trains_nothing(tmp_path: Path) -> None:
    """No file is in two splits, and each split has some."""
    for groups in tomllib.loads(SPLITS.read_text(encoding="utf-8")).values():
        for pattern in (one for patterns in groups.values() for one in patterns):
            path = tmp_path / pattern.replace("*", "1")
            path.parent.mkdir(exist_ok=True)
            path.touch()

    found = {name: set(split_files(SPLITS, tmp_path, name)) for name in ("train", "tune", "report")}

    assert all(found.values())
    assert sum(map(len, found.values())) == len(set().union(*found.values()))


def runs(labels: npt.NDArray[np.int64]) -> list[int]:
    """The labels without those that repeat the one before."""
    return [label for label, _ in itertools.groupby(labels.tolist())]


@given(st.data())
def test_a_second_round_moves_the_edges_alone(data: st.DataObject) -> None:
    """The same phones in the same order; where the scores are those of some labels, the edges are theirs."""
    order = [k % 7 for k in range(data.draw(st.integers(2, 12)))]  # neighbours differ
    lengths = st.lists(st.integers(1, 9), min_size=len(order), max_size=len(order))
    true = np.repeat(np.array(order, np.int64), data.draw(lengths))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(true) - 1), min_size=len(order) - 1, max_size=len(order) - 1)))
    labels = np.repeat(np.array(order, np.int64), np.diff([0, *cuts, len(true)]))
    scores = np.log(np.where(np.arange(len(CLASSES)) == true[:, None], 0.9, 0.1 / len(CLASSES))).astype(np.float32)

    found = moved(labels, scores, np.zeros(len(CLASSES), np.float32))

    assert runs(found) == runs(labels)
    assert np.array_equal(found, true)


def test_a_second_round_keeps_the_features() -> None:
    """It changes labels alone."""
    some = frames(3, 50)
    piece = Piece(some.features, some.features[::-1], np.sort(some.labels))

    (found,) = second_round([piece], train(frames(1), epochs=1, hidden=8))

    assert (found.clean is piece.clean, found.spoilt is piece.spoilt) == (True, True)
    assert runs(found.labels) == runs(piece.labels)
