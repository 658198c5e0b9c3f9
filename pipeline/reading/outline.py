"""What stands around the speech: title, panel, contents, sections, and the notes that say where to continue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Literal

import regex

from pipeline.reading.blocks import Block, todo_clock
from pipeline.reading.inline import rendered_text
from pipeline.reading.labels import NEVER_SPEAKERS, fold_name
from pipeline.reading.notation import CLOCK
from pipeline.reading.page import Page
from pipeline.schema import Chars, Note
from pipeline.times import parse_clock

_PANEL = frozenset(("panel", "the panel", "panelists", "panellists", "participants", "speakers", "cast"))
_CONTENTS = frozenset(("table of contents", "contents", "toc"))
_CONTENTS_ITEM = regex.compile(r"\[[^\[\]]*+\]\(#[^()]*+\)$")
_INLINE_PANEL = regex.compile(r"(?:Panel|Panelists|Panellists|Participants|Speakers):[ \t]++(?P<names>\S.*+)$", regex.I)
_AFTER_NAME = regex.compile(r"\s+[-–—(|@].*|[,:(].*", regex.DOTALL)  # "Jane Doe (@jane), host"
_BETWEEN_NAMES = regex.compile(r"\s*[,;&]\s*(?:and\s+)?|\s+and\s+")
_TIME_HEADING = regex.compile(rf"[\[(]?{CLOCK}[\])]?(?:\s*+[-–—:]?\s*+(?:WIP|TODO))?[!.:]?$", regex.IGNORECASE)
_CONTINUE = regex.compile(
    r"\b(?:contin[uú]\w*+|resum(?:e|es|ed|ing)|stop(?:s|ped|ping)?|pick(?:s|ed|ing)?\s++up|(?:left|leave|leaving)\s++off"
    r"|(?:carry|go)\s++on|transcribed\s++(?:up\s++)?(?:to|until)|weiter|reprendre)\b",
    regex.IGNORECASE,
)
_CLOCK = regex.compile(CLOCK)

NoteForm = Literal["comment", "heading", "todo"]


@dataclass(frozen=True, slots=True)
class Boundary:
    """A place that no turn reaches across: a heading (its title where it is a section's) or a note."""

    chars: Chars
    title: str | None = None


@dataclass(slots=True)
class Outline:
    """A document without its speech, and the blocks of its speech with the boundaries between them, in order."""

    title: str | None = None
    panel: dict[str, None] = field(default_factory=dict)  # in order, each once
    notes: list[Note] = field(default_factory=list)
    flow: list[Block | Boundary] = field(default_factory=list)


def read_outline(page: Page, blocks: Sequence[Block]) -> Outline:
    """Tell what is spoken from what frames it."""
    reader = _OutlineReader(page, _ends_of_empty(blocks))
    for block, following in zip_longest(blocks, blocks[1:]):
        reader.read(block, before_list=following is not None and following.kind == "item")
    outline = reader.outline
    for note in _comment_notes(page):
        outline.notes.append(note)
        outline.flow.append(Boundary(note.chars))
    outline.notes.sort(key=lambda note: note.chars)
    outline.flow.sort(key=lambda part: part.chars)
    return outline


def _comment_notes(page: Page) -> Iterator[Note]:
    """The comments that say where to go on: a time, and a word such as "continue". The time after the word counts."""
    for comment in page.comments:
        word = _CONTINUE.search(page.source, comment.start, comment.end)
        clocks = list(_CLOCK.finditer(page.source, comment.start, comment.end))
        if word and clocks:
            clock = next((found for found in clocks if found.start() > word.start()), clocks[-1])
            yield _note(page, comment, Chars(*clock.span("clock")), "comment")


def _note(page: Page, chars: Chars, clock: Chars, form: NoteForm) -> Note:
    return Note(chars, clock, parse_clock(page.source[clock.start : clock.end]), form)


class _OutlineReader:
    """Reads block by block; remembers whether the list that may follow is a panel, or no speech at all."""

    def __init__(self, page: Page, ends_of_empty: Mapping[int, int]) -> None:
        self.outline = Outline()
        self._page = page
        self._ends_of_empty = ends_of_empty
        self._has_speech = False
        self._list: Literal["panel", "unspoken"] | None = None

    def read(self, block: Block, *, before_list: bool) -> None:
        if block.kind == "heading":
            self._heading(block)
        elif block.kind == "todo":
            self._note_at(block.chars, todo_clock(self._page.text, block), "todo")
            self.outline.flow.append(Boundary(block.chars))
        elif block.kind == "item":
            self._item(block)
        elif block.kind == "paragraph":
            self._paragraph(block, before_list=before_list)

    def _heading(self, block: Block) -> None:
        title = rendered_text(self._page.text, block.pieces)
        clock = _CLOCK.search(self._page.text, block.chars.start, block.chars.end)
        if clock and _TIME_HEADING.match(title):
            if block.chars.start in self._ends_of_empty:
                end = self._ends_of_empty[block.chars.start]
                self._note_at(Chars(block.chars.start, end), Chars(*clock.span("clock")), "heading")
            self.outline.flow.append(Boundary(block.chars))
        elif title and block.level == 1 and self.outline.title is None and not self._has_speech:
            self.outline.title = title
        else:
            frames = _bare(title) in _PANEL | _CONTENTS
            self.outline.flow.append(Boundary(block.chars, title if title and not frames else None))
        self._list = _list_under(_bare(title))

    def _item(self, block: Block) -> None:
        text = self._page.text[block.chars.start : block.chars.end]
        if self._list == "panel":
            self._add_to_panel(rendered_text(self._page.text, block.pieces))
        elif self._list is None and not _CONTENTS_ITEM.search(text):
            self._speech(block)

    def _paragraph(self, block: Block, *, before_list: bool) -> None:
        first = rendered_text(self._page.text, block.pieces[:1])
        listed = _list_under(_bare(first))
        inline = _INLINE_PANEL.match(first)
        if listed == "panel" or (listed and before_list):
            self._list = listed
            for piece in block.pieces[1:]:
                self._add_to_panel(rendered_text(self._page.text, [piece]))
        elif inline and not self._has_speech:
            for name in _BETWEEN_NAMES.split(inline["names"]):
                self._add_to_panel(name)
        else:
            self._list = None
            self._speech(block)

    def _speech(self, block: Block) -> None:
        self._has_speech = True
        self.outline.flow.append(block)

    def _note_at(self, chars: Chars, clock: Chars, form: NoteForm) -> None:
        self.outline.notes.append(_note(self._page, chars, clock, form))

    def _add_to_panel(self, text: str) -> None:
        if name := _AFTER_NAME.sub("", text, count=1).strip():
            self.outline.panel.setdefault(name)


def _bare(title: str) -> str:
    return fold_name(title).rstrip(":： ")


def _list_under(title: str) -> Literal["panel", "unspoken"] | None:
    if title in _PANEL:
        return "panel"
    return "unspoken" if title in NEVER_SPEAKERS else None


def _ends_of_empty(blocks: Sequence[Block]) -> dict[int, int]:
    """The headings, by their start, below which nothing or only ``WIP`` stands, and where that ends."""
    ends = {}
    is_empty, end = True, 0
    for block in reversed(blocks):
        if block.kind == "heading":
            if is_empty:
                ends[block.chars.start] = max(end, block.chars.end)
            is_empty, end = True, 0
        elif block.kind == "wip":
            end = end or block.chars.end
        elif block.kind in ("paragraph", "item"):
            is_empty = False
    return ends
