"""Measure the accuracy and the speed of the diarization, on recordings whose turns are known.

Prints for each recording the diarization error rate (DER), without a collar and with one of 0.25 s on each side of an
edge; its three parts without a collar; the number of voices found and of real ones; and the seconds of processor time
(user and system) for each second of audio. Splices are made in memory of sentences by real readers: their turns are
exact, and their pauses are found in the clean sentences.

    ./.venv/bin/python scripts/benchmark_diarization.py [--data FOLDER] [--set threshold=0.7] [--only splice]
    ./.venv/bin/python scripts/benchmark_diarization.py --data FOLDER --quiet 30 [--even]    a guest who is quieter
    ./.venv/bin/python scripts/benchmark_diarization.py --data FOLDER --minutes 60      time and memory of a long one
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import sys
import tempfile
import time
import warnings
import wave
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import msgspec
import numpy as np
import numpy.typing as npt

from pipeline.listening.audio.levels import even_out
from pipeline.listening.audio.recording import RATE, Recording, Waveform, open_recording
from pipeline.listening.audio.vad import SpeechOptions, speech_windows, voice_activity
from pipeline.listening.diarize import Diarizer, load_diarizer, locate_pipeline
from pipeline.listening.diarize.diarize_options import DiarizeOptions, SpeakerCount
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.matching.speakers.embeddings import sample_windows
from pipeline.progress import silent
from pipeline.times import MS_PER_SECOND, Ms, Span, from_seconds

EXAMPLE = Path(__file__).parents[1] / "examples" / "kettle-and-kernel"
COLLAR_S = 0.25
SPLICES = (2, 2, 3, 3, 4, 5, 6)
"""The number of voices of each splice; its index is the seed."""

EDGE_MS: Ms = 100
"""The uncertainty of the edges of real turns, which is left out of the spans that are sampled."""

_PARAMETERS = (1, 2, RATE, 0, "NONE", "")

Samples = npt.NDArray[np.float32]
Rates = Mapping[str, float]
Truth = tuple[tuple[Span, str], ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A recording on disk, and who really speaks when."""

    name: str
    audio: Path
    truth: Truth


def main() -> int:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="the folder with real recordings; without it, the example alone")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="an option of DiarizeOptions")
    parser.add_argument("--only", action="append", default=[], help="recordings whose name starts so; repeatable")
    parser.add_argument("--quiet", type=float, metavar="DB", help="make the person with the second most speech quieter")
    parser.add_argument("--even", action="store_true", help="amplify quiet speech first, as for transcription")
    parser.add_argument("--minutes", type=int, help="one recording of this length, for time and memory alone")
    parser.add_argument("--noise", type=float, metavar="DB", help="add noise, by so much quieter than the sound")
    parser.add_argument("--keep", type=Path, help="a folder for what benchmark_speakers.py reads")
    parser.add_argument(
        "--threads", type=int, default=1, help="one by default, since waiting threads count as processor time"
    )
    arguments = parser.parse_args()
    diarizer = _load(arguments.set, arguments.threads)
    print(dict(diarizer.settings))
    with tempfile.TemporaryDirectory() as folder:
        if arguments.minutes:
            measure_long(diarizer, repeated_to_length(arguments.data, Path(folder), arguments.minutes))
        else:
            heard = cases(arguments.data, Path(folder), tuple(arguments.only or [""]))
            if arguments.quiet is not None:
                heard = (with_quiet_guest(case, arguments.quiet, Path(folder)) for case in heard)
            if arguments.noise is not None:
                heard = (noisy(case, arguments.noise, Path(folder)) for case in heard)
            if arguments.even:
                heard = (evened(case, Path(folder)) for case in heard)
            measure(diarizer, heard, arguments.keep)
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")
    return 0


def _load(settings: list[str], threads: int) -> Diarizer:
    import torch  # noqa: PLC0415 -- after --help

    torch.set_num_threads(threads)
    given: dict[str, Any] = {}
    for name, value in (pair.split("=") for pair in settings):
        default = getattr(DiarizeOptions(), name)
        given[name] = value if default is None else type(default)(value)
    options = DiarizeOptions(**given)
    return load_diarizer(options, locate_pipeline(options, WeightsOptions(), silent))


# --- recordings ---------------------------------------------------------------------------------------------------


