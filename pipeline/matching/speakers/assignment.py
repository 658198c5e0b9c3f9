"""Who speaks when, under the names of the labels: enrolled voices, the clustering and the labels decide together.

Speech is cut wherever a voice sample, a turn of the diarizer or a label begins or ends. Each segment goes to the name
that its samples are most similar to; a segment too short for a sample of its own goes by its turn and its cluster. A
label adds ``SIMILARITY_MARGIN`` to the similarity of its name, so it decides if the voice is in doubt, and is overruled
if it is not. Voices that are similar to no name are ``Unknown speaker 1``, ``2``, … in the order in which they speak,
unless the show's voice book knows them. The book never contradicts a label: it names only people without a label.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from pipeline.matching.speakers.embeddings import (
    Floats,
    Ints,
    Mask,
    Overlaps,
    SampleArrays,
    l2_normalize,
    overlaps,
    sample_arrays,
    single_voice_ms,
    utterance_spans,
)
from pipeline.matching.speakers.enrolment import (
    SIMILARITY_MARGIN,
    Enrolment,
    co_labelled,
    cosine_similarities,
    cosine_similarity,
    enrol,
    fill_unknown_similarity,
    labelled_ms,
)
from pipeline.matching.speakers.example_selection import select_examples
from pipeline.matching.speakers.name_contradictions import labels_apart
from pipeline.matching.speakers.outliers import reject_outliers
from pipeline.matching.speakers.profile import VoiceBook
from pipeline.matching.speakers.profile_updates import weights_match
from pipeline.matching.speakers.speaker_segments import (
    Segments,
    absorb_short_segments,
    cut_segments,
    dominant_speakers,
    to_named_turns,
)
from pipeline.matching.speakers.strangers import NOT_STRANGE
from pipeline.matching.speakers.unlabelled_voices import hear_unlabelled
from pipeline.reading.labels.names import match_spellings, resolve_people
from pipeline.reading.structure.draft_comments import find_drafted_ranges
from pipeline.schema import Diarization, NamedTurn, TimedUtterance, TimedWord, Transcript, Turn, VoiceExample
from pipeline.times import MS_PER_SECOND, Ms, Span

SHORT_SAMPLE_MS: Ms = 1_500
"""At this length of a sample, half of ``CLUSTER_WEIGHT`` is added to the name that its cluster mostly sounds like; for
a shorter sample more, for a longer one less."""

CLUSTER_WEIGHT = 0.2
"""What the cluster of a sample adds to the similarity of a name at most. Chosen by hand, like ``SHORT_SAMPLE_MS``."""

MIN_OTHER_SPEAKER_SIMILARITY = 0.5
"""A name with less similarity than this to an utterance is not held against its label: 95 % of samples of 2 s have more
to their own name."""

MIN_SAMPLED_MS: Ms = 500
"""The speaker of an utterance with less than this of a sample of its own is who has most of its segments. Chosen by
hand."""

UNKNOWN_SPEAKER = "Unknown speaker"


@dataclass(frozen=True, slots=True)
class SpeakerEvidence:
    """What the voice in one utterance says about its label.

    Attributes:
        heard: the most probable name, the label taken into account; None if not known.
        single_voice_ms: ms of the longest sample of a single voice that is mostly inside the utterance.
        other_margin: by how much (cosine similarity) another enrolled name exceeds the label's; below 0 if it does not.
    """

    heard: str | None
    single_voice_ms: Ms
    other_margin: float


@dataclass(frozen=True, slots=True)
class Naming:
    """Who speaks when.

    Attributes:
        turns: ordered and disjoint; they cover all that the diarizer considers speech.
        evidence: for each utterance of the transcript.
        clusters: for each name the diarizer's cluster with most of its speech.
        strangers: the names of the unknown voices, ``Unknown speaker 1`` and on.
        utterance_spans: where each utterance is certainly spoken; none for one that was not found.
        apart: labels whose voice is not that of the person whose name is near, so that each means itself.
        voiceless: people in labels of whose voice nothing is known, because they have short turns only, for example.
        recognised: the names from the voice book, each with the cosine similarity of the voice to that in the book.
        examples: what the episode teaches, by name; empty if there is no book.
    """

    turns: tuple[NamedTurn, ...]
    evidence: tuple[SpeakerEvidence, ...]
    clusters: Mapping[str, str]
    strangers: tuple[str, ...]
    utterance_spans: tuple[tuple[Span, ...], ...]
    apart: frozenset[str] = frozenset()
    voiceless: tuple[str, ...] = ()
    recognised: Mapping[str, float] = field(default_factory=dict)
    examples: Mapping[str, tuple[VoiceExample, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _EpisodeVoices:
    """The samples, labels and voices of an episode, on which all decisions are based.

    Attributes:
        persons: the person that the label of each utterance means.
        apart: labels whose voice is not that of the person whose name is near.
        spans: where each utterance is certainly spoken.
        inside: how many ms of each sample (rows) are in which utterance (columns).
        other_sums: the sums of the samples of voices without a label, first the recognised, then the strangers;
            float64, shape (others, dimensions).
        of_strangers: the stranger of each sample (see ``Strangers.of_samples``).
        recognised: the similarity of each recognised voice to that in the book, by name.
        names: the enrolled ones, then those of ``other_sums``.
        similarity: of each sample to each name, learned without its own turn, float64, shape (samples, names).
    """

    samples: SampleArrays
    turns: tuple[Turn, ...]
    persons: tuple[str | None, ...]
    apart: frozenset[str]
    spans: tuple[tuple[Span, ...], ...]
    inside: Overlaps
    enrolment: Enrolment
    other_sums: Floats
    of_strangers: Ints
    recognised: Mapping[str, float]
    names: tuple[str, ...]
    similarity: Floats

    @property
    def strangers(self) -> tuple[str, ...]:
        """The names of the unknown speakers."""
        return self.names[len(self.enrolment.names) + len(self.recognised) :]


def name_speakers(
    transcript: Transcript,
    words: Sequence[TimedWord],
    utterances: Sequence[TimedUtterance],
    diarization: Diarization,
    book: VoiceBook | None = None,
) -> Naming:
    """Give every voice its name, and every utterance the speaker that is heard in it.

    The labels of the diarizer's clusters do not matter. Without any label, all are unknown speakers, except the
    people in the show's voice book.

    Args:
        words: for each word of the transcript.
        utterances: for each utterance of the transcript.
        book: the show's voice book; not used if its embeddings are of other weights.
    """
    voices = _collect_voices(transcript, words, utterances, diarization, book)
    segments = cut_segments(voices.turns, voices.samples.spans, voices.spans)
    speakers = _segment_speakers(voices, segments)
    turns = to_named_turns(segments, speakers, voices.names)
    dominant = dominant_speakers(turns, voices.spans)
    sampled = single_voice_ms(voices.samples, voices.inside, len(utterances)).tolist()
    evidence = tuple(_evidence(voices, index, sampled[index], name) for index, name in enumerate(dominant))
    return Naming(
        turns,
        evidence,
        _clusters_of_names(voices, segments, speakers),
        voices.strangers,
        voices.spans,
        apart=voices.apart,
        voiceless=tuple(name for name, ms in zip(voices.enrolment.names, voices.enrolment.ms, strict=True) if not ms),
        recognised=voices.recognised,
        examples=_examples(voices, transcript, evidence) if book else {},
    )


def with_heard_speakers(utterances: Sequence[TimedUtterance], naming: Naming | None) -> tuple[TimedUtterance, ...]:
    """Return the utterances with the speaker that is heard in each; unchanged if there is no naming."""
    if naming is None:
        return tuple(utterances)
    return tuple(
        replace(timed, heard_speaker=evidence.heard)
        for timed, evidence in zip(utterances, naming.evidence, strict=True)
    )


# --- the voices of an episode --------------------------------------------------------------------------------------


def _collect_voices(
    transcript: Transcript,
    words: Sequence[TimedWord],
    utterances: Sequence[TimedUtterance],
    diarization: Diarization,
    book: VoiceBook | None,
) -> _EpisodeVoices:
    samples = sample_arrays(diarization)
    spans = utterance_spans(transcript, words, utterances)
    inside = overlaps(samples.spans, spans)
    apart = labels_apart(transcript, samples, inside)
    labelled = resolve_people(transcript, apart)
    enrolment = enrol(samples, labelled, inside)
    similarity = cosine_similarities(samples, enrolment, co_labelled(len(samples.durations), inside))
    known = reject_outliers(book) if book and weights_match(book, diarization.weights) else None
    comparable = known is not None and known.names and known.embeddings.shape[1] == samples.embeddings.shape[1]
    others = hear_unlabelled(samples, enrolment, inside, labelled, similarity, known if comparable else None)
    recognised, strangers = others.recognised, others.strangers
    spelling = match_spellings(recognised.names, [*transcript.panel, *enrolment.names])
    other_sums = np.vstack([recognised.sums, strangers.sums])
    similarity = _label_similarity(samples, labelled, inside, enrolment, similarity)
    return _EpisodeVoices(
        samples=samples,
        turns=diarization.turns,
        persons=labelled,
        apart=apart,
        spans=spans,
        inside=inside,
        enrolment=enrolment,
        other_sums=other_sums,
        of_strangers=strangers.of_samples,
        recognised={spelling[name]: own for name, own in zip(recognised.names, recognised.similarities, strict=True)},
        names=(*enrolment.names, *spelling.values(), *_stranger_names(len(strangers.sums), enrolment.names)),
        similarity=np.column_stack([similarity, samples.embeddings @ l2_normalize(other_sums).T]),
    )


def _stranger_names(number: int, taken: Sequence[str]) -> Iterator[str]:
    """Return names for this number of unknown voices, without names that a human has given."""
    numbered = (f"{UNKNOWN_SPEAKER} {k}" for k in itertools.count(1))
    return itertools.islice((name for name in numbered if name not in taken), number)


def _label_similarity(
    samples: SampleArrays, labelled: Sequence[str | None], inside: Overlaps, enrolment: Enrolment, similarity: Floats
) -> Floats:
    """Replace NaN in the similarity of each sample to each enrolled name, learned without the sample's own turn.

    If a name is known from that turn only, the sample's similarity to it is assumed if the sample is mostly under that
    label (see ``fill_unknown_similarity``), and else is that to the voice learned from the turn.
    """
    own = 2 * labelled_ms(len(similarity), enrolment.names, labelled, inside) > samples.durations[:, None]
    plain = np.where(enrolment.ms > 0, samples.embeddings @ l2_normalize(enrolment.sums).T, -1.0)
    return np.where(np.isnan(similarity), np.where(own, fill_unknown_similarity(similarity), plain), similarity)


def _examples(
    voices: _EpisodeVoices, transcript: Transcript, evidence: Sequence[SpeakerEvidence]
) -> Mapping[str, tuple[VoiceExample, ...]]:
    """Select what the labels teach; utterances that cuemark itself has drafted teach nothing."""
    drafts = find_drafted_ranges(transcript.source)
    teachers = [
        None if any(one.start <= utterance.chars.start < one.end for one in drafts) else person
        for utterance, person in zip(transcript.utterances, voices.persons, strict=True)
    ]
    unknown = [name for name in voices.enrolment.names if name.startswith(UNKNOWN_SPEAKER)]
    heard = [one.heard for one in evidence]
    return select_examples(voices.samples, voices.enrolment, teachers, heard, voices.inside, unknown)


# --- the speaker of each segment -----------------------------------------------------------------------------------


def _segment_speakers(voices: _EpisodeVoices, segments: Segments) -> Ints:
    """Return the index of each segment's speaker, -1 if nothing is known, shape (segments,)."""
    sample_scores = _sample_scores(voices)
    shared = segments.overlaps_with(voices.samples.spans)
    scores = _weighted_mean(sample_scores, shared, len(segments.spans), _compactness(voices.samples))
    unsampled = np.isnan(scores).all(1)
    scores[unsampled] = _turn_scores(voices, sample_scores)[segments.turns][unsampled]
    labels = segments.overlaps_with(voices.spans)
    scores = np.where(np.isnan(scores), 0.0, scores)
    scores += SIMILARITY_MARGIN * (labelled_ms(len(segments.spans), voices.names, voices.persons, labels) > 0)
    if not voices.names:
        return np.full(len(scores), -1)
    # The name of a label without a voice of its own occurs twice if the book knows it: use the first place for both.
    first = np.array([voices.names.index(name) for name in voices.names])
    return absorb_short_segments(segments, np.where(scores.max(1) > 0, first[scores.argmax(1)], -1))


