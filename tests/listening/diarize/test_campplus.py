from __future__ import annotations

import json
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torchaudio.compliance import kaldi  # type: ignore[import-untyped]

from pipeline.listening.audio.recording import RATE, open_recording
from pipeline.listening.diarize import campplus
from pipeline.listening.models.catalog import VOICES, VOICES_FILE
from pipeline.listening.models.locate import WeightsOptions, obtain
from pipeline.progress import silent
from pipeline.times import Span, from_seconds
from tests.listening.conftest import EXAMPLE

pytestmark = pytest.mark.xdist_group("models")  # one process loads the real models

TRUTH = json.loads(EXAMPLE.with_suffix(".truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def network() -> campplus.CamPlusPlus:
    """The network with its published weights."""
    return campplus.load(obtain(VOICES, "pyannote", WeightsOptions(), silent).path / VOICES_FILE)


@pytest.fixture(scope="module")
def sentences() -> list[tuple[str, torch.Tensor]]:
    """The first sentences of the example that last 4 s or longer: who speaks, and 4 s of features, shape (T, 80)."""
    recording, found = open_recording(EXAMPLE), []
    for one in [one for one in TRUTH["sentences"] if one["end"] - one["start"] >= 4][:16]:
        sound = recording.read(Span(from_seconds(one["start"]), from_seconds(one["start"]) + 4_000)).samples
        bands = kaldi.fbank(torch.from_numpy(sound)[None], num_mel_bins=campplus.NUM_BANDS, sample_frequency=RATE)
        found.append((str(one["speaker"]), bands - bands.mean(0)))
    return found


def vectors(network: campplus.CamPlusPlus, features: list[torch.Tensor]) -> npt.NDArray[np.float32]:
    """Vectors of unit length, shape (len(features), 192), computed at once."""
    with torch.inference_mode():
        found = network(torch.stack(features))
    unit: npt.NDArray[np.float32] = torch.nn.functional.normalize(found).numpy()
    return unit


def test_every_tensor_of_the_weights_has_its_place(network: campplus.CamPlusPlus) -> None:
    """There are 937, and loading is strict: one more or one less is an error."""
    state = network.state_dict()

    assert len(state) == 937
    with pytest.raises(RuntimeError, match="Missing key"):
        campplus.CamPlusPlus().load_state_dict(dict(list(state.items())[1:]))


def test_a_voice_is_nearer_to_itself_than_to_others(
    network: campplus.CamPlusPlus, sentences: list[tuple[str, torch.Tensor]]
) -> None:
    """At the median, two sentences of one person are far nearer to each other than those of two."""
    names, found = [name for name, _ in sentences], vectors(network, [features for _, features in sentences])
    pairs = [(names[i] == names[j], float(found[i] @ found[j])) for i, j in combinations(range(len(names)), 2)]

    same, other = ([near for alike, near in pairs if alike is wanted] for wanted in (True, False))
    assert len(set(names)) > 2
    assert np.median(same) > np.median(other) + 0.2


def test_what_is_computed_together_is_not_mixed(
    network: campplus.CamPlusPlus, sentences: list[tuple[str, torch.Tensor]]
) -> None:
    """A vector is the same alone and among others, to float32's precision."""
    features = [features for _, features in sentences[:3]]
    together = vectors(network, features)

    for number, one in enumerate(features):
        assert np.allclose(vectors(network, [one])[0], together[number], atol=1e-4)


@pytest.mark.parametrize("num_frames", [30, 199, 200, 201, 401])
def test_any_length_has_a_vector(network: campplus.CamPlusPlus, num_frames: int) -> None:
    """Whole segments of the masking or not."""
    chance = torch.Generator().manual_seed(num_frames)

    (found,) = vectors(network, [torch.randn(num_frames, campplus.NUM_BANDS, generator=chance)])

    assert found.shape == (campplus.DIMENSION,)
    assert np.isfinite(found).all()
