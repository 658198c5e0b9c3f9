"""Labels: where a text says who speaks, with the time that is typed beside it.

``**Name**: text``, ``**Name:** text``, ``**Name:**: text``, ``****: text``, ``Name: text``, ``NAME: text``,
``Nom : texte`` and ``[00:01:02] Name: text`` are the same thing, with a wide colon too, and with marks of direction
around them. A bold one at the start of a line is always a label; a plain one, and a bold one further inside a line,
only where its name is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, zip_longest

import regex
from rapidfuzz import fuzz

from pipeline.reading.markup.inline import rendered_text
from pipeline.reading.markup.notation import CLOCK, Place, TypedTime
from pipeline.reading.words.word_breaks import is_unspaced
from pipeline.schema import Chars

NEVER_SPEAKERS = frozenset(
    (
        "panel", "the panel", "panelists", "panellists", "participants", "speakers", "cast", "hosts", "guests",
        "table of contents", "contents", "toc",
        "note", "notes", "show notes", "link", "links", "resources", "references", "sponsors", "todo", "wip",
    )
)  # fmt: skip
"""What stands with a colon after it and is nobody's name, casefolded."""

NEARLY = 85.0  # of 100: "Dominic Denicola" is Domenic Denicola, "Daniel" is not Daniel Shaw
_MOST_WORDS = 4  # of a plain name
_MOST_UNSPACED = 12  # letters of a plain name that is written without spaces
_LARGEST_PANEL = 100  # names that a label is compared with

_BEFORE = regex.compile(rf"(?P<open>\\?[\[(])?{CLOCK}(?P<close>\\?[\])])?(?P<gap>[ \t]*+[-–—|:]{{0,3}}+[ \t]*+)")
_DIRECTION = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # which way to write what stands beside them
_SPACE = rf"[ \t\xa0\u202f{_DIRECTION}]*+"  # French has a narrow space before a colon
_AFTER_PLAIN = rf"(?=[ \t\xa0\u202f{_DIRECTION}]|$)"
_MARKS = regex.compile(rf"[{_DIRECTION}]+")
_WITHIN = rf"[ \t]*+\\?[\[(]{CLOCK}\\?[\])]"
_BOLD = regex.compile(
    rf"[{_DIRECTION}]*+(?:(?P<nameless>\*{{4,6}}+{_SPACE}[:：]++|\*\*{_SPACE}[:：]{_SPACE}\*\*(?:{_SPACE}[:：]++)?)"
    r"|(?P<mark>\*{2,3}+|__)(?=\S)(?P<inner>[^*\r\n]{1,200}?)(?:(?<=\S)|(?<=[:：][ \t]))(?P=mark)"
    rf"(?P<within>{_WITHIN}(?={_SPACE}[:：]))?(?P<colon>{_SPACE}[:：]++)?)"
)
_PLAIN = regex.compile(
    rf"[{_DIRECTION}]*+(?P<em>[*_]?)(?P<inner>\p{{L}}[^:：\r\n*\[\]<>|]{{0,60}}?(?:{_WITHIN})?)(?P=em)"
    rf"(?P<colon>{_SPACE}(?:[:：]{{1,2}}+{_AFTER_PLAIN}|：))"
)
_AFTER = regex.compile(
    rf"[ \t]*+\\?[\[(]{CLOCK}\\?[\])]"
    rf"|[ \t]++{CLOCK}[ \t]*+(?:$|[-–—](?=[ \t]))"
)
_AT_FRONT = regex.compile(rf"\\?[\[(]{CLOCK}\\?[\])][ \t]*+")
_AT_BACK = regex.compile(rf"(?P<time>{_WITHIN})[ \t]*+[:：]*+[ \t]*+$")
_BRACKETS = frozenset(("[]", "()", ""))


@dataclass(frozen=True, slots=True)
class Label:
    """A label and the time typed for it.

    ``chars`` covers the name with its markup and colons; ``name`` is what is shown of it, empty for ``****:``.
    ``heads_line`` tells the one at a line's start from one further inside, ``bold`` from a plain one.
    """

    chars: Chars
    name: str
    bold: bool
    heads_line: bool
    time: TypedTime | None

    @property
    def start(self) -> int:
        """Where it begins, its time included."""
        return min(self.chars.start, self.time.chars.start) if self.time else self.chars.start

    @property
    def end(self) -> int:
        """Where the text begins that is spoken."""
        return max(self.chars.end, self.time.chars.end) if self.time else self.chars.end

    @property
    def speaker(self) -> str | None:
        """The name; None if it is no name (``****``, ``???``)."""
        return self.name if names_speaker(self.name) else None


@dataclass(frozen=True, slots=True)
class Cast:
    """The names that make a plain label one, folded."""

    panel: tuple[str, ...]
    known: frozenset[str]

    def knows(self, name: str) -> bool:
        """Whether somebody of that name speaks here: on the panel or nearly, or known by other labels."""
        folded = fold_name(name)
        return folded in self.known or any(fuzz.ratio(folded, other) >= NEARLY for other in self.panel)


def names_speaker(name: str) -> bool:
    """Return whether a name can be a speaker's: it has a letter or a digit, and is no heading of a list or a remark.

    >>> names_speaker("Ann Lee"), names_speaker("???"), names_speaker("Show Notes")
    (True, False, False)
    """
    return any(character.isalnum() for character in name) and fold_name(name) not in NEVER_SPEAKERS


