from __future__ import annotations

import json

import pytest

from pipeline.reading.imports.alignment_json import alignment_pieces, is_alignment, read_alignment
from pipeline.reading.imports.pieces import ImportedFileError, Piece
from pipeline.times import Span


def document(**fields: object) -> str:
    """The JSON of an alignment."""
    return json.dumps({"schema": "cuemark.alignment/1", **fields})


def turn(start: float | None, text: str, speaker: str = "Ann", section: str | None = None) -> dict[str, object]:
    """A turn of a second; None has no time."""
    end = None if start is None else start + 1
    return {"start": start, "end": end, "text": text, "speaker": speaker, "section": section, "confidence": 0.7}


def test_turns_are_pieces() -> None:
    """Each begins a turn, and a new section has its heading."""
    turns = [
        turn(1, "one", section="A"),
        turn(3, " two  three", section="A"),
        turn(None, "four", "Bo", "B"),
        turn(9, " "),
    ]

    assert list(alignment_pieces(document(utterances=turns))) == [
        Piece("Ann", "one", 1000, 2000, heading="A", is_turn=True),
        Piece("Ann", "two three", 3000, 4000, is_turn=True),
        Piece("Bo", "four", heading="B", is_turn=True),
    ]


def test_drafts_are_in_their_place() -> None:
    """Behind the last turn that begins before them, in its section."""
    turns, drafts = (
        [turn(1, "one", section="A"), turn(None, "two"), turn(5, "four")],
        [turn(9, "five"), turn(3, "three")],
    )

    read = read_alignment(document(utterances=turns, draft=drafts)).turns
    alone = read_alignment(document(draft=drafts)).turns

    assert [one.text for one in read] == ["one", "two", "three", "four", "five"]
    assert [one.text for one in alone] == ["three", "five"]
    assert [one.timed.confidence for one in alone] == [1.0, 1.0]


def test_times_that_no_recording_has_are_none() -> None:
    """A word that ends before it begins has no time, either."""
    words = [
        {"text": "a", "start": 1, "end": 2, "timing": "heard"},
        {"text": "b", "start": 2, "end": 1},
        {"text": "c", "start": -1},
    ]

    [one] = read_alignment(document(utterances=[turn(1e300, "a b c") | {"words": words}])).turns

    assert one.timed.span is None
    assert [(word.span, word.timing) for _, word in one.words] == [
        (Span(1000, 2000), "heard"),
        (None, None),
        (None, None),
    ]


def test_other_json_is_no_alignment() -> None:
    """The schema says it; an alignment with other fields is broken."""
    assert is_alignment(document())
    assert not any(is_alignment(one) for one in ("{}", "[1]", "{", '{"schema": "cuemark.marker/1"}', "[" * 9_999))
    with pytest.raises(ImportedFileError, match=r"says that it is cuemark\.alignment/1, but is not"):
        read_alignment(document(utterances=[{"start": "now"}]))
