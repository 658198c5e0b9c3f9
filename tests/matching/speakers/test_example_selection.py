"""Only turns whose label and voice agree teach."""

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


def taught(turns: str, length: int = 4_000) -> dict[str, tuple[VoiceExample, ...]]:
    """What a typed conversation teaches."""
    said = conversation(turns, length)
    return dict(name_speakers(*timed_transcript(said), diarization(said), EMPTY).examples)


def test_everybody_with_enough_is_learned() -> None:
    """Takes a few examples of each person, in order, that sound like the person."""
    found = taught("Ann Bob " * 8)

    assert list(found) == ["Ann", "Bob"]
    for name, examples in found.items():
        assert len(examples) == MAX_EXAMPLES_PER_ENROLMENT
        assert list(examples) == sorted(examples)
        assert min(np.frombuffer(one.embedding, "<f4") @ voice_embedding(name) for one in examples) > 0.7


def test_a_wrong_label_teaches_nothing() -> None:
    """Learns Ann from her own turns alone, though one of Bob's stands under her name."""
    for one in taught("Ann Bob Ann Bob Bob/Ann Ann Bob Ann")["Ann"]:
        assert np.frombuffer(one.embedding, "<f4") @ voice_embedding("Bob") < 0.5


def test_a_guest_is_learned_from_one_minute() -> None:
    """Learns somebody who has a single turn of a minute, of which there are many samples."""
    said = conversation("Ann Bob Ann Bob") + tuple(conversation("Guest " * 15, 4_000, 0))
    shifted = [one if one.who != "Guest" else type(one)(one.who, one.label, one.span.shift(20_000)) for one in said]
    found = name_speakers(*timed_transcript(shifted), diarization(shifted), EMPTY).examples

    assert sum(one.ms for one in found["Guest"]) >= MIN_EXAMPLES_TOTAL_MS


def test_whoever_says_little_is_not_learned() -> None:
    """Learns nobody of whom there is less than a few seconds, nor from turns that are too short to tell."""
    assert set(taught("Ann Bob Ann Bob Cy Ann Bob")) == {"Ann", "Bob"}
    assert taught("Ann:1500 Bob:1500 " * 8) == {}


def test_nobody_is_learned_under_no_name() -> None:
    """Does not learn an unknown speaker of a draft that somebody has taken over."""
    said = conversation("Ann Eve/Unknown_speaker_1 " * 6)
    named = [type(one)(one.who, one.label.replace("_", " "), one.span) for one in said]

    assert list(name_speakers(*timed_transcript(named), diarization(named), EMPTY).examples) == ["Ann"]


@pytest.mark.parametrize(("comment", "learned"), [("<!-- Drafted by cuemark from 0:00 -->", []), ("", ["Ann", "Bob"])])
def test_a_draft_teaches_nothing_until_somebody_has_taken_it_over(comment: str, learned: list[str]) -> None:
    """Learns from no label that cuemark itself has written, as long as its comment stands above it."""
    said = conversation("Ann Bob " * 6)
    typed, words, utterances = timed_transcript(said)
    transcript = parse(f"{comment}\n\n{typed.source}")

    assert [one.speaker for one in transcript.utterances] == [one.who for one in said]
    assert list(name_speakers(transcript, words, utterances, diarization(said), EMPTY).examples) == learned


def test_what_was_not_surely_found_teaches_nothing() -> None:
    """Learns nothing from utterances whose place is not sure."""
    said = conversation("Ann Bob " * 6)
    transcript, words, _ = timed_transcript(said)
    unsure = [TimedUtterance(one.span, 0.4, "partial") for one in said]

    assert name_speakers(transcript, words, unsure, diarization(said), EMPTY).examples == {}


def test_nothing_is_learned_without_a_book() -> None:
    """Takes no examples where nobody has asked for it."""
    said = conversation("Ann Bob " * 6)

    assert name_speakers(*timed_transcript(said), diarization(said)).examples == {}
