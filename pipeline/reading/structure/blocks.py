"""Group the lines of a masked source into Markdown blocks: headings, paragraphs, list items.

It is lenient, as typists are: indentation never makes code, and block quotes and tables are read as their text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import regex

from pipeline.reading.labels.forms import label_at
from pipeline.reading.markup.hidden_text import BLANK
from pipeline.reading.markup.notation import CLOCK
from pipeline.schema import Chars

BlockKind = Literal["heading", "paragraph", "item", "rule", "definition", "wip", "todo"]


@dataclass(frozen=True, slots=True)
class Line:
    """The text of a line without indentation, quote marks and list mark; ``indented`` if white space precedes it."""

    chars: Chars
    indented: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that form one Markdown block.

    Attributes:
        chars: from its first mark (``##``, ``*``) to the end of its last line's text.
        level: 1 to 6 for a heading, else 0.
    """

    kind: BlockKind
    lines: tuple[Line, ...]
    chars: Chars
    level: int = 0

    @property
    def pieces(self) -> tuple[Chars, ...]:
        """The text of each line."""
        return tuple(line.chars for line in self.lines)


_LINE = regex.compile(r"(?P<text>[^\r\n]*+)(?:\r\n|\r|\n|$)")
_QUOTE = regex.compile(r"(?:>[ \t]?)++[ \t]*+")
_RULE = regex.compile(r"([-*_])(?:[ \t]*+\1){2,}+[ \t]*+$")
_UNDERLINE = regex.compile(r"(?:(?P<first>={2,}+)|-{3,}+)$")
_UNDERLINE_TOLERANCE = 2  # characters by which a typed underline may be longer or shorter than its heading
_ATX = regex.compile(r"(?P<marks>#{1,6}+)(?:[ \t]++|$)")
_ATX_END = regex.compile(r"(?:^|[ \t])#++$")
_BULLET = regex.compile(r"(?:[*+-]|(?P<number>[0-9]{1,9}+)[.)])(?:[ \t]++|$)")
_DEFINITION = regex.compile(
    r"\[\^[^\[\]]{1,100}+\]:"
    r"|\[[^\[\]^][^\[\]]{0,200}+\]:[ \t]*+(?:<[^<>]*+>|#\S*+|(?=[^\s/.]*+[/.])\S++)(?:[ \t]++[\"'(][^\"')]*+[\"')])?+$"
)
_TABLE_RULE = regex.compile(r"[|: \t-]++$")
_BAR = regex.compile(r"(?<!\\)\|")
_WIP = regex.compile(r"[*_(\[\\]*+WIP[*_)\]\\.!:…]*+$", regex.IGNORECASE)
_TODO = regex.compile(
    rf"[*_(\[\\]*+TODO\b[:,]?[ \t]*+(?:(?:continue[ \t]++)?(?:at|from)[ \t]++)?{CLOCK}[*_)\]\\.!:…-]*+$",
    regex.IGNORECASE,
)


def split_blocks(text: str) -> tuple[Block, ...]:
    """Group the lines of a masked text into blocks, in order; blank and hidden lines separate them and are in none."""
    splitter = _BlockSplitter(text)
    for found in _LINE.finditer(text):
        splitter.read(*found.span("text"))
    return splitter.blocks()


def reference_names(text: str, blocks: tuple[Block, ...]) -> frozenset[str]:
    """Return the case-folded names that ``[name]: address`` lines define."""
    lines = (text[block.chars.start : block.chars.end] for block in blocks if block.kind == "definition")
    return frozenset(line[1 : line.index("]")].casefold() for line in lines)


def todo_clock(text: str, block: Block) -> Chars:
    """Return the range of the digits in a ``todo`` block.

    Raises:
        ValueError: the block is not a ``todo``.
    """
    found = _TODO.match(text, block.chars.start, block.chars.end)
    if found is None:
        raise ValueError(f"no TODO with a time at {block.chars}")
    return Chars(*found.span("clock"))


