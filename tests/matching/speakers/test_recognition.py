"""People whom no label names get their names from the voice book; whom a label names, never."""

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
from tests.matching.made_voices import SpokenTurn, conversation, diarization, sample, timed_transcript, voice_embedding

KNOWN = book("Ann Bob", "Ann Bob", "Ann Bob Guest")


def drafted(said: Sequence[SpokenTurn], of: VoiceBook = KNOWN, clusters: dict[str, str] | None = None) -> Naming:
    """Who speaks when in an episode of which nothing is typed."""
    return name_speakers(parse(""), (), (), diarization(said, clusters), of)


def typed(said: Sequence[SpokenTurn], number: int, of: VoiceBook | None = KNOWN) -> Naming:
    """The same with the first turns typed."""
    return name_speakers(*timed_transcript(said[:number]), diarization(said), of)


def whose(naming: Naming) -> list[str | None]:
    """The names of the turns in order."""
    return [turn.name for turn in naming.turns]


def test_known_voices_have_their_names_without_any_label() -> None:
    """Gives each turn of a new episode to whom it belongs, a guest of one episode too, and says how surely."""
    said = conversation("Ann Bob Ann Guest Bob Ann")
    found = drafted(said)

    assert whose(found) == [one.who for one in said]
    assert set(found.recognised) == {"Ann", "Bob", "Guest"}
    assert min(found.recognised.values()) > 0.75
    assert found.strangers == ()


def test_a_stranger_stays_unknown() -> None:
    """Names nobody who is like nobody in the book."""
    found = drafted(conversation("Ann Eve Bob Eve Ann Eve"))

    assert whose(found) == ["Ann", "Unknown speaker 1", "Bob", "Unknown speaker 1", "Ann", "Unknown speaker 1"]
    assert found.strangers == ("Unknown speaker 1",)


def test_a_voice_between_two_is_nobodys() -> None:
    """Names nobody who is as like one person as another, however like that is."""
    said = conversation("Ann+Bob Ann+Bob Ann+Bob")

    assert set(whose(drafted(said))) == {"Unknown speaker 1"}


def test_people_whom_the_clustering_merges_are_told_apart() -> None:
    """Recognises both of two people that the diarizer takes for one."""
    said = conversation("Ann Bob Ann Bob Ann Bob")

    assert whose(drafted(said, clusters={"Ann": "SPEAKER_00", "Bob": "SPEAKER_00"})) == [one.who for one in said]


def test_a_wrong_label_in_one_episode_changes_nobody() -> None:
    """Recognises the same people after an episode in which Bob spoke under Ann's name."""
    said = conversation("Ann Bob Ann Bob")

    assert whose(drafted(said, book("Ann Bob", "Ann Bob", "Bob/Ann"))) == [one.who for one in said]


def test_the_book_names_whom_no_label_names() -> None:
    """Names Bob, who has no label yet, and leaves Ann to her own."""
    said = conversation("Ann Eve Ann Eve Bob Ann Bob Bob")
    found = typed(said, 4)

    assert whose(found) == [one.who for one in said]
    assert set(found.recognised) == {"Bob"}


@pytest.mark.parametrize("people", ["Ann Bob Ann Bob Ann Bob", "Ann/Zoe Bob Ann/Zoe Bob Ann/Zoe Bob"])
def test_a_label_stands_against_the_book(people: str) -> None:
    """Hears everybody under the label's name, also where the book would say another, and accuses nobody."""
    said = conversation(people)
    found = typed(said, len(said))
    transcript, _, utterances = timed_transcript(said)

    assert [one.heard for one in found.evidence] == [one.label for one in said]
    assert list(label_findings(transcript, utterances, found)) == []
    assert found.recognised == {}


def test_a_label_without_a_voice_of_its_own_is_helped() -> None:
    """Gives the rest to a person whose only label stands on a turn that is too short to learn from."""
    said = conversation("Ann Eve Ann Eve Bob:600 Ann Bob Bob")
    found = typed(said, 6)

    assert whose(found)[-1] == "Bob"
    assert whose(typed(said, 6, None))[-1] == "Unknown speaker 1"


def test_names_are_spelt_as_in_the_transcript() -> None:
    """Takes the panel's spelling for somebody in the book whose name is nearly that."""
    said = conversation("Eve Eve Bob Bob Bob")
    spelt = name_speakers(*timed_transcript(said[:2], ["Eve", "Bobb"]), diarization(said), KNOWN)

    assert whose(spelt)[-1] == "Bobb"


def test_other_weights_are_of_no_use() -> None:
    """Recognises nobody by vectors that come from another model or have another size."""
    said = conversation("Ann Bob Ann Bob")
    short = replace_struct(KNOWN.voices[0].enrolments[0].examples[0], embedding=b"\0\0\x80?" * 4)
    lesson = replace(KNOWN.voices[0].enrolments[0], examples=(short,))
    for other in (
        replace(KNOWN, weights="1" * 64),
        replace(KNOWN, voices=(replace_struct(KNOWN.voices[0], enrolments=(lesson,)),)),
    ):
        assert set(whose(drafted(said, other))) == {"Unknown speaker 1", "Unknown speaker 2"}


def test_a_book_changes_no_name_of_an_episode_that_is_typed() -> None:
    """Gives the same turns and the same evidence with and without a book, where everybody has labels."""
    said = conversation("Ann Bob Cy Ann Bob/Ann Cy Ann Bob")
    with_book, without = typed(said, 8), typed(said, 8, None)

    assert (with_book.turns, with_book.evidence) == (without.turns, without.evidence)


def test_a_voice_is_found_among_samples() -> None:
    """Tells whether somebody may be among the samples of an episode."""
    samples = [sample(who, Span(at, at + 3_000)) for at, who in ((0, "Bob"), (4_000, "Ann"))]

    assert may_contain_voice(samples, voice_embedding("Ann"))
    assert not may_contain_voice(samples, voice_embedding("Eve"))
    assert not may_contain_voice(samples, voice_embedding("Ann")[:7])
