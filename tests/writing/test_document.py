from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from pipeline.schema import Continue, Finding, Result, Source, Speaker
from pipeline.times import Span
from pipeline.writing.document import render_json
from tests.factories import SHA, result
from tests.writing.strategies import results

SCHEMA = json.loads(files("pipeline.writing").joinpath("alignment.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)

EPISODE = """\
    ## News

    **José**: It is 0.8, [laughs] right?

    **Bo**: Never.
    """


WORDS = [("It", 0.0, 0.3), ("is", 0.3, 0.6), ("0.8,", 0.6, 0.9), ("[laughs]", 0.9, 1.2), ("right?", 1.2, 1.5)]

DOCUMENT: dict[str, Any] = {
    "schema": "cuemark.alignment/1",
    "audio": {"path": "episode.mp3", "sha256": SHA, "duration": 2.5},
    "transcript": {"path": "episode.md", "sha256": SHA},
    "engine": {
        "asr": "faster-whisper",
        "model": "base",
        "diarization": None,
        "versions": {"cuemark": "0.1.0"},
        "settings": {"beam_size": 5, "word_times": "faster-whisper"},
    },
    "continue_at": 1.234,
    "complete": False,
    "coverage": 1.0,
    "utterances": [
        {
            "index": 0,
            "section": "News",
            "speaker": "José",
            "heard_speaker": None,
            "start": 0.0,
            "end": 1.5,
            "confidence": 0.988,
            "fit": "verbatim",
            "timing": "heard",
            "text": "It is 0.8, [laughs] right?",
            "words": [
                {
                    "text": text,
                    "start": start,
                    "end": end,
                    "confidence": float(text != "[laughs]"),
                    "measured": text != "[laughs]",
                    "timing": "interpolated" if text == "[laughs]" else "heard",
                }
                for text, start, end in WORDS
            ],
        },
        {
            "index": 1,
            "section": "News",
            "speaker": "Bo",
            "heard_speaker": None,
            "start": None,
            "end": None,
            "confidence": 0.0,
            "fit": "not-found",
            "timing": None,
            "text": "Never.",
            "words": [
                {"text": "Never.", "start": None, "end": None, "confidence": 0.0, "measured": False, "timing": None}
            ],
        },
    ],
    "speakers": [],
    "draft": [],
    "findings": [
        {
            "kind": "untranscribed",
            "utterance": 0,
            "start": 2.0,
            "end": 9.001,
            "message": "12 words",
            "words": "and now",
        },
        {
            "kind": "note-moved",
            "utterance": None,
            "start": None,
            "end": None,
            "message": "no note → 0:01",
            "old": None,
            "new": "<!-- Continue at 0:01! -->",
        },
    ],
}


def episode() -> Result:
    """Return an episode with an utterance that was found, one that was not, and a finding of each shape."""
    return result(
        EPISODE,
        confidence={0: 0.98765, 1: 0.0},
        point=Continue(1_234, complete=False),
        findings=(
            Finding("untranscribed", "12 words", 0, Span(2_000, 9_001), {"words": "and now"}),
            Finding("note-moved", "no note → 0:01", None, None, {"old": None, "new": "<!-- Continue at 0:01! -->"}),
        ),
    )


def document(made: Result) -> dict[str, Any]:
    """Return the rendered document, read back."""
    read: dict[str, Any] = json.loads(render_json(made))
    return read


def test_the_document_has_every_field() -> None:
    """The document has every field of version 1, times in seconds."""
    assert document(episode()) == DOCUMENT


def test_the_text_is_readable() -> None:
    """The text is indented, has letters unescaped, and ends with a newline."""
    text = render_json(episode())

    assert text.startswith('{\n  "schema": "cuemark.alignment/1",\n  "audio": {\n')
    assert '"speaker": "José"' in text
    assert text.endswith("}\n")


def test_keys_come_in_a_fixed_order() -> None:
    """The fields are in the documented order, so that two documents can be compared as text."""
    assert list(document(episode())) == SCHEMA["required"]


def test_a_path_that_is_not_utf_8_is_written() -> None:
    """Bytes of a file name that UTF-8 cannot encode are replaced."""
    made = replace(episode(), audio=Source("caf\udce9.mp3", SHA), transcript_file=None)

    assert document(made)["audio"]["path"] == "caf?.mp3"
    assert document(made)["transcript"] is None


@given(results())
def test_every_document_fits_the_published_schema(made: Result) -> None:
    """Every result is rendered as a document that the schema in the package allows."""
    assert list(VALIDATOR.iter_errors(document(made))) == []


def test_the_schema_is_valid() -> None:
    """The published schema is a valid JSON Schema."""
    Draft202012Validator.check_schema(SCHEMA)


def test_fields_may_be_added() -> None:
    """Fields of later editions of version 1 are accepted, at the top and further down."""
    read = document(episode())
    read["later"] = 1
    read["utterances"][0]["later"] = 1

    assert VALIDATOR.is_valid(read)


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("schema",), "cuemark.alignment/2"),
        (("audio", "sha256"), "abc"),
        (("audio", "duration"), "2.5"),
        (("continue_at",), -1),
        (("complete",), True),
        (("coverage",), 1.1),
        (("utterances", 0, "index"), 0.5),
        (("utterances", 0, "start"), None),
        (("utterances", 0, "fit"), "good"),
        (("utterances", 0, "words", 0, "end"), None),
        (("utterances", 0, "words", 0, "measured"), 1),
        (("utterances", 1, "words", 0, "start"), 1.0),
        (("findings", 0, "kind"), "odd"),
        (("findings", 1, "kind"), "time-drift"),
        (("draft",), None),
    ],
)
def test_wrong_documents_do_not_fit_the_schema(path: tuple[str | int, ...], wrong: object) -> None:
    """Wrong types, ranges and kinds are refused, and spans with a missing time."""
    read: Any = document(episode())
    place = read
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = wrong

    assert not VALIDATOR.is_valid(read)