def _sample_scores(voices: _EpisodeVoices) -> Floats:
    """Score each name for each sample by its similarity and, the shorter it is, its cluster; shape (samples, names)."""
    samples, similarity = voices.samples, voices.similarity
    ms = np.zeros((len(samples.cluster_labels), len(voices.names)))
    if voices.names:
        np.add.at(ms, (samples.clusters, similarity.argmax(1)), samples.durations)
    share = ms / np.maximum(1, ms.sum(1, keepdims=True))
    shortness = SHORT_SAMPLE_MS / (SHORT_SAMPLE_MS + samples.durations)
    scores: Floats = similarity + CLUSTER_WEIGHT * shortness[:, None] * share[samples.clusters]
    return np.where(_may_be(voices), scores, 0.0)


def _may_be(voices: _EpisodeVoices) -> Mask:
    """Return which names each sample may have: a stranger's has no other name; bool, shape (samples, names)."""
    stranger = voices.of_strangers
    allowed = np.repeat(stranger[:, None] == NOT_STRANGE, len(voices.names), axis=1)
    placed = np.flatnonzero(stranger >= 0)
    allowed[placed, len(voices.names) - len(voices.strangers) + stranger[placed]] = True
    return allowed


def _compactness(samples: SampleArrays) -> Floats:
    """Return the weight of each ms of a sample: 1 up to an extent of a second, then in inverse proportion to it."""
    extents = [spans[-1].end - spans[0].start for spans in samples.spans]
    weights: Floats = MS_PER_SECOND / np.maximum(MS_PER_SECOND, np.array(extents, float))
    return weights


