"""Measure which replaced words are found as misheard, and what is found that was not replaced.

    ./.venv/bin/python -m scripts.benchmark_misheard --data FOLDER [--store FOLDER] [--drafts] [--names]

Recordings whose text is known, of the example and of ``FOLDER``, are heard once with Whisper base, with hints from the
true text. Then one word in ``EVERY`` is replaced: by one that sounds alike, by any other of its length, by one that is
spelt alike; names by any entry of the pronouncing dictionary, other words by common ones. The rules and numbers of
``matching.substitutions`` and ``matching.misheard`` were chosen on the split "misheard_tune" of ``splits.toml``; the
other one is drawn from other seeds.

``--drafts`` takes the drafts of Whisper tiny.en for what is typed, of the podcast in ``FOLDER``: its errors are those
that a typist makes, and each finding is printed, to be judged by a person. ``--names`` replaces all names of the
example, and listens with hints from that text: what is typed wrongly may then be heard so.
"""

from __future__ import annotations

import argparse
import html
import json
import random
import re
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, cast

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from pipeline.episode.engines import keep_loaded, real_engines
from pipeline.episode.forced_times import force_stretches
from pipeline.episode.session import Session
from pipeline.episode.stored_listening import StoredListening
from pipeline.files.store import Store
from pipeline.listening.audio.recording import open_recording
from pipeline.listening.forced.phone_scores import LoadedWhisper
from pipeline.listening.forced.pronunciations import dictionary, entries_of, pronunciations
from pipeline.matching.alignment.align import align
from pipeline.matching.alignment.tokens import is_spoken
from pipeline.matching.alignment.word_grouping import group_into_words
from pipeline.matching.misheard import STRICT_CONFIDENCE, Misheard, bare_text, comparisons, find_misheard
from pipeline.matching.substitutions import FREELY_CHANGED, find_substitutions
from pipeline.progress import silent
from pipeline.reading.transcript import parse
from pipeline.reading.words.prompt_terms import select_prompt_terms
from pipeline.schema import Transcript
from pipeline.settings.config import Config
from scripts.benchmark_texts import true_turns
from scripts.phones.labels import split_files
from scripts.phones.train import SPLITS
from scripts.spoil_text import rendered
from scripts.timed_recordings import hand_timed
from tests.episodes.kept_hearing import EXAMPLE

EVERY = 14
"""One word in so many is replaced: often enough for 100 of them, and seldom enough that the text still matches."""

SEEDS: Mapping[str, Sequence[int]] = {"misheard_tune": (1,), "misheard_report": (3, 4, 5)}
"""The draws: so many that about 100 words of each kind are replaced, or more."""

LEAST_LETTERS = 4
LEAST_PHONES = 3
"""Shorter words are not replaced."""

APART = 25
"""The characters between two replaced words, at least: two in a row are another passage."""

MOST_PHONES_APART = 0.34
"""Words sound alike if no larger share of the phones differs, at least one."""

MOST_LETTERS_APART = 2
LEAST_SHORT = 6
"""Words are spelt alike with two other letters, shorter ones with one."""

LEAST_OTHER = 50
"""Any other word has a lower ``rapidfuzz.fuzz.ratio``."""

JFK = "And so, my fellow Americans, ask not what your country can do for you, ask what you can do for your country."

_WORD = re.compile(rf"(?<![\w'’*.\-])[A-Za-z]{{{LEAST_LETTERS},}}(?![\w'’*\-]|\.\w)")
_LABEL = re.compile(r"\*\*[^*]+\*\*:")
_SPACE = "\u0120"
"""How a tokenizer writes the space before a word."""

_TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A recording, and all that is said in it, as a transcript."""

    audio: Path
    source: str


class Replaced(NamedTuple):
    """A word that was replaced, and where its replacement begins."""

    at: int
    said: str
    typed: str


# --- the texts --------------------------------------------------------------------------------------------------------


def spoken_of(split: str, data: Path) -> Iterator[Spoken]:
    """Yield the recordings of a split with what is said in them."""
    for name in tomllib.loads(SPLITS.read_text(encoding="utf-8"))[split]["example"]:
        truth = json.loads((EXAMPLE / f"{name}.truth.json").read_text(encoding="utf-8"))
        yield Spoken(EXAMPLE / f"{name}.mp3", rendered(true_turns(truth))[0])
    timed = {one.audio: " ".join(word for word, _ in one.words) for each in hand_timed(data).values() for one in each}
    for audio in split_files(SPLITS, data, split):
        text = timed[audio] if audio in timed else _text_beside(audio)
        yield Spoken(audio, f"**Reader**: {' '.join(text.split())}\n")


def _text_beside(audio: Path) -> str:
    if audio.stem == "jfk":
        return JFK
    page = audio.with_suffix(".xhtml")
    if page.exists():
        _, _, verses = page.read_text(encoding="utf-8").partition('<div id="divSonnet">')
        return html.unescape(_TAG.sub(" ", verses))
    return audio.with_suffix(".txt").read_text(encoding="utf-8")


def drafts(data: Path) -> Iterator[Spoken]:
    """Yield the episodes of the podcast with their drafts by Whisper tiny.en."""
    for path in sorted((data / "remotehack-podcast").glob("*.asr-tiny-en.tsv")):
        texts = [row.split("\t")[-1] for row in path.read_text(encoding="utf-8").splitlines()]
        (audio,) = (
            one for one in path.parent.glob(f"{path.name.partition('.')[0]}.*") if one.suffix in {".m4a", ".opus"}
        )
        yield Spoken(audio, f"**Host**: {' '.join(' '.join(texts).split())}\n")


# --- what a word is replaced by ---------------------------------------------------------------------------------------


Ways = Sequence[tuple[str, ...]]
"""The pronunciations of a word."""


def phones_apart(one: Ways, other: Ways) -> int:
    """Return how many phones differ between the most similar pronunciations of two words.

    >>> phones_apart(pronunciations("kettle"), pronunciations("settle"))
    1
    """
    return min(Levenshtein.distance(a, b) for a in one for b in other)


def sounds_alike(word: str, other: str) -> bool:
    """Return whether a word sounds like another one of the dictionary, but not the same."""
    ways, others = pronunciations(word), entries_of(other)
    most = max(1, round(MOST_PHONES_APART * len(ways[0])))
    if all(abs(len(a) - len(b)) > most for a in ways for b in others):
        return False
    return 1 <= phones_apart(ways, others) <= most


def is_spelt_alike(word: str, other: str) -> bool:
    """Return whether a word is spelt like another one of the dictionary, but does not sound the same."""
    most = 1 if len(word) < LEAST_SHORT else MOST_LETTERS_APART
    is_alike = Levenshtein.distance(word, other, score_cutoff=most) <= most
    return is_alike and phones_apart(pronunciations(word), entries_of(other)) > 0


def is_another(word: str, other: str) -> bool:
    """Return whether a word is of another's length, and otherwise not like it."""
    return abs(len(word) - len(other)) <= MOST_LETTERS_APART and fuzz.ratio(word, other) < LEAST_OTHER


KINDS: Mapping[str, Callable[[str, str], bool]] = {
    "sounds alike": sounds_alike,
    "any other word": is_another,
    "spelt alike": is_spelt_alike,
}


@lru_cache(maxsize=1)
def _names() -> tuple[str, ...]:
    return tuple(word for word in dictionary() if word.isalpha() and len(word) > 2)


@lru_cache(maxsize=1 << 12)
def replacements(word: str, kind: str, common: tuple[str, ...]) -> list[str]:
    """Return by what a word may be replaced; none if it is short, or a form of it."""
    key, fits = word.lower(), KINDS[kind]
    ways = pronunciations(key)
    if not ways or len(ways[0]) < LEAST_PHONES:
        return []
    words = _names() if word[0].isupper() and kind != "any other word" else common
    return [
        one for one in words if one != key and one[:-1] != key[: len(one) - 1] and one[:5] != key[:5] and fits(key, one)
    ]


