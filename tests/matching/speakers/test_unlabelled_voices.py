"""Voices without a label: the voice book recognises people, and all others are strangers."""

from __future__ import annotations

from pipeline.matching.speakers.embeddings import overlaps, sample_arrays
from pipeline.matching.speakers.enrolment import co_labelled, cosine_similarities, enrol
from pipeline.matching.speakers.outliers import KnownVoices, reject_outliers
from pipeline.matching.speakers.unlabelled_voices import UnlabelledVoices, hear_unlabelled
from tests.matching.made_profiles import book
from tests.matching.made_voices import conversation, diarization


def heard(turns: str, labelled: int, known: KnownVoices | None) -> UnlabelledVoices:
    """Return the voices without a label in a conversation whose first turns have labels."""
    said = conversation(turns)
    samples = sample_arrays(diarization(said))
    persons = [one.label if k < labelled else None for k, one in enumerate(said)]
    inside = overlaps(samples.spans, [(one.span,) for one in said])
    enrolment = enrol(samples, persons, inside)
    similarity = cosine_similarities(samples, enrolment, co_labelled(len(samples.durations), inside))
    return hear_unlabelled(samples, enrolment, inside, persons, similarity, known)


def recognised(turns: str, labelled: int, known: KnownVoices) -> tuple[str, ...]:
    """Return who is recognised."""
    return heard(turns, labelled, known).recognised.names


def test_the_book_is_asked_about_unlabelled_voices_only() -> None:
    """Bob has no label and is recognised; Ann, whose label has taught her voice, is not, nor is a stranger."""
    known = reject_outliers(book("Ann Bob", "Ann Bob"))

    assert recognised("Ann Ann Ann Bob Bob Bob Eve Eve Eve", 2, known) == ("Bob",)
    assert recognised("Ann Ann Ann Bob Bob Bob", 6, known) == ()


def test_a_name_that_a_label_has_is_not_given_to_another_voice() -> None:
    """If a label gives Bob's name to Eve's voice, Bob's own voice stays unknown."""
    known = reject_outliers(book("Ann Bob", "Ann Bob"))

    assert recognised("Eve/Bob Eve/Bob Eve/Bob Bob Bob Bob", 3, known) == ()


def test_whom_the_book_recognises_is_no_stranger() -> None:
    """Without a book, Bob and Eve are two strangers; with it, Eve alone is one."""
    turns = "Ann Ann Ann Bob Bob Bob Eve Eve Eve"
    known = reject_outliers(book("Ann Bob", "Ann Bob"))

    assert heard(turns, 3, None).strangers.of_samples.tolist() == [-1] * 3 + [0] * 3 + [1] * 3
    assert heard(turns, 3, known).strangers.of_samples.tolist() == [-1] * 6 + [0] * 3


def test_a_turn_with_a_label_is_never_a_strangers() -> None:
    """Eve speaks under the label of Ann: that is a question of the label, and only her other turns are a stranger's."""
    assert heard("Ann Ann Ann Eve/Ann Eve Eve", 4, None).strangers.of_samples.tolist() == [-1] * 4 + [0] * 2