def cases(data: Path | None, folder: Path, only: tuple[str, ...]) -> Iterator[Case]:
    """Yield all recordings with known turns; splices are written into ``folder``."""
    truth = json.loads((EXAMPLE / "07-the-slow-build.truth.json").read_text(encoding="utf-8"))
    said = tuple((_span(one["start"], one["end"]), one["speaker"]) for one in truth["sentences"])
    listed = [Case("example", EXAMPLE / truth["audio"], said)]
    for turns in sorted(data.glob("*/*.turns.tsv")) if data else ():
        stem = turns.name.removesuffix(".turns.tsv")
        audio = next(path for path in sorted(turns.parent.glob(f"{stem}.*")) if path.suffix not in {".tsv", ".txt"})
        listed.append(Case(f"{turns.parent.name}/{stem}", audio, _read_turns(turns)))
    yield from (case for case in listed if case.name.startswith(only))
    for seed, number in enumerate(SPLICES if data else ()):
        name = f"splice/{seed}"
        if data and name.startswith(only):
            yield splice(name, sorted(data.glob("librispeech*/*.flac")), number, seed, folder)


def noisy(case: Case, by_db: float, folder: Path) -> Case:
    """Return the same recording with pink noise, which is similar to the noise of people and machines."""
    samples = _samples(case.audio)
    spectrum = np.fft.rfft(np.random.default_rng(11).standard_normal(len(samples)))
    pink = np.fft.irfft(spectrum / np.sqrt(np.arange(1, len(spectrum) + 1)), len(samples))
    pink *= np.sqrt(np.mean(samples**2) / np.mean(pink**2)) * 10 ** (-by_db / 20)
    path = folder / f"noisy-{case.name.replace('/', '-')}.wav"
    return replace(case, audio=_write(path, np.asarray(samples + pink, np.float32)))


