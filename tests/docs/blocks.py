r"""The code blocks of all pages, and what the author of a page has to know about them.

Every command and every example on a page is run by a test. For that, a block begins with one of these words:

``sh``
    Commands, one a line; a line that ends with ``\`` goes on in the next one, and ``# …`` after a command is a comment.
    Each ``cuemark …`` is run, in the order of the page and in one folder for the whole page, with engines that need no
    model (``sample_engines``), and has to end with status 0. In a pipe, after ``&&`` or before ``>`` only the
    ``cuemark`` part is run. ``./scripts/NAME`` has to be there and executable. Any other command needs the mark below.
``console``
    The same with ``$ `` before each command. The lines below a command are what it prints and are compared: with
    standard output, or with standard error and then standard output. A line with ``…`` alone matches any lines.
``python``
    All of a page's are one program, run with real models; a ``text`` block right after one is what it prints.
``toml``
    Has to load as a configuration file, and with ``title="cuemark.toml"`` as a show's own.

What cannot be run here (another machine, a GPU, a public feed, a download) has a mark on the line before its fence::

    <!-- not run: needs a public feed -->

Its commands are then only parsed against the real command line, its Python is only compiled, its TOML is loaded.

Other blocks have one of the words in ``PLAIN``, or none. Files that examples name: ``episode.mp3``, ``episode.md``,
``other-episode.md``, ``episodes/`` with ``01.mp3``, ``01.md``, ``02.mp3`` and ``02.md``, ``manifest.csv``, ``ann.wav``,
``bob.wav``; the show's voice book ``My Show`` knows Ann Lee and Bob Ray (see ``sample_folder``). The example episode
is there under its own path, ``examples/kettle-and-kernel/07-the-slow-build.mp3``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
CHECKED = ("sh", "console", "python", "toml")
"""Languages whose blocks are run or read."""

PLAIN = ("", "csv", "json", "jsonl", "markdown", "srt", "text", "vtt", "xml", "yaml")
"""Languages whose blocks are shown only."""

_FENCE = re.compile(
    r"(?P<mark>^[ \t]*<!-- not run: (?P<reason>[^\n]+?) -->\n)?"
    r"^(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<language>[\w+-]*)(?P<rest>[^\n]*)\n"
    r"(?P<text>.*?)"
    r"^(?P=indent)(?P=fence)[ \t]*$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Block:
    """One code block.

    Attributes:
        line: the number of its first line of code.
        rest: what is on the fence's line behind the language, such as ``title="cuemark.toml"``.
        not_run: the reason that is given; None where it is run.
    """

    page: Path
    line: int
    language: str
    rest: str
    text: str
    not_run: str | None

    @property
    def place(self) -> str:
        """The page and the line, as people write it."""
        page = self.page.relative_to(ROOT) if self.page.is_relative_to(ROOT) else self.page
        return f"{page.as_posix()}:{self.line}"


def pages() -> list[Path]:
    """Every Markdown page that people read: those of docs/, and those next to it."""
    return [*sorted((ROOT / "docs").rglob("*.md")), *(ROOT / name for name in ("README.md", "CONTRIBUTING.md"))]


def blocks(page: Path) -> list[Block]:
    """The blocks of a page in their order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(
            page=page,
            line=text.count("\n", 0, found.start("text")) + 1,
            language=found["language"],
            rest=found["rest"].strip(),
            text=_without(found["indent"], found["text"]),
            not_run=found["reason"],
        )
        for found in _FENCE.finditer(text)
    ]


def _without(indent: str, text: str) -> str:
    """The lines of a block that is inside a list, without the indentation of its fence."""
    return "".join(line.removeprefix(indent) for line in text.splitlines(keepends=True))


def checked_blocks(*languages: str) -> Iterator[Block]:
    """All blocks of these languages on all pages."""
    return (block for page in pages() for block in blocks(page) if block.language in languages)
