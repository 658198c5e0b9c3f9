"""What of a voice book is believed: every lesson is held against the others before anybody is recognised by it.

A lesson is set aside where it sounds clearly less like the other lessons of its name than like somebody else's, or than
anybody sounds like themselves. So what a wrong label has taught is outvoted by the other episodes, and not mixed in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.matching.speakers.embeddings import Floats, l2_normalize
from pipeline.matching.speakers.enrolment import (
    MAX_OVERSHADOWED_SHARE,
    MAX_REJECTION_ROUNDS,
    SAME_SPEAKER_SIMILARITY,
    SIMILARITY_MARGIN,
)
from pipeline.matching.speakers.profile import EpisodeEnrolment, VoiceBook
from pipeline.reading.labels.names import nearest_name
from pipeline.schema import VoiceExample

Mask = NDArray[np.bool_]
Indices = NDArray[np.int64]

MIN_OWN_SIMILARITY = 0.65
"""A lesson that is by the margin less alike than this to the others of its name is another person's: the same person's
lessons are at 0.74 and above to each other, different people's at 0.57 at most."""


@dataclass(frozen=True, slots=True)
class Outlier:
    """A lesson that is set aside.

    Attributes:
        sounds_like: whom it sounds like instead; None where it is only unlike the others of its own name.
        alike: to that voice, or else to the others of its own name: a cosine.
    """

    name: str
    enrolment: EpisodeEnrolment
    sounds_like: str | None
    similarity: float


@dataclass(frozen=True, slots=True)
class KnownVoices:
    """The voices that are believed.

    Attributes:
        names: each person once, also where labels spell the name in several ways.
        vectors: float64, shape (names, dimensions), of unit length.
        outliers: what is set aside, ordered by name and episode.
    """

    names: tuple[str, ...]
    vectors: Floats
    outliers: tuple[Outlier, ...] = ()


@dataclass(frozen=True, slots=True)
class EmbeddingTable:
    """All lessons of a book that can be used, as arrays.

    Attributes:
        named: the index of the name that each has; ``own`` that of the person, where names are spellings of one.
        vectors: what each has taught, by ms, shape (lessons, dimensions).
    """

    names: tuple[str, ...]
    enrolments: tuple[EpisodeEnrolment, ...]
    named: Indices
    own: Indices
    vectors: Floats


def reject_outliers(book: VoiceBook) -> KnownVoices:
    """The voices that can be trusted, and what is set aside; the more episodes agree, the less a wrong one counts.

    Two names that are nearly the same and sound the same are one person, under the name with more to it. A name that
    sounds like another one with three times as much is no voice of its own. Two such names with about as much stay:
    nobody is recognised as either until somebody merges them.
    """
    pages = _joined(embedding_table(book))
    kept, doubts = np.ones(len(pages.own), bool), dict[int, Outlier]()
    for _ in range(MAX_REJECTION_ROUNDS):
        found = _doubts(pages, kept)
        worst = max((weight for weight, _ in found.values()), default=0.0)
        for k, (weight, doubt) in found.items():
            if weight >= worst / 2:
                kept[k], doubts[k] = False, doubt
        if not found:
            break
    return _known(pages, kept, {**doubts, **_overshadowed(pages, kept)})


def enrolments_of(book: VoiceBook, name: str) -> frozenset[tuple[str, str]]:
    """All lessons that are a person's, as name and episode's audio.

    That is under this name, under its other spellings, and what is set aside because it sounds like that person.
    """
    pages = _joined(embedding_table(book))
    if name not in pages.names:
        return frozenset()
    person = pages.own[pages.named == pages.names.index(name)]
    own = {(pages.names[pages.named[k]], pages.enrolments[k].audio) for k in np.flatnonzero(np.isin(pages.own, person))}
    spellings = {spelt for spelt, _ in own}
    like = {(one.name, one.enrolment.audio) for one in reject_outliers(book).outliers if one.sounds_like in spellings}
    return frozenset(own | like)


def embedding_table(book: VoiceBook) -> EmbeddingTable:
    """All lessons of a book as arrays; those without usable vectors are left out."""
    every = [(at, one, _sum(one.examples)) for at, voice in enumerate(book.voices) for one in voice.enrolments]
    size = max((len(vector) for _, _, vector in every), default=1)
    good = [row for row in every if len(row[2]) == size and row[2].any()]
    vectors = np.array([vector for _, _, vector in good]).reshape(len(good), size)
    named = np.array([at for at, _, _ in good], np.int64)
    return EmbeddingTable(
        tuple(voice.name for voice in book.voices), tuple(one for _, one, _ in good), named, named, vectors
    )


def voice_embeddings(book: VoiceBook) -> Mapping[str, Floats]:
    """How everybody in a book sounds, whether believed or not: shape (dimensions,), of unit length, by name."""
    pages = embedding_table(book)
    sums = l2_normalize(_sums(pages, np.ones(len(pages.own), bool)))
    return dict(zip(pages.names, sums, strict=True))


