"""The summary page of a batch: self-contained HTML that links every result, with a list of what to look at first.

It works without network and without JavaScript; its script only adds search and sorting. The template engine escapes
all untrusted text. In addition, a Content Security Policy (Level 3) lets the browser run and load only the packaged
style and script, by their hashes. A page has at most ``MAX_ROWS`` episodes, so that a browser on a phone can open it;
more episodes go to further pages.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import quote

from pipeline.batch.ledger_rows import Entry
from pipeline.batch.messages import State
from pipeline.batch.reports.episode_status import (
    STATES,
    EpisodeStatus,
    Totals,
    display_text,
    episode_statuses,
    iso_time,
    result_suffix,
    totals,
)
from pipeline.errors import OutputError
from pipeline.io.atomic import ChangedMeanwhileError, sha256_of, write_below
from pipeline.io.confined import LinkOutError, real_name
from pipeline.io.part_files import remove_abandoned
from pipeline.languages import LANGUAGES
from pipeline.writing.page_template import csp_hash, packaged_text, page_template

_PACKAGE = "pipeline.batch.reports"

STEM = "cuemark-batch"
"""The first page is ``cuemark-batch.html``, the second ``cuemark-batch-2.html``."""

MAX_ROWS = 2_000
"""The largest number of episodes on a page. Chosen by hand."""

MAX_FAILED = 20
MAX_TO_LOOK_AT = 10
"""The number of failed or refused episodes, and of those with findings, that are listed before the table: about a
screen in all. Chosen by hand."""

_GENERATOR_TAG = b'<meta name="generator" content="cuemark batch"/>'
_BAR_LENGTH = 1_000  # in units of the SVG: a thousandth is finer than a pixel
_MIN_PART_LENGTH = 4
"""The shortest part of a bar of ``_BAR_LENGTH``, so that every state that occurs is visible."""


@dataclass(frozen=True, slots=True)
class Link:
    """A result: the displayed text, and its URL relative to the page; None if it is not in the page's folder."""

    label: str
    href: str | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the table, and the number that it is sorted by, if it has one."""

    text: str
    rank: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """An episode in the form of the template; ``why`` is the line below its name."""

    name: str
    state: State
    words: str
    why: str
    share: float | None
    cells: tuple[Cell, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Episodes to look at first, and a line with the number of further ones."""

    title: str
    rows: tuple[Row, ...]
    more: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the bar, in thousandths of the bar's length."""

    state: State
    words: str
    number: str
    start: int
    width: int


def render_pages(entries: Sequence[Entry], folder: str, now: float) -> tuple[str, ...]:
    """Render the pages of a batch as HTML that is also well-formed XML, in their order; at least one.

    Args:
        folder: the folder of the pages, as the user gave it.
        now: seconds since 1970.
    """
    statuses = episode_statuses(entries, now)
    starts = range(0, max(1, len(statuses)), MAX_ROWS)
    names = [page_name(number) for number, _ in enumerate(starts, 1)]
    shared = {
        "folder": display_text(folder),
        "heading": display_text(Path(folder).name) or "Results",
        "pages": names,
        "states": STATES,
        "style": packaged_text(_PACKAGE, "page.css"),
        "style_hash": csp_hash(packaged_text(_PACKAGE, "page.css")),
        "script": packaged_text(_PACKAGE, "page.js"),
        "script_hash": csp_hash(packaged_text(_PACKAGE, "page.js")),
    }
    summary = _summary(statuses, now)
    return tuple(
        page_template(_PACKAGE, "page.html").render(
            shared,
            **(summary if number == 1 else {}),
            number=number,
            rows=[_row(status, _reason_text(status)) for status in statuses[start : start + MAX_ROWS]],
            shown=f"{start + 1:,} to {min(start + MAX_ROWS, len(statuses)):,} of {len(statuses):,}",
        )
        for number, start in enumerate(starts, 1)
    )


def write_page(entries: Sequence[Entry], folder: Path, now: float) -> Path:
    """Write the pages of a batch atomically into the folder of its results, and return the path of the first.

    Earlier pages that are no longer needed are removed, and so are temporary files of killed runs, in any case.

    Args:
        folder: a path without links.

    Raises:
        OutputError: a page cannot be written, a link leads out of the folder, or another file has its name.
    """
    for number, page in enumerate(render_pages(entries, str(folder), now), 1):
        _write_own_page(folder, page_name(number), page.encode())
    _remove_extra_pages(folder, number)
    remove_abandoned(folder)
    return folder / page_name(1)


def check_pages(folder: Path) -> None:
    """Check before any work that no page would be written through a link out of the folder (a path without links).

    Raises:
        OutputError: a link leads out of the folder.
    """
    for name in map(page_name, count(1)):
        _inside(folder, name)
        if not os.path.lexists(folder / name):
            return


def page_name(number: int) -> str:
    """Return the file name of a page; the first page is 1."""
    return f"{STEM}.html" if number == 1 else f"{STEM}-{number}.html"


# --- content ---------------------------------------------------------------------------------------------------------


def _summary(statuses: Sequence[EpisodeStatus], now: float) -> dict[str, object]:
    total = totals(statuses)
    iso = iso_time(now)
    return {
        "bar": _bar(total),
        "amounts": total.amounts,
        "open": bool(total.counts["waiting"] or total.counts["running"]),
        "iso": iso,
        "at": f"{iso[:10]} {iso[11:16]} UTC",
        "groups": tuple(_groups(statuses)),
    }


