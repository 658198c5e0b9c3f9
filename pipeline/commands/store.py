"""``cuemark store``."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands import flags
from pipeline.console.output import print_message, print_result
from pipeline.console.table import table
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from pipeline.files.store import Cleared, Holding, Store

_AGE = re.compile(r"(?P<number>[0-9]{1,4})(?P<unit>[hdw])", re.ASCII)
_SECONDS = {"h": 3_600, "d": 86_400, "w": 7 * 86_400}
_NAMES = {
    "hearing": "hearings",
    "window": "parts of hearings",
    "reading": "second readings",
    "probe": "windows around where the typing stops",
    "voices": "diarizations",
    "samples": "more voice samples",
    "tracks": "speakers' own recordings",
    "forced": "forced words",
    "phones": "probabilities of phones",
    "recording": "measured recordings",
    "alignment": "alignments",
    "matches": "matched words",
    "peaks": "waveforms",
    "run": "runs, with what they printed",
    "written": "records of written files",
}


app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)


@app.callback()
def store(
    context: typer.Context,
    *,
    json: flags.Json = False,
    debug: flags.Debug = False,  # noqa: ARG001 -- read by main, before and after the command
) -> int:
    """Show what is kept of all that was heard, and clear it.

    What was heard once is not listened to again. "cuemark store clear --older-than 30d" removes what no run has used
    for 30 days; it would be listened to again. Your own files and cuemark's results are never touched.
    """
    if context.invoked_subcommand is None:
        from pipeline.files.store import Store, default_folder  # noqa: PLC0415 -- heavy, and --help needs none of it

        kept = Store(default_folder())
        print_result(_holdings_json(kept) if json else _holdings_table(kept))
    return 0


@app.command()
def clear(
    context: typer.Context,
    *,
    older_than: Annotated[
        str | None,
        typer.Option("--older-than", metavar="AGE", help="Remove what was not used for so long: 12h, 30d, 2w."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Remove all that was heard, however recent.")] = False,
    records: Annotated[
        bool,
        typer.Option(
            "--records",
            help="Remove the records of written files too; replacing those files then needs --overwrite.",
        ),
    ] = False,
    json: flags.Json = False,
    debug: flags.Debug = False,  # noqa: ARG001 -- the same
) -> int:
    """Remove what was heard; it would be listened to again."""
    from pipeline.files.store import Store, default_folder  # noqa: PLC0415 -- the same

    if everything == (older_than is not None):
        raise ConfigError("command line", "say what to clear: --older-than 30d, or --all")
    kept = Store(default_folder())
    cleared = kept.clear(unused_s=0 if older_than is None else age(older_than), records=records)
    as_json = flags.wants_json(context, json=json)
    print_result(_cleared_json(kept.folder, cleared) if as_json else _cleared_line(cleared))
    if cleared.stuck:
        print_message(f"{kept.folder}: {_count(cleared.stuck)} could not be removed; is the folder yours to write?")
    return int(cleared.stuck > 0)


def age(text: str) -> int:
    """Parse an age such as ``12h``, ``30d`` or ``2w``; returns seconds.

    Raises:
        ConfigError: it is not an age, or zero.

    >>> age("2w")
    1209600
    """
    found = _AGE.fullmatch(text.strip().lower())
    seconds = int(found["number"]) * _SECONDS[found["unit"]] if found else 0
    if not seconds:
        raise ConfigError("--older-than", f"“{text}” is no age; write 12h, 30d or 2w (hours, days, weeks)")
    return seconds


def size(number: int) -> str:
    """Format a number of bytes in decimal units.

    >>> size(999), size(12_345), size(4_000_000_000)
    ('999 B', '12.3 kB', '4.0 GB')
    """
    if number < 1_000:
        return f"{number} B"
    scaled, unit = float(number), ""
    for unit in ("kB", "MB", "GB", "TB"):  # noqa: B007 -- the last one is used after the loop
        scaled /= 1_000
        if scaled < 999.95:
            break
    return f"{scaled:.1f} {unit}"


def _holdings_table(kept: Store) -> str:
    holdings = kept.holdings()
    if not holdings:
        return f"{kept.folder}: nothing is kept here yet\n"
    rows = [
        (_NAMES.get(one.stage, one.stage), str(one.number), size(one.size), _day(one.oldest), _day(one.newest))
        for one in holdings
    ]
    total = ("in all", str(sum(one.number for one in holdings)), size(sum(one.size for one in holdings)))
    return f"{kept.folder}\n" + table([*rows, total], ("what", "number", "size", "oldest use", "newest use"))


def _holdings_json(kept: Store) -> str:
    holdings = kept.holdings()
    document = {
        "schema": "cuemark.store/1",
        "folder": str(kept.folder),
        "entries": sum(one.number for one in holdings),
        "bytes": sum(one.size for one in holdings),
        "stages": [_stage(one) for one in holdings],
    }
    return _encode(document)


def _stage(holding: Holding) -> dict[str, str | int]:
    return {
        "stage": holding.stage,
        "entries": holding.number,
        "bytes": holding.size,
        "oldest_use": _moment(holding.oldest),
        "newest_use": _moment(holding.newest),
    }


def _cleared_line(cleared: Cleared) -> str:
    return f"cleared: {_count(cleared.number)}, {size(cleared.size)}\n"


def _cleared_json(folder: Path, cleared: Cleared) -> str:
    document = {"schema": "cuemark.store-clear/1", "folder": str(folder)}
    return _encode({**document, "entries": cleared.number, "bytes": cleared.size, "stuck": cleared.stuck})


def _encode(document: dict[str, object]) -> str:
    import msgspec  # noqa: PLC0415 -- the same

    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _count(number: int) -> str:
    return f"{number} entr{'y' if number == 1 else 'ies'}"


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).astimezone().strftime("%Y-%m-%d")


def _moment(at: float) -> str:
    return datetime.fromtimestamp(int(at), UTC).isoformat().replace("+00:00", "Z")
