"""A process that diarizes: ``python -m pipeline.listening.diarize.diarizer_worker FD``; see ``diarizer_process``.

It gets the models' files and then jobs through the socket ``FD``. Through the same socket it sends its progress, its
log and the answers, in a thread of their own: nobody may read them before the listening is done.
"""

from __future__ import annotations

import gc
import logging
import logging.handlers
import os
import queue
import sys
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from pipeline.listening.allocator import keep_freed_memory
from pipeline.listening.child_process import end_with_caller
from pipeline.listening.diarize.diarizer_process import Answer, Job, Models
from pipeline.matching.speakers.embeddings import sample_windows
from pipeline.schema import Diarization

if TYPE_CHECKING:
    from pipeline.listening.audio.recording import Recording
    from pipeline.listening.diarize import Diarizer
    from pipeline.progress import Progress


def serve(pipe: Connection) -> None:
    """Do jobs until there are no more."""
    keep_freed_memory()
    messages: queue.SimpleQueue[object] = queue.SimpleQueue()
    threading.Thread(target=_send, args=(pipe, messages), daemon=True).start()
    try:
        models: Models = pipe.recv()
        _log_to(messages, models.log_level)
        worker = _Worker(models, messages.put)
        while True:
            job: Job = pipe.recv()
            answer = worker.answer(job)
            messages.put(answer)
            if isinstance(answer.result, Diarization):
                worker.sample_ahead(job.recording, answer.result)
    except EOFError:
        return


@dataclass(slots=True)
class _Worker:
    models: Models
    progress: Progress
    diarizer: Diarizer | None = None
    ahead: tuple[Job, Answer] | None = None

    def answer(self, job: Job) -> Answer:
        """Return the answer to a job, which may have been done already."""
        if self.ahead and self.ahead[0] == job:
            return self.ahead[1]
        try:
            if job.folder:
                os.chdir(job.folder)
            self.diarizer = self.diarizer or _load(self.models, self.progress)
            return Answer(job.result(self.diarizer, self.progress))
        except Exception as e:  # noqa: BLE001 -- the outermost call: the caller raises it
            return Answer(e)

    def sample_ahead(self, recording: Recording, found: Diarization) -> None:
        """Do what is wanted next, once the caller has listened to the rest."""
        job = Job(recording, sample_windows(found.turns))  # in the same folder, which is now this process's
        self.ahead = job, self.answer(job)


def _load(models: Models, progress: Progress) -> Diarizer:
    """Load the models without collecting garbage meanwhile.

    What PyTorch and pyannote.audio make when they are imported stays: to look through it again and again takes a sixth
    of their 7 s of processor time.
    """
    gc.disable()
    try:
        return models.load(progress)
    finally:
        gc.freeze()
        gc.enable()


def _send(pipe: Connection, messages: queue.SimpleQueue[object]) -> None:
    while True:
        try:
            pipe.send(messages.get())
        except OSError:  # the caller wants no more
            return


def _log_to(messages: queue.SimpleQueue[object], level: int) -> None:
    logger = logging.getLogger("pipeline")
    logger.addHandler(logging.handlers.QueueHandler(messages))
    logger.setLevel(level)


if __name__ == "__main__":
    end_with_caller()
    serve(Connection(int(sys.argv[1])))
