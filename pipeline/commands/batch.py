"""``cuemark batch``."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from pipeline.commands import flags
from pipeline.errors import ConfigError, LedgerError, OutputError

if TYPE_CHECKING:
    from pipeline.batch.messages import State, Work

LEDGER = "cuemark-batch.sqlite"
"""The name of the ledger beside the results."""

STATUS = "status"
"""What is given in the place of a source to see how things stand."""


def batch(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE", show_default=False, help='A folder, a manifest, a feed, or "status"; see the README.'
        ),
    ],
    *,
    work: Annotated[
        str, typer.Option(metavar="auto|align|finish|draft", help="What to do; auto aligns, or drafts without a text.")
    ] = "auto",
    like: Annotated[
        Path | None, typer.Option(metavar="TRANSCRIPT", help="A transcript of the show, whose style drafts follow.")
    ] = None,
    output_dir: Annotated[
        str, typer.Option("--output-dir", "-o", metavar="FOLDER", help="For the results; also an address: s3://…")
    ] = ".",
    output_format: flags.OutputFormats = None,
    write_manifest: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what is found as a manifest (CSV) to edit, and stop.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(metavar="NUMBER", min=1, help="Episodes at once; else as many as there is room for.")
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(metavar="WHERE", help="Work on many machines: local, ssh:HOST,HOST, tcp://HOST:8786.")
    ] = None,
    ledger: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where it is noted how things stand; else beside the results.")
    ] = None,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Try again what has failed.")] = False,
    redo: Annotated[
        bool, typer.Option("--redo", help="Write again what is done; what was heard is taken from the store.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on for ever, and take what is added to the source.")
    ] = False,
    overwrite: flags.Overwrite = False,
    force: flags.Force = False,
    json: Annotated[bool, typer.Option("--json", help="Print the status as JSON.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print the status as a table for spreadsheets.")] = False,
    subtitles: flags.SubtitlePreset = None,
    voice_book: flags.VoiceBookOf = None,
    voices: flags.Voices = None,
    speakers: flags.Speakers = None,
    model: flags.Model = None,
    language: flags.Language = None,
    device: flags.Device = None,
    engine: flags.Engine = None,
    offline: flags.Offline = False,
    config: flags.ConfigFile = None,
    show_config: flags.ShowConfig = False,
    debug: flags.Debug = False,  # noqa: ARG001 -- read by main, which is there before and after the command
) -> int:
    """Do many episodes, and go on where it stopped.

    What is done stays done: run it again after a break, a crash, or when there are new episodes. "cuemark batch status"
    shows how each of them stands.
    """
    if (json or csv) and source != STATUS:
        raise ConfigError("command line", "--json and --csv print how things stand: cuemark batch status --json")
    from pipeline.batch.storage.remote_files import is_address  # noqa: PLC0415 -- heavy, and --help needs none of it

    far = is_address(output_dir)
    output_dir = output_dir if far else os.path.abspath(output_dir)  # noqa: PTH100 -- a text, like an address
    note = ledger or Path(*([] if far else [output_dir]), LEDGER)
    if source == STATUS:
        return _show_status(note, json=json, csv=csv)
    chosen = {
        **flags.listening_flags(model, language, device, engine, offline=offline),
        **flags.voice_flags(voices, speakers),
        "cues.preset": subtitles,
    }
    if show_config:
        return flags.show(flags.settings(config, None, chosen))
    from pipeline.batch.coordinator import Conduct, conduct, note_down  # noqa: PLC0415 -- heavy, and --help needs none of it
    from pipeline.batch.reports.html_report import page_name  # noqa: PLC0415 -- the same
    from pipeline.batch.request import Order  # noqa: PLC0415 -- the same
    from pipeline.console.output import give  # noqa: PLC0415 -- the same

    _check_places(output_dir, ledger, like)
    if voice_book is not None:
        _check_voices(cluster, told=voices is not False)
    order = Order(
        source=source,
        work=_work(work),
        folder=output_dir,
        downloads="" if far else str(Path(output_dir, "downloads")),
        formats=flags.formats(output_format),
        like=str(like) if like else None,
        voice_book=voice_book,
        given=config,
        flags={name: value for name, value in chosen.items() if value is not None},
        overwrite=overwrite,
        force=force,
    )
    if write_manifest is not None:
        give(f"{note_down(order, write_manifest)}\n")
        return 0
    how = Conduct(ledger=note, workers=workers, cluster=cluster, retry=retry_failed, redo=redo, watch=watch)
    counts = conduct(order, how, flags.engines_of(context))
    if not far:
        give(f"{Path(output_dir, page_name(1))}\n")
    return _status(counts)


def _check_places(folder: str, ledger: Path | None, like: Path | None) -> None:
    """Refuse now what every episode would fail by."""
    from pipeline.batch.storage.remote_files import is_address  # noqa: PLC0415 -- the same
    from pipeline.files.transcript_file import read_transcript  # noqa: PLC0415 -- the same

    if not is_address(folder) and os.path.exists(folder) and not os.path.isdir(folder):  # noqa: PTH110, PTH112 -- a text
        raise OutputError(Path(folder), "is no folder; give another --output-dir")
    if ledger is not None and not ledger.parent.is_dir():
        raise OutputError(ledger, "its folder is not there; make it, or give another --ledger")
    if like is not None:
        read_transcript(like)


def _check_voices(cluster: str | None, *, told: bool) -> None:
    """Refuse a voice book where it is of no use, or where people's voices would go over a network in the open."""
    if not told:
        raise ConfigError("--voice-book", "is of use only where voices tell who speaks; leave --no-voices away")
    if cluster is not None and not cluster.startswith(("local", "tls:")):
        reason = "sends people's voices to other machines; give --cluster local, or a scheduler at tls://…"
        raise ConfigError("--voice-book", reason)


def _work(word: str) -> Work:
    from pipeline.batch.messages import Work  # noqa: PLC0415 -- the same
    from pipeline.settings.config import nearest  # noqa: PLC0415 -- the same

    if word not in get_args(Work):
        raise ConfigError(f"--work {word}", f"there is no such work{nearest(word, get_args(Work))}")
    return cast("Work", word)


def _status(counts: Mapping[State, int]) -> int:
    """1 where something failed, or was found and could not be taken."""
    return int(bool(counts.get("failed") or counts.get("refused")))


def _show_status(path: Path, *, json: bool, csv: bool) -> int:
    from pipeline.batch.ledger import Ledger  # noqa: PLC0415 -- the same
    from pipeline.batch.reports.report import render_csv, render_json, render_table  # noqa: PLC0415 -- the same
    from pipeline.console.output import give  # noqa: PLC0415 -- the same

    if json and csv:
        raise ConfigError("command line", "--json and --csv both print; give one of them")
    if not path.is_file():
        raise ConfigError("batch status", f"there is no {path}; give the folder of the results with -o, or --ledger")
    with Ledger(path) as ledger:
        with suppress(LedgerError):  # who may only read sees how things stood
            ledger.free_the_dead()
        entries = ledger.entries()
    if csv:
        give(render_csv(entries, time.time()))
    else:
        give((render_json if json else render_table)(entries, str(path), time.time()))
    return _status(Counter(entry.state for entry in entries))
