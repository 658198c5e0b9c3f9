"""Read a file's own style: how it writes labels, where it wraps, what separates its turns, whether it has times.

Each property has the value that is most common in the file; without evidence it has the default (``**Name**: text``,
one line for each paragraph, a blank line between turns).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeVar

import regex

from pipeline.reading.labels.forms import candidate_at, fold_name, label_at
from pipeline.reading.markup.hidden_text import HIDDEN, mask_hidden_text
from pipeline.reading.markup.notation import BULLETS
from pipeline.reading.markup.whitespace import LINE_ENDS, line_ending, line_start, split_lines
from pipeline.schema import Chars, TimeNotation, Transcript, Utterance

T = TypeVar("T")

MIN_COLUMN, MAX_COLUMN = 40, 200
"""Columns between which a text may be wrapped."""

MIN_EXPLAINED_SHARE = 0.6
"""The share of a file's line ends that a column has to explain; below it, lines end where sentences or thoughts end."""

COMMON_COLUMNS = (80, 79, 78, 72, 76, 70, 100, 120)
"""Columns that people wrap at; they win a tie, in this order."""

_COLON = regex.compile(  # **Name:**, **Name**:, **Name:**:, <b>Name:</b>
    r"[ \t\u00a0\u202f]*+[:：]++(?:[ \t*_]|</(?:b|strong)>)*+[:：]*+[ \t]*+$", regex.IGNORECASE
)
_PREFIX = regex.compile(rf"[ \t]*+(?:[-*+–—][ \t]++|[{BULLETS}][ \t]*+|(?:>[ \t]*+)++|#{{1,6}}[ \t]++)")


@dataclass(frozen=True, slots=True)
class LabelForm:
    """How a label is written: ``opening`` + name + ``closing``, then ``gap`` before the text.

    ``gap`` contains line endings if the label is on a line of its own; with ``capitals``, names are in capitals.
    """

    opening: str = "**"
    closing: str = "**:"
    gap: str = " "
    capitals: bool = False

    def write(self, name: str) -> str:
        """Return the label of a name, without the gap."""
        return self.opening + (name.upper() if self.capitals else name) + self.closing

    @property
    def is_sure(self) -> bool:
        """Whether it is a label in any file: in bold with a colon."""
        line = self.write("Ann Lee") + " x y"
        found = label_at(line, Chars(0, len(line)))
        return found is not None and found.is_sure

    def is_read_as(self, name: str, typed: str | None = None) -> bool:
        """Return whether the label of a name, typed as it is or as ``typed``, may be read as the label of that name."""
        line = self.write(typed or name) + ("" if "\n" in self.gap else " x y")
        found = candidate_at(line, Chars(0, len(line)))
        return found is not None and fold_name(found.name) == fold_name(name)


BOLD_LABEL = LabelForm()
"""The default form, which is a label whatever the name."""


@dataclass(frozen=True, slots=True)
class FileStyle:
    """The style of one file.

    Attributes:
        ending: its line ending.
        column: where it wraps; None if each paragraph is one line.
        indent: white space before a wrapped line.
        prefix: what precedes a label on its line: nothing, a list mark, quote marks, the marks of a heading.
        blank_lines: the number of blank lines between two turns.
        has_times: whether any turn has a typed time.
        notation: how such a time is written.
        is_given: whether a person has asked for the label's form. It is then followed from the first label on, which by
            itself may not be read as one (``Bo: yes``).
    """

    label: LabelForm = BOLD_LABEL
    ending: str = "\n"
    column: int | None = None
    indent: str = ""
    prefix: str = ""
    blank_lines: int = 1
    has_times: bool = False
    notation: TimeNotation = field(default_factory=TimeNotation)
    is_given: bool = False

    @property
    def is_quoted(self) -> bool:
        """Whether every line is a quotation."""
        return ">" in self.prefix


DEFAULT_STYLE = FileStyle()
"""The style of a file without evidence of another one."""


def read_file_style(transcript: Transcript, default: FileStyle = DEFAULT_STYLE) -> FileStyle:
    """Read the style of a file.

    Args:
        transcript: the file.
        default: the style where the file has no evidence: that of its show, if it is known.
    """
    text = mask_hidden_text(transcript.source).text
    labelled = [one for one in transcript.utterances if one.label is not None]
    has_times = any(claim.heads for claim in transcript.claims)
    column, indent = _wrapping(text, transcript.utterances, default)
    return FileStyle(
        label=_label_form(transcript, labelled, default.label),
        ending=line_ending(transcript.source),
        column=column,
        indent=indent,
        prefix=_most_common(_prefixes(transcript.source, labelled), default.prefix),
        blank_lines=_most_common(_blank_line_counts(transcript.source, labelled), default.blank_lines),
        has_times=has_times or default.has_times,
        notation=transcript.notation if has_times else default.notation,
        is_given=default.is_given,
    )


def colon_start(label: str) -> int | None:
    """Return where the colon of a label begins, with the markup around it; a time in the label precedes it."""
    found = _COLON.search(label)
    return found.start() if found else None


