"""The output of ``cuemark voices``: tables for people, JSON for programs. Neither contains embeddings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import msgspec

from pipeline.console.table import table
from pipeline.matching.speakers.embeddings import Floats
from pipeline.matching.speakers.outliers import (
    KnownVoices,
    Outlier,
    mean_cosine_similarity,
    reject_outliers,
    voice_embeddings,
)
from pipeline.matching.speakers.profile import Voice, VoiceBook
from pipeline.times import format_clock, to_seconds


@dataclass(frozen=True, slots=True)
class _VoiceStatistics:
    """Statistics of a voice.

    Attributes:
        similarity: the mean cosine similarity of each episode's examples to the voice as a whole, by the audio's hash.
        nearest: the most similar other voice and the cosine similarity; None if there is no other.
        outliers: its enrolments that are rejected as outliers.
        known: whether a speaker can be recognised by it.
    """

    voice: Voice
    similarity: Mapping[str, float]
    nearest: tuple[str, float] | None
    outliers: tuple[Outlier, ...]
    known: bool


def shows_table(folder: Path, books: Sequence[VoiceBook]) -> str:
    """Return all shows, one a line."""
    if not books:
        return f"{folder}: there is no voice book yet; align and finish make one with --voice-book SHOW\n"
    rows = [(book.show, str(len(book.voices)), str(len(_episodes(book.voices)))) for book in books]
    return f"{folder}\n" + table(rows, ("show", "voices", "episodes"))


def shows_json(folder: Path, books: Sequence[VoiceBook]) -> str:
    """Return the same as JSON."""
    shows = [{"show": book.show, "voices": len(book.voices), "episodes": len(_episodes(book.voices))} for book in books]
    return _encode({"schema": "cuemark.voice-books/1", "folder": str(folder), "shows": shows})


def book_table(book: VoiceBook) -> str:
    """Return the people of a show, and the names that are never learned again."""
    statistics = _all_statistics(book)
    rows = [
        (
            one.voice.name,
            str(len(one.voice.enrolments)),
            f"{_seconds(one.voice):.0f} s",
            f"{median(one.similarity.values()):.2f}",
            f"{one.nearest[0]} {one.nearest[1]:.2f}" if one.nearest else "",
            "" if one.known and not one.outliers else "set aside" if not one.known else "partly set aside",
        )
        for one in statistics
    ]
    head = ("name", "episodes", "speech", "similarity", "nearest other", "")
    lines = table(rows, head) if rows else f"{book.show}: no voices yet\n"
    names = [(f"forgotten: {name}",) for name in book.forgotten]
    names += [(f"in labels, {old} means {new}",) for old, new in sorted(book.renamed.items())]
    return lines + table(names)


def book_json(book: VoiceBook) -> str:
    """Return the same as JSON."""
    document = {
        "schema": "cuemark.voice-book/1",
        "show": book.show,
        "voices": [_voice(one) for one in _all_statistics(book)],
        "forgotten": book.forgotten,
        "renamed": dict(book.renamed),
    }
    return _encode(document)


def voice_table(book: VoiceBook, name: str) -> str:
    """Return how a person was learned: episodes, amount of speech, similarity, and what is doubtful."""
    one = next(one for one in _all_statistics(book) if one.voice.name == name)
    doubted = {doubt.enrolment.audio: doubt for doubt in one.outliers}
    rows = [
        (
            enrolment.episode,
            f"{to_seconds(enrolment.ms):.0f} s",
            ", ".join(format_clock(example.at) for example in enrolment.examples),
            f"{one.similarity[enrolment.audio]:.2f}",
            _doubt_words(doubted[enrolment.audio]) if enrolment.audio in doubted else "",
        )
        for enrolment in sorted(one.voice.enrolments, key=lambda enrolment: enrolment.episode)
    ]
    nearest = f"nearest other voice: {one.nearest[0]}, {one.nearest[1]:.2f}" if one.nearest else "no other voice"
    known = "is recognised" if one.known else "is not recognised: all that was learned is set aside"
    head = table([(f"{name}: {known}; {nearest}",)])
    return head + table(rows, ("episode", "speech", "at", "similarity", ""))


def voice_json(book: VoiceBook, name: str) -> str:
    """Return the same as JSON."""
    one = next(one for one in _all_statistics(book) if one.voice.name == name)
    return _encode({"schema": "cuemark.voice/1", "show": book.show, **_voice(one)})


def _voice(one: _VoiceStatistics) -> dict[str, object]:
    aside = {doubt.enrolment.audio: doubt for doubt in one.outliers}
    return {
        "name": one.voice.name,
        "recognised": one.known,
        "seconds": _seconds(one.voice),
        "alike": round(median(one.similarity.values()), 3),
        "nearest": {"name": one.nearest[0], "alike": round(one.nearest[1], 3)} if one.nearest else None,
        "episodes": [
            {
                "name": enrolment.episode,
                "audio": enrolment.audio,
                "seconds": to_seconds(enrolment.ms),
                "alike": round(one.similarity[enrolment.audio], 3),
                "at": [to_seconds(example.at) for example in enrolment.examples],
                "set_aside": enrolment.audio in aside,
                "like": aside[enrolment.audio].sounds_like if enrolment.audio in aside else None,
            }
            for enrolment in one.voice.enrolments
        ],
    }


def _all_statistics(book: VoiceBook) -> list[_VoiceStatistics]:
    known, sounds = reject_outliers(book), voice_embeddings(book)
    return [_statistics_of(known, sounds, voice) for voice in book.voices]


def _statistics_of(known: KnownVoices, sounds: Mapping[str, Floats], voice: Voice) -> _VoiceStatistics:
    own = sounds[voice.name]
    nearest = max(((float(sound @ own), name) for name, sound in sounds.items() if name != voice.name), default=None)
    doubts = tuple(doubt for doubt in known.outliers if doubt.name == voice.name)
    return _VoiceStatistics(
        voice,
        {enrolment.audio: mean_cosine_similarity(enrolment, own) for enrolment in voice.enrolments},
        (nearest[1], nearest[0]) if nearest else None,
        doubts,
        len(doubts) < len(voice.enrolments),
    )


def _doubt_words(doubt: Outlier) -> str:
    if doubt.sounds_like is None:
        return "set aside: unlike the other episodes"
    return f"set aside: sounds like {doubt.sounds_like}"


def _seconds(voice: Voice) -> float:
    return to_seconds(sum(enrolment.ms for enrolment in voice.enrolments))


def _episodes(voices: Sequence[Voice]) -> set[str]:
    return {enrolment.audio for voice in voices for enrolment in voice.enrolments}


def _encode(document: Mapping[str, object]) -> str:
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"
