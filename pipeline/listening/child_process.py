"""A process of this program that works for it: jobs and answers go through a socket, and it ends with its caller.

The processes are not those of ``multiprocessing``: these would run the caller's own program again, which may be a
script that aligns an episode.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection

_NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class ChildProcess:
    """A process and the way to it."""

    process: subprocess.Popen[bytes]
    pipe: Connection

    @classmethod
    def start(cls, module: str, environment: Mapping[str, str] = _NOTHING) -> ChildProcess | None:
        """Start ``python -m MODULE FD``; FD is the other end of the pipe. None if no more processes may be started.

        Args:
            module: its program calls ``end_with_caller``, then serves the pipe.
            environment: variables that differ from those of this process.
        """
        pipe, theirs = Pipe()
        path = os.pathsep.join(folder for folder in sys.path if folder)
        with theirs:
            try:
                process = subprocess.Popen(  # noqa: S603 -- this program itself
                    [sys.executable, "-P", "-m", module, str(theirs.fileno())], pass_fds=[theirs.fileno()],
                    stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                    env={**os.environ, "PYTHONPATH": path, **environment},
                    start_new_session=True,  # an interrupt from the keyboard is for this process
                )  # fmt: skip
            except OSError:
                pipe.close()
                return None
        return cls(process, pipe)

    def kill(self) -> None:
        """End the process, whatever it does."""
        self.process.kill()

    def end(self) -> None:
        """End the process, wait for that, and close the way to it."""
        self.kill()
        self.process.wait()
        if self.process.stdin:
            self.process.stdin.close()
        self.pipe.close()


def end_with_caller() -> None:
    """End this process, which ``ChildProcess.start`` started, as soon as the one that started it has ended."""
    threading.Thread(target=_wait_for_end, args=(sys.stdin.fileno(),), daemon=True).start()


def _wait_for_end(stdin: int) -> None:
    os.read(stdin, 1)  # nobody writes: it returns when the other end is closed, by whatever end of the caller
    os._exit(1)
