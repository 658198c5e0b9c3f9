"""Outlier rejection: compare what the episodes of a voice book teach before anybody is recognised by it.

The enrolment of an episode is set aside if it is clearly less similar to the other enrolments of its name than to
another name, or than one person's enrolments are to each other. So the other episodes outvote what a wrong label has
taught; it is not averaged in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.matching.speakers.embeddings import Floats, Ints, Mask, decode_embedding, l2_normalize
from pipeline.matching.speakers.enrolment import (
    MAX_OVERSHADOWED_SHARE,
    MAX_REJECTION_ROUNDS,
    SAME_SPEAKER_SIMILARITY,
    SIMILARITY_MARGIN,
)
from pipeline.matching.speakers.profile import EpisodeEnrolment, VoiceBook
from pipeline.reading.labels.names import nearest_name
from pipeline.schema import VoiceExample

MIN_OWN_SIMILARITY = 0.65
"""An enrolment whose similarity to the others of its name is below this by ``SIMILARITY_MARGIN`` is another person's:
one person's enrolments have 0.74 and above to each other, those of different people 0.57 at most
(``scripts/benchmark_voices.py``)."""


@dataclass(frozen=True, slots=True)
class Outlier:
    """The enrolment of one episode that is set aside.

    Attributes:
        name: the name under which it was learned.
        sounds_like: the name whose voice it is more similar to; None if it only differs from the rest of its own name.
        similarity: cosine, -1..1, to that voice, or else to the other enrolments of its own name.
    """

    name: str
    enrolment: EpisodeEnrolment
    sounds_like: str | None
    similarity: float


@dataclass(frozen=True, slots=True)
class KnownVoices:
    """The voices by which people are recognised.

    Attributes:
        names: each person once, even if labels spell the name in several ways.
        embeddings: float64, shape (names, dimensions), of unit length.
        outliers: what is set aside, ordered by name and episode.
    """

    names: tuple[str, ...]
    embeddings: Floats
    outliers: tuple[Outlier, ...] = ()


@dataclass(frozen=True, slots=True)
class EmbeddingTable:
    """The usable enrolments of a voice book as arrays.

    Attributes:
        names: all names of the book, including those without a usable enrolment.
        enrolments: in the order of the arrays' rows.
        name_indices: the index of the name under which each was learned, int64, shape (enrolments,).
        person_indices: the index of the person's main name, one for all spellings of it, int64, shape (enrolments,).
        sums: the examples' embeddings added up, weighted by ms, float64, shape (enrolments, dimensions).
    """

    names: tuple[str, ...]
    enrolments: tuple[EpisodeEnrolment, ...]
    name_indices: Ints
    person_indices: Ints
    sums: Floats


def reject_outliers(book: VoiceBook) -> KnownVoices:
    """Return the voices of a book without the enrolments that contradict the others.

    Two names that are nearly the same and have the same voice are one person, under the name with more enrolments. A
    name with the same voice as another name and less than a third of its enrolments has no voice of its own. Two such
    names with about as many stay, and no voice is recognised as either of them until they are merged.
    """
    table = _with_merged_spellings(embedding_table(book))
    kept, outliers = np.ones(len(table.enrolments), bool), dict[int, Outlier]()
    for _ in range(MAX_REJECTION_ROUNDS):
        found = _find_outliers(table, kept)
        greatest = max((doubt for doubt, _ in found.values()), default=0.0)
        for k, (doubt, outlier) in found.items():
            if doubt >= greatest / 2:
                kept[k], outliers[k] = False, outlier
        if not found:
            break
    return _known_voices(table, kept, {**outliers, **_overshadowed(table, kept)})


def enrolments_of(book: VoiceBook, name: str) -> frozenset[tuple[str, str]]:
    """Return all enrolments of a person, as pairs of the name and the SHA-256 of the episode's audio.

    They are those under this name and its other spellings, and the outliers that sound like this person.
    """
    table = _with_merged_spellings(embedding_table(book))
    if name not in table.names:
        return frozenset()
    person = table.person_indices[table.name_indices == table.names.index(name)]
    rows = np.flatnonzero(np.isin(table.person_indices, person))
    own = {(table.names[table.name_indices[k]], table.enrolments[k].audio) for k in rows}
    spellings = {spelling for spelling, _ in own}
    outliers = reject_outliers(book).outliers
    return frozenset(own | {(one.name, one.enrolment.audio) for one in outliers if one.sounds_like in spellings})


def embedding_table(book: VoiceBook) -> EmbeddingTable:
    """Return the enrolments of a book as arrays, without those whose embeddings cannot be used."""
    rows = [(at, one, _sum_examples(one.examples)) for at, voice in enumerate(book.voices) for one in voice.enrolments]
    dimensions = max((len(total) for _, _, total in rows), default=1)
    usable = [row for row in rows if len(row[2]) == dimensions and row[2].any()]
    indices = np.array([at for at, _, _ in usable], np.int64)
    return EmbeddingTable(
        names=tuple(voice.name for voice in book.voices),
        enrolments=tuple(one for _, one, _ in usable),
        name_indices=indices,
        person_indices=indices,
        sums=np.array([total for _, _, total in usable]).reshape(len(usable), dimensions),
    )


def voice_embeddings(book: VoiceBook) -> Mapping[str, Floats]:
    """Return the embedding of each name, outliers included: float64, shape (dimensions,), of unit length or zeros."""
    table = embedding_table(book)
    sums = l2_normalize(_sum_by_person(table, np.ones(len(table.enrolments), bool)))
    return dict(zip(table.names, sums, strict=True))


def mean_cosine_similarity(enrolment: EpisodeEnrolment, voice: Floats) -> float:
    """Return the mean cosine of the examples of an enrolment to a voice; 0 if no example can be used.

    Args:
        voice: of unit length, shape (dimensions,).
    """
    decoded = [decode_embedding(example.embedding) for example in enrolment.examples]
    usable = [embedding for embedding in decoded if embedding is not None and embedding.shape == voice.shape]
    return float(np.mean([l2_normalize(embedding) @ voice for embedding in usable])) if usable else 0.0


def _sum_examples(examples: Sequence[VoiceExample]) -> Floats:
    """Add up the examples' embeddings, weighted by ms, shape (dimensions,); a single 0 if one cannot be used."""
    decoded = [decode_embedding(example.embedding) for example in examples]
    embeddings = [embedding for embedding in decoded if embedding is not None]
    if len(embeddings) < len(examples) or len({len(embedding) for embedding in embeddings}) != 1:
        return np.zeros(1)
    durations = np.array([example.ms for example in examples], np.float64)
    total: Floats = l2_normalize(np.array(embeddings)).T @ durations
    return total


