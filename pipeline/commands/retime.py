"""``cuemark retime``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands import flags


def retime(
    context: typer.Context,
    old: Annotated[
        Path,
        typer.Argument(metavar="OLD", help="What has the times: .srt, .vtt, .md, the .json of align, .chapters.json."),
    ],
    *,
    from_: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="AUDIO", help="The audio that these times are of; else it listens to the new one."
        ),
    ] = None,
    to: Annotated[Path, typer.Option("--to", metavar="AUDIO", help="The new audio: cut, with adverts, or faster.")],
    output_dir: flags.OutputDir = None,
    overwrite: flags.Overwrite = False,
    json: flags.Json = False,
    relisten: flags.Relisten = False,
    model: flags.Model = None,
    language: flags.Language = None,
    device: flags.Device = None,
    engine: flags.Engine = None,
    offline: flags.Offline = False,
    config: flags.ConfigFile = None,
    debug: flags.Debug = False,  # noqa: ARG001 -- read by main, which is there before and after the command
) -> int:
    """Move subtitles, times or chapters to another cut of the same audio.

    Adverts were put in or taken out, the start was trimmed, or the speed was changed: that is found by comparing the
    sound of both recordings, in seconds and without a model. Only times are changed. What was removed is dropped and
    said. Without --from, the words of OLD are found in the new audio as "cuemark align" finds them; the options from
    --relisten on are for that.
    """
    from pipeline.console.cut_report import cut_json, cut_lines  # noqa: PLC0415 -- heavy, and --help needs none of it
    from pipeline.console.interrupt_watch import interrupt_watch  # noqa: PLC0415 -- the same
    from pipeline.console.output import path_list, print_message, print_result  # noqa: PLC0415 -- the same
    from pipeline.console.progress_display import progress_on_stderr  # noqa: PLC0415 -- the same
    from pipeline.episode.another_cut import CutRequest, move_to_cut  # noqa: PLC0415 -- the same
    from pipeline.episode.session import Session  # noqa: PLC0415 -- the same
    from pipeline.files.store import Store, default_folder  # noqa: PLC0415 -- the same

    chosen = flags.listening_flags(model, language, device, engine, offline=offline)
    settings = flags.load_settings(config, old, chosen)
    request = CutRequest(old, from_, to, output_dir or Path(), overwrite)
    store = Store(default_folder(), relisten)
    with progress_on_stderr() as progress, interrupt_watch():
        moved = move_to_cut(request, Session(settings.config, flags.engines_of(context), store, progress))
    print_result(cut_json(moved) if json else path_list([moved.result]))
    for line in cut_lines(moved):
        print_message(line)
    return 0