def with_quiet_guest(case: Case, by_db: float, folder: Path) -> Case:
    """Return the same recording with the turns of who says the second most quieter."""
    spoken: Counter[str] = Counter()
    for span, who in case.truth:
        spoken[who] += span.duration
    guest = [who for who, _ in spoken.most_common(2)][-1]
    samples = _samples(case.audio).copy()
    gain = np.ones(len(samples), np.float32)
    for span, who in case.truth:
        if who == guest:
            gain[
                (max(0, span.start - EDGE_MS) * RATE) // MS_PER_SECOND : (span.end + EDGE_MS) * RATE // MS_PER_SECOND
            ] = 10 ** (-by_db / 20)
    for span, who in case.truth:
        if who != guest:
            gain[span.start * RATE // MS_PER_SECOND : span.end * RATE // MS_PER_SECOND] = 1
    return replace(case, audio=_write(folder / f"quiet-{case.name.replace('/', '-')}.wav", samples * gain))


def evened(case: Case, folder: Path) -> Case:
    """Return the same recording with quiet speech amplified, window by window, as the speech engines get it."""
    windows = speech_windows(open_recording(case.audio), SpeechOptions(), silent)
    samples = np.concatenate([even_out(window.waveform, window.speech).samples for window in windows])
    return replace(case, audio=_write(folder / f"even-{case.name.replace('/', '-')}.wav", samples))


def _read_turns(path: Path) -> Truth:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return tuple((_span(float(row["start"]), float(row["end"])), row["speaker"]) for row in rows)


def _span(start: float, end: float) -> Span:
    return Span(from_seconds(start), from_seconds(end))


def splice(name: str, files: list[Path], number: int, seed: int, folder: Path, seconds: int = 120) -> Case:
    """Write a conversation of readers: short and long turns in random order, one in six of which overlaps the last."""
    rng = np.random.default_rng(seed)
    readers = {path.name.split("-")[0] for path in files}
    voices = {
        str(who): np.concatenate([_samples(path) for path in files if path.name.startswith(f"{who}-")])
        for who in rng.choice(sorted(readers), number, replace=False)
    }
    sound = np.zeros((seconds + 30) * RATE, np.float32)
    truth: list[tuple[Span, str]] = []
    at, last = 500, ""
    while at < seconds * MS_PER_SECOND:
        last = str(rng.choice([who for who in voices if who != last]))
        shortest, longest = rng.choice([(600, 2_000), (2_000, 6_000), (6_000, 14_000)])
        piece = _take(voices, last, int(rng.uniform(shortest, longest)))
        first = at * RATE // MS_PER_SECOND
        sound[first : first + len(piece)] += piece
        spoken = voice_activity(Waveform(piece, RATE, at), SpeechOptions())
        truth += [(span, last) for span in spoken]
        overlaps = len(piece) > 1.5 * RATE and rng.random() < 1 / 6
        gap = -rng.uniform(200, 1_000) if overlaps else rng.uniform(100, 600)
        at += len(piece) * MS_PER_SECOND // RATE + int(gap)
    end = max(span.end for span, _ in truth) * RATE // MS_PER_SECOND + RATE
    noise = rng.normal(scale=0.0005, size=end).astype(np.float32)
    return Case(name, _write(folder / f"{name.replace('/', '-')}.wav", sound[:end] + noise), tuple(sorted(truth)))


def _take(voices: dict[str, Samples], who: str, duration: Ms) -> Samples:
    """Return the next piece of a voice, which is moved to the end of its samples."""
    size = duration * RATE // MS_PER_SECOND
    piece = voices[who][:size]
    voices[who] = np.roll(voices[who], -size)
    return piece


def repeated_to_length(data: Path | None, folder: Path, minutes: int) -> Recording:
    """Return a recording of this length: the podcast's episodes in a row, repeated."""
    episodes = sorted(data.glob("remotehack-podcast/episode-*.[mo]*")) if data else [EXAMPLE / "07-the-slow-build.mp3"]
    left = minutes * 60 * RATE
    path = folder / "long.wav"
    with wave.open(str(path), "wb") as out:
        out.setparams(_PARAMETERS)
        while left:
            for episode in episodes:
                piece = _samples(episode)[:left]
                out.writeframes(_pcm(piece))
                left -= len(piece)
    return open_recording(path)


def _samples(path: Path) -> Samples:
    recording = open_recording(path)
    return recording.read(Span(0, recording.duration)).samples


def _write(path: Path, samples: Samples) -> Path:
    with wave.open(str(path), "wb") as out:
        out.setparams(_PARAMETERS)
        out.writeframes(_pcm(samples))
    return path


def _pcm(samples: Samples) -> bytes:
    return (samples.clip(-1, 1) * 32_767).astype("<i2").tobytes()


# --- figures ------------------------------------------------------------------------------------------------------


def measure(diarizer: Diarizer, recordings: Iterator[Case], keep: Path | None) -> None:
    """Print a line for each recording and one for all; the work includes an embedding of each turn's windows."""
    from pyannote.metrics.diarization import DiarizationErrorRate  # noqa: PLC0415 -- after --help

    warnings.filterwarnings("ignore", message="'uem' was approximated")  # without it, all of the recording counts
    strict, lenient = DiarizationErrorRate(), DiarizationErrorRate(collar=2 * COLLAR_S)
    print(
        f"{'recording':48} {'seconds':>7} {'DER':>6} {'collar':>6} {'miss':>6} {'false':>6} {'mixed':>6}  voices   work"
    )
    for case in recordings:
        recording = open_recording(case.audio)
        start = time.process_time()
        found = diarizer.diarize(recording, SpeakerCount(), silent)
        more = diarizer.sample(recording, sample_windows(found.turns), silent)
        work = (time.process_time() - start) * MS_PER_SECOND / recording.duration
        real, heard = _annotation(case.truth), _annotation(tuple((turn.span, turn.voice) for turn in found.turns))
        parts, der = cast("Rates", strict(real, heard, detailed=True)), cast("float", lenient(real, heard))
        voices = f"{len(heard.labels())} of {len(real.labels())}"
        print(f"{case.name:48} {recording.duration / MS_PER_SECOND:7.1f} {_rates(parts, der)}  {voices:>6} {work:6.3f}")
        if keep:
            own = diarizer.sample(recording, _turn_middles(case.truth), silent)
            kept = {"duration": recording.duration, "diarization": found, "windows": more, "own": own}
            truth = [(span.start, span.end, name) for span, name in case.truth]
            (keep / f"{case.name.replace('/', '-')}.json").write_bytes(msgspec.json.encode({**kept, "truth": truth}))
    print(f"{'all, by duration':48} {'':7} {_rates(cast('Rates', strict.accumulated_), abs(lenient))}")


def _turn_middles(truth: Truth) -> list[Span]:
    """Return the middle of each real turn of a second or more: the spans that may get an embedding of their own."""
    return [
        Span(span.start + EDGE_MS, span.end - EDGE_MS) for span, _ in sorted(truth) if span.duration >= MS_PER_SECOND
    ]


def _rates(parts: Rates, lenient: float) -> str:
    missed, false, mixed = (parts[name] / parts["total"] for name in ("missed detection", "false alarm", "confusion"))
    return " ".join(f"{rate:6.3f}" for rate in (missed + false + mixed, lenient, missed, false, mixed))


def _annotation(turns: Truth) -> Any:  # noqa: ANN401 -- pyannote's Annotation
    from pyannote.core import Annotation, Segment  # noqa: PLC0415 -- after --help

    annotation = Annotation()
    for number, (span, who) in enumerate(turns):
        annotation[Segment(span.start / MS_PER_SECOND, span.end / MS_PER_SECOND), number] = who
    return annotation


def measure_long(diarizer: Diarizer, recording: Recording) -> None:
    """Print the processor time for a long recording, and what was found."""
    start = time.process_time()
    found = diarizer.diarize(recording, SpeakerCount(), silent)
    work = (time.process_time() - start) * MS_PER_SECOND / recording.duration
    voices = len({turn.voice for turn in found.turns})
    print(
        f"{recording.duration / MS_PER_SECOND:.0f} s: {work:.4f} s of work a second; {len(found.turns)} turns,", end=""
    )
    print(f" {voices} voices, {len(found.samples)} samples")


if __name__ == "__main__":
    sys.exit(main())
