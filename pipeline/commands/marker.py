"""``cuemark marker``."""

from __future__ import annotations

import typer

from pipeline.commands import flags


def marker(
    context: typer.Context,
    audio: flags.Audio,
    transcript: flags.TranscriptPath,
    *,
    in_place: flags.MarkInPlace = False,
    json: flags.Json = False,
    strict: flags.Strict = False,
    force: flags.Force = False,
    relisten: flags.Relisten = False,
    model: flags.Model = None,
    language: flags.Language = None,
    device: flags.Device = None,
    engine: flags.Engine = None,
    offline: flags.Offline = False,
    config: flags.ConfigFile = None,
    show_config: flags.ShowConfig = False,
    debug: flags.Debug = False,  # noqa: ARG001 -- read by main, which is there before and after the command
) -> int:
    """Show where to continue typing.

    Prints the "Continue at" note as it should be, or "complete", and below it the note as it was.
    """
    from pipeline.console.command_run import run_mark  # noqa: PLC0415 -- heavy, and --help needs none of it
    from pipeline.episode.deliver import Request  # noqa: PLC0415 -- the same
    from pipeline.files.store import Store, default_folder  # noqa: PLC0415 -- the same

    chosen = flags.listening_flags(model, language, device, engine, offline=offline)
    settings = flags.load_settings(config, transcript, chosen)
    if show_config:
        return flags.print_settings(settings)
    request = Request(audio=audio, transcript=transcript, work="marker", in_place=in_place, json=json, force=force)
    result = run_mark(request, settings.config, flags.engines_of(context), Store(default_folder(), relisten))
    return flags.exit_status(result, strict=strict)
