from __future__ import annotations

from pathlib import Path

import pytest
import torch

from pipeline.errors import EngineError
from pipeline.listening.models.convert import dimensions
from pipeline.listening.models.locate import Weights
from pipeline.listening.models.whisper_checkpoint import read_checkpoint
from pipeline.listening.transcribe import TranscribeOptions, load_transcriber
from tests.listening.planted import Planted, saved
from tests.listening.toy_models import sha256

STATE = {
    "encoder.conv1.weight": torch.ones(64, 80, 3),
    "encoder.positional_embedding": torch.ones(10, 64),
    "decoder.positional_embedding": torch.ones(10, 64),
    "decoder.token_embedding.weight": torch.ones(51_864, 64, dtype=torch.float16),
}
SIZES = dimensions(STATE)


def test_a_checkpoint_of_ones_own_is_read(tmp_path: Path) -> None:
    """A file as openai-whisper's own has its sizes and its tensors."""
    path = tmp_path / "mine.pt"
    path.write_bytes(saved({"dims": SIZES, "model_state_dict": STATE}))

    found = read_checkpoint(path, None)

    assert (found.dims, found.vocabulary) == (SIZES, 51_864)
    assert found.state.keys() == STATE.keys()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            {"dims": {**SIZES, "n_text_layer": 10**9}, "model_state_dict": STATE},
            "its sizes are not those of its tensors",
        ),
        ({"dims": {**SIZES, "n_more": 1}, "model_state_dict": STATE}, "its sizes are not those of its tensors"),
        (
            {"dims": SIZES, "model_state_dict": {"encoder.conv1.weight": "text"}},
            "is not a checkpoint of openai-whisper",
        ),
        ({"dims": SIZES, "model_state_dict": {}}, "is not a checkpoint of openai-whisper"),
        ({"dims": SIZES}, "is not a checkpoint of openai-whisper"),
        ([1, 2], "is not a checkpoint of openai-whisper"),
    ],
)
def test_what_is_no_checkpoint_is_refused(tmp_path: Path, content: object, reason: str) -> None:
    """Sizes that its tensors do not have are refused before a network of them is built."""
    path = tmp_path / "mine.pt"
    path.write_bytes(saved(content))

    with pytest.raises(ValueError, match=rf"^mine\.pt .*{reason}"):
        read_checkpoint(path, None)


def test_a_planted_checkpoint_does_not_run(tmp_path: Path) -> None:
    """Loading the engine with it is one line, and nothing that the file names is called."""
    path, trace = tmp_path / "base.pt", tmp_path / "trace"
    path.write_bytes(saved({"dims": SIZES, "model_state_dict": STATE, "more": Planted(trace)}))
    weights = Weights("base", path, "", "your file", english_only=False)

    with pytest.raises(EngineError, match=r"^openai-whisper: cannot load .* names posix\.mkdir, which may not be "):
        load_transcriber(TranscribeOptions(engine="openai-whisper", device="cpu"), weights)

    assert not trace.exists()


def test_a_known_checkpoint_has_the_hash_of_the_catalog(tmp_path: Path) -> None:
    """The file of a known model is not read if the catalog states another hash, whatever the cache recorded."""
    path = tmp_path / "base.pt"
    path.write_bytes(saved({"dims": SIZES, "model_state_dict": STATE}))
    own = sha256(path.read_bytes())
    weights = Weights("base", path, own, "cache", english_only=False, vouched=(("base.pt", sha256(b"the vendor's")),))

    with pytest.raises(EngineError, match=r"base\.pt is not the published file: its SHA-256 is another one"):
        load_transcriber(TranscribeOptions(engine="openai-whisper", device="cpu"), weights)


@pytest.mark.parametrize("content", [b"", b"x" * 100, b"\xff" * 8 + b"{}"])
def test_a_damaged_converted_checkpoint_is_refused(tmp_path: Path, content: bytes) -> None:
    """A safetensors file that is none is one line."""
    path = tmp_path / "base.safetensors"
    path.write_bytes(content)

    with pytest.raises(ValueError, match=r"^base\.safetensors is not a converted checkpoint, or is damaged$"):
        read_checkpoint(path, None)
