from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given

import pipeline.writing
from pipeline.matching.cuts.time_map import TimeMap
from pipeline.schema import Finding, Result, Source
from pipeline.times import Span
from pipeline.writing.document import render_json
from pipeline.writing.retimed.retimed_document import retime_alignment, retime_chapters
from tests.factories import SHA, result
from tests.matching.cuts.made_maps import ADVERT_IN, cut_map, time_maps
from tests.writing.strategies import results

SCHEMA = json.loads(Path(pipeline.writing.__file__).with_name("alignment.schema.json").read_text(encoding="utf-8"))
NEW = Source("new cut.mp3", "f" * 64)
CHAPTERS = {
    "version": "1.2.0",
    "author": "Ann <Lee>",
    "chapters": [
        {"startTime": 0, "title": "Gone", "img": "a.png"},
        {"startTime": 9.5, "endTime": 30.25, "title": "Begins late", "toc": False},
        {"startTime": 59, "title": "After the advert"},
    ],
}


def moved(made: Result, cuts: TimeMap) -> dict[str, Any]:
    """The report of a result in the new cut, which its schema accepts."""
    document: dict[str, Any] = json.loads(retime_alignment(json.loads(render_json(made)), cuts, NEW).text)
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    return document


def test_alignment() -> None:
    """Times are moved, what was removed is not found any more, and the audio is the new file."""
    made = result("**Ann**: one two\n\n**Bob**: three four\n", word_ms=1_000)
    cuts = cut_map((2_000, 5_000, 0), old=made.hearing.duration, new=3_000)
    document = moved(made, cuts)
    first, second = document["utterances"]

    assert document["audio"] == {"path": "new cut.mp3", "sha256": "f" * 64, "duration": 3.0}
    assert (first["start"], first["end"], first["fit"], first["confidence"]) == (None, None, "not-found", 0)
    assert [(word["start"], word["measured"]) for word in first["words"]] == [(None, False), (None, False)]
    assert (second["start"], second["end"]) == (0.5, 2.5)
    assert [(word["start"], word["end"]) for word in second["words"]] == [(0.5, 1.5), (1.5, 2.5)]
    assert document["coverage"] == 0.5


def test_findings() -> None:
    """Findings in removed parts, and those on typed times, are left out; others are moved, with their own times."""
    findings = (
        Finding("untranscribed", "a", span=Span(1_000, 2_000), details={"words": "gone"}),
        Finding("shared-turn", "b", span=Span(70_000, 71_000), details={"at": 70.5, "speakers": ("Ann", "Bob")}),
        Finding("time-drift", "c", span=Span(70_000, 70_000), details={"typed": 1.0, "measured": 70.0}),
        Finding("unknown-speaker", "d", details={"candidates": ()}),
    )
    document = moved(replace(result("**Ann**: one two\n"), findings=findings), ADVERT_IN)

    assert [(one["kind"], one["start"], one.get("at")) for one in document["findings"]] == [
        ("shared-turn", 90.0, 90.5),
        ("unknown-speaker", None, None),
    ]


@given(results(), time_maps())
def test_any_report_stays_valid(made: Result, cuts: TimeMap) -> None:
    """Whatever the cuts, the schema of alignments accepts the report, and words are within their utterances."""
    document = moved(made, cuts)

    for one in document["utterances"]:
        times = [word for word in one["words"] if word["start"] is not None]
        assert all(one["start"] <= word["start"] <= word["end"] <= one["end"] for word in times)


@given(results())
def test_the_same_cut_changes_nothing_but_the_audio(made: Result) -> None:
    """Where all was kept, everything but the audio and findings on typed times is as it was."""
    length = max(made.hearing.duration, 1)
    before = json.loads(render_json(made))
    after = moved(made, cut_map((0, length, 0), old=length, new=length))

    for key in before.keys() - {"audio", "findings"}:
        assert after[key] == before[key], key


def test_chapters() -> None:
    """A removed chapter goes, the others begin where their sound does; all other fields stay."""
    retimed = retime_chapters(CHAPTERS, ADVERT_IN)
    document = json.loads(retimed.text)

    assert document == {
        "version": "1.2.0",
        "author": "Ann <Lee>",
        "chapters": [
            {"startTime": 0.0, "endTime": 20.25, "title": "Begins late", "toc": False},
            {"startTime": 49.0, "title": "After the advert"},
        ],
    }
    assert (retimed.kept, retimed.dropped, retimed.shortened) == (2, (Span(0, 9_500),), 1)


def test_a_floored_start_is_after_the_advert() -> None:
    """A start in whole seconds is floored: a chapter from 59.6 s on does not begin with the advert before it."""
    cuts = cut_map((0, 59_400, 0), (59_400, 90_000, 119_400), old=90_000, new=150_000)
    chapters = {"chapters": [{"startTime": 59, "title": "a"}, {"startTime": 59.25, "title": "b"}]}

    assert [one["startTime"] for one in json.loads(retime_chapters(chapters, cuts).text)["chapters"]] == [119.4, 59.25]


@pytest.mark.parametrize("chapters", [{}, {"chapters": [{}]}, {"chapters": [{"startTime": "1"}]}, {"chapters": [1]}])
def test_what_is_no_chapters_is_refused(chapters: dict[str, Any]) -> None:
    """JSON of another form raises one of the errors that the caller explains."""
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        retime_chapters(chapters, ADVERT_IN)


def test_a_surrogate_in_the_path_is_replaced() -> None:
    """A path that is not UTF-8 is written as text."""
    document = json.loads(render_json(result("**Ann**: one two\n")))

    assert (
        json.loads(retime_alignment(document, ADVERT_IN, Source("a\udcff.mp3", SHA)).text)["audio"]["path"] == "a?.mp3"
    )
