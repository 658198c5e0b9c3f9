"""Programs in a process of their own, which fares badly: a disk that takes no more, folders that cannot be written."""

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
from pipeline.listening.models.locate import WeightsOptions, obtain
from pipeline.progress import silent
logging.disable()
folder, layout, model = sys.argv[1:]
try:
    print(obtain(msgspec.json.decode(model, type=KnownModel), layout, WeightsOptions(folder=folder), silent).origin)
except WeightsError as e:
    print(e)
"""


def obtaining(folder: Path, layout: Layout, model: KnownModel) -> list[str]:
    """The command that obtains a model into a folder, and prints where it came from or the line of why it did not."""
    described = msgspec.json.encode(model).decode()
    return [sys.executable, "-W", "ignore", "-c", _OBTAIN, str(folder), layout, described]


def run(command: list[str], hardship: Callable[[], None]) -> str:
    """What a command prints that runs under a hardship; anything on standard error is a failure."""
    done = subprocess.run(
        command,
        env=environment(),
        preexec_fn=hardship,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def small_disk() -> None:
    """Let no file grow beyond 100 kB: writing more fails as it does on a full disk, but for the number."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))


def no_override() -> None:
    """Let the modes of files hold for root, too: takes CAP_DAC_OVERRIDE from the program that runs next."""
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(_CAPBSET_DROP, _CAP_DAC_OVERRIDE, 0, 0, 0)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """A folder that cannot be written for as long as the block lasts, nor anything below it."""
    folders = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    for path in folders:
        path.chmod(0o555)
    try:
        yield
    finally:
        for path in folders:
            path.chmod(0o755)
