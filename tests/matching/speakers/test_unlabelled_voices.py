"""Voices without a label: the voice book recognises people, and the others are strangers, one sum each."""

from __future__ import annotations

import numpy as np

from pipeline.matching.speakers.embeddings import Floats, SampleArrays, l2_normalize, overlaps, sample_arrays
from pipeline.matching.speakers.enrolment import enrol
from pipeline.matching.speakers.outliers import KnownVoices, reject_outliers
from pipeline.matching.speakers.unlabelled_voices import recognise_unlabelled, stranger_sums
from tests.matching.made_profiles import book
from tests.matching.made_voices import DIMENSION, conversation, diarization, voice_embedding

NONE_KNOWN = np.zeros((0, DIMENSION))


def samples_of(turns: str) -> SampleArrays:
    """Return the samples of a conversation."""
    return sample_arrays(diarization(conversation(turns)))


def nearest(sums: Floats, *names: str) -> list[str]:
    """Return for each sum the name whose real voice it is most similar to."""
    similarity = l2_normalize(sums) @ np.array([voice_embedding(name) for name in names]).T
    return [names[at] for at in similarity.argmax(1)]


def recognised(turns: str, labelled: int, known: KnownVoices) -> tuple[str, ...]:
    """Return who is recognised in a conversation whose first turns have labels."""
    said = conversation(turns)
    samples = samples_of(turns)
    persons = [one.label if k < labelled else None for k, one in enumerate(said)]
    inside = overlaps(samples.spans, [(one.span,) for one in said])
    return recognise_unlabelled(samples, enrol(samples, persons, inside), inside, persons, known).names


def test_each_stranger_is_one_sum() -> None:
    """Strangers are in the order in which they speak, each once."""
    sums = stranger_sums(samples_of("Eve Dan Eve Dan Eve Dan"), NONE_KNOWN)

    assert nearest(sums, "Dan", "Eve") == ["Eve", "Dan"]


def test_a_known_voice_is_no_stranger() -> None:
    """Samples that are similar to a known voice belong to no stranger."""
    known = np.array([voice_embedding("Eve")])

    assert nearest(stranger_sums(samples_of("Eve Dan Eve Dan Eve Dan"), known), "Dan", "Eve") == ["Dan"]


def test_two_clusters_of_one_voice_are_one_stranger() -> None:
    """If the diarizer splits a voice into two clusters, they are one stranger."""
    said = conversation("Eve Eve Eve Eve Eve Eve")
    plain = sample_arrays(diarization(said))
    split = SampleArrays(plain.spans, plain.embeddings, plain.durations, np.array([0, 0, 0, 1, 1, 1]), ("A", "B"))

    assert len(stranger_sums(split, NONE_KNOWN)) == 1


def test_too_little_speech_is_no_stranger() -> None:
    """A voice with less than 8 s of speech is no new person, nor are many samples that are too short."""
    assert len(stranger_sums(samples_of("Eve Eve:3900"), NONE_KNOWN)) == 0
    assert len(stranger_sums(samples_of("Eve:1400 " * 9), NONE_KNOWN)) == 0
    assert len(stranger_sums(samples_of("Eve Eve"), NONE_KNOWN)) == 1


def test_the_book_is_asked_about_unlabelled_voices_only() -> None:
    """Bob has no label and is recognised; Ann, whose label has taught her voice, is not, nor is a stranger."""
    known = reject_outliers(book("Ann Bob", "Ann Bob"))

    assert recognised("Ann Ann Ann Bob Bob Bob Eve Eve Eve", 2, known) == ("Bob",)
    assert recognised("Ann Ann Ann Bob Bob Bob", 6, known) == ()


def test_a_name_that_a_label_has_is_not_given_to_another_voice() -> None:
    """If a label gives Bob's name to Eve's voice, Bob's own voice stays unknown."""
    known = reject_outliers(book("Ann Bob", "Ann Bob"))

    assert recognised("Eve/Bob Eve/Bob Eve/Bob Bob Bob Bob", 3, known) == ()
