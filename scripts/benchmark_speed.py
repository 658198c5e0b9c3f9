"""Measure what ``align`` with voices costs, by stage and in all, as a ratio to Whisper's encoder alone in the same run.

    ./.venv/bin/python -m scripts.benchmark_speed [--data FOLDER --minutes 5 10 60] [--runs 3] [--threads 2]
                                                  [--peers [NAME ...]] [--peer NAME=PYTHON]...

Without ``--data`` it aligns the example (5 minutes). FOLDER has ``remotehack-podcast`` (see ``benchmark_marker``), of
which the episodes are joined and cut to each length; three quarters are typed. Encoder and ``align`` run in turn, each
in a process of its own, with an empty store; the models are fetched before. Each figure is the median of the runs.
With ``--peers``, other tools at their defaults run in turn with them, all or those that are named: openai-whisper and
faster-whisper with base and word times, the former with 32-bit and the latter with 8-bit numbers; pyannote.audio's own
pipeline as its speaker-diarization-3.1 sets it (an hour takes two), but with an untrained embedding network, as the
trained one is on a hub alone: the time is the same, the voices are of no use; and cuemark's pipeline with pyannote's
step of 0.1. ``--peer`` adds a tool of ``scripts/peers`` in an environment of its own: NAME is its program there, PYTHON
the interpreter. It gets the typed words.

Processor time is that of the process and those that it starts. Of the voices, which another process finds meanwhile,
the stages have only the time for which they are waited for; the sum has all. It hardly depends on other programs,
elapsed time does: compare it only on a quiet machine. The memory is the largest sum of the processes' resident memory.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

import psutil

from pipeline.times import MS_PER_MINUTE, MS_PER_SECOND, Ms, Span
from scripts.peers.speed import PEERS, plain_faster_whisper, time_by

EXAMPLE = Path(__file__).parents[1] / "examples" / "kettle-and-kernel" / "07-the-slow-build.md"

CHUNK: Ms = 30_000
BATCH = 8
"""The encoder alone gets chunks of 30 s in batches of 8, as it does in ``align``."""

TYPED_SHARE = 0.75
POLL_S = 0.2
PROGRAMS = ("encoder", "encoder-keeps-memory", "align")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of processor time and of elapsed time."""

    processor: float
    elapsed: float


@dataclass(frozen=True, slots=True)
class Run:
    """The costs of one process: its stages, all of it, and its peak memory in bytes."""

    stages: Mapping[str, Cost]
    whole: Cost
    peak: int


class Clock:
    """The cost of each stage of this process; what a stage spends in another one counts for that one alone."""

    def __init__(self) -> None:
        self.stages: dict[str, Cost] = {}
        self._inner = Cost(0, 0)

    @contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        """Add the cost of the block to the stage."""
        outer, self._inner = self._inner, Cost(0, 0)
        start = now()
        try:
            yield
        finally:
            end = now()
            whole = Cost(end.processor - start.processor, end.elapsed - start.elapsed)
            before = self.stages.get(stage, Cost(0, 0))
            self.stages[stage] = Cost(
                before.processor + whole.processor - self._inner.processor,
                before.elapsed + whole.elapsed - self._inner.elapsed,
            )
            self._inner = Cost(outer.processor + whole.processor, outer.elapsed + whole.elapsed)

    def timed(self, stage: str, work: Callable[..., T]) -> Callable[..., T]:
        """Return the same function, measured."""

        def measured(*arguments: Any, **named: Any) -> T:  # noqa: ANN401 -- passes its arguments on
            with self.measure(stage):
                return work(*arguments, **named)

        return measured


def now() -> Cost:
    """Return the processor time of this process and of those that it started and that have ended, and the clock."""
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return Cost(sum(one.ru_utime + one.ru_stime for one in used), time.perf_counter())


# --- what is measured, each in its own process --------------------------------------------------------------------


