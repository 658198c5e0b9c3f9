"""Find labels: where a text says who speaks, with the time that is typed next to it.

``**Name**: text``, ``**Name:** text``, ``**Name:**: text``, ``****: text``, ``Name: text``, ``NAME: text``, ``Nom :
texte`` and ``[00:01:02] Name: text`` mean the same, also with a full-width colon or with direction marks around them. A
bold label at the start of a line is always a label. A plain one, and a bold one further inside a line, is a label only
if its name is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, zip_longest

import regex
from rapidfuzz import fuzz

from pipeline.reading.markup.inline import rendered_text
from pipeline.reading.markup.notation import CLOCK, TimePlace, TypedTime
from pipeline.reading.words.word_breaks import is_unspaced
from pipeline.schema import Chars

NEVER_SPEAKERS = frozenset(
    (
        "panel", "the panel", "panelists", "panellists", "participants", "speakers", "cast", "hosts", "guests",
        "table of contents", "contents", "toc",
        "note", "notes", "show notes", "link", "links", "resources", "references", "sponsors", "todo", "wip",
    )
)  # fmt: skip
"""Words that precede a colon and are never a speaker's name, case-folded."""

LABEL_SIMILARITY = 85.0  # of 100: "Dominic Denicola" is Domenic Denicola, "Daniel" is not Daniel Shaw
_MAX_PLAIN_WORDS = 4  # of a plain name
_MAX_UNSPACED_LETTERS = 12  # letters of a plain name that is written without spaces
_MAX_PANEL_NAMES = 100  # names that a label is compared with

_TIME_BEFORE = regex.compile(rf"(?P<open>\\?[\[(])?{CLOCK}(?P<close>\\?[\])])?(?P<gap>[ \t]*+[-–—|:]{{0,3}}+[ \t]*+)")
_DIRECTION = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks that set the direction of the text next to them
_SPACE = rf"[ \t\xa0\u202f{_DIRECTION}]*+"  # French has a narrow space before a colon
_AFTER_PLAIN = rf"(?=[ \t\xa0\u202f{_DIRECTION}]|$)"
_DIRECTION_MARKS = regex.compile(rf"[{_DIRECTION}]+")
_TIME_WITHIN = rf"[ \t]*+\\?[\[(]{CLOCK}\\?[\])]"
_BOLD = regex.compile(
    rf"[{_DIRECTION}]*+(?:(?P<nameless>\*{{4,6}}+{_SPACE}[:：]++|\*\*{_SPACE}[:：]{_SPACE}\*\*(?:{_SPACE}[:：]++)?)"
    r"|(?P<mark>\*{2,3}+|__)(?=\S)(?P<inner>[^*\r\n]{1,200}?)(?:(?<=\S)|(?<=[:：][ \t]))(?P=mark)"
    rf"(?P<within>{_TIME_WITHIN}(?={_SPACE}[:：]))?(?P<colon>{_SPACE}[:：]++)?)"
)
_PLAIN = regex.compile(
    rf"[{_DIRECTION}]*+(?P<em>[*_]?)(?P<inner>\p{{L}}[^:：\r\n*\[\]<>|]{{0,60}}?(?:{_TIME_WITHIN})?)(?P=em)"
    rf"(?P<colon>{_SPACE}(?:[:：]{{1,2}}+{_AFTER_PLAIN}|：))"
)
_TIME_AFTER = regex.compile(
    rf"[ \t]*+\\?[\[(]{CLOCK}\\?[\])]"
    rf"|[ \t]++{CLOCK}[ \t]*+(?:$|[-–—](?=[ \t]))"
)
_TIME_FIRST = regex.compile(rf"\\?[\[(]{CLOCK}\\?[\])][ \t]*+")
_TIME_LAST = regex.compile(rf"(?P<time>{_TIME_WITHIN})[ \t]*+[:：]*+[ \t]*+$")
_BRACKETS = frozenset(("[]", "()", ""))


@dataclass(frozen=True, slots=True)
class Label:
    """A label and the time typed for it.

    ``chars`` covers the name with its markup and colons; ``name`` is its rendered text, empty for ``****:``.
    ``starts_line`` is true for a label at the start of a line, ``bold`` for one in bold.
    """

    chars: Chars
    name: str
    bold: bool
    starts_line: bool
    time: TypedTime | None

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
    return " ".join(_DIRECTION_MARKS.sub("", text).split()).rstrip(":： ")


def names_speaker(name: str) -> bool:
    """Return whether a name can be a speaker's: it has a letter or digit and is not in ``NEVER_SPEAKERS``.

    >>> names_speaker("Ann Lee"), names_speaker("???"), names_speaker("Show Notes")
    (True, False, False)
    """
    return any(character.isalnum() for character in name) and fold_name(name) not in NEVER_SPEAKERS


def fold_name(name: str) -> str:
    """Return a name for comparison: case-folded, with single spaces, without direction marks."""
    return " ".join(_DIRECTION_MARKS.sub("", name).casefold().split())


