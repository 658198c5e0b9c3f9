"""Recognise what may be a label: where a text says who speaks, with the time that is typed next to it.

``**Name**: text``, ``**Name:** text``, ``**Name:**: text``, ``****: text``, ``Name: text``, ``NAME, ROLE: text``,
``Nom : texte`` and ``[00:01:02] Name: text`` mean the same, also with a full-width colon or with direction marks around
them. Other programs write ``Name 0:03``, ``Name (0:03)`` or ``**Name**`` on a line of its own, ``[0:03] - Name``,
``Name [0:03] text``, ``[Name]: text``, ``[Name] text``, ``<Name> text``, ``>> NAME: text``, ``Name - text`` or
``Q. text``. Bold is also ``<b>Name:</b>`` and ``<strong>Name</strong>:``, and a name with a colon may be in emphasis
(``*Name:* text``) or have a role (``Name - Host: text``).

A bold name with a colon at the start of a line is always a label. Whether any other one is, depends on the whole file
(see ``grammar``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from typing import Literal

import msgspec
import regex
from msgspec.structs import replace
from rapidfuzz import fuzz

from pipeline.reading.labels.label_times import bare_time_after, time_after, time_at_start, times_before, typed_time
from pipeline.reading.labels.name_shapes import NAME_START, is_name_like, is_short, split_role
from pipeline.reading.labels.remarks import is_editors_remark
from pipeline.reading.markup.inline import shown_name
from pipeline.reading.markup.notation import BRACKETED_CLOCK, CLOCK, RANGE_END, TypedTime
from pipeline.schema import Chars

NEVER_SPEAKERS = frozenset(
    (
        "panel", "the panel", "panelists", "panellists", "participants", "speakers", "cast", "hosts", "guests",
        "attendees", "remote attendees", "table of contents", "contents", "toc", "agenda", "slides", "transcript by",
        "note", "notes", "show notes", "link", "links", "resources", "references", "sponsors", "todo", "wip",
        "transcribed by", "nb", "n.b", "p.s", "fyi", "location", "ubicación", "in-person attendees", "reviewers",
    )
)  # fmt: skip
"""Words that precede a colon and are never a speaker's name, case-folded."""

LABEL_SIMILARITY = 85.0  # of 100: "Dominic Denicola" is Domenic Denicola, "Daniel" is not Daniel Shaw

Marks = Literal["bold", "plain", "link", "bracket", "angle", "voice", "quotes", "chevrons", "heading"]
_OTHER_MARKS: tuple[Literal["angle", "voice", "quotes"], ...] = ("angle", "voice", "quotes")
Ending = Literal["colon", "time", "timed-line", "line", "dash", "dot", "none"]


class LabelNotation(msgspec.Struct, frozen=True, gc=False):
    """How a label is written: the marks around the name, and what separates it from the text.

    ``ending`` is ``time`` where only a typed time separates them (``Name [0:03] text``), ``line`` where the label has
    a line of its own and no colon, ``timed-line`` where a time is with it there, ``none`` for marks alone (``**Name**
    text``, ``>> text``).
    """

    marks: Marks
    ending: Ending


BOLD_COLON = LabelNotation("bold", "colon")
PLAIN_COLON = LabelNotation("plain", "colon")
BRACKETS_ALONE = LabelNotation("bracket", "none")