def encode(audio: Path, _: Path, clock: Clock) -> None:
    """Run the encoder of Whisper base over a whole recording, as faster-whisper does by default."""
    import numpy as np  # noqa: PLC0415 -- counts for the process

    from pipeline.listening.audio.recording import RATE, open_recording  # noqa: PLC0415 -- the same

    with clock.measure("loading"):
        model = plain_faster_whisper()
    recording = open_recording(audio)
    batch: list[Any] = []
    for start in range(0, recording.duration, CHUNK):
        with clock.measure("decoding, features"):
            samples = recording.read(Span(start, min(start + CHUNK, recording.duration))).samples
            samples = np.pad(samples, (0, CHUNK * RATE // MS_PER_SECOND - len(samples)))
            batch.append(model.feature_extractor(samples)[:, : CHUNK // 10])
        if len(batch) == BATCH or start + CHUNK >= recording.duration:
            with clock.measure("encoder"):
                np.array(model.encode(np.stack(batch)))
            batch = []


def encode_with_kept_memory(audio: Path, transcript: Path, clock: Clock) -> None:
    """Run the encoder alone in the way of ``align``: freed memory stays in the process."""
    from pipeline.listening.allocator import keep_freed_memory  # noqa: PLC0415 -- as above

    keep_freed_memory()
    encode(audio, transcript, clock)


def align(audio: Path, transcript: Path, clock: Clock) -> None:
    """Align a recording with a transcript, and measure each stage."""
    with clock.measure("loading the program"):
        from pipeline.episode import run  # noqa: PLC0415 -- counts for the stage
        from pipeline.episode.engines import real_engines  # noqa: PLC0415 -- the same
        from pipeline.episode.second_pass import listen_again  # noqa: PLC0415 -- the same
        from pipeline.files.store import Store  # noqa: PLC0415 -- the same

        engines = real_engines()

    def load_voices(*arguments: Any) -> Any:  # noqa: ANN401 -- passes its arguments on
        return _TimedDiarizer(engines.load_voices(*arguments), clock)

    timed = replace(
        engines,
        open_recording=clock.timed("opening the audio", engines.open_recording),
        load=clock.timed("loading Whisper", engines.load),
        hear=clock.timed("listening", engines.hear),
        load_voices=load_voices,
        score_phones=clock.timed("word times", lambda *arguments: iter(list(engines.score_phones(*arguments)))),
        force=clock.timed("word times", lambda *arguments: iter(list(engines.force(*arguments)))),
    )
    again = clock.timed("second look", listen_again)  # not its calls of the engine: two threads make them
    with (
        tempfile.TemporaryDirectory() as folder,
        patch("pipeline.episode.run.listen_again", again),
        clock.measure("matching and the rest"),
    ):
        run.align(audio, transcript, engines=timed, store=Store(Path(folder)))


class _TimedDiarizer:
    """A diarizer: how long it is waited for is measured, its work is in another process."""

    def __init__(self, inner: Any, clock: Clock) -> None:  # noqa: ANN401 -- a BackgroundDiarizer
        self._inner = inner
        self.diarize = clock.timed("waiting for the voices", inner.diarize)
        self.sample = clock.timed("waiting for their samples", inner.sample)

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


# --- measuring ----------------------------------------------------------------------------------------------------


def run_program(program: str, audio: Path, transcript: Path, threads: int) -> Run:
    """Run one of ``PROGRAMS`` or ``PEERS``, or a tool as ``NAME=PYTHON``, in a process of its own.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    words = [sys.executable, "-m", "scripts.benchmark_speed", "--program", program, str(audio), str(transcript)]
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    start = now()
    process = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        peak = max(peak, _memory(process.pid))
        time.sleep(POLL_S)
    end = now()
    assert process.stdout is not None  # noqa: S101 -- it is a pipe
    printed = process.stdout.read()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, words)
    stages = {stage: Cost(*seconds) for stage, seconds in json.loads(printed.splitlines()[-1]).items()}
    return Run(stages, Cost(end.processor - start.processor, end.elapsed - start.elapsed), peak)


def _memory(pid: int) -> int:
    """Return the resident memory of a process and of those that it started; 0 once it has ended."""
    try:
        process = psutil.Process(pid)
        return sum(one.memory_info().rss for one in (process, *process.children(recursive=True)))
    except psutil.Error:
        return 0


def median(costs: Sequence[Cost]) -> Cost:
    """Return the median of each figure."""
    return Cost(*(statistics.median(getattr(cost, name) for cost in costs) for name in ("processor", "elapsed")))


def print_figures(runs: Mapping[str, Sequence[Run]], duration: Ms) -> None:
    """Print each stage in seconds for each second of audio and as a multiple of the encoder alone."""
    seconds = duration / MS_PER_SECOND
    encoder, kept = (median([run.stages["encoder"] for run in runs[name]]) for name in PROGRAMS[:2])
    ratios = [
        f"{align.whole.processor / alone.stages['encoder'].processor:.2f} and "
        f"{align.whole.elapsed / alone.stages['encoder'].elapsed:.2f}"
        for alone, align in zip(runs[PROGRAMS[0]], runs["align"], strict=True)
    ]
    print(f"{seconds / 60:.1f} minutes; seconds for each second of audio: processor time, elapsed; times the encoder")
    rows = {"the encoder alone": encoder, "the same, keeps memory": kept}
    stages = dict.fromkeys(stage for run in runs["align"] for stage in run.stages)
    rows |= {stage: median([run.stages.get(stage, Cost(0, 0)) for run in runs["align"]]) for stage in stages}
    rows |= {"align in all": median([run.whole for run in runs["align"]])}
    rows |= {name.partition("=")[0]: median([run.whole for run in runs[name]]) for name in runs if name not in PROGRAMS}
    for stage, cost in rows.items():
        times = f"{cost.processor / encoder.processor:6.2f} {cost.elapsed / encoder.elapsed:6.2f}"
        print(f"  {stage:26} {cost.processor / seconds:8.4f} {cost.elapsed / seconds:8.4f}   {times}")
    peak = max(run.peak for run in runs["align"]) / 2**30
    print(f"  ratios of single runs: {'; '.join(ratios)}; peak memory {peak:.2f} GiB")


def episodes(data: Path | None, minutes: Sequence[int], folder: Path) -> Iterator[tuple[Path, Path]]:
    """Yield audio and transcript of each length; the example alone without data."""
    from pipeline.listening.audio.recording import open_recording  # noqa: PLC0415 -- as below
    from scripts.benchmark_accuracy import write_wave  # noqa: PLC0415 -- heavy, and not for the programs
    from scripts.benchmark_marker import joined, typed  # noqa: PLC0415 -- the same

    if data is None:
        yield EXAMPLE.with_suffix(".mp3"), EXAMPLE
        return
    whole = folder / "whole.wav"
    said = joined(data / "remotehack-podcast", whole)
    recording = open_recording(whole)
    for length in minutes:
        audio = folder / f"{length}.wav"
        end = min(length * MS_PER_MINUTE, recording.duration)
        write_wave(recording.read(Span(0, end)).samples, audio)
        within = [one for one in said if one.end <= length * MS_PER_MINUTE * TYPED_SHARE]
        audio.with_suffix(".md").write_text(typed(within).text, encoding="utf-8")
        yield audio, audio.with_suffix(".md")


def main() -> int:
    """Print the figures of each episode; or run a program of it, and print what its stages cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="the folder with real recordings; without it, the example")
    parser.add_argument("--minutes", type=int, nargs="+", default=[5, 10, 60])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2, help="OMP_NUM_THREADS of the programs")
    parser.add_argument(
        "--peers", nargs="*", choices=[*PEERS], metavar="NAME", help="measure other tools too; by default all"
    )
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PYTHON", help="one of scripts/peers")
    parser.add_argument("--program", help=argparse.SUPPRESS)
    parser.add_argument("files", type=Path, nargs="*", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.program:
        clock = Clock()
        audio, transcript = arguments.files
        own = dict(zip(PROGRAMS, (encode, encode_with_kept_memory, align), strict=True))
        name, _, python = arguments.program.partition("=")
        work = {**own, **PEERS}.get(name, partial(time_by, name, Path(python)))
        work(audio, transcript, clock)
        print(json.dumps({name: (cost.processor, cost.elapsed) for name, cost in clock.stages.items()}))
        return 0
    from pipeline.listening.audio.recording import open_recording  # noqa: PLC0415 -- heavy, and not for the programs

    with tempfile.TemporaryDirectory() as name:
        for audio, transcript in episodes(arguments.data, arguments.minutes, Path(name)):
            peers = [*PEERS] if arguments.peers == [] else arguments.peers or ()
            others = (*peers, *arguments.peer)
            runs: dict[str, list[Run]] = {one: [] for one in (*PROGRAMS, *others)}
            for _ in range(arguments.runs):
                for program, measured in runs.items():
                    measured.append(run_program(program, audio, transcript, arguments.threads))
            print_figures(runs, open_recording(audio).duration)
    return 0


if __name__ == "__main__":
    sys.exit(main())
