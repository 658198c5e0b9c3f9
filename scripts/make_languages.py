"""Make the conversations in tests/languages from their scripts: audio, transcript and exact true times.

    ./.venv/bin/python -m pip install --no-deps -r scripts/make_example.requirements.txt
    ./.venv/bin/python -m scripts.make_languages tests/languages german japanese

As for the example (see ``make_example.py``), Kokoro-82M speaks the sentences one by one, and everything comes from one
script, so the three files always agree. Its voices were trained in Japanese and speak other languages with an accent:
from phonemes that espeak-ng finds, from pinyin, or from phonemes that are written in the script. A minute of
conversation takes about a minute.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import textwrap
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.make_example import SEED, Samples, Synthesizer, Track, Voice, cut_silence, encode

BIT_RATE = 16_000

# --- the script ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence: as it is said, what the synthesizer reads for it, and as typed (None if it is not typed)."""

    said: str
    sounds: str
    typed: str | None


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a person; ``utterance`` is its index among the typed ones, None if it is not typed."""

    speaker: str
    section: str | None
    lines: tuple[Line, ...]
    utterance: int | None


@dataclass(frozen=True, slots=True)
class Script:
    """The script of one language; ``wrap`` is the width of the typist's lines, None for paragraphs in one line."""

    stem: str
    language: str
    title: str
    note: str
    colon: str
    wrap: int | None
    voices: Mapping[str, Voice]
    turns: tuple[Turn, ...]


def read_script(path: Path) -> Script:
    """Read a script from its file."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    turns: list[Turn] = []
    for table in content["turn"]:
        untyped = table.get("untyped", False)
        lines = tuple(_line(line, untyped) for line in table["lines"])
        index = None if untyped else sum(turn.utterance is not None for turn in turns)
        turns.append(Turn(table["speaker"], table.get("section"), lines, index))
    return Script(
        stem=path.stem,
        language=content["language"],
        title=content["title"],
        note=content["note"],
        colon=content.get("colon", ":"),
        wrap=content.get("wrap"),
        voices={table["speaker"]: Voice(table["style"], table.get("pitch", 1.0)) for table in content["voice"]},
        turns=tuple(turns),
    )


def _line(table: Mapping[str, Any], untyped: bool) -> Line:  # noqa: FBT001 -- of the turn
    said = table["said"]
    is_typed = not (untyped or table.get("left_out", False))
    return Line(said, table.get("sounds", said), table.get("typed", said) if is_typed else None)


# --- pronunciation --------------------------------------------------------------------------------------------


def _pairs(text: str) -> dict[str, str]:
    return dict(pair.split(">") for pair in text.split())


# What espeak-ng writes > what Kokoro was trained on; the order matters.
PHONEMES = {
    "de": _pairs("ts>ʦ tʃ>ʧ"),
    "ja": _pairs("ũ>ɯɴ ̞> ä>a ɯᵝ>ɯ tɕ>ʨ dʑ>ʥ ts>ʦ ɽ>ɾ"),
}

# The initials and finals of Mandarin syllables; 0 is the position of the tone.
INITIALS = _pairs(
    "zh>ꭧ ch>ꭧʰ sh>ʂ b>p p>pʰ m>m f>f d>t t>tʰ n>n l>l g>k k>kʰ h>x j>ʨ q>ʨʰ x>ɕ r>ɻ z>ʦ c>ʦʰ s>s y> w> >"
)
FINALS = _pairs(
    "a>a0 ai>ai0 an>a0n ang>a0ŋ ao>au0 e>ɤ0 ei>ei0 en>ə0n eng>ə0ŋ er>a0ɚ o>wo0 ou>ou0 ong>ʊ0ŋ "
    "i>i0 ia>ja0 ian>jɛ0n iang>ja0ŋ iao>jau0 ie>je0 in>i0n ing>i0ŋ iong>jʊ0ŋ iu>jou0 "
    "u>u0 ua>wa0 uai>wai0 uan>wa0n uang>wa0ŋ ui>wei0 un>wə0n uo>wo0 v>y0 ve>ɥe0 van>ɥɛ0n vn>y0n "
    "ii>ɨ0"  # of zhi, chi, shi, ri, zi, ci, si
)
# "yi" is "i", "wei" is "ui": a syllable without an initial is written in another way.
WITHOUT_INITIAL = _pairs(
    "yi>i ya>ia ye>ie yao>iao you>iu yan>ian yin>in yang>iang ying>ing yong>iong yu>v yue>ve yuan>van yun>vn "
    "wu>u wa>ua wo>uo wai>uai wei>ui wan>uan wen>un wang>uang"
)
TONES = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}
STOPS = _pairs(",>, 、>, .>. 。>. ?>?")


def phonemes(text: str, language: str) -> str:
    """Return a sentence in Kokoro's phonemes, with its punctuation.

    It begins with a full stop; without one, a short first word is not spoken.
    """
    parts = [part for part in re.split(f"([{''.join(STOPS)}])", text) if part.strip()]
    clause = CLAUSE_READERS[language]
    return ". " + "".join(f"{STOPS[part]} " if part in STOPS else clause(part, language) for part in parts).strip()


def _by_espeak(clause: str, language: str) -> str:
    command = ["espeak-ng", "-q", "--ipa", "-v", language, "--", clause.strip()]
    spelt = " ".join(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())
    for espeak, kokoro in PHONEMES[language].items():
        spelt = spelt.replace(espeak, kokoro)
    return spelt


def _unchanged(clause: str, _language: str) -> str:
    return clause.strip()


def _mandarin(clause: str, _language: str) -> str:
    words = (re.findall(r"([a-z]+)([1-5])", word) for word in clause.split())
    return " ".join("".join(_syllable(letters, tone) for letters, tone in word) for word in words)


def _syllable(letters: str, tone: str) -> str:
    letters = WITHOUT_INITIAL.get(letters, letters)
    initial = next(start for start in INITIALS if letters.startswith(start))
    final = letters.removeprefix(initial)
    if initial in {"j", "q", "x"} and final.startswith("u"):
        final = f"v{final[1:]}"
    if initial in {"zh", "ch", "sh", "r", "z", "c", "s"} and final == "i":
        final = "ii"
    return INITIALS[initial] + FINALS[final].replace("0", TONES[tone])


CLAUSE_READERS: dict[str, Callable[[str, str], str]] = {
    "de": _by_espeak,
    "ja": _by_espeak,
    "he": _unchanged,  # espeak-ng spells out the vowel signs
    "zh": _mandarin,
}


class Polyglot(Synthesizer):
    """The example's synthesizer for phonemes of any language."""

    def read(self, spelt: str, voice: Voice) -> Samples:
        """Return one sentence, spoken from its phonemes: float32, shape (num_samples,), at ``RATE``."""
        return self._speak(spelt, voice)