_DIRECTION = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks that set the direction of the text next to them
_SPACE = rf"[ \t\xa0\u202f{_DIRECTION}]*+"  # French has a narrow space before a colon
_AFTER_PLAIN = rf"(?=[ \t\xa0\u202f{_DIRECTION}]|$)"
_DIRECTION_MARKS = re.compile(rf"[{_DIRECTION}]+")
_TIME_WITHIN = rf"[ \t]*+(?:[-–—][ \t]*+{CLOCK}|{BRACKETED_CLOCK})"
_TIME_IN_BOLD = rf"(?:{_TIME_WITHIN}|[ \t,|@·]++{CLOCK})"
_BOLD = regex.compile(
    rf"(?<![{_DIRECTION}])[{_DIRECTION}]*+(?:(?P<nameless>\*{{4,6}}+{_SPACE}[:：]++|\*\*{_SPACE}[:：]{_SPACE}\*\*(?:{_SPACE}[:：]++)?)"
    r"|(?:(?P<mark>\*{2,3}+|__)|<(?P<tag>(?i:b|strong))>)[ \t]{0,2}+(?=\S)(?P<inner>[^*\r\n]{1,200}?)"
    r"(?:(?<=\S)|(?<=[:：][ \t]{1,3}))(?(mark)(?P=mark)|</(?P=tag)>)"
    rf"(?P<within>{_TIME_WITHIN}(?={_SPACE}[:：]))?(?P<colon>{_SPACE}[:：]++)?)"
)
_PLAIN = regex.compile(
    rf"[{_DIRECTION}]*+(?P<em>[*_]?)(?P<inner>{NAME_START}[^:：\r\n*\[\]<>|]{{0,80}}?(?:{_TIME_WITHIN})?)"
    rf"(?:(?P=em){_SPACE}(?:[:：]{{1,2}}+{_AFTER_PLAIN}|：)|[:：](?P=em)(?<=[*_])[:：]?+{_AFTER_PLAIN})"
)
_MARKED = regex.compile(
    rf"(?:\\?\[(?P<bracket>[^\[\]\r\n:：]{{1,80}}+)\\?\]"
    rf"(?:(?P<link>\([^()\s]{{0,300}}+\))?(?={_SPACE}[:：])|(?=[ \t]++\S))"
    r"|(?P<quote>[\"“„«»])(?P<quotes>[^\"“”„«»\r\n:：]{1,60}+)[\"”“«»](?=[ \t]*+[:：])"
    r"|\\?<(?:v[ \t]++(?P<voice>\p{L}[^<>\r\n/=@]{0,60}+)>|(?P<angle>\p{L}[^<>\r\n:：/=@]{0,60}+)>(?=[ \t:：])))"
    rf"(?:(?P<within>{_TIME_WITHIN})?+(?P<colon>{_SPACE}[:：]++))?+"
)
_LETTER_AND_DOT = regex.compile(  # but not of "A. Lee: hello"
    r"(?P<inner>[QA])[.)](?=[ \t]+\S)(?![ \t]+(?:\p{Lu}\.[ \t]*+)*+\p{Lu}[\p{L}'’-]*+[ \t]*+(?:[:：(\[]|[0-9]))"
)
_NAME = r"\p{L}[^\r\n:：*\[\]<>|()?!;,\"“”0-9–—]{0,60}?"
_NAME_THEN_TIME = regex.compile(
    rf"(?P<inner>{_NAME}(?:[ \t_]\d{{1,3}})?(?:,[ \t]?[\p{{L}}.]{{1,20}}+)?(?:[ \t]?\([^()\r\n0-9]{{1,30}}+\))?)[ \t]*+"
    rf"(?:(?P<line>(?:[-–—,|·•@][ \t]*+)?+(?:{CLOCK}{RANGE_END}|{BRACKETED_CLOCK})[ \t]*+[:：]?+[ \t]*+$)"
    rf"|(?P<text>{BRACKETED_CLOCK}(?=[ \t])))"
)
_NAME_THEN_DASH = regex.compile(rf"(?P<inner>{_NAME}(?:[ \t]\d{{1,2}})?)[ \t]++[-–—]{{1,2}}+(?=[ \t]++\S)")
_NAME_ALONE = regex.compile(rf"(?P<inner>{_NAME}(?:[ \t_]\d{{1,3}})?)[ \t]*+$")
_LONGEST = 130  # characters up to the end of a label: a name, its role and a time
_LONGEST_ALONE = 65  # characters of a name that is alone on its line, with its number (see ``_NAME_ALONE``)
_COLON = re.compile("[:：]")  # these are only looked for, with the faster module, before a pattern is tried
_DIGIT = re.compile("[0-9]")
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
_DASH = re.compile("[-–—]")
_DASHED_ROLE = re.compile(r"\s[-–—]{1,2}\s[^,，]*[:：]")
_CHEVRONS = re.compile(r"(?:>{2,3}|(?:&gt;){2,3}|\\?>\\?>)[ \t]*+")
_CHEVRONS_WITHIN = re.compile(r"(?<=[.?!…\"”)\]>-][ \t])(?:>{2,3}|(?:&gt;){2,3})[ \t]*+")
_TIME_FIRST = regex.compile(rf"(?:{BRACKETED_CLOCK}|{CLOCK}(?=[ \t]))[ \t]*+[-–—|:]{{0,2}}+[ \t]*+")
_TIME_LAST = regex.compile(rf"(?P<time>{_TIME_IN_BOLD})[ \t]*+[:：]*+[ \t]*+$")
_SENTENCE = regex.compile(  # "Right." and "OK." are sentences, "Chris L." and "Sammy Davis Jr." are names
    r"(?<!\b\p{Lu})(?<!\b(?:Jr|Sr|St|Dr|Ph\.?D))[.…。!?！？]$"
)


