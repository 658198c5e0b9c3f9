"""The values of a voice book: names in one form, enrolments with a length."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.speakers.profile import MAX_NAME_LENGTH, EpisodeEnrolment, Voice, clean_name
from tests.matching.made_profiles import audio_sha256, voice_example


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("Ann Lee", "Ann Lee"),
        ("  Ann \t Lee\n", "Ann Lee"),
        ("Cafe\u0301", "Caf\xe9"),
        ("Ann\x1b[31m", "Ann [31m"),
        ("Ann\u202eeeL", "Ann eeL"),
        ("\u2028\x00", ""),
        ("x" * (MAX_NAME_LENGTH + 1), "x" * MAX_NAME_LENGTH),
    ],
)
def test_names_are_one_clean_line(name: str, clean: str) -> None:
    """White space, control and bidirectional characters become single spaces; form and length are limited."""
    assert clean_name(name) == clean


@given(st.text(max_size=2 * MAX_NAME_LENGTH))
def test_a_clean_name_stays_as_it_is(name: str) -> None:
    """Cleaning a clean name changes nothing, and the length is never above the limit."""
    clean = clean_name(name)

    assert clean_name(clean) == clean
    assert len(clean) <= MAX_NAME_LENGTH


def test_the_length_of_an_enrolment_is_that_of_its_examples() -> None:
    """The ms of an enrolment are the sum over its examples."""
    examples = (voice_example("Ann", "1", 0, 2_500), voice_example("Ann", "1", 1, 4_000))

    assert EpisodeEnrolment(audio_sha256("1"), "1", examples).ms == 6_500
    assert EpisodeEnrolment(audio_sha256("1"), "1", ()).ms == 0


def test_the_stored_name_of_enrolments_stays() -> None:
    """Enrolments are stored under the key that older versions of the program have written."""
    assert msgspec.json.decode(msgspec.json.encode(Voice("Ann", ()))) == {"name": "Ann", "lessons": []}
