"""Who speaks when, by pyannote.audio: turns of voices, and what each voice sounds like.

Two pipelines stand behind one protocol, ``Diarizer``; each lives in a module of its own that is imported when it is
first used, because pyannote.audio takes seconds and a gigabyte to import. Names are no business of theirs: a voice is
``SPEAKER_00`` until somebody compares it with the labels of the transcript.
"""

from __future__ import annotations

import importlib
import os
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, cast

from pipeline.errors import EngineError
from pipeline.listening.device import resolve_device
from pipeline.listening.diarize.diarize_options import DiarizeOptions, SpeakerCount

if TYPE_CHECKING:
    from pipeline.listening.audio.recording import Recording
    from pipeline.listening.models.locate import Weights, WeightsOptions
    from pipeline.progress import Progress
    from pipeline.schema import Diarization, VoiceSample
    from pipeline.times import Span

ENGINE = "pyannote.audio"
"""Whose pipelines they are; also the name of the distribution."""

DIARIZERS: dict[str, str] = {
    "embedded": "pipeline.listening.diarize.embedded",
    "community": "pipeline.listening.diarize.community",
}
"""Pipeline's name to the module that adapts it; the module offers ``load(options, weights, device) -> Diarizer``."""


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
