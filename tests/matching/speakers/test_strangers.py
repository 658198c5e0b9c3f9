"""Strangers: their voices are similar to no known one, by stretches of speech, and one voice is one stranger."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.speakers.embeddings import Floats, SampleArrays, l2_normalize, overlaps, sample_arrays
from pipeline.matching.speakers.enrolment import co_labelled, cosine_similarities, enrol
from pipeline.matching.speakers.strangers import (
    MAX_KNOWN_SIMILARITY,
    MIN_KNOWN_SIMILARITY,
    NOT_STRANGE,
    UNASSIGNED,
    KnownSpeech,
    Strangers,
    find_strangers,
    known_voices,
    length_factor,
)
from tests.matching.made_voices import DIMENSION, conversation, diarization, voice_embedding

LEAST = 0.7


def samples_of(turns: str) -> SampleArrays:
    """Return the samples of a conversation."""
    return sample_arrays(diarization(conversation(turns)))


def strangers(samples: SampleArrays, *known: str) -> Strangers:
    """Return the strangers among all samples, given some known voices."""
    voices = np.array([voice_embedding(name) for name in known]).reshape(len(known), DIMENSION)
    return find_strangers(samples, well_known(voices), np.ones(len(samples.durations), bool))


def well_known(voices: Floats, ms: float = 60_000.0) -> KnownSpeech:
    """Return voices of each of which so much speech is known."""
    return KnownSpeech(voices * ms, np.full(len(voices), ms), np.full(len(voices), LEAST))


def nearest(sums: Floats, *names: str) -> list[str]:
    """Return for each sum the name whose real voice it is most similar to."""
    similarity = l2_normalize(sums) @ np.array([voice_embedding(name) for name in names]).T
    return [names[at] for at in similarity.argmax(1)]


def test_each_stranger_is_one_voice_in_the_order_of_speech() -> None:
    """Strangers are in the order in which they speak, each once, and each sample has its own."""
    found = strangers(samples_of("Eve Dan Eve Dan Eve Dan"))

    assert nearest(found.sums, "Dan", "Eve") == ["Eve", "Dan"]
    assert found.of_samples.tolist() == [0, 1, 0, 1, 0, 1]


def test_a_known_voice_is_no_stranger() -> None:
    """Samples that are similar to a known voice belong to no stranger."""
    found = strangers(samples_of("Eve Dan Eve Dan Eve Dan"), "Eve")

    assert nearest(found.sums, "Dan", "Eve") == ["Dan"]
    assert found.of_samples.tolist() == [NOT_STRANGE, 0] * 3


def test_a_voice_like_a_known_one_is_a_stranger() -> None:
    """A voice that is more similar to a known one than real people's voices are is still another one."""
    assert strangers(samples_of("Eve~Ann Ann Eve~Ann Ann"), "Ann").of_samples.tolist() == [0, NOT_STRANGE] * 2


def test_two_clusters_of_one_voice_are_one_stranger() -> None:
    """If the diarizer splits a voice into two clusters, they are one stranger."""
    split = replace(
        samples_of("Eve Eve Eve Eve Eve Eve"), clusters=np.array([0, 0, 0, 1, 1, 1]), cluster_labels=("A", "B")
    )

    assert len(strangers(split).sums) == 1


def test_two_voices_of_one_cluster_are_two_strangers() -> None:
    """If the diarizer puts two voices into one cluster, even without a pause between them, they are two strangers."""
    said = conversation("Eve Eve Dan Dan Eve Dan", gap=0)
    merged = sample_arrays(diarization(said, clusters={"Eve": "A", "Dan": "A"}))

    assert strangers(merged).of_samples.tolist() == [0, 0, 1, 1, 0, 1]