def _most_common(values: Iterator[T], default: T) -> T:
    """Return the most common value, the first one on a tie."""
    counts = Counter(values)
    return counts.most_common(1)[0][0] if counts else default


# --- labels ------------------------------------------------------------------------------------------------------


def _label_form(transcript: Transcript, labelled: Sequence[Utterance], default: LabelForm) -> LabelForm:
    forms = Counter(form for one in labelled if (form := _form_of_label(transcript, one)) is not None)
    names = [one.speaker or "" for one in labelled]
    if not forms and not any(names):
        return default
    capitals = any(len(name) > 1 for name in names) and all(map(str.isupper, names))  # "Q" and "A" are no evidence
    best = next((form for form, _ in forms.most_common()), default)
    return LabelForm(best.opening, best.closing, best.gap, capitals)


def _form_of_label(transcript: Transcript, utterance: Utterance) -> LabelForm | None:
    """Return how one label is written; None if it has a link in it or is no label by itself."""
    source, chars = transcript.source, utterance.label
    if chars is None or not utterance.speaker:
        return None
    label = _without_time(source[chars.start : chars.end], transcript, utterance)
    opening, name, closing = label.partition(utterance.speaker)
    if role := _role(label):
        _, found, closing = closing.partition(role)
        name = name if found else ""
    if not name or any(mark in opening + closing for mark in "()"):
        return None
    form = LabelForm(opening.lstrip(), closing.rstrip(), _label_gap(transcript, utterance))
    return form if form.is_read_as("Ann Lee") else None


def _role(label: str) -> str:
    """Return the role in a label, which is one person's and so no part of the form."""
    line = f"{label} x y"
    found = candidate_at(line, Chars(0, len(line)))
    return found.role if found else ""


def _without_time(label: str, transcript: Transcript, utterance: Utterance) -> str:
    claim, chars, notation = utterance.claim, utterance.label, transcript.notation
    if claim is None or chars is None or not chars.start <= claim.chars.start < chars.end:
        return label
    digits = transcript.source[claim.chars.start : claim.chars.end]
    return label.replace(notation.opening + digits + notation.closing, "", 1)


def _label_gap(transcript: Transcript, utterance: Utterance) -> str:
    """Return what separates a label from its text: a space, or a line ending and perhaps a blank line."""
    chars, source = utterance.label, transcript.source
    if chars is None:
        return " "
    end = chars.end
    if utterance.claim is not None and utterance.claim.chars.start >= end:
        end = utterance.claim.chars.end + len(transcript.notation.closing)
    first = transcript.words[utterance.words.start].start
    lines = len(split_lines(source[end:first])) - 1
    return "\n" * min(2, lines) if lines else " " * source[end : end + 1].isspace()


# --- lines -------------------------------------------------------------------------------------------------------


def _prefixes(source: str, labelled: Sequence[Utterance]) -> Iterator[str]:
    for one in labelled:
        before = source[line_start(source, one.chars.start) : one.chars.start].lstrip("\ufeff")
        yield before if _PREFIX.fullmatch(before) else ""


def _blank_line_counts(source: str, labelled: Sequence[Utterance]) -> Iterator[int]:
    """Yield the number of blank lines between each two turns that are adjacent."""
    for one, following in pairwise(labelled):
        between = source[one.chars.end : following.chars.start]
        if not between.strip(f" \t>*+-–—{BULLETS}{LINE_ENDS}"):
            yield max(0, len(split_lines(between)) - 2)


def _wrapping(text: str, utterances: Sequence[Utterance], default: FileStyle) -> tuple[int | None, str]:
    """Return the column that explains most line ends, and the indent of wrapped lines; None if most lines are long."""
    breaks: list[
        tuple[int, int]
    ] = []  # each wrapped line's length, and what it would be with the next line's first word
    indents: list[str] = []
    unwrapped = 0
    for one in utterances:
        lines = split_lines(text[line_start(text, one.chars.start) : one.chars.end])
        for line, following in pairwise(lines):
            if len(line) >= MIN_COLUMN and following.strip(" \t>" + HIDDEN):
                first = following.split(maxsplit=1)[0]
                breaks.append((len(line), len(line) + 1 + len(first)))
                indents.append(following[: len(following) - len(following.lstrip(" \t"))])
        unwrapped += sum(len(line) > MAX_COLUMN for line in lines)
    if not breaks and not unwrapped:
        return default.column, default.indent
    if unwrapped > len(breaks):
        return None, ""
    explained = {column: sum(low <= column < high for low, high in breaks) for column in _columns()}
    column = max(explained, key=lambda column: explained[column])
    return (
        (column, _most_common(iter(indents), ""))
        if explained[column] >= MIN_EXPLAINED_SHARE * len(breaks)
        else (None, "")
    )


def _columns() -> Iterator[int]:
    yield from COMMON_COLUMNS
    yield from (column for column in range(MIN_COLUMN, MAX_COLUMN + 1) if column not in COMMON_COLUMNS)
