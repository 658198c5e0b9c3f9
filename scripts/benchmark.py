"""Measure ``align`` on an episode whose truth is known: the example, or another with files of the same form.

Prints how far the starts and ends of utterances and the continue time are off, and the seconds of work that each stage
takes for a second of audio. Nothing is taken from the store: everything is transcribed again.

    ./.venv/bin/python scripts/benchmark.py [--model base] [--engine auto] [TRANSCRIPT]
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np

from pipeline.episode.engines import Engines, real_engines
from pipeline.episode.run import align
from pipeline.files.store import Store
from pipeline.listening.audio.recording import Recording
from pipeline.listening.audio.vad import speech_windows
from pipeline.listening.diarize import BackgroundDiarizer
from pipeline.listening.transcribe import Transcriber
from pipeline.listening.transcribe.span import Reading
from pipeline.progress import silent
from pipeline.schema import Hearing, Result
from pipeline.settings.config import Config
from pipeline.settings.precedence import load_settings
from pipeline.times import MS_PER_SECOND, Ms, Span, from_seconds
from pipeline.writing import FORMATS

EXAMPLE = Path(__file__).parents[1] / "examples" / "kettle-and-kernel" / "07-the-slow-build.md"
FAR_OFF_MS: Ms = 1_000
RELISTENING = "second pass"
T = TypeVar("T")


class Clock:
    """Seconds of wall time by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        """Add the time that the block takes to the stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - start

    def timed(self, stage: str, work: Callable[..., T]) -> Callable[..., T]:
        """Return the same function, measured."""

        def measured(*arguments: Any, **named: Any) -> T:  # noqa: ANN401 -- passes its arguments on
            with self.measure(stage):
                return work(*arguments, **named)

        return measured


def main() -> int:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "transcript", nargs="?", type=Path, default=EXAMPLE, help="its .truth.json and the audio are next to it"
    )
    parser.add_argument("--model", default=None, help="default: the program's own")
    parser.add_argument("--engine", default=None, help="faster-whisper, openai-whisper or auto")
    arguments = parser.parse_args()
    written = arguments.transcript
    siblings = written.parent.glob(f"{written.stem}.*")
    audio = next(path for path in siblings if path.suffix not in {".md", ".json", ".toml"})
    config = _config(arguments.model, arguments.engine)
    clock = Clock()
    spans: list[Span] = []
    result, before = _run(audio, written, config, clock, spans)
    truth = json.loads(written.with_suffix(".truth.json").read_text(encoding="utf-8"))
    seconds = result.hearing.duration / MS_PER_SECOND
    print(f"{audio.name}: {seconds:.1f} s; {result.hearing.engine}, {config.transcribe.model}")
    print_accuracy(result, truth)
    print_second_pass(result, before, spans)
    print_work(clock, result.hearing.duration)
    return 0


def _config(model: str | None, engine: str | None) -> Config:
    chosen = {"transcribe.model": model, "transcribe.engine": engine}
    return load_settings(None, None, chosen).config


class _TimedDiarizer:
    """A diarizer whose work is measured."""

    def __init__(self, inner: BackgroundDiarizer, clock: Clock) -> None:
        self.inner = inner
        self.diarize = clock.timed("diarization", inner.diarize)
        self.sample = clock.timed("embeddings of single spans", inner.sample)

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)


def _timed_diarizer(diarizer: BackgroundDiarizer, clock: Clock) -> BackgroundDiarizer:
    return cast("BackgroundDiarizer", _TimedDiarizer(diarizer, clock))


def _measured_second_pass(engines: Engines, clock: Clock, spans: list[Span]) -> Callable[..., Reading]:
    """Return what transcribes a span again, measured; the spans are added to ``spans``."""

    def hear_again(recording: Recording, transcriber: Transcriber, first: Hearing, span: Span, *rest: Any) -> Reading:  # noqa: ANN401 -- passes its arguments on
        spans.append(span)
        with clock.measure(RELISTENING):
            return engines.hear_again(recording, transcriber, first, span, *rest)

    return hear_again


def print_second_pass(result: Result, before: Result, spans: list[Span]) -> None:
    """Print how much was transcribed again and how many words that found."""
    seconds = sum(span.duration for span in spans) / MS_PER_SECOND
    found = f"words found {before.coverage:.1%} → {result.coverage:.1%}"
    print(f"second pass: {len(spans)} spans, {seconds:.1f} s transcribed again, {found}")


def _run(audio: Path, transcript: Path, config: Config, clock: Clock, spans: list[Span]) -> tuple[Result, Result]:
    """Return the result, and that without a second pass."""
    engines = real_engines()
    timed = Engines(
        clock.timed("reading the header, hashing", engines.open_recording),
        engines.choose,
        clock.timed("finding the weights", engines.locate),
        clock.timed("loading the engine", engines.load),
        clock.timed("listening (decoding, voice activity, Whisper)", engines.hear),
        _measured_second_pass(engines, clock, spans),
        engines.locate_voices,
        clock.timed("loading the diarizer", lambda *arguments: _timed_diarizer(engines.load_voices(*arguments), clock)),
        engines.follow,
        clock.timed("forced alignment: phones", lambda *arguments: iter(list(engines.score_phones(*arguments)))),
        clock.timed("forced alignment: words", lambda *arguments: iter(list(engines.force(*arguments)))),
        engines.hear_window,
    )
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        result = align(audio, transcript, config, engines=timed, store=Store(Path(folder)))
        whole = time.perf_counter() - start
        once = replace(config, second_look=replace(config.second_look, most_share=0))
        before = align(audio, transcript, once, engines=engines, store=Store(Path(folder)))
    clock.seconds["reading, aligning, timing, findings"] = whole - sum(clock.seconds.values())
    with clock.measure("writing md, srt, vtt, json"):
        for form in FORMATS.values():
            form.render(result, config.writing)
    with clock.measure("  of listening: decoding and voice activity alone"):
        for _ in speech_windows(engines.open_recording(audio), config.speech, silent):
            pass
    return result, before


def print_accuracy(result: Result, truth: dict[str, Any]) -> None:
    """Print how far starts, ends and the continue time are off."""
    known = truth["utterances"]
    starts, ends, far_off, missing = [], [], 0, 0
    for timed, real in zip(result.utterances, known, strict=True):
        if timed.span is None or not timed.is_sure:
            missing += 1
            continue
        starts.append(timed.span.start - from_seconds(real["start"]))
        ends.append(timed.span.end - from_seconds(real["end"]))
        far_off += abs(starts[-1]) > FAR_OFF_MS
    print(f"utterances: {len(known)}, with a time: {len(known) - missing}, words found: {result.coverage:.1%}")
    print(f"starts: {_spread(starts)}; off by more than 1 s at a confidence of 0.5 or more: {far_off}")
    print(f"ends:   {_spread(ends)}")
    at, real_at = result.continue_point.at, truth["continue_at"]
    off = "none" if at is None else f"{at / MS_PER_SECOND:.3f} s, off by {at / MS_PER_SECOND - real_at:+.3f} s"
    print(f"continue at: {off} (truth {real_at:.3f} s)")


def _spread(offsets: list[Ms]) -> str:
    if not offsets:
        return "none"
    size = np.abs(np.array(offsets)) / MS_PER_SECOND
    low, high = np.median(size), np.percentile(size, 95)
    return f"median {low:.3f} s, 95th percentile {high:.3f} s, largest {size.max():.3f} s off"


def print_work(clock: Clock, duration: Ms) -> None:
    """Print the seconds of wall time for each second of audio, by stage."""
    print("seconds of work for each second of audio:")
    for stage, seconds in clock.seconds.items():
        print(f"  {seconds * MS_PER_SECOND / duration:8.4f}  {stage} ({seconds:.2f} s)")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform == "darwin" else 1024) / 1024
    print(f"peak memory: {peak:.2f} GiB" if sys.platform != "darwin" else f"peak memory: {peak / 1024:.2f} GiB")


if __name__ == "__main__":
    sys.exit(main())
