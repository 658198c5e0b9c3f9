r"""The status of a batch: as a table for people, as JSON for scripts, and as CSV for spreadsheets.

The table and CSV have names and errors as ``display_text``, one line each. JSON has every text unchanged, except that
undecodable bytes are written as ``\udcff``.
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
    display_text,
    episode_statuses,
    iso_time,
    result_suffix,
    totals,
)
from pipeline.batch.sources.manifest_rows import escape_formula
from pipeline.console.output import format_count
from pipeline.console.table import table
from pipeline.episode.rendered import suffixes
from pipeline.writing import FORMATS

SCHEMA = "cuemark.batch/1"

_SURROGATE = re.compile("[\ud800-\udfff]")
"""What Python decodes undecodable bytes to; written in the same way as by ``ledger_rows.as_text``."""

_HEADER = ("state", "work", "audio", "note or draft", "found", "to look at", "took", "episode")


def render_table(entries: Sequence[Entry], ledger: str, now: float) -> str:
    """Render the batch as a table: one line for each episode, and the totals in the last line.

    Args:
        ledger: the path of the ledger, or of its folder.
        now: seconds since 1970.
    """
    if not entries:
        return f"{display_text(ledger)}: nothing is in it yet\n"
    statuses = episode_statuses(entries, now)
    return f"{display_text(ledger)}\n{table(list(map(_table_row, statuses)), _HEADER)}{totals(statuses).line}\n"


def render_json(entries: Sequence[Entry], ledger: str, now: float) -> str:
    """Render the whole batch as a JSON document; ``seconds`` has the totals of audio and of work.

    An episode's ``inputs``, ``results``, ``figures`` and ``findings`` are those of the last settled attempt.

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
    """Render the batch as CSV for spreadsheets: RFC 4180 with a header, one line for each episode.

    The last columns are the paths of the results: of each format that ``-f all`` writes, and of each other format that
    an episode has.

    A text that a spreadsheet would compute as a formula gets an apostrophe before it, and line breaks become spaces,
    so file names may be changed; scripts should use the JSON.
    """
    page = io.StringIO()
    writer = csv.writer(page)
    statuses = episode_statuses(entries, now)
    results = [_results_by_format(status.entry) for status in statuses]
    formats = [name for name, form in FORMATS.items() if form.in_all or any(name in found for found in results)]
    writer.writerow((*_COLUMNS, *formats))
    for status, found in zip(statuses, results, strict=True):
        cells = *_csv_cells(status), *(found.get(name, "") for name in formats)
        writer.writerow(map(spreadsheet_safe, cells))
    return page.getvalue()


def spreadsheet_safe(value: object) -> object:
    r"""Return the value as a cell that no spreadsheet computes as a formula; numbers stay numbers.

    >>> spreadsheet_safe("=1+1"), spreadsheet_safe("a\n=1"), spreadsheet_safe(-2)
    ("'=1+1", 'a =1', -2)
    """
    if not isinstance(value, str):
        return value
    return escape_formula(display_text(value))


def _table_row(status: EpisodeStatus) -> tuple[str, ...]:
    draft = "" if status.drafted is None else format_count(status.drafted, "word", ",")
    number = "" if status.to_look_at is None else f"{status.to_look_at:,}"
    more = status.error or status.activity
    name = f"{status.name}: {more}" if more else status.name  # in the last column, because it is the longest
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
    "took_s", "attempts", "started", "ended", "error", "stage", "share", "audio", "transcript",
)  # fmt: skip


def _csv_cells(status: EpisodeStatus) -> tuple[object, ...]:
    entry = status.entry
    complete = str(status.complete).lower() if status.note else ""
    return (
        entry.state, status.name, status.work, status.language, status.audio_s, status.note_s, complete,
        status.found_share, status.drafted, status.to_look_at, status.took_s, entry.attempts,
        "" if entry.started is None else iso_time(entry.started), "" if entry.ended is None else iso_time(entry.ended),
        status.error, entry.stage, entry.share, entry.job.audio, entry.job.transcript,
    )  # fmt: skip


def _results_by_format(entry: Entry) -> dict[str, str]:
    """Return the paths of an episode's results by format."""
    if entry.outcome is None:
        return {}
    paths = {result_suffix(entry.job.name, path): path for path in entry.outcome.results}
    return {name: paths[suffix] for name, suffix in suffixes(entry.outcome.work).items() if suffix in paths}


def _finite_or_none(value: object) -> object:
    """Return the value; None for a number that JSON cannot express."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