def fold_name(name: str) -> str:
    """The name for comparing: one case, single spaces, no marks of direction."""
    return " ".join(_MARKS.sub("", name).casefold().split())


def find_cast(page: str, lines: Iterable[Chars], panel: Sequence[str]) -> Cast:
    """Collect the names of the panel, of the bold labels at line starts, and of those plain ones used twice."""
    folded = tuple(islice((fold_name(name) for name in panel), _LARGEST_PANEL))
    counts: Counter[str] = Counter()
    for line in lines:
        if label := label_at(page, line):
            counts[fold_name(label.name)] += 2 if label.bold else 1
    return Cast(folded, frozenset(name for name, uses in counts.items() if uses > 1 and name).union(folded))


def find_labels(page: str, line: Chars, cast: Cast, *, indented: bool) -> list[Label]:
    """The labels of one line, in order.

    Args:
        line: its text, without indentation and list marks.
        indented: whether it goes on a paragraph with white space before it, as wrapped text does; a label there
            must be known.
    """
    first = label_at(page, line)
    labels = [first] if first and ((first.bold and not indented) or cast.knows(first.name)) else []
    times = {time.chars.end: time for time in _times_before(page, line)}
    for found in _BOLD.finditer(page, labels[0].chars.end if labels else line.start, line.end):
        label = _bold_label(page, found, line, times.get(found.start()))
        if label and not label.heads_line and cast.knows(label.name):
            labels.append(label)
    return [
        replace(label, time=None) if following and following.start < label.end else label  # the time is the later one's
        for label, following in zip_longest(labels, labels[1:])
    ]


def label_at(page: str, line: Chars) -> Label | None:
    """The label that the line begins with, whether its name is known or not."""
    before = next((time for time in _times_before(page, line) if time.chars.start == line.start), None)
    at = before.chars.end if before else line.start
    if found := _BOLD.match(page, at, line.end):
        return _bold_label(page, found, line, before)
    found = _PLAIN.match(page, at, line.end)
    return _plain_label(page, found, line, before) if found else None


def _bold_label(page: str, found: regex.Match[str], line: Chars, before: TypedTime | None) -> Label | None:
    chars = Chars(*found.span())
    heads_line = line.start == (before.chars.start if before else chars.start)
    if found["nameless"]:
        time = before or _time_after(page, chars, line)
        return Label(chars, name="", bold=True, heads_line=heads_line, time=time)
    inner = Chars(*found.span("inner"))
    if not found["colon"] and not _MARKS.sub("", page[inner.start : inner.end]).rstrip().endswith((":", "：")):
        return None
    within = _typed(page, Chars(*found.span("within")), found, "in-label") if found["within"] else None
    return _named(page, chars, inner, before or within, line, bold=True, heads_line=heads_line)


def _plain_label(page: str, found: regex.Match[str], line: Chars, before: TypedTime | None) -> Label | None:
    chars, inner = Chars(*found.span()), Chars(*found.span("inner"))
    label = _named(page, chars, inner, before, line, bold=False, heads_line=True)
    return label if label and label.name[0].isalpha() and _is_short(label.name) else None


def _is_short(name: str) -> bool:
    return len(name.split()) <= _MOST_WORDS and (len(name) <= _MOST_UNSPACED or not is_unspaced(name))


def _named(
    page: str, chars: Chars, inner: Chars, time: TypedTime | None, line: Chars, *, bold: bool, heads_line: bool
) -> Label | None:
    name_chars, inner_time = _split_inner(page, inner)
    name = _MARKS.sub("", rendered_text(page, [name_chars])).rstrip(":： \t")
    if not name or fold_name(name) in NEVER_SPEAKERS:
        return None
    return Label(chars, name, bold, heads_line, time or inner_time or _time_after(page, chars, line))


# --- the time beside it ------------------------------------------------------------------------------------------


def _times_before(page: str, line: Chars) -> Iterator[TypedTime]:
    """The times of a line that may belong to what follows them: bracketed, or parted from it."""
    for found in _BEFORE.finditer(page, line.start, line.end):
        brackets = (found["open"] or "")[-1:] + (found["close"] or "")[-1:]
        if brackets in _BRACKETS and (brackets or found["gap"]):
            yield _typed(page, Chars(*found.span()), found, "before-label")


def _time_after(page: str, label: Chars, line: Chars) -> TypedTime | None:
    found = _AFTER.match(page, label.end, line.end)
    return _typed(page, Chars(*found.span()), found, "after-label") if found else None


def _split_inner(page: str, inner: Chars) -> tuple[Chars, TypedTime | None]:
    """Part a name from a time that is typed with it: ``[0:17] Name``, ``Name (0:17)``."""
    if found := _AT_FRONT.match(page, inner.start, inner.end):
        return Chars(found.end(), inner.end), _typed(page, Chars(*found.span()), found, "before-label")
    if found := _AT_BACK.search(page, inner.start, inner.end):
        return Chars(inner.start, found.start()), _typed(page, Chars(*found.span("time")), found, "in-label")
    return inner, None


def _typed(page: str, chars: Chars, found: regex.Match[str], place: Place) -> TypedTime:
    clock = Chars(*found.span("clock"))
    digits, opening = page[clock.start : clock.end], page[chars.start : clock.start]
    return TypedTime(chars, clock, digits, place, opening, page[clock.end : chars.end])
