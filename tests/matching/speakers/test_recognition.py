"""Recognition: people without a label get their names from the voice book; people with a label never do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from msgspec.structs import replace as replace_struct

from pipeline.matching.label_findings import label_findings
from pipeline.matching.speakers.assignment import Naming, name_speakers
from pipeline.matching.speakers.profile import VoiceBook
from pipeline.matching.speakers.recognition import may_contain_voice
from pipeline.reading.transcript import parse
from pipeline.times import Span
from tests.matching.made_profiles import book
from tests.matching.made_voices import (
    UNUSABLE_EMBEDDINGS,
    SpokenTurn,
    conversation,
    diarization,
    sample,
    timed_transcript,
    voice_embedding,
)

KNOWN = book("Ann Bob", "Ann Bob", "Ann Bob Guest")


def name_untyped(said: Sequence[SpokenTurn], of: VoiceBook = KNOWN, clusters: dict[str, str] | None = None) -> Naming:
    """Name the speakers of an episode of which nothing is typed."""
    return name_speakers(parse(""), (), (), diarization(said, clusters), of)


def name_typed(said: Sequence[SpokenTurn], number: int, of: VoiceBook | None = KNOWN) -> Naming:
    """Name the speakers of an episode of which the first turns are typed."""
    return name_speakers(*timed_transcript(said[:number]), diarization(said), of)


def turn_names(naming: Naming) -> list[str | None]:
    """Return the names of the turns in order."""
    return [turn.name for turn in naming.turns]


def test_known_voices_have_their_names_without_any_label() -> None:
    """Each turn of a new episode gets its name, also that of a guest of one episode, with the similarity."""
    said = conversation("Ann Bob Ann Guest Bob Ann")
    found = name_untyped(said)

    assert turn_names(found) == [one.who for one in said]
    assert set(found.recognised) == {"Ann", "Bob", "Guest"}
    assert min(found.recognised.values()) > 0.75
    assert found.strangers == ()


def test_a_stranger_stays_unknown() -> None:
    """A voice that is similar to no voice in the book is an unknown speaker."""
    found = name_untyped(conversation("Ann Eve Bob Eve Ann Eve"))

    assert turn_names(found) == ["Ann", "Unknown speaker 1", "Bob", "Unknown speaker 1", "Ann", "Unknown speaker 1"]
    assert found.strangers == ("Unknown speaker 1",)


def test_a_voice_between_two_is_not_recognised() -> None:
    """A voice that is as similar to one person as to another is an unknown speaker."""
    said = conversation("Ann+Bob Ann+Bob Ann+Bob")

    assert set(turn_names(name_untyped(said))) == {"Unknown speaker 1"}


def test_people_in_one_cluster_are_both_recognised() -> None:
    """Both of two people in one cluster are recognised."""
    said = conversation("Ann Bob Ann Bob Ann Bob")

    assert turn_names(name_untyped(said, clusters={"Ann": "SPEAKER_00", "Bob": "SPEAKER_00"})) == [
        one.who for one in said
    ]


def test_a_wrong_label_in_one_episode_changes_no_name() -> None:
    """The same people are recognised after an episode in which Bob spoke under Ann's name."""
    said = conversation("Ann Bob Ann Bob")

    assert turn_names(name_untyped(said, book("Ann Bob", "Ann Bob", "Bob/Ann"))) == [one.who for one in said]


def test_the_book_names_people_without_a_label() -> None:
    """Bob, who has no label yet, is recognised, and Ann keeps the voice of her own label."""
    said = conversation("Ann Eve Ann Eve Bob Ann Bob Bob")
    found = name_typed(said, 4)

    assert turn_names(found) == [one.who for one in said]
    assert set(found.recognised) == {"Bob"}


@pytest.mark.parametrize("people", ["Ann Bob Ann Bob Ann Bob", "Ann/Zoe Bob Ann/Zoe Bob Ann/Zoe Bob"])
def test_the_book_never_overrules_a_label(people: str) -> None:
    """Everybody is heard under the name of the label, even if the book has another, and there is no finding."""
    said = conversation(people)
    found = name_typed(said, len(said))
    transcript, _, utterances = timed_transcript(said)

    assert [one.heard for one in found.evidence] == [one.label for one in said]
    assert list(label_findings(transcript, utterances, found)) == []
    assert found.recognised == {}


def test_the_book_completes_a_label_without_a_voice() -> None:
    """A person whose only labelled turn is too short to learn from is recognised in the rest."""
    said = conversation("Ann Eve Ann Eve Bob:600 Ann Bob Bob")
    found = name_typed(said, 6)

    assert turn_names(found)[-1] == "Bob"
    assert turn_names(name_typed(said, 6, None))[-1] == "Unknown speaker 1"


def test_names_are_spelt_as_in_the_transcript() -> None:
    """A recognised person has the spelling of the panel."""
    said = conversation("Eve Eve Bob Bob Bob")
    spelt = name_speakers(*timed_transcript(said[:2], ["Eve", "Bobb"]), diarization(said), KNOWN)

    assert turn_names(spelt)[-1] == "Bobb"


def test_a_book_of_other_weights_is_not_used() -> None:
    """Nobody is recognised by embeddings of another model or another size."""
    said = conversation("Ann Bob Ann Bob")
    short = replace_struct(KNOWN.voices[0].enrolments[0].examples[0], embedding=b"\0\0\x80?" * 4)
    enrolment = replace(KNOWN.voices[0].enrolments[0], examples=(short,))
    for other in (
        replace(KNOWN, weights="1" * 64),
        replace(KNOWN, voices=(replace_struct(KNOWN.voices[0], enrolments=(enrolment,)),)),
    ):
        assert set(turn_names(name_untyped(said, other))) == {"Unknown speaker 1", "Unknown speaker 2"}


def test_a_book_changes_no_name_of_an_episode_that_is_typed() -> None:
    """If everybody has labels, turns and evidence are the same with and without a book."""
    said = conversation("Ann Bob Cy Ann Bob/Ann Cy Ann Bob")
    with_book, without = name_typed(said, 8), name_typed(said, 8, None)

    assert (with_book.turns, with_book.evidence) == (without.turns, without.evidence)


def test_a_voice_is_found_among_samples() -> None:
    """A voice is found among an episode's samples only if a sample is similar to it."""
    samples = [sample(who, Span(at, at + 3_000)) for at, who in ((0, "Bob"), (4_000, "Ann"))]

    assert may_contain_voice(samples, voice_embedding("Ann"))
    assert not may_contain_voice(samples, voice_embedding("Eve"))
    assert not may_contain_voice(samples, voice_embedding("Ann")[:7])


@pytest.mark.parametrize("encoded", UNUSABLE_EMBEDDINGS)
def test_a_sample_with_an_unusable_embedding_is_no_voice(encoded: bytes) -> None:
    """A sample whose bytes are not finite whole floats matches no voice, and does not hide a sample that does."""
    ann = sample("Ann", Span(0, 3_000))
    damaged = replace_struct(ann, embedding=encoded)

    assert not may_contain_voice([damaged], voice_embedding("Ann"))
    assert may_contain_voice([damaged, ann], voice_embedding("Ann"))
