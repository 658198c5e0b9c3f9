"""Who speaks when, by pyannote.audio: turns of voices, and what each voice sounds like.

Two pipelines stand behind one protocol, ``Diarizer``; each lives in a module of its own that is imported when it is
first used, because pyannote.audio takes seconds and a gigabyte to import. Names are no business of theirs: a voice is
``SPEAKER_00`` until somebody compares it with the labels of the transcript.
"""

from __future__ import annotations

import importlib
import os
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, cast

from pipeline.errors import EngineError
from pipeline.listening.transcribe import resolve_device
from pipeline.options import option

if TYPE_CHECKING:
    from pipeline.listening.audio.recording import Recording
    from pipeline.listening.models.locate import Weights, WeightsOptions
    from pipeline.progress import Progress
    from pipeline.schema import Diarization, VoiceSample
    from pipeline.times import Span

_COUNT = re.compile(r"(?P<panel>panel)|(?P<least>[1-9][0-9]?)(?:\s*[-–]\s*(?P<most>[1-9][0-9]?))?", re.IGNORECASE)

ENGINE = "pyannote.audio"
"""Whose pipelines they are; also the name of the distribution."""

DIARIZERS: dict[str, str] = {
    "embedded": "pipeline.listening.diarize.embedded",
    "community": "pipeline.listening.diarize.community",
}
"""Pipeline's name to the module that adapts it; the module offers ``load(options, weights, device) -> Diarizer``."""


@dataclass(frozen=True, slots=True)
class DiarizeOptions:
    """How voices are told apart.

    The defaults were chosen on 35 minutes with known turns (real podcasts, calls, interviews, a court, splices of
    readers, the example) and on six of those podcasts made one, by what ``scripts/benchmark_diarization.py`` measures.
    A step of 0.25 costs twice as much and mixes voices up only a little less often. Below a threshold of 0.75 real
    voices are split, above it similar synthetic ones are merged. A ``min_cluster_size`` of 12 loses those who say
    little; 2 to 8 do not.
    """

    voices: bool = option(default=True, meaning="Tell by the voices who speaks; without it, nobody is told apart")
    speakers: str | None = option(
        None, "How many people speak: a number, a range such as 2-4, or panel for as many as it has; else it is found"
    )
    pipeline: Literal["embedded", "community"] = option(
        "embedded",
        "The models that tell voices apart: embedded needs no account; community is pyannote's newest, "
        "which its hub gives to those whose token HF_TOKEN has",
    )
    folder: str | None = option(None, "A folder with the pipeline's files, if you have them; else they are fetched")
    device: Literal["auto", "cpu", "cuda"] = option(
        "auto", "Where to compute: the processor (cpu) or an NVIDIA GPU (cuda); auto takes the GPU if there is one"
    )
    segmentation_step: float = option(
        0.5, "How far apart the 10 s are that are listened to at once, in parts of that; less is slower and finer"
    )
    threshold: float = option(
        0.75, "How different two sounds may be and still be one voice, from 0 to 2; more finds fewer voices"
    )
    min_cluster_size: int = option(4, "How many stretches of some seconds a voice must be heard in to count as one")
    sample_s: float = option(4.0, "Seconds of each 10 that a voice is compared by, at most; more is slower")
    shortest_sample_s: float = option(0.5, "Seconds that a voice must be alone to be remembered as a sample of it")
    segmentation_batch: int = option(8, "How many stretches are searched for turns at once; more need more memory")
    embedding_batch: int = option(4, "How many voices are compared at once; more need more memory")

    def __post_init__(self) -> None:
        if self.speakers is not None and not _COUNT.fullmatch(self.speakers.strip()):
            raise ValueError(f"speakers must be a number, a range such as 2-4, or panel, not {self.speakers}")
        speaker_count(self.speakers, panel=1)  # refuses 4-2
        if not 0.02 <= self.segmentation_step <= 1:
            raise ValueError(f"segmentation_step must be from 0.02 to 1, not {self.segmentation_step}")
        if not 0 < self.threshold <= 2:
            raise ValueError(f"threshold must be above 0 and at most 2, not {self.threshold}")
        if not 1 <= self.min_cluster_size <= 20:
            raise ValueError(f"min_cluster_size must be from 1 to 20, not {self.min_cluster_size}")
        if min(self.segmentation_batch, self.embedding_batch) < 1:
            raise ValueError("segmentation_batch and embedding_batch must be 1 or more")
        if not 0.5 <= self.sample_s <= 10:
            raise ValueError(f"sample_s must be from 0.5 to 10, not {self.sample_s}")
        if self.shortest_sample_s < 0:
            raise ValueError(f"shortest_sample_s must be 0 or more, not {self.shortest_sample_s}")


