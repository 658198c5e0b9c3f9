from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path

import pytest

from pipeline.listening.diarize.diarize_options import DiarizeOptions
from pipeline.listening.doctor.checks import Check, examine, is_ready
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.listening.transcribe import TranscribeOptions
from tests.sample_episode import Command


def checks(tmp_path: Path, *, offline: bool = False, model: str = "base") -> dict[str, Check]:
    """What is found with an empty folder for models, by name."""
    weights = WeightsOptions(folder=str(tmp_path / "models"), offline=offline)
    found = examine(
        TranscribeOptions(model=model, device="cpu"), weights, tmp_path / "store", tmp_path / "voices", DiarizeOptions()
    )
    return {check.name: check for check in found}


def test_all_that_is_required_is_looked_at(tmp_path: Path) -> None:
    """Looks at every package of pyproject.toml, the model for both engines, the folders and the machine."""
    found = checks(tmp_path)

    assert {"faster-whisper", "torch", "pyannote-audio", "processors", "memory", "GPU", "engine"} <= {
        name.replace(".", "-") for name in found
    }
    assert found["model base for faster-whisper"] == Check(
        "model base for faster-whisper",
        "missing",
        "about 150 MB; it is fetched when it is needed, or now",
        "cuemark models fetch base",
        needed=False,
    )
    assert found["store"].state == found["models folder"].state == "ok"
    assert is_ready(list(found.values()))


def test_offline_a_missing_model_stands_in_the_way(tmp_path: Path) -> None:
    """Is not ready where the model is missing and nothing may be fetched, and says the line for a better day."""
    found = checks(tmp_path, offline=True)

    assert found["model base for faster-whisper"].needed
    assert found["model base for faster-whisper"].remedy == "cuemark models fetch base"
    assert not is_ready(list(found.values()))


def test_missing_and_old_packages_say_what_to_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Says for a package that is missing, and for one of another version, the exact line that repairs it."""
    versions = {"msgspec": "0.1", "rapidfuzz": None}

    def version(name: str) -> str:
        if name not in versions:
            return "999" if name != "torch" else "2.14.1"
        if versions[name] is None:
            raise metadata.PackageNotFoundError(name)
        return str(versions[name])

    monkeypatch.setattr(metadata, "version", version)
    found = checks(tmp_path)

    assert found["rapidfuzz"].state == "missing"
    assert found["rapidfuzz"].remedy.endswith("-m pip install 'rapidfuzz>=3.14'")
    assert (found["msgspec"].state, found["msgspec"].detail) == (
        "problem",
        "0.1 is installed, and cuemark needs >=0.20",
    )
    assert not is_ready(list(found.values()))


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """Names the variable that leads to another folder."""
    (tmp_path / "models").write_text("a file")

    check = checks(tmp_path)["models folder"]

    assert check.state == "problem"
    assert check.remedy == "export CUEMARK_MODELS=/another/folder"


def test_a_proxys_password_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shows which proxy is set, since much depends on it, and not the password in its address."""
    monkeypatch.setenv("HTTPS_PROXY", "http://ann:secret@proxy.example:3128")

    assert checks(tmp_path)["HTTPS_PROXY"].detail == "http://proxy.example:3128"


def test_doctor_prints_a_line_each_and_the_verdict(
    cuemark: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Marks what is missing, shows the line to type below it, and ends with 1 if align cannot work."""
    monkeypatch.setenv("CUEMARK_MODELS", str(tmp_path / "models"))
    ready, lacking = cuemark("doctor"), cuemark("doctor --offline")

    assert (ready.status, ready.err) == (0, "")
    assert ready.out.endswith("cuemark can work here\n")
    assert lacking.status == 1
    assert "! missing  model base for faster-whisper: " in lacking.out
    assert "           type: cuemark models fetch base\n" in lacking.out


def test_doctor_tells_machines(cuemark: Command) -> None:
    """Gives with ``--json`` the same checks as one document."""
    outcome = cuemark("doctor --json")
    document = json.loads(outcome.out)

    assert (document["schema"], document["ready"], outcome.status) == ("cuemark.doctor/1", True, 0)
    assert {"name", "state", "detail", "type", "needed"} == set(document["checks"][0])
