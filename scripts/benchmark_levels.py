"""Measure what evening out the level of a recording does to its words and their times.

Says for each recording whether what the engines get is changed at all: by the mixing (a DC offset removed, an inverted
channel), by the amplification of quiet speech, or by speech that is found only once it is amplified. Where nothing is
changed, sample by sample, all figures are the same by construction. The others are transcribed with and without, and
compared with the words that are said and their starts; where these are not known, with each other.

    ./.venv/bin/python -m scripts.benchmark_levels [--data FOLDER]... [--only NAME]... [--changes]

Recordings are made, too: every second sentence of ordinary ones 30 dB quieter; all of it 30 dB quieter on a DC offset
of 2 %; and two channels of which one is inverted. Intervals are over sentences (paired bootstrap, 95 %): with and
without are compared on the same ones.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
import wave
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

from pipeline.errors import NoSpeechError
from pipeline.listening.audio import decode, vad
from pipeline.listening.audio.levels import Detect, even_out, find_quiet_speech
from pipeline.listening.audio.mixdown import Block, Speech
from pipeline.listening.audio.recording import RATE, Recording, Waveform, open_recording
from pipeline.listening.audio.vad import SpeechOptions, speech_windows
from pipeline.listening.transcribe import Transcriber, windows
from pipeline.listening.transcribe.windows import HearOptions, hear
from pipeline.progress import silent
from pipeline.reading.words.spoken_form import spoken_keys
from pipeline.schema import HeardWord
from pipeline.settings.precedence import load_settings
from pipeline.times import MS_PER_SECOND, Ms, Span, from_seconds
from scripts.benchmark_hints import load_engine

EXAMPLES = Path(__file__).parents[1] / "examples" / "kettle-and-kernel"
SUFFIXES = {".wav", ".flac", ".mp3", ".m4a", ".ogg", ".opus", ".wma", ".webm"}

LOWERED_DB, OFFSET = 30.0, 0.02
"""How much quieter made recordings are, and their DC offset: what people reported of real ones."""

MADE_MS: Ms = 52_000
"""The length of the example of which recordings are made; it ends in a pause."""

PAUSE_S, EDGE_S = 0.7, 0.06
"""The pause between sentences that are joined, and the audio around a sentence that is made quieter with it."""

RESAMPLES = 2_000
"""Resamples of the bootstrap: enough for an interval that is steady to a tenth of a point."""

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Said:
    """A word as spoken, its start if it is known, and the sentence that it is in."""

    key: str
    start: Ms | None
    sentence: int


@dataclass(frozen=True, slots=True)
class Spoken:
    """A recording and the words that are said in it; none if they are not known."""

    name: str
    audio: Path
    words: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """What is changed before listening, in ms: mixed otherwise, amplified, and speech found only so."""

    mixed: Ms
    amplified: Ms
    found: Ms

    def __str__(self) -> str:
        """Return what is changed, or that nothing is."""
        parts = {"mixed otherwise": self.mixed, "amplified": self.amplified, "more speech found": self.found}
        said = ", ".join(f"{name} {ms / MS_PER_SECOND:.2f} s" for name, ms in parts.items() if ms)
        return said or "the same samples and speech: the same figures"

    @property
    def any(self) -> bool:
        """Whether the engines get anything else than without."""
        return bool(self.mixed or self.amplified or self.found)


@dataclass(frozen=True, slots=True)
class Score:
    """Of each sentence: the words, the wrong ones, the words with a measured start, and the sum of their errors in ms.

    Each is float64, shape (sentences,).
    """

    words: npt.NDArray[np.float64]
    wrong: npt.NDArray[np.float64]
    timed: npt.NDArray[np.float64]
    off: npt.NDArray[np.float64]

    def __str__(self) -> str:
        """Return one line of figures."""
        off = f"{self.off.sum() / self.timed.sum():.0f} ms" if self.timed.sum() else "unknown"
        return f"wrong {self.wrong.sum():3.0f} of {self.words.sum():3.0f}, starts off by {off} in the mean"


# --- recordings and what is said in them --------------------------------------------------------------------------


def recordings(folders: Sequence[Path]) -> Iterator[Spoken]:
    """Yield the examples and all recordings in the folders."""
    files = [path for folder in (EXAMPLES, *folders) for path in sorted(folder.rglob("*")) if path.suffix in SUFFIXES]
    for path in files:
        yield Spoken(f"{path.parent.name}/{path.name}", path, tuple(said_in(path)))


def said_in(audio: Path) -> Iterator[Said]:
    """Yield the words of a recording, from the file beside it that has them with their times; none if there is none."""
    table, aligned, truth = (audio.with_suffix(end) for end in (".words.tsv", ".json", ".truth.json"))
    if table.exists():
        with table.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                yield from _said(row["word"], from_seconds(float(row["start"])), 0)
    elif truth.exists():
        for number, one in enumerate(json.loads(truth.read_text(encoding="utf-8"))["sentences"]):
            yield from _said(one["spoken"], from_seconds(one["start"]), number)
    elif aligned.exists():
        content = json.loads(aligned.read_text(encoding="utf-8"))
        for word in content.get("w", ()) if isinstance(content, dict) else ():
            if word["t"][0] not in "<[":
                yield from _said(word["t"].partition("(")[0], from_seconds(word["b"]), 0)


def _said(text: str, start: Ms, sentence: int) -> Iterator[Said]:
    """Yield the keys of a text, of which the first one's start is known."""
    for number, key in enumerate(spoken_keys(text)):
        yield Said(key, None if number else start, sentence)


