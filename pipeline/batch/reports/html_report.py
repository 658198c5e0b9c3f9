"""The summary page of a batch: self-contained HTML that links every result, with what to look at first.

It needs no network and no script to be read; the script that it brings finds and sorts. Strangers' text is escaped by
the template engine, and besides the browser is told (Content Security Policy Level 3) to run and load nothing but the
style and the script that are packaged here, by their hashes. A page has ``MOST_ROWS`` episodes, so that a browser on a
phone opens it; what is more stands on further pages.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from itertools import count
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, StrictUndefined, Template

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
from pipeline.io.atomic import write_atomic
from pipeline.languages import LANGUAGES

STEM = "cuemark-batch"
"""The first page is ``cuemark-batch.html``, the second ``cuemark-batch-2.html``."""

MOST_ROWS = 2_000
"""Episodes on a page."""

MOST_FAILED = 20
MOST_TO_LOOK_AT = 10
"""So many are told in front of the table, of those that went wrong and of those with things to look at."""

_OURS = b'<meta name="generator" content="cuemark batch"/>'
_BAR = 1_000
_LEAST_OF_BAR = 4
"""Of a bar ``_BAR`` long: what there is at all can be seen."""


@dataclass(frozen=True, slots=True)
class Link:
    """A result: what people read, and the address relative to the page; None where it is not beside the page."""

    label: str
    href: str | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the table, and the number that it is sorted by, if it is one."""

    text: str
    rank: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """An episode as the template takes it; ``why`` is the line below its name."""

    name: str
    state: State
    words: str
    why: str
    share: float | None
    cells: tuple[Cell, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Episodes to look at first, and how many more there are."""

    title: str
    rows: tuple[Row, ...]
    more: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the bar, in thousandths of its length."""

    state: State
    words: str
    number: str
    start: int
    width: int


def render_pages(entries: Sequence[Entry], folder: str, now: float) -> tuple[str, ...]:
    """The pages of a batch as HTML, in their order; at least one. They are well-formed XML, too.

    Args:
        folder: where the pages stand, as people name it.
        now: seconds since 1970.
    """
    standings = episode_statuses(entries, now)
    starts = range(0, max(1, len(standings)), MOST_ROWS)
    names = [page_name(number) for number, _ in enumerate(starts, 1)]
    shared = {
        "folder": display_text(folder),
        "heading": display_text(Path(folder).name) or "Results",
        "pages": names,
        "states": STATES,
        "style": _packaged("page.css"),
        "style_hash": _hash(_packaged("page.css")),
        "script": _packaged("page.js"),
        "script_hash": _hash(_packaged("page.js")),
    }
    summary = _summary(standings, now)
    return tuple(
        _template().render(
            shared,
            **(summary if number == 1 else {}),
            number=number,
            rows=[_row(one, _why(one)) for one in standings[start : start + MOST_ROWS]],
            shown=f"{start + 1:,} to {min(start + MOST_ROWS, len(standings)):,} of {len(standings):,}",
        )
        for number, start in enumerate(starts, 1)
    )


def write_page(entries: Sequence[Entry], folder: Path, now: float) -> Path:
    """Write the pages of a batch into the folder of its results, each whole, and return the path of the first.

    Pages of before that are no longer needed are removed.

    Raises:
        OutputError: a page cannot be written, or something that is no page of a batch has its name.
    """
    pages = render_pages(entries, str(folder), now)
    paths = [folder / page_name(number) for number, _ in enumerate(pages, 1)]
    for path, page in zip(paths, pages, strict=True):
        _put(path, page.encode())
    _remove_after(folder, len(pages))
    return paths[0]


def page_name(number: int) -> str:
    """The file name of a page, of which the first is 1."""
    return f"{STEM}.html" if number == 1 else f"{STEM}-{number}.html"


# --- what stands on them ---------------------------------------------------------------------------------------------


def _summary(standings: Sequence[EpisodeStatus], now: float) -> dict[str, object]:
    total = totals(standings)
    iso = iso_time(now)
    return {
        "bar": _bar(total),
        "amounts": total.amounts,
        "open": bool(total.counts["waiting"] or total.counts["running"]),
        "iso": iso,
        "at": f"{iso[:10]} {iso[11:16]} UTC",
        "groups": tuple(_groups(standings)),
    }


def _bar(total: Totals) -> tuple[Part, ...]:
    """The parts of the bar; the last one ends where it does, and none is too thin to be seen."""
    there = {state: number for state, number in total.counts.items() if number}
    room = _BAR - _LEAST_OF_BAR * len(there)
    parts: list[Part] = []
    start = before = 0
    for state, number in there.items():
        before += number
        end = _LEAST_OF_BAR * (len(parts) + 1) + room * before // sum(there.values())
        parts.append(Part(state, STATES[state], f"{number:,}", start, end - start))
        start = end
    return tuple(parts)


def _groups(standings: Sequence[EpisodeStatus]) -> Iterator[Group]:
    failed = [one for one in standings if one.entry.state == "failed"]
    refused = [one for one in standings if one.entry.state == "refused"]
    noted = [one for one in standings if one.entry.state == "done" and one.to_look_at]
    noted.sort(key=lambda one: -(one.to_look_at or 0))
    for title, found, why, most in (
        ("Failed", failed, _why, MOST_FAILED),
        ("Not taken", refused, _why, MOST_FAILED),
        ("Most to look at", noted, _kinds, MOST_TO_LOOK_AT),
    ):
        if found:
            rest = len(found) - most
            more = f"… and {rest:,} more, all of them among the episodes below." if rest > 0 else ""
            yield Group(title, tuple(_row(one, why(one)) for one in found[:most]), more)


def _why(one: EpisodeStatus) -> str:
    """What went wrong, or what is being done."""
    attempts = one.entry.attempts
    tried = f" (tried {attempts} times)" if one.entry.state == "failed" and attempts > 1 else ""
    return one.doing or one.error + tried


def _kinds(one: EpisodeStatus) -> str:
    """What there is to look at."""
    return ", ".join(f"{number:,} × {kind}" for kind, number in one.findings)


def _row(one: EpisodeStatus, why: str) -> Row:
    entry = one.entry
    return Row(
        name=one.name,
        state=entry.state,
        words=one.state,
        why=why,
        share=entry.share if entry.state == "running" else None,
        cells=(
            Cell(one.work),
            Cell(LANGUAGES.get(one.language, one.language)),
            Cell(one.audio, one.audio_s),
            Cell(one.note, one.note_s),
            Cell(one.found, one.found_share),
            _number(one.drafted),
            _number(one.to_look_at),
            Cell(one.took, one.took_s),
        ),
        links=tuple(_links(entry.job.name, entry.outcome.results)) if entry.outcome else (),
    )


def _number(number: int | None) -> Cell:
    return Cell("", None) if number is None else Cell(f"{number:,}", number)


def _links(name: str, results: Iterable[str]) -> Iterator[Link]:
    """The links to results, which stand beside the page, under the name of their episode."""
    address = _address(name)
    for result in results:
        ending = result_suffix(name, result)
        if ending is None or "://" in result:
            yield Link(display_text(result), None)
        else:
            yield Link(display_text(ending.removeprefix(".")), f"{address}{quote(ending)}" if address else None)


def _address(name: str) -> str | None:
    """The address of what stands beside the page, relative to it; None for a name that no disk can have.

    It begins with ``./``, so that nothing in a name is taken for a scheme or a host, and every byte that has a
    meaning in an address stands as ``%xx`` (RFC 3986), so that it is the file of that name and no other.
    """
    try:
        return f"./{quote(name, errors='surrogateescape')}"
    except UnicodeEncodeError:
        return None


# --- how -------------------------------------------------------------------------------------------------------------


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_packaged("page.html"))


@cache
def _packaged(name: str) -> str:
    return (files("pipeline.batch.reports") / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()).decode()


def _put(path: Path, content: bytes) -> None:
    """Write a page where there is none or one of ours, unless it stands there already."""
    try:
        old = _content(path)
        if old is not None and _OURS not in old:
            raise OutputError(path, "is there and is no summary of a batch; move it away to have the summary")
        if old != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(path, content)
    except OSError as e:
        raise OutputError(path, f"cannot be written ({e.strerror})") from e


def _remove_after(folder: Path, last: int) -> None:
    for number in count(last + 1):
        path = folder / page_name(number)
        try:
            if _OURS not in (_content(path) or b""):
                return
            path.unlink()
        except OSError as e:
            raise OutputError(path, f"cannot be removed ({e.strerror})") from e


def _content(path: Path) -> bytes | None:
    """What stands there; None for nothing, and no byte of what is no file."""
    if path.is_file():
        return path.read_bytes()
    return b"" if path.exists() else None
