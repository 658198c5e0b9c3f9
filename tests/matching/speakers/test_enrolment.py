"""Enrolment: each name's voice is learned from its turns, despite wrong labels."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.matching.speakers.embeddings import l2_normalize, overlaps, sample_arrays
from pipeline.matching.speakers.enrolment import Enrolment, enrol
from pipeline.reading.labels.names import resolve_speakers
from pipeline.times import Span
from tests.matching.made_voices import SpokenTurn, conversation, diarization, timed_transcript, voice_embedding


def enrolled(said: tuple[SpokenTurn, ...]) -> Enrolment:
    """Enrol the names of turns that each have a sample."""
    voices = sample_arrays(diarization(said))
    inside = overlaps(voices.spans, [(one.span,) for one in said])
    return enrol(voices, resolve_speakers(timed_transcript(said)[0]), inside)


def similarity(enrolment: Enrolment, name: str, who: str) -> float:
    """Return the cosine similarity of the enrolled voice of a name to the real voice of a person."""
    return float(l2_normalize(enrolment.sums)[enrolment.names.index(name)] @ voice_embedding(who))


def test_names_have_the_voices_of_their_speakers() -> None:
    """Each name's voice is similar to its person and to no other."""
    enrolment = enrolled(conversation("Ann Bob Ann Bob Ann Bob"))

    assert enrolment.names == ("Ann", "Bob")
    assert similarity(enrolment, "Ann", "Ann") > 0.9
    assert similarity(enrolment, "Ann", "Bob") < 0.3


@pytest.mark.parametrize("turns", ["Ann Bob Ann Bob/Ann Ann Bob Bob", "Ann Bob Bob/Ann Bob/Ann Bob Ann Ann Bob"])
def test_a_wrong_label_is_left_out(turns: str) -> None:
    """If a third or two fifths of Ann's labels are on Bob's turns, her enrolled voice is still hers alone."""
    enrolment = enrolled(conversation(turns))

    assert similarity(enrolment, "Ann", "Ann") > 0.85
    assert similarity(enrolment, "Ann", "Bob") < 0.3


def test_a_long_turn_under_a_wrong_name_does_not_outweigh_the_right_ones() -> None:
    """Half a minute of Bob under Ann's name leaves both voices as they are."""
    enrolment = enrolled(conversation("Ann Bob Ann Bob Bob/Ann:30000 Ann Bob"))

    assert similarity(enrolment, "Ann", "Ann") > 0.85
    assert similarity(enrolment, "Bob", "Bob") > 0.85


def test_a_name_with_one_turn_has_the_voice_of_that_turn() -> None:
    """One turn is enough for a voice that is similar to no other."""
    assert similarity(enrolled(conversation("Ann Bob Cy Ann Bob")), "Cy", "Cy") > 0.7


def test_a_name_that_is_only_on_turns_of_another_has_no_voice() -> None:
    """If Cy's only label is on a turn of Ann, who speaks far more, Cy has no voice."""
    enrolment = enrolled(conversation("Ann Bob Ann Bob Ann Ann/Cy Bob Ann"))

    assert enrolment.ms[enrolment.names.index("Cy")] == 0


def test_what_two_names_share_is_an_example_of_neither() -> None:
    """A sample half in one person's turn and half in another's is no example."""
    said = (SpokenTurn("Ann", "Ann", Span(0, 2_000)), SpokenTurn("Bob", "Bob", Span(2_000, 4_000)))
    voices = sample_arrays(diarization([SpokenTurn("Ann", "Ann", Span(0, 4_000))]))

    enrolment = enrol(voices, ("Ann", "Bob"), overlaps(voices.spans, [(one.span,) for one in said]))

    assert not np.any(enrolment.weights)


def test_nobody_is_enrolled_without_labels() -> None:
    """Without a labelled name, no voice is enrolled."""
    voices = sample_arrays(diarization(conversation("Ann Bob")))

    enrolment = enrol(voices, (None, None), overlaps(voices.spans, [(span,) for (span,) in voices.spans]))

    assert enrolment.names == ()