def _weighted_mean(values: Floats, shared: Overlaps, rows: int, column_weights: Floats) -> Floats:
    """Return for each row the mean of the values of the columns that it overlaps; NaN if it overlaps none.

    Args:
        values: shape (columns, names).
        shared: the overlaps, by which the columns count.
        column_weights: what each ms of a column counts, shape (columns,).

    Returns:
        Means of shape (rows, names).
    """
    weights = shared.ms * column_weights[shared.columns]
    total = np.zeros((rows, values.shape[1]))
    np.add.at(total, shared.rows, values[shared.columns] * weights[:, None])
    whole = np.bincount(shared.rows, weights, rows)[:, None]
    return np.where(whole > 0, total / np.where(whole > 0, whole, 1.0), np.nan)


def _turn_scores(voices: _EpisodeVoices, sample_scores: Floats) -> Floats:
    """Score each name for each turn of the diarizer by its own samples, else by all of its cluster, else NaN."""
    samples, weights = voices.samples, _compactness(voices.samples)
    cluster = np.array([samples.cluster_labels.index(turn.voice) for turn in voices.turns], np.int64)
    shared = overlaps([(turn.span,) for turn in voices.turns], samples.spans)
    same = cluster[shared.rows] == samples.clusters[shared.columns]
    own_shared = Overlaps(shared.rows[same], shared.columns[same], shared.ms[same])
    own = _weighted_mean(sample_scores, own_shared, len(voices.turns), weights)
    of_cluster = Overlaps(samples.clusters, np.arange(len(samples.clusters)), samples.durations)
    whole = _weighted_mean(sample_scores, of_cluster, len(samples.cluster_labels), weights)
    return np.where(np.isnan(own), whole[cluster], own)


