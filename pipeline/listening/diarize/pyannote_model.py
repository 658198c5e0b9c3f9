"""Build pyannote.audio's networks ourselves, and load their numbers from a checkpoint without running it.

``Model.from_pretrained`` unpickles a checkpoint without restrictions, imports the module that it names and calls the
class there. Here the class is one of a few, found in a dict; the checkpoint gives plain numbers for its constructor,
what the network was trained for, and the tensors.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from pyannote.audio.core.model import Model
from pyannote.audio.core.plda import PLDA
from pyannote.audio.core.task import Problem, Resolution, Specifications
from pyannote.audio.models.embedding import WeSpeakerResNet34
from pyannote.audio.models.segmentation import PyanNet
from torch.torch_version import TorchVersion

from pipeline.listening.models.tensor_files import load_tensors

NETWORKS: Mapping[str, type[Model]] = {
    "pyannote.audio.models.segmentation.PyanNet.PyanNet": PyanNet,
    "pyannote.audio.models.embedding.wespeaker.WeSpeakerResNet34": WeSpeakerResNet34,
}
"""The networks that a checkpoint may name, by module and class: of segmentation-3.0 and of the community pipeline."""

_ALLOWED = (Problem, Resolution, Specifications, TorchVersion)
"""What pyannote's checkpoints hold besides tensors and plain values: two enumerations, a record, and a string."""

_LARGEST = 64 << 20
"""Numbers in a network: the largest of ``NETWORKS`` has 6.7 million. Without a limit, a network of a stranger's sizes
would fill the memory before its tensors are found not to fit."""


class NoPLDA(PLDA):
    """A placeholder for the PLDA that the pipeline's constructor requires even where its clustering uses none."""

    def __init__(self) -> None:
        pass


def load_model(path: Path, sha256: str | None) -> Model:
    """Build the network of a checkpoint of pyannote.audio and load its weights, in evaluation mode on the CPU.

    Args:
        sha256: what the file must have; None for the user's own.

    Raises:
        OSError: the file cannot be read.
        RuntimeError: the tensors in the file are not those of the network.
        ValueError: the file is not the published one, is no such checkpoint, or names another network.
    """
    content = load_tensors(path, sha256, _ALLOWED)
    try:
        about = content["pyannote.audio"]
        name = f"{about['architecture']['module']}.{about['architecture']['class']}"
        specifications = about["specifications"]
        arguments, state = dict(content["hyper_parameters"]), dict(content["state_dict"])
    except (LookupError, TypeError, ValueError) as e:
        raise ValueError(f"{path.name} is not a model of pyannote.audio") from e
    if name not in NETWORKS:
        raise ValueError(f"{path.name} is of the network {ascii(name)[:80]}, which cuemark does not build")
    network = _built(NETWORKS[name], arguments, specifications)
    network.load_state_dict(state, strict=True)
    network.eval()
    return network


def _built(network: type[Model], arguments: Mapping[str, Any], specifications: Specifications) -> Model:
    """Build a network that is not too large; its size is found without memory for its numbers."""
    known = inspect.signature(network).parameters.keys() - {"task"}
    plain = {name: value for name, value in arguments.items() if name in known}
    if not all(_is_plain(value) for value in plain.values()):
        raise ValueError("the sizes of the network are not plain numbers")
    try:
        with torch.device("meta"):
            measured = _with_layers(network(**plain), specifications)
        size = sum(tensor.numel() for tensor in measured.state_dict().values())
        if size <= _LARGEST:
            return _with_layers(network(**plain), specifications)
    except (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError) as e:
        raise ValueError(f"no network has the sizes in the file ({str(e).partition(chr(10))[0]})") from e
    raise ValueError(f"a network of {size:,} numbers is too large")


def _with_layers(network: Model, specifications: Specifications) -> Model:
    """Add the last layers, which depend on what the network was trained for."""
    network.specifications = specifications
    network.setup()  # type: ignore[no-untyped-call] # Lightning's
    return network


def _is_plain(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(isinstance(name, str) and _is_plain(inner) for name, inner in value.items())
    return value is None or isinstance(value, bool | int | float | str)
