"""What is sent to the page: marks of words, labels with speakers, turns, samples, the note."""

from __future__ import annotations

from dataclasses import replace

from pipeline.desk.edited_document import open_document
from pipeline.desk.page_events import (
    NOT_FOUND,
    SURE,
    UNSURE,
    SpeakerList,
    labels_event,
    note_event,
    speakers_event,
    turns_event,
    word_marks,
)
from pipeline.desk.settle import Heard
from pipeline.reading.transcript import parse
from pipeline.schema import Continue, NamedTurn, Result
from pipeline.times import Span
from tests.factories import result as made_result

SOURCE = (
    "* 😀\n\nPanel:\n\n* Ann\n* Cy\n\n0:17 - **Ann**: Hello [Laughter] to all.\n\n**Bo**: Yes.\n\n**Ann**: I see.\n"
)


def prepared(source: str = SOURCE) -> Result:
    """A result in which one word of the first turn is not said, and the second turn is not sure."""
    return made_result(parse(source), silent={2}, confidence={1: 0.4}, word_ms=1_000)


def test_marks_of_words() -> None:
    """A word is sure, unsure, not found, or has no mark: an editor's word, and one that is not listened to yet."""
    result = prepared()
    words = [word.shown for word in result.transcript.words]
    assert words[:5] == ["Hello", "[Laughter]", "to", "all.", "Yes."]

    marks = word_marks(result, Heard(result.hearing, complete=True))

    assert [mark[2] if mark else None for mark in marks[:5]] == [SURE, UNSURE, NOT_FOUND, SURE, UNSURE]
    part = word_marks(result, Heard(result.hearing, None, (Span(0, 1_500),)))
    assert part[1:3] == [None, None]


def test_labels_have_places_of_the_page() -> None:
    """Labels, times and notes are at their places on the page, with the place of the speaker in the list."""
    source = SOURCE.replace("\n", "\r\n")
    result, document, speakers = prepared(source), open_document(source), SpeakerList()

    name, data = labels_event(document, result, speakers)

    encoded = document.page_text.encode("utf-16-le")
    labels, times = data["labels"], data["times"]
    assert name == "labels"
    assert isinstance(labels, list)
    assert isinstance(times, list)
    assert [encoded[2 * a : 2 * b].decode("utf-16-le") for a, b, _ in labels] == ["**Ann**:", "**Bo**:", "**Ann**:"]
    assert [speaker for *_, speaker in labels] == [0, 1, 0]
    assert [encoded[2 * a : 2 * b].decode("utf-16-le") for a, b in times] == ["0:17"]


def test_speakers_keep_their_places() -> None:
    """The list only grows; the panel's names are on it, and each voice has a sample where there is one."""
    speakers, result = SpeakerList(), prepared()
    labels_event(open_document(SOURCE), result, speakers)
    voiced = replace(result, named_turns=(NamedTurn(Span(0, 9_000), "Ann"), NamedTurn(Span(9_000, 9_500), "Bo")))

    _, data = speakers_event(voiced, speakers)

    listed = data["speakers"]
    assert isinstance(listed, list)
    assert [one["name"] for one in listed] == ["Ann", "Bo", "Cy"]
    assert [one["sample"] for one in listed] == [[0, 6_000], None, None]


def test_turns_and_typed_stretches() -> None:
    """Without voices the labels say whose voice is when; typed stretches are joined over short pauses."""
    result, speakers = prepared(), SpeakerList()
    _, data = turns_event(result, speakers)
    turns = data["turns"]
    assert isinstance(turns, list)
    assert [speaker for *_, speaker in turns] == [0, 1, 0]
    assert data["typed"] == [[turns[0][0], turns[-1][1]]]

    _, data = turns_event(replace(result, named_turns=(NamedTurn(Span(5, 9), None),)), speakers)
    assert data["turns"] == [[5, 9, None]]


def test_the_note() -> None:
    """The note is sent as it should be, with its time; none where the transcript is complete."""
    result = prepared()

    made = replace(result, continue_point=Continue(9_500, complete=False))
    assert note_event(made) == ("note", {"text": "<!-- Continue at 0:09! -->", "at": 9_500, "complete": False})
    made = replace(result, continue_point=Continue(None, complete=True))
    assert note_event(made) == ("note", {"text": None, "at": None, "complete": True})