def _clusters_of_names(voices: _EpisodeVoices, segments: Segments, speakers: Ints) -> Mapping[str, str]:
    """Return for each name the cluster with most of its speech."""
    ms: dict[str, Counter[str]] = {}
    for span, turn, speaker in zip(segments.spans, segments.turns.tolist(), speakers.tolist(), strict=True):
        if speaker >= 0:
            ms.setdefault(voices.names[speaker], Counter())[voices.turns[turn].voice] += span.duration
    return {name: counts.most_common(1)[0][0] for name, counts in ms.items()}


# --- the speaker of each utterance ---------------------------------------------------------------------------------


def _evidence(voices: _EpisodeVoices, index: int, sampled_ms: Ms, dominant: str | None) -> SpeakerEvidence:
    """Judge who speaks in an utterance; ``dominant`` has most of its segments, for one too short for a sample."""
    own = voices.inside.columns == index
    rows, ms = voices.inside.rows[own], voices.inside.ms[own]
    if sampled_ms < MIN_SAMPLED_MS:
        return SpeakerEvidence(dominant, sampled_ms, -1.0)
    label = voices.names.index(person) if (person := voices.persons[index]) is not None else -1
    voice = l2_normalize(voices.samples.embeddings[rows].T @ (ms * ms / voices.samples.durations[rows]))
    similarity = cosine_similarity(voices.samples, voices.enrolment, voice, rows)
    label_similarity = fill_unknown_similarity(similarity)[label] if label >= 0 else -1.0
    others = np.where(np.isnan(similarity) | (np.arange(len(similarity)) == label), -1.0, similarity)
    candidates = np.append(others, l2_normalize(voices.other_sums) @ voice)
    best = int(candidates.argmax()) if candidates.max(initial=-1.0) > -1 else -1
    label_holds = label >= 0 and (best < 0 or candidates[best] - label_similarity < SIMILARITY_MARGIN)
    heard = label if label_holds else best
    nearest = others.max(initial=-1.0)
    margin = float(nearest - label_similarity) if nearest >= MIN_OTHER_SPEAKER_SIMILARITY else -1.0
    return SpeakerEvidence(voices.names[heard] if heard >= 0 else None, sampled_ms, margin)
