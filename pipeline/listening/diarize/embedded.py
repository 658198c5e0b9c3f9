"""pyannote's own diarization with models that need no hub: segmentation-3.0 for turns, CAM++ for voices.

The pipeline is pyannote's ``SpeakerDiarization`` with its agglomerative clustering. Three things are ours: it is built
without a PLDA, for which this clustering has no use; the vectors come from CAM++, each track listened to once, where it
is alone and no longer than need be; and where chunks disagree, the one counts more that has the moment in its middle.
"""

from __future__ import annotations

import math
import pickle
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from pyannote.audio.core.plda import PLDA
from pyannote.audio.pipelines.clustering import AgglomerativeClustering
from pyannote.audio.pipelines.speaker_diarization import SpeakerDiarization
from pyannote.core import SlidingWindow, SlidingWindowFeature
from torchaudio.compliance import kaldi  # type: ignore[import-untyped]

from pipeline.errors import EngineError
from pipeline.listening.audio.recording import RATE
from pipeline.listening.diarize import ENGINE, Diarizer, campplus, heard_settings
from pipeline.listening.diarize.diarize_options import DiarizeOptions
from pipeline.listening.diarize.pyannote_audio import PyannoteDiarizer
from pipeline.listening.diarize.turns import Mask, alone, frames_in, middle, most_voted
from pipeline.listening.models.catalog import SEGMENTATION_FILE, VOICES_FILE
from pipeline.listening.models.locate import Weights
from pipeline.times import from_seconds

_SHIFT_S, _WINDOW_S = 0.010, 0.025
"""Filter banks: how far apart and how long their frames are."""

_ENOUGH_S = 0.3
"""A voice that is alone for less in a chunk is heard together with the others rather than not at all."""

_FEWEST = 30
"""Frames of a shorter track are repeated up to this many."""

_RATIO = 1.1
"""Tracks are cut to a power of this, so that they can be computed together; a tenth is lost at most."""


class _NoPLDA(PLDA):
    """Stands where the pipeline insists on one."""

    def __init__(self) -> None:
        pass


