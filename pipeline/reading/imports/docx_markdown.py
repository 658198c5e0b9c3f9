"""Write the blocks of a Word document as Markdown that remembers where each of its characters is in the document.

Headings, paragraphs and typed times stay as they are; the names of speakers become bold labels:

    [00:12] Ann Lee: Hello.     ->  [00:12] **Ann Lee**: Hello.
    Ann Lee (a line of its own) ->  **Ann Lee:**
    | 00:12 | Ann Lee | Hello. | -> [00:12] **Ann Lee**: Hello.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from pipeline.reading.imports.docx_blocks import Line, TextBlock, TextRun
from pipeline.reading.imports.pieces import label_names
from pipeline.times import CLOCK_PATTERN

_CLOCK = re.compile(rf"[\[(]?({CLOCK_PATTERN})[\])]?")
_BRACKETED = rf"[\[(]{CLOCK_PATTERN}[\])]"
_LABEL = re.compile(
    rf"(?:(?:{_BRACKETED}|{CLOCK_PATTERN})\s{{0,9}}(?:[-–—]\s{{0,9}})?)?"
    r"(?P<name>[^\W\d_][^:：\n<>{}\[\]()]{0,40}?)"
    rf"\s{{0,9}}(?:{_BRACKETED}\s{{0,9}})?[:：][\u200e\u200f]?(?=\s|$)"
)
_NAME_LINE = re.compile(r"[^\W\d_][\w.'’-]*(?: [\w.'’#-]+){0,3}")
_TIMED_NAME = re.compile(rf"(?P<name>{_NAME_LINE.pattern})(?:\t|\s\s)\s{{0,9}}{CLOCK_PATTERN}")
"""``Ann Lee  0:03``, a line of its own, as Otter writes it."""
_SENTENCE_END = re.compile(r"[.!?…,;:\"”]\Z")
_LONGEST_NAME, _LONGEST_HEADING = 41, 60
"""Characters."""

_MARKS = re.compile(r"[\\`*_~<>|]|(?<=<)!|&(?=#?[A-Za-z0-9]{1,32};)|(?<=\])\(")
_LINE_MARKS = re.compile(r"#|[-=]{2,}\s*\Z|\+{3,}")
"""What has a meaning in Markdown, anywhere or at the start of a line, and none in Word: a backslash stands before."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part of the Markdown comes from: ``length`` characters from ``start`` on are those of an element's text.

    Attributes:
        node: the index of the element ``w:t``.
        offset: of the first character in its text.
    """

    start: int
    length: int
    node: int
    offset: int


@dataclass(frozen=True, slots=True)
class DocumentText:
    """A document as Markdown; the places are in order, and what is in none was added."""

    markdown: str
    places: tuple[Place, ...]


def document_text(blocks: Sequence[TextBlock]) -> DocumentText:
    """Return the blocks as Markdown, one blank line between two."""
    names = _Names.of(blocks)
    made = _Writer()
    for block in blocks:
        made.begin()
        if block.level:
            made.add("#" * min(block.level, 6) + " ")
            made.write(_joined(block.cells[0]))
        elif len(block.cells) > 1:
            _write_row(made, block.cells)
        else:
            _write_paragraph(made, block.cells[0], names)
    return DocumentText("".join(made.parts) + "\n", tuple(made.places))


@dataclass(frozen=True, slots=True)
class _Names:
    """What stands for a speaker: names before colons, and names on lines of their own."""

    before_colons: frozenset[str]
    alone: frozenset[str]

    @classmethod
    def of(cls, blocks: Sequence[TextBlock]) -> _Names:
        """Return the names of a document.

        Before colons they are those next to a time, and those in bold; if none is in bold, see ``label_names``. On
        lines of their own they are those that occur twice; if these are bold, all bold ones.
        """
        lines = [line for block in blocks if not block.level and len(block.cells) == 1 for line in block.cells[0]]
        said = [(line, text) for line in lines if not _CLOCK.fullmatch(text := _text(line).strip())]
        labels = [_LABEL.match(text) for _, text in said]
        alone = Counter(text for _, text in said if _NAME_LINE.fullmatch(text))
        bold = {text for line, text in said if _is_bold(line)}
        repeated = {name for name, number in alone.items() if number > 1}
        also = {name for name in alone if name in bold} if repeated & bold else set()
        found = [(line, one) for (line, _), one in zip(said, labels, strict=True) if one]
        timed = {one["name"] for _, one in found if _CLOCK.search(one[0])}
        in_bold = {one["name"] for line, one in found if _is_bold_label(line, one)}
        before = timed | (in_bold or label_names([one["name"] if one else "" for one in labels]))
        return cls(frozenset(before), frozenset(repeated | also))


def _write_paragraph(made: _Writer, lines: Sequence[Line], names: _Names) -> None:
    for number, line in enumerate(lines):
        text = _text(line)
        said = text.strip()
        start = text.index(said)
        if number:
            made.end_line()
        label = _LABEL.match(text, start)
        if label and label["name"] in names.before_colons:
            made.write(line, start, label.start("name"))
            _write_name(made, line, label.span("name"))
            made.write(line, label.end("name"))
        elif timed := _TIMED_NAME.fullmatch(said):
            _write_name(made, line, (start, start + timed.end("name")), ":")
            made.write(line, start + timed.end("name"))
        elif said in names.alone:
            _write_name(made, line, (start, start + len(said)), ":")
        else:
            made.add("## " if len(lines) == 1 and _is_heading(line, said) else "")
            made.write(line)


def _write_row(made: _Writer, cells: Sequence[Sequence[Line]]) -> None:
    """Write a row as a turn: its last cell is the text, a short one before it the speaker, and one may be a time."""
    texts = ["\n".join(map(_text, cell)) for cell in cells]
    clocks = [k for k in range(len(cells)) if _CLOCK.fullmatch(texts[k].strip())]
    *others, spoken = [k for k in range(len(cells)) if k not in clocks] or [0]
    named = next((k for k in others if len(texts[k]) <= _LONGEST_NAME and len(cells[k]) == 1), None)
    for k in [k for k in clocks if k != spoken][:1]:
        clock = _CLOCK.search(texts[k])
        made.add("[")
        made.write(cells[k][0], *(clock.span(1) if clock else (0, 0)))
        made.add("] ")
    if named is not None:
        text = texts[named].rstrip(": \t：")
        start = len(text) - len(text.lstrip())
        _write_name(made, cells[named][0], (start, len(text)))
        made.add(": ")
    made.write_lines(cells[spoken])
    for k in others:
        if k != named:
            made.begin()
            made.write_lines(cells[k])


def _write_name(made: _Writer, line: Line, span: tuple[int, int], colon: str = "") -> None:
    made.add("**")
    made.write(line, *span)
    made.add(f"{colon}**")


def _text(line: Line) -> str:
    return "".join(run.text for run in line)


def _joined(lines: Iterable[Line]) -> Line:
    space = TextRun(" ", bold=False)
    return tuple(run for line in lines for run in (*line, space))[:-1]


def _is_heading(line: Line, said: str) -> bool:
    """Return whether a paragraph that has no heading's style looks like a heading: short, bold and no sentence."""
    is_short = len(said) <= _LONGEST_HEADING and not _SENTENCE_END.search(said)
    return is_short and _is_bold(line) and not _CLOCK.search(said)


