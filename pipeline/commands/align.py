"""``cuemark align``."""

from __future__ import annotations

from pathlib import Path

import typer

from pipeline.commands import flags
from pipeline.errors import ConfigError


def align(
    context: typer.Context,
    audio: flags.Audio,
    transcript: flags.TranscriptPath,
    *,
    output_dir: flags.OutputDir = None,
    output_format: flags.OutputFormats = None,
    keep_cues: flags.KeepCues = False,
    embed_audio: flags.EmbedAudio = False,
    chapters: flags.ChapterSource = None,
    embed_chapters: flags.EmbedChapters = False,
    overwrite: flags.Overwrite = False,
    in_place: flags.InPlace = False,
    diff: flags.Diff = False,
    no_times: flags.NoTimes = False,
    fix_times: flags.FixTimes = False,
    toc_times: flags.TocTimes = False,
    subtitles: flags.SubtitlePreset = None,
    max_line_width: flags.LineWidth = None,
    max_line_count: flags.LineCount = None,
    speaker_labels: flags.SpeakerLabels = None,
    keep_editorial: flags.KeepEditorial = None,
    json: flags.Json = False,
    null: flags.Null = False,
    strict: flags.Strict = False,
    force: flags.Force = False,
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
    """Give a transcript its times and the right note; write subtitles and a report."""
    from pipeline.files.store import Store, default_folder  # noqa: PLC0415 -- heavy, and --help needs none of it

    flags.check_printed(diff=diff, json=json, null=null)
    if no_times and fix_times:
        raise ConfigError("command line", "--fix-times changes times, and --no-times leaves them; give one of them")
    kept = Store(default_folder(), relisten)
    run = flags.repeatable_run(context, kept, (audio, transcript), track, config, transcript)
    if not show_config and (status := run.repeat()) is not None:
        return status

    from pipeline.console.command_run import run_request  # noqa: PLC0415 -- heavier, and nothing above needs it
    from pipeline.episode.deliver import Request  # noqa: PLC0415 -- the same

    chosen = {
        **flags.listening_flags(model, language, device, engine, offline=offline),
        **flags.voice_flags(voices, speakers),
        **flags.subtitle_flags(
            preset=subtitles,
            width=max_line_width,
            count=max_line_count,
            labels=speaker_labels,
            editorial=keep_editorial,
        ),
        "html.embed_audio": embed_audio or None,
        "chapters.source": chapters,
        "chapters.embed": embed_chapters or None,
        "markdown.times": False if no_times else None,
        "markdown.fix_times": fix_times or None,
        "markdown.toc_times": toc_times or None,
    }
    settings = flags.load_settings(config, transcript, chosen)
    if show_config:
        return flags.print_settings(settings)
    request = Request(
        audio=audio,
        transcript=transcript,
        folder=output_dir or Path(),
        formats=flags.parse_formats(output_format),
        tracks=flags.parse_tracks(track),
        voice_book=voice_book,
        in_place=in_place,
        diff=diff,
        keep_cues=keep_cues,
        embed_chapters=settings.config.chapters.embed,
        json=json,
        overwrite=overwrite,
        force=force,
    )
    report = run_request(request, settings.config, flags.engines_of(context), kept, null=null)
    return run.keep(report, flags.exit_status(report.result, strict=strict))
