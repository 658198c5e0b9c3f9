"""The process that diarizes answers each job, samples the turns ahead, and ends with its caller."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import cast

import pytest

from pipeline.errors import AudioError
from pipeline.listening.audio.recording import Recording
from pipeline.listening.diarize import Diarizer, diarizer_process
from pipeline.listening.diarize.diarize_options import DiarizeOptions, SpeakerCount
from pipeline.listening.diarize.diarizer_process import Answer, Job, Models
from pipeline.listening.diarize.diarizer_worker import serve
from pipeline.listening.models.locate import Weights
from pipeline.progress import Progress, Step
from pipeline.schema import Diarization, Turn, VoiceSample
from pipeline.times import Span
from tests.factories import SHA

RECORDING = Recording(Path("show.mp3"), 9_000, SHA)
TURNS = (Turn(Span(1_000, 4_000), "SPEAKER_00"),)
FOUND = Diarization(TURNS, (), "pyannote.audio", "voices", SHA)


@dataclass
class Fake:
    """A diarizer that notes what it is asked for."""

    asked: list[object] = field(default_factory=list)
    loaded_with_collection: list[bool] = field(default_factory=list)

    def load(self, *_: object) -> Diarizer:
        """Itself, at once."""
        self.loaded_with_collection.append(gc.isenabled())
        return cast("Diarizer", self)

    def diarize(self, recording: Recording, speakers: SpeakerCount, progress: Progress) -> Diarization:
        """One turn; nothing in a recording that is gone."""
        self.asked.append(speakers)
        progress(Step("finding turns", 1, 1))
        logging.getLogger("pipeline.listening").warning("few voices")
        if recording.duration == 0:
            raise AudioError(recording.path, "is gone")
        return FOUND

    def sample(self, _recording: Recording, spans: Sequence[Span], _progress: Progress) -> tuple[VoiceSample, ...]:
        """One sample for each span."""
        self.asked.append(spans)
        return tuple(VoiceSample((span,), "", b"") for span in spans)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    """The diarizer that is loaded."""
    one = Fake()
    monkeypatch.setattr(diarizer_process, "load_diarizer", one.load)
    return one


@pytest.fixture
def ours(fake: Fake) -> Iterator[Connection]:
    """The caller's end; the other one serves until this is closed."""
    logger, pipes = logging.getLogger("pipeline"), Pipe()
    handlers, level = list(logger.handlers), logger.level
    serving = threading.Thread(target=serve, args=(pipes[1],))
    serving.start()
    weights = Weights("voices", Path("voices"), SHA, "cache", english_only=False)
    pipes[0].send(Models(DiarizeOptions(), weights, logging.WARNING))
    yield pipes[0]
    pipes[0].close()
    serving.join(60)
    gc.unfreeze()
    logger.handlers, logger.level = handlers, level
    assert fake.asked
    assert not serving.is_alive()


def answer(pipe: Connection, job: Job) -> tuple[list[object], Answer]:
    """What comes before the answer to a job, and the answer."""
    pipe.send(job)
    before: list[object] = []
    while not isinstance(message := pipe.recv(), Answer):
        before.append(message)
    return before, message


def test_each_job_has_its_answer(ours: Connection, fake: Fake) -> None:
    """After its progress and its warnings; an error is an answer too."""
    gone = Job(Recording(Path("gone.mp3"), 0, SHA), SpeakerCount())
    before, failed = answer(ours, gone)
    loading = "loading the models that separate speakers (cache)"

    assert before[:3] == [Step(loading, 0, 1), Step(loading, 1, 1), Step("finding turns", 1, 1)]
    assert isinstance(before[3], logging.LogRecord)
    assert before[3].getMessage() == "few voices"
    assert isinstance(failed.result, AudioError)
    assert str(failed.result) == "gone.mp3: is gone"
    assert answer(ours, Job(RECORDING, SpeakerCount()))[1] == Answer(FOUND)
    assert fake.asked[:2] == [SpeakerCount(), SpeakerCount()]


def test_the_turns_are_sampled_ahead(ours: Connection, fake: Fake) -> None:
    """They are sampled once; other spans are sampled when they are asked for."""
    answer(ours, Job(RECORDING, SpeakerCount()))
    turn, other = (Span(1_000, 4_000),), (Span(2_000, 3_000),)

    assert answer(ours, Job(RECORDING, turn))[1] == Answer((VoiceSample(turn, "", b""),))
    assert answer(ours, Job(RECORDING, other))[1] == Answer((VoiceSample(other, "", b""),))
    assert fake.asked == [SpeakerCount(), turn, other]


def test_garbage_is_collected_again_after_the_models_are_loaded(ours: Connection, fake: Fake) -> None:
    """Not while they are loaded, since what is imported then stays."""
    answer(ours, Job(RECORDING, SpeakerCount()))

    assert fake.loaded_with_collection == [False]
    assert gc.isenabled()
