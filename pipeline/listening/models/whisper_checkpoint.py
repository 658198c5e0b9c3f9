"""Read a checkpoint of openai-whisper: the vendor's, the user's own, or one converted by ``convert``.

The first two are ``.pt`` files, which are pickles (see ``tensor_files``). A converted one is a safetensors file, which
has numbers in it and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.listening.models.convert import SAFETENSORS, dimensions
from pipeline.listening.models.tensor_files import load_tensors

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True, eq=False)
class WhisperCheckpoint:
    """A model's sizes, the arguments of ``whisper.model.ModelDimensions``, and its tensors on the CPU, by name."""

    dims: Mapping[str, int]
    state: Mapping[str, torch.Tensor]

    @property
    def vocabulary(self) -> int:
        """The number of tokens."""
        return self.dims["n_vocab"]


def read_checkpoint(path: Path, sha256: str | None) -> WhisperCheckpoint:
    """Read a checkpoint.

    Args:
        sha256: what the catalog states of a ``.pt`` file; None for the user's own.

    Raises:
        ValueError: the file is not such a checkpoint, or is not the one of the catalog.
        OSError: the file cannot be read.
    """
    if path.suffix == SAFETENSORS:
        return _read_converted(path)
    content = load_tensors(path, sha256)
    try:
        stated, state = dict(content["dims"]), dict(content["model_state_dict"])
        found = dimensions(state)
    except (AttributeError, LookupError, TypeError, ValueError) as e:
        raise ValueError(f"{path.name} is not a checkpoint of openai-whisper ({e})") from e
    if stated != found:  # a network of the stated sizes might not fit into any memory
        raise ValueError(f"{path.name} is not a checkpoint of openai-whisper: its sizes are not those of its tensors")
    return WhisperCheckpoint(found, state)


def _read_converted(path: Path) -> WhisperCheckpoint:
    import safetensors  # noqa: PLC0415 -- with PyTorch, which takes seconds
    import safetensors.torch  # noqa: PLC0415 -- the same

    try:
        state = safetensors.torch.load_file(path)
        return WhisperCheckpoint(dimensions(state), state)
    except (safetensors.SafetensorError, LookupError, ValueError) as e:
        raise ValueError(f"{path.name} is not a converted checkpoint, or is damaged") from e
