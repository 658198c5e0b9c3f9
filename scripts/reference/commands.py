"""The page of each command: usage, arguments and options as Typer has them, and examples."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any, Protocol, cast

import typer
from typer.main import get_command

from pipeline.commands import app
from scripts.reference.command_examples import EXAMPLES, RUN_ON, SEE_ALSO
from scripts.reference.markdown import choices, code, fenced, page, table, text

_PROGRAM = "cuemark"
_RUNS_ON = "<!-- not run: it runs until it is interrupted -->\n"


class Parameter(Protocol):
    """What the pages show of an argument or an option."""

    name: str
    opts: list[str]
    secondary_opts: list[str]
    param_type_name: str
    metavar: str | None
    required: bool
    multiple: bool
    nargs: int
    hidden: bool
    help: str | None


class Command(Protocol):
    """What the pages show of a command; a group has commands of its own."""

    name: str
    help: str | None
    params: list[Parameter]

    def make_context(self, info_name: str, args: list[str], **extra: Any) -> typer.Context:  # noqa: ANN401 -- as Typer has it
        """Return the context in which it runs."""

    def collect_usage_pieces(self, ctx: typer.Context) -> list[str]:
        """Return the words of its usage."""


def command_line() -> Command:
    """Return the whole command line."""
    return cast("Command", get_command(app))


def subcommands(command: Command) -> Mapping[str, Command]:
    """Return the commands of a group, in the order of ``--help``; none of what is no group."""
    found: Mapping[str, Command] = getattr(command, "commands", {})
    return found


def pages() -> dict[str, str]:
    """Return the pages by their paths below docs/reference."""
    commands = subcommands(command_line())
    own = {f"commands/{name}.md": _page(name, command) for name, command in commands.items()}
    return {"commands/index.md": _index(commands), **own}


def _index(commands: Mapping[str, Command]) -> str:
    rows = [(f"[`{_PROGRAM} {name}`]({name}.md)", text(_summary(command))) for name, command in commands.items()]
    return page(
        "Commands",
        f"Every command has `--help`. `{_PROGRAM} --help` lists the commands.",
        table(("command", "what it does"), rows),
        "## Options of the program",
        _options(command_line()),
        "Standard output has results only; progress, messages and errors go to standard error. "
        "[Exit statuses](../exit-statuses.md) and [errors](../errors.md) have pages of their own.",
    )


def _page(name: str, command: Command) -> str:
    return page(
        f"{_PROGRAM} {name}",
        *_about([name], command),
        *(
            ["## Examples", _RUNS_ON * (name in RUN_ON) + fenced("sh", _example_lines(name))]
            if name in EXAMPLES
            else []
        ),
        *_with_heading("## Arguments", _arguments(command)),
        *_with_heading("## Options", _options(command)),
        *_subcommands([name], command),
        *(["## See also", "\n".join(f"- {link}" for link in SEE_ALSO[name])] if name in SEE_ALSO else []),
    )


def _about(words: list[str], command: Command) -> Iterator[str]:
    """Describe what a command does, and its usage."""
    yield "\n\n".join(text(paragraph) for paragraph in inspect.cleandoc(command.help or "").split("\n\n"))
    yield fenced("text", _usage(words, command))


def _subcommands(words: list[str], group: Command) -> Iterator[str]:
    """Return the commands of a group, each below a heading of its own."""
    for name, command in subcommands(group).items():
        yield f"## {' '.join([_PROGRAM, *words, name])}"
        yield from (*_about([*words, name], command), _arguments(command), _options(command))
        yield from _subcommands([*words, name], command)


def _with_heading(heading: str, content: str) -> list[str]:
    return [heading, content] if content else []


def _usage(words: list[str], command: Command) -> str:
    context = command.make_context(words[-1], [], resilient_parsing=True)
    return " ".join([_PROGRAM, *words, *command.collect_usage_pieces(context)])


def _arguments(command: Command) -> str:
    rows = [
        (code(one.metavar or one.name.upper()), "yes" if one.required else "no", text(one.help or ""))
        for one in command.params
        if one.param_type_name == "argument"
    ]
    return table(("argument", "required", "meaning"), rows) if rows else ""


def _options(command: Command) -> str:
    rows = [
        (choices(_names(one)), _value(one), text(one.help or ""))
        for one in command.params
        if one.param_type_name == "option" and not one.hidden and one.help
    ]
    return table(("option", "value", "meaning"), rows) if rows else ""


def _names(option: Parameter) -> list[str]:
    return sorted(
        [*option.opts, *option.secondary_opts], key=lambda name: (name.startswith("--"), name.startswith("--no-"))
    )


def _value(option: Parameter) -> str:
    value = choices((option.metavar or "").split("|")) if option.metavar else ""
    return f"{value}, repeatable" if value and option.multiple else value


def _summary(command: Command) -> str:
    return inspect.cleandoc(command.help or "").partition("\n")[0]


def _example_lines(name: str) -> str:
    return "\n\n".join(f"# {comment}\n{_PROGRAM} {line}" for line, comment in EXAMPLES[name])
