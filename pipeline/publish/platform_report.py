"""Say how a file fits a platform: for people, and as ``cuemark.platform-check/1``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import msgspec

from pipeline.console.output import format_count
from pipeline.console.table import table
from pipeline.io.atomic import legal
from pipeline.io.quoted_path import quote_path
from pipeline.publish.platform_check import CheckedFile
from pipeline.publish.platforms import PLATFORMS
from pipeline.publish.rule_checks import Violation

SCHEMA = "cuemark.platform-check/1"
MOST_SHOWN = 200
"""Rows of the table. A file in which each of its cues is wrong needs no more of them to be understood."""

Json: TypeAlias = "str | int | bool | dict[str, Json] | list[Json] | None"


def render_text(checked: CheckedFile, platform: str, fixed: Path | None) -> str:
    """Return the report for people: what the file is, a row for each violation, and what to do.

    Args:
        fixed: the mended copy, if one was written.
    """
    known, found = PLATFORMS[platform], checked.violations
    overview = [("platform", known.title), ("format", checked.form), ("cues", str(checked.cues))]
    if known.delivered_as:
        overview.append(("delivered as", f"{known.delivered_as}; the limits are held against this file"))
    parts = [table(overview)]
    if found:
        rows = [(str(one.line), one.kind, one.message, "--fix" if one.fixable else "") for one in found[:MOST_SHOWN]]
        parts.append(table(rows, ("line", "what", "", "mended by")))
    if len(found) > MOST_SHOWN:
        parts.append(f"and {len(found) - MOST_SHOWN} more (--json has all)\n")
    if sources := _sources(found):
        parts.append("".join(f"{source}\n" for source in sources))
    parts.append(f"{_verdict(found)}\n" + (f"mended copy: {quote_path(fixed)}\n" if fixed else ""))
    return "\n".join(parts)


def render_json(checked: CheckedFile, platform: str, path: Path, fixed: Path | None) -> str:
    """Return the report as JSON; all violations are in it."""
    shown: dict[str, Json] = {
        "schema": SCHEMA,
        "platform": platform,
        "file": {"path": legal(str(path)), "sha256": checked.sha256},
        "format": checked.form,
        "cues": checked.cues,
        "findings": [
            {
                "kind": one.kind,
                "line": one.line,
                "message": one.message,
                "fixable": one.fixable,
                "source": one.source or None,
            }
            for one in checked.violations
        ],
        "fixed": None if fixed is None else legal(str(fixed)),
    }
    return msgspec.json.format(msgspec.json.encode(shown), indent=2).decode() + "\n"


def _sources(found: Sequence[Violation]) -> list[str]:
    """Return where the rules were read, a line for each kind."""
    by_kind = {one.kind: one.source for one in found if one.source}
    return [f"{kind}: {source}" for kind, source in by_kind.items()]


def _verdict(found: Sequence[Violation]) -> str:
    if not found:
        return "nothing is against the rules"
    fixable = sum(one.fixable for one in found)
    said = f"{format_count(len(found), 'place')} against the rules"
    return f"{said}, {fixable} that --fix mends" if fixable else said