def _bar(total: Totals) -> tuple[Part, ...]:
    """Return the parts of the bar, which fill its whole length; none is too short to be visible."""
    counts = {state: number for state, number in total.counts.items() if number}
    length = _BAR_LENGTH - _MIN_PART_LENGTH * len(counts)
    parts: list[Part] = []
    start = before = 0
    for state, number in counts.items():
        before += number
        end = _MIN_PART_LENGTH * (len(parts) + 1) + length * before // sum(counts.values())
        parts.append(Part(state, STATES[state], f"{number:,}", start, end - start))
        start = end
    return tuple(parts)


def _groups(statuses: Sequence[EpisodeStatus]) -> Iterator[Group]:
    failed = [status for status in statuses if status.entry.state == "failed"]
    refused = [status for status in statuses if status.entry.state == "refused"]
    with_findings = [status for status in statuses if status.entry.state == "done" and status.to_look_at]
    with_findings.sort(key=lambda status: -(status.to_look_at or 0))
    for title, found, why, limit in (
        ("Failed", failed, _reason_text, MAX_FAILED),
        ("Not taken", refused, _reason_text, MAX_FAILED),
        ("Most to look at", with_findings, _finding_kinds, MAX_TO_LOOK_AT),
    ):
        if found:
            rest = len(found) - limit
            more = f"… and {rest:,} more, all of them among the episodes below." if rest > 0 else ""
            yield Group(title, tuple(_row(status, why(status)) for status in found[:limit]), more)


def _reason_text(status: EpisodeStatus) -> str:
    """Return the error, or the current activity."""
    attempts = status.entry.attempts
    tried = f" (tried {attempts} times)" if status.entry.state == "failed" and attempts > 1 else ""
    return status.activity or status.error + tried


def _finding_kinds(status: EpisodeStatus) -> str:
    """Return the number of findings of each kind, as text."""
    return ", ".join(f"{number:,} × {kind}" for kind, number in status.findings)


def _row(status: EpisodeStatus, why: str) -> Row:
    entry = status.entry
    return Row(
        name=status.name,
        state=entry.state,
        words=status.state,
        why=why,
        share=entry.share if entry.state == "running" else None,
        cells=(
            Cell(status.work),
            Cell(LANGUAGES.get(status.language, status.language)),
            Cell(status.audio, status.audio_s),
            Cell(status.note, status.note_s),
            Cell(status.found, status.found_share),
            _number_cell(status.drafted),
            _number_cell(status.to_look_at),
            Cell(status.took, status.took_s),
        ),
        links=tuple(_links(entry.job.name, entry.outcome.results)) if entry.outcome else (),
    )


def _number_cell(number: int | None) -> Cell:
    return Cell("", None) if number is None else Cell(f"{number:,}", number)


def _links(name: str, results: Iterable[str]) -> Iterator[Link]:
    """Return the links to an episode's results, which are in the page's folder under the episode's name."""
    address = _relative_url(name)
    for result in results:
        suffix = result_suffix(name, result)
        if suffix is None or "://" in result:
            yield Link(display_text(result), None)
        else:
            yield Link(display_text(suffix.removeprefix(".")), f"{address}{quote(suffix)}" if address else None)


def _relative_url(name: str) -> str | None:
    """Return the URL of a file relative to the page; None for a name that no file system can have.

    It begins with ``./``, so that a browser takes no part of a name as a scheme or host, and every reserved byte is
    percent-encoded (RFC 3986), so that the URL is that of this file and no other.
    """
    try:
        return f"./{quote(name, errors='surrogateescape')}"
    except UnicodeEncodeError:
        return None


# --- files -----------------------------------------------------------------------------------------------------------


def _inside(folder: Path, name: str) -> Path:
    try:
        return real_name(folder, name)
    except LinkOutError as e:
        reason = f"is a link that leads out of the folder, to {e.target}; remove the link, or give another --output-dir"
        raise OutputError(folder / name, reason) from e


def _write_own_page(folder: Path, name: str, content: bytes) -> None:
    """Write a page unless it is unchanged; a file that is not a page of a batch is never replaced."""
    path = folder / _inside(folder, name)
    foreign = OutputError(folder / name, "is there and is no summary of a batch; move it away to have the summary")
    try:
        old = _read_if_exists(path)
        if old is not None and _GENERATOR_TAG not in old:
            raise foreign
        known = None if old is None else sha256_of(old)
        if old != content:
            write_below(folder, name, content, may_replace=lambda present: present == known)
    except ChangedMeanwhileError as e:
        raise foreign from e
    except OSError as e:
        raise OutputError(folder / name, f"cannot be written ({e.strerror})") from e


def _remove_extra_pages(folder: Path, last: int) -> None:
    for number in count(last + 1):
        path = folder / page_name(number)
        try:
            if _GENERATOR_TAG not in (_read_if_exists(path) or b""):
                return
            path.unlink()
        except OSError as e:
            raise OutputError(path, f"cannot be removed ({e.strerror})") from e


def _read_if_exists(path: Path) -> bytes | None:
    """Return a file's content; None if it does not exist, and empty if it is not a file."""
    if path.is_file():
        return path.read_bytes()
    return b"" if path.exists() else None
