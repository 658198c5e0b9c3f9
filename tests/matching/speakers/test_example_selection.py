"""Example selection: only turns whose label and voice agree teach a voice book."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.matching.speakers.assignment import name_speakers
from pipeline.matching.speakers.example_selection import MIN_EXAMPLES_TOTAL_MS
from pipeline.matching.speakers.profile import VoiceBook
from pipeline.matching.speakers.profile_updates import MAX_EXAMPLES_PER_ENROLMENT
from pipeline.reading.transcript import parse
from pipeline.schema import TimedUtterance, VoiceExample
from tests.matching.made_voices import conversation, diarization, timed_transcript, voice_embedding

EMPTY = VoiceBook("Garden")


def selected(turns: str, length: int = 4_000) -> dict[str, tuple[VoiceExample, ...]]:
    """Return the examples that a typed conversation teaches."""
    said = conversation(turns, length)
    return dict(name_speakers(*timed_transcript(said), diarization(said), EMPTY).examples)


def test_people_with_enough_speech_are_learned() -> None:
    """The limited number of examples of each person are in order and similar to the person."""
    found = selected("Ann Bob " * 8)

    assert list(found) == ["Ann", "Bob"]
    for name, examples in found.items():
        assert len(examples) == MAX_EXAMPLES_PER_ENROLMENT
        assert list(examples) == sorted(examples)
        assert min(np.frombuffer(one.embedding, "<f4") @ voice_embedding(name) for one in examples) > 0.7


def test_a_wrong_label_teaches_nothing() -> None:
    """No example of Ann comes from Bob's turn under her name."""
    for one in selected("Ann Bob Ann Bob Bob/Ann Ann Bob Ann")["Ann"]:
        assert np.frombuffer(one.embedding, "<f4") @ voice_embedding("Bob") < 0.5


def test_a_guest_is_learned_from_one_minute() -> None:
    """A person with a single turn of a minute, which has many samples, is learned."""
    said = conversation("Ann Bob Ann Bob") + tuple(conversation("Guest " * 15, 4_000, 0))
    shifted = [one if one.who != "Guest" else type(one)(one.who, one.label, one.span.shift(20_000)) for one in said]
    found = name_speakers(*timed_transcript(shifted), diarization(shifted), EMPTY).examples

    assert sum(one.ms for one in found["Guest"]) >= MIN_EXAMPLES_TOTAL_MS


def test_people_who_say_little_are_not_learned() -> None:
    """A person with few seconds of speech is not learned, nor one with short turns only."""
    assert set(selected("Ann Bob Ann Bob Cy Ann Bob")) == {"Ann", "Bob"}
    assert selected("Ann:1500 Bob:1500 " * 8) == {}


def test_unknown_speakers_are_not_learned() -> None:
    """An unknown speaker of a draft whose comment was removed is not learned."""
    said = conversation("Ann Eve/Unknown_speaker_1 " * 6)
    named = [type(one)(one.who, one.label.replace("_", " "), one.span) for one in said]

    assert list(name_speakers(*timed_transcript(named), diarization(named), EMPTY).examples) == ["Ann"]


@pytest.mark.parametrize(("comment", "learned"), [("<!-- Drafted by cuemark from 0:00 -->", []), ("", ["Ann", "Bob"])])
def test_a_draft_teaches_nothing_while_its_comment_is_there(comment: str, learned: list[str]) -> None:
    """Labels that cuemark has drafted teach nothing until the comment above them is removed."""
    said = conversation("Ann Bob " * 6)
    typed, words, utterances = timed_transcript(said)
    transcript = parse(f"{comment}\n\n{typed.source}")

    assert [one.speaker for one in transcript.utterances] == [one.who for one in said]
    assert list(name_speakers(transcript, words, utterances, diarization(said), EMPTY).examples) == learned


def test_uncertain_utterances_teach_nothing() -> None:
    """Utterances of low confidence give no examples."""
    said = conversation("Ann Bob " * 6)
    transcript, words, _ = timed_transcript(said)
    unsure = [TimedUtterance(one.span, 0.4, "partial") for one in said]

    assert name_speakers(transcript, words, unsure, diarization(said), EMPTY).examples == {}


def test_nothing_is_learned_without_a_book() -> None:
    """Without a voice book no examples are selected."""
    said = conversation("Ann Bob " * 6)

    assert name_speakers(*timed_transcript(said), diarization(said)).examples == {}
