from __future__ import annotations

import csv
import json
from dataclasses import replace
from textwrap import dedent

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch.ledger_rows import Entry, as_text
from pipeline.batch.reports.report import render_csv, render_json, render_table, spreadsheet_safe
from pipeline.writing import FORMATS
from tests.batch.ledger_lines import (
    HOSTILE,
    NOW,
    acting_marks,
    aligned,
    failed,
    of_each_kind,
    refused,
    strange_entries,
    strange_texts,
    waiting,
)
from tests.factories import SHA

LEDGER = "results/cuemark-batch.sqlite"


def test_the_table_of_a_batch() -> None:
    """The table has one line for each episode, its name last with its error or activity, and the totals below."""
    expected = """\
        results/cuemark-batch.sqlite
        state      work   audio    note or draft  found  to look at  took   episode
        done       align  1:02:03  30:05          91%    5           7 min  season 1/01-the-slow-build
        done       align  1:02:03  complete       91%    0           7 min  02-names
        done       draft  10:00    1,234 words           0           1 min  03
        running    align                                                    04: hear the words 45%, 12 min so far
        failed     align                                             3.2 s  05: episodes/05.mp3: is damaged after 12:30; fetch it again
        to do      draft                                                    06
        not taken                                                           07: two audio files have this name; rename one
        6 episodes: 3 done, 1 running, 1 to do, 1 failed; 1 more not taken; 2 h 14 min of audio, 15 min of work
    """  # noqa: E501 -- what people see

    assert render_table(of_each_kind(), LEDGER, NOW) == dedent(expected)


def test_an_empty_ledger_is_reported() -> None:
    """The table of an empty ledger is a line that says so."""
    assert render_table((), LEDGER, NOW) == "results/cuemark-batch.sqlite: nothing is in it yet\n"


@given(st.lists(strange_entries(), min_size=1, max_size=4), strange_texts())
def test_table_has_a_line_for_each(entries: list[Entry], ledger: str) -> None:
    """Each episode has exactly one line, whatever its name or its error contains, without control characters."""
    lines = render_table(entries, ledger, NOW).splitlines()

    assert len(lines) == len(entries) + 3
    assert set().union(*map(acting_marks, lines)) == set()


def test_json_has_all_fields() -> None:
    """JSON has every field of an episode, times in ISO 8601, and the counts and totals of the batch."""
    document = json.loads(render_json(of_each_kind(), LEDGER, NOW))

    assert {name: value for name, value in document.items() if name != "episodes"} == {
        "schema": "cuemark.batch/1",
        "ledger": LEDGER,
        "at": "2026-09-21T14:13:20Z",
        "counts": {"done": 3, "running": 1, "waiting": 1, "failed": 1, "refused": 1},
        "seconds": {"audio": 8_047.0, "work": 904.2},
    }
    assert document["episodes"][0] == {
        "name": "season 1/01-the-slow-build",
        "state": "done",
        "error": None,
        "work": "align",
        "audio": "episodes/season 1/01-the-slow-build.mp3",
        "transcript": "episodes/season 1/01-the-slow-build.md",
        "title": None,
        "like": None,
        "tracks": {},
        "settings": {"transcribe.model": "base"},
        "inputs": {"audio": SHA, "transcript": SHA},
        "results": {
            f"results/season 1/01-the-slow-build{ending}": SHA for ending in (".timed.md", ".srt", ".vtt", ".json")
        },
        "figures": {
            "duration": 3_723.5,
            "language": "en",
            "coverage": 0.914,
            "continue_at": 1_805.25,
            "complete": False,
            "drafted_words": 0,
            "seconds": 420.0,
        },
        "findings": {"not-heard": 2, "note-moved": 1, "untranscribed": 3},
        "stage": None,
        "share": None,
        "attempts": 1,
        "started": "2026-09-21T14:04:40Z",
        "ended": "2026-09-21T14:11:40Z",
    }


def test_json_has_errors_and_stages() -> None:
    """Failed and refused episodes have their error, and a running one has its stage and share."""
    episodes = json.loads(render_json(of_each_kind(), LEDGER, NOW))["episodes"]

    assert [(one["state"], one["error"]) for one in episodes if one["error"] is not None] == [
        ("failed", "episodes/05.mp3: is damaged after 12:30; fetch it again"),
        ("refused", "two audio files have this name; rename one"),
    ]
    assert [(one["stage"], one["share"]) for one in episodes if one["stage"]] == [("hear the words", 0.45)]
    assert episodes[-1]["audio"] is episodes[-1]["work"] is None