def _is_bold_label(line: Line, label: re.Match[str]) -> bool:
    """Return whether the name of a label, which was found in the stripped text of a line, is bold."""
    text = _text(line)
    start = len(text) - len(text.lstrip())
    return _is_bold(line, start + label.start("name"), start + label.end("name"))


def _is_bold(line: Line, first: int = 0, last: int | None = None) -> bool:
    """Return whether all of a part of a line that is no white space is bold."""
    at = 0
    for run in line:
        part = run.text[max(0, first - at) : None if last is None else max(0, last - at)]
        if part.strip() and not run.bold:
            return False
        at += len(run.text)
    return True


@dataclass
class _Writer:
    """Collects Markdown: what is added, and what is written from the document."""

    parts: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    length: int = 0
    at_start: bool = True

    def add(self, text: str) -> None:
        """Add text that is not in the document."""
        self.parts.append(text)
        self.length += len(text)

    def begin(self) -> None:
        """Begin a block."""
        if self.parts:
            self.add("\n\n")
        self.at_start = True

    def end_line(self) -> None:
        """Begin a line of the same paragraph."""
        self.add("\n")
        self.at_start = True

    def write_lines(self, lines: Sequence[Line]) -> None:
        """Write lines as paragraphs of one turn."""
        for number, line in enumerate(lines):
            if number:
                self.begin()
            self.write(line)

    def write(self, line: Line, first: int = 0, last: int | None = None) -> None:
        """Write a part of a line, escaped; white space at the start of a line is left out."""
        text = _text(line)
        last = len(text) if last is None else last
        if self.at_start:
            first += len(text[first:last]) - len(text[first:last].lstrip())
        marks = [found.start() for found in _MARKS.finditer(text, first, last)]
        if self.at_start and _LINE_MARKS.match(text, first, last):
            marks = sorted({first, *marks})
        at = 0
        for run in line:
            for start, end in _pieces(max(first, at), min(last, at + len(run.text)), marks):
                if _has(marks, start):
                    self.add("\\")
                if run.node is not None:
                    self.places.append(Place(self.length, end - start, run.node, start - at))
                self.add(text[start:end])
                self.at_start = False
            at += len(run.text)


def _has(marks: Sequence[int], place: int) -> bool:
    at = bisect_left(marks, place)
    return at < len(marks) and marks[at] == place


def _pieces(first: int, last: int, marks: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the parts of a text before and from each mark on; the marks are in order."""
    starts = [first, *marks[bisect_right(marks, first) : bisect_left(marks, last)], last]
    return ((start, end) for start, end in pairwise(starts) if start < end)
