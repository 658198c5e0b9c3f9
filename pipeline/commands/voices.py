"""``cuemark voices``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from pipeline.commands import flags
from pipeline.console.output import print_result
from pipeline.errors import ConfigError

app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)

Show: TypeAlias = Annotated[str, typer.Argument(metavar="SHOW", show_default=False, help="The show.")]
Name: TypeAlias = Annotated[
    str, typer.Argument(metavar="NAME", show_default=False, help="The person; quote a name with spaces.")
]


@app.callback()
def voices(
    context: typer.Context,
    *,
    json: flags.Json = False,
    debug: flags.Debug = False,  # noqa: ARG001 -- read by main, before and after the command
) -> int:
    """Look after the voices that a show's voice book knows; without a command, the shows are listed.

    Only align and finish with --voice-book SHOW learn voices. They are biometric data: they stay in your own folder.
    """
    if context.invoked_subcommand is None:
        from pipeline.commands import voice_actions  # noqa: PLC0415 -- heavy, and --help needs none of it

        print_result(voice_actions.list_shows(json=json))
    return 0


@app.command("list")
def list_voices(
    context: typer.Context,
    show: Annotated[str | None, typer.Argument(metavar="SHOW", show_default=False, help="The show.")] = None,
    *,
    json: flags.Json = False,
    debug: flags.Debug = False,  # noqa: ARG001 -- the same
) -> int:
    """List the shows, or the people of one show."""
    from pipeline.commands import voice_actions  # noqa: PLC0415 -- the same

    as_json = flags.wants_json(context, json=json)
    print_result(voice_actions.list_people(show, json=as_json) if show else voice_actions.list_shows(json=as_json))
    return 0


@app.command("show")
def show_voice(
    context: typer.Context,
    show: Show,
    name: Name,
    *,
    json: flags.Json = False,
    debug: flags.Debug = False,  # noqa: ARG001 -- the same
) -> int:
    """Show how a person was learned, and what is doubtful."""
    from pipeline.commands import voice_actions  # noqa: PLC0415 -- the same

    print_result(voice_actions.show_person(show, name, json=flags.wants_json(context, json=json)))
    return 0


@app.command()
def rename(
    context: typer.Context,
    show: Show,
    old: Annotated[str, typer.Argument(metavar="OLD", show_default=False, help="The name today.")],
    new: Annotated[str, typer.Argument(metavar="NEW", show_default=False, help="The new name.")],
    *,
    json: flags.Json = False,
    debug: flags.Debug = False,  # noqa: ARG001 -- the same
) -> int:
    """Give a person another name."""
    from pipeline.commands import voice_actions  # noqa: PLC0415 -- the same

    print_result(voice_actions.rename(show, old, new, json=flags.wants_json(context, json=json)))
    return 0


@app.command()
def merge(
    context: typer.Context,
    show: Show,
    name: Name,
    into: Annotated[str, typer.Argument(metavar="INTO", show_default=False, help="The name that remains.")],
    *,
    json: flags.Json = False,
    debug: flags.Debug = False,  # noqa: ARG001 -- the same
) -> int:
    """Make one person of two names."""
    from pipeline.commands import voice_actions  # noqa: PLC0415 -- the same

    print_result(voice_actions.merge(show, name, into, json=flags.wants_json(context, json=json)))
    return 0


@app.command()
def forget(
    context: typer.Context,
    show: Show,
    name: Annotated[str | None, typer.Argument(metavar="NAME", show_default=False, help="The person.")] = None,
    *,
    everybody: Annotated[bool, typer.Option("--all", help="Forget all people of the show.")] = False,
    json: flags.Json = False,
    debug: flags.Debug = False,  # noqa: ARG001 -- the same
) -> int:
    """Remove a person, or all, from the voice book and from the store."""
    if (name is None) != everybody:
        raise ConfigError("voices forget", "say who: cuemark voices forget SHOW NAME, or SHOW --all")
    from pipeline.commands import voice_actions  # noqa: PLC0415 -- the same

    print_result(voice_actions.forget(show, name, json=flags.wants_json(context, json=json)))
    return 0


@app.command()
def allow(
    context: typer.Context,
    show: Show,
    name: Name,
    *,
    json: flags.Json = False,
    debug: flags.Debug = False,  # noqa: ARG001 -- the same
) -> int:
    """Let a forgotten person be learned again."""
    from pipeline.commands import voice_actions  # noqa: PLC0415 -- the same

    print_result(voice_actions.allow(show, name, json=flags.wants_json(context, json=json)))
    return 0


@app.command("export")
def export_voices(
    context: typer.Context,
    show: Show,
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False, help="The file to write.")],
    *,
    voice: Annotated[
        list[str] | None, typer.Option("--voice", metavar="NAME", help="Export this person; may be given again.")
    ] = None,
    everybody: Annotated[bool, typer.Option("--all", help="Export all people of the show.")] = False,
    json: flags.Json = False,
    debug: flags.Debug = False,  # noqa: ARG001 -- the same
) -> int:
    """Write the voices of some people into a file."""
    if bool(voice) == everybody:
        raise ConfigError("voices export", "say whose voices: --voice NAME, once for each, or --all")
    from pipeline.commands import voice_actions  # noqa: PLC0415 -- the same

    print_result(voice_actions.export(show, file, voice or (), json=flags.wants_json(context, json=json)))
    return 0


@app.command("import")
def import_voices(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False, help="The file that export wrote.")],
    *,
    show: Annotated[
        str | None, typer.Option("--show", metavar="SHOW", help="Import into this show's book, not that of its name.")
    ] = None,
    json: flags.Json = False,
    debug: flags.Debug = False,  # noqa: ARG001 -- the same
) -> int:
    """Take the voices from a file into a show's book."""
    from pipeline.commands import voice_actions  # noqa: PLC0415 -- the same

    print_result(voice_actions.take(file, show, json=flags.wants_json(context, json=json)))
    return 0