@given(st.lists(strange_entries(), max_size=4), strange_texts())
def test_json_keeps_every_text(entries: list[Entry], ledger: str) -> None:
    """A strict reader accepts the JSON, and every name is unchanged except for undecodable bytes."""
    document = msgspec.json.decode(render_json(entries, ledger, NOW).encode())

    assert document["ledger"] == as_text(ledger)
    assert [one["name"] for one in document["episodes"]] == [as_text(entry.job.name) for entry in entries]


def test_json_has_no_nan() -> None:
    """An option that is NaN, which a configuration may contain, becomes null."""
    odd = replace(aligned("a"), settings={"hear.unheard_s": float("nan"), "x": 10**30})

    assert json.loads(render_json((odd,), LEDGER, NOW))["episodes"][0]["settings"] == {
        "hear.unheard_s": None,
        "x": 10**30,
    }


def test_csv_has_a_column_for_each_format() -> None:
    """CSV has figures as numbers, times in ISO 8601, and each result in the column of its format."""
    rows = list(csv.DictReader(render_csv(of_each_kind(), NOW).splitlines(), strict=True))

    assert rows[0] == {
        **{name: "" for name, form in FORMATS.items() if form.in_all},
        "state": "done",
        "name": "season 1/01-the-slow-build",
        "work": "align",
        "language": "en",
        "audio_s": "3723.5",
        "continue_at_s": "1805.25",
        "complete": "false",
        "found": "0.914",
        "drafted_words": "",
        "to_look_at": "5",
        "took_s": "420.0",
        "attempts": "1",
        "started": "2026-09-21T14:04:40Z",
        "ended": "2026-09-21T14:11:40Z",
        "error": "",
        "stage": "",
        "share": "",
        "audio": "episodes/season 1/01-the-slow-build.mp3",
        "transcript": "episodes/season 1/01-the-slow-build.md",
        "md": "results/season 1/01-the-slow-build.timed.md",
        "srt": "results/season 1/01-the-slow-build.srt",
        "vtt": "results/season 1/01-the-slow-build.vtt",
        "json": "results/season 1/01-the-slow-build.json",
    }
    assert [row["complete"] for row in rows] == ["false", "true", "", "", "", "", ""]
    assert (rows[2]["md"], rows[2]["srt"], rows[2]["drafted_words"]) == ("results/03.draft.md", "", "1234")
    assert rows[4]["error"] == "episodes/05.mp3: is damaged after 12:30; fetch it again"


def test_csv_has_a_column_for_another_format_that_an_episode_has() -> None:
    """A format for one kind of program has a column only if a result is of it; its place is that in the table."""
    first, *others = of_each_kind()
    assert first.outcome is not None
    results = {**first.outcome.results, "results/season 1/01-the-slow-build.TextGrid": SHA}
    more = replace(first, outcome=replace(first.outcome, results=results))
    rows = list(csv.DictReader(render_csv((more, *others), NOW).splitlines(), strict=True))

    assert rows[0]["textgrid"] == "results/season 1/01-the-slow-build.TextGrid"
    assert rows[1]["textgrid"] == ""
    assert list(rows[0])[-2:] == ["chapters", "textgrid"]
    assert "textgrid" not in render_csv(of_each_kind(), NOW).splitlines()[0]


@given(st.lists(strange_entries(), max_size=4))
def test_csv_has_a_line_for_each(entries: list[Entry]) -> None:
    """Each episode is one line of RFC 4180 with as many cells as the header, and no cell is a formula."""
    text = render_csv(entries, NOW)
    rows = list(csv.reader(text.split("\r\n")[:-1], strict=True))

    assert text.count("\r\n") == text.count("\n") == len(entries) + 1
    assert {len(row) for row in rows} == {19 + sum(form.in_all for form in FORMATS.values())}
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))]
    assert text.encode()


@pytest.mark.parametrize("text", HOSTILE)
def test_only_formulas_get_an_apostrophe(text: str) -> None:
    """An apostrophe comes before a text that a spreadsheet would compute, and before no other."""
    cell = str(spreadsheet_safe(text))

    assert cell.startswith("'") == text.strip().startswith(("=", "+", "-", "@", "＝", "'"))


def test_formulas_are_harmless_in_every_column() -> None:
    """Names, errors and paths are all escaped."""
    text = render_csv((failed("=1+1", "@x"), refused("+7", "-y"), waiting("-o")), NOW)
    rows = list(csv.DictReader(text.splitlines()))

    assert [(row["name"], row["error"]) for row in rows] == [("'=1+1", "'@x"), ("'+7", "'-y"), ("'-o", "")]
