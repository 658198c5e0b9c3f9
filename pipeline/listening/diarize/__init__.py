"""Speaker diarization with pyannote.audio: who speaks when, and embeddings of each voice.

Two pipelines implement one protocol, ``Diarizer``; each is in its own module, which is imported at first use, because
importing pyannote.audio takes seconds and a gigabyte. A diarizer knows no names: voices are ``SPEAKER_00`` and so on
until ``matching.speakers`` compares them with the labels of the transcript.
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
from pipeline.listening.engine_errors import import_failure

if TYPE_CHECKING:
    from pipeline.listening.audio.recording import Recording
    from pipeline.listening.models.locate import Weights
    from pipeline.listening.models.weights_options import WeightsOptions
    from pipeline.progress import Progress
    from pipeline.schema import Diarization, VoiceSample
    from pipeline.times import Span

ENGINE = "pyannote.audio"
"""The engine of all pipelines; also the name of its distribution."""

DIARIZERS: dict[str, str] = {
    "embedded": "pipeline.listening.diarize.embedded",
    "community": "pipeline.listening.diarize.community",
}
"""The module of each pipeline, by the pipeline's name; it has ``load(options, weights, device) -> Diarizer``."""


class Diarizer(Protocol):
    """A diarization pipeline with its weights loaded. It keeps no state between calls."""

    @property
    def engine(self) -> str:
        """The engine's name, for the ``Diarization``."""

    @property
    def weights(self) -> Weights:
        """The models' files."""

    @property
    def settings(self) -> Mapping[str, str | int | float | bool | None]:
        """All settings besides weights and number of speakers that change the result."""

    def diarize(self, recording: Recording, speakers: SpeakerCount, progress: Progress) -> Diarization:
        """Find who speaks when in a whole recording.

        The decoded audio is in a temporary file meanwhile (64 kB a second). The same call returns the same turns.

        Args:
            speakers: the number of speakers, as far as it is known.

        Returns:
            Turns in ms on the recording's clock, ordered by start, which overlap if several people speak at once, and
            voice samples with float32 embeddings of unit length; none of both if there is no speech.

        Raises:
            AudioError: the recording can no longer be read.
            EngineError: the pipeline failed, or there is no space for the temporary file.
        """

    def sample(self, recording: Recording, spans: Sequence[Span], progress: Progress) -> tuple[VoiceSample, ...]:
        """Return the embedding of the voice in each span, in the same order; of a long span, in its middle.

        The ``voice`` of the samples is empty. Returns no samples if the pipeline has no embedding for single spans.

        Args:
            spans: spans with one speaker, in ms on the recording's clock.

        Raises:
            AudioError: the recording can no longer be read.
            EngineError: the pipeline failed.
        """


class BackgroundDiarizer(Protocol):
    """A diarizer that works beside the rest of the program."""

    def begin(self, recording: Recording, speakers: SpeakerCount) -> None:
        """Begin what ``diarize`` with the same arguments then waits for; what was begun before is not wanted."""

    def cancel(self) -> None:
        """End what was begun, if ``diarize`` has not returned it."""

    def diarize(self, recording: Recording, speakers: SpeakerCount, progress: Progress) -> Diarization:
        """See ``Diarizer.diarize``."""

    def sample(self, recording: Recording, spans: Sequence[Span], progress: Progress) -> tuple[VoiceSample, ...]:
        """See ``Diarizer.sample``."""


class _Adapter(Protocol):
    """The interface of a module in ``DIARIZERS``."""

    def load(self, options: DiarizeOptions, weights: Weights, device: str) -> Diarizer: ...


def locate_pipeline(options: DiarizeOptions, weights: WeightsOptions, progress: Progress) -> Weights:
    """Return the files of the pipeline in the options; downloads them if they are not on this machine.

    Raises:
        WeightsError: they are not available, they are damaged, or a token is missing; the message says what to do.
    """
    from pipeline.listening.diarize import pipeline_files  # noqa: PLC0415 -- --help describes the options without it

    return pipeline_files.LOCATE[options.pipeline](options, weights, progress)


def load_diarizer(options: DiarizeOptions, weights: Weights) -> Diarizer:
    """Load a pipeline with its weights on the device in the options.

    Raises:
        EngineError: pyannote.audio is not installed, cannot read these weights or does not find the device.
    """
    return _adapter(options.pipeline).load(options, weights, resolve_device(options.device))


def heard_settings(options: DiarizeOptions) -> Mapping[str, str | int | float | bool | None]:
    """Return the options that change the result: not the device, the folder or the batch sizes."""
    return {
        "pipeline": options.pipeline,
        "segmentation_step": options.segmentation_step,
        "threshold": options.threshold,
        "min_cluster_size": options.min_cluster_size,
        "sample_s": options.sample_s,
        "shortest_sample_s": options.shortest_sample_s,
    }


def _adapter(name: str) -> _Adapter:
    os.environ["PYANNOTE_METRICS_ENABLED"] = "0"  # by default it reports the length of each recording to its makers
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its missing audio decoder, which is not used here
            return cast("_Adapter", importlib.import_module(DIARIZERS[name]))
    except (ImportError, OSError) as e:  # OSError: a compiled library that does not run on this machine
        raise EngineError(ENGINE, import_failure(ENGINE, e)) from e