@dataclass(frozen=True, slots=True)
class SpeakerCount:
    """How many people speak, as far as it is known before; ``exactly`` beats the limits."""

    least: int | None = None
    most: int | None = None
    exactly: int | None = None

    def __post_init__(self) -> None:
        if any(number is not None and number < 1 for number in (self.least, self.most, self.exactly)):
            raise ValueError("the number of speakers must be 1 or more")
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError(f"the least number of speakers, {self.least}, is above the most, {self.most}")

    def __str__(self) -> str:
        """In words.

        >>> str(SpeakerCount(least=2)), str(SpeakerCount(2, 4)), str(SpeakerCount(exactly=3)), str(SpeakerCount())
        ('2 or more', '2 to 4', '3', 'any number')
        """
        if self.exactly is not None:
            return str(self.exactly)
        if self.least is None and self.most is None:
            return "any number"
        return f"{self.least or 1} or more" if self.most is None else f"{self.least or 1} to {self.most}"


def speaker_count(said: str | None, panel: int) -> SpeakerCount:
    """How many people speak, from the option's words; ``panel`` is how many the transcript's panel has.

    >>> str(speaker_count("2-4", 0)), str(speaker_count("panel", 3)), str(speaker_count("panel", 0))
    ('2 to 4', '3', 'any number')
    """
    found = _COUNT.fullmatch((said or "").strip())
    if found is None or (found["panel"] and not panel):
        return SpeakerCount()
    if found["panel"]:
        return SpeakerCount(exactly=panel)
    least, most = int(found["least"]), int(found["most"] or found["least"])
    return SpeakerCount(exactly=least) if least == most else SpeakerCount(least, most)


class Diarizer(Protocol):
    """A pipeline with its weights loaded. It keeps nothing from one call to the next."""

    @property
    def engine(self) -> str:
        """Whose pipeline it is, as a ``Diarization`` says it."""

    @property
    def weights(self) -> Weights:
        """The files that it was loaded from."""

    @property
    def settings(self) -> Mapping[str, str | int | float | bool | None]:
        """All that changes what it hears beside the weights and the number of speakers."""

    def diarize(self, recording: Recording, speakers: SpeakerCount, progress: Progress) -> Diarization:
        """Tell who speaks when in a whole recording; no turn where nobody speaks.

        The sound lies in a temporary file meanwhile (64 kB a second). The same call gives the same turns.

        Raises:
            AudioError: the recording cannot be read any more.
            EngineError: the pipeline failed at work, or there is no room for the temporary file.
        """

    def sample(self, recording: Recording, spans: Sequence[Span], progress: Progress) -> tuple[VoiceSample, ...]:
        """Tell how the voice sounds in each of some stretches, in their order: by the middle of those that are long.

        Whose voice it is, is not said (``voice`` is empty). None where the pipeline cannot tell of a part alone.

        Raises:
            AudioError: the recording cannot be read any more.
            EngineError: the pipeline failed at work.
        """


class _Adapter(Protocol):
    """What a module of ``DIARIZERS`` offers."""

    def load(self, options: DiarizeOptions, weights: Weights, device: str) -> Diarizer: ...


def locate(options: DiarizeOptions, weights: WeightsOptions, progress: Progress) -> Weights:
    """Find the files of the pipeline that is asked for, and fetch them where they are not on this machine.

    Raises:
        WeightsError: nobody has them, they are damaged, or a token is missing; it says what to do.
    """
    from pipeline.listening.diarize import pipeline_files  # noqa: PLC0415 -- the options are described by --help, which needs none

    return pipeline_files.LOCATE[options.pipeline](options, weights, progress)


def load(options: DiarizeOptions, weights: Weights) -> Diarizer:
    """Load a pipeline with its weights, on the device that the options name.

    Raises:
        EngineError: pyannote.audio is not installed, cannot read these weights or lacks the device.
    """
    return _adapter(options.pipeline).load(options, weights, resolve_device(options.device))


def heard_settings(options: DiarizeOptions) -> Mapping[str, str | int | float | bool | None]:
    """What of the options changes what is heard: neither where it is computed nor where files lie."""
    return {
        "pipeline": options.pipeline,
        "segmentation_step": options.segmentation_step,
        "threshold": options.threshold,
        "min_cluster_size": options.min_cluster_size,
        "sample_s": options.sample_s,
        "shortest_sample_s": options.shortest_sample_s,
    }


def _adapter(name: str) -> _Adapter:
    os.environ["PYANNOTE_METRICS_ENABLED"] = "0"  # else it tells its makers how long each recording is
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it misses a decoder of its own, which it is not asked for
            return cast("_Adapter", importlib.import_module(DIARIZERS[name]))
    except (ImportError, OSError) as e:  # OSError: a compiled part that does not fit this machine
        raise EngineError(ENGINE, f"cannot be used here ({e}); python -m pip install {ENGINE}") from e
