"""A folder of episodes, and ``cuemark batch`` in it with fake engines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.cli import main
from tests.batch.batch_program import make_episodes
from tests.batch.fake_engines_by_name import ENGINES, HEARD_LOG
from tests.batch.warm_workers import warm_context, warm_workers
from tests.sample_episode import Outcome

__all__ = ["warm_context", "warm_workers"]

Batch = Callable[..., Outcome]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with a folder of a show's episodes."""
    make_episodes(tmp_path / "show", 3, broken=1)
    monkeypatch.setenv(HEARD_LOG, str(tmp_path / "heard.log"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def batch(capsys: pytest.CaptureFixture[str], warm_workers: None) -> Batch:  # noqa: ARG001 -- where it works
    """The command with fake engines that need no model: ``batch("show", "-o", "out")``."""

    def run(*words: str) -> Outcome:
        status = main(["batch", *words], ENGINES)
        out, err = capsys.readouterr()
        return Outcome(status, out, err)

    return run
