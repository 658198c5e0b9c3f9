"""A command that was run before and of which nothing has changed since: what it printed is printed again.

An hour that is aligned again from what was heard takes seconds; to see that nothing has changed takes a part of one.
The key of a run is all that it depends on: the words of the command line, the folder that it is run in, the bytes of
what it reads, the files with options, the environment, and what is installed. What a run has written has to be there
still, byte for byte. In doubt the command is run.

This module is imported first, so it imports none of the heavy ones.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pipeline.console.output import print_message, print_result
from pipeline.files.store import Store, key_of
from pipeline.io.atomic import legal, sha256_file
from pipeline.io.installed import installed_state

if TYPE_CHECKING:
    from pipeline.schema import Result

_STAGE = "run"
_ENVIRONMENT = ("CUEMARK_", "CUDA_", "HF_", "HUGGINGFACE_", "OMP_", "XDG_")
"""How the names of variables begin that say where models and results are, or what computes."""


class Printed(msgspec.Struct, frozen=True):
    """What a command printed.

    Attributes:
        output: on standard output.
        messages: the lines on standard error, without progress.
    """

    output: str
    messages: tuple[str, ...]

    def show(self) -> None:
        """Print it."""
        print_result(self.output)
        for line in self.messages:
            print_message(line)


class _KeptRun(msgspec.Struct, frozen=True):
    """A run: what it printed, its exit status, and the SHA-256 of each file that it wrote, by its path."""

    printed: Printed
    status: int
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Report:
    """What a command made and printed.

    Attributes:
        printed: None if the same command would do something else: after a warning, which is not among the messages;
            after a change of the transcript, which is read; or if a voice book learns from the episode. A document
            that is printed is made again, too.
        paths: the files that it wrote.
    """

    result: Result
    printed: Printed | None
    paths: tuple[Path, ...]


@dataclass(slots=True)
class RepeatableRun:
    """One command with all that it depends on.

    Attributes:
        store: with the runs before; one that listens again repeats nothing.
        words: the name of the command and its options, as they were given; None if this run is never repeated.
        inputs: all files that it reads.
    """

    store: Store
    words: Mapping[str, object] | None
    inputs: tuple[Path, ...]
    _key: str | None = field(default=None, init=False)
    _states: tuple[tuple[int, int], ...] | None = field(default=None, init=False)

    def repeat(self) -> int | None:
        """Print again what was printed, and return the exit status; None if it has to be run."""
        self._states = self._states_now()
        with suppress(OSError):  # the folder is gone, or a file that was listed: it is run
            self._key = self._find_key()
        kept = self.store.load(_STAGE, self._key, _KeptRun) if self._key else None
        if kept is None or any(_hash(Path(path)) != sha256 for path, sha256 in kept.files.items()):
            return None
        kept.printed.show()
        print_message("nothing has changed since this was run last, and nothing was written")
        return kept.status

    def keep(self, report: Report, status: int) -> int:
        """Store the run, so that it can be repeated, unless something it depends on has changed since ``repeat``.

        Args:
            report: of the command.
            status: its exit status, which is returned.
        """
        if report.printed is None or self._key is None:
            return status
        files = {str(path): self.store.written(path) for path in report.paths}
        texts = (report.printed.output, *report.printed.messages, *files)  # paths may have bytes that are not text
        is_whole = all(len(hashes) == 1 for hashes in files.values()) and all(legal(text) == text for text in texts)
        if is_whole and self._states == self._states_now():
            kept = _KeptRun(report.printed, status, {path: next(iter(hashes)) for path, hashes in files.items()})
            self.store.save(_STAGE, self._key, kept)
        return status

    def _states_now(self) -> tuple[tuple[int, int], ...] | None:
        """Return the time of change in nanoseconds and the size of each input: to hash large audio again takes seconds.

        None if one is missing.
        """
        try:
            found = [path.stat() for path in self.inputs]
        except OSError:
            return None
        return tuple((one.st_mtime_ns, one.st_size) for one in found)

    def _find_key(self) -> str | None:
        """Return the hash of all that the run depends on; None if it is never repeated, or an input is no file.

        Raises:
            OSError: something vanished while it was looked at.
        """
        files = [(legal(str(path)), _hash(path)) for path in self.inputs] if self.words is not None else []
        if self.words is None or any(sha256 is None for _, sha256 in files):  # a pipe has other contents each time
            return None
        words = {name: legal(repr(value)) for name, value in self.words.items()}
        around = {name: legal(value) for name, value in os.environ.items() if name.startswith(_ENVIRONMENT)}
        return key_of(words, legal(str(Path.cwd())), files, around, installed_state())


def _hash(path: Path) -> str | None:
    """Return the SHA-256 of a file; None if there is none that can be read."""
    try:
        return sha256_file(path) if path.is_file() else None
    except OSError:
        return None