@pytest.mark.parametrize(
    ("field", "wrong"), [("from", -1), ("from", None), ("until", "on"), ("by", None), ("rate", 0), ("rate", None)]
)
def test_an_offset_has_its_place_amount_and_rate(field: str, wrong: object) -> None:
    """A ``time-offset`` is accepted with and without a rate and an end, and not with a wrong type or range."""
    read: Any = document(episode())
    offset = {**read["findings"][0], "kind": "time-offset", "from": 760.0, "by": -31.5}
    valid = [offset, {**offset, "until": None}, {**offset, "until": 900.0, "rate": 1.0417}]

    assert all(VALIDATOR.is_valid({**read, "findings": [one]}) for one in valid)
    assert not VALIDATOR.is_valid({**read, "findings": [{**valid[-1], field: wrong}]})


@pytest.mark.parametrize("key", ["schema", "transcript", "engine", "continue_at", "utterances", "findings"])
def test_missing_fields_do_not_fit_the_schema(key: str) -> None:
    """A document that lacks a field of version 1 is refused."""
    read = document(episode())
    del read[key]

    assert not VALIDATOR.is_valid(read)


def test_heard_speakers_are_written_with_the_labels() -> None:
    """The document has the diarizer, the heard speaker, a person's cluster, and the people of a shared turn."""
    shared = Finding("shared-turn", "Bo, then Cy", 1, Span(1, 2), {"at": 0.002, "speakers": ("Bo", "Cy")})
    plain = result(EPISODE, findings=(shared,))
    first, second = plain.utterances
    heard = replace(
        plain,
        diarization="pyannote.audio",
        utterances=(replace(first, heard_speaker="José"), replace(second, heard_speaker="Cy")),
        speakers=(Speaker("José", "SPEAKER_01", 1_500),),
    )

    document = json.loads(render_json(heard))

    VALIDATOR.validate(document)
    assert document["engine"]["diarization"] == "pyannote.audio"
    assert [(one["speaker"], one["heard_speaker"]) for one in document["utterances"]] == [
        ("José", "José"),
        ("Bo", "Cy"),
    ]
    assert document["speakers"] == [{"name": "José", "cluster": "SPEAKER_01", "seconds": 1.5}]
    assert document["findings"][0]["speakers"] == ["Bo", "Cy"]


def test_the_similarity_of_a_recognised_voice_is_written() -> None:
    """A name from the show's voice book has the voice's similarity with it, other names do not."""
    people = (Speaker("José", None, 1_500), Speaker("Bo", "SPEAKER_01", 900, recognised=0.87654))
    document = json.loads(render_json(replace(result(EPISODE), speakers=people)))

    VALIDATOR.validate(document)
    assert document["speakers"] == [
        {"name": "José", "cluster": None, "seconds": 1.5},
        {"name": "Bo", "cluster": "SPEAKER_01", "seconds": 0.9, "recognised": 0.877},
    ]