# --- the track -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sentence:
    """A line with its start and end on the track, in ms."""

    turn: Turn
    line: Line
    start: int
    end: int


def perform(script: Script, synthesizer: Polyglot, track: Track) -> Iterator[Sentence]:
    """Place every line on the track, with pauses that come from the seed."""
    rng = random.Random(SEED)  # noqa: S311 - pauses are no secret
    for turn in script.turns:
        pause = rng.randint(300, 700) + (500 if turn.section else 0)
        for line in turn.lines:
            sound = synthesizer.read(phonemes(line.sounds, script.language), script.voices[turn.speaker])
            start, end = track.put(cut_silence(sound), pause)
            yield Sentence(turn, line, start, end)
            pause = rng.randint(200, 450)


# --- the outputs -----------------------------------------------------------------------------------------------


def transcript(script: Script) -> str:
    """Return the typist's document."""
    blocks = [f"{script.title}\n===", "Panel:", "\n".join(f"* {name}" for name in script.voices)]
    for turn in script.turns:
        blocks += [f"## {turn.section}"] if turn.section else []
        blocks += [_paragraph(script, turn)] if turn.utterance is not None else []
    return "\n\n".join([*blocks, script.note]) + "\n"


def _paragraph(script: Script, turn: Turn) -> str:
    gap = " " if script.colon == ":" else ""  # scripts that use a fullwidth colon have no spaces
    text = gap.join(line.typed for line in turn.lines if line.typed is not None)
    paragraph = f"**{turn.speaker}**{script.colon}{gap}{text}"
    return "\n ".join(textwrap.wrap(paragraph, script.wrap - 1)) if script.wrap else paragraph


def truth(script: Script, sentences: list[Sentence], duration_ms: int) -> dict[str, Any]:
    """Return what is really said, its speakers and times, and where the typing stops, in seconds to three decimals."""
    typed = [sentence for sentence in sentences if sentence.line.typed is not None]
    turns = [turn for turn in script.turns if turn.utterance is not None]
    return {
        "language": script.language,
        "duration": duration_ms / 1000,
        "continue_at": typed[-1].end / 1000,
        "utterances": [_utterance(turn, typed) for turn in turns],
        "sentences": [_sentence(sentence) for sentence in sentences],
    }


def _utterance(turn: Turn, typed: list[Sentence]) -> dict[str, Any]:
    own = [sentence for sentence in typed if sentence.turn is turn]
    return {"speaker": turn.speaker, "start": own[0].start / 1000, "end": own[-1].end / 1000}


def _sentence(sentence: Sentence) -> dict[str, Any]:
    return {
        "start": sentence.start / 1000,
        "end": sentence.end / 1000,
        "speaker": sentence.turn.speaker,
        "said": sentence.line.said,
        "written": sentence.line.typed,
    }


def make(script: Script, folder: Path, synthesizer: Polyglot) -> None:
    """Make the three files of one language."""
    track, sentences = Track(), list[Sentence]()
    for sentence in perform(script, synthesizer, track):
        print(f"{sentence.start / 1000:8.3f}  {sentence.turn.speaker}: {sentence.line.said}", flush=True)
        sentences.append(sentence)
    sound = track.mix()
    encode(sound, folder / f"{script.stem}.opus", "ogg", "libopus", BIT_RATE)
    known = json.dumps(truth(script, sentences, len(sound)), indent=1, ensure_ascii=False) + "\n"
    (folder / f"{script.stem}.truth.json").write_text(known, encoding="utf-8", newline="\n")
    (folder / f"{script.stem}.md").write_text(transcript(script), encoding="utf-8", newline="\n")


def main() -> None:
    """Make the files of the languages that are named on the command line."""
    parser = argparse.ArgumentParser(description="Make the conversations in other languages from their scripts.")
    parser.add_argument("folder", type=Path, help="the folder with the scripts, such as tests/languages")
    parser.add_argument("stems", nargs="+", metavar="LANGUAGE", help="a script's name without .toml, such as german")
    arguments = parser.parse_args()
    synthesizer = Polyglot(cache=None)
    for stem in arguments.stems:
        make(read_script(arguments.folder / f"{stem}.toml"), arguments.folder, synthesizer)


if __name__ == "__main__":
    main()
