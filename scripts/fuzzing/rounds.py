"""Run rounds of inputs through readers in a process of its own, whose end is a fault of the input at work.

A round is 200 inputs that Hypothesis draws from one seed, so the same seed and reader give the same inputs. A content
that fails is made as small as it gets before it is kept.
"""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import json
import logging
import mmap
import multiprocessing
import re
import resource
import signal
import struct
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded

from scripts.fuzzing.inputs import inputs
from scripts.fuzzing.reader import LONGEST_LINE, Reader

ROUND = 200
"""Inputs of one round."""

_HANG = 6
"""How many times an input may exceed its bound before the system ends the process: one without end is a fault too."""

_AT_WORK, _SIZE = "input", struct.Struct("<Q")
_PER_MB = 1 << 20
_PER_RSS = 1 if sys.platform == "darwin" else 1 << 10
"""Bytes in a unit of ``ru_maxrss``."""

_PEAK = re.compile(r"^VmHWM:\s+([0-9]+) kB", re.MULTILINE)

_SETTINGS = settings(
    max_examples=ROUND,
    database=None,
    deadline=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
    print_blob=False,
)


@dataclass(slots=True)
class Report:
    """What was done with one reader.

    Attributes:
        longest: the most seconds of processor time that an input took.
        memory: by how many MB the inputs raised the most memory that the process ever had.
        fault: what is wrong, with the content that shows it in ``content``; empty if nothing is.
    """

    reader: str
    inputs: int = 0
    refused: int = 0
    longest: float = 0.0
    memory: float = 0.0
    fault: str = ""
    content: bytes = b""


class FaultError(Exception):
    """An input did what no input may do."""


class _TimeIsUp(BaseException):
    """The round has to end."""


def run_rounds(registry: str, names: Sequence[str], seconds: float, seed: int, folder: Path) -> list[Report]:
    """Give each reader an equal share of ``seconds``; a process that ends is started again with the next reader.

    Args:
        registry: the module with the readers, as ``READERS``.
        folder: an empty folder for the content at work and the reports.
    """
    reports: list[Report] = []
    left, share = list(names), seconds / max(1, len(names))
    while left:
        child = multiprocessing.get_context("spawn").Process(target=_work, args=(registry, left, share, seed, folder))
        child.start()
        child.join()
        reports += [_kept(folder, name) for name in left if _report_path(folder, name).exists()]
        left = left[len(left) - (len(names) - len(reports)) :]
        if left:  # the process ended at work on the first of them
            ended = f"the process ended ({_end(child.exitcode)})"
            reports.append(Report(left[0], 1, fault=ended, content=InputAtWork.read(folder)))
            left = left[1:]
    return reports


def _report_path(folder: Path, name: str) -> Path:
    return folder / f"{name}.json"


class InputAtWork:
    """The input that is being read, in a file that outlives the process; mapped: to open a file takes longer."""

    def __init__(self, folder: Path, largest: int) -> None:
        with (folder / _AT_WORK).open("w+b") as file:
            file.truncate(_SIZE.size + largest)
            self._mapped = mmap.mmap(file.fileno(), 0)

    def note(self, content: bytes) -> None:
        """Write an input there, its length first."""
        self._mapped[: _SIZE.size + len(content)] = _SIZE.pack(len(content)) + content

    @staticmethod
    def read(folder: Path) -> bytes:
        """Return the last input that was noted; nothing if none was."""
        path = folder / _AT_WORK
        content = path.read_bytes() if path.exists() else _SIZE.pack(0)
        return content[_SIZE.size :][: _SIZE.unpack_from(content)[0]]


def _end(status: int | None) -> str:
    if status is None or status >= 0:
        return f"status {status}"
    name = signal.Signals(-status).name
    return f"{name}: it took far too much processor time" if name == "SIGXCPU" else name


def _kept(folder: Path, name: str) -> Report:
    path = _report_path(folder, name)
    kept = json.loads(path.read_text(encoding="utf-8"))
    path.unlink()
    return Report(**{**kept, "content": bytes.fromhex(kept["content"])})


def _work(registry: str, names: Sequence[str], share: float, seed: int, folder: Path) -> None:
    faulthandler.enable()
    logging.disable()  # a reader that warns of each damaged file is right to
    warnings.simplefilter("ignore")
    readers = importlib.import_module(registry).READERS
    for name in names:
        report = fuzz(name, readers[name](), share, seed, folder)
        kept = {**asdict(report), "content": report.content.hex()}
        _report_path(folder, name).write_text(json.dumps(kept), encoding="utf-8")


def fuzz(name: str, reader: Reader, seconds: float, seed: int, folder: Path) -> Report:
    """Give a reader rounds of inputs for some seconds, or until one is a fault."""
    report, at_work = Report(name), InputAtWork(folder, max([reader.largest, *map(len, reader.seeds)]))
    try:
        for content in reader.seeds:
            at_work.note(content)
            attempt(reader, content, report)  # what is loaded once is loaded here, and is no input's memory
    except FaultError:
        return report
    report.longest = report.memory = 0.0
    deadline = time.monotonic() + seconds
    number = 0
    while time.monotonic() < deadline and not report.fault:
        one_round(reader, seed * 1_000_003 + number, deadline, at_work, report)
        number += 1
    return report


def one_round(reader: Reader, seed: int, deadline: float, at_work: InputAtWork, report: Report) -> None:
    """Give a reader the inputs of one seed, until one is a fault or ``time.monotonic()`` passes ``deadline``."""

    @seeded(seed)
    @_SETTINGS
    @given(inputs(reader))
    def round_of_inputs(content: bytes) -> None:
        if report.fault.startswith("took") or (time.monotonic() > deadline and not report.fault):
            raise _TimeIsUp
        at_work.note(content)
        attempt(reader, content, report)

    with contextlib.suppress(_TimeIsUp, FaultError):  # a fault is in the report
        round_of_inputs()


def attempt(reader: Reader, content: bytes, report: Report) -> None:
    """Read one content and count it.

    Raises:
        FaultError: the reader raised what it may not, or refused in no clear line.
    """
    used, memory = time.process_time(), _peak_memory()
    report.inputs += 1
    try:
        with _limited_processor_time(used + _HANG * reader.cpu_s):
            reader.read(content)
    except reader.refusals as e:
        report.refused += 1
        if not 0 < len(str(e)) <= LONGEST_LINE:
            raise _fault(report, content, f"refused in no clear line: {str(e)[:200]!r}") from e
    except Exception as e:  # anything else is a fault
        raise _fault(report, content, f"{type(e).__name__}: {str(e)[:200]!r}") from e
    took = time.process_time() - used
    more = _peak_memory() - memory
    report.longest, report.memory = max(report.longest, took), max(report.memory, more / _PER_MB)
    if took > reader.cpu_s or more > reader.memory_bytes:  # kept as it is: to make it smaller would take minutes
        _fault(report, content, f"took {took:.1f} s of processor time and {more / _PER_MB:.0f} MB")


def _fault(report: Report, content: bytes, what: str) -> FaultError:
    report.content, report.fault = content, what
    return FaultError(what)


@contextlib.contextmanager
def _limited_processor_time(seconds: float) -> Iterator[None]:
    """End the process with SIGXCPU if its processor time passes ``seconds`` here; later it may use more."""
    before, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_CPU, (before, most))


def _peak_memory() -> int:
    """Return the most memory that this process has had, in bytes.

    Linux hands ``ru_maxrss`` of a large process on to the programs that it starts, but not the peak in ``/proc``.
    """
    with contextlib.suppress(OSError):
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        if found := _PEAK.search(status):
            return int(found[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _PER_RSS
