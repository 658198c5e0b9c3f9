"""The commands, one module each. A command imports heavy modules when it runs, so that ``--help`` stays fast."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer
from typer.main import get_command

import pipeline
from pipeline.commands import models, store, voices
from pipeline.commands.align import align
from pipeline.commands.batch import batch
from pipeline.commands.check import check
from pipeline.commands.convert import convert
from pipeline.commands.desk import desk
from pipeline.commands.doctor import doctor
from pipeline.commands.draft import draft
from pipeline.commands.finish import finish
from pipeline.commands.marker import marker
from pipeline.commands.publish import publish
from pipeline.commands.retime import retime
from pipeline.console.output import print_result
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from pipeline.episode.engines import Engines

_WIDTH = {"max_content_width": 100}
"""The maximal width of a help text in columns: wider ones are hard to read."""

_ASKED_BY_A_SHELL = "_CUEMARK_COMPLETE"
"""Set by the completion scripts that ``--install-completion`` puts into a shell."""

_COMMANDS = {
    one.__name__: one for one in (align, marker, finish, draft, batch, desk, publish, convert, retime, check, doctor)
}
_GROUPS = {"models": models.app, "store": store.app, "voices": voices.app}


def run(words: Sequence[str], engines: Engines | None) -> int:
    """Run the command that ``words`` name and give its exit status.

    Raises:
        ConfigError: the command line is wrong.
        PipelineError: the command failed.
    """
    if _ASKED_BY_A_SHELL in os.environ:
        get_command(app).main(prog_name="cuemark")  # prints the completions and ends the process
    command = get_command(_app(*words[:1]))
    try:
        with command.make_context("cuemark", list(words) or ["--help"], obj=engines) as context:
            return cast("int", command.invoke(context))
    except typer.Exit as e:
        return e.exit_code
    except SystemExit as e:  # how Typer's own --show-completion ends
        return e.code if isinstance(e.code, int) else 0
    except typer.TyperException as e:
        raise ConfigError("command line", f"{e.format_message()} ({_hint(words)})") from e


def _hint(words: Sequence[str]) -> str:
    """Return what to do about a wrong command line; a file's name that begins with "-" is read as an option."""
    file = next((word for word in words if word.startswith("-") and Path(word).exists()), None)
    return f"give the file as ./{file}" if file else "see cuemark --help"


def _version(*, wanted: bool) -> None:
    if wanted:
        print_result(f"cuemark {pipeline.__version__}\n")
        raise typer.Exit


def cuemark(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=lambda value: _version(wanted=value), is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Find every word of a podcast's transcript in its audio: times, subtitles, and where to go on typing."""


def _app(*asked: str) -> typer.Typer:
    """Return the command line; only with the command that is asked for, if it is one: to build all takes 30 ms."""
    made = typer.Typer(rich_markup_mode=None, context_settings=_WIDTH)
    made.callback()(cuemark)
    is_one = bool({*_COMMANDS, *_GROUPS}.intersection(asked))
    for name, command in _COMMANDS.items():
        if not is_one or name in asked:
            made.command(context_settings=_WIDTH)(command)
    for name, group in _GROUPS.items():
        if not is_one or name in asked:
            made.add_typer(group, name=name, context_settings=_WIDTH)
    return made


app = _app()
"""All commands."""
