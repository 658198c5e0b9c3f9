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
from pipeline.errors import BatchSourceError, ConfigError, LedgerError, OutputError

if TYPE_CHECKING:
    from pipeline.batch.messages import State, Work

LEDGER = "cuemark-batch.sqlite"
"""The file name of the ledger, in the folder of the results."""

STATUS = "status"
"""The word that is given instead of a source to see the status."""


def batch(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(metavar="SOURCE", show_default=False, help='A folder, a manifest, a feed, or "status".'),
    ],
    *,
    work: Annotated[
        str,
        typer.Option(
            metavar="auto|align|finish|draft", help="What to do; auto aligns, or drafts if there is no transcript."
        ),
    ] = "auto",
    like: Annotated[
        Path | None, typer.Option(metavar="TRANSCRIPT", help="A transcript of the show, whose style drafts follow.")
    ] = None,
    output_dir: Annotated[
        str, typer.Option("--output-dir", "-o", metavar="FOLDER", help="For the results; also an address: s3://…")
    ] = ".",
    output_format: flags.OutputFormats = None,
    keep_cues: flags.KeepCues = False,
    embed_audio: flags.EmbedAudio = False,
    chapters: flags.ChapterSource = None,
    embed_chapters: flags.EmbedChapters = False,
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
        Path | None,
        typer.Option(metavar="FILE", help="The file with the status of each episode; by default with the results."),
    ] = None,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Try failed episodes again.")] = False,
    redo: Annotated[
        bool, typer.Option("--redo", help="Write finished episodes again; what was heard comes from the store.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Keep running, and process what is added to the source.")
    ] = False,
    overwrite: flags.Overwrite = False,
    force: flags.Force = False,
    json: Annotated[bool, typer.Option("--json", help="Print the status as JSON.")] = False,
    null: flags.Null = False,
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
    """Process many episodes, and continue where the last run stopped.

    Run it again after a crash or for new episodes. "cuemark batch status" shows the status of each.
    """
    if (json or csv) and source != STATUS:
        raise ConfigError("command line", "--json and --csv print the status: cuemark batch status --json")
    from pipeline.batch.storage.remote_files import is_address  # noqa: PLC0415 -- heavy, and --help needs none of it

    far = is_address(output_dir)
    output_dir = output_dir if far else os.path.abspath(output_dir)  # noqa: PTH100 -- a text, like an address
    note = ledger or Path(*([] if far else [output_dir]), LEDGER)
    if source == STATUS:
        return _show_status(note, named=ledger is not None, json=json, csv=csv)
    chosen = {
        **flags.listening_flags(model, language, device, engine, offline=offline),
        **flags.voice_flags(voices, speakers),
        "cues.preset": subtitles,
        "html.embed_audio": embed_audio or None,
        "chapters.source": chapters,
        "chapters.embed": embed_chapters or None,
    }
    if show_config:
        return flags.print_settings(flags.load_settings(config, None, chosen))
    from pipeline.batch.coordinator import BatchOptions, run_batch, write_found_manifest  # noqa: PLC0415 -- heavy, and --help needs none of it
    from pipeline.batch.reports.html_report import page_name  # noqa: PLC0415 -- the same
    from pipeline.batch.request import BatchRequest  # noqa: PLC0415 -- the same
    from pipeline.console.output import path_list, print_result  # noqa: PLC0415 -- the same

    _check_places(output_dir, ledger, like)
    if voice_book is not None:
        _check_voices(cluster, identified=voices is not False)
    order = BatchRequest(
        source=source,
        work=_work(work),
        folder=output_dir,
        downloads="" if far else str(Path(output_dir, "downloads")),
        formats=flags.parse_formats(output_format),
        like=str(like) if like else None,
        voice_book=voice_book,
        given=config,
        flags={name: value for name, value in chosen.items() if value is not None},
        overwrite=overwrite,
        force=force,
        keep_cues=keep_cues,
    )
    if write_manifest is not None:
        print_result(path_list([write_found_manifest(order, write_manifest)], null=null))
        return 0
    how = BatchOptions(
        note, ledger is not None, workers=workers, cluster=cluster, retry=retry_failed, redo=redo, watch=watch
    )
    counts = run_batch(order, how, flags.engines_of(context))
    print_result("" if far else path_list([Path(output_dir, page_name(1))], null=null))
    return _status(counts)


def _check_places(folder: str, ledger: Path | None, like: Path | None) -> None:
    """Refuse now what would make every episode fail."""
    from pipeline.batch.storage.remote_files import is_address  # noqa: PLC0415 -- the same
    from pipeline.files.transcript_file import read_transcript  # noqa: PLC0415 -- the same

    if not is_address(folder) and os.path.exists(folder) and not os.path.isdir(folder):  # noqa: PTH110, PTH112 -- a text
        raise OutputError(Path(folder), "is no folder; give another --output-dir")
    if ledger is not None and not ledger.parent.is_dir():
        raise OutputError(ledger, "its folder is not there; make it, or give another --ledger")
    if like is not None:
        read_transcript(like)


def _check_voices(cluster: str | None, *, identified: bool) -> None:
    """Refuse a voice book that would not be used, or whose embeddings would be sent unencrypted over a network."""
    if not identified:
        raise ConfigError("--voice-book", "needs the speakers' voices; leave out --no-voices")
    if cluster is not None and not cluster.startswith(("local", "tls:")):
        reason = "sends people's voices to other machines; give --cluster local, or a scheduler at tls://…"
        raise ConfigError("--voice-book", reason)


def _work(word: str) -> Work:
    from pipeline.batch.messages import Work  # noqa: PLC0415 -- the same
    from pipeline.settings.config import nearest_hint  # noqa: PLC0415 -- the same

    if word not in get_args(Work):
        raise ConfigError(f"--work {word}", f"there is no such work{nearest_hint(word, get_args(Work))}")
    return cast("Work", word)


def _status(counts: Mapping[State, int]) -> int:
    """Return 1 if something failed, or was found and refused."""
    return int(bool(counts.get("failed") or counts.get("refused")))


def _show_status(path: Path, *, named: bool, json: bool, csv: bool) -> int:
    from pipeline.batch.ledger import Ledger  # noqa: PLC0415 -- the same
    from pipeline.batch.reports.report import render_csv, render_json, render_table  # noqa: PLC0415 -- the same
    from pipeline.console.output import print_result  # noqa: PLC0415 -- the same

    if json and csv:
        raise ConfigError("command line", "--json and --csv both print; give one of them")
    if not path.is_file():
        reason = f"there is no {path}; give the folder of the results with -o, or --ledger"
        raise BatchSourceError("batch status", reason)
    with Ledger(path, named=named) as ledger:
        with suppress(LedgerError):  # without permission to write, show the last known status
            ledger.release_stale_runs()
        entries = ledger.entries()
    if csv:
        print_result(render_csv(entries, time.time()))
    else:
        print_result((render_json if json else render_table)(entries, str(path), time.time()))
    return _status(Counter(entry.state for entry in entries))
