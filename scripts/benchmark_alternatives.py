"""Measure what people would use instead of cuemark on the example, whose true times are known.

Three ways to give a typed transcript its times, all with Whisper base on a CPU:

- cuemark, at its defaults;
- stable-ts: forced alignment of the text with the model, one line for each turn;
- difflib: faster-whisper transcribes, and ``difflib.SequenceMatcher`` matches its words with the typed ones.

Printed for each: how far the starts of the utterances and the end of the typed part are off. stable-ts is not a
dependency of cuemark; install it for this script, without its own dependencies, which are already installed:

    ./.venv/bin/python -m pip install --no-deps stable-ts==2.19.1
    ./.venv/bin/python scripts/benchmark_alternatives.py [cuemark] [stable-ts] [difflib]
"""

from __future__ import annotations

import argparse
import difflib
import json
import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import pipeline
from pipeline.listening.audio.recording import open_recording
from pipeline.listening.models.locate import locate_weights
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.progress import silent
from pipeline.reading.transcript import parse
from pipeline.times import MS_PER_SECOND, Span

EXAMPLE = Path(__file__).parents[1] / "examples" / "kettle-and-kernel"
AUDIO = EXAMPLE / "07-the-slow-build.mp3"
TRANSCRIPT = EXAMPLE / "07-the-slow-build.md"
TRUTH = EXAMPLE / "07-the-slow-build.truth.json"
MODEL = "base"
FAR_OFF_S = 0.5

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Times:
    """The result of one method, in seconds: the start of each utterance (None for none) and the end of the last one."""

    starts: tuple[float | None, ...]
    end: float


def main() -> int:
    """Measure the methods that are named, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("methods", nargs="*", choices=[*METHODS, []], help=f"of {', '.join(METHODS)}; by default all")
    truth = json.loads(TRUTH.read_text(encoding="utf-8"))
    for name in parser.parse_args().methods or METHODS:
        print_accuracy(name, METHODS[name](), truth)
    return 0


def by_cuemark() -> Times:
    """Align with cuemark."""
    with tempfile.TemporaryDirectory() as folder:
        result = pipeline.align(AUDIO, TRANSCRIPT, store=pipeline.Store(Path(folder)))
    sure = [one.span if one.confidence >= 0.5 else None for one in result.utterances]  # others get no time in the text
    at = result.continue_point.at
    starts = tuple(span.start / MS_PER_SECOND if span else None for span in sure)
    return Times(starts, at / MS_PER_SECOND if at is not None else float("nan"))


def by_stable_ts() -> Times:
    """Align the text by forced alignment with openai-whisper (stable-ts)."""
    import stable_whisper  # noqa: PLC0415 -- only this method needs it

    from pipeline.listening.transcribe.openai_whisper import load_network  # noqa: PLC0415 -- the same

    model = load_network(locate_weights(MODEL, "openai", WeightsOptions(), silent), "cpu")
    stable_whisper.modify_model(model)
    lines = [" ".join(words) for words in spoken_words()]
    found = model.align(samples(), "\n".join(lines), language="en", original_split=True, verbose=None)
    if len(found.segments) != len(lines):
        raise SystemExit(f"stable-ts gives {len(found.segments)} segments for {len(lines)} utterances")
    return Times(tuple(float(segment.start) for segment in found.segments), float(found.segments[-1].end))


def by_difflib() -> Times:
    """Match the words of faster-whisper with the text."""
    from faster_whisper import WhisperModel  # noqa: PLC0415 -- only this method needs it

    weights = locate_weights(MODEL, "ctranslate2", WeightsOptions(), silent)
    model = WhisperModel(str(weights.path), device="cpu", compute_type="int8")
    segments, _ = model.transcribe(samples(), language="en", word_timestamps=True)
    heard = [word for segment in segments for word in segment.words]
    written = [(index, plain(word)) for index, words in enumerate(spoken_words()) for word in words]
    keys = [word for _, word in written], [plain(word.word) for word in heard]
    starts: list[float | None] = [None] * len(spoken_words())
    end = float("nan")
    for block in difflib.SequenceMatcher(None, *keys, autojunk=False).get_matching_blocks():
        for at in range(block.size):
            index, word = written[block.a + at][0], heard[block.b + at]
            starts[index] = float(word.start) if starts[index] is None else starts[index]
            end = float(word.end)
    return Times(tuple(starts), end)


METHODS: dict[str, Callable[[], Times]] = {"cuemark": by_cuemark, "stable-ts": by_stable_ts, "difflib": by_difflib}


def samples() -> Samples:
    """Return the example's audio: mono at 16 kHz, float32, shape (num_samples,)."""
    recording = open_recording(AUDIO)
    return recording.read(Span(0, recording.duration)).samples


def spoken_words() -> list[list[str]]:
    """Return the spoken words of each utterance, without Markdown, which the other methods cannot read."""
    document = parse(TRANSCRIPT.read_text(encoding="utf-8"))
    return [
        [word.shown for word in document.words[one.words.start : one.words.end] if word.kind == "spoken"]
        for one in document.utterances
    ]


def plain(word: str) -> str:
    """Return a word without case and punctuation.

    >>> plain("Didn't,")
    'didnt'
    """
    return re.sub(r"\W", "", word.lower())


def print_accuracy(name: str, times: Times, truth: dict[str, Any]) -> None:
    """Print the errors of a method."""
    pairs = [(start, one["start"]) for start, one in zip(times.starts, truth["utterances"], strict=True)]
    off = np.array([abs(start - real) for start, real in pairs if start is not None])
    missing = len(pairs) - len(off)
    spread = f"median {np.median(off):.3f} s, 95th percentile {np.percentile(off, 95):.3f} s, largest {off.max():.3f} s"
    far = f"{(off > FAR_OFF_S).sum()} by more than {FAR_OFF_S} s"
    print(f"{name}: {len(pairs)} utterances, {missing} without a time; starts off by: {spread}; {far}")
    print(f"{name}: typed part ends at {times.end:.3f} s, off by {times.end - truth['continue_at']:+.3f} s")


if __name__ == "__main__":
    sys.exit(main())
