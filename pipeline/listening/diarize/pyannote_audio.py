"""Run a pipeline of pyannote.audio as a ``Diarizer``: audio goes in as an array, turns and samples come out."""

from __future__ import annotations

import contextlib
import io
import logging
import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from pipeline.errors import EngineError
from pipeline.listening.audio.recording import RATE, Recording
from pipeline.listening.audio.speech_spans import group_spans
from pipeline.listening.diarize import ENGINE
from pipeline.listening.diarize.diarize_options import SpeakerCount
from pipeline.listening.diarize.turns import ChunkSpeakers, num_frames_in, turns_from_segments, voice_samples
from pipeline.listening.diarize.waveform_file import waveform_on_disk
from pipeline.listening.engine_errors import engine_errors
from pipeline.listening.models.locate import Weights
from pipeline.progress import SAMPLES, TURNS, VOICES, Progress, Step
from pipeline.schema import Diarization, VoiceSample
from pipeline.times import MS_PER_MINUTE, Ms, Span, from_seconds

_STAGES = {"segmentation": TURNS, "embeddings": VOICES}
_MAX_READ: Ms = 5 * MS_PER_MINUTE
"""The longest span that is decoded at once for samples: 19 MB as float32."""

_log = logging.getLogger(__name__)

Embed = Callable[[Sequence[npt.NDArray[np.float32]]], npt.NDArray[np.float32]]
"""Waveforms, each mono, 16 kHz, float32 in -1..1, shape (num_samples,), to embeddings, shape (num_waveforms, 192).

The embeddings are float32 and have unit length; zeros for a waveform that is too short.
"""


@dataclass(frozen=True, slots=True)
class PyannoteDiarizer:
    """A loaded pipeline.

    Attributes:
        pipeline: pyannote's ``SpeakerDiarization`` or a subclass of it.
        shortest: in ms; samples in which the voice speaks alone for less are left out.
        longest_s: seconds of a chunk from which an embedding is computed, at most.
        embed: computes embeddings of single waveforms; None if the pipeline has no function for it.
    """

    weights: Weights
    settings: Mapping[str, str | int | float | bool | None]
    pipeline: Any = field(repr=False)
    shortest: Ms
    longest_s: float = math.inf
    embed: Embed | None = field(default=None, repr=False)
    engine: str = ENGINE

    def diarize(self, recording: Recording, speakers: SpeakerCount, progress: Progress) -> Diarization:
        """See ``Diarizer.diarize``."""
        try:
            with (
                engine_errors(self.engine, "failed while separating the speakers"),
                waveform_on_disk(recording, progress) as waveform,
                _quiet(),
            ):
                hook = _PipelineHook(progress, waveform.release)
                output = self.pipeline(
                    {"waveform": torch.from_numpy(waveform.samples)[None], "sample_rate": RATE, "uri": "recording"},
                    num_speakers=speakers.exactly,
                    min_speakers=speakers.least,
                    max_speakers=speakers.most,
                    hook=hook,
                )
        except OSError as e:
            reason = f"cannot write the audio into the folder for temporary files ({e.strerror or e})"
            raise EngineError(self.engine, f"{reason}; make room there, or name another one with TMPDIR") from e
        within = Span(0, recording.duration)
        segments = output.speaker_diarization.itertracks(yield_label=True)
        turns = turns_from_segments(((segment.start, segment.end, label) for segment, _, label in segments), within)
        _warn_if_unexpected(len({turn.voice for turn in turns}), speakers)
        chunks = hook.chunk_speakers(self.longest_s)
        samples = voice_samples(chunks, turns, within, self.shortest) if chunks else ()
        return Diarization(turns, samples, self.engine, self.weights.model, self.weights.sha256, self.settings)

    def sample(self, recording: Recording, spans: Sequence[Span], progress: Progress) -> tuple[VoiceSample, ...]:
        """See ``Diarizer.sample``."""
        if self.embed is None:
            return ()
        longest = from_seconds(self.longest_s)
        middles = [span.middle(longest) for span in spans]
        samples: list[VoiceSample] = []
        for group in group_spans(middles, _MAX_READ):
            waveform = recording.read(Span(group[0].start, max(span.end for span in group)))
            with engine_errors(self.engine, "failed while computing embeddings of voices"):
                embeddings = self.embed([waveform.crop(span).samples for span in group])
            samples += (
                VoiceSample((span,), "", embedding.astype("<f4").tobytes())
                for span, embedding in zip(group, embeddings, strict=True)
            )
            progress(Step(SAMPLES, len(samples), len(spans)))
        return tuple(samples)


class _PipelineHook:
    """A hook of a pyannote pipeline: reports its progress, and keeps its segmentation and embeddings.

    ``release`` is called after each part of the audio that was processed.
    """

    def __init__(self, progress: Progress, release: Callable[[], None]) -> None:
        self._progress, self._release = progress, release
        self._artifacts: dict[str, Any] = {}

    def __call__(
        self,
        step: str,
        artifact: Any = None,  # noqa: ANN401 -- pyannote's arrays, of another type for each step
        file: object = None,  # noqa: ARG002 -- pyannote passes it by name
        total: int | None = None,
        completed: int | None = None,
    ) -> None:
        self._release()
        if total is None:
            self._artifacts[step] = artifact
        elif step in _STAGES:
            self._progress(Step(_STAGES[step], min(int(completed or 0), int(total)), int(total)))

    def chunk_speakers(self, longest_s: float) -> ChunkSpeakers | None:
        """Return the local speakers of all chunks; None if there is no speech."""
        if "embeddings" not in self._artifacts:
            return None
        segmentation = self._artifacts["segmentation"]
        window = segmentation.sliding_window
        active = np.nan_to_num(segmentation.data) > 0.5
        return ChunkSpeakers(
            active=active,
            embeddings=self._artifacts["embeddings"],
            chunk_step=window.step,
            chunk_duration=window.duration,
            longest=num_frames_in(min(longest_s, window.duration), active.shape[1], window.duration),
        )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Suppress pyannote's warnings and log what it prints: standard output is for results."""
    printed = io.StringIO()
    with warnings.catch_warnings(), contextlib.redirect_stdout(printed):
        warnings.simplefilter("ignore")
        yield
    for line in printed.getvalue().splitlines():
        _log.debug("pyannote.audio: %s", line)


def _warn_if_unexpected(number: int, speakers: SpeakerCount) -> None:
    least, most = speakers.exactly or speakers.least or 0, speakers.exactly or speakers.most or number
    if number and not least <= number <= most:
        _log.warning("%d voices are found, though %s were expected", number, speakers)
