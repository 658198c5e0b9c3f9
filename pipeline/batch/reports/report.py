r"""How a batch stands: as a table for people, as JSON for scripts, and as CSV for spreadsheets.

What people see is cleaned: one line for each name and error. JSON has every text as it is, but for bytes that are no
text, which are written as ``\udcff``.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Sequence

import msgspec

from pipeline.batch.ledger_rows import Entry
from pipeline.batch.reports.episode_status import (
    EpisodeStatus,
    count,
    display_text,
    episode_statuses,
    iso_time,
    result_suffix,
    totals,
)
from pipeline.batch.sources.manifest_rows import escape_formula
from pipeline.console.table import table
from pipeline.episode.rendered import suffixes
from pipeline.writing import FORMATS

SCHEMA = "cuemark.batch/1"

_SURROGATE = re.compile("[\ud800-\udfff]")
"""What Python puts for bytes that are no text; the same in ``entries.as_text``."""

_HEADER = ("state", "work", "audio", "note or draft", "found", "to look at", "took", "episode")


def render_table(entries: Sequence[Entry], ledger: str, now: float) -> str:
    """The batch for people: an episode a line, and in the last line what it amounts to.

    Args:
        ledger: the path of the ledger, or of the folder that it stands in.
        now: seconds since 1970.
    """
    if not entries:
        return f"{display_text(ledger)}: nothing is in it yet\n"
    statuses = episode_statuses(entries, now)
    return f"{display_text(ledger)}\n{table(list(map(_table_row, statuses)), _HEADER)}{totals(statuses).line}\n"


def render_json(entries: Sequence[Entry], ledger: str, now: float) -> str:
    """The batch for scripts: all of it as a JSON document; ``seconds`` are of audio and of work.

    An episode's ``inputs``, ``results``, ``figures`` and ``findings`` are those of the last time that it was settled.

    Args:
        ledger: the path of the ledger.
        now: seconds since 1970.
    """
    statuses = episode_statuses(entries, now)
    total = totals(statuses)
    document = {
        "schema": SCHEMA,
        "ledger": ledger,
        "at": iso_time(now),
        "counts": dict(total.counts),
        "seconds": {"audio": total.audio_s, "work": total.work_s},
        "episodes": [_json_episode(status) for status in statuses],
    }
    text = _SURROGATE.sub(lambda found: rf"\\u{ord(found[0]):04x}", json.dumps(document, ensure_ascii=False))
    return msgspec.json.format(text, indent=2) + "\n"


def render_csv(entries: Sequence[Entry], now: float) -> str:
    """The batch for spreadsheets: RFC 4180 with a header, an episode a line, UTF-8.

    A text that a spreadsheet would take for a formula has an apostrophe before it, and one with line breaks has spaces
    in their place, so the names of files are for reading here; scripts take the JSON.
    """
    page = io.StringIO()
    writer = csv.writer(page)
    writer.writerow(_COLUMNS)
    writer.writerows(map(spreadsheet_safe, _csv_cells(status)) for status in episode_statuses(entries, now))
    return page.getvalue()


def spreadsheet_safe(value: object) -> object:
    r"""The value as a cell that no spreadsheet computes; numbers stay numbers.

    >>> harmless("=1+1"), harmless("a\n=1"), harmless(-2)
    ("'=1+1", 'a =1', -2)
    """
    if not isinstance(value, str):
        return value
    return escape_formula(display_text(value))


def _table_row(status: EpisodeStatus) -> tuple[str, ...]:
    draft = "" if status.drafted is None else count(status.drafted, "word")
    number = "" if status.to_look_at is None else f"{status.to_look_at:,}"
    more = status.error or status.activity
    name = f"{status.name}: {more}" if more else status.name  # the longest comes last, so that it makes no column wide
    return status.state, status.work, status.audio, status.note or draft, status.found, number, status.took, name


def _json_episode(status: EpisodeStatus) -> dict[str, object]:
    entry = status.entry
    job, outcome = entry.job, entry.outcome
    return {
        "name": job.name,
        "state": entry.state,
        "error": entry.error if status.error else None,
        "work": status.work or None,
        "audio": job.audio or None,
        "transcript": job.transcript,
        "title": job.title,
        "like": job.like,
        "tracks": job.tracks,
        "settings": {name: _finite_or_none(value) for name, value in entry.settings.items()},
        "inputs": outcome.inputs if outcome else {},
        "results": outcome.results if outcome else {},
        "figures": outcome.figures if outcome else {},
        "findings": outcome.findings if outcome else {},
        "stage": entry.stage,
        "share": entry.share,
        "attempts": entry.attempts,
        "started": None if entry.started is None else iso_time(entry.started),
        "ended": None if entry.ended is None else iso_time(entry.ended),
    }


_COLUMNS = (
    "state", "name", "work", "language", "audio_s", "continue_at_s", "complete", "found", "drafted_words", "to_look_at",
    "took_s", "attempts", "started", "ended", "error", "stage", "share", "audio", "transcript", *FORMATS,
)  # fmt: skip


def _csv_cells(status: EpisodeStatus) -> tuple[object, ...]:
    entry = status.entry
    aligned = status.note != ""
    return (
        entry.state, status.name, status.work, status.language, status.audio_s, status.note_s, str(status.complete).lower() * aligned,
        status.found_share, status.drafted, status.to_look_at, status.took_s, entry.attempts,
        "" if entry.started is None else iso_time(entry.started), "" if entry.ended is None else iso_time(entry.ended),
        status.error, entry.stage, entry.share, entry.job.audio, entry.job.transcript, *_result_paths(entry),
    )  # fmt: skip


def _result_paths(entry: Entry) -> list[str]:
    """The path of the result in each format, in their order; empty where there is none."""
    if entry.outcome is None:
        return [""] * len(FORMATS)
    paths = {result_suffix(entry.job.name, path): path for path in entry.outcome.results}
    suffixes_by_format = suffixes(entry.outcome.work)
    return [paths.get(suffixes_by_format[name], "") for name in FORMATS]


def _finite_or_none(value: object) -> object:
    """The value; None for a number that JSON does not have."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