def mean_cosine_similarity(lesson: EpisodeEnrolment, voice: Floats) -> float:
    """How alike the examples of a lesson are to a voice: the mean of their cosines, 0 where they cannot be used."""
    rows = [np.frombuffer(example.embedding, "<f4").astype(np.float64) for example in lesson.examples]
    usable = [row for row in rows if row.shape == voice.shape and np.isfinite(row).all()]
    return float(np.mean([l2_normalize(row) @ voice for row in usable])) if usable else 0.0


def _sum(examples: Sequence[VoiceExample]) -> Floats:
    """The examples' vectors, each by the length of its speech; of zeros where they cannot be used."""
    sizes = {len(example.embedding) for example in examples}
    if len(sizes) != 1 or next(iter(sizes)) % 4:
        return np.zeros(1)
    rows = np.array([np.frombuffer(example.embedding, "<f4") for example in examples], np.float64)
    if not np.isfinite(rows).all():
        return np.zeros(1)
    lengths = np.array([example.ms for example in examples], np.float64)
    summed: Floats = l2_normalize(rows).T @ lengths
    return summed


def _sums(pages: EmbeddingTable, kept: Mask) -> Floats:
    """The kept lessons of each person added up, shape (names, dimensions)."""
    sums = np.zeros((len(pages.names), pages.vectors.shape[1]))
    np.add.at(sums, pages.own[kept], pages.vectors[kept])
    return sums


def _joined(pages: EmbeddingTable) -> EmbeddingTable:
    """The same with all spellings of a name under the one that has most, where they sound alike."""
    stands = np.arange(len(pages.names))
    for first, second, _ in _same_voices(pages, np.ones(len(pages.own), bool)):
        spells = nearest_name(pages.names[second], (pages.names[first],)) is not None
        if spells and stands[first] == first and stands[second] == second:
            stands[second] = first
    return replace(pages, own=stands[pages.named])


def _same_voices(pages: EmbeddingTable, kept: Mask) -> Iterator[tuple[int, int, float]]:
    """The pairs of people who sound the same and how alike, whoever has more lessons first."""
    sounds = l2_normalize(_sums(pages, kept))
    number = np.bincount(pages.own[kept], minlength=len(pages.names))
    for one, other in np.argwhere(np.triu(sounds @ sounds.T >= SAME_SPEAKER_SIMILARITY, 1)).tolist():
        more, less = sorted((one, other), key=lambda at: (-number[at], pages.names[at]))
        yield more, less, float(sounds[one] @ sounds[other])


def _doubts(pages: EmbeddingTable, kept: Mask) -> dict[int, tuple[float, Outlier]]:
    """How much each kept lesson is to be doubted, judged by all the others; those that are not are left out."""
    sums, rows = _sums(pages, kept), np.flatnonzero(kept)
    if not len(rows):
        return {}
    taught, own = l2_normalize(pages.vectors[rows]), pages.own[rows]
    others = np.where(sums.any(1), taught @ l2_normalize(sums).T, -1.0)
    others[np.arange(len(rows)), own] = -1.0
    alone = np.bincount(own, minlength=len(sums))[own] == 1
    mine = np.where(
        alone,
        SAME_SPEAKER_SIMILARITY - SIMILARITY_MARGIN,
        (l2_normalize(sums[own] - pages.vectors[rows]) * taught).sum(1),
    )
    nearest, near = others.argmax(1), others.max(1)
    like = near - mine >= SIMILARITY_MARGIN
    weight = np.where(like, near, np.where(alone, -1.0, MIN_OWN_SIMILARITY)) - mine
    return {
        int(rows[k]): (
            float(weight[k]),
            _doubt(pages, rows[k], pages.names[nearest[k]] if like[k] else None, near[k] if like[k] else mine[k]),
        )
        for k in np.flatnonzero(weight >= SIMILARITY_MARGIN)
    }


def _doubt(pages: EmbeddingTable, lesson: int, like: str | None, alike: float) -> Outlier:
    return Outlier(pages.names[pages.named[lesson]], pages.enrolments[lesson], like, float(alike))


def _overshadowed(pages: EmbeddingTable, kept: Mask) -> dict[int, Outlier]:
    """Every lesson of those who sound like somebody else with three times as many."""
    number = np.bincount(pages.own[kept], minlength=len(pages.names))
    return {
        k: _doubt(pages, k, pages.names[more], alike)
        for more, less, alike in _same_voices(pages, kept)
        if number[less] < MAX_OVERSHADOWED_SHARE * number[more]
        for k in np.flatnonzero(kept & (pages.own == less)).tolist()
    }


def _known(pages: EmbeddingTable, kept: Mask, doubts: Mapping[int, Outlier]) -> KnownVoices:
    trusted = kept.copy()
    trusted[list(doubts)] = False
    people = np.unique(pages.own[trusted])
    return KnownVoices(
        tuple(pages.names[at] for at in people),
        l2_normalize(_sums(pages, trusted)[people]),
        tuple(sorted(doubts.values(), key=lambda doubt: (doubt.name, doubt.enrolment.episode, doubt.enrolment.audio))),
    )
