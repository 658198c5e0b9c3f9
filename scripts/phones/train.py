"""Train the phone classifier of forced alignment and write its weights.

    ./.venv/bin/python -m scripts.phones.train --data FOLDER [--output FILE] [--store FOLDER] [--rounds 1]

``FOLDER`` has the recordings of the split "train" in ``scripts/splits.toml``. Takes about 15 minutes on two cores, of
which the hearing, a third, is kept in the store. The same data, packages and seed give the same weights on the same
processor. Each piece of speech is used twice: as it is, and spoilt (see ``scripts/degrade.py``). Before each round but
the first, the labels are moved to where the last classifier finds them.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from pipeline.files.store import Store, default_folder
from pipeline.listening.forced.phone_classifier import CLASSES, WEIGHTS, PhoneClassifier
from pipeline.listening.forced.phone_features import phone_features
from pipeline.listening.forced.whisper_encoder import encode
from pipeline.settings.config import Config
from scripts.benchmark_hints import load_engine
from scripts.degrade import room, telephone, with_noise
from scripts.phones.labels import Labelled, labelled_speech, moved, split_files

ROOT = Path(__file__).resolve().parents[2]
SPLITS = ROOT / "scripts" / "splits.toml"
OUTPUT = ROOT / "pipeline" / "listening" / "forced" / WEIGHTS

SEED = 0
HIDDEN = 320
"""Units of each of two layers: 0.9 MB of weights in half precision."""

EPOCHS = 8
BATCH = 1_024
DROPOUT, SMOOTHING = 0.2, 0.05
LEARNING_RATE, WEIGHT_DECAY = 3e-3, 1e-3

HELD_OUT = 20
"""Of each this many pieces one is not trained on: the accuracy is that of these."""


Weights = Mapping[str, npt.NDArray[np.float16 | np.float32]]
"""The arrays of the file, by their names."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of speech as the classifier gets it.

    Attributes:
        clean: its features as it is, shape (num_frames, width).
        spoilt: those of the same piece, spoilt.
        labels: shape (num_frames,).
    """

    clean: npt.NDArray[np.float16]
    spoilt: npt.NDArray[np.float16]
    labels: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Frames:
    """Frames with their labels: features (num_frames, width) in half precision, labels (num_frames,)."""

    features: npt.NDArray[np.float16]
    labels: npt.NDArray[np.int64]

    @classmethod
    def of(cls, pieces: Sequence[Piece]) -> Frames:
        """Join pieces, each as it is and spoilt."""
        features = [features for one in pieces for features in (one.clean, one.spoilt)]
        return cls(np.concatenate(features), np.concatenate([one.labels for one in pieces for _ in range(2)]))


def spoilt(samples: npt.NDArray[np.float32], random: np.random.Generator) -> npt.NDArray[np.float32]:
    """Return the samples with noise, as over a telephone, or as in a room, at another level."""
    kind = random.choice(["noise", "noise", "telephone", "noisy telephone", "room"])
    seed = int(random.integers(1 << 20))
    if "nois" in kind:
        noise = str(random.choice(["white", "pink", "babble", "music"]))
        samples = with_noise(samples, float(random.uniform(2, 18)), noise, seed)
    if "telephone" in kind:
        samples = telephone(samples)
    if kind == "room":
        samples = room(samples, float(random.uniform(0.02, 0.08)), seed)
    return np.asarray(np.clip(samples * 10 ** random.uniform(-0.6, 0.2), -1, 1), dtype=np.float32)


def framed(model: object, pieces: Sequence[Labelled], random: np.random.Generator) -> Iterator[Piece]:
    """Yield the features and labels of each piece."""
    for piece in pieces:
        clean, noisy = (
            phone_features(samples, encode(model, samples)).astype(np.float16)
            for samples in (piece.samples, spoilt(piece.samples, random))
        )
        yield Piece(clean, noisy, piece.labels[: len(clean)])


def second_round(pieces: Sequence[Piece], weights: Weights) -> Iterator[Piece]:
    """Yield pieces with their labels where a classifier with these weights finds them in clean speech."""
    classifier = as_classifier(weights)
    for one in pieces:
        scores = classifier.log_probabilities(one.clean.astype(np.float32))
        yield replace(one, labels=moved(one.labels, scores, classifier.log_priors))


def as_classifier(weights: Weights) -> PhoneClassifier:
    """Return the classifier with these weights."""
    layers = tuple(
        (weights[f"weight{k}"].astype(np.float32), weights[f"bias{k}"].astype(np.float32))
        for k in range(sum(name.startswith("weight") for name in weights))
    )
    return PhoneClassifier(layers, weights["log_priors"].astype(np.float32))


def train(frames: Frames, held_out: Frames | None = None, epochs: int = EPOCHS, hidden: int = HIDDEN) -> Weights:
    """Return the weights by their names in the file; prints the loss, and the accuracy on what is held out."""
    import torch  # noqa: PLC0415 -- heavy
    from torch import nn  # noqa: PLC0415

    torch.manual_seed(SEED)
    features, labels = torch.from_numpy(frames.features), torch.from_numpy(frames.labels)
    mean, deviation = features[::7].float().mean(0), features[::7].float().std(0) + 1e-3
    width, classes = features.shape[1], len(CLASSES)
    sizes = (width, hidden, hidden, classes)
    linear = [nn.Linear(a, b) for a, b in itertools.pairwise(sizes)]
    network = nn.Sequential(
        linear[0], nn.ReLU(), nn.Dropout(DROPOUT), linear[1], nn.ReLU(), nn.Dropout(DROPOUT), linear[2]
    )
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=WEIGHT_DECAY)
    steps = epochs * -(-len(features) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, steps)
    for epoch in range(epochs):
        network.train()
        total = 0.0
        for some in torch.randperm(len(features)).split(BATCH):
            scores = network((features[some].float() - mean) / deviation)
            loss = nn.functional.cross_entropy(scores, labels[some], label_smoothing=SMOOTHING)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(some)
        network.eval()
        line = f"epoch {epoch + 1}: loss {total / len(features):.3f}"
        if held_out:
            with torch.no_grad():
                found = network((torch.from_numpy(held_out.features).float() - mean) / deviation).argmax(1).numpy()
            line += f", {np.mean(found == held_out.labels):.3f} of the frames held out"
        print(line, flush=True)
    counts = np.bincount(frames.labels, minlength=classes) + 1
    weights = [layer.weight.detach() for layer in linear]
    biases = [layer.bias.detach() for layer in linear]
    weights[0] = weights[0] / deviation  # the features' mean and deviation are in the first layer
    biases[0] = biases[0] - weights[0] @ mean
    return {
        **{f"weight{k}": one.numpy().astype(np.float16) for k, one in enumerate(weights)},
        **{f"bias{k}": one.numpy().astype(np.float32) for k, one in enumerate(biases)},
        "log_priors": np.log(counts / counts.sum()).astype(np.float32),
    }


def main() -> None:
    """Train on the split "train"."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the recordings")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="the file that is written")
    parser.add_argument("--rounds", type=int, default=1, help="of labels; a second one has not paid")
    parser.add_argument("--store", type=Path, default=default_folder(), help="where what was heard is kept")
    options = parser.parse_args()
    files = split_files(SPLITS, options.data, "train")
    pieces = list(labelled_speech(files, Store(options.store)))
    seconds = sum(len(piece.labels) for piece in pieces) / 100
    print(f"{len(files)} recordings, {len(pieces)} pieces, {seconds:.0f} s", flush=True)
    model = cast("Any", load_engine(Config())).model
    random = np.random.default_rng(SEED)
    held = list(framed(model, pieces[::HELD_OUT], random))
    rest = list(framed(model, [piece for number, piece in enumerate(pieces) if number % HELD_OUT], random))
    weights = train(Frames.of(rest), Frames.of(held))
    for _ in range(options.rounds - 1):
        rest, held = list(second_round(rest, weights)), list(second_round(held, weights))
        weights = train(Frames.of(rest), Frames.of(held))
    np.savez_compressed(options.output, **cast("Any", weights))
    print(f"{options.output}: {options.output.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
