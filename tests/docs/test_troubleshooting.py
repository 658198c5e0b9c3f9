"""The page on troubleshooting quotes messages that the program really prints."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.docs.blocks import ROOT

PAGE = ROOT / "docs" / "how-to" / "troubleshooting.md"
SCRIPTS = (ROOT / "scripts" / "setup.sh", ROOT / "scripts" / "install_with_uv.py")
CUT = re.compile(r"\(…\)|…|; ")
"""Where a quoted message has a name or number instead of its own words, or is put together from two parts."""

SHORTEST = 4
"""A shorter piece between two names, such as "is", occurs everywhere and proves nothing."""


def quoted_messages() -> list[tuple[int, str]]:
    """Return each message in the first column of the page's tables, with its line."""
    lines = enumerate(PAGE.read_text(encoding="utf-8").splitlines(), 1)
    rows = [(number, line.split(" | ")[0]) for number, line in lines if line.startswith("| `")]
    return [(number, quoted) for number, cell in rows for quoted in re.findall(r"`([^`]+)`", cell)]


def pieces(quoted: str) -> list[str]:
    """Return the program's own words in a quoted message."""
    return [piece for part in CUT.split(quoted) if len(piece := part.strip(" :;,()")) >= SHORTEST]


def literals(path: Path) -> Iterator[str]:
    """Yield the strings of a module, with a NUL for each value in an f-string; docstrings are no messages."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    described = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "\0" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in described:
            yield node.value


def test_every_quoted_message_is_in_the_code() -> None:
    """Quotes no message that the code does not have, so that a search for a message finds its row."""
    own = [text for path in (ROOT / "pipeline").rglob("*.py") for text in literals(path)]
    everything = "\1".join([*own, *(path.read_text(encoding="utf-8") for path in SCRIPTS)])
    messages = quoted_messages()

    assert len(messages) > 200
    assert [
        (number, quoted)
        for number, quoted in messages
        if not pieces(quoted) or any(piece not in everything for piece in pieces(quoted))
    ] == []


def test_a_message_that_is_not_there_would_be_found() -> None:
    """Takes a message apart at names, numbers and semicolons, and leaves out what is too short to prove anything."""
    assert pieces("… is not a recording; give … (…)") == ["is not a recording", "give"]
