"""Networks of pyannote.audio that are built here are those that it would build itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from pyannote.audio.core.model import Model
from pyannote.audio.core.task import Problem, Resolution, Specifications
from pyannote.audio.models.embedding import WeSpeakerResNet34
from pyannote.audio.models.segmentation import PyanNet

from pipeline.listening.diarize.pyannote_model import load_model
from pipeline.listening.models.catalog import SEGMENTATION_FILE, VOICES
from pipeline.listening.models.locate import Weights, obtain
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.progress import silent
from tests.listening.planted import Planted, saved
from tests.listening.toy_models import sha256

pytestmark = pytest.mark.xdist_group("models")  # one process loads the real models

SMALL: dict[str, Any] = {"lstm": {"hidden_size": 2, "num_layers": 1}, "linear": {"hidden_size": 2, "num_layers": 1}}


def checkpoint(**changes: object) -> dict[str, Any]:
    """A small segmentation network, as pyannote.audio saves it."""
    network = PyanNet(**SMALL)
    network.specifications = Specifications(
        Problem.MONO_LABEL_CLASSIFICATION, Resolution.FRAME, 10.0, classes=["a", "b"], powerset_max_classes=2
    )
    network.setup()  # type: ignore[no-untyped-call] # Lightning's
    content: dict[str, Any] = {"hyper_parameters": SMALL, "state_dict": network.state_dict()}
    network.on_save_checkpoint(content)  # type: ignore[no-untyped-call] # the same
    content["pytorch-lightning_version"] = "2.6.6"
    return {**content, **changes}


def pyannotes_own(path: Path) -> Model:
    """The network as pyannote.audio loads it."""
    network = Model.from_pretrained(path)
    assert network is not None
    network.eval()
    return network


@pytest.fixture(scope="module")
def voices() -> Weights:
    """The real models."""
    return obtain(VOICES, "pyannote", WeightsOptions(), silent)


def test_the_published_network_is_pyannotes_own(voices: Weights) -> None:
    """segmentation-3.0 has the tensors, the task and the output of the network that pyannote.audio itself loads."""
    path = voices.path / SEGMENTATION_FILE
    ours, theirs = load_model(path, voices.proof(SEGMENTATION_FILE)), pyannotes_own(path)
    sound = 0.1 * torch.randn(2, 1, 160_000, generator=torch.Generator().manual_seed(1))

    assert (type(ours), ours.specifications) == (type(theirs), theirs.specifications)
    assert dict(ours.hparams) == dict(theirs.hparams)
    assert not ours.training
    with torch.inference_mode():
        assert torch.equal(ours(sound), theirs(sound))


def test_a_small_network_is_pyannotes_own(tmp_path: Path) -> None:
    """A network of other sizes too has the output of the one that pyannote.audio itself loads."""
    path = tmp_path / "pytorch_model.bin"
    path.write_bytes(saved(checkpoint()))
    sound = torch.randn(1, 1, 32_000, generator=torch.Generator().manual_seed(2))

    with torch.inference_mode():
        assert torch.equal(load_model(path, None)(sound), pyannotes_own(path)(sound))


def test_the_embedding_network_of_the_community_pipeline_is_built(tmp_path: Path) -> None:
    """A WeSpeaker network has the tensors that were saved."""
    network = WeSpeakerResNet34()
    network.specifications = Specifications(Problem.REPRESENTATION, Resolution.CHUNK, 5.0)
    content: dict[str, Any] = {"hyper_parameters": dict(network.hparams), "state_dict": network.state_dict()}
    network.on_save_checkpoint(content)  # type: ignore[no-untyped-call] # the same
    (tmp_path / "pytorch_model.bin").write_bytes(saved(content))

    found = load_model(tmp_path / "pytorch_model.bin", None)

    assert isinstance(found, WeSpeakerResNet34)
    assert all(torch.equal(found.state_dict()[name], tensor) for name, tensor in network.state_dict().items())


def architecture(module: str, name: str) -> dict[str, Any]:
    """What a checkpoint says of another network."""
    return {"pyannote.audio": {**checkpoint()["pyannote.audio"], "architecture": {"module": module, "class": name}}}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (checkpoint(**architecture("os", "system")), "is of the network 'os.system', which cuemark does not build"),
        (checkpoint(**architecture("this", "c")), "is of the network 'this.c', which cuemark does not build"),
        (checkpoint(hyper_parameters={"lstm": {"hidden_size": 10_000}}), "numbers is too large"),
        (checkpoint(hyper_parameters={"lstm": {"hidden_size": [1]}}), "are not plain numbers"),
        (checkpoint(hyper_parameters={"lstm": {"size": 1}}), "no network has the sizes in the file"),
        (checkpoint(hyper_parameters={"sample_rate": 0}), "no network has the sizes in the file"),
        (checkpoint(state_dict={}), "Missing key"),
        (checkpoint(hyper_parameters={}), "size mismatch"),
        ({"state_dict": {}}, "is not a model of pyannote.audio"),
        ([], "is not a model of pyannote.audio"),
    ],
)
def test_another_network_is_refused(tmp_path: Path, content: object, reason: str) -> None:
    """No module is imported and no class called because a checkpoint names it; none is built that is too large."""
    path = tmp_path / "pytorch_model.bin"
    path.write_bytes(saved(content))

    with pytest.raises((ValueError, RuntimeError), match=reason):
        load_model(path, None)


@pytest.mark.parametrize("is_known", [True, False])
def test_a_planted_network_does_not_run(tmp_path: Path, *, is_known: bool) -> None:
    """Nothing is called that a checkpoint names in one of its values, not even if its hash is known."""
    path, trace = tmp_path / "pytorch_model.bin", tmp_path / "trace"
    path.write_bytes(saved(checkpoint(callbacks=Planted(trace))))

    with pytest.raises(ValueError, match=r"names posix\.mkdir, which may not be loaded"):
        load_model(path, sha256(path.read_bytes()) if is_known else None)

    assert not trace.exists()
