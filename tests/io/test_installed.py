from __future__ import annotations

import os
import sysconfig
from pathlib import Path

import pytest

import pipeline
from pipeline.io.installed import installed_state


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with ``packages``, and with cuemark's files in ``pipeline``."""
    (tmp_path / "packages" / "numpy-2.0.dist-info").mkdir(parents=True)
    (tmp_path / "pipeline" / "io").mkdir(parents=True)
    (tmp_path / "pipeline" / "__init__.py").touch()
    (tmp_path / "pipeline" / "io" / "atomic.py").write_text("1")
    monkeypatch.setattr(sysconfig, "get_path", lambda kind: str(tmp_path / ("packages" if kind == "purelib" else "no")))
    monkeypatch.setattr(pipeline, "__file__", str(tmp_path / "pipeline" / "__init__.py"))
    return tmp_path


def test_nothing_changes_by_itself(elsewhere: Path) -> None:
    """Is the same again, and after a module was compiled."""
    first = installed_state()
    (elsewhere / "pipeline" / "io" / "atomic.cpython-311.pyc").touch()

    assert installed_state() == first
    assert first[0] == ("numpy-2.0.dist-info",)
    assert [Path(path).name for path, _, _ in first[1]] == ["__init__.py", "atomic.py"]


def test_another_version_is_another_state(elsewhere: Path) -> None:
    """Sees that a package was replaced."""
    first = installed_state()
    (elsewhere / "packages" / "numpy-2.0.dist-info").rename(elsewhere / "packages" / "numpy-2.1.dist-info")

    assert installed_state() != first


def test_an_edited_file_is_another_state(elsewhere: Path) -> None:
    """Sees that one of cuemark's own files was edited, though it has the same length."""
    edited = elsewhere / "pipeline" / "io" / "atomic.py"
    first = installed_state()
    edited.write_text("2")
    os.utime(edited, ns=(1, 1))

    assert installed_state() != first


def test_a_link_to_nowhere_is_a_file_like_any_other(elsewhere: Path) -> None:
    """An editor keeps its locks as such links beside the file."""
    (elsewhere / "pipeline" / ".#cli.py").symlink_to("somebody@somewhere.1")

    assert len(installed_state()[1]) == 3
