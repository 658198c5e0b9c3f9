"""A file's own hand: how it writes labels, where it wraps, what parts its turns, and whether it has times.

Each habit is what most of the file does; where a file shows nothing, the community's way stands
(``**Name**: text``, one long line, a blank line between turns).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeVar

import regex

from pipeline.reading.labels.forms import label_at
from pipeline.reading.markup.hidden_text import HIDDEN, read_page
from pipeline.schema import Chars, TimeNotation, Transcript, Utterance

T = TypeVar("T")

NARROWEST, WIDEST = 40, 200
"""Columns between which a text may be wrapped."""

LEAST_EXPLAINED = 0.6
"""The share of a file's line ends that a column has to explain; else lines end where sentences or thoughts do."""

USUAL_COLUMNS = (80, 79, 78, 72, 76, 70, 100, 120)
"""Columns that people wrap at; they win a tie, in this order."""

_COLON = regex.compile(r"[ \t\u00a0\u202f]*+[:：]++[ \t*_]*+[:：]*+[ \t]*+$")  # **Name:**, **Name**:, **Name:**:
_LINE = regex.compile(r"[^\r\n]*+(?:\r\n|\r|\n|$)")
_ENDING = regex.compile(r"\r\n|\r|\n")
_PREFIX = regex.compile(r"[ \t]*+(?:(?:[-*+][ \t]++)|(?:>[ \t]*+)++)")


@dataclass(frozen=True, slots=True)
class LabelForm:
    """How a name is labelled: ``opening`` + name + ``closing``, then ``gap`` before the text.

    ``gap`` is a blank line where the label stands alone; ``capitals`` tells that names are typed in capitals.
    """

    opening: str = "**"
    closing: str = "**:"
    gap: str = " "
    capitals: bool = False

    def write(self, name: str) -> str:
        """The label of a name, without the gap."""
        return self.opening + (name.upper() if self.capitals else name) + self.closing


BOLD = LabelForm()
"""The community's form, which is a label whatever the name."""


@dataclass(frozen=True, slots=True)
class Habits:
    """The habits of one file.

    Attributes:
        ending: its line ending.
        column: where it wraps; None where each paragraph is one line.
        indent: what a wrapped line begins with.
        prefix: what stands before a label at a line's start: nothing, a list mark, quote marks.
        blanks: blank lines between two turns.
        has_times: whether any turn has a typed time.
        notation: how such a time is written.
    """

    label: LabelForm = BOLD
    ending: str = "\n"
    column: int | None = None
    indent: str = ""
    prefix: str = ""
    blanks: int = 1
    has_times: bool = False
    notation: TimeNotation = field(default_factory=TimeNotation)

    @property
    def is_quoted(self) -> bool:
        """Whether every line is a quotation's."""
        return ">" in self.prefix


def habits_of(transcript: Transcript) -> Habits:
    """Read the habits of a file."""
    page = read_page(transcript.source).text
    labelled = [one for one in transcript.utterances if one.label is not None]
    column, indent = _wrapping(page, transcript.utterances)
    return Habits(
        label=_label_form(transcript, labelled),
        ending=line_ending(transcript.source),
        column=column,
        indent=indent,
        prefix=_most(_prefixes(transcript.source, labelled), ""),
        blanks=_most(_blanks(transcript.source, labelled), 1),
        has_times=any(claim.heads for claim in transcript.claims),
        notation=transcript.notation,
    )


def line_ending(source: str) -> str:
    """The first line ending of a text; a line feed where it has none."""
    found = _ENDING.search(source)
    return found[0] if found else "\n"


def colon_start(label: str) -> int | None:
    """Where the colon of a label begins, with the marks around it: a time in the label stands before it."""
    found = _COLON.search(label)
    return found.start() if found else None


def _most(seen: Iterator[T], default: T) -> T:
    """What is seen most, the first of them on a tie."""
    counts = Counter(seen)
    return counts.most_common(1)[0][0] if counts else default


# --- labels ------------------------------------------------------------------------------------------------------


