"""Separate what surrounds the speech: title, panel, contents, sections, and the notes that say where to continue."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, zip_longest
from typing import Literal

import msgspec
import regex
from msgspec.structs import replace as replace_struct

from pipeline.reading.labels.forms import (
    NEVER_SPEAKERS,
    Label,
    clean_name,
    fold_text,
    label_at,
    names_speaker,
)
from pipeline.reading.labels.grammar import LabelGrammar, accepted_headings, read_grammar, with_drafted_names
from pipeline.reading.labels.label_times import lone_time
from pipeline.reading.labels.notation_evidence import LineStart
from pipeline.reading.markup.hidden_text import MaskedSource
from pipeline.reading.markup.inline import rendered_text
from pipeline.reading.markup.notation import CLOCK, TypedTime
from pipeline.reading.structure.blocks import Block, todo_clock
from pipeline.reading.structure.draft_comments import find_drafted_ranges
from pipeline.reading.structure.unspoken import is_cue_number, is_head, is_unspoken
from pipeline.schema import Chars, Note
from pipeline.times import parse_clock

PANEL_HEADINGS = frozenset(
    (
        "panel", "the panel", "panelists", "panellists", "participants", "speakers", "cast",
        "teilnehmer", "teilnehmende", "mitwirkende", "intervenants", "participantes", "partecipanti", "deelnemers",
        "участники", "المشاركون", "משתתפים", "प्रतिभागी", "ผู้ร่วมรายการ", "参与者", "參與者", "出演者", "参加者", "출연자",
    )
)  # fmt: skip
ListKind = Literal["panel", "hosts", "guests", "unspoken"]
_PANEL_PARTS: dict[str, ListKind] = {
    "hosts": "hosts",
    "guests": "guests",
}  # one of them alone does not name all speakers
CONTENTS_HEADINGS = frozenset(("table of contents", "contents", "toc"))
_CONTENTS_ITEM = regex.compile(r"\[[^\[\]]*+\]\(#[^()]*+\)$")
_LINK_ITEM = regex.compile(r"(?:[-*+]|[0-9]{1,9}[.)])[ \t]++\[[^\[\]]*+\]\([^()\s]*+\)$")  # the slides of a talk
_INLINE_PANEL = regex.compile(
    r"(?P<list>Panel|Panelists|Panellists|Participants|Speakers|Hosts|Guests):[ \t]++(?P<names>\S.*+)$",
    regex.IGNORECASE,
)
_EDITORS_LINE = regex.compile(
    r"(?:(?:show|editor['’]?s|transcriber['’]?s)\s++)?notes?\s*+[:：]|(?:links?|resources|references)\s*+[:：]",
    regex.IGNORECASE,
)
_FIRST_WORD = re.compile(r"(?:<[^<>]*+>|&\w*+;|[^\w<&]|_)*+(?P<word>\w++)")  # behind marks
_FRAMES = (*PANEL_HEADINGS, *_PANEL_PARTS, *NEVER_SPEAKERS, "show", "editor", "editors", "transcriber", "transcribers")
_FRAME_WORDS = frozenset(found["word"] for line in _FRAMES if (found := _FIRST_WORD.match(line)))
"""The first words of all lines that are no speech: by them few lines have to be rendered to know which are."""
_AFTER_NAME = regex.compile(r"\s+[-–—(|@].*|[,:(，：（、].*", regex.DOTALL)  # "Jane Doe (@jane), host"
_BETWEEN_NAMES = regex.compile(r"\s*[,;&、，]\s*(?:and\s+)?|\s+(?:and|und|et|y|e|и)\s+")
_TIME_HEADING = regex.compile(rf"[\[(]?{CLOCK}[\])]?(?:\s*+[-–—:]?\s*+(?:WIP|TODO))?[!.:]?$", regex.IGNORECASE)
_CONTINUE = regex.compile(
    # not "The music stops at 0:30" or "the jingle continues until 0:40", which describe the audio, not the typing
    r"\b(?:contin[uú](?!es\b|ed\b)\w*+|resum(?:e|ing)|pick(?:ing)?\s++up|(?:left|leave|leaving)\s++off"
    r"|transcribed\s++(?:up\s++)?(?:to|until)|weiter|fortsetz\w*+|reprendre|reprise|suite"
    r"|seguir|riprend\w*+|verder|продолж\w*+|devam|आगे|تابع|متابعة|נמשיך|המשך)\b"
    r"|继续|繼續|続き|つづき|続ける|ต่อ|계속|이어서"
    r"|(?:<!--|[^\w\s'’-]|\s[-–—]|\b(?:i|i['’]ve|we|we['’]ve|here|to|typing|transcript(?:ion)?|transcribing|[0-9]{2}))"
    r"\s*+(?:continue[sd]|resume[sd]|stop(?:s|ped|ping)?|pick(?:s|ed)\s++up|(?:carry|go)\s++on)\b",
    regex.IGNORECASE,
)
_TODO_COMMENT = regex.compile(rf"<!--\s*+(?:TODO|WIP)\b[\s:,]*+(?:(?:at|from)\s++)?{CLOCK}\s*+[.!]*+\s*+-->", regex.I)
_CLOCK = regex.compile(CLOCK)
_LONGEST_FRAME = 2_000  # characters of a line that may frame the speech: a panel of forty names with their links

NoteForm = Literal["comment", "heading", "todo"]


class Boundary(msgspec.Struct, frozen=True, gc=False):
    """A heading (with its title if it is a section's, or the label that it is) or a note; no turn extends across it."""

    chars: Chars
    title: str | None = None
    title_chars: Chars | None = None
    label: Label | None = None


@dataclass(slots=True)
class Outline:
    """The blocks of speech with the boundaries between them, in order, and the document's other parts."""

    title: str | None = None
    panel: dict[str, None] = field(default_factory=dict)  # in order, each once
    notes: list[Note] = field(default_factory=list)
    flow: list[Block | Boundary] = field(default_factory=list)


def read_outline(masked: MaskedSource, blocks: Sequence[Block], *, has_speech: bool = False) -> Outline:
    """Separate the blocks of speech from the document's other parts.

    Args:
        masked: the text.
        blocks: its blocks.
        has_speech: whether speech precedes it, because it is a passage from the middle of a file.
    """
    reader = _OutlineReader(masked, _empty_heading_ends(blocks), has_speech=has_speech)
    for block, following in zip_longest(blocks, blocks[1:]):
        reader.read(block, before_list=following is not None and following.kind in {"item", "table"})
    outline = reader.outline
    for note in _comment_notes(masked):
        outline.notes.append(note)
        outline.flow.append(Boundary(note.chars))
    outline.notes.sort(key=lambda note: note.chars)
    outline.flow.sort(key=lambda part: part.chars)
    return outline


def read_file_grammar(masked: MaskedSource, outline: Outline) -> LabelGrammar:
    """Read how the file writes its labels, and mark the headings in the outline's flow that are labels.

    What cuemark drafted is no evidence: a draft must not change how the human's part is read.
    """
    text, drafted = masked.text, find_drafted_ranges(masked.source)
    begins, ends = [chars.start for chars in drafted], list(accumulate((chars.end for chars in drafted), max))
    starts = speech_lines(text, outline)
    drafted_lines = [start for start in starts if drafted and _is_within(start.chars.start, begins, ends)]
    own = [start for start in starts if not _is_within(start.chars.start, begins, ends)] if drafted_lines else starts
    titles = [part.title_chars for part in outline.flow if isinstance(part, Boundary) and part.title_chars]
    grammar = read_grammar(text, own, tuple(outline.panel), titles)
    if drafted_lines:
        grammar = with_drafted_names(text, drafted_lines, grammar)
    outline.flow[:] = [_with_label(part, grammar) for part in outline.flow]
    return grammar


def mark_label_headings(text: str, outline: Outline, grammar: LabelGrammar) -> None:
    """Mark the headings of a passage that are labels by the grammar of its file."""
    titles = [part.title_chars for part in outline.flow if isinstance(part, Boundary) and part.title_chars]
    headings = accepted_headings(text, titles, grammar)
    outline.flow[:] = [_with_label(part, replace(grammar, headings=headings)) for part in outline.flow]


def _is_within(at: int, begins: Sequence[int], ends: Sequence[int]) -> bool:
    """Return whether a place is in one of several ranges, given their starts and the largest ends so far."""
    before = bisect_right(begins, at)
    return before > 0 and at < ends[before - 1]


def speech_lines(text: str, outline: Outline) -> list[LineStart]:
    """Return the lines of speech at whose start a label may be: those that are not indented, and not only a time."""
    return [
        start
        for part in outline.flow
        if isinstance(part, Block)
        for line, start in zip(part.lines, line_starts(text, part), strict=True)
        if isinstance(start, LineStart) and not line.indented
    ]


def line_starts(text: str, block: Block, no_times: Container[int] = ()) -> list[LineStart | TypedTime]:
    """Return for each line of a block what a label at its start is judged by, or the time that is all of the line.

    The line after such a time is as the first one.

    Args:
        text: the masked text.
        block: its lines.
        no_times: the starts of lines of which it is known that they are more than a time.
    """
    starts: list[LineStart | TypedTime] = []
    is_first = True
    for line in block.lines:
        time = None if line.indented or line.chars.start in no_times else lone_time(text, line.chars)
        starts.append(time or LineStart(line.chars, is_first, block.kind == "item"))
        is_first = time is not None
    return starts


def _with_label(part: Block | Boundary, grammar: LabelGrammar) -> Block | Boundary:
    if isinstance(part, Block) or part.title_chars is None:
        return part
    label = grammar.headings.get(part.title_chars.start)
    return replace_struct(part, title=None, label=label) if label else part


def frames_speech(line: str) -> bool:
    """Return whether a paragraph with this first line may be read as no speech.

    That is a list's heading, a panel on one line, or an editor's line.

    >>> frames_speech("*Note*: check the name"), frames_speech("Panel"), frames_speech("So: note this")
    (True, True, False)
    """
    first = rendered_text(line, [Chars(0, len(line))])
    return any((_list_kind(fold_heading(first)), _INLINE_PANEL.match(first), _EDITORS_LINE.match(first)))


def _may_frame(text: str, line: Chars) -> bool:
    """Return whether a line may be a list's heading, a panel or an editor's line, by its first word."""
    found = _FIRST_WORD.match(text, line.start, line.end)
    return found is not None and found["word"].casefold() in _FRAME_WORDS


def _comment_notes(masked: MaskedSource) -> Iterator[Note]:
    """Yield the comments with a time and a word such as "continue"; the time after that word counts."""
    for comment in masked.comments:
        word = _CONTINUE.search(masked.source, comment.start, comment.end)
        word = word or _TODO_COMMENT.match(masked.source, comment.start, comment.end)
        clocks = list(_CLOCK.finditer(masked.source, comment.start, comment.end))
        if word and clocks:
            clock = next((found for found in clocks if found.start() > word.start()), clocks[-1])
            yield _note(masked, comment, Chars(*clock.span("clock")), "comment")


def _note(masked: MaskedSource, chars: Chars, clock: Chars, form: NoteForm) -> Note:
    return Note(chars, clock, parse_clock(masked.source[clock.start : clock.end]), form)


class _OutlineReader:
    """Reads block by block, and keeps what the list that may follow is: a panel, or no speech."""

    def __init__(self, masked: MaskedSource, ends_of_empty: Mapping[int, int], *, has_speech: bool) -> None:
        self.outline = Outline()
        self._masked = masked
        self._ends_of_empty = ends_of_empty
        self._has_speech = has_speech
        self._list: ListKind | None = None
        self._panel_parts: dict[ListKind, list[str]] = {}

    def read(self, block: Block, *, before_list: bool) -> None:
        if block.kind == "heading":
            self._heading(block)
        elif block.kind == "todo":
            self._note_at(block.chars, todo_clock(self._masked.text, block), "todo")
            self.outline.flow.append(Boundary(block.chars))
        elif block.kind == "item":
            self._item(block)
        elif block.kind == "paragraph":
            self._paragraph(block, before_list=before_list)

    def _heading(self, block: Block) -> None:
        title = rendered_text(self._masked.text, block.pieces)
        clock = _CLOCK.search(self._masked.text, block.chars.start, block.chars.end)
        if clock and _TIME_HEADING.match(title):
            if block.chars.start in self._ends_of_empty:
                end = self._ends_of_empty[block.chars.start]
                self._note_at(Chars(block.chars.start, end), Chars(*clock.span("clock")), "heading")
            self.outline.flow.append(Boundary(block.chars))
        elif title and block.level == 1 and self.outline.title is None and not self._has_speech:
            self.outline.title = title
        else:
            is_list_heading = fold_heading(title) in PANEL_HEADINGS | _PANEL_PARTS.keys() | CONTENTS_HEADINGS
            is_section = bool(title) and not is_list_heading
            self.outline.flow.append(
                Boundary(block.chars, title if is_section else None, block.pieces[0] if is_section else None)
            )
        self._list = _list_kind(fold_heading(title))

    def _item(self, block: Block) -> None:
        text = self._masked.text[block.chars.start : block.chars.end]
        if self._list is not None and self._list != "unspoken":
            self._add_to_panel(rendered_text(self._masked.text, block.pieces), self._list)
        elif self._list is None and not _CONTENTS_ITEM.search(text) and not _LINK_ITEM.match(text):
            self._speech(block)

    def _paragraph(self, block: Block, *, before_list: bool) -> None:
        line = block.lines[0].chars
        start = Chars(line.start, min(line.end, line.start + _LONGEST_FRAME))
        if not _may_frame(self._masked.text, start):
            self._list = None
            self._speech(block)
            return
        first = rendered_text(self._masked.text, [start])
        listed = _list_kind(fold_heading(first))
        inline = _INLINE_PANEL.match(first)
        if listed and (listed != "unspoken" or before_list):
            self._list = listed
            for piece in block.pieces[1:]:
                self._add_to_panel(rendered_text(self._masked.text, [piece]), listed)
        elif inline and not self._has_speech:
            for name in _BETWEEN_NAMES.split(inline["names"]):
                self._add_to_panel(name, _list_kind(fold_heading(inline["list"])))
        elif _EDITORS_LINE.match(first) and not any(label_at(self._masked.text, piece) for piece in block.pieces[1:]):
            self._list = None  # no speech, and no boundary between turns
        else:
            self._list = None
            self._speech(block)

    def _speech(self, block: Block) -> None:
        text = self._masked.text
        if not self._has_speech and is_head([text[line.chars.start : line.chars.end] for line in block.lines]):
            return
        lines = tuple(
            line
            for line, below in zip_longest(block.lines, block.lines[1:])
            if not is_unspoken(text, line.chars) and not (below and is_cue_number(text, line.chars, below.chars))
        )
        if lines:
            self._has_speech = True
            self.outline.flow.append(block if len(lines) == len(block.lines) else replace_struct(block, lines=lines))

    def _note_at(self, chars: Chars, clock: Chars, form: NoteForm) -> None:
        self.outline.notes.append(_note(self._masked, chars, clock, form))

    def _add_to_panel(self, text: str, listed: ListKind | None) -> None:
        name = clean_name(_AFTER_NAME.sub("", text, count=1))
        if not names_speaker(name) or _EDITORS_LINE.match(f"{name}:"):
            return  # no label can have this name
        if listed == "hosts" or listed == "guests":  # noqa: PLR1714 -- mypy follows this form alone
            self._panel_parts.setdefault(listed, []).append(name)
            if len(self._panel_parts) == len(_PANEL_PARTS):
                self.outline.panel.update(dict.fromkeys(name for names in self._panel_parts.values() for name in names))
        else:
            self.outline.panel.setdefault(name)


def fold_heading(title: str) -> str:
    """Return a heading for comparison: case-folded, with single spaces, without a colon at its end."""
    return fold_text(title).rstrip(":： ")


def _list_kind(title: str) -> ListKind | None:
    if title in PANEL_HEADINGS:
        return "panel"
    return _PANEL_PARTS.get(title) or ("unspoken" if title in NEVER_SPEAKERS else None)


def _empty_heading_ends(blocks: Sequence[Block]) -> dict[int, int]:
    """Return the end of each heading below which nothing or only ``WIP`` follows, by the heading's start."""
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
