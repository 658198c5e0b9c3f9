"""Single checks of ``cuemark doctor``; tests/commands/test_doctor.py runs all of them."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import ctranslate2
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.listening.doctor import checks
from pipeline.listening.doctor.checks import Check, engine_here, is_ready
from pipeline.listening.transcribe import TranscribeOptions


def test_only_needed_checks_decide() -> None:
    """A problem with something that is not needed does not make the machine unready."""
    optional, needed = Check("GPU", "missing", "none", needed=False), Check("engine", "problem", "broken")

    assert is_ready([Check("Python", "ok", "3.12"), optional])
    assert not is_ready([optional, needed])


def test_without_ctranslate2_the_engine_is_the_one_for_a_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """If GPUs cannot be detected, the engine is faster-whisper."""

    def fail() -> int:
        raise OSError("libcuda.so.1: cannot open shared object file")

    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", fail)

    assert engine_here(TranscribeOptions()) == "faster-whisper"
    assert next(checks._machine(TranscribeOptions())).state == "ok"
    assert [check.state for check in checks._machine(TranscribeOptions()) if check.name == "engine"] == ["problem"]


@pytest.mark.parametrize(("total", "state"), [(2_000_000_000, "problem"), (8_000_000_000, "ok")])
def test_little_memory_is_a_problem(monkeypatch: pytest.MonkeyPatch, total: int, state: str) -> None:
    """Less memory than long episodes may need is a problem, but the machine may still work."""
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=total))

    check = checks._memory()

    assert (check.state, check.needed) == (state, False)
    assert check.detail.startswith(f"{total / 1e9:.1f} GB")


def test_a_full_disk_is_a_problem(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder without enough space is a problem, with the variable that gives another one."""
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=5_000_000))

    check = checks._folder("store", tmp_path / "missing" / "store", "CUEMARK_STORE")

    assert (check.state, check.remedy) == ("problem", "export CUEMARK_STORE=/another/folder")


@pytest.mark.parametrize(
    ("mode", "said", "remedy"),
    [
        (0o700, "", False),
        (0o2770, "; its group shares it (mode 2770)", False),
        (0o775, "; its group shares it (mode 0775)", False),
        (0o755, "; others may look into it (mode 0755), and voices are private", True),
    ],
)
def test_who_may_look_into_a_folder_with_voices_is_said(tmp_path: Path, mode: int, said: str, *, remedy: bool) -> None:
    """A folder that a group shares is said to be one, and for one that others may read there is a line to type."""
    tmp_path.chmod(mode)
    found = checks.Check("store", "ok", f"{tmp_path}, 9.0 GB free", needed=False)
    check = checks._private_folder(found, tmp_path)

    assert check.state == "ok"
    assert check.detail == f"{found.detail}{said}"
    assert check.remedy == (f"chmod 700 {tmp_path}" if remedy else "")


@given(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1))
def test_a_password_is_not_displayed(password: str) -> None:
    """A URL is displayed without user name and password, and unchanged without them."""
    assert checks._without_password(f"http://ann:{password}@proxy.example:3128/") == "http://proxy.example:3128/"
    assert checks._without_password("http://proxy.example:3128") == "http://proxy.example:3128"
