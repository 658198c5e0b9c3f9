"""Diarization with pyannote's pipeline and models that need no hub: segmentation-3.0 and CAM++.

segmentation-3.0 finds the local speakers of each chunk, by powerset classification (Plaquet and Bredin 2023,
arXiv:2310.13025); CAM++ computes their embeddings (see ``campplus``). The pipeline is pyannote's ``SpeakerDiarization``
with its agglomerative clustering, with three changes: it has no PLDA, which this clustering does not use; each local
speaker is embedded once, from a few seconds without another speaker; and if overlapping chunks disagree, the chunk
with the moment in its middle has more weight.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from pyannote.audio.core.model import Model
from pyannote.audio.pipelines.clustering import AgglomerativeClustering
from pyannote.audio.pipelines.speaker_diarization import SpeakerDiarization
from pyannote.core import SlidingWindow, SlidingWindowFeature
from torchaudio.compliance import kaldi  # type: ignore[import-untyped]

from pipeline.errors import EngineError
from pipeline.listening.audio.recording import RATE
from pipeline.listening.device import thread_count
from pipeline.listening.device_memory import BatchSize
from pipeline.listening.diarize import ENGINE, Diarizer, campplus, heard_settings
from pipeline.listening.diarize.diarize_options import DiarizeOptions
from pipeline.listening.diarize.pyannote_audio import PyannoteDiarizer
from pipeline.listening.diarize.pyannote_model import NoPLDA, load_model
from pipeline.listening.diarize.turns import Mask, middle_frames, most_voted, num_frames_in, without_overlap
from pipeline.listening.map_in_threads import map_in_threads
from pipeline.listening.models.catalog import SEGMENTATION_FILE, VOICES_FILE
from pipeline.listening.models.locate import Weights
from pipeline.times import from_seconds

_SHIFT_S, _WINDOW_S = 0.010, 0.025
"""The step and the length of the frames of the filter banks: the defaults of Kaldi."""

_ENOUGH_S = 0.3
"""A local speaker who speaks alone for less is embedded from overlapping speech, rather than left out. Chosen by
hand."""

_MIN_FRAMES = 30
"""Shorter features are repeated to this many frames. No measurement is recorded for it."""

_LENGTH_STEP = 1.1
"""Features are cut to a power of this, so that equal lengths form batches; at most a tenth is cut off."""

_MAX_THREADS = 8
"""The most batches that are embedded at once. Chosen by hand; each takes about 50 MB."""


@contextmanager
def _single_threaded() -> Iterator[None]:
    """Let each operation of torch use one thread, also in threads that are started meanwhile.

    The operations are short, and the threads of one wait for each other in a busy loop. On two cores that other
    programs use too, five minutes of audio took 268 s of processor time with two threads, and 17 s with one.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class EmbeddedDiarization(SpeakerDiarization):
    """pyannote's pipeline with CAM++ as the embedding."""

    def __init__(self, segmentation: Model, network: campplus.CamPlusPlus, options: DiarizeOptions) -> None:
        super().__init__(
            segmentation=segmentation,
            segmentation_step=options.segmentation_step,
            segmentation_batch_size=options.segmentation_batch,
            embedding_batch_size=options.embedding_batch,
            plda=NoPLDA(),
            clustering="OracleClustering",  # the only one for which it loads no embedding model; replaced below
        )
        self.network = network
        self._embedding = SimpleNamespace(dimension=campplus.DIMENSION)  # all that is used of it; see get_embeddings
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
        self._embedded = BatchSize("embeddings of voices", options.embedding_batch)

    @_single_threaded()
    def apply(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 -- passes its arguments on
        """Diarize as the base does, with a single thread in each operation of torch."""
        return super().apply(*arguments, **options)

    def get_segmentations(self, file: dict[str, Any], hook: Callable[..., None] | None = None) -> SlidingWindowFeature:
        """Segment as the base does, once more with smaller batches if memory does not suffice."""
        searched = BatchSize("chunks that are searched for turns", self.segmentation_batch_size)
        while True:
            try:
                return super().get_segmentations(file, hook)
            except (RuntimeError, MemoryError) as error:
                if not searched.reduce(error, searched.at_most):
                    raise
                self.segmentation_batch_size = searched.at_most

    def get_embeddings(
        self,
        file: dict[str, Any],
        binary_segmentations: SlidingWindowFeature,
        exclude_overlap: bool = False,  # noqa: ARG002, FBT001, FBT002 -- the base's; overlaps are always left out
        hook: Callable[..., None] | None = None,
    ) -> npt.NDArray[np.float32]:
        """Compute the embeddings of all local speakers.

        Args:
            file: its ``waveform`` is a float32 tensor at 16 kHz, shape (1, num_samples).
            binary_segmentations: 0 or 1, shape (num_chunks, num_frames, num_local_speakers).

        Returns:
            float32, shape (num_chunks, num_local_speakers, 192); NaN for a local speaker who does not speak.
        """
        active = np.nan_to_num(binary_segmentations.data) > 0.5
        total = int(active.any(1).sum()) + 1  # nearly all of the work is in the network, not in its input
        embeddings = np.full((len(active), active.shape[2], campplus.DIMENSION), np.nan, np.float32)
        batches = self._batches(file["waveform"], active, binary_segmentations.sliding_window)
        done = 0
        for count in itertools.chain((0,), self._embed_all(batches, embeddings), (total,)):
            done = min(total, done + count)
            if hook is not None:
                hook("embeddings", None, total=total, completed=done)
        return embeddings

    def _batches(self, waveform: torch.Tensor, active: Mask, window: SlidingWindow) -> Iterator[_Batch]:
        """Yield the features of all local speakers, in batches of one length."""
        by_length: dict[int, _Batch] = defaultdict(list)
        for chunk, chunk_active in enumerate(active):
            for speaker, features in self._features(waveform, chunk, chunk_active, window):
                by_length[len(features)].append((chunk, speaker, features))
                if len(by_length[len(features)]) == self.embedding_batch_size:
                    yield by_length.pop(len(features))
        yield from by_length.values()

    @_single_threaded()
    def embed(self, waveforms: Sequence[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
        """Compute the embedding of each waveform: see ``pyannote_audio.Embed`` for the shapes.

        A waveform shorter than a frame of the filter banks (25 ms) has zeros as its embedding.
        """
        embeddings = np.zeros((len(waveforms), 1, campplus.DIMENSION), np.float32)
        by_length: dict[int, _Batch] = defaultdict(list)
        for row, waveform in enumerate(waveforms):
            banks = _filter_banks(torch.from_numpy(np.array(waveform))[None])
            if len(banks):
                features = _normalized(banks)
                by_length[len(features)].append((row, 0, features))
        size = self.embedding_batch_size
        batches = (same[at : at + size] for same in by_length.values() for at in range(0, len(same), size))
        for _ in self._embed_all(batches, embeddings):
            pass
        lengths = np.linalg.norm(embeddings[:, 0], axis=1, keepdims=True)
        return np.asarray(embeddings[:, 0] / np.maximum(lengths, np.finfo(np.float32).tiny), np.float32)

    def _features(
        self, waveform: torch.Tensor, chunk: int, active: Mask, window: SlidingWindow
    ) -> Iterator[tuple[int, torch.Tensor]]:
        """Yield each local speaker of a chunk with the input of the network, shape (num_frames, 80)."""
        if not active.any():
            return
        first, size = (round(seconds * RATE) for seconds in (chunk * window.step, window.duration))
        banks = _filter_banks(waveform[:, first : first + size])
        # The frame of the segmentation at the middle of each frame of the filter banks.
        middles = np.arange(len(banks)) * _SHIFT_S + _WINDOW_S / 2
        frames = (middles / window.duration * len(active)).astype(int)
        longest, enough = (
            num_frames_in(seconds, len(active), window.duration) for seconds in (self.longest_s, _ENOUGH_S)
        )
        only = without_overlap(active)
        for speaker in np.flatnonzero(active.any(0)):
            mask = (only if only[:, speaker].sum() >= enough else active)[:, speaker]
            chosen = banks[torch.from_numpy(middle_frames(mask, longest)[frames])]
            if len(chosen):
                yield int(speaker), _normalized(chosen)

    def _embed_all(self, batches: Iterable[_Batch], embeddings: npt.NDArray[np.float32]) -> Iterator[int]:
        """Compute the embeddings of all batches, several at once; yields the size of each when it is done."""
        threads = thread_count(_MAX_THREADS) if self.device.type == "cpu" else 1
        yield from map_in_threads(lambda batch: self._embed_batch(batch, embeddings), batches, threads)

    def _embed_batch(self, batch: _Batch, embeddings: npt.NDArray[np.float32]) -> int:
        """Compute the embeddings of features of one length, and write them into ``embeddings``."""
        computed = self._embedded.map(self._embed_features, [features for _, _, features in batch])
        for (chunk, speaker, _), embedding in zip(batch, computed, strict=True):
            embeddings[chunk, speaker] = embedding
        return len(batch)

    def _embed_features(self, features: Sequence[torch.Tensor]) -> npt.NDArray[np.float32]:
        """Compute the embeddings of features of one length: float32, shape (len(features), 192)."""
        with torch.inference_mode():
            embeddings: npt.NDArray[np.float32] = self.network(torch.stack([*features]).to(self.device)).cpu().numpy()
        return embeddings

    def reconstruct(
        self, segmentations: SlidingWindowFeature, hard_clusters: npt.NDArray[np.int8], count: SlidingWindowFeature
    ) -> SlidingWindowFeature:
        """Combine the chunks into one activation of each voice: in each frame, the voices with the most votes.

        The votes of a chunk have the most weight in its middle (Hamming window): with chunks that overlap by half, two
        votes of equal weight would often be a tie. Votes are added chunk by chunk, so an hour takes a few megabytes for
        each voice.

        Args:
            segmentations: shape (num_chunks, num_frames, num_local_speakers).
            hard_clusters: the cluster (voice) of each local speaker, negative for none, shape
                (num_chunks, num_local_speakers).
            count: the number of speakers at once, shape (total_num_frames, 1).

        Returns:
            0 or 1, shape (total_num_frames, num_voices).
        """
        frames, window = count.sliding_window, segmentations.sliding_window
        weight = np.hamming(segmentations.data.shape[1]).astype(np.float32)
        votes = np.zeros((len(count.data), int(hard_clusters.max()) + 1), np.float32)
        for chunk, (voices, active) in enumerate(zip(hard_clusters, np.nan_to_num(segmentations.data), strict=True)):
            first = frames.closest_frame(window[chunk].start + 0.5 * frames.duration)
            for voice in np.unique(voices[voices >= 0]):
                view = votes[first : first + len(weight), voice]
                view += (weight * active[:, voices == voice].max(1))[: len(view)]
        return SlidingWindowFeature(most_voted(votes, count.data[:, 0]), frames)


_SpeakerFeatures = tuple[int, int, torch.Tensor]
"""Chunk, local speaker, features of shape (num_frames, 80)."""

_Batch = list[_SpeakerFeatures]
"""Features of one length."""


def _filter_banks(waveform: torch.Tensor) -> torch.Tensor:
    """Return log mel filter banks as in the training of CAM++, shape (num_frames, 80); empty for less than a frame.

    Args:
        waveform: float32, 16 kHz, shape (1, num_samples).
    """
    if waveform.shape[1] < _WINDOW_S * RATE:
        return torch.zeros(0, campplus.NUM_BANDS)
    return kaldi.fbank(waveform, num_mel_bins=campplus.NUM_BANDS, sample_frequency=RATE)


def _normalized(features: torch.Tensor) -> torch.Tensor:
    """Repeat short features, cut them to one of a few lengths, and subtract their mean over time.

    Args:
        features: shape (num_frames, 80), with at least one frame.
    """
    if len(features) < _MIN_FRAMES:
        features = features.repeat(math.ceil(_MIN_FRAMES / len(features)), 1)
    length = math.floor(_LENGTH_STEP ** math.floor(math.log(len(features), _LENGTH_STEP)))
    return features[:length] - features[:length].mean(0)


def load(options: DiarizeOptions, weights: Weights, device: str) -> Diarizer:
    """Load segmentation-3.0 and CAM++ from a folder.

    Raises:
        EngineError: the files are not these models, or the device is missing.
    """
    try:
        network = campplus.load_network(weights.path / VOICES_FILE, weights.proof(VOICES_FILE))
        segmentation = load_model(weights.path / SEGMENTATION_FILE, weights.proof(SEGMENTATION_FILE))
        pipeline = EmbeddedDiarization(segmentation, network, options)
        pipeline.to(torch.device(device))
    except (RuntimeError, ValueError, KeyError, TypeError, OSError) as e:
        raise EngineError(ENGINE, f"cannot load {weights.path} on {device} ({str(e).splitlines()[0]})") from e
    return PyannoteDiarizer(
        weights,
        heard_settings(options),
        pipeline,
        from_seconds(options.shortest_sample_s),
        options.sample_s,
        pipeline.embed,
    )
