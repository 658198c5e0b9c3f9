from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch.ledger_rows import COLUMNS, Entry, RequestedEpisode, as_text, entry_from_row, to_json
from pipeline.batch.messages import Job, Outcome
from pipeline.schema import VoiceExamples

ANY = st.text(st.characters(codec=None, exclude_categories=()))


def test_a_requested_episode_becomes_a_row_of_text() -> None:
    """Every value is what SQLite stores, with undecodable bytes escaped and JSON keys sorted."""
    job = Job("a\udcff", "a.mp3")
    episode = RequestedEpisode(job, "key", {"b": 1, "a": "x"}, {"audio": "3 bytes, 7"})

    assert episode.row == {
        "name": "a\\udcff",
        "drafts": 1,
        "job": to_json(job),
        "key": "key",
        "settings": '{"a": "x", "b": 1}',
        "files": '{"audio": "3 bytes, 7"}',
    }


def test_a_row_becomes_an_entry() -> None:
    """Each column goes to the field of its name, and an episode that was never settled has no outcome."""
    job = Job("a", "a.mp3", "a.md", options={"transcribe.language": "de"}, length=3)
    row = (to_json(job), "running", "key", '{"x": 1}', '{"audio": "y"}', "listening", 0.5, 2, 10.0, None, None, None)

    assert len(row) == len(COLUMNS.split(", "))
    assert entry_from_row(row) == Entry(
        job, "running", "key", {"x": 1}, {"audio": "y"}, "listening", 0.5, 2, 10.0, None, None, None
    )


@pytest.mark.parametrize(("column", "value"), [(0, "{"), (0, "{}"), (1, "dancing"), (7, "twice"), (10, "[]")])
def test_another_programs_row_is_a_value_error(column: int, value: str) -> None:
    """A row with invalid JSON, an unknown state or a wrong type raises the error that the ledger reports as damage."""
    row: list[object] = [to_json(Job("a", "a.mp3")), "done", "k", "{}", "{}", None, None, 1, None, None, None, None]
    row[column] = value

    with pytest.raises((ValueError, msgspec.ValidationError)):
        entry_from_row(row)


def test_voice_examples_are_never_encoded() -> None:
    """The JSON of an outcome is the same with and without voice examples."""
    examples = VoiceExamples("00", "a", "weights", {"Ann": ()})
    outcome = Outcome("align", {"audio": "00"}, examples=examples)

    assert to_json(outcome) == to_json(Outcome("align", {"audio": "00"}))
    assert json.loads(to_json(outcome))["examples"] is None


@given(ANY)
def test_any_name_becomes_valid_unicode(name: str) -> None:
    """The result can be encoded, does not change again, and is the name itself if that is valid."""
    text = as_text(name)

    assert text.encode().decode() == text == as_text(text)
    assert (text == name) == (not any("\ud800" <= letter <= "\udfff" for letter in name))
