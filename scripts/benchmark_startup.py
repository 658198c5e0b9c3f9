"""Measure how long commands take that transcribe nothing: help, a check, and an hour that was transcribed before.

The hour is aligned again with nothing changed, and as if something had. It is the example twelve times, with different
words each time, so that no part repeats another. Its hearing is put into a temporary store first, with the word times
of a forced alignment that finds each word where it was heard; then each command is run as a person runs it.

    ./.venv/bin/python -m scripts.benchmark_startup [--runs 5]
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import av
import regex
from pydub import AudioSegment

from pipeline.episode.engines import real_engines
from pipeline.episode.run import align
from pipeline.files.store import Store
from pipeline.listening.audio.recording import RATE, Recording, open_recording
from pipeline.listening.diarize.diarize_options import DiarizeOptions
from pipeline.listening.transcribe import Transcriber
from pipeline.listening.transcribe.span import Reading
from pipeline.matching.forced.stretches import Forced, Stretch
from pipeline.matching.probing import WrongAudioOptions
from pipeline.schema import HeardWord, Hearing
from pipeline.settings.config import Config
from pipeline.times import MS_PER_SECOND, Span
from tests.episodes.kept_hearing import AUDIO, TRANSCRIPT, kept_hearing

REPETITIONS = 12
_WORD = regex.compile(r"\p{L}{4,}")


def main() -> int:
    """Make the hour, run the commands and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        words, duration = make_hour(folder)
        minutes = duration / MS_PER_SECOND / 60
        print(f"{minutes:.0f} minutes, {words} heard words; {runs} runs each, after a first one that is not counted")
        hour = ["align", "hour.mp3", "hour.md"]
        for line in (["--help"], ["align", "--help"], ["check", "hour.md"], hour):
            print_figures(line, folder, runs)
        print("the same without what is kept of the last run, as with another text or other outputs:")
        print_figures(hour, folder, runs, anew=True)
    return 0


def make_hour(folder: Path) -> tuple[int, int]:
    """Write audio and transcript, store their hearing, and return the number of heard words and the duration in ms."""
    one = open_recording(AUDIO)
    _write_mp3(folder / "hour.mp3", one.segment(Span(0, one.duration)))
    source = TRANSCRIPT.read_text(encoding="utf-8")
    head, body = source[: source.index("\n**")], source[source.index("\n**") :]
    turns = "".join(_marked(body.partition("\n<!--")[0], number) for number in range(REPETITIONS))
    (folder / "hour.md").write_text(head + turns + "\n\n<!-- Continue at 0:05! -->\n", encoding="utf-8")
    hour = open_recording(folder / "hour.mp3")
    hearing = _repeated(kept_hearing(), one.duration, hour.duration)
    fake = replace(
        real_engines(),
        load=lambda *_: cast("Transcriber", SimpleNamespace(at_once=1)),
        hear=lambda *_: hearing,
        hear_again=lambda *_: Reading((), ()),
        score_phones=lambda *arguments: iter([b""] * len(arguments[2])),
        force=_forced,
    )
    config = Config(diarize=DiarizeOptions(voices=False), wrong_audio=WrongAudioOptions(probe=False))
    align(hour.path, folder / "hour.md", config, engines=fake, store=Store(folder / "store"))
    return len(hearing.words), hour.duration


def _write_mp3(path: Path, one: AudioSegment) -> None:
    import numpy as np  # noqa: PLC0415 -- for this alone

    samples = np.frombuffer(one.raw_data, np.int16).reshape(1, -1)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mp3", rate=RATE, layout="mono")
        for _ in range(REPETITIONS):
            frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
            frame.sample_rate = RATE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _marked(text: str, number: int) -> str:
    """Return the text with a letter behind each longer word, a different one for each number; labels stay."""
    mark = chr(ord("a") + number)
    lines = (line.partition("**: ") for line in text.split("\n"))
    return "\n".join(f"{a}{b}{_WORD.sub(lambda found: found[0] + mark, c)}" if b else a for a, b, c in lines)


def _repeated(hearing: Hearing, length: int, duration: int) -> Hearing:
    words = tuple(
        HeardWord(_marked(f"**: {word.text}", k).partition("**: ")[2], word.span.shift(k * length), word.probability)
        for k in range(REPETITIONS)
        for word in hearing.words
    )
    speech = tuple(span.shift(k * length) for k in range(REPETITIONS) for span in hearing.speech)
    return replace(hearing, words=words, speech=speech, duration=duration)


def _forced(_: Recording, stretches: Sequence[Stretch], __: Mapping[int, bytes] | None) -> Iterator[Forced]:
    """Yield each stretch as if both aligners had found its words where they were heard, which fit well there."""
    for stretch in stretches:
        start = stretch.start.start
        spans = tuple(word.heard and word.heard.shift(-start) for word in stretch.words)
        yield Forced(start, spans, spans, tuple(0.0 if span else None for span in spans))


def print_figures(line: list[str], folder: Path, runs: int, *, anew: bool = False) -> None:
    """Print the median wall time and processor time of one command; ``anew`` forgets before each that it was run."""
    environment = {**os.environ, "CUEMARK_STORE": str(folder / "store")}
    command = [str(Path(sys.executable).with_name("cuemark")), *line]
    command += ["--overwrite", "--no-voices"] if line[0] == "align" and line[1] != "--help" else []
    walls, processors = [], []
    for run in range(runs + 1):
        if anew:
            shutil.rmtree(folder / "store" / "run", ignore_errors=True)
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if run:
            walls.append(time.perf_counter() - start)
            processors.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    wall, work = statistics.median(walls), statistics.median(processors)
    print(f"cuemark {' '.join(line):28} {wall:.2f} s, of which {work:.2f} s of processor time")


if __name__ == "__main__":
    sys.exit(main())
