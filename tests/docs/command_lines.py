"""The commands in a block: split as a shell splits them, and parsed as ``cuemark`` parses them."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import typer
from typer.main import get_command

from pipeline.commands import app
from tests.docs.blocks import Block

_PROMPT = "$ "
_PUNCTUATION = "|&;<>"


@dataclass(frozen=True, slots=True)
class Line:
    """One command of a block, and the lines that the page says it prints (None where it shows none)."""

    place: str
    words: tuple[str, ...]
    printed: tuple[str, ...] | None = None

    @property
    def program(self) -> str:
        """The name of what is run."""
        return PurePosixPath(self.words[0]).name


def lines(block: Block) -> Iterator[Line]:
    """The commands of a ``sh`` or ``console`` block."""
    for offset, text, printed in _commands(block):
        for words in _split(text):
            place = block.place.rpartition(":")[0]
            yield Line(f"{place}:{block.line + offset}", words, printed)


def _commands(block: Block) -> Iterator[tuple[int, str, tuple[str, ...] | None]]:
    """The number of a command's first line in the block, the command in one line, and what it prints."""
    is_console = block.language == "console"
    texts = block.text.splitlines()
    at = 0
    while at < len(texts):
        start, text = at, texts[at]
        at += 1
        if is_console and not text.startswith(_PROMPT):
            raise AssertionError(f"{block.place}: a console block begins with a command: {text!r}")
        while text.endswith("\\") and at < len(texts):
            text = f"{text[:-1]} {texts[at].strip()}"
            at += 1
        printed: list[str] = []
        while is_console and at < len(texts) and not texts[at].startswith(_PROMPT):
            printed.append(texts[at])
            at += 1
        yield start, text.removeprefix(_PROMPT), tuple(printed) or None


def _split(text: str) -> Iterator[tuple[str, ...]]:
    """The commands of one line, split at pipes and the like, without redirections, comments and leading variables."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars=_PUNCTUATION)
    lexer.whitespace_split = True
    words: list[str] = []
    is_file = False
    for word in [*lexer, ";"]:
        if is_file:
            is_file = False
        elif not set(word) <= set(_PUNCTUATION):
            words.append(word)
        elif set(word) & set("<>"):
            is_file = True
            words = words[:-1] if words[-1:] == ["2"] else words
        else:
            if command := _without_variables(words):
                yield command
            words = []


def _without_variables(words: Sequence[str]) -> tuple[str, ...]:
    """The words of a command behind the variables that are set for it (``A=1 program``)."""
    first = next((at for at, word in enumerate(words) if "=" not in word), len(words))
    return tuple(words[first:])


def command_line() -> Any:  # noqa: ANN401 -- Typer's own class is not public
    """The whole command line."""
    return get_command(app)


def parse(words: Sequence[str]) -> None:
    """Parse the words after ``cuemark``, as it does itself, and run nothing.

    Raises:
        typer.TyperException: a command or an option does not exist, or an argument is missing or one too many.
    """
    command, rest = command_line(), list(words)
    if rest and rest[0].startswith("-"):
        known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        if rest[0] not in known:
            raise typer.TyperException(f"there is no option {rest[0]}")
        return
    while rest and rest[0] in getattr(command, "commands", {}):
        command, rest = command.commands[rest[0]], rest[1:]
    if rest and hasattr(command, "commands") and not rest[0].startswith("-"):
        raise typer.TyperException(f"there is no command {rest[0]}")
    command.make_context(command.name, rest)