class EmbeddedDiarization(SpeakerDiarization):
    """pyannote's pipeline with CAM++ as the embedding."""

    def __init__(self, segmentation: str, network: campplus.CamPlusPlus, options: DiarizeOptions) -> None:
        super().__init__(
            segmentation=segmentation,
            segmentation_step=options.segmentation_step,
            segmentation_batch_size=options.segmentation_batch,
            embedding_batch_size=options.embedding_batch,
            plda=_NoPLDA(),
            clustering="OracleClustering",  # the only one for which it loads no embedding; replaced below
        )
        self.network = network
        self._embedding = SimpleNamespace(dimension=campplus.DIMENSION)  # all that is asked of one; see get_embeddings
        self.longest_s = options.sample_s
        self.klustering = "AgglomerativeClustering"
        self.clustering = AgglomerativeClustering(metric="cosine")
        self._expects_num_speakers = False
        clustering = {
            "method": "centroid",
            "threshold": options.threshold,
            "min_cluster_size": options.min_cluster_size,
        }
        self.instantiate({"segmentation": {"min_duration_off": 0.0}, "clustering": clustering})

    def get_embeddings(
        self,
        file: dict[str, Any],
        binary_segmentations: SlidingWindowFeature,
        exclude_overlap: bool = False,  # noqa: ARG002, FBT001, FBT002 -- the base's; overlaps are always left out
        hook: Callable[..., None] | None = None,
    ) -> npt.NDArray[np.float32]:
        """Give each track its vector, shape (num_chunks, num_local_speakers, 192); NaN for who does not speak."""
        active = np.nan_to_num(binary_segmentations.data) > 0.5  # (num_chunks, num_frames, num_local_speakers)
        window, total = binary_segmentations.sliding_window, len(active) + 1
        vectors = np.full((len(active), active.shape[2], campplus.DIMENSION), np.nan, np.float32)
        waiting: dict[int, list[_Track]] = defaultdict(list)
        for chunk, chunk_active in enumerate(active):
            for speaker, features in self._features(file["waveform"], chunk, chunk_active, window):
                waiting[len(features)].append((chunk, speaker, features))
                if len(waiting[len(features)]) == self.embedding_batch_size:
                    self._compute(waiting.pop(len(features)), vectors)
            if hook is not None:
                hook("embeddings", None, total=total, completed=chunk + 1)
        for tracks in waiting.values():
            self._compute(tracks, vectors)
        if hook is not None:
            hook("embeddings", None, total=total, completed=total)
        return vectors

    def embed(self, sounds: Sequence[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
        """Give each sound its vector, of unit length, shape (num_sounds, 192)."""
        vectors = np.zeros((len(sounds), 1, campplus.DIMENSION), np.float32)
        waiting: dict[int, list[_Track]] = defaultdict(list)
        for row, sound in enumerate(sounds):
            features = _even(_bands(torch.from_numpy(np.array(sound))[None]))
            waiting[len(features)].append((row, 0, features))
        for tracks in waiting.values():
            for first in range(0, len(tracks), self.embedding_batch_size):
                self._compute(tracks[first : first + self.embedding_batch_size], vectors)
        lengths = np.linalg.norm(vectors[:, 0], axis=1, keepdims=True)
        return np.asarray(vectors[:, 0] / np.maximum(lengths, np.finfo(np.float32).tiny), np.float32)

    def _features(
        self, waveform: torch.Tensor, chunk: int, active: Mask, window: SlidingWindow
    ) -> Iterator[tuple[int, torch.Tensor]]:
        """What the network is given for each local speaker of a chunk: shape (num_frames, 80)."""
        if not active.any():
            return
        first, size = (round(seconds * RATE) for seconds in (chunk * window.step, window.duration))
        bands = _bands(waveform[:, first : first + size])
        # Frame of the segmentation at the middle of each frame of the filter banks.
        middles = np.arange(len(bands)) * _SHIFT_S + _WINDOW_S / 2
        frames = (middles / window.duration * len(active)).astype(int)
        longest, enough = (frames_in(seconds, len(active), window.duration) for seconds in (self.longest_s, _ENOUGH_S))
        only = alone(active)
        for speaker in np.flatnonzero(active.any(0)):
            mask = (only if only[:, speaker].sum() >= enough else active)[:, speaker]
            chosen = bands[torch.from_numpy(middle(mask, longest)[frames])]
            if len(chosen):
                yield int(speaker), _even(chosen)

    def _compute(self, tracks: list[_Track], vectors: npt.NDArray[np.float32]) -> None:
        with torch.inference_mode():
            found = self.network(torch.stack([features for _, _, features in tracks]).to(self.device)).cpu().numpy()
        for (chunk, speaker, _), vector in zip(tracks, found, strict=True):
            vectors[chunk, speaker] = vector

    def reconstruct(
        self, segmentations: SlidingWindowFeature, hard_clusters: npt.NDArray[np.int8], count: SlidingWindowFeature
    ) -> SlidingWindowFeature:
        """Tell who speaks in each frame: as many voices as are counted, those that the chunks around it have most of.

        A chunk counts most in its middle (Hamming window): with chunks that overlap by half, two votes of equal weight
        would often be a tie. Votes are summed up chunk by chunk, so that an hour takes a few megabytes for each voice.

        Args:
            segmentations: shape (num_chunks, num_frames, num_local_speakers).
            hard_clusters: the voice of each track, negative for none, shape (num_chunks, num_local_speakers).
            count: how many speak at once, shape (total_num_frames, 1).

        Returns:
            0 or 1, shape (total_num_frames, num_voices).
        """
        frames, window = count.sliding_window, segmentations.sliding_window
        weight = np.hamming(segmentations.data.shape[1]).astype(np.float32)
        votes = np.zeros((len(count.data), int(hard_clusters.max()) + 1), np.float32)
        for chunk, (voices, active) in enumerate(zip(hard_clusters, np.nan_to_num(segmentations.data), strict=True)):
            first = frames.closest_frame(window[chunk].start + 0.5 * frames.duration)
            for voice in np.unique(voices[voices >= 0]):
                room = votes[first : first + len(weight), voice]
                room += (weight * active[:, voices == voice].max(1))[: len(room)]
        return SlidingWindowFeature(most_voted(votes, count.data[:, 0]), frames)


_Track = tuple[int, int, torch.Tensor]
"""Chunk, local speaker, features."""


def _bands(sound: torch.Tensor) -> torch.Tensor:
    """Filter banks as CAM++ was trained with, shape (num_frames, 80); none for less than one frame."""
    if sound.shape[1] < _WINDOW_S * RATE:
        return torch.zeros(0, campplus.NUM_BANDS)
    return kaldi.fbank(sound, num_mel_bins=campplus.NUM_BANDS, sample_frequency=RATE)


def _even(features: torch.Tensor) -> torch.Tensor:
    """Repeat what is short, cut to a length that others have too, and take the mean over time away."""
    if len(features) < _FEWEST:
        features = features.repeat(math.ceil(_FEWEST / len(features)), 1)
    length = math.floor(_RATIO ** math.floor(math.log(len(features), _RATIO)))
    return features[:length] - features[:length].mean(0)


def load(options: DiarizeOptions, weights: Weights, device: str) -> Diarizer:
    """Load segmentation-3.0 and CAM++ from a folder.

    Raises:
        EngineError: the files are no such models, or the device is missing.
    """
    try:
        network = campplus.load(weights.path / VOICES_FILE)
        pipeline = EmbeddedDiarization(str(weights.path / SEGMENTATION_FILE), network, options)
        pipeline.to(torch.device(device))
    except (RuntimeError, ValueError, KeyError, TypeError, OSError, pickle.UnpicklingError) as e:
        raise EngineError(ENGINE, f"cannot load {weights.path} on {device} ({str(e).splitlines()[0]})") from e
    return PyannoteDiarizer(
        weights,
        heard_settings(options),
        pipeline,
        from_seconds(options.shortest_sample_s),
        options.sample_s,
        pipeline.embed,
    )
