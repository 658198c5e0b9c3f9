"""Measure the probing ``marker`` on an episode of three hours, and in other languages.

    ./.venv/bin/python -m scripts.benchmark_marker_long --data FOLDER --texts FOLDER [--language de] [--minutes 20]

The episode begins and ends with a minute of music. Between them come the hour of ``benchmark_marker`` (in English), and
what espeak-ng reads: the Markdown files of ``--texts``, transcripts or not, each speaker with a voice of their own. A
minute of it is said again near the end. The transcript is what is said; of the hour, what Whisper tiny.en heard.
espeak-ng is a system package (Debian, Ubuntu: ``apt install espeak-ng``), and harder to understand than people are.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.episode.engines import keep_loaded, real_engines
from pipeline.episode.session import Session
from pipeline.files.store import Store
from pipeline.listening.audio.recording import RATE, SAMPLES_PER_MS, open_recording
from pipeline.reading.transcript import parse
from pipeline.settings.config import Config
from pipeline.times import MS_PER_SECOND, Ms, Span, format_clock
from scripts.benchmark_accuracy import write_wave
from scripts.benchmark_marker import Case, Said, in_a_hole, joined, measure, typed
from scripts.degrade import Samples, music
from tests.episodes.kept_hearing import TRANSCRIPT

VOICES = ("", "+m3", "+f2", "+m7", "+f4")
"""Variants of espeak-ng's voices, by the number of the speaker."""

WORDS_PER_MINUTE = 170
WORDS_READ_AT_ONCE = 20
"""About as long as tiny.en's segments are."""

LEAST_WORDS = 3
"""Shorter paragraphs are headings and code."""

MUSIC_MS: Ms = 60_000
AGAIN = 12
"""The pieces that are said again, about a minute: those before the middle, after nine tenths."""


class Piece(NamedTuple):
    """A piece of sound, and what is said in it."""

    text: str
    samples: Samples


def read_pieces(folder: Path, language: str, target: Path) -> Iterator[Piece]:
    """Yield what espeak-ng reads, piece by piece."""
    speakers: dict[str | None, int] = {}
    for path in sorted(folder.glob("*.md")):
        transcript = parse(path.read_text(encoding="utf-8"))
        for utterance in transcript.utterances:
            words = [transcript.words[k].shown for k in utterance.words]
            number = speakers.setdefault(utterance.speaker, len(speakers))
            if len(words) < LEAST_WORDS:
                continue
            for first in range(0, len(words), WORDS_READ_AT_ONCE):
                text = " ".join(words[first : first + WORDS_READ_AT_ONCE])
                yield Piece(text, read_aloud(text, language + VOICES[number % len(VOICES)], target))


def read_aloud(text: str, voice: str, target: Path) -> Samples:
    """Return how espeak-ng reads a text."""
    command = ("espeak-ng", "-v", voice, "-s", str(WORDS_PER_MINUTE), "-w", str(target), "--stdin")
    subprocess.run(command, input=text.encode(), check=True)
    recording = open_recording(target)
    return recording.read(Span(0, recording.duration)).samples


def hour_pieces(data: Path, target: Path) -> Iterator[Piece]:
    """Yield the segments of the hour, each with the sound before it."""
    said = joined(data / "remotehack-podcast", target)
    recording = open_recording(target)
    samples = recording.read(Span(0, recording.duration)).samples
    start = 0
    for one in said:
        end = max(start, one.end * SAMPLES_PER_MS)
        yield Piece(one.text, samples[start:end])
        start = end


def long_episode(options: argparse.Namespace, folder: Path) -> tuple[Path, list[Said]]:
    """Write the episode; returns it, and what is said in it for the first time."""
    most = options.minutes * 60 * RATE
    pieces = list(hour_pieces(options.data, folder / "hour.wav")) if options.language == "en" else []
    length = sum(len(one.samples) for one in pieces)
    for one in read_pieces(options.texts, options.language, folder / "piece.wav"):
        if length > most:
            break
        pieces.append(one)
        length += len(one.samples)
    middle, late = len(pieces) // 2, len(pieces) * 9 // 10
    again = [one._replace(text="") for one in pieces[middle - AGAIN : middle]]
    bed = music(MUSIC_MS * SAMPLES_PER_MS, seed=1)
    parts = [bed]
    said: list[Said] = []
    at = len(bed)
    for one in [*pieces[:late], *again, *pieces[late:]]:
        parts.append(one.samples)
        at += len(one.samples)
        if one.text:
            said.append(Said(one.text, at * MS_PER_SECOND // RATE))
    return write_wave(np.concatenate([*parts, bed]), folder / "long.wav"), said


def _share(first: float, last: float, note: Ms | None = None) -> Callable[[Sequence[Said]], Case]:
    def case(said: Sequence[Said]) -> Case:
        part = said[int(first * len(said)) : int(last * len(said))]
        return typed(part, "" if note is None else format_clock(max(0, part[-1].end + note)))

    return case


CASES: Mapping[str, Callable[[list[Said]], Case]] = {
    "three turns": lambda said: typed(said[:12]),
    "a tenth": _share(0, 0.1),
    "a quarter, right note": _share(0, 0.25, 0),
    "half, no note": _share(0, 0.5),
    "half, note 40 minutes late": _share(0, 0.5, 40 * 60 * MS_PER_SECOND),
    "half, note at the start": _share(0, 0.5, -(10**9)),
    "three quarters": _share(0, 0.75),
    "up to the passage that is said again": _share(0, 0.9),
    "without the middle third": lambda said: typed(said[: len(said) // 3] + said[2 * len(said) // 3 : -40]),
    "a late start": _share(0.4, 0.7),
    "a note in a hole": in_a_hole,
    "complete": lambda said: replace(typed(said), end=None),
    "another episode": lambda _: Case(TRANSCRIPT.read_text("utf-8"), None),
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the recordings")
    parser.add_argument("--texts", type=Path, required=True, help="a folder of Markdown files that are read aloud")
    parser.add_argument("--language", default="en", help="of these texts, for espeak-ng")
    parser.add_argument("--minutes", type=int, default=180, help="how long the episode is")
    parser.add_argument("--case", action="append", choices=[*CASES], help="only this case; may be repeated")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        audio, said = long_episode(options, folder)
        engines = keep_loaded(real_engines())
        for case in options.case or CASES:
            session = Session(Config(), engines, Store(folder / "store", relisten=True))
            measure(case, CASES[case](said), audio, folder, session)


if __name__ == "__main__":
    main()