def made(folders: Sequence[Path], folder: Path) -> Iterator[Spoken]:
    """Yield recordings that are made of ordinary ones, written into ``folder``."""
    example = EXAMPLES / "08-the-paper-backup.mp3"
    truth = json.loads(example.with_suffix(".truth.json").read_text(encoding="utf-8"))
    spans = [Span(from_seconds(one["start"]), from_seconds(one["end"])) for one in truth["sentences"]]
    spans = [span for span in spans if span.end <= MADE_MS]
    words = tuple(one for one in said_in(example) if one.sentence < len(spans))
    yield from _made("example", _samples(example)[: MADE_MS * RATE // MS_PER_SECOND], spans, words, folder)
    files = [
        path for data in folders for path in sorted(data.glob("*/*.wav")) if path.with_suffix(".words.tsv").exists()
    ]
    if files:
        yield from _made("read sentences", *joined(files), folder)


def joined(files: Sequence[Path]) -> tuple[Samples, list[Span], tuple[Said, ...]]:
    """Join recordings of a sentence each, with pauses; return the sound, where each is, and what is said."""
    pause = np.zeros(round(PAUSE_S * RATE), np.float32)
    sound: list[Samples] = [pause]
    spans: list[Span] = []
    words: list[Said] = []
    for number, path in enumerate(files):
        at = sum(map(len, sound)) * MS_PER_SECOND // RATE
        sound += [_samples(path), pause]
        spans.append(Span(at, at + len(sound[-2]) * MS_PER_SECOND // RATE))
        words += [Said(one.key, None if one.start is None else one.start + at, number) for one in said_in(path)]
    return np.concatenate(sound), spans, tuple(words)


def _made(
    name: str, samples: Samples, sentences: Sequence[Span], words: tuple[Said, ...], folder: Path
) -> Iterator[Spoken]:
    quieter = 10 ** (-LOWERED_DB / 20)
    forms: dict[str, Samples] = {"ordinary": samples[None]}
    for number, which in enumerate(("odd", "even")):
        lowered = samples.copy()
        for span in sentences[number::2]:
            edge = from_seconds(EDGE_S)
            first, last = ((at * RATE) // MS_PER_SECOND for at in (max(0, span.start - edge), span.end + edge))
            lowered[first:last] *= quieter
        forms[f"{which} sentences {LOWERED_DB:.0f} dB quieter"] = lowered[None]
    forms[f"{LOWERED_DB:.0f} dB quieter, DC offset"] = samples[None] * np.float32(quieter) + np.float32(OFFSET)
    forms["one channel inverted"] = np.stack([samples, -samples])
    for number, (form, sound) in enumerate(forms.items()):
        path = folder / f"{name}-{number}.wav".replace(" ", "-")
        _write(path, sound)
        yield Spoken(f"{name}, {form}", path, words)


def _samples(path: Path) -> Samples:
    recording = open_recording(path)
    return recording.read(Span(0, recording.duration)).samples


def _write(path: Path, sound: Samples) -> None:
    with wave.open(str(path), "wb") as out:
        out.setparams((len(sound), 2, RATE, 0, "NONE", ""))
        out.writeframes((sound.T.clip(-1, 1) * 32_767).astype("<i2").tobytes())


# --- with and without ----------------------------------------------------------------------------------------------


def _mean(block: Block, rate: int, speech: Speech) -> Block:  # noqa: ARG001 -- the signature of mix
    return np.asarray(block.mean(axis=0, keepdims=True), np.float32)


def _found(waveform: Waveform, speech: Sequence[Span], detect: Detect) -> tuple[Span, ...]:  # noqa: ARG001 -- as above
    return tuple(speech)


def _unchanged(waveform: Waveform, speech: Sequence[Span]) -> Waveform:  # noqa: ARG001 -- the signature of even_out
    return waveform


@contextmanager
def without_evening() -> Iterator[None]:
    """Mix channels to their plain mean, and amplify nothing, in the block."""
    mixing = patch.object(decode, "mix", _mean)
    with mixing, patch.object(vad, "find_quiet_speech", _found), patch.object(windows, "even_out", _unchanged):
        yield


def changes(recording: Recording) -> Changes:
    """Compare what the engines get with and without, sample by sample."""
    mixed = amplified = found = 0

    def find(waveform: Waveform, speech: Sequence[Span], detect: Detect) -> tuple[Span, ...]:
        nonlocal found
        every = find_quiet_speech(waveform, speech, detect)
        found += sum(span.duration for span in every) - sum(span.duration for span in speech)
        return every

    with patch.object(vad, "find_quiet_speech", find):
        for window in speech_windows(recording, SpeechOptions(), silent):
            amplified += _different(even_out(window.waveform, window.speech).samples, window.waveform.samples)
            span = window.waveform.span
            mixed_now = recording.read(span).samples
            with patch.object(decode, "mix", _mean):
                mixed += _different(recording.read(span).samples, mixed_now)
    return Changes(_ms(mixed), _ms(amplified), found)


def _ms(number: int) -> Ms:
    """Return the length of so many samples, rounded up: a single one counts."""
    return -(-number * MS_PER_SECOND // RATE)


def _different(these: Samples, those: Samples) -> int:
    return int(np.count_nonzero(these != those))


def transcribe(recording: Recording, engine: Transcriber) -> tuple[HeardWord, ...]:
    """Return what is heard in a recording, without hints; nothing if no speech is found."""
    try:
        return hear(recording, engine, HearOptions(), silent).words
    except NoSpeechError:
        return ()


# --- figures ------------------------------------------------------------------------------------------------------


def score(words: Sequence[Said], heard: Sequence[HeardWord]) -> Score:
    """Compare heard words with those that are said; a word too many counts for the sentence that it is in or after."""
    keys = [(key, word.span.start, number) for word in heard for number, key in enumerate(spoken_keys(word.text))]
    sentences = 1 + max(one.sentence for one in words)
    table = np.zeros((4, sentences))
    for one in words:
        table[0, one.sentence] += 1
    for step in Levenshtein.opcodes([one.key for one in words], [key for key, _, _ in keys]):
        if step.tag == "equal":
            pairs = zip(words[step.src_start : step.src_end], keys[step.dest_start : step.dest_end], strict=True)
            for one, (_, start, number) in pairs:
                if one.start is not None and not number:
                    table[2:, one.sentence] += 1, abs(start - one.start)
        else:
            at = min(step.src_start, len(words) - 1)
            for place in range(step.src_start, step.src_end):
                table[1, words[place].sentence] += 1
            table[1, words[at].sentence] += max(0, step.dest_end - step.dest_start - step.src_end + step.src_start)
    return Score(*table)


def differences(before: Score, after: Score) -> Iterator[str]:
    """Yield by how much each figure differs with the evening-out, with the middle 95 % over resamples of sentences."""
    number = len(before.words)
    drawn = np.random.default_rng(0).integers(0, number, (RESAMPLES, number))
    measures: dict[str, Callable[[Score, npt.NDArray[np.int64]], npt.NDArray[np.float64]]] = {
        "wrong words, percentage points": lambda one, rows: 100 * one.wrong[rows].sum(-1) / one.words[rows].sum(-1),
        "starts off, ms": lambda one, rows: one.off[rows].sum(-1) / np.maximum(1, one.timed[rows].sum(-1)),
    }
    for name, measured in measures.items():
        whole = np.arange(number)
        low, high = np.quantile(measured(after, drawn) - measured(before, drawn), (0.025, 0.975))
        mean = float(measured(after, whole) - measured(before, whole))
        yield f"{name}: {mean:+.1f} ({low:+.1f} to {high:+.1f}){'  WORSE' if low > 0 else ''}"


def together(scores: Sequence[Score]) -> Score:
    """Return the sentences of several recordings as those of one."""
    return Score(*(np.concatenate([getattr(one, name) for one in scores]) for name in Score.__dataclass_fields__))


def unlike(before: Sequence[HeardWord], after: Sequence[HeardWord]) -> str:
    """Return which words differ, and by how much the starts of the others differ at most."""
    left, right = [word.text for word in before], [word.text for word in after]
    edits, moved = list[str](), 0
    for step in Levenshtein.opcodes(left, right):
        these, those = left[step.src_start : step.src_end], right[step.dest_start : step.dest_end]
        if step.tag == "equal":
            pairs = zip(before[step.src_start : step.src_end], after[step.dest_start : step.dest_end], strict=True)
            moved = max([moved, *(abs(a.span.start - b.span.start) for a, b in pairs)])
        else:
            edits.append(f"{' '.join(these) or '-'} -> {' '.join(those) or '-'}")
    return f"{len(left)} words, {len(edits)} places differ, other starts by {moved} ms at most; {'; '.join(edits)}"


def main() -> int:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, action="append", default=[], help="a folder with folders of recordings")
    parser.add_argument("--only", action="append", default=[], help="recordings whose name starts so; repeatable")
    parser.add_argument("--changes", action="store_true", help="say what is changed, and transcribe nothing")
    arguments = parser.parse_args()
    engine = None if arguments.changes else load_engine(load_settings(None, None, {}).config)
    only = tuple(arguments.only or [""])
    with tempfile.TemporaryDirectory() as folder:
        print_sums("ordinary recordings that are changed", measure(recordings(arguments.data), only, engine))
        print_sums("made recordings", measure(made(arguments.data, Path(folder)), only, engine))
    return 0


def measure(spoken: Iterator[Spoken], only: tuple[str, ...], engine: Transcriber | None) -> list[tuple[Score, Score]]:
    """Print a line for each recording; return the figures without and with of those that are changed."""
    pairs: list[tuple[Score, Score]] = []
    for one in (one for one in spoken if one.name.startswith(only)):
        recording = open_recording(one.audio)
        changed = changes(recording)
        print(f"{one.name}: {changed}", flush=True)
        if not changed.any or engine is None:
            continue
        after = transcribe(recording, engine)
        with without_evening():
            before = transcribe(recording, engine)
        if one.words:
            pairs.append((score(one.words, before), score(one.words, after)))
            for name, figures in zip(("without", "with"), pairs[-1], strict=True):
                print(f"    {name:8} {figures}", flush=True)
        else:
            print(f"    {unlike(before, after)}", flush=True)
    return pairs


def print_sums(name: str, pairs: Sequence[tuple[Score, Score]]) -> None:
    """Print the sums of some recordings, and the differences with their intervals."""
    if pairs:
        before, after = (together(own) for own in zip(*pairs, strict=True))
        print(f"{name}, {len(before.words)} sentences\n    without  {before}\n    with     {after}")
        for line in differences(before, after):
            print(f"    {line}")


if __name__ == "__main__":
    sys.exit(main())
