"""``cuemark voices``."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer

from pipeline.commands import flags
from pipeline.console.output import give
from pipeline.errors import ConfigError


class Action(StrEnum):
    """What is to be done with voices."""

    LIST = "list"
    SHOW = "show"
    RENAME = "rename"
    MERGE = "merge"
    FORGET = "forget"
    ALLOW = "allow"
    EXPORT = "export"
    IMPORT = "import"


_USAGE: dict[Action, tuple[str, ...]] = {
    Action.LIST: ("", "SHOW"),
    Action.SHOW: ("SHOW NAME",),
    Action.RENAME: ("SHOW OLD NEW",),
    Action.MERGE: ("SHOW NAME INTO",),
    Action.FORGET: ("SHOW NAME", "SHOW --all"),
    Action.ALLOW: ("SHOW NAME",),
    Action.EXPORT: ("SHOW FILE --voice NAME",),
    Action.IMPORT: ("FILE",),
}
"""The words that each action takes."""


def voices(
    action: Annotated[
        Action,
        typer.Argument(metavar="ACTION", show_default=False, help="What to do; without it, the shows are listed."),
    ] = Action.LIST,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="WORD", show_default=False, help="The show, and the names or the file."),
    ] = None,
    *,
    voice: Annotated[
        list[str] | None, typer.Option("--voice", metavar="NAME", help="Export this person; may be given again.")
    ] = None,
    everybody: Annotated[bool, typer.Option("--all", help="Export, or forget, all people of the show.")] = False,
    show: Annotated[
        str | None, typer.Option("--show", metavar="SHOW", help="Import into this show's book, not that of its name.")
    ] = None,
    json: flags.Json = False,
    debug: flags.Debug = False,  # noqa: ARG001 -- read by main, which is there before and after the command
) -> int:
    """Look after the voices that a show's voice book knows.

    list [SHOW]; show SHOW NAME; rename SHOW OLD NEW; merge SHOW NAME INTO; forget SHOW NAME, or SHOW --all; allow SHOW
    NAME (to be learned again); export SHOW FILE --voice NAME, or --all; import FILE. Voices are learned by align and
    finish with --voice-book SHOW alone. They are biometric data: they stay in your own folder.
    """
    given = tuple(words or ())
    _check(action, given, voice, show, everybody=everybody)
    from pipeline.commands.voice_actions import ACTIONS, Request  # noqa: PLC0415 -- the same
    from pipeline.files.voice_books import Bookshelf, default_shelf  # noqa: PLC0415 -- --help needs none of it

    wish = Request(given, tuple(voice or ()), show, everybody=everybody, json=json)
    give(ACTIONS[action](Bookshelf(default_shelf()), wish))
    return 0


def _check(
    action: Action, words: Sequence[str], voice: Sequence[str] | None, show: str | None, *, everybody: bool
) -> None:
    """Refuse what does not belong to the action, before anything is done."""
    usages = _USAGE[action]
    if len(words) not in {len(usage.partition(" --")[0].split()) for usage in usages}:
        ways = ", or ".join(f"cuemark voices {action} {usage}".strip() for usage in usages)
        raise ConfigError(f"voices {action}", f"type: {ways}; a name with spaces stands in quotation marks")
    wrong = [
        *(["--voice"] if voice and action is not Action.EXPORT else []),
        *(["--show"] if show and action is not Action.IMPORT else []),
        *(["--all"] if everybody and action not in {Action.EXPORT, Action.FORGET} else []),
    ]
    if wrong:
        raise ConfigError(f"voices {action}", f"{', '.join(wrong)} does not belong here")
    if action is Action.EXPORT and bool(voice) == everybody:
        raise ConfigError("voices export", "say whose voices: --voice NAME, once for each, or --all")
    if action is Action.FORGET and (len(words) == 1) != everybody:
        raise ConfigError("voices forget", "say whom: cuemark voices forget SHOW NAME, or SHOW --all")