def with_words_replaced(
    source: str, kind: str, common: tuple[str, ...], seed: int, every: int = EVERY
) -> tuple[str, list[Replaced]]:
    """Return a transcript with one word in ``every`` replaced, none in a label."""
    draw = random.Random(seed)  # noqa: S311 -- the same text in each run
    labels = [found.span() for found in _LABEL.finditer(source)]
    spots = [
        found
        for found in _WORD.finditer(source)
        if found[0].lower() not in FREELY_CHANGED and not any(a <= found.start() < b for a, b in labels)
    ]
    draw.shuffle(spots)
    taken: list[tuple[re.Match[str], str]] = []
    for found in spots:
        near = any(abs(found.start() - other.start()) < APART for other, _ in taken)
        if len(taken) < len(source.split()) // every and not near:
            words = replacements(found[0], kind, common)
            if words:
                word = draw.choice(words)
                taken.append((found, word.capitalize() if found[0][0].isupper() else word))
    return _spliced(source, sorted(taken, key=lambda one: one[0].start()))


def _spliced(source: str, taken: Sequence[tuple[re.Match[str], str]]) -> tuple[str, list[Replaced]]:
    parts: list[str] = []
    places: list[Replaced] = []
    at = length = 0
    for found, word in taken:
        parts += [source[at : found.start()], word]
        length += found.start() - at
        places.append(Replaced(length, found[0], word))
        length += len(word)
        at = found.end()
    return "".join((*parts, source[at:])), places


def names_replaced(source: str, seed: int) -> tuple[str, list[Replaced]]:
    """Return a transcript with each name, wherever it is but in labels, replaced by one other that sounds alike."""
    draw = random.Random(seed)  # noqa: S311 -- the same text in each run
    body = _LABEL.sub(lambda found: " " * len(found[0]), source)
    lower = set(re.findall(r"\b[a-z]+\b", body))
    spots = [one for one in _WORD.finditer(body) if one[0].istitle() and one[0].lower() not in lower | FREELY_CHANGED]
    choices = {word: replacements(word, "sounds alike", ()) for word in sorted({one[0] for one in spots})}
    chosen = {word: draw.choice(words).capitalize() for word, words in choices.items() if words}
    return _spliced(source, [(one, chosen[one[0]]) for one in spots if one[0] in chosen])


# --- what is found ----------------------------------------------------------------------------------------------------


class Outcome(NamedTuple):
    """What is found in one text.

    Attributes:
        words: how many spoken words the text has.
        replaced: how many of them were replaced.
        right: what was replaced and is found.
        others: what is found besides.
    """

    document: Transcript
    words: int
    replaced: int
    right: tuple[Misheard, ...]
    others: tuple[Misheard, ...]


def misheard_in(source: str, listening: StoredListening, replaced: Sequence[Replaced] = ()) -> Outcome:
    """Return what is found of a text in a recording, without a second pass.

    The recording is listened to with hints from the text if it was not heard before.
    """
    document = parse(source)
    hearing = group_into_words(listening.hear(select_prompt_terms(document)))
    alignment = align(document.words, hearing.words, listening.session.config.align, hearing.language)
    substitutions = find_substitutions(document, hearing, alignment)
    found = find_misheard(hearing, substitutions, force_stretches(comparisons(substitutions), listening))
    right = tuple(one for one in found if any(_is_at(document, one, word) for word in replaced))
    others = tuple(one for one in found if one not in right)
    return Outcome(document, sum(map(is_spoken, document.words)), len(replaced), right, others)


def _is_at(document: Transcript, found: Misheard, word: Replaced) -> bool:
    return any((chars := document.words[k].chars).start <= word.at < chars.end for k in found.written)


def row(name: str, outcomes: Sequence[Outcome]) -> str:
    """Return one line of the table: what was replaced and found, and what else is found, in all and if sure."""
    words, replaced = sum(one.words for one in outcomes), sum(one.replaced for one in outcomes)
    right = [one.confidence for each in outcomes for one in each.right]
    others = [one.confidence for each in outcomes for one in each.others]
    sure_right, sure_others = (sum(one >= STRICT_CONFIDENCE for one in some) for some in (right, others))
    return (
        f"{name:34} {words:6} {replaced:8} {len(right):6} {sure_right:6} {len(others):7} {sure_others:6} "
        f"{1_000 * len(others) / max(1, words):9.1f}"
    )


def print_reliability(outcomes: Sequence[Outcome]) -> None:
    """Print how many findings of each confidence are right."""
    by_confidence: dict[float, list[bool]] = {}
    for each in outcomes:
        for is_right, some in ((True, each.right), (False, each.others)):
            for one in some:
                by_confidence.setdefault(one.confidence, []).append(is_right)
    for confidence, found in sorted(by_confidence.items(), reverse=True):
        print(f"  of confidence {confidence}: {sum(found)} of {len(found)} right")


