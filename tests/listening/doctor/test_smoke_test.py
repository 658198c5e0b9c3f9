"""``cuemark doctor --deep``: every engine is loaded in its own process."""

from __future__ import annotations

import os
import signal
from itertools import islice
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.listening.diarize.diarize_options import DiarizeOptions
from pipeline.listening.doctor.smoke_test import _run_in_process, _SmokeTestError, try_all
from pipeline.listening.models.catalog import VOICES
from pipeline.listening.models.locate import obtain
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.listening.transcribe import TRANSCRIBERS, TranscribeOptions
from pipeline.progress import silent
from tests.engines.test_contract import tiny_en

pytestmark = pytest.mark.xdist_group("models")  # one process loads the real models


def test_every_engine_hears_a_second(capsys: pytest.CaptureFixture[str]) -> None:
    """The output has the text that each engine heard, and the exit status is 0."""
    for engine in TRANSCRIBERS:
        tiny_en(engine)
    obtain(VOICES, "pyannote", WeightsOptions(), silent)

    assert main(["doctor", "--deep", "--model", "tiny.en"]) == 0

    output = capsys.readouterr().out
    for engine in TRANSCRIBERS:
        assert f"  ok       {engine} on cpu: tiny.en loaded in " in output
    assert output.count("heard “Welcome back.”") == len(TRANSCRIBERS)
    assert "  ok       pyannote.audio: voices loaded in " in output


def test_a_missing_model_is_not_fetched(tmp_path: Path) -> None:
    """For a missing model, there is the command to type, and nothing is written."""
    weights = WeightsOptions(folder=str(tmp_path / "models"))

    first = next(try_all(TranscribeOptions(device="cpu"), weights, DiarizeOptions()))

    assert (first.state, first.remedy) == ("missing", "cuemark models fetch base")
    assert not (tmp_path / "models").exists()


def test_a_broken_model_is_one_line(tmp_path: Path) -> None:
    """Files that no engine can load are a problem in one line, and all engines are tested."""
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (folder / name).write_bytes(b"{}" * 100)

    checks = try_all(TranscribeOptions(model=str(folder), device="cpu"), WeightsOptions(), DiarizeOptions())
    found = list(islice(checks, len(TRANSCRIBERS)))  # what comes after them are the models for voices, which are fine

    assert [check.state for check in found] == ["problem", "problem"]
    assert all("\n" not in check.detail for check in found)


def test_a_process_that_is_killed_is_reported() -> None:
    """If an engine's process is ended by a signal, the error names the signal."""
    with pytest.raises(_SmokeTestError, match=r"ended without a message \(SIGILL\)"):
        _run_in_process(_die)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGILL)
