"""The script that trains the phone classifier: a toy one learns what is to be learned, and is the same at each run."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from pipeline.listening.forced.phone_classifier import SILENCE, PhoneClassifier
from scripts.phones.labels import split_files
from scripts.phones.train import SPLITS, Frames, spoilt, train

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
    weights = train(frames(seed), epochs=60, hidden=16)
    layers = tuple((weights[f"weight{k}"].astype(np.float32), weights[f"bias{k}"].astype(np.float32)) for k in range(3))
    return PhoneClassifier(layers, weights["log_priors"].astype(np.float32))


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
