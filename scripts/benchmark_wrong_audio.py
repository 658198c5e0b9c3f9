"""Measure how soon another episode's audio is recognised, and that the right one is not refused.

    ./.venv/bin/python -m scripts.benchmark_wrong_audio --data FOLDER

``FOLDER`` has ``remotehack-podcast``: 35 short episodes of one show, joined into one of an hour. Its two halves are two
episodes with the same hosts and subjects. Of each half, whole and in parts, the transcript is what Whisper tiny.en
heard; it is checked against the same half, the other half and the hour.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from pipeline.episode.engines import keep_loaded, real_engines
from pipeline.episode.probe import find_wrong_audio
from pipeline.episode.session import EpisodeInput, Session
from pipeline.episode.stored_listening import StoredListening
from pipeline.files.store import Store
from pipeline.files.transcript_file import read_transcript
from pipeline.listening.audio.recording import open_recording
from pipeline.settings.config import Config
from pipeline.times import Span
from scripts.benchmark_accuracy import write_wave
from scripts.benchmark_marker import Said, joined, typed

PARTS: Mapping[str, Callable[[list[Said]], list[Said]]] = {
    "whole": lambda said: said,
    "first half": lambda said: said[: len(said) // 2],
    "last half": lambda said: said[len(said) // 2 :],
    "without the middle third": lambda said: said[: len(said) // 3] + said[2 * len(said) // 3 :],
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the recordings")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hour = folder / "hour.wav"
        said = joined(options.data / "remotehack-podcast", hour)
        recording = open_recording(hour)
        middle = recording.duration // 2
        samples = recording.read(Span(0, recording.duration)).samples
        cut = len(samples) // 2
        first = write_wave(samples[:cut], folder / "first.wav")
        second = write_wave(samples[cut:], folder / "second.wav")
        engines = keep_loaded(real_engines())
        texts = {
            "first": [one for one in said if one.end <= middle],
            "second": [one for one in said if one.end > middle],
        }
        for text, segments in texts.items():
            for part, choose in PARTS.items():
                path = folder / f"{text} {part}.md"
                path.write_text(typed(choose(segments)).text, encoding="utf-8")
                for audio in (first, second, hour):
                    session = Session(Config(), engines, Store(folder / "store", relisten=True))
                    start = time.monotonic()
                    listening = StoredListening(open_recording(audio), session)
                    found = find_wrong_audio(EpisodeInput(audio, read_transcript(path, audio)), listening)
                    seconds = time.monotonic() - start
                    verdict = "no verdict" if found is None else found.findings[0].message.partition(": ")[2]
                    print(f"{text} {part:26} with {audio.stem:7} {seconds:5.1f} s  {verdict}", flush=True)


if __name__ == "__main__":
    main()
