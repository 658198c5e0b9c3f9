from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch.nn.modules.batchnorm import _BatchNorm
from torchaudio.compliance import kaldi  # type: ignore[import-untyped]

from pipeline.listening.audio.recording import RATE, open_recording
from pipeline.listening.diarize import campplus
from pipeline.listening.models.catalog import VOICES, VOICES_FILE
from pipeline.listening.models.locate import obtain
from pipeline.listening.models.tensor_files import load_tensors
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.progress import silent
from pipeline.times import Span, from_seconds
from tests.listening.conftest import EXAMPLE

pytestmark = pytest.mark.xdist_group("models")  # one process loads the real models

TRUTH = json.loads(EXAMPLE.with_suffix(".truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def published() -> tuple[Path, str | None]:
    """The file of the published weights, and its SHA-256."""
    weights = obtain(VOICES, "pyannote", WeightsOptions(), silent)
    return weights.path / VOICES_FILE, weights.proof(VOICES_FILE)


@pytest.fixture(scope="module")
def network(published: tuple[Path, str | None]) -> campplus.CamPlusPlus:
    """The network with its published weights."""
    return campplus.load_network(*published)


@pytest.fixture(scope="module")
def sentences() -> list[tuple[str, torch.Tensor]]:
    """The first sentences of the example of at least 4 s: speaker, and features of 4 s, shape (T, 80)."""
    recording, found = open_recording(EXAMPLE), []
    for one in [one for one in TRUTH["sentences"] if one["end"] - one["start"] >= 4][:16]:
        sound = recording.read(Span(from_seconds(one["start"]), from_seconds(one["start"]) + 4_000)).samples
        bands = kaldi.fbank(torch.from_numpy(sound)[None], num_mel_bins=campplus.NUM_BANDS, sample_frequency=RATE)
        found.append((str(one["speaker"]), bands - bands.mean(0)))
    return found


def embeddings(network: campplus.CamPlusPlus, features: list[torch.Tensor]) -> npt.NDArray[np.float32]:
    """Embeddings of unit length, shape (len(features), 192), computed in one batch."""
    with torch.inference_mode():
        found = network(torch.stack(features))
    unit: npt.NDArray[np.float32] = torch.nn.functional.normalize(found).numpy()
    return unit


def test_the_network_has_the_tensors_of_the_weights() -> None:
    """The network has 937 tensors, and loading is strict: a missing tensor is an error."""
    state = campplus.CamPlusPlus().state_dict()

    assert len(state) == 937
    with pytest.raises(RuntimeError, match="Missing key"):
        campplus.CamPlusPlus().load_state_dict(dict(list(state.items())[1:]))


def test_folded_normalization_does_not_change_an_embedding(
    network: campplus.CamPlusPlus, published: tuple[Path, str | None], sentences: list[tuple[str, torch.Tensor]]
) -> None:
    """No batch normalization is left after a convolution, and embeddings are the same, to float32's precision."""
    as_published, features = campplus.CamPlusPlus(), [features for _, features in sentences[:3]]
    as_published.load_state_dict(load_tensors(*published))
    as_published.eval()

    counts = [sum(isinstance(part, _BatchNorm) for part in one.modules()) for one in (as_published, network)]
    assert counts == [122, 57]
    assert np.allclose(embeddings(network, features), embeddings(as_published, features), atol=1e-5)


def test_embeddings_of_one_voice_are_nearer_than_of_two(
    network: campplus.CamPlusPlus, sentences: list[tuple[str, torch.Tensor]]
) -> None:
    """The median cosine similarity of sentences of one person exceeds that of two people by 0.2 or more."""
    names, found = [name for name, _ in sentences], embeddings(network, [features for _, features in sentences])
    pairs = [(names[i] == names[j], float(found[i] @ found[j])) for i, j in combinations(range(len(names)), 2)]

    same, other = ([similarity for is_same, similarity in pairs if is_same is which] for which in (True, False))
    assert len(set(names)) > 2
    assert np.median(same) > np.median(other) + 0.2


def test_a_batch_does_not_change_an_embedding(
    network: campplus.CamPlusPlus, sentences: list[tuple[str, torch.Tensor]]
) -> None:
    """An embedding is the same alone and in a batch, to float32's precision."""
    features = [features for _, features in sentences[:3]]
    together = embeddings(network, features)

    for number, one in enumerate(features):
        assert np.allclose(embeddings(network, [one])[0], together[number], atol=1e-4)


@pytest.mark.parametrize("num_frames", [30, 199, 200, 201, 401])
def test_any_length_has_an_embedding(network: campplus.CamPlusPlus, num_frames: int) -> None:
    """Features of any length have a finite embedding, also if the last masking segment is incomplete."""
    random = torch.Generator().manual_seed(num_frames)

    (found,) = embeddings(network, [torch.randn(num_frames, campplus.NUM_BANDS, generator=random)])

    assert found.shape == (campplus.DIMENSION,)
    assert np.isfinite(found).all()