class Label(msgspec.Struct, frozen=True, gc=False):
    """A label, or what may be one, and the time typed for it.

    Attributes:
        chars: the name with its markup and colons, without a time before or after it.
        name: its rendered text; empty for ``****:`` and for chevrons alone.
        starts_line: whether it is at the start of a line.
        role: what follows the name and a comma or dash in the label (``NAME, ROLE:``), else empty.
    """

    chars: Chars
    name: str
    notation: LabelNotation
    starts_line: bool
    time: TypedTime | None
    role: str = ""

    @property
    def is_sure(self) -> bool:
        """Whether it is in bold with a colon, or a voice of WebVTT, which makes it a label in any file."""
        return self.notation == BOLD_COLON or self.notation.marks == "voice"

    @property
    def start(self) -> int:
        """Where the label begins, its time included."""
        return min(self.chars.start, self.time.chars.start) if self.time else self.chars.start

    @property
    def end(self) -> int:
        """Where the spoken text begins."""
        return max(self.chars.end, self.time.chars.end) if self.time else self.chars.end

    @property
    def speaker(self) -> str | None:
        """The name; None if it is no name (``****``, ``???``)."""
        return self.name if names_speaker(self.name) else None


@dataclass(frozen=True, slots=True)
class KnownSpeakers:
    """The names, folded, that make a plain label a label."""

    panel: tuple[str, ...]
    names: frozenset[str]

    def includes(self, name: str) -> bool:
        """Return whether a name is known: it is on the panel, nearly as a panel name is spelt, or in other labels."""
        folded = fold_name(name)
        return folded in self.names or any(fuzz.ratio(folded, other) >= LABEL_SIMILARITY for other in self.panel)


def clean_name(text: str) -> str:
    """Return a name as rendered, with single spaces, without direction marks and without colons at its end."""
    return " ".join(_without_direction(text).split()).rstrip(":： ")


@lru_cache(maxsize=1 << 10)  # the same names as below
def names_speaker(name: str) -> bool:
    """Return whether a name can be a speaker's: it has a letter or digit and is not in ``NEVER_SPEAKERS``.

    >>> names_speaker("Ann Lee"), names_speaker("???"), names_speaker("Show Notes")
    (True, False, False)
    """
    return _LETTER_OR_DIGIT.search(name) is not None and fold_name(name) not in NEVER_SPEAKERS


@lru_cache(maxsize=1 << 10)  # the names of a long transcript and its phrases before a colon
def fold_name(name: str) -> str:
    """Return a name for comparison (see ``fold_text``)."""
    return fold_text(name)


def fold_text(text: str) -> str:
    """Return a text for comparison: case-folded, with single spaces, without direction marks."""
    return " ".join(_without_direction(text).casefold().split())


def _without_direction(text: str) -> str:
    return text if text.isascii() else _DIRECTION_MARKS.sub("", text)


def starts_with_chevrons(text: str, start: int, end: int) -> bool:
    """Return whether a line begins with ``>>``, perhaps after a time."""
    before = time_at_start(text, Chars(start, end))
    return _CHEVRONS.match(text, before.chars.end if before else start, end) is not None


def label_at(text: str, line: Chars) -> Label | None:
    """Return the label with a colon that the line begins with, in bold or plain, whether its name is known or not."""
    before = time_at_start(text, line)
    at = before.chars.end if before else line.start
    if found := _BOLD.match(text, at, line.end):
        label = _bold_label(text, found, line, before)
        return label if label and label.is_sure else None
    return _plain_label(text, at, line, before)


def candidate_at(text: str, line: Chars, *, dashed_roles: bool = True) -> Label | None:
    """Return what the line begins with that may be a label in any notation.

    Of several readings the one with the most marks is returned; a name alone, or before a dash, only if it is written
    as a name is.

    Args:
        dashed_roles: whether ``Name - Role:`` is read as a name with a role, rather than a name before a dash.
    """
    before = time_at_start(text, line)
    at = before.chars.end if before else line.start
    if not text[at : at + 1].isalpha():  # marks are no letters
        if chevrons := _CHEVRONS.match(text, at, line.end):
            return _after_chevrons(text, chevrons, line, before)
        if found := _BOLD.match(text, at, line.end):
            return _bold_label(text, found, line, before)
        if found := _MARKED.match(text, at, line.end):
            return _marked_label(text, found, line, before)
    if found := _LETTER_AND_DOT.match(text, at, line.end):
        return _without_colon(text, found, line, before, "dot")
    label = _plain_label(text, at, line, before)
    is_plain = label and (dashed_roles or not has_dashed_role(text, label))
    return label if is_plain else _unmarked_label(text, line, at, before)


