"""Other tools at their defaults, in this process, each with the time that its stages take.

Whatever they need is imported by them: it counts for them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.progress import silent
from pipeline.times import Span

if TYPE_CHECKING:
    from scripts.benchmark_speed import Clock


def plain_faster_whisper() -> Any:  # noqa: ANN401 -- the package has no types
    """Load Whisper base with 8-bit weights, without anything of ``align``."""
    from faster_whisper import WhisperModel  # noqa: PLC0415 -- counts for the process

    from pipeline.listening.device import thread_count  # noqa: PLC0415 -- the same
    from pipeline.listening.models.locate import locate_weights  # noqa: PLC0415 -- the same
    from pipeline.listening.models.weights_options import WeightsOptions  # noqa: PLC0415 -- the same

    weights = locate_weights("base", "ctranslate2", WeightsOptions(), silent)
    return WhisperModel(str(weights.path), device="cpu", compute_type="int8", cpu_threads=thread_count(8))


def transcribe_by_openai(audio: Path, _: Path, clock: Clock) -> None:
    """Transcribe with openai-whisper at its defaults, with word times."""
    from pipeline.listening.audio.recording import open_recording  # noqa: PLC0415 -- counts for the process
    from pipeline.listening.models.locate import locate_weights  # noqa: PLC0415 -- the same
    from pipeline.listening.models.weights_options import WeightsOptions  # noqa: PLC0415 -- the same
    from pipeline.listening.transcribe.openai_whisper import load_network  # noqa: PLC0415 -- the same

    with clock.measure("loading"):
        network = load_network(locate_weights("base", "openai", WeightsOptions(), silent), "cpu")
    recording = open_recording(audio)
    samples = recording.read(Span(0, recording.duration)).samples
    with clock.measure("transcribing"):
        network.transcribe(samples, word_timestamps=True, fp16=False)


def transcribe_by_faster_whisper(audio: Path, _: Path, clock: Clock) -> None:
    """Transcribe with faster-whisper at its defaults, with word times."""
    with clock.measure("loading"):
        model = plain_faster_whisper()
    with clock.measure("transcribing"):
        segments, _info = model.transcribe(str(audio), word_timestamps=True)
        for _segment in segments:
            pass


def diarize_by_pyannote(audio: Path, _: Path, clock: Clock) -> None:
    """Diarize with pyannote.audio's own pipeline, with the settings of its speaker-diarization-3.1."""
    import torch  # noqa: PLC0415 -- counts for the process
    from pyannote.audio.core.task import Problem, Resolution, Specifications  # noqa: PLC0415 -- the same
    from pyannote.audio.models.embedding import WeSpeakerResNet34  # noqa: PLC0415 -- the same
    from pyannote.audio.pipelines.speaker_diarization import SpeakerDiarization  # noqa: PLC0415 -- the same

    from pipeline.listening.audio.recording import RATE, open_recording  # noqa: PLC0415 -- the same
    from pipeline.listening.diarize import locate_pipeline  # noqa: PLC0415 -- the same
    from pipeline.listening.diarize.diarize_options import DiarizeOptions  # noqa: PLC0415 -- the same
    from pipeline.listening.diarize.pyannote_model import NoPLDA, load_model  # noqa: PLC0415 -- the same
    from pipeline.listening.models.catalog import SEGMENTATION_FILE  # noqa: PLC0415 -- the same
    from pipeline.listening.models.weights_options import WeightsOptions  # noqa: PLC0415 -- the same

    with clock.measure("loading"):
        weights = locate_pipeline(DiarizeOptions(), WeightsOptions(), silent)
        embedding = WeSpeakerResNet34()
        embedding.specifications = Specifications(Problem.REPRESENTATION, Resolution.CHUNK, 5.0)
        pipeline = SpeakerDiarization(
            segmentation=load_model(weights.path / SEGMENTATION_FILE, weights.proof(SEGMENTATION_FILE)),
            segmentation_batch_size=32,
            embedding=embedding,
            embedding_batch_size=32,
            embedding_exclude_overlap=True,
            plda=NoPLDA(),
            clustering="AgglomerativeClustering",
        )
        clustering = {"method": "centroid", "min_cluster_size": 12, "threshold": 0.7046}
        pipeline.instantiate({"segmentation": {"min_duration_off": 0.0}, "clustering": clustering})
    recording = open_recording(audio)
    samples = recording.read(Span(0, recording.duration)).samples
    with clock.measure("diarizing"):
        pipeline({"waveform": torch.from_numpy(samples)[None], "sample_rate": RATE})


def diarize_often(audio: Path, _: Path, clock: Clock) -> None:
    """Diarize with cuemark's pipeline at pyannote.audio's default step."""
    from pipeline.listening.audio.recording import open_recording  # noqa: PLC0415 -- counts for the process
    from pipeline.listening.diarize import load_diarizer, locate_pipeline  # noqa: PLC0415 -- the same
    from pipeline.listening.diarize.diarize_options import DiarizeOptions, SpeakerCount  # noqa: PLC0415 -- the same
    from pipeline.listening.models.weights_options import WeightsOptions  # noqa: PLC0415 -- the same

    options = DiarizeOptions(segmentation_step=0.1)
    with clock.measure("loading"):
        diarizer = load_diarizer(options, locate_pipeline(options, WeightsOptions(), silent))
    with clock.measure("diarizing"):
        diarizer.diarize(open_recording(audio), SpeakerCount(), silent)


def time_by(peer: str, python: Path, audio: Path, transcript: Path, clock: Clock) -> None:
    """Give the typed words their times with another tool of ``scripts/peers``, in a process of its own."""
    from pipeline.reading.transcript import parse  # noqa: PLC0415 -- for this alone
    from scripts.peers.run import peer_times  # noqa: PLC0415 -- the same

    words = [word.shown for word in parse(transcript.read_text(encoding="utf-8")).words]
    with tempfile.TemporaryDirectory() as folder, clock.measure("all"):
        peer_times(peer, python, [(audio, words)], Path(folder))


PEERS: Mapping[str, Callable[[Path, Path, Clock], None]] = {
    "openai-whisper": transcribe_by_openai,
    "faster-whisper": transcribe_by_faster_whisper,
    "pyannote.audio": diarize_by_pyannote,
    "voices, step of 0.1": diarize_often,
}
"""The tools by their names: each gets a recording, a transcript and a clock."""