def print_found(outcomes: Sequence[Outcome]) -> None:
    """Print what was found besides what was replaced, each once, with the words around it."""
    shown = {}
    for document, _, _, _, others in outcomes:
        for one in others:
            around = range(max(0, one.written.start - 4), min(len(document.words), one.written.end + 4))
            typed = bare_text(document.words[k].shown for k in one.written)
            text = " ".join(document.words[k].shown for k in around)
            shown[typed, one.heard] = f"  {one.confidence} “{typed}”, heard “{one.heard}”: … {text} …"
    print("\n".join(shown.values()))


# --- the runs ---------------------------------------------------------------------------------------------------------


def measure(split: str, data: Path, session: Session) -> None:
    """Print the lines of a split."""
    outcomes: dict[str, list[Outcome]] = {name: [] for name in ("as said", *KINDS)}
    for spoken in spoken_of(split, data):
        listening = StoredListening(open_recording(spoken.audio), session)
        outcomes["as said"].append(misheard_in(spoken.source, listening))
        common = common_words(listening)
        for kind in KINDS:
            for seed in SEEDS[split]:
                source, replaced = with_words_replaced(spoken.source, kind, common, seed)
                outcomes[kind].append(misheard_in(source, listening, replaced))
    for name, some in outcomes.items():
        print(row(f"{split}: {name}", some))
    every = [one for some in outcomes.values() for one in some]
    print_reliability(every)
    print_found(every)


def measure_drafts(data: Path, session: Session) -> None:
    """Print what is found in the drafts of another model."""
    outcomes = [misheard_in(one.source, StoredListening(open_recording(one.audio), session)) for one in drafts(data)]
    print(row("drafts of tiny.en", outcomes))
    print_found(outcomes)


def measure_names(session: Session, seed: int = 3) -> None:
    """Print what is found of the names of the example, heard with hints from the text with other names."""
    outcomes = []
    for split in SEEDS:
        for name in tomllib.loads(SPLITS.read_text(encoding="utf-8"))[split]["example"]:
            listening = StoredListening(open_recording(EXAMPLE / f"{name}.mp3"), session)
            truth = json.loads((EXAMPLE / f"{name}.truth.json").read_text(encoding="utf-8"))
            source, replaced = names_replaced(rendered(true_turns(truth))[0], seed)
            outcomes.append(misheard_in(source, listening, replaced))
    print(row("names, with hints from the text", outcomes))


def common_words(listening: StoredListening) -> tuple[str, ...]:
    """Return the words that are one token of Whisper's each, and that the pronouncing dictionary has."""
    tokens = cast("LoadedWhisper", listening.transcriber).model.hf_tokenizer.get_vocab()
    words = (token.removeprefix(_SPACE) for token in tokens if token.startswith(_SPACE))
    usual = (word for word in words if len(word) > 2 and word.isalpha() and word.islower())
    return tuple(sorted(word for word in usual if word in dictionary()))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the recordings")
    parser.add_argument("--store", type=Path, help="keep here what is heard, for another run")
    parser.add_argument("--split", action="append", choices=[*SEEDS], help="only this split; may be repeated")
    parser.add_argument("--drafts", action="store_true", help="take drafts of Whisper tiny.en for what is typed")
    parser.add_argument("--names", action="store_true", help="replace the names, and listen with hints from them")
    arguments = parser.parse_args()
    print(f"{'':34} {'words':>6} {'replaced':>8} {'found':>6} {'>=0.9':>6} {'others':>7} {'>=0.9':>6} {'per 1,000':>9}")
    with tempfile.TemporaryDirectory() as name:
        engines, own = keep_loaded(real_engines()), Path(name)
        session = Session(Config(), engines, Store(arguments.store or own / "store"), silent)
        if arguments.drafts:
            measure_drafts(arguments.data, session)
        elif arguments.names:
            measure_names(Session(Config(), engines, Store(own / "names"), silent))
        else:
            for split in arguments.split or SEEDS:
                measure(split, arguments.data, session)


if __name__ == "__main__":
    main()