def inline_labels(text: str, line: Chars, start: int) -> Iterator[Label]:
    """Yield the bold labels with a colon within a line, from ``start`` on."""
    if text.find("**", start, line.end) < 0 and text.find("__", start, line.end) < 0:
        return
    bold = [found for found in _BOLD.finditer(text, start, line.end) if _COLON.search(found[0])]
    has_times = bold and _DIGIT.search(text, line.start, line.end)
    times = {time.chars.end: time for time in times_before(text, line)} if has_times else {}
    for found in bold:
        label = _bold_label(text, found, line, times.get(found.start()))
        if label and label.is_sure and not label.starts_line:
            yield label


def heading_label(text: str, title: Chars) -> Label | None:
    """Return the label that a heading is if it is a name, perhaps with a time."""
    before = time_at_start(text, title)
    at = before.chars.end if before else title.start
    label = _bold_label(text, found, title, before) if (found := _BOLD.match(text, at, title.end)) else None
    label = label or _unmarked_label(text, title, at, before)
    if label is None or label.end != title.end or label.notation.ending not in {"line", "timed-line", "colon", "none"}:
        return None
    return replace(label, notation=LabelNotation("heading", "line"))


def inline_chevrons(text: str, line: Chars, start: int) -> Iterator[Label]:
    """Yield the labels with chevrons within a line, from ``start`` on, as captions have them that are pasted as one."""
    for found in _CHEVRONS_WITHIN.finditer(text, start, line.end):
        yield replace(_after_chevrons(text, found, line, None), starts_line=False)


def without_stolen_times(labels: list[Label]) -> list[Label]:
    """Return the labels of a line, each without a time that belongs to the label after it."""
    if len(labels) < 2:
        return labels
    return [
        replace(label, time=None) if following is not None and following.start < label.end else label
        for label, following in zip_longest(labels, labels[1:])
    ]


# --- one notation each --------------------------------------------------------------------------------------------


def _bold_label(text: str, found: regex.Match[str], line: Chars, before: TypedTime | None) -> Label | None:
    chars = Chars(*found.span())
    if found["nameless"]:
        starts_line = line.start == (before.chars.start if before else chars.start)
        return Label(chars, "", BOLD_COLON, starts_line, before or time_after(text, chars, line))
    inner = Chars(*found.span("inner"))
    within = typed_time(text, Chars(*found.span("within")), found, "in-label") if found["within"] else None
    label = _label_of(text, chars, inner, before or within, line, BOLD_COLON)
    if label is None or found["colon"]:
        return label
    if _ends_in_colon(text, inner) or _ends_in_colon(text, _split_inner(text, inner)[0]):
        return label
    if label.time is None:
        label = replace(label, time=bare_time_after(text, chars, line))
    if label.end >= line.end:
        return _with_line_of_its_own(replace(label, notation=LabelNotation("bold", "line")))
    return replace(label, notation=LabelNotation("bold", "none"))


def _ends_in_colon(text: str, chars: Chars) -> bool:
    return _without_direction(text[chars.start : chars.end]).rstrip().endswith((":", "："))


def _plain_label(text: str, at: int, line: Chars, before: TypedTime | None) -> Label | None:
    """Return the plain label at a place; most lines have no colon near their beginning, and none is tried there."""
    has_colon = _COLON.search(text, at, min(line.end, at + _LONGEST))
    found = _PLAIN.match(text, at, line.end) if has_colon else None
    if found is None:
        return None
    chars, inner = Chars(*found.span()), Chars(*found.span("inner"))
    label = _label_of(text, chars, inner, before, line, PLAIN_COLON)
    if label is None or not label.name[0].isalnum():
        return None
    name, role = split_role(label.name)
    return replace(label, name=name, role=role) if is_short(name) else None


def has_dashed_role(text: str, label: Label) -> bool:
    """Return whether a dash separates the name in a label from a role: ``Ann Lee - Host:``."""
    return bool(label.role) and _DASHED_ROLE.search(text, label.chars.start, label.chars.end) is not None


