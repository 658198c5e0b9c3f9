"""Findings about labels: wrong ones are found, and right ones have no finding."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.label_findings import label_findings
from pipeline.matching.speakers.assignment import name_speakers
from pipeline.schema import Diarization, Finding, Turn
from pipeline.times import Span
from tests.matching.made_voices import SpokenTurn, conversation, diarization, name_turns, sample, timed_transcript


def found(
    said: tuple[SpokenTurn, ...], heard: Diarization | None = None, typed: int | None = None
) -> tuple[Finding, ...]:
    """Return the findings about the labels of the first ``typed`` turns."""
    transcript, _, utterances = timed_transcript(said[:typed])
    return tuple(label_findings(transcript, utterances, name_turns(said, heard, typed)))


def test_a_wrong_label_is_found() -> None:
    """The finding has the label, whose voice it really is, the utterance and its time."""
    said = conversation("Ann Bob Ann Bob Ann Bob/Ann Ann Bob")

    assert found(said) == (
        Finding(
            "speaker-mismatch",
            "the label says Ann, the voice is Bob's",
            utterance=5,
            span=said[5].span,
            details={"label": "Ann", "heard": "Bob"},
        ),
    )


def test_each_of_many_wrong_labels_is_found_and_no_right_one_is_reported() -> None:
    """With three voices, one label in six is wrong."""
    said = conversation("Ann Bob Cy Ann/Cy Bob Cy Ann Bob/Ann Cy Ann Bob Cy Ann Bob Cy/Bob Ann Bob Cy")

    assert [(one.kind, one.utterance) for one in found(said)] == [("speaker-mismatch", k) for k in (3, 7, 14)]


def test_a_short_turn_is_not_reported() -> None:
    """Below 1.5 s a label is not judged, whatever the voice."""
    assert found(conversation("Ann Bob Ann Bob Ann Bob/Ann:1400 Ann Bob")) == ()


def test_a_misspelt_name_is_no_wrong_label() -> None:
    """Oscar is Oskar of the panel, and the voice is his."""
    said = conversation("Oskar Hannah Oskar Hannah Oskar/Oscar Hannah")
    transcript, words, utterances = timed_transcript(said, panel=("Oskar", "Hannah"))

    naming = name_speakers(transcript, words, utterances, diarization(said))

    assert tuple(label_findings(transcript, utterances, naming)) == ()


@given(st.lists(st.sampled_from(["Ann", "Bob", "Cy"]), min_size=1, max_size=12))
def test_labels_that_are_all_the_same_are_not_reported(voices: list[str]) -> None:
    """If everything is labelled Host, there is no other person whose voice it could be."""
    said = conversation(" ".join(f"{who}/Host" for who in voices))

    assert "speaker-mismatch" not in {one.kind for one in found(said)}


def test_two_common_names_for_one_voice_are_not_reported() -> None:
    """Ann is called Host in half of her turns: neither label is more probable."""
    assert found(conversation("Ann Bob Ann/Host Bob Ann Bob Ann/Host Bob Ann Ann/Host")) == ()


def test_a_turn_that_two_people_share_says_when_the_voice_changes() -> None:
    """The finding has the time between the two voices, and both names in their order."""
    said = conversation("Ann Bob Ann Bob Ann Bob")
    whole, change = Span(30_000, 40_000), 35_000
    plain = diarization(said)
    parts = (Span(30_000, 34_900), "Ann"), (Span(35_100, 40_000), "Bob")
    heard = replace(
        plain,
        turns=(*plain.turns, *(Turn(span, name) for span, name in parts)),
        samples=(*plain.samples, *(sample(name, span) for span, name in parts)),
    )

    findings = found((*said, SpokenTurn("Ann", "Ann", whole)), heard)

    assert findings == (
        Finding(
            "shared-turn",
            "Ann speaks until 0:35, then Bob",
            utterance=6,
            span=whole,
            details={"at": change / 1_000, "speakers": ("Ann", "Bob")},
        ),
    )


def test_a_word_in_between_does_not_make_a_shared_turn() -> None:
    """One second of another person in the middle of a turn is an interjection."""
    said = conversation("Ann Bob Ann Bob Ann Bob")
    plain = diarization(said)
    parts = (Span(30_000, 34_000), "Ann"), (Span(34_000, 35_000), "Bob"), (Span(35_000, 40_000), "Ann")
    heard = replace(plain, turns=(*plain.turns, *(Turn(span, name) for span, name in parts)))

    assert found((*said, SpokenTurn("Ann", "Ann", Span(30_000, 40_000))), heard) == ()


def test_an_unknown_voice_is_reported_once() -> None:
    """The finding has how long a voice that no label names speaks, and when first."""
    said = conversation("Ann Bob Ann Bob Eve Ann Eve Eve")

    (finding,) = found(said, typed=4)

    assert finding == Finding(
        "unknown-speaker",
        "Unknown speaker 1 speaks for 12 s, first at 0:17; no label names that voice",
        span=said[4].span,
        details={"name": "Unknown speaker 1", "seconds": 12.0, "candidates": ()},
    )


def unknown(said: tuple[SpokenTurn, ...], panel: tuple[str, ...], typed: int) -> list[tuple[str, object]]:
    """Return the message and the candidates of the findings about unknown speakers."""
    transcript, words, utterances = timed_transcript(said[:typed], panel)
    naming = name_speakers(transcript, words, utterances, diarization(said))
    found = label_findings(transcript, utterances, naming)
    return [(one.message, one.details["candidates"]) for one in found if one.kind == "unknown-speaker"]


def test_who_has_no_turn_yet_is_proposed_for_an_unknown_voice() -> None:
    """A newcomer is on the panel and first speaks after the typing stops; with two such names, both are candidates."""
    said = conversation("Ann Bob Ann Bob Eve Ann Eve")

    assert unknown(said, ("Ann", "Bob", "Eve"), 4) == [
        (
            "Unknown speaker 1 speaks for 8 s, first at 0:17; no label names that voice; it may be Eve",
            ("Eve",),
        )
    ]
    assert unknown(said, ("Ann", "Bob", "Eve", "Dan"), 4) == [
        ("Unknown speaker 1 speaks for 8 s, first at 0:17; no label names that voice", ("Eve", "Dan"))
    ]
    assert unknown(said, ("Ann", "Bob"), 4) == [
        ("Unknown speaker 1 speaks for 8 s, first at 0:17; no label names that voice", ())
    ]


def test_who_has_short_turns_only_is_proposed_for_an_unknown_voice() -> None:
    """Of Eve, one word is typed, which teaches no voice: the unknown voice may be hers, and gets no other name."""
    said = conversation("Ann Bob Eve:600 Ann Bob Eve Ann Eve")

    assert [candidates for _, candidates in unknown(said, ("Ann", "Bob", "Eve"), 5)] == [("Eve",)]


def test_an_ambiguous_label_is_no_wrong_one() -> None:
    """Chris may be Chris Lee, whose voice it is."""
    names = {"Lee": "Chris Lee", "Park": "Chris Park"}
    said = tuple(
        replace(one, who=names.get(one.who, one.who), label=names.get(one.label, one.label))
        for one in conversation("Lee Park Lee Park Lee/Chris Lee Park Park/Chris")
    )

    assert found(said) == ()


def test_a_label_of_several_people_is_no_wrong_one() -> None:
    """A turn of Ann under "Ann and Bob" is right, and teaches neither voice."""
    said = tuple(
        replace(one, label=one.label.replace("Both", "Ann and Bob"))
        for one in conversation("Ann Bob Ann Bob Ann/Both Bob")
    )

    assert found(said) == ()
    assert "Ann and Bob" not in {turn.name for turn in name_turns(said).turns}


@pytest.mark.parametrize("spelling", ["Dr. Ann Holt", "Ann Holt (host)", "Holt", "Ann", "Ann M. Holt", "Ann Hollt"])
def test_another_spelling_of_a_name_is_no_wrong_label(spelling: str) -> None:
    """Titles, roles, parts and slips are the same person, and a wrong label is still found among them."""
    right, wrong = (
        tuple(
            replace(one, label={"Ann": "Ann Holt", "Other": spelling}.get(one.label, one.label), who=one.who)
            for one in conversation(turns)
        )
        for turns in ("Ann Bob Ann Bob Ann/Other Bob Ann", "Ann Bob Ann Bob Bob/Other Bob Ann")
    )

    assert found(right) == ()
    assert [(one.kind, one.utterance, one.details["heard"]) for one in found(wrong)] == [("speaker-mismatch", 4, "Bob")]


def test_without_voices_there_are_no_findings() -> None:
    """An empty diarization gives no findings."""
    assert found(conversation("Ann Bob/Ann Ann"), Diarization((), (), "pyannote.audio", "embedded", "0" * 64)) == ()