def find_known_speakers(text: str, lines: Iterable[Chars], panel: Sequence[str]) -> KnownSpeakers:
    """Collect the names of the panel, of the bold labels at line starts, and of plain labels used twice."""
    folded = tuple(islice((fold_name(name) for name in panel), _MAX_PANEL_NAMES))
    counts: Counter[str] = Counter()
    for line in lines:
        if label := label_at(text, line):
            counts[fold_name(label.name)] += 2 if label.bold else 1
    return KnownSpeakers(folded, frozenset(name for name, uses in counts.items() if uses > 1 and name).union(folded))


def find_labels(text: str, line: Chars, known: KnownSpeakers, *, indented: bool) -> list[Label]:
    """Return the labels of one line, in order.

    Args:
        line: its text, without indentation and list marks.
        indented: whether the line continues a paragraph and begins with white space, as wrapped text does; a label
            at its start then needs a known name.
    """
    first = label_at(text, line)
    labels = [first] if first and ((first.bold and not indented) or known.includes(first.name)) else []
    times = {time.chars.end: time for time in _times_before(text, line)}
    for found in _BOLD.finditer(text, labels[0].chars.end if labels else line.start, line.end):
        label = _bold_label(text, found, line, times.get(found.start()))
        if label and not label.starts_line and known.includes(label.name):
            labels.append(label)
    return [
        replace(label, time=None)
        if following and following.start < label.end
        else label  # the time belongs to the later label
        for label, following in zip_longest(labels, labels[1:])
    ]


def label_at(text: str, line: Chars) -> Label | None:
    """Return the label that the line begins with, whether its name is known or not."""
    before = next((time for time in _times_before(text, line) if time.chars.start == line.start), None)
    at = before.chars.end if before else line.start
    if found := _BOLD.match(text, at, line.end):
        return _bold_label(text, found, line, before)
    found = _PLAIN.match(text, at, line.end)
    return _plain_label(text, found, line, before) if found else None


def _bold_label(text: str, found: regex.Match[str], line: Chars, before: TypedTime | None) -> Label | None:
    chars = Chars(*found.span())
    starts_line = line.start == (before.chars.start if before else chars.start)
    if found["nameless"]:
        time = before or _time_after(text, chars, line)
        return Label(chars, name="", bold=True, starts_line=starts_line, time=time)
    inner = Chars(*found.span("inner"))
    if not found["colon"] and not _DIRECTION_MARKS.sub("", text[inner.start : inner.end]).rstrip().endswith(
        (":", "：")
    ):
        return None
    within = _typed_time(text, Chars(*found.span("within")), found, "in-label") if found["within"] else None
    return _label_of(text, chars, inner, before or within, line, bold=True, starts_line=starts_line)


def _plain_label(text: str, found: regex.Match[str], line: Chars, before: TypedTime | None) -> Label | None:
    chars, inner = Chars(*found.span()), Chars(*found.span("inner"))
    label = _label_of(text, chars, inner, before, line, bold=False, starts_line=True)
    return label if label and label.name[0].isalpha() and _is_short(label.name) else None


def _is_short(name: str) -> bool:
    return len(name.split()) <= _MAX_PLAIN_WORDS and (len(name) <= _MAX_UNSPACED_LETTERS or not is_unspaced(name))


def _label_of(
    text: str, chars: Chars, inner: Chars, time: TypedTime | None, line: Chars, *, bold: bool, starts_line: bool
) -> Label | None:
    name_chars, inner_time = _split_inner(text, inner)
    name = clean_name(rendered_text(text, [name_chars]))
    if not name or fold_name(name) in NEVER_SPEAKERS:
        return None
    return Label(chars, name, bold, starts_line, time or inner_time or _time_after(text, chars, line))


# --- the time of a label ------------------------------------------------------------------------------------------


def _times_before(text: str, line: Chars) -> Iterator[TypedTime]:
    """Yield the times of a line that may belong to the label after them: in brackets, or separated from it."""
    for found in _TIME_BEFORE.finditer(text, line.start, line.end):
        brackets = (found["open"] or "")[-1:] + (found["close"] or "")[-1:]
        if brackets in _BRACKETS and (brackets or found["gap"]):
            yield _typed_time(text, Chars(*found.span()), found, "before-label")


def _time_after(text: str, label: Chars, line: Chars) -> TypedTime | None:
    found = _TIME_AFTER.match(text, label.end, line.end)
    return _typed_time(text, Chars(*found.span()), found, "after-label") if found else None


def _split_inner(text: str, inner: Chars) -> tuple[Chars, TypedTime | None]:
    """Separate a name from a time that is typed with it: ``[0:17] Name``, ``Name (0:17)``."""
    if found := _TIME_FIRST.match(text, inner.start, inner.end):
        return Chars(found.end(), inner.end), _typed_time(text, Chars(*found.span()), found, "before-label")
    if found := _TIME_LAST.search(text, inner.start, inner.end):
        return Chars(inner.start, found.start()), _typed_time(text, Chars(*found.span("time")), found, "in-label")
    return inner, None


def _typed_time(text: str, chars: Chars, found: regex.Match[str], place: TimePlace) -> TypedTime:
    clock = Chars(*found.span("clock"))
    digits, opening = text[clock.start : clock.end], text[chars.start : clock.start]
    return TypedTime(chars, clock, digits, place, opening, text[clock.end : chars.end])
