"""A pipeline of pyannote.audio behind the protocol: sound goes in as an array, turns and samples come out."""

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
from pipeline.listening.diarize import ENGINE
from pipeline.listening.diarize.diarize_options import SpeakerCount
from pipeline.listening.diarize.turns import Tracks, frames_in, samples_of, turns_of
from pipeline.listening.diarize.waveform_file import sound_on_disk
from pipeline.listening.models.locate import Weights
from pipeline.progress import Progress, Step
from pipeline.schema import Diarization, VoiceSample
from pipeline.times import MS_PER_MINUTE, Ms, Span, from_seconds

_STAGES = {"segmentation": "finding turns", "embeddings": "telling voices apart"}
_SAMPLING = "learning voices"
_AT_ONCE: Ms = 5 * MS_PER_MINUTE
_log = logging.getLogger(__name__)

Embed = Callable[[Sequence[npt.NDArray[np.float32]]], npt.NDArray[np.float32]]
"""Sounds, each mono at 16 kHz, shape (num_samples,), to vectors of unit length, shape (num_sounds, 192)."""


@dataclass(frozen=True, slots=True)
class PyannoteDiarizer:
    """A pipeline that is loaded.

    Attributes:
        pipeline: pyannote's ``SpeakerDiarization``, or one of our own after it.
        shortest: samples that are alone for less are not given out.
        longest_s: how many seconds of a track its vector is made of, at most.
        embed: makes the vectors of some sounds by themselves; None where the pipeline has no such way.
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
            with sound_on_disk(recording, progress) as sound, _quietly():
                listener = _Listener(progress, sound.forget)
                heard = self.pipeline(
                    {"waveform": torch.from_numpy(sound.samples)[None], "sample_rate": RATE, "uri": "recording"},
                    num_speakers=speakers.exactly,
                    min_speakers=speakers.least,
                    max_speakers=speakers.most,
                    hook=listener,
                )
        except (RuntimeError, ValueError, MemoryError) as e:
            raise EngineError(self.engine, f"failed while telling voices apart ({e})") from e
        except OSError as e:
            reason = f"cannot keep the sound in the folder for temporary files ({e.strerror or e})"
            raise EngineError(self.engine, f"{reason}; make room there, or name another one with TMPDIR") from e
        within = Span(0, recording.duration)
        annotation = heard.speaker_diarization
        turns = turns_of(((s.start, s.end, label) for s, _, label in annotation.itertracks(yield_label=True)), within)
        _compare(len({turn.voice for turn in turns}), speakers)
        tracks = listener.tracks(self.longest_s)
        samples = samples_of(tracks, turns, within, self.shortest) if tracks else ()
        return Diarization(turns, samples, self.engine, self.weights.model, self.weights.sha256, self.settings)

    def sample(self, recording: Recording, spans: Sequence[Span], progress: Progress) -> tuple[VoiceSample, ...]:
        """See ``Diarizer.sample``."""
        if self.embed is None:
            return ()
        longest = from_seconds(self.longest_s)
        wanted = [span.middle(longest) for span in spans]
        samples: list[VoiceSample] = []
        for some in _together(wanted):
            waveform = recording.read(Span(some[0].start, max(span.end for span in some)))
            try:
                vectors = self.embed([waveform.crop(span).samples for span in some])
            except (RuntimeError, ValueError, MemoryError) as e:
                raise EngineError(self.engine, f"failed while listening to voices ({e})") from e
            samples += (
                VoiceSample((span,), "", vector.astype("<f4").tobytes())
                for span, vector in zip(some, vectors, strict=True)
            )
            progress(Step(_SAMPLING, len(samples), len(spans)))
        return tuple(samples)


def _together(spans: Sequence[Span]) -> Iterator[list[Span]]:
    """Neighbours that lie within a few minutes, which are read at once."""
    some: list[Span] = []
    for span in spans:
        if some and span.end - some[0].start > _AT_ONCE:
            yield some
            some = []
        some.append(span)
    if some:
        yield some


class _Listener:
    """What a pipeline tells while it works: passes on how far it is, and keeps what the tracks are made of.

    ``forget`` is called whenever a part of the sound is done with.
    """

    def __init__(self, progress: Progress, forget: Callable[[], None]) -> None:
        self._progress, self._forget = progress, forget
        self._made: dict[str, Any] = {}

    def __call__(
        self,
        step: str,
        made: Any = None,  # noqa: ANN401 -- arrays of pyannote's, one kind for each step
        file: object = None,  # noqa: ARG002 -- given by name
        total: int | None = None,
        completed: int | None = None,
    ) -> None:
        self._forget()
        if total is None:
            self._made[step] = made
        elif step in _STAGES:
            self._progress(Step(_STAGES[step], min(completed or 0, total), total))

    def tracks(self, longest_s: float) -> Tracks | None:
        """All tracks; None where nobody speaks."""
        if "embeddings" not in self._made:
            return None
        segmentation = self._made["segmentation"]
        window = segmentation.sliding_window
        active = np.nan_to_num(segmentation.data) > 0.5
        return Tracks(
            active=active,
            vectors=self._made["embeddings"],
            chunk_step=window.step,
            chunk_duration=window.duration,
            longest=frames_in(min(longest_s, window.duration), active.shape[1], window.duration),
        )


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Keep to ourselves what pyannote prints and warns of: standard output is for results."""
    said = io.StringIO()
    with warnings.catch_warnings(), contextlib.redirect_stdout(said):
        warnings.simplefilter("ignore")
        yield
    for line in said.getvalue().splitlines():
        _log.debug("pyannote.audio: %s", line)


def _compare(number: int, speakers: SpeakerCount) -> None:
    least, most = speakers.exactly or speakers.least or 0, speakers.exactly or speakers.most or number
    if number and not least <= number <= most:
        _log.warning("%d voices are told apart, though %s were expected", number, speakers)
