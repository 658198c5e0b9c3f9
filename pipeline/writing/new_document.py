"""Write the draft of an untyped episode as a whole document, in the style of another transcript of its show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from pipeline.matching.drafting.topics import Topic
from pipeline.reading.labels.forms import KnownSpeakers
from pipeline.reading.structure.contents import heading_anchor
from pipeline.reading.structure.document_frame import DocumentFrame, read_frame
from pipeline.reading.structure.draft_comments import draft_comment
from pipeline.reading.structure.file_style import FileStyle, read_file_style
from pipeline.schema import DraftTurn, Transcript
from pipeline.times import Ms, format_clock, without_decimals
from pipeline.writing.escaping import escape, escape_line
from pipeline.writing.turn_lines import turn_style, write_turns

_NO_SPEAKERS = KnownSpeakers((), frozenset())


@dataclass(frozen=True, slots=True)
class ShowStyle:
    """The style of a show's transcripts: the frame of the document, and how its turns are written."""

    frame: DocumentFrame = field(default_factory=DocumentFrame)
    file_style: FileStyle = field(default_factory=FileStyle)


def show_style(sample: Transcript) -> ShowStyle:
    """Return the style of one of a show's transcripts."""
    return ShowStyle(read_frame(sample.source), read_file_style(sample))


def render_new_document(
    turns: Sequence[DraftTurn],
    title: str,
    panel: Sequence[str],
    parts: Sequence[Topic],
    show: ShowStyle,
    *,
    times: bool,
    continue_at: Ms | None = None,
) -> str:
    """Write a whole document: title, panel, contents, and the turns under the headings of their parts.

    Read again, it has this title, this panel (if the style lists one), a section for each part, and the turns.

    Args:
        panel: the people's real names, in the order in which they are listed.
        parts: as ``find_topics`` returns them.
        show: the style of the document.
        times: whether each turn gets its time.
        continue_at: the time in a note below, of a recording whose end is missing; None for no note.
    """
    blocks = [
        *_front_blocks(title, panel, parts, show.frame),
        draft_comment(0, without_decimals(show.file_style.notation.clock)),
    ]
    file_style = replace(show.file_style, ending="\n")
    empty = Transcript("", title, tuple(panel), (), (), (), (), (), file_style.notation)
    style = turn_style(empty, file_style, turns, times=times)
    ends = [*(part.turn for part in parts[1:]), len(turns)]
    for part, end in zip(parts, ends, strict=True):
        blocks.append(_heading(part.title, show.frame.section))
        blocks.append(write_turns(turns[part.turn : end], style))
    if continue_at is not None:
        blocks.append(_note(continue_at, show))
    text = "\n\n".join(block for block in blocks if block) + "\n"
    return text.replace("\n", show.file_style.ending)


def render_beginning(title: str, show: ShowStyle) -> str:
    """Write a document in which nothing is typed: its title, and a note that typing begins at the start."""
    blocks = (*_front_blocks(title, (), (), show.frame), _note(0, show))
    return ("\n\n".join(blocks) + "\n").replace("\n", show.file_style.ending)


def _note(at: Ms, show: ShowStyle) -> str:
    return f"<!-- Continue at {format_clock(at, without_decimals(show.file_style.notation.clock))}! -->"


def _front_blocks(title: str, panel: Sequence[str], parts: Sequence[Topic], frame: DocumentFrame) -> Iterator[str]:
    if title.strip():
        yield _heading(title, frame.title)
    if panel and frame.panel is not None:
        yield frame.panel
        yield "\n".join(frame.bullet + escape(name) for name in panel)
    if parts and frame.contents is not None:
        yield frame.contents
        is_numbered = frame.item[:1].isdecimal()
        marks = (
            str(k) + frame.item.lstrip("0123456789") if is_numbered else frame.item for k in range(1, len(parts) + 1)
        )
        yield "\n".join(
            f"{mark}[{escape(part.title)}](#{heading_anchor(part.title)})"
            for mark, part in zip(marks, parts, strict=True)
        )


def _heading(title: str, form: str) -> str:
    text = escape_line(escape(" ".join(title.split())), _NO_SPEAKERS)
    return form + text if form.endswith(" ") else f"{text}\n{form}"
