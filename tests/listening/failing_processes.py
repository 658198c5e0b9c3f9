"""Run a command in a process with a restriction: a full disk, or folders that cannot be written."""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from pipeline.listening.models.catalog import KnownModel, Layout
from tests.sample_episode import environment

_CAPBSET_DROP, _CAP_DAC_OVERRIDE = 24, 1

_OBTAIN = """
import logging, sys
import msgspec
from pipeline.errors import WeightsError
from pipeline.listening.models.catalog import KnownModel
from pipeline.listening.models.locate import obtain
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.progress import silent
logging.disable()
folder, layout, model = sys.argv[1:]
try:
    print(obtain(msgspec.json.decode(model, type=KnownModel), layout, WeightsOptions(folder=folder), silent).origin)
except WeightsError as e:
    print(e)
"""


def obtaining(folder: Path, layout: Layout, model: KnownModel) -> list[str]:
    """The command that obtains a model into a folder, and prints its source or the error."""
    described = msgspec.json.encode(model).decode()
    return [sys.executable, "-W", "ignore", "-c", _OBTAIN, str(folder), layout, described]


def run(command: list[str], restriction: Callable[[], None]) -> str:
    """Run a command under a restriction and return its standard output; standard error must be empty."""
    done = subprocess.run(
        command,
        env=environment(),
        preexec_fn=restriction,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def small_disk() -> None:
    """Limit files to 100 kB: writing more fails as on a full disk, with another error number."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))


def no_override() -> None:
    """Apply file permissions to root too: drops CAP_DAC_OVERRIDE for the program that is executed next."""
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(_CAPBSET_DROP, _CAP_DAC_OVERRIDE, 0, 0, 0)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Make a folder and all folders below it read-only inside the block."""
    folders = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    for path in folders:
        path.chmod(0o555)
    try:
        yield
    finally:
        for path in folders:
            path.chmod(0o755)