def _sum_by_person(table: EmbeddingTable, kept: Mask) -> Floats:
    """Add up the kept enrolments of each person, shape (names, dimensions)."""
    sums = np.zeros((len(table.names), table.sums.shape[1]))
    np.add.at(sums, table.person_indices[kept], table.sums[kept])
    return sums


def _with_merged_spellings(table: EmbeddingTable) -> EmbeddingTable:
    """Give similar names with the same voice to one person, under the name with the most enrolments."""
    person = np.arange(len(table.names))
    for first, second, _ in _same_voices(table, np.ones(len(table.enrolments), bool)):
        is_spelling = nearest_name(table.names[second], (table.names[first],)) is not None
        if is_spelling and person[first] == first and person[second] == second:
            person[second] = first
    return replace(table, person_indices=person[table.name_indices])


def _same_voices(table: EmbeddingTable, kept: Mask) -> Iterator[tuple[int, int, float]]:
    """Yield the pairs of persons with the same voice and their cosine, the person with more enrolments first."""
    voices = l2_normalize(_sum_by_person(table, kept))
    number = np.bincount(table.person_indices[kept], minlength=len(table.names))
    for one, other in np.argwhere(np.triu(voices @ voices.T >= SAME_SPEAKER_SIMILARITY, 1)).tolist():
        more, fewer = sorted((one, other), key=lambda at: (-number[at], table.names[at]))
        yield more, fewer, float(voices[one] @ voices[other])


def _find_outliers(table: EmbeddingTable, kept: Mask) -> dict[int, tuple[float, Outlier]]:
    """Compare each kept enrolment with all the others; return the doubtful ones with their doubt, by row.

    The doubt is by how much the similarity to another name, or the least that a person's own enrolments have, exceeds
    the similarity to the other enrolments of its own name. It is ``SIMILARITY_MARGIN`` or more.
    """
    sums, rows = _sum_by_person(table, kept), np.flatnonzero(kept)
    if not len(rows):
        return {}
    embeddings, person = l2_normalize(table.sums[rows]), table.person_indices[rows]
    others = np.where(sums.any(1), embeddings @ l2_normalize(sums).T, -1.0)
    others[np.arange(len(rows)), person] = -1.0
    alone = np.bincount(person, minlength=len(sums))[person] == 1
    rest_of_own = l2_normalize(sums[person] - table.sums[rows])
    own = np.where(alone, SAME_SPEAKER_SIMILARITY - SIMILARITY_MARGIN, (rest_of_own * embeddings).sum(1))
    nearest, nearest_similarity = others.argmax(1), others.max(1)
    is_other = nearest_similarity - own >= SIMILARITY_MARGIN
    doubt = np.where(is_other, nearest_similarity, np.where(alone, -1.0, MIN_OWN_SIMILARITY)) - own
    return {
        int(rows[k]): (
            float(doubt[k]),
            _outlier(
                table,
                rows[k],
                table.names[nearest[k]] if is_other[k] else None,
                nearest_similarity[k] if is_other[k] else own[k],
            ),
        )
        for k in np.flatnonzero(doubt >= SIMILARITY_MARGIN)
    }


def _outlier(table: EmbeddingTable, row: int, sounds_like: str | None, similarity: float) -> Outlier:
    return Outlier(table.names[table.name_indices[row]], table.enrolments[row], sounds_like, float(similarity))


def _overshadowed(table: EmbeddingTable, kept: Mask) -> dict[int, Outlier]:
    """Return, by row, the enrolments of persons whose voice is that of a person with over three times as many."""
    number = np.bincount(table.person_indices[kept], minlength=len(table.names))
    return {
        k: _outlier(table, k, table.names[more], similarity)
        for more, fewer, similarity in _same_voices(table, kept)
        if number[fewer] < MAX_OVERSHADOWED_SHARE * number[more]
        for k in np.flatnonzero(kept & (table.person_indices == fewer)).tolist()
    }


def _known_voices(table: EmbeddingTable, kept: Mask, outliers: Mapping[int, Outlier]) -> KnownVoices:
    trusted = kept.copy()
    trusted[list(outliers)] = False
    persons = np.unique(table.person_indices[trusted])
    by_name = sorted(outliers.values(), key=lambda one: (one.name, one.enrolment.episode, one.enrolment.audio))
    return KnownVoices(
        tuple(table.names[at] for at in persons),
        l2_normalize(_sum_by_person(table, trusted)[persons]),
        tuple(by_name),
    )
