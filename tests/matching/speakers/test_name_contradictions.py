"""Labels whose names are near: they are one person's unless their voices contradict."""

from __future__ import annotations

from dataclasses import replace

from pipeline.matching.speakers.embeddings import overlaps, sample_arrays, utterance_spans
from pipeline.matching.speakers.name_contradictions import labels_apart
from tests.matching.made_voices import conversation, diarization, timed_transcript

FULL = {"AnnHolt": "Ann Holt", "DrHolt": "Dr. Ann Holt", "Eve": "Eve Gray"}


def apart(turns: str, panel: tuple[str, ...] = ()) -> set[str]:
    """Return which labels of a conversation have a voice of their own."""
    said = conversation(turns)
    labelled = tuple(replace(one, label=FULL.get(one.label, one.label)) for one in said)
    transcript, words, utterances = timed_transcript(labelled, panel)
    samples = sample_arrays(diarization(said))
    return set(
        labels_apart(transcript, samples, overlaps(samples.spans, utterance_spans(transcript, words, utterances)))
    )


def test_spellings_with_one_voice_are_one_person() -> None:
    """If Ann and Ann Holt have the same voice, no label is set apart."""
    assert apart("Ann/AnnHolt Bob Ann Bob Ann/AnnHolt Ann Ann/DrHolt") == set()


def test_spellings_with_two_voices_are_two_people() -> None:
    """Ann is another person than Ann Holt if the voices are unlike, with a panel too."""
    assert apart("Eve/AnnHolt Bob Ann Bob Eve/AnnHolt Ann") == {"Ann"}
    assert apart("Eve/AnnHolt Bob Ann Bob Eve/AnnHolt Ann", panel=("Ann Holt", "Bob")) == {"Ann"}


def test_a_short_turn_contradicts_nothing() -> None:
    """Less than 3 s of speech under one spelling prove nothing."""
    assert apart("Eve/AnnHolt Bob Ann:2000 Bob Eve/AnnHolt") == set()


def test_a_wrong_label_in_another_spelling_does_not_set_it_apart() -> None:
    """If the only turn under Ann is Bob's, it is a wrong label of Ann Holt, not a new person."""
    assert apart("Ann/AnnHolt Bob Bob/Ann Bob Ann/AnnHolt Bob") == set()