def test_too_little_speech_is_no_new_person() -> None:
    """A voice with less than 5 s of speech is no new person, nor is it a known one; a single word is not judged."""
    word = sample_arrays(diarization(conversation("Eve:600"), shortest=500))

    assert strangers(samples_of("Eve:4900"), "Ann").of_samples.tolist() == [UNASSIGNED]
    assert strangers(samples_of("Eve:2500 Eve:2600"), "Ann").of_samples.tolist() == [0, 0]
    assert strangers(word, "Ann").of_samples.tolist() == [NOT_STRANGE]


def test_only_samples_that_are_asked_about_are_judged() -> None:
    """A sample with a label is no stranger's, whatever its voice."""
    samples = samples_of("Eve Eve Eve Eve")
    asked = np.array([False, True, True, True])

    none_known = well_known(np.zeros((0, DIMENSION)))

    assert find_strangers(samples, none_known, asked).of_samples.tolist() == [NOT_STRANGE, 0, 0, 0]


def test_what_is_clearly_a_persons_teaches_more_of_the_voice() -> None:
    """After one typed word of Ann, Eve is like her; after Ann's own untyped turns, Eve is another person."""
    word = l2_normalize(voice_embedding("Ann") + 0.2 * voice_embedding("Eve"))[None]
    known = well_known(word, ms=1_000.0)
    eve, both = samples_of("Eve~Ann Eve~Ann"), samples_of("Eve~Ann Eve~Ann Ann Ann Ann Ann Ann")

    alone = find_strangers(eve, known, np.ones(2, bool)).of_samples
    found = find_strangers(both, known, np.ones(7, bool)).of_samples

    assert alone.tolist() == [NOT_STRANGE] * 2
    assert found.tolist() == [0] * 2 + [NOT_STRANGE] * 5


def known_of(turns: str) -> tuple[tuple[str, ...], KnownSpeech]:
    """Return the names and the voices of the labels of a conversation."""
    said = conversation(turns)
    samples = sample_arrays(diarization(said))
    inside = overlaps(samples.spans, [(one.span,) for one in said])
    enrolment = enrol(samples, [one.label for one in said], inside)
    similarity = cosine_similarities(samples, enrolment, co_labelled(len(samples.durations), inside))
    return enrolment.names, known_voices(samples, enrolment, similarity)


def test_what_is_asked_is_what_the_persons_own_turns_have() -> None:
    """Of Ann five turns are known, of Bob one, of Cy a word: no speech is similar enough to be Cy's."""
    names, known = known_of("Ann Bob Ann Cy:600 Ann Ann Ann")

    assert names == ("Ann", "Bob", "Cy")
    assert known.ms.tolist() == [20_000, 4_000, 0]
    assert all(MIN_KNOWN_SIMILARITY <= least <= MAX_KNOWN_SIMILARITY for least in known.least)
    assert find_strangers(samples_of("Cy Cy"), known, np.ones(2, bool)).of_samples.tolist() == [0, 0]


@given(st.integers(1, 10_000_000), st.integers(1, 10_000_000))
def test_more_speech_is_never_less_similar(one: int, other: int) -> None:
    """The factor is between 0 and 1, and rises with the speech."""
    low, high = sorted((one, other))

    assert 0 < length_factor(low) <= length_factor(high) < 1


@given(
    st.lists(st.sampled_from(["Ann", "Eve", "Dan", "Eve~Ann", "Ann:900", "Dan:1500"]), min_size=1, max_size=10),
    st.lists(st.sampled_from(["Ann", "Eve", "Dan"]), unique=True),
)
def test_strangers_are_numbered_without_gaps_and_have_enough_speech(turns: list[str], known: list[str]) -> None:
    """Each stranger has a sample and a sum, the first speaks first, and has 5 s of speech."""
    samples = samples_of(" ".join(turns))
    found = strangers(samples, *known)
    numbers = [number for number in found.of_samples.tolist() if number >= 0]

    assert list(dict.fromkeys(numbers)) == list(range(len(found.sums)))
    for number in range(len(found.sums)):
        assert samples.durations[found.of_samples == number].sum() >= 5_000
