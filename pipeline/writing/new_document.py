"""An episode that nobody has typed yet, drafted as a whole document in the house style of another one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import regex

from pipeline.matching.drafting.topics import Topic
from pipeline.reading.labels.forms import Cast
from pipeline.reading.structure.document_frame import Frame, frame_of
from pipeline.reading.structure.draft_comments import draft_comment
from pipeline.reading.structure.file_style import Habits, habits_of
from pipeline.schema import DraftTurn, Transcript
from pipeline.times import without_decimals
from pipeline.writing.escaping import escape, escape_line
from pipeline.writing.turn_lines import turn_style, write_turns

_NOBODY = Cast((), frozenset())
_NOT_IN_ANCHOR = regex.compile(r"[^\p{L}\p{M}\p{N}_ -]")


@dataclass(frozen=True, slots=True)
class ShowStyle:
    """The style of a house: how a document is framed, and how its turns are written."""

    frame: Frame = field(default_factory=Frame)
    habits: Habits = field(default_factory=Habits)


def show_style(sample: Transcript) -> ShowStyle:
    """The style of one of a show's transcripts."""
    return ShowStyle(frame_of(sample.source), habits_of(sample))


def render_fresh(
    turns: Sequence[DraftTurn],
    title: str,
    panel: Sequence[str],
    parts: Sequence[Topic],
    house: ShowStyle,
    *,
    times: bool,
) -> str:
    """Write a whole document: title, panel, contents, and the turns under the headings of their parts.

    Read again, it has this title, this panel (where the house lists one), a section for each part, and the turns.

    Args:
        panel: the people's real names, in the order in which they are listed.
        parts: as ``find_topics`` returns them.
        times: whether each turn gets its time.
    """
    blocks = [
        *_front(title, panel, parts, house.frame),
        draft_comment(0, without_decimals(house.habits.notation.clock)),
    ]
    habits = replace(house.habits, ending="\n")
    listed = Transcript("", title, tuple(panel), (), (), (), (), (), habits.notation)
    hand = turn_style(listed, habits, turns, times=times)
    ends = [*(part.turn for part in parts[1:]), len(turns)]
    for part, end in zip(parts, ends, strict=True):
        blocks.append(_heading(part.title, house.frame.section))
        blocks.append(write_turns(turns[part.turn : end], hand))
    text = "\n\n".join(block for block in blocks if block) + "\n"
    return text.replace("\n", house.habits.ending)


def _front(title: str, panel: Sequence[str], parts: Sequence[Topic], frame: Frame) -> Iterator[str]:
    if title.strip():
        yield _heading(title, frame.title)
    if panel and frame.panel is not None:
        yield frame.panel
        yield "\n".join(frame.bullet + escape(name) for name in panel)
    if parts and frame.contents is not None:
        yield frame.contents
        numbered = frame.item[:1].isdecimal()
        marks = (str(k) + frame.item.lstrip("0123456789") if numbered else frame.item for k in range(1, len(parts) + 1))
        yield "\n".join(
            f"{mark}[{escape(part.title)}](#{_anchor(part.title)})" for mark, part in zip(marks, parts, strict=True)
        )


def _heading(title: str, form: str) -> str:
    text = escape_line(escape(" ".join(title.split())), _NOBODY)
    return form + text if form.endswith(" ") else f"{text}\n{form}"


def _anchor(title: str) -> str:
    """What a heading is linked by, as the hosts of such documents make it."""
    return _NOT_IN_ANCHOR.sub("", title.lower()).replace(" ", "-")
