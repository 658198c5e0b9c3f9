"""A process that forces stretches: ``python -m pipeline.listening.forced.force_worker FD``; see ``force_in_processes``.

It gets jobs through the socket ``FD``, and answers each with a list of results, or an error.
"""

from __future__ import annotations

import sys
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from pipeline.listening.child_process import end_with_caller

if TYPE_CHECKING:
    from pipeline.listening.forced.force_in_processes import Job


def serve(pipe: Connection) -> None:
    """Answer jobs until there are no more."""
    while True:
        try:
            job: Job = pipe.recv()
        except EOFError:
            return
        try:
            answer: object = job.results()
        except Exception as e:  # noqa: BLE001 -- the outermost call: the caller raises it
            answer = e
        pipe.send(answer)


if __name__ == "__main__":
    end_with_caller()
    serve(Connection(int(sys.argv[1])))
