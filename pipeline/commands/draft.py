"""``cuemark draft``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands import flags
from pipeline.io.atomic import legal


def draft(
    context: typer.Context,
    audio: flags.Audio,
    *,
    like: Annotated[
        Path | None, typer.Option(metavar="TRANSCRIPT", help="Another transcript of the show, whose style is followed.")
    ] = None,
    title: Annotated[
        str | None, typer.Option(metavar="TEXT", help="The title; by default the audio's name without its end.")
    ] = None,
    output_dir: flags.OutputDir = None,
    output_format: flags.OutputFormats = None,
    embed_audio: flags.EmbedAudio = False,
    overwrite: flags.Overwrite = False,
    verbatim: flags.Verbatim = None,
    mark_uncertain: flags.MarkUncertain = None,
    subtitles: flags.SubtitlePreset = None,
    json: flags.Json = False,
    null: flags.Null = False,
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
    """Draft a transcript of which nothing is typed yet.

    Writes a whole document with title, panel and, if they are clear, sections, in the style of another transcript of
    the show if one is given.
    """
    from pipeline.files.store import Store, default_folder  # noqa: PLC0415 -- heavy, and --help needs none of it

    flags.check_printed(json=json, null=null)
    kept = Store(default_folder(), relisten)
    run = flags.repeatable_run(context, kept, (audio, like), track, config, like)
    if not show_config and (status := run.repeat()) is not None:
        return status

    from pipeline.console.command_run import run_request  # noqa: PLC0415 -- heavier, and nothing above needs it
    from pipeline.episode.deliver import Request  # noqa: PLC0415 -- the same

    chosen = {
        **flags.listening_flags(model, language, device, engine, offline=offline),
        **flags.voice_flags(voices, speakers),
        **flags.draft_flags(verbatim=verbatim, uncertain=mark_uncertain, gaps=None, marks=None),
        "cues.preset": subtitles,
        "html.embed_audio": embed_audio or None,
    }
    settings = flags.load_settings(config, like, chosen)
    if show_config:
        return flags.print_settings(settings)
    request = Request(
        audio=audio,
        folder=output_dir or Path(),
        formats=flags.parse_formats(output_format),
        tracks=flags.parse_tracks(track),
        voice_book=voice_book,
        title=title or legal(audio.stem),
        like=like,
        work="draft",
        embed_chapters=settings.config.chapters.embed,
        json=json,
        overwrite=overwrite,
    )
    report = run_request(request, settings.config, flags.engines_of(context), kept, null=null)
    return run.keep(report, 0)
