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
    Overlaps,
    SampleArrays,
    l2_normalize,
    overlaps,
    sample_arrays,
    single_voice_ms,
    utterance_spans,
)
from pipeline.matching.speakers.enrolment import (
    SAME_SPEAKER_SIMILARITY,
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
from pipeline.matching.speakers.outliers import KnownVoices, reject_outliers
from pipeline.matching.speakers.profile import VoiceBook
from pipeline.matching.speakers.profile_updates import weights_match
from pipeline.matching.speakers.recognition import (
    RecognisedVoices,
    covered_ms,
    identify,
    no_voices,
    recognise,
    recognised_voices,
    sum_embeddings,
)
from pipeline.matching.speakers.speaker_segments import (
    Segments,
    absorb_short_segments,
    cut_segments,
    dominant_speakers,
    to_named_turns,
)
from pipeline.reading.labels.names import persons, spellings
from pipeline.reading.structure.draft_comments import drafted
from pipeline.schema import Diarization, NamedTurn, TimedUtterance, TimedWord, Transcript, Turn, VoiceExample
from pipeline.times import MS_PER_SECOND, Ms, Span

MAX_STRANGER_SAMPLE_SIMILARITY = 0.5
"""A sample that is less alike than this to every name is perhaps a stranger's; so are 1 % of samples of 2.5 s."""

MAX_STRANGER_SIMILARITY = 0.6
"""... and such samples of one cluster together, if they are less alike than this to every name."""

MIN_STRANGER_SAMPLE_MS: Ms = 1_500
MIN_STRANGER_SPEECH_MS: Ms = 8_000
"""A voice of less speech than this is nobody new."""

SHORT_SAMPLE_MS: Ms = 1_500
"""Below about this length a sample's cluster says as much as its sound."""

CLUSTER_WEIGHT = 0.2
MIN_OTHER_SPEAKER_SIMILARITY = 0.5
"""A voice less alike than this is nobody to accuse: 95 % of samples of 2 s are more alike to their own name."""

MIN_SAMPLED_MS: Ms = 500
"""With less of a sample of its own, an utterance is heard by the pieces that it lies in."""

UNKNOWN_SPEAKER = "Unknown speaker"


@dataclass(frozen=True, slots=True)
class SpeakerEvidence:
    """What the voice in one utterance says about its label.

    Attributes:
        heard: the name that is most likely, the label included in the judgement; None where nobody knows.
        single_voice_ms: ms of the longest sample of a single voice that mostly lies in the utterance.
        other_margin: by how much another enrolled name is more alike than the label's; below 0 the label's is nearer.
    """

    heard: str | None
    single_voice_ms: Ms
    other_margin: float


@dataclass(frozen=True, slots=True)
class Naming:
    """Who speaks when.

    Attributes:
        turns: ordered and disjoint over all that the diarizer takes for speech.
        evidence: for each utterance of the transcript.
        clusters: for each name the diarizer's cluster that holds most of its speech.
        strangers: the names of the unknown voices, ``Unknown speaker 1`` and on.
        utterance_spans: where each utterance is surely being said; none for one that was not found.
        recognised: how alike the voices are to those in the book that got their name from it, by that name.
        examples: what the episode teaches, by name; nothing where there is no book.
    """

    turns: tuple[NamedTurn, ...]
    evidence: tuple[SpeakerEvidence, ...]
    clusters: Mapping[str, str]
    strangers: tuple[str, ...]
    utterance_spans: tuple[tuple[Span, ...], ...]
    recognised: Mapping[str, float] = field(default_factory=dict)
    examples: Mapping[str, tuple[VoiceExample, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _EpisodeVoices:
    """What all decisions look at.

    Attributes:
        persons: whom each utterance's label means; ``utterance_spans`` where it is surely said.
        inside: how much of each sample (rows) lies in which utterance (columns).
        others: the sums of the samples of those whom no label names: first the recognised, then the strangers.
        recognised: how alike each of the first is to the voice in the book, by its name.
        names: the enrolled ones, then those of the others.
        alike: each sample's likeness to each of the names, learned without its own turn, shape (samples, names).
    """

    voices: SampleArrays
    turns: tuple[Turn, ...]
    persons: tuple[str | None, ...]
    utterance_spans: tuple[tuple[Span, ...], ...]
    inside: Overlaps
    enrolment: Enrolment
    others: Floats
    recognised: Mapping[str, float]
    names: tuple[str, ...]
    alike: Floats

    @property
    def strangers(self) -> tuple[str, ...]:
        """The names of those whom nobody knows."""
        return self.names[len(self.enrolment.names) + len(self.recognised) :]


def name_speakers(
    transcript: Transcript,
    words: Sequence[TimedWord],
    utterances: Sequence[TimedUtterance],
    diarization: Diarization,
    book: VoiceBook | None = None,
) -> Naming:
    """Give every voice its name, and every utterance the speaker that is heard in it.

    What the diarizer calls its clusters does not matter. Where nobody has a label, all are unknown speakers, but for
    those whom the show's voice book knows; it is of no use where its vectors are of other weights.
    """
    scene = _look(transcript, words, utterances, diarization, book)
    pieces = cut_segments(scene.turns, scene.voices.spans, scene.utterance_spans)
    named = _named(scene, pieces)
    turns = to_named_turns(pieces, named, scene.names)
    mostly = dominant_speakers(turns, scene.utterance_spans)
    alone = single_voice_ms(scene.voices, scene.inside, len(utterances)).tolist()
    evidence = tuple(_evidence(scene, index, alone[index], name) for index, name in enumerate(mostly))
    return Naming(
        turns,
        evidence,
        _clusters(scene, pieces, named),
        scene.strangers,
        scene.utterance_spans,
        scene.recognised,
        _examples(scene, transcript, evidence) if book else {},
    )


def with_heard_speakers(utterances: Sequence[TimedUtterance], naming: Naming | None) -> tuple[TimedUtterance, ...]:
    """The utterances with the speaker that is heard in each; as they are where nobody listened to voices."""
    if naming is None:
        return tuple(utterances)
    return tuple(
        replace(timed, heard_speaker=evidence.heard)
        for timed, evidence in zip(utterances, naming.evidence, strict=True)
    )


def _look(
    transcript: Transcript,
    words: Sequence[TimedWord],
    utterances: Sequence[TimedUtterance],
    diarization: Diarization,
    book: VoiceBook | None,
) -> _EpisodeVoices:
    voices = sample_arrays(diarization)
    meant = persons(transcript)
    stretches = utterance_spans(transcript, words, utterances)
    inside = overlaps(voices.spans, stretches)
    enrolment = enrol(voices, meant, inside)
    alike = _alike(voices, meant, inside, enrolment)
    known = reject_outliers(book) if book and weights_match(book, diarization.weights) else None
    comparable = known is not None and known.names and known.vectors.shape[1] == voices.vectors.shape[1]
    people = _people(voices, enrolment, inside, meant, known) if known and comparable else no_voices(voices)
    strangers = _strangers(voices, np.vstack([enrolment.sums, people.sums]))
    spelt = spellings(people.names, [*transcript.panel, *enrolment.names])
    others = np.vstack([people.sums, strangers])
    return _EpisodeVoices(
        voices=voices,
        turns=diarization.turns,
        persons=meant,
        utterance_spans=stretches,
        inside=inside,
        enrolment=enrolment,
        others=others,
        recognised={spelt[name]: alike for name, alike in zip(people.names, people.alike, strict=True)},
        names=(*enrolment.names, *spelt.values(), *_unknown_names(len(strangers), enrolment.names)),
        alike=np.column_stack([alike, voices.vectors @ l2_normalize(others).T]),
    )


def _people(
    voices: SampleArrays, enrolment: Enrolment, inside: Overlaps, meant: Sequence[str | None], known: KnownVoices
) -> RecognisedVoices:
    """Whom the voice book knows of those who are like no label's voice.

    Where somebody has a label, it says who that is. So the book is asked about what has none, and then about whoever
    would be an unknown speaker; never about a voice that a label has taught.
    """
    strange = (voices.vectors @ l2_normalize(enrolment.sums).T).max(1, initial=-1.0) < MAX_STRANGER_SAMPLE_SIMILARITY
    labelled = labelled_ms(len(voices.lengths), enrolment.names, meant, inside).any(1)
    taken = [name for name, ms in zip(enrolment.names, enrolment.ms.tolist(), strict=True) if ms]
    taken_here = [name for name, own in spellings(known.names, enrolment.names).items() if own in taken]
    found = recognise(voices, known, strange & ~labelled & (voices.lengths >= MIN_STRANGER_SAMPLE_MS), taken_here)
    sums = dict(zip(found.names, found.sums, strict=True))
    for stranger in _strangers(voices, np.vstack([enrolment.sums, found.sums])):
        who = identify(stranger, known)
        if who is not None and who[0] not in taken_here:
            sums[who[0]] = sums.get(who[0], 0.0) + stranger
    return recognised_voices(sums, known, voices)


def _unknown_names(number: int, taken: Sequence[str]) -> Iterator[str]:
    """So many names for the unnamed, none of which a human has given to anybody."""
    numbered = (f"{UNKNOWN_SPEAKER} {k}" for k in itertools.count(1))
    return itertools.islice((name for name in numbered if name not in taken), number)


def _alike(voices: SampleArrays, meant: Sequence[str | None], inside: Overlaps, enrolment: Enrolment) -> Floats:
    """Each sample's likeness to each name, learned without its own turn, shape (samples, names).

    Where the own label's voice is known from that turn alone, its likeness has the benefit of the doubt; -1 elsewhere.
    """
    alike = cosine_similarities(voices, enrolment, co_labelled(len(voices.lengths), inside))
    own = 2 * labelled_ms(len(alike), enrolment.names, meant, inside) > voices.lengths[:, None]
    plain = np.where(enrolment.ms > 0, voices.vectors @ l2_normalize(enrolment.sums).T, -1.0)
    return np.where(np.isnan(alike), np.where(own, fill_unknown_similarity(alike), plain), alike)


def _strangers(voices: SampleArrays, known: Floats) -> Floats:
    """The sums of the samples of each voice that is like none of those known, in the order in which they speak."""
    alike = voices.vectors @ l2_normalize(known).T
    strange = (alike.max(1, initial=-1.0) < MAX_STRANGER_SAMPLE_SIMILARITY) & (voices.lengths >= MIN_STRANGER_SAMPLE_MS)
    sums: list[Floats] = []
    for cluster in dict.fromkeys(voices.clusters[strange].tolist()):
        group = np.flatnonzero(strange & (voices.clusters == cluster))
        together = sum_embeddings(voices, group)
        long = covered_ms(span for k in group.tolist() for span in voices.spans[k]) >= MIN_STRANGER_SPEECH_MS
        if not long or (l2_normalize(known) @ l2_normalize(together)).max(initial=-1.0) >= MAX_STRANGER_SIMILARITY:
            continue
        same = next(
            (
                k
                for k, other in enumerate(sums)
                if l2_normalize(other) @ l2_normalize(together) >= SAME_SPEAKER_SIMILARITY
            ),
            None,
        )
        if same is None:
            sums.append(together)
        else:
            sums[same] += together
    return np.array(sums).reshape(len(sums), voices.vectors.shape[1])


def _examples(
    scene: _EpisodeVoices, transcript: Transcript, evidence: Sequence[SpeakerEvidence]
) -> Mapping[str, tuple[VoiceExample, ...]]:
    """What the labels teach of their people's voices; what cuemark itself has drafted teaches nothing."""
    own = drafted(transcript.source)
    taught = [
        None if any(one.start <= utterance.chars.start < one.end for one in own) else person
        for utterance, person in zip(transcript.utterances, scene.persons, strict=True)
    ]
    unfit = [name for name in scene.enrolment.names if name.startswith(UNKNOWN_SPEAKER)]
    heard = [one.heard for one in evidence]
    return select_examples(scene.voices, scene.enrolment, taught, heard, scene.inside, unfit)


def _named(scene: _EpisodeVoices, pieces: Segments) -> Ints:
    """For each piece the index of who speaks, -1 where nobody can know; shape (pieces,)."""
    sounds = _sounds(scene)
    likely = _mean(sounds, pieces.meet(scene.voices.spans), len(pieces.spans), _nearness(scene.voices))
    alone = np.isnan(likely).all(1)
    likely[alone] = _of_turns(scene, sounds)[pieces.turns][alone]
    labels = pieces.meet(scene.utterance_spans)
    likely = np.where(np.isnan(likely), 0.0, likely)
    likely += SIMILARITY_MARGIN * (labelled_ms(len(pieces.spans), scene.names, scene.persons, labels) > 0)
    if not scene.names:
        return np.full(len(likely), -1)
    same = np.array([scene.names.index(name) for name in scene.names])  # a label's name may be known by the book alone
    return absorb_short_segments(pieces, np.where(likely.max(1) > 0, same[likely.argmax(1)], -1))


def _sounds(scene: _EpisodeVoices) -> Floats:
    """What each sample says for each name, shape (samples, names): its sound and, the shorter it is, its cluster's."""
    voices, alike = scene.voices, scene.alike
    ms = np.zeros((len(voices.labels), len(scene.names)))
    if scene.names:
        np.add.at(ms, (voices.clusters, alike.argmax(1)), voices.lengths)
    share = ms / np.maximum(1, ms.sum(1, keepdims=True))
    brief = SHORT_SAMPLE_MS / (SHORT_SAMPLE_MS + voices.lengths)
    sounds: Floats = alike + CLUSTER_WEIGHT * brief[:, None] * share[voices.clusters]
    return sounds


def _nearness(voices: SampleArrays) -> Floats:
    """How much each sample counts for the seconds it is of: less, the further apart the ends of it are."""
    extents = [spans[-1].end - spans[0].start for spans in voices.spans]
    near: Floats = MS_PER_SECOND / np.maximum(MS_PER_SECOND, np.array(extents, float))
    return near


def _mean(values: Floats, over: Overlaps, rows: int, worth: Floats) -> Floats:
    """The mean of the values in the columns that each row meets, by how much and what each column is worth; or NaN."""
    weights = over.ms * worth[over.columns]
    total = np.zeros((rows, values.shape[1]))
    np.add.at(total, over.rows, values[over.columns] * weights[:, None])
    whole = np.bincount(over.rows, weights, rows)[:, None]
    return np.where(whole > 0, total / np.where(whole > 0, whole, 1.0), np.nan)


def _of_turns(scene: _EpisodeVoices, sounds: Floats) -> Floats:
    """What each turn of the diarizer says for each name: its own samples, else all of its cluster's, else nothing."""
    voices, near = scene.voices, _nearness(scene.voices)
    cluster = np.array([voices.labels.index(turn.voice) for turn in scene.turns], np.int64)
    over = overlaps([(turn.span,) for turn in scene.turns], voices.spans)
    same = cluster[over.rows] == voices.clusters[over.columns]
    own = _mean(sounds, Overlaps(over.rows[same], over.columns[same], over.ms[same]), len(scene.turns), near)
    order = np.arange(len(voices.clusters))
    whole = _mean(sounds, Overlaps(voices.clusters, order, voices.lengths), len(voices.labels), near)
    return np.where(np.isnan(own), whole[cluster], own)


def _clusters(scene: _EpisodeVoices, pieces: Segments, who: Ints) -> Mapping[str, str]:
    ms: dict[str, Counter[str]] = {}
    for span, turn, speaker in zip(pieces.spans, pieces.turns.tolist(), who.tolist(), strict=True):
        if speaker >= 0:
            ms.setdefault(scene.names[speaker], Counter())[scene.turns[turn].voice] += span.duration
    return {name: counts.most_common(1)[0][0] for name, counts in ms.items()}


def _evidence(scene: _EpisodeVoices, index: int, alone: Ms, mostly: str | None) -> SpeakerEvidence:
    """Hear who speaks in an utterance; ``mostly`` is who has most of it, for one too short for a sample."""
    own = scene.inside.columns == index
    samples, ms = scene.inside.rows[own], scene.inside.ms[own]
    if alone < MIN_SAMPLED_MS:
        return SpeakerEvidence(mostly, alone, -1.0)
    label = scene.names.index(person) if (person := scene.persons[index]) is not None else -1
    sound = l2_normalize(scene.voices.vectors[samples].T @ (ms * ms / scene.voices.lengths[samples]))
    alike = cosine_similarity(scene.voices, scene.enrolment, sound, samples)
    own_voice = fill_unknown_similarity(alike)[label] if label >= 0 else -1.0
    others = np.where(np.isnan(alike) | (np.arange(len(alike)) == label), -1.0, alike)
    everybody = np.append(others, l2_normalize(scene.others) @ sound)
    best = int(everybody.argmax()) if everybody.max(initial=-1.0) > -1 else -1
    stands = label >= 0 and (best < 0 or everybody[best] - own_voice < SIMILARITY_MARGIN)
    heard = label if stands else best
    nearest = others.max(initial=-1.0)
    against = float(nearest - own_voice) if nearest >= MIN_OTHER_SPEAKER_SIMILARITY else -1.0
    return SpeakerEvidence(scene.names[heard] if heard >= 0 else None, alone, against)
