"""Worker processes that have imported everything when they start, for tests that are about what is done in them.

A worker process of a batch imports half of cuemark, which takes a second of processor time, in each of two processes
and for each run: nearly all that a test of a small batch costs. Here they are forked from a process that has imported
it, which is safe because that process has no threads and no model. How processes really start is tested in
``workers/test_local_workers.py``, and by all tests that run the program.
"""

from __future__ import annotations

import os
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext, ForkServerProcess

import pytest

from pipeline.batch.workers import local_workers
from tests.sample_episode import ROOT

_IMPORTED = ["pipeline.batch.episode_task", "pipeline.batch.workers.local_workers", "tests.batch.fake_engines_by_name"]


class _WarmProcess(ForkServerProcess):
    """A forked process with the variables of the one that asks for it, as a process has that is started anew."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._variables = dict(os.environ)

    def run(self) -> None:
        os.environ.clear()
        os.environ.update(self._variables)
        super().run()


class _WarmContext(ForkServerContext):
    Process = _WarmProcess


@pytest.fixture(scope="session")
def warm_context() -> ForkServerContext:
    """What starts such processes."""
    context = _WarmContext()
    context.set_forkserver_preload(_IMPORTED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        forkserver.ensure_running()
    return context


@pytest.fixture
def warm_workers(warm_context: ForkServerContext, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of this test have such processes."""
    monkeypatch.setattr(local_workers, "_CONTEXT", warm_context)
