"""Measure how exactly ``retime`` finds what was cut, on cuts that are made here, so that the truth is known.

    python -m scripts.benchmark_cuts --data FOLDER … [--seed 7] [--minutes 60]

The recordings in the folders are joined to one episode of the given length, in an order that the seed decides; what is
left is the adverts. Each row is one way to change the episode: how many ms the times are off (median, 95 %, most), how
many ms the edges, how much of what was kept is missed and how much of what was removed is kept, and the seconds.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import av
import numpy as np
import numpy.typing as npt
from av import AudioStream

from pipeline.episode.another_cut import find_cuts
from pipeline.errors import OtherRecordingError
from pipeline.listening.audio.recording import RATE, open_recording
from pipeline.matching.cuts.time_map import TimeMap
from pipeline.times import MS_PER_SECOND, Ms, Span

SUFFIXES = {".mp3", ".flac", ".ogg", ".opus", ".wav", ".m4a"}
GRID: Ms = 100
"""Times are compared at each of these."""

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the new cut is saved."""

    codec: str = "libmp3lame"
    suffix: str = ".mp3"
    rate: int = 44_100
    bits: int = 96_000
    gain_db: float = 0.0


@dataclass(frozen=True, slots=True)
class Part:
    """What the new cut is made of: a span of the old one in ms, or samples that are put in."""

    old: Span | None = None
    added: Samples | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One way to change the episode; ``speed`` is above 1 for a faster one, ``keeps_pitch`` as players do it."""

    name: str
    parts: tuple[Part, ...]
    encoding: Encoding = Encoding()
    speed: float = 1.0
    keeps_pitch: bool = False


def main() -> None:
    """Print one row for each case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="folders of recordings")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--minutes", type=float, default=60)
    given = parser.parse_args()
    chance = random.Random(given.seed)  # noqa: S311 -- which places are cut is no secret
    old, rest = _episode(given.data, chance, given.minutes)
    print(f"{len(old) / RATE / 60:.1f} min, seed {given.seed}")
    print(f"{'case':34} {'median':>7} {'95 %':>6} {'most':>7} {'edges':>7} {'missed':>7} {'wrong':>6} {'seconds':>8}")
    with tempfile.TemporaryDirectory() as folder:
        first = Path(folder) / "old.mp3"
        write(first, old, Encoding(bits=128_000))
        for case in cases(len(old) * MS_PER_SECOND // RATE, rest, chance):
            second = Path(folder) / f"new{case.encoding.suffix}"
            write(second, _changed(old, case), case.encoding)
            _measure(case, first, second)


def _episode(folders: Sequence[Path], chance: random.Random, minutes: float) -> tuple[Samples, Samples]:
    """Return the episode, and what is put in as adverts: at least two minutes of other recordings."""
    paths = sorted(path for folder in folders for path in folder.rglob("*") if path.suffix in SUFFIXES)
    chance.shuffle(paths)
    sound: list[Samples] = []
    for path in paths:
        recording = open_recording(path)
        sound.append(recording.read(Span(0, recording.duration)).samples)
    joined = np.concatenate(sound)
    size = min(round(minutes * 60 * RATE), len(joined) - 130 * RATE)
    return joined[:size], joined[size:]


def cases(duration: Ms, rest: Samples, chance: random.Random) -> Sequence[Case]:
    """Return the cases for an episode of that length, in ms."""

    def at(low: float, high: float) -> Ms:
        return chance.randrange(round(duration * low), round(duration * high))

    def advert(seconds: float) -> Part:
        first = chance.randrange(0, len(rest) - round(seconds * RATE))
        return Part(added=rest[first : first + round(seconds * RATE)])

    intro, middle, late = at(0.005, 0.03), at(0.3, 0.5), at(0.7, 0.9)
    whole = (Part(Span(0, duration)),)
    put_in = (Part(Span(intro, middle)), advert(60), Part(Span(middle, duration)))
    taken_out = (Part(Span(0, middle)), Part(Span(middle + 47_310, duration)))
    replaced = (
        Part(Span(0, middle)),
        advert(35),
        Part(Span(middle + 61_270, late)),
        advert(20),
        Part(Span(late, duration)),
    )
    room = duration // 21  # the places are 5 s apart at least: no stretch is too short to be found
    places = [room * k + chance.randrange(2_500, room - 2_500) for k in range(20)]
    spans = [Span(a, b) for a, b in zip([0, *(p + 900 for p in places)], [*places, duration], strict=True)]
    small = tuple(Part(span) for span in spans)
    low = Encoding(rate=22_050, bits=32_000, gain_db=-20)
    return (
        Case("the same, again encoded", whole, low),
        Case("intro off, a minute put in", put_in),
        Case("the same, 32 kbit/s, 20 dB less", put_in, low),
        Case("the same, Opus at 24 kbit/s", put_in, Encoding("libopus", ".opus", 48_000, 24_000)),
        Case("47 s taken out", taken_out),
        Case("adverts replaced by others", replaced),
        Case("20 cuts of 0.9 s", small),
        Case("speed 1.02, minute put in", put_in, speed=1.02),
        Case("speed 1.05", whole, speed=1.05),
        Case("speed 0.95", whole, speed=0.95),
        Case("speed 1.03, pitch kept", whole, speed=1.03, keeps_pitch=True),
        Case("other recordings", (Part(added=rest),)),
    )


def _changed(old: Samples, case: Case) -> Samples:
    pieces = [
        old[part.old.start * RATE // MS_PER_SECOND : part.old.end * RATE // MS_PER_SECOND] if part.old else part.added
        for part in case.parts
    ]
    return sped_up(
        np.concatenate([piece for piece in pieces if piece is not None]), case.speed, keeps_pitch=case.keeps_pitch
    )


def sped_up(samples: Samples, speed: float, *, keeps_pitch: bool) -> Samples:
    """Return the samples at another speed, by FFmpeg: ``atempo`` keeps the pitch, another sample rate does not."""
    if speed == 1:
        return samples
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=RATE, format="flt", layout="mono", time_base=av.AudioFrame().time_base)
    if keeps_pitch:
        chain = [graph.add("atempo", f"{speed}")]
    else:
        chain = [graph.add("asetrate", f"{round(RATE * speed)}"), graph.add("aresample", f"{RATE}")]
    chain.append(graph.add("abuffersink"))
    for one, following in zip([source, *chain], chain, strict=False):
        one.link_to(following)
    graph.configure()
    pieces: list[Samples] = []

    def pull() -> None:
        while True:
            try:
                pieces.append(np.asarray(graph.pull().to_ndarray().ravel(), np.float32))
            except (av.BlockingIOError, av.EOFError):
                return

    for start in range(0, len(samples), RATE):
        frame = av.AudioFrame.from_ndarray(samples[None, start : start + RATE], format="flt", layout="mono")
        frame.sample_rate, frame.pts = RATE, start
        graph.push(frame)
        pull()
    graph.push(None)
    pull()
    return np.concatenate(pieces)


def write(path: Path, samples: Samples, encoding: Encoding) -> None:
    """Write 16 kHz mono samples as a file."""
    whole = np.clip(samples * 10 ** (encoding.gain_db / 20), -1, 1) * np.float32(32_767)
    with av.open(str(path), "w") as container:
        stream = cast("AudioStream", container.add_stream(encoding.codec, rate=encoding.rate, layout="mono"))
        stream.bit_rate = encoding.bits
        resampler = av.AudioResampler(format=stream.codec_context.format, layout="mono", rate=encoding.rate)
        for start in range(0, len(whole), 10 * RATE):
            piece = whole[None, start : start + 10 * RATE].astype(np.int16)
            frame = av.AudioFrame.from_ndarray(piece, format="s16", layout="mono")
            frame.sample_rate, frame.pts = RATE, start
            for made in resampler.resample(frame):
                container.mux(stream.encode(made))
        for made in resampler.resample(None):
            container.mux(stream.encode(made))
        container.mux(stream.encode(None))


def _measure(case: Case, first: Path, second: Path) -> None:
    begun = time.perf_counter()
    old, new = open_recording(first), open_recording(second)
    try:
        found = find_cuts(old, new)
    except OtherRecordingError:
        found = TimeMap((), old.duration, new.duration)
    seconds = time.perf_counter() - begun
    truth, edges = _truth(case)
    off, missed, wrong = [], 0, 0
    for at in range(0, old.duration, GRID):
        stretch, right = found.stretch_at(at), truth(at)
        if any(abs(at - edge) < 500 for edge in edges):
            continue  # what is next to an edge is counted as the edge's error
        missed += right is not None and stretch is None
        wrong += right is None and stretch is not None
        if right is not None and stretch is not None:
            off.append(abs(stretch.to_new(at) - right))
    figures = np.array(off or [np.nan])
    worst = max((min(abs(edge - one) for one in _found_edges(found)) for edge in edges), default=0)
    print(
        f"{case.name:34} {np.median(figures):7.1f} {np.percentile(figures, 95):6.1f} {figures.max():7.1f} {worst:7d} "
        f"{missed * GRID / 1000:6.1f}s {wrong * GRID / 1000:5.1f}s {seconds:8.1f}",
        flush=True,
    )


def _found_edges(found: TimeMap) -> list[Ms]:
    return [0, *(edge for one in found.stretches for edge in (one.old.start, one.old.end)), found.old_duration]


def _truth(case: Case) -> tuple[Callable[[Ms], float | None], list[Ms]]:
    """Return what an old time is in the new cut, and the edges of the parts that were kept."""
    kept: list[tuple[Span, float]] = []
    done = 0.0
    for part in case.parts:
        if part.old is not None:
            kept.append((part.old, done))
        done += part.old.duration if part.old else len(part.added if part.added is not None else ()) * 1000 / RATE

    def new_of(at: Ms) -> float | None:
        return next(
            ((start + at - span.start) / case.speed for span, start in kept if span.start <= at < span.end), None
        )

    return new_of, [edge for span, _ in kept for edge in (span.start, span.end)]


if __name__ == "__main__":
    main()
