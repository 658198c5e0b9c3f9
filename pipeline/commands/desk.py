"""``cuemark desk``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands import flags


def desk(
    context: typer.Context,
    audio: flags.Audio,
    transcript: Annotated[
        Path, typer.Argument(metavar="TRANSCRIPT", help="The transcript, in Markdown; begun if it does not exist.")
    ],
    *,
    like: Annotated[
        Path | None,
        typer.Option(metavar="TRANSCRIPT", help="Another transcript of the show, whose style a new one follows."),
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65_535, metavar="NUMBER", help="The port; by default a free one.")
    ] = None,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Open no browser; the address is printed in any case.")
    ] = False,
    output_dir: flags.OutputDir = None,
    output_format: Annotated[
        list[str] | None,
        typer.Option(
            "--output-format",
            "-f",
            metavar="FORMAT",
            help="srt, vtt, json, all and more: written beside the transcript at each save; may be repeated.",
        ),
    ] = None,
    overwrite: flags.Overwrite = False,
    times: flags.Times = None,
    subtitles: flags.SubtitlePreset = None,
    relisten: flags.Relisten = False,
    voices: flags.Voices = None,
    speakers: flags.Speakers = None,
    track: flags.TrackFiles = None,
    voice_book: flags.VoiceBookOf = None,
    model: flags.Model = None,
    language: flags.Language = None,
    device: flags.Device = None,
    engine: flags.Engine = None,
    offline: flags.Offline = False,
    config: flags.ConfigFile = None,
    show_config: flags.ShowConfig = False,
    debug: flags.Debug = False,  # noqa: ARG001 -- read by main, which is there before and after the command
) -> int:
    """Type, hear and correct a transcript in the browser, while every time follows.

    Opens a page on this machine alone. It shows the transcript, plays the audio, suggests what is said next, and lists
    what does not fit. Only Save writes the file; until then everything is kept in a journal.
    """
    from pipeline.console.output import print_message  # noqa: PLC0415 -- heavy, and --help needs none of it
    from pipeline.desk.serving.launch import DeskRequest, run_desk  # noqa: PLC0415 -- the same
    from pipeline.episode.deliver import Request  # noqa: PLC0415 -- the same
    from pipeline.files.conversion import markdown_beside  # noqa: PLC0415 -- the same
    from pipeline.files.store import Store, default_folder  # noqa: PLC0415 -- the same

    chosen = {
        **flags.listening_flags(model, language, device, engine, offline=offline),
        **flags.voice_flags(voices, speakers),
        "finish.times": times,
        "cues.preset": subtitles,
    }
    settings = flags.load_settings(config, transcript, chosen)
    if show_config:
        return flags.print_settings(settings)
    store = Store(default_folder(), relisten)
    document = markdown_beside(transcript, store)
    for line in document.remarks:
        print_message(line)
    results = Request(
        audio=audio,
        transcript=document.path,
        like=like,
        folder=output_dir or Path(),
        formats=flags.parse_formats(output_format) if output_format else (),
        tracks=flags.parse_tracks(track),
        voice_book=voice_book,
        in_place=True,
        overwrite=overwrite,
    )
    request = DeskRequest(results, port, browser=not no_browser)
    return run_desk(request, settings.config, flags.engines_of(context), store, print_message)
