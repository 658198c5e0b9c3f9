"""A diarizer in a process of its own, which works while this one listens.

Threads would not do: PyTorch and Whisper's engine compute without Python's lock, but take it for each of thousands of
short operations and wait for each other. Importing pyannote.audio takes seconds with that lock.
"""

from __future__ import annotations

import logging
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.errors import EngineError
from pipeline.listening.audio.recording import Recording
from pipeline.listening.child_process import ChildProcess
from pipeline.listening.device_memory import why_failed
from pipeline.listening.diarize import ENGINE, Diarizer, load_diarizer
from pipeline.listening.diarize.diarize_options import DiarizeOptions, SpeakerCount
from pipeline.listening.models.locate import Weights
from pipeline.progress import Progress, Step
from pipeline.schema import Diarization, VoiceSample
from pipeline.times import Span

_MODULE = "pipeline.listening.diarize.diarizer_worker"


@dataclass(frozen=True, slots=True)
class Models:
    """What the process loads, and the level from which on it logs."""

    options: DiarizeOptions
    weights: Weights
    log_level: int

    def load(self, progress: Progress) -> Diarizer:
        """Load the pipeline.

        Raises:
            EngineError: it cannot be used.
        """
        loading = f"loading the models that separate speakers ({self.weights.origin})"
        progress(Step(loading, 0, 1))
        diarizer = load_diarizer(self.options, self.weights)
        progress(Step(loading, 1, 1))
        return diarizer


def _working_folder() -> str | None:
    try:
        return str(Path.cwd())
    except FileNotFoundError:  # it was removed
        return None


@dataclass(frozen=True, slots=True)
class Job:
    """One call of the diarizer.

    Attributes:
        asked: the number of speakers, to diarize; or the spans to sample.
        folder: the caller's working folder, from which the recording's path may begin; it may be another one than when
            the process was started. None if there is none any more.
    """

    recording: Recording
    asked: SpeakerCount | tuple[Span, ...]
    folder: str | None = field(default_factory=_working_folder)

    def result(self, diarizer: Diarizer, progress: Progress) -> Diarization | tuple[VoiceSample, ...]:
        """Do it.

        Raises:
            PipelineError: the recording cannot be read, or the engine failed.
        """
        if isinstance(self.asked, SpeakerCount):
            return diarizer.diarize(self.recording, self.asked, progress)
        return diarizer.sample(self.recording, self.asked, progress)


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a job, or the error that ended it."""

    result: Diarization | tuple[VoiceSample, ...] | Exception


class DiarizerProcess:
    """A ``BackgroundDiarizer``. The process is started with the first job, and ends with this object or this process.

    Where no process may be started, everything is done in this one, when it is waited for.
    """

    def __init__(self, options: DiarizeOptions, weights: Weights) -> None:
        level = logging.getLogger(__name__).getEffectiveLevel()
        self._models = Models(options, weights, level)
        self._child: ChildProcess | None = None
        self._begun: Job | None = None
        self._here: Diarizer | None = None

    def begin(self, recording: Recording, speakers: SpeakerCount) -> None:
        """See ``BackgroundDiarizer.begin``."""
        self._begin(Job(recording, speakers))

    def cancel(self) -> None:
        """See ``BackgroundDiarizer.cancel``."""
        if self._begun and self._child:
            self._end()
        self._begun = None

    def diarize(self, recording: Recording, speakers: SpeakerCount, progress: Progress) -> Diarization:
        """See ``Diarizer.diarize``."""
        found = self._result(Job(recording, speakers), progress)
        assert isinstance(found, Diarization), "what the job asks for"  # noqa: S101 -- our own invariant
        return found

    def sample(self, recording: Recording, spans: Sequence[Span], progress: Progress) -> tuple[VoiceSample, ...]:
        """See ``Diarizer.sample``."""
        found = self._result(Job(recording, tuple(spans)), progress)
        assert isinstance(found, tuple), "what the job asks for"  # noqa: S101 -- our own invariant
        return found

    def _begin(self, job: Job) -> None:
        self.cancel()
        self._begun = job
        if self._child is None and (child := ChildProcess.start(_MODULE)):
            weakref.finalize(self, child.end)
            self._child = child
            self._send(self._models)
        self._send(job)

    def _send(self, message: Models | Job) -> None:
        try:
            if self._child:
                self._child.pipe.send(message)
        except OSError:
            self._end()

    def _result(self, job: Job, progress: Progress) -> Diarization | tuple[VoiceSample, ...]:
        if self._begun != job:
            self._begin(job)
        try:
            result = self._received(progress) if self._child else self._done_here(job, progress)
        except BaseException:  # also an interrupt: the process need not go on
            self.cancel()
            raise
        self._begun = None
        if isinstance(result, MemoryError):
            raise EngineError(ENGINE, f"failed while separating the speakers ({why_failed(result)})") from result
        if isinstance(result, Exception):
            raise result
        return result

    def _received(self, progress: Progress) -> Diarization | tuple[VoiceSample, ...] | Exception:
        """Return the answer of the process, whose progress and log go on here."""
        while self._child:
            try:
                message: Step | logging.LogRecord | Answer = self._child.pipe.recv()
            except (OSError, EOFError):
                break
            if isinstance(message, Answer):
                return message.result
            if isinstance(message, Step):
                progress(message)
            else:
                logging.getLogger(message.name).handle(message)
        self._end()
        return EngineError(ENGINE, "its process ended unexpectedly; is there enough memory?")

    def _done_here(self, job: Job, progress: Progress) -> Diarization | tuple[VoiceSample, ...]:
        self._here = self._here or self._models.load(progress)
        return job.result(self._here, progress)

    def _end(self) -> None:
        if self._child:
            self._child.end()
        self._child = None
