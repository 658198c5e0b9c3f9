"""``cuemark publish``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands import flags
from pipeline.errors import ConfigError


def publish(
    context: typer.Context,
    audio: flags.Audio,
    transcript: flags.TranscriptPath,
    *,
    to: Annotated[
        list[str] | None,
        typer.Option("--to", metavar="PLATFORM[,PLATFORM]", help="Where it goes: apple, castopod, …, or all."),
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="The address that the files are put below, for the feed's lines."),
    ] = None,
    feed: Annotated[
        Path | None, typer.Option(metavar="FEED.xml", help="A feed; a copy of it gets the lines at the right item.")
    ] = None,
    item: Annotated[
        str | None, typer.Option(metavar="GUID|TITLE", help="The episode's item, if it is not found by itself.")
    ] = None,
    contributor: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=IDENTIFIER", help="Who a speaker is at Podlove; one for each of them."),
    ] = None,
    output_dir: flags.OutputDir = None,
    overwrite: flags.Overwrite = False,
    json: flags.Json = False,
    null: flags.Null = False,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="End with status 1 if a rule is broken or anything but a moved note is found."),
    ] = False,
    force: flags.Force = False,
    relisten: flags.Relisten = False,
    voices: flags.Voices = None,
    speakers: flags.Speakers = None,
    track: flags.TrackFiles = None,
    model: flags.Model = None,
    language: flags.Language = None,
    device: flags.Device = None,
    engine: flags.Engine = None,
    offline: flags.Offline = False,
    config: flags.ConfigFile = None,
    debug: flags.Debug = False,  # noqa: ARG001 -- read by main, which is there before and after the command
) -> int:
    """Write for each platform what it takes.

    Aligns as "cuemark align" does, from the store where that was done before, and writes into a folder for each
    platform. For podcast feeds it writes the lines that name transcript and chapters, and puts them into a copy of the
    feed.
    """
    from pipeline.console.output import path_list, print_message, print_result  # noqa: PLC0415 -- --help needs none
    from pipeline.console.progress_display import progress_on_stderr  # noqa: PLC0415 -- the same
    from pipeline.episode.session import Session  # noqa: PLC0415 -- the same
    from pipeline.files.store import Store, default_folder  # noqa: PLC0415 -- the same
    from pipeline.publish.publish_report import render_json  # noqa: PLC0415 -- the same
    from pipeline.publish.publish_run import PublishRequest  # noqa: PLC0415 -- the same
    from pipeline.publish.publish_run import publish as publish_episode  # noqa: PLC0415 -- the same
    from pipeline.settings.publish_options import identifiers  # noqa: PLC0415 -- the same

    flags.check_printed(json=json, null=null)
    chosen = {
        **flags.listening_flags(model, language, device, engine, offline=offline),
        **flags.voice_flags(voices, speakers),
        "publish.base_url": base_url,
        "publish.contributors": "; ".join(contributor) if contributor else None,
    }
    settings = flags.load_settings(config, transcript, chosen)
    known = settings.config.publish
    request = PublishRequest(
        audio=audio,
        transcript=transcript,
        folder=output_dir or Path(),
        platforms=_platforms(to or [], with_feed=feed is not None, base_url=known.base_url),
        feed=feed,
        item=item,
        base_url=known.base_url,
        voices=identifiers(known.contributors),
        tracks=flags.parse_tracks(track),
        overwrite=overwrite,
        force=force,
    )
    store = Store(default_folder(), relisten)
    with progress_on_stderr() as progress:
        made = publish_episode(request, Session(settings.config, flags.engines_of(context), store, progress))
    for line in made.remarks:
        print_message(line)
    print_result(render_json(made, request) if json else path_list([path for path, _ in made.files], null=null))
    return int(strict and bool(made.broken)) or flags.exit_status(made.result, strict=strict)


def _platforms(given: list[str], *, with_feed: bool, base_url: str) -> tuple[str, ...]:
    """Return the platforms that are asked for, each once.

    Raises:
        ConfigError: one is unknown, none is given, or a feed is, and nothing that could be named in it.
    """
    from pipeline.publish.platform_files import TAKEN  # noqa: PLC0415 -- heavy, and --help needs none of it
    from pipeline.publish.publish_run import OF_THE_FEED  # noqa: PLC0415 -- the same

    asked = [name.strip() for word in given for name in word.split(",") if name.strip()]
    if not asked:
        raise ConfigError("--to", f"name a platform: {', '.join(TAKEN)}, or all")
    for name in asked:
        if name not in {*TAKEN, "all"}:
            raise ConfigError("--to", f"nothing is written for {name!r}; there are {', '.join(TAKEN)} and all")
    platforms = tuple(name for name in TAKEN if name in asked or "all" in asked)
    if with_feed and not (base_url and set(OF_THE_FEED) & set(platforms)):
        raise ConfigError("--feed", f"needs --base-url, and --to {' or '.join(OF_THE_FEED)}")
    return platforms
