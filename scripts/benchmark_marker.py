"""Measure ``marker`` on an episode of an hour: how much it listens to, for how long, and whether it is right.

    ./.venv/bin/python -m scripts.benchmark_marker --data FOLDER [--case NAME]...

``FOLDER`` has ``remotehack-podcast``: 35 short episodes, joined into one of an hour. Its transcript is what Whisper
tiny.en heard, without corrections: as a hasty person types. Each case types another part of it. The truth is the end of
the last typed segment, which tiny.en has to a few tenths of a second. A doubt is shown, and not followed by listening
to everything.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.episode.engines import keep_loaded, real_engines
from pipeline.episode.probe import probe_episode
from pipeline.episode.session import EpisodeInput, Session
from pipeline.episode.stored_listening import StoredListening
from pipeline.files.store import Store
from pipeline.files.transcript_file import read_transcript
from pipeline.listening.audio.recording import RATE, open_recording
from pipeline.settings.config import Config
from pipeline.times import Ms, Span, format_clock, from_seconds, to_seconds
from scripts.benchmark_accuracy import write_wave
from scripts.degrade import Samples
from tests.episodes.kept_hearing import TRANSCRIPT


class Said(NamedTuple):
    """A segment of the recording."""

    text: str
    end: Ms


@dataclass(frozen=True, slots=True)
class Case:
    """A transcript, and where its typing stops; None where it is complete, or of another episode."""

    text: str
    end: Ms | None


def joined(folder: Path, target: Path) -> list[Said]:
    """Write all episodes one after the other as a WAV file; returns what is said in it."""
    segments: list[Said] = []
    parts: list[Samples] = []
    at = 0
    for path in sorted([*folder.glob("*.m4a"), *folder.glob("*.opus")]):
        recording = open_recording(path)
        parts.append(recording.read(Span(0, recording.duration)).samples)
        with path.with_suffix(".asr-tiny-en.tsv").open(encoding="utf-8", newline="") as rows:
            for _, end, text in csv.reader(rows, delimiter="\t", quoting=csv.QUOTE_NONE):
                segments.append(Said(text, at + from_seconds(float(end))))
        at += len(parts[-1]) * 1_000 // RATE
    write_wave(np.concatenate(parts), target)
    return segments


def typed(said: Sequence[Said], note: str = "") -> Case:
    """The transcript of segments in turns of four, with a note at its end."""
    turns = [said[first : first + 4] for first in range(0, len(said), 4)]
    lines = [
        f"**{('Ann Lee', 'Bo Ek')[number % 2]}**: " + " ".join(one.text for one in turn)
        for number, turn in enumerate(turns)
    ]
    text = "\n\n".join([*lines, *([f"<!-- Continue at {note}! -->"] if note else [])])
    return Case(text + "\n", said[-1].end)


def in_a_hole(said: Sequence[Said]) -> Case:
    """The first and the last third, with the note between them."""
    third = len(said) // 3
    first, last = typed(said[:third], "1:00"), typed(said[2 * third :])
    return Case(f"{first.text}\n{last.text}", first.end)


CASES: Mapping[str, Callable[[list[Said]], Case]] = {
    "half, no note": lambda said: typed(said[: len(said) // 2]),
    "half, right note": lambda said: typed(said[: len(said) // 2], format_clock(said[len(said) // 2].end)),
    "half, wrong note": lambda said: typed(said[: len(said) // 2], "58:00"),
    "three turns": lambda said: typed(said[:12]),
    "a tenth": lambda said: typed(said[: len(said) // 10]),
    "nine tenths": lambda said: typed(said[: len(said) * 9 // 10]),
    "without the middle third": lambda said: typed(said[: len(said) // 3] + said[2 * len(said) // 3 : -40]),
    "the second third alone": lambda said: typed(said[len(said) // 3 : 2 * len(said) // 3]),
    "a note in a hole": in_a_hole,
    "complete": lambda said: replace(typed(said), end=None),
    "another episode": lambda _: Case(TRANSCRIPT.read_text("utf-8"), None),
}


def measure(name: str, case: Case, audio: Path, folder: Path, session: Session) -> None:
    """Print the line of one case."""
    path = folder / f"{name.replace(' ', '-').replace(',', '')}.md"
    path.write_text(case.text, encoding="utf-8")
    start = time.monotonic()
    listening = StoredListening(open_recording(audio), session)
    opened = time.monotonic() - start
    result = probe_episode(EpisodeInput(audio, read_transcript(path, audio)), listening)
    seconds = time.monotonic() - start
    if result is None:
        print(f"{name:28} doubt                          {seconds:6.1f} s ({opened:.1f} s of it to open)", flush=True)
        return
    point, heard = result.continue_point, sum(span.duration for span in result.hearing.speech)
    answer = "complete" if point.complete else format_clock(point.at or 0)
    off = "" if point.at is None or case.end is None else f"off by {to_seconds(point.at - case.end):+.2f} s"
    share = heard / listening.recording.duration
    print(f"{name:28} {answer:10} {off:18} {share:6.1%} {seconds:6.1f} s ({opened:.1f} s of it to open)", flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the recordings")
    parser.add_argument("--case", action="append", choices=[*CASES], help="only this case; may be repeated")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        audio = folder / "hour.wav"
        said = joined(options.data / "remotehack-podcast", audio)
        engines = keep_loaded(real_engines())
        for case in options.case or CASES:
            session = Session(Config(), engines, Store(folder / "store", relisten=True))
            measure(case, CASES[case](said), audio, folder, session)


if __name__ == "__main__":
    main()
