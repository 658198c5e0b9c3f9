"""Run other tools on the same files, each in its own process and environment.

::

    python3.11 -m venv PEER && PEER/bin/python -m pip install -r scripts/peers/stable_ts.requirements.txt

They get Whisper base as cuemark has it: openai-whisper's checkpoint, or the folder of CTranslate2.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from pipeline.listening.models.locate import locate_weights
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.listening.models.whisper_checkpoint import read_checkpoint
from pipeline.progress import silent
from pipeline.schema import TimedWord
from pipeline.times import Span, from_seconds

PEERS = {"stable_ts": "openai", "timestamped": "openai", "faster_whisper_difflib": "ctranslate2"}
"""The programs of this folder, and which layout of the model each needs."""

_ROOT = Path(__file__).parents[2]


def named_peers(arguments: Sequence[str]) -> dict[str, Path]:
    """Return the interpreter of each tool that is given as ``NAME=PYTHON``."""
    return {name: Path(python) for name, _, python in (one.partition("=") for one in arguments)}


def peer_times(
    peer: str, python: Path, files: Sequence[tuple[Path, Sequence[str]]], folder: Path
) -> list[list[TimedWord]]:
    """Return the times of the typed words of each file.

    Args:
        peer: a name of ``PEERS``.
        python: the interpreter of an environment that has it.
        files: each recording with its typed words.
        folder: gets the model's file.
    """
    asked = {
        "model": str(_model(PEERS[peer], folder)),
        "files": [[str(audio.resolve()), list(words)] for audio, words in files],
    }
    run = subprocess.run(
        [python.absolute(), "-m", f"scripts.peers.{peer}"],
        cwd=_ROOT,
        input=json.dumps(asked),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return [[_timed(time) for time in times] for times in json.loads(run.stdout.splitlines()[-1])]


def _timed(time: tuple[float, float] | None) -> TimedWord:
    if time is None:
        return TimedWord(None, None, 0.0)
    start, end = (max(0, from_seconds(edge)) for edge in time)
    return TimedWord(Span(start, max(start, end)), "heard", 1.0)


def _model(layout: str, folder: Path) -> Path:
    """Return the model's file or folder; a checkpoint that cuemark has converted is written as others read it."""
    weights = locate_weights("base", "openai" if layout == "openai" else "ctranslate2", WeightsOptions(), silent)
    if layout != "openai":
        return weights.path
    path = folder / "base.pt"
    if not path.exists():
        import torch  # noqa: PLC0415 -- heavy

        checkpoint = read_checkpoint(weights.path, weights.proof(weights.path.name))
        torch.save({"dims": dict(checkpoint.dims), "model_state_dict": dict(checkpoint.state)}, path)
    return path