class _BlockSplitter:
    """Reads line by line; at most one paragraph or list item is open, and the next line may continue it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._blocks: list[Block] = []
        self._kind: BlockKind = "paragraph"
        self._start = 0
        self._lines: list[Line] = []

    def blocks(self) -> tuple[Block, ...]:
        self._close()
        return tuple(self._blocks)

    def read(self, start: int, end: int) -> None:
        line = self._trim(start, end)
        if found := _QUOTE.match(self._text, line.start, line.end):
            line = Chars(found.end(), line.end)
        if line.start == line.end:
            self._close()
        elif not (self._underline(line) or self._heading(line) or self._standalone(line) or self._item(line)):
            self._text_line(line, indented=line.start > start)

    def _trim(self, start: int, end: int) -> Chars:
        text = self._text[start:end]
        start += len(text) - len(text.lstrip(BLANK))
        return Chars(start, max(start, end - len(text) + len(text.rstrip(BLANK))))

    def _close(self) -> None:
        if self._lines:
            chars = Chars(self._start, self._lines[-1].chars.end)
            self._blocks.append(Block(self._kind, tuple(self._lines), chars))
        self._lines = []

    def _open(self, kind: BlockKind, start: int) -> None:
        self._close()
        self._kind, self._start = kind, start

    def _underline(self, line: Chars) -> bool:
        """Read a setext heading. Under several lines, or under a turn, the underline is read as a rule."""
        found = _UNDERLINE.match(self._text, line.start, line.end)
        if found is None:
            return False
        if self._kind != "paragraph" or len(self._lines) != 1 or self._is_turn(self._lines[0].chars, found):
            self._close()
            self._blocks.append(Block("rule", (), line))
        else:
            level = 1 if found["first"] else 2
            self._blocks.append(Block("heading", tuple(self._lines), Chars(self._start, line.end), level))
            self._lines = []
        return True

    def _is_turn(self, text: Chars, underline: regex.Match[str]) -> bool:
        """Return whether the line above an underline is a turn rather than a title.

        A title can have a colon too (``24: A Show``, ``Our Show: Bees``). A bold label is always a turn. A plain label
        is a title above ``===``, and above dashes of about its own length.
        """
        label = label_at(self._text, text)
        if label is None or label.bold:
            return label is not None
        dashes = underline.end() - underline.start()
        return not underline["first"] and abs(dashes - (text.end - text.start)) > _UNDERLINE_TOLERANCE

    def _heading(self, line: Chars) -> bool:
        found = _ATX.match(self._text, line.start, line.end)
        if found is None:
            return False
        self._close()
        closing = _ATX_END.search(self._text, found.end(), line.end)
        title = self._trim(found.end(), closing.start() if closing else line.end)
        self._blocks.append(Block("heading", (Line(title),), line, len(found["marks"])))
        return True

    def _standalone(self, line: Chars) -> bool:
        """Read a line that is a block by itself, whatever surrounds it."""
        kind = self._standalone_kind(line)
        if kind is None:
            return False
        self._close()
        self._blocks.append(Block(kind, (Line(line),), line))
        return True

    def _standalone_kind(self, line: Chars) -> BlockKind | None:
        kinds: tuple[tuple[BlockKind, regex.Pattern[str]], ...] = (
            ("rule", _RULE), ("rule", _TABLE_RULE), ("definition", _DEFINITION), ("wip", _WIP), ("todo", _TODO),
        )  # fmt: skip
        return next((kind for kind, pattern in kinds if pattern.match(self._text, line.start, line.end)), None)

    def _item(self, line: Chars) -> bool:
        found = _BULLET.match(self._text, line.start, line.end)
        if found is None:
            return False
        if self._lines and self._kind == "paragraph" and found["number"] not in (None, "1"):
            return False  # wrapped text that begins with a number such as "2012."
        self._open("item", line.start)
        rest = Chars(found.end(), line.end)
        if not self._standalone(rest):
            self._lines.append(Line(rest))
        return True

    def _text_line(self, line: Chars, *, indented: bool) -> None:
        if self._text[line.start] == "|":
            self._open("paragraph", line.start)
            self._lines += [Line(cell) for cell in self._cells(line)]
            self._close()
            return
        if not self._lines:
            self._open("paragraph", line.start)
        self._lines.append(Line(line, indented and len(self._lines) > 0))

    def _cells(self, row: Chars) -> Iterator[Chars]:
        start = row.start
        for end in [found.start() for found in _BAR.finditer(self._text, row.start, row.end)] + [row.end]:
            cell = self._trim(start, end)
            if cell.start < cell.end:
                yield cell
            start = min(end + 1, row.end)
