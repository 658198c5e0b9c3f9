"""The commands of the page: what a person asks for by a key or a button, as edits of the text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from pipeline.desk.edited_document import Document
from pipeline.desk.review_queue import ALIKE, act, list_items
from pipeline.desk.turn_commands import (
    CommandError,
    TurnEdit,
    merge_turn,
    rename_speaker,
    set_speaker,
    split_turn,
)
from pipeline.matching.continue_note import note_edits
from pipeline.matching.drafting.spelling import Spelling
from pipeline.reading.structure.file_style import FileStyle
from pipeline.schema import Chars, Result
from pipeline.writing.markdown import MarkdownOptions, time_edits


@dataclass(frozen=True, slots=True)
class CommandContext:
    """What a command works with.

    Attributes:
        document: the text.
        result: of that text.
        style: of the file.
        spelling: of the human's terms.
        markdown: how times are written.
        ignored: the ids of the findings that a person has put aside.
    """

    document: Document
    result: Result
    style: FileStyle
    spelling: Spelling
    markdown: MarkdownOptions
    ignored: frozenset[str]


def run_command(name: str, arguments: Mapping[str, object], context: CommandContext) -> tuple[TurnEdit, frozenset[str]]:
    """Return the edits of a command, and the findings that are put aside afterwards.

    Raises:
        ChangeError: there is no such place in the text.
        CommandError: the command is not known, or not possible here.
    """
    result, style = context.result, context.style
    at, to = partial(_at, arguments, context.document), partial(_text, arguments, "to")
    commands: Mapping[str, Callable[[], TurnEdit]] = {
        "speaker": lambda: set_speaker(result, style, at(), to()),
        "split": lambda: split_turn(result, style, at(), to() or None),
        "merge": lambda: merge_turn(result, at()),
        "rename": lambda: rename_speaker(result, style, _text(arguments, "from"), to()),
        "save-plan": lambda: _save_plan(context, times=arguments.get("times") is True),
    }
    if name == "act":
        return _act(arguments, context)
    if name not in commands:
        raise CommandError(f"there is no command {name}")
    return commands[name](), context.ignored


def _save_plan(context: CommandContext, *, times: bool) -> TurnEdit:
    """Move the note, and write the times if they are asked for or the file has some."""
    result = context.result
    times = times or any(claim.heads for claim in result.transcript.claims)
    edits = time_edits(result, replace(context.markdown, times=times))
    return TurnEdit((*note_edits(result.transcript, result.continue_point), *edits), Chars(0, 0))


def _act(arguments: Mapping[str, object], context: CommandContext) -> tuple[TurnEdit, frozenset[str]]:
    items, action = list_items(context.result, context.ignored), _text(arguments, "action")
    item = next((one for one in items if one.id == arguments.get("item")), None)
    if item is None:
        raise CommandError("this is settled already")
    edits = act(context.result, items, item, action, context.style, context.spelling)
    ignored = context.ignored
    if action.removesuffix(ALIKE) == "ignore":
        alike = action.endswith(ALIKE)
        ignored |= {one.id for one in items if one is item or (alike and one.alike == item.alike)}
    return TurnEdit(edits, item.chars), ignored


def _at(arguments: Mapping[str, object], document: Document) -> int:
    at = arguments.get("at")
    if not isinstance(at, int) or isinstance(at, bool):
        raise CommandError("the place in the text is missing")
    return document.places.in_source(at)


def _text(arguments: Mapping[str, object], name: str) -> str:
    value = arguments.get(name)
    if value is not None and not isinstance(value, str):
        raise CommandError(f"{name} is no text")
    return value or ""
