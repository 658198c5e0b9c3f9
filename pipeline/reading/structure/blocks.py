"""Group the lines of a masked source into Markdown blocks: headings, paragraphs, list items.

It is lenient, as typists are: indentation never makes code, and block quotes are read as their text. A table, with its
row of dashes, is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from pipeline.reading.labels.forms import label_at, starts_with_chevrons
from pipeline.reading.labels.grammar import has_chevrons
from pipeline.reading.labels.name_shapes import is_name_like
from pipeline.reading.markup.notation import BULLETS, CLOCK
from pipeline.reading.markup.whitespace import BLANK
from pipeline.schema import Chars

BlockKind = Literal["heading", "paragraph", "item", "rule", "table", "definition", "wip", "todo"]


class Line(msgspec.Struct, frozen=True, gc=False):
    """The text of a line without indentation, quote marks and list mark; ``indented`` if white space precedes it."""

    chars: Chars
    indented: bool = False


class Block(msgspec.Struct, frozen=True, gc=False):
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


_LINE = re.compile(r"(?P<text>[^\r\n]*+)(?:\r?\n|$)")
_QUOTE = re.compile(r"(?:>[ \t]?)++[ \t]*+")
_RULE = re.compile(  # no repeated group: each repetition takes memory
    "(?:" + "|".join(rf"{mark}[ \t]*+{mark}[ \t]*+{mark}[{mark} \t]*+" for mark in (r"\-", r"\*", "_")) + ")$"
)
_NO_ITEM = re.compile(r"[*+-](?:[ \t]++[*+-])++$")  # "- * -": a list in a list, and so on, without any text
_UNDERLINE = re.compile(r"(?:(?P<first>={2,}+)|-{3,}+)$")
_UNDERLINE_TOLERANCE = 2  # characters by which a typed underline may be longer or shorter than its heading
_ATX = re.compile(r"(?P<marks>#{1,6}+)(?:[ \t]++|$)")
_ATX_END = re.compile(r"(?:^|[ \t])#++$")
_ITEM = rf"(?:[*+-]|(?P<number>[0-9]{{1,9}}+)[.)])(?:[ \t]++|$)|[{BULLETS}][ \t]*+"
_BULLET = re.compile(_ITEM)
_BULLET_OR_DASH = re.compile(rf"{_ITEM}|[–—][ \t]++")
_DASH = re.compile(r"[ \t>]*+[–—][ \t]++")
_MIN_SHARE_OF_DASHES = 0.8  # of the lines that begin with a dash have a label after it: the others are a dialogue's
_DEFINITION = re.compile(
    r"\[\^[^\[\]]{1,100}+\]:"
    r"|\[[^\[\]^][^\[\]]{0,200}+\]:[ \t]*+"
    r"(?:<[^<>]*+>|#\S*+|(?=[^\s/.]*+(?:/|\.\w))\S++)(?:[ \t]++[\"'(][^\"')]*+[\"')])?+$"
)
_TABLE_RULE = re.compile(r"[|: \t-]++$")
_BAR = re.compile(r"(?<!\\)\|")
_MAY_BE_MARKED = re.compile(  # how all lines begin that are more than text
    rf"[-–—=*+_#|:\[(\\0-9WT{BULLETS}]", re.IGNORECASE
)
_WIP = re.compile(r"[*_(\[\\]*+WIP[*_)\]\\.!:…]*+$", re.IGNORECASE)
_TODO = re.compile(
    rf"[*_(\[\\]*+TODO\b[:,]?[ \t]*+(?:(?:continue[ \t]++)?(?:at|from)[ \t]++)?{CLOCK}[*_)\]\\.!:…-]*+$",
    re.IGNORECASE,
)


_STANDALONE: tuple[tuple[BlockKind, re.Pattern[str]], ...] = (
    ("rule", _RULE), ("rule", _NO_ITEM), ("rule", _TABLE_RULE), ("definition", _DEFINITION), ("wip", _WIP),
    ("todo", _TODO),
)  # fmt: skip


def split_blocks(text: str, *, chevrons: bool | None = None, dashes: bool | None = None) -> tuple[Block, ...]:
    """Group the lines of a masked text into blocks, in order; blank and hidden lines separate them and are in none.

    Args:
        text: the masked text.
        chevrons: whether ``>>`` marks a change of speaker; None for a whole file, which shows it.
        dashes: whether dashes at the start of lines are list marks (see ``dashes_mark_labels``); the same.
    """
    lines = _lines(text)
    is_marked = has_chevrons(text, lines) if chevrons is None else chevrons
    has_dashes = _has_dashes_before_labels(text, lines) if dashes is None else dashes
    splitter = _BlockSplitter(text, _BULLET_OR_DASH if has_dashes else _BULLET, has_chevrons=is_marked)
    for line in lines:
        splitter.read(line.start, line.end)
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


def _lines(text: str) -> list[Chars]:
    return [Chars(*found.span("text")) for found in _LINE.finditer(text)]


def dashes_mark_labels(text: str) -> bool:
    """Return whether dashes at the start of lines of a masked file are list marks of labels."""
    return _has_dashes_before_labels(text, _lines(text))


def _has_dashes_before_labels(text: str, lines: Sequence[Chars]) -> bool:
    """Return whether dashes at the start of lines are list marks of labels, and not those of a dialogue or a list.

    Most of them have a label after them, and names recur: the items of a list of words have each another one.
    """
    begun = [Chars(found.end(), line.end) for line in lines if (found := _DASH.match(text, line.start, line.end))]
    labels = [label for rest in begun if (label := label_at(text, rest))]
    names = [label.name for label in labels if label.is_sure or is_name_like(label.name)]
    return len(set(names)) < len(names) and len(names) >= _MIN_SHARE_OF_DASHES * len(begun)


class _BlockSplitter:
    """Reads line by line; at most one paragraph or list item is open, and the next line may continue it."""

    def __init__(self, text: str, bullet: re.Pattern[str], *, has_chevrons: bool) -> None:
        self._text = text
        self._bullet = bullet
        self._has_chevrons = has_chevrons
        self._blocks: list[Block] = []
        self._kind: BlockKind = "paragraph"
        self._start = 0
        self._lines: list[Line] = []
        self._in_table = False

    def blocks(self) -> tuple[Block, ...]:
        self._close()
        return tuple(self._blocks)

    def read(self, start: int, end: int) -> None:
        line = self._trim(start, end)
        is_marked = self._has_chevrons and starts_with_chevrons(self._text, line.start, line.end)
        if not is_marked and (found := _QUOTE.match(self._text, line.start, line.end)):
            line = Chars(found.end(), line.end)
        if line.start == line.end:
            self._close()
            self._in_table = False
        elif self._table(line):
            pass
        elif not self._marked(line):
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

    def _marked(self, line: Chars) -> bool:
        """Read a line that is more than the text of a paragraph."""
        if not _MAY_BE_MARKED.match(self._text, line.start):
            return False
        return self._underline(line) or self._heading(line) or self._standalone(line) or self._item(line)

    def _has_bar(self, line: Chars) -> bool:
        has_bar = self._text.find("|", line.start, line.end) >= 0
        return has_bar and _BAR.search(self._text, line.start, line.end) is not None

    def _table(self, line: Chars) -> bool:
        """Read a table: the row of dashes, the heading above it, and the rows below it; it is no speech."""
        has_bar = self._has_bar(line)
        if self._in_table and has_bar:
            return True
        self._in_table = has_bar and _TABLE_RULE.match(self._text, line.start, line.end) is not None
        if not self._in_table:
            return False
        if self._lines and self._has_bar(self._lines[-1].chars):
            self._lines.pop()
        elif not self._lines and self._blocks and self._text[self._blocks[-1].chars.start] == "|":
            self._blocks.pop()
        self._close()
        self._blocks.append(Block("table", (), line))
        return True

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

    def _is_turn(self, text: Chars, underline: re.Match[str]) -> bool:
        """Return whether the line above an underline is a turn rather than a title.

        A title can have a colon too (``24: A Show``, ``Our Show: Bees``). A bold label is always a turn. A plain label
        is a title above ``===``, and above dashes of about its own length.
        """
        label = label_at(self._text, text)
        if label is None or label.is_sure:
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
        for kind, pattern in _STANDALONE:
            if pattern.match(self._text, line.start, line.end):
                return kind
        return None

    def _item(self, line: Chars) -> bool:
        found = self._bullet.match(self._text, line.start, line.end)
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
