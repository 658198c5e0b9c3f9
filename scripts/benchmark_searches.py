"""Measure the search for passages that are in the wrong place: how many are found, and how many that nobody says.

    ./.venv/bin/python -m scripts.benchmark_searches --data FOLDER

The recordings of ``benchmark_gaps`` are joined to one of eleven minutes and heard with Whisper base. Passages of it are
searched around a place that is 5 to 60 s from where they are said, and around one far from there: in the two minutes
around that, nobody says them. What is found is compared with where both forced aligners have the words (see
``forced.gaps``).
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from pipeline.episode.engines import real_engines
from pipeline.episode.session import Session
from pipeline.episode.stored_listening import StoredListening
from pipeline.files.store import Store
from pipeline.listening.audio.recording import open_recording
from pipeline.matching.forced.gap_times import times_in_gap
from pipeline.matching.forced.gaps import MOST_AWAY_MS
from pipeline.matching.forced.stretches import Forced, Stretch
from pipeline.progress import silent
from pipeline.settings.config import Config
from pipeline.times import Ms, Span
from scripts.benchmark_accuracy import AXES, write_spoilt, write_wave
from scripts.benchmark_gaps import SPEECH, Case, Speech, find_words
from tests.episodes.kept_hearing import AUDIO

LENGTHS = (4, 8, 16)
SPOILT = ("as recorded", "babble, 10 dB", "telephone")
MOVED_MS = (5_000, 60_000)
PASSAGES = 40
"""So many of each length are searched where they are said, and as many where they are not."""

NEAR_MS: Ms = 200
"""A passage is found if its first word starts this near to the truth."""

Searched = tuple[Case, Span, Forced]
"""A passage, where it is said, and what the search has found."""


def join(paths: Sequence[Path], to: Path) -> Path:
    """Write recordings one after the other into a WAV file."""
    recordings = [open_recording(path) for path in paths]
    samples = np.concatenate([one.read(Span(0, one.duration)).samples for one in recordings])
    return write_wave(samples, to)


def cases_of(speech: Speech, draw: random.Random) -> Iterator[tuple[Case, Span]]:
    """Yield passages with the sound in which they are searched, each with where it is said."""
    for length in LENGTHS:
        runs = []
        for k in range(len(speech.words) - length):
            words = speech.words[k : k + length]
            first, last = words[0][1], words[-1][1]
            if first and last and last.end - first.start < length * 700:  # within one recording
                runs.append((tuple(text for text, _ in words), first.cover(last)))
        for said in (True, False):
            for words_of, truth in draw.sample(runs, min(PASSAGES, len(runs))):
                place = truth.start + draw.choice((-1, 1)) * draw.randrange(*MOVED_MS)
                while not said and abs(place - truth.start) < MOST_AWAY_MS + 20_000:
                    place = draw.randrange(speech.duration)
                edges = (max(0, place - MOST_AWAY_MS), min(speech.duration, place + MOST_AWAY_MS + truth.duration))
                yield Case(str(length), Span(*edges), words_of, said), truth


def search(listening: StoredListening, cases: Sequence[tuple[Case, Span]]) -> list[Searched]:
    """Return what is found of each case."""
    searches = [as_search(case) for case, _ in cases]
    return [(*case, forced) for case, forced in zip(cases, listening.force(searches), strict=True)]


def as_search(case: Case) -> Stretch:
    """Return what is searched."""
    return replace(case.stretch(), is_search=True)


def print_searched(axis: str, results: Sequence[Searched]) -> None:
    """Print for each length how many passages are found in their place, elsewhere, and though nobody says them."""
    for length in map(str, LENGTHS):
        right, wrong, false = list[bool](), list[bool](), list[bool]()
        for case, truth, forced in results:
            if case.kind == length:
                search = as_search(case)
                times = times_in_gap(replace(search, places=tuple(range(len(search.words)))), forced)
                if case.said:
                    right.append(bool(times) and abs(times[0].span.start - truth.start) <= NEAR_MS)
                    wrong.append(bool(times) and not right[-1])
                else:
                    false.append(bool(times))
        print(
            f"{axis:14} {length:>2} words: in its place {np.mean(right):6.1%}, elsewhere {np.mean(wrong):6.1%} of "
            f"{len(right)}, found if not said {np.mean(false):6.1%} of {len(false)}",
            flush=True,
        )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the recordings")
    data: Path = parser.parse_args().data
    draw = random.Random(1)  # noqa: S311 -- no secret
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        session = Session(Config(), real_engines(), Store(folder / "store"), silent)
        joined = join([*(path for pattern in SPEECH for path in sorted(data.glob(pattern))), AUDIO], folder / "all.wav")
        cases = list(cases_of(find_words(StoredListening(open_recording(joined), session)), draw))
        cases.sort(key=lambda one: one[0].span.start)
        for number, axis in enumerate(SPOILT):
            spoilt = write_spoilt(joined, AXES[axis], folder / f"{number}.wav")
            print_searched(axis, search(StoredListening(open_recording(spoilt), session), cases))


if __name__ == "__main__":
    main()
