"""Measure a whole batch with real models: 200 short synthetic episodes, 10 of them broken, with three kill -9.

The episodes are cut out of the example show's: each is some of its sentences, with what is said as its transcript. In
every fifth only the first half is typed, and every tenth has no transcript. Prints how long the runs took, what was
done twice, and whether the summary is right.

    ./.venv/bin/python scripts/benchmark_batch.py [--episodes 200] [--broken 10] [--workers 2] [--kills 3]
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydub import AudioSegment

from pipeline.listening.audio.recording import open_recording
from pipeline.times import Ms, Span, from_seconds

ROOT = Path(__file__).parents[1]
SHOW = ROOT / "examples" / "kettle-and-kernel"
RATE = 16_000
SHORTEST_EPISODE_MS: Ms = 9_000
"""An episode has as many sentences as take this long."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an episode: its time, its speaker and its words."""

    span: Span
    speaker: str
    spoken: str


# --- episodes ---------------------------------------------------------------------------------------------------------


def sentences(truth: Path) -> tuple[Sentence, ...]:
    """Return all sentences of an episode of the example show."""
    known = json.loads(truth.read_text(encoding="utf-8"))["sentences"]
    return tuple(
        Sentence(Span(from_seconds(one["start"]), from_seconds(one["end"])), one["speaker"], one["spoken"])
        for one in known
    )


def cuts(show: Path) -> Iterator[tuple[AudioSegment, tuple[Sentence, ...]]]:
    """Yield different pieces of the show's episodes, longer ones after shorter ones."""
    sources = []
    for truth in sorted(show.glob("*.truth.json")):
        audio = truth.with_name(truth.name.replace(".truth.json", ".mp3"))
        recording = open_recording(audio)
        sources.append((recording.segment(Span(0, recording.duration)), sentences(truth)))
    for longer in range(20):
        for whole, said in sources:
            for first in range(len(said)):
                last = first
                while (
                    last < len(said)
                    and said[last].span.end - said[first].span.start < SHORTEST_EPISODE_MS + longer * 1_500
                ):
                    last += 1
                if last < len(said):
                    part = said[first : last + 1]
                    yield whole[max(0, part[0].span.start - 300) : part[-1].span.end + 300], part


def typed(part: Sequence[Sentence]) -> str:
    """Return the transcript of a piece."""
    lines: list[str] = []
    for before, one in zip((None, *part), part, strict=False):
        if before is not None and before.speaker == one.speaker:
            lines[-1] += f" {one.spoken}"
        else:
            lines.append(f"**{one.speaker}**: {one.spoken}")
    return "\n\n".join(lines) + "\n"


WAYS_TO_BREAK: tuple[Callable[[Path, Path], object], ...] = (
    lambda audio, _: audio.write_bytes(b""),
    lambda audio, _: audio.write_bytes(b"this is no sound at all, but a text"),
    lambda audio, _: audio.write_bytes(audio.read_bytes()[:30]),
    lambda _, text: text.write_bytes(b"\xff\xfe\x00\x01 no text"),
    lambda audio, _: AudioSegment.silent(9_000, RATE).export(audio, "wav"),
    lambda audio, _: audio.write_bytes(b"PK\x03\x04" + os.urandom(900)),
    lambda _, text: text.write_text("**Ann**: Nothing of this was ever said in that place by anybody. " * 30),
    lambda _, text: text.write_bytes(b"ID3" + os.urandom(900)),
    lambda audio, _: audio.write_bytes(os.urandom(20_000)),
    lambda audio, _: audio.rename(audio.with_suffix(".gone")).with_suffix(".wav").symlink_to("nowhere.wav"),
)


def make(folder: Path, number: int, broken: int) -> None:
    """Write the episodes; the broken ones are among the others."""
    for k, (sound, part) in zip(range(number), cuts(SHOW), strict=False):
        season = folder / f"season {k // 100 + 1}"
        season.mkdir(parents=True, exist_ok=True)
        audio, text = season / f"{k + 1:03} – a piece.wav", season / f"{k + 1:03} – a piece.md"
        sound.set_frame_rate(RATE).set_channels(1).export(audio, "wav")
        is_broken = broken and k % max(1, number // broken) == 3
        if k % 10 != 9:
            text.write_text(typed(part[: len(part) // 2 + 1] if k % 5 == 4 else part), encoding="utf-8")
        if is_broken:
            WAYS_TO_BREAK[k * broken // number % len(WAYS_TO_BREAK)](audio, text)


# --- running ---------------------------------------------------------------------------------------------------------


def command(*words: str) -> list[str]:
    """Return a command line that runs cuemark."""
    return [sys.executable, "-m", "pipeline", *words]


def batch_status(out: Path) -> dict[str, Any]:
    """Return the status of the batch."""
    words = command("batch", "status", "--json", "-o", str(out))
    printed = subprocess.run(words, capture_output=True, text=True, check=False, cwd=ROOT).stdout
    return json.loads(printed) if printed else {"counts": {}, "episodes": []}


def run_and_kill(words: list[str], out: Path, number: int) -> float:
    """Start a run and end it with kill -9 when ``number`` episodes are finished; return how many seconds it ran."""
    started = time.monotonic()
    with subprocess.Popen(words, cwd=ROOT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            counts = batch_status(out)["counts"]
            if counts.get("done", 0) + counts.get("failed", 0) >= number:
                os.kill(process.pid, signal.SIGKILL)
                break
            time.sleep(1)
    return time.monotonic() - started


def main() -> int:
    """Make the episodes, run the batch and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--episodes", type=int, default=200)
    parser.add_argument("--broken", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--model", default="tiny.en")
    parser.add_argument("--keep", type=Path, help="a folder for the episodes and the results; else they are removed")
    arguments = parser.parse_args()
    with TemporaryDirectory() as scratch:
        folder = arguments.keep or Path(scratch)
        os.environ["CUEMARK_STORE"] = str(folder / "store")
        make(folder / "show", arguments.episodes, arguments.broken)
        out = folder / "out"
        words = command("batch", str(folder / "show"), "-o", str(out), "--model", arguments.model)
        words += ["--workers", str(arguments.workers)]
        for kill in range(arguments.kills):
            seconds = run_and_kill(words, out, arguments.episodes * (kill + 1) // (arguments.kills + 1))
            print(
                f"run {kill + 1}: ended with kill -9 after {seconds:.0f} s; {batch_status(out)['counts']}", flush=True
            )
        started = time.monotonic()
        status = subprocess.run(words, check=False, cwd=ROOT, stdout=subprocess.DEVNULL).returncode
        print(f"last run: exit status {status} after {time.monotonic() - started:.0f} s")
        print_summary(batch_status(out), out)
    return 0


def print_summary(status: dict[str, Any], out: Path) -> None:
    """Print what the ledger has at the end."""
    episodes = status["episodes"]
    print(f"counts: {status['counts']}; audio and work in s: {status['seconds']}")
    print(f"attempts: {dict(Counter(one['attempts'] for one in episodes))}")
    print(f"kinds of work: {dict(Counter(one['work'] for one in episodes))}")
    for one in episodes:
        if one["error"]:
            print(f"  {one['name']}: {one['error']}")
    missing = [path for one in episodes for path in one["results"] if not Path(path).exists()]
    print(f"results missing: {len(missing)}; half-written files: {len(list(out.rglob('.cuemark-*.part')))}")


if __name__ == "__main__":
    sys.exit(main())