def _marked_label(text: str, found: regex.Match[str], line: Chars, before: TypedTime | None) -> Label | None:
    marks: Marks = next((one for one in _OTHER_MARKS if found[one]), "link" if found["link"] else "bracket")
    inner = Chars(*found.span("bracket" if marks == "link" else marks))
    time = before or (typed_time(text, Chars(*found.span("within")), found, "in-label") if found["within"] else None)
    label = _label_of(text, Chars(*found.span()), inner, time, line, LabelNotation(marks, "colon"))
    if label is None or not is_short(label.name):
        return None
    if marks == "bracket" and not found["colon"]:
        is_name = is_name_like(label.name) and not is_editors_remark(label.name)
        return replace(label, notation=BRACKETS_ALONE) if is_name else None
    if marks == "angle":  # of a chat, also a nickname: <tux42>
        return label if is_name_like(label.name) or (before and " " not in label.name) else None
    return label if found["colon"] or marks == "voice" else None


def _after_chevrons(text: str, chevrons: re.Match[str], line: Chars, before: TypedTime | None) -> Label:
    """Return the label of a line that begins with ``>>``: with the name that follows, or without a name."""
    named = label_at(text, Chars(chevrons.end(), line.end))
    if named and (named.time is None or named.time.place != "before-label"):
        chars = Chars(chevrons.start(), named.chars.end)
        return replace(named, chars=chars, notation=LabelNotation("chevrons", "colon"), time=before or named.time)
    end = chevrons.start() + len(chevrons[0].rstrip())
    return Label(Chars(chevrons.start(), end), "", LabelNotation("chevrons", "none"), starts_line=True, time=before)


def _unmarked_label(text: str, line: Chars, at: int, before: TypedTime | None) -> Label | None:
    """Return a name without marks and without a colon: before a time or a dash, or alone on its line."""
    near = min(line.end, at + _LONGEST)
    has_digit = before is None and _DIGIT.search(text, at, near)
    if has_digit and (found := _NAME_THEN_TIME.match(text, at, line.end)):
        return _without_colon(text, found, line, None, "line" if found["line"] else "time")
    if _DASH.search(text, at, near) and (found := _NAME_THEN_DASH.match(text, at, line.end)):
        return _without_colon(text, found, line, before, "dash")
    found = _NAME_ALONE.match(text, at, line.end) if line.end <= at + _LONGEST_ALONE else None
    return _without_colon(text, found, line, before, "line") if found else None


def _without_colon(
    text: str, found: regex.Match[str], line: Chars, before: TypedTime | None, ending: Ending
) -> Label | None:
    """Return a label that only the way it is written makes one, if its name is written as a name is."""
    inner = Chars(*found.span("inner"))
    end = inner.end if ending in {"line", "time"} else found.end()
    label = _label_of(text, Chars(found.start(), end), inner, before, line, LabelNotation("plain", ending))
    if label is None or not is_name_like(label.name) or not is_short(label.name):
        return None
    if _SENTENCE.search(label.name):
        return None
    return _with_line_of_its_own(label) if ending == "line" else label


def _with_line_of_its_own(label: Label) -> Label:
    """Return a label that is alone on its line with its notation: with a time it is far less likely to be speech."""
    return replace(label, notation=LabelNotation(label.notation.marks, "timed-line" if label.time else "line"))


def _label_of(
    text: str, chars: Chars, inner: Chars, time: TypedTime | None, line: Chars, notation: LabelNotation
) -> Label | None:
    name_chars, inner_time = _split_inner(text, inner)
    name = clean_name(shown_name(text[name_chars.start : name_chars.end]))
    if not name or fold_name(name) in NEVER_SPEAKERS:
        return None
    start = min(chars.start, time.chars.start) if time else chars.start
    return Label(chars, name, notation, line.start == start, time or inner_time or time_after(text, chars, line))


def _split_inner(text: str, inner: Chars) -> tuple[Chars, TypedTime | None]:
    """Separate a name from a time that is typed with it: ``[0:17] Name``, ``Name (0:17)``."""
    if not _DIGIT.search(text, inner.start, inner.end):
        return inner, None
    if found := _TIME_FIRST.match(text, inner.start, inner.end):
        return Chars(found.end(), inner.end), typed_time(text, Chars(*found.span()), found, "before-label")
    if found := _TIME_LAST.search(text, inner.start, inner.end):
        return Chars(inner.start, found.start()), typed_time(text, Chars(*found.span("time")), found, "in-label")
    return inner, None