def _label_form(transcript: Transcript, labelled: Sequence[Utterance]) -> LabelForm:
    forms = Counter(form for one in labelled if (form := _form_of(transcript, one)) is not None)
    names = [one.speaker or "" for one in labelled]
    capitals = any(len(name) > 1 for name in names) and all(map(str.isupper, names))  # "Q" and "A" tell nothing
    best = next((form for form, _ in forms.most_common()), BOLD)
    return LabelForm(best.opening, best.closing, best.gap, capitals)


def _form_of(transcript: Transcript, utterance: Utterance) -> LabelForm | None:
    """How one label is written; None where it has a link in it or is no label by itself."""
    source, chars = transcript.source, utterance.label
    if chars is None or not utterance.speaker:
        return None
    label = _without_time(source[chars.start : chars.end], transcript, utterance)
    opening, name, closing = label.partition(utterance.speaker)
    if not name or any(mark in opening + closing for mark in "[]()<>"):
        return None
    form = LabelForm(opening.lstrip(), closing.rstrip(), _gap(transcript, utterance))
    test = form.write("Ann Lee") + " x"
    found = label_at(test, Chars(0, len(test)))
    return form if found is not None and found.name == "Ann Lee" else None


def _without_time(label: str, transcript: Transcript, utterance: Utterance) -> str:
    claim, chars, notation = utterance.claim, utterance.label, transcript.notation
    if claim is None or chars is None or not chars.start <= claim.chars.start < chars.end:
        return label
    digits = transcript.source[claim.chars.start : claim.chars.end]
    return label.replace(notation.opening + digits + notation.closing, "", 1)


def _gap(transcript: Transcript, utterance: Utterance) -> str:
    """What parts a label from its text: a space, or the end of its line and perhaps a blank one."""
    chars, source = utterance.label, transcript.source
    if chars is None:
        return " "
    end = chars.end
    if utterance.claim is not None and utterance.claim.chars.start >= end:
        end = utterance.claim.chars.end + len(transcript.notation.closing)
    first = transcript.words[utterance.words.start].chars.start
    lines = len(_ENDING.findall(source, end, first))
    return "\n" * min(2, lines) if lines else " " * source[end : end + 1].isspace()


# --- lines -------------------------------------------------------------------------------------------------------


def _line_start(source: str, at: int) -> int:
    return max(source.rfind("\n", 0, at), source.rfind("\r", 0, at)) + 1


def _prefixes(source: str, labelled: Sequence[Utterance]) -> Iterator[str]:
    for one in labelled:
        before = source[_line_start(source, one.chars.start) : one.chars.start].lstrip("\ufeff")
        yield before if _PREFIX.fullmatch(before) else ""


def _blanks(source: str, labelled: Sequence[Utterance]) -> Iterator[int]:
    """Blank lines between each two turns that nothing else stands between."""
    for one, following in pairwise(labelled):
        between = source[one.chars.end : following.chars.start]
        if not between.strip(" \t\r\n>*+-"):
            yield max(0, len(_ENDING.findall(between)) - 1)


def _wrapping(page: str, utterances: Sequence[Utterance]) -> tuple[int | None, str]:
    """The column that explains most line ends, and what wrapped lines begin with; None where most lines are long."""
    breaks: list[
        tuple[int, int]
    ] = []  # each wrapped line's length, and what it would be with the next line's first word
    indents: list[str] = []
    unwrapped = 0
    for one in utterances:
        start = _line_start(page, one.chars.start)
        lines = [line.rstrip("\r\n") for line in _LINE.findall(page, start, one.chars.end)]
        for line, following in pairwise(lines):
            if len(line) >= NARROWEST and following.strip(" \t>" + HIDDEN):
                first = following.split(maxsplit=1)[0]
                breaks.append((len(line), len(line) + 1 + len(first)))
                indents.append(following[: len(following) - len(following.lstrip(" \t"))])
        unwrapped += sum(len(line) > WIDEST for line in lines)
    if not breaks or unwrapped > len(breaks):
        return None, ""
    explained = {column: sum(low <= column < high for low, high in breaks) for column in _columns()}
    column = max(explained, key=lambda column: explained[column])
    return (column, _most(iter(indents), "")) if explained[column] >= LEAST_EXPLAINED * len(breaks) else (None, "")


def _columns() -> Iterator[int]:
    yield from USUAL_COLUMNS
    yield from (column for column in range(NARROWEST, WIDEST + 1) if column not in USUAL_COLUMNS)
