"""Learn from a whole file which of its candidates are labels, and find the labels of a line with that.

People and programs write labels in many ways, and each of these ways also occurs in speech and in headings. But one
file uses few of them, and uses them again and again: names recur, most paragraphs begin with one, times are typed next
to them. So all candidates of a file are counted by their notation first; a notation in which enough names recur is the
file's own, and a name that occurs once in that notation is then a label too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec
import regex

from pipeline.reading.labels.forms import (
    BOLD_COLON,
    BRACKETS_ALONE,
    PLAIN_COLON,
    KnownSpeakers,
    Label,
    LabelNotation,
    candidate_at,
    fold_name,
    has_dashed_role,
    heading_label,
    inline_chevrons,
    inline_labels,
    names_speaker,
    starts_with_chevrons,
    without_stolen_times,
)
from pipeline.reading.labels.label_times import bare_time_after
from pipeline.reading.labels.name_shapes import WITH_BRACKETS, NameShape, has_own_initials, is_placeholder, name_shape
from pipeline.reading.labels.names import nearest_name
from pipeline.reading.labels.notation_evidence import (
    NO_NAMES,
    LineStart,
    NotationEvidence,
    followed_by_text,
    has_bare_times,
    has_leading_times,
)
from pipeline.schema import Chars

_MAX_PANEL_NAMES = 100  # names that a label is compared with
_BETWEEN_PEOPLE = regex.compile(r"\s*[/,&+]\s*|\s+(?:and|und|et|y|e|og|en)\s+")
_ADDRESS = regex.compile(r"[<(]?(?:https?:|www\.)", regex.IGNORECASE)
_FEWEST_WORDS = 5  # after a single word and a colon: less is "Website: example.org", not what somebody says
_FEWEST_ITEMS = 3  # list items that begin with bold names: fewer show nothing about a file
_LOWER_WORD = regex.compile(r"\b\p{Ll}+\b")


@dataclass(frozen=True, slots=True)
class LabelGrammar:
    """How one file writes its labels.

    ``headings`` and ``candidates`` are about places of that file; all else serves for a passage of it as well.

    Attributes:
        notations: its own notations, with the shapes that a name has to have that occurs once.
        known: the names of the panel and of all its labels.
        line_based: whether labels begin lines rather than paragraphs.
        leading_times: whether a time without brackets that begins a line is a typed time.
        bare_times: whether one between a label and its text is a typed time.
        bold_items: whether a name in bold with a colon that begins a list item is a label; else only a known name is.
        headings: the headings that are labels, by the start of their title.
        candidates: what each line of the file begins with that may be a label, by the line's start.
    """

    notations: Mapping[LabelNotation, frozenset[NameShape]]
    known: KnownSpeakers
    line_based: bool = False
    leading_times: bool = False
    bare_times: bool = False
    bold_items: bool = True
    headings: Mapping[int, Label] = field(default_factory=dict)
    lower_words: Mapping[str, int] = field(default_factory=dict)
    candidates: Mapping[int, Label | None] = field(default_factory=dict)

    @property
    def has_chevrons(self) -> bool:
        """Whether ``>>`` marks a change of speaker."""
        return any(notation.marks == "chevrons" for notation in self.notations)

    def without_places(self) -> LabelGrammar:
        """Return the same grammar for another text."""
        return replace(self, headings={}, candidates={})

    def accepts(self, label: Label, *, is_first: bool, indented: bool = False) -> bool:
        """Return whether a candidate at the start of a line is a label."""
        if label.is_sure and not indented:
            return True
        if label.notation.marks == "chevrons":
            return label.notation in self.notations
        if label.notation.ending == "colon" and self._is_known(label.name):
            return True
        if not indented and self._is_known_with_times(label):
            return True
        if indented or label.notation not in self.notations:
            return False
        return self.known.includes(label.name) or self._is_new_name(label, is_first=is_first)

    def _is_known_with_times(self, label: Label) -> bool:
        """Return whether a known name has a line of its own with a time, or where the file's others have one."""
        timed = LabelNotation(label.notation.marks, "timed-line")
        has_time = label.notation == timed or (label.notation.ending == "line" and timed in self.notations)
        return has_time and fold_name(label.name) in self.known.names

    def _is_known(self, name: str) -> bool:
        """Return whether a name is known, or made of known ones: ``Ann and Bob``, ``AL/BR``, ``Ann Lee (AL)``."""
        if self.known.includes(name):
            return True
        if bracketed := WITH_BRACKETS.fullmatch(name):
            is_known = not self.known.names.isdisjoint(map(fold_name, bracketed.groups()))
            return is_known or (PLAIN_COLON in self.notations and self._introduces_initials(name))
        parts = _BETWEEN_PEOPLE.split(name)
        unknown = [part for part in parts if fold_name(part) not in self.known.names]
        return 1 < len(parts) > len(unknown) and all(name_shape(part) == "initials" for part in unknown)

    def _introduces_initials(self, name: str) -> bool:
        """Return whether a name that occurs once has its own initials in brackets, and is no phrase."""
        return has_own_initials(name) and not self._is_phrase(name)

    def doubts(self, label: Label, line: LineStart, words: int) -> bool:
        """Return whether a candidate that is no label may be meant as one.

        It may be if its name is a known one, or near a name of the panel; if it is written as a name is, in a notation
        of the file or with a time; or with a colon, where no label of the file is in bold ("Star Wars: a review" looks
        like a name too). An item of a list, or a heading of what follows, is not meant as one, nor is a name before a
        dash in a file without such labels ("Ann - you know").

        Args:
            words: how many follow it in its line, addresses left out.
        """
        has_colon = label.notation.ending == "colon"
        if label.notation.marks == "chevrons" or not names_speaker(_bare(label.name)):
            return False
        if label.notation.ending == "dash" and label.notation not in self.notations and label.time is None:
            return False
        if label.notation == BRACKETS_ALONE and BRACKETS_ALONE not in self.notations:
            return False  # "[Ann] said yes" in place of "She said yes"
        if self.known.includes(label.name):
            return has_colon or (line.is_first and not line.is_item)
        if nearest_name(label.name, self.known.panel) is not None:
            return has_colon or (line.is_first and not line.is_item and self._looks_like_label(label))
        fewest = 1 if " " in label.name else _FEWEST_WORDS
        return line.is_first and not line.is_item and words >= fewest and self._looks_like_label(label)

    def _looks_like_label(self, label: Label) -> bool:
        shape = name_shape(label.name)
        if (shape == "numbered" and not is_placeholder(label.name)) or self._is_phrase(label.name):
            return False  # "Table 2", "Code Samples"
        if label.notation in self.notations:
            return shape != "other" and (shape != "one-word" or self._may_be_name(label.name))
        has_time = label.time is not None and not self.leading_times
        has_colon = label.notation.ending == "colon" and not any(one.ending == "colon" for one in self.notations)
        return shape in {"full-name", "capitals", "numbered"} and (has_time or has_colon)

    def _is_phrase(self, name: str) -> bool:
        """Return whether a name has several words, all of which the text also has in lower case."""
        words = fold_name(_bare(name)).split()
        return len(words) > 1 and all(word in self.lower_words for word in words)

    def _may_be_name(self, word: str) -> bool:
        folded = fold_name(word)
        return folded not in self.lower_words and folded not in NO_NAMES

    def _is_new_name(self, label: Label, *, is_first: bool) -> bool:
        """Return whether a name that occurs once is written as this file's other names in this notation are."""
        shape = name_shape(label.name)
        if not (is_first or self.line_based) or shape not in self.notations[label.notation]:
            return False
        return shape != "one-word" or self._may_be_name(label.name)


def _bare(name: str) -> str:
    found = WITH_BRACKETS.fullmatch(name)
    return found["name"] if found else name


def find_labels(text: str, line: LineStart, grammar: LabelGrammar, *, indented: bool = False) -> list[Label]:
    """Return the labels of one line, in order.

    Args:
        line: its text, without indentation and list marks.
        indented: whether the line continues a paragraph and begins with white space, as wrapped text does; a label
            at its start then needs a known name.
    """
    first = _candidate(text, line, grammar)
    accepted = first is not None and grammar.accepts(first, is_first=line.is_first, indented=indented)
    labels = [first] if first and accepted else []
    start = labels[0].chars.end if labels else line.chars.start
    labels += [label for label in inline_labels(text, line.chars, start) if grammar.known.includes(label.name)]
    if labels and labels[0].notation.marks == "chevrons":
        labels += inline_chevrons(text, line.chars, start)
        labels.sort(key=lambda label: label.start)
    elif labels and grammar.bare_times and labels[0].time is None:
        labels[0] = msgspec.structs.replace(labels[0], time=bare_time_after(text, labels[0].chars, line.chars))
    return without_stolen_times(labels)


def _candidate(text: str, line: LineStart, grammar: LabelGrammar) -> Label | None:
    start = line.chars.start
    if start in grammar.candidates:
        return grammar.candidates[start]
    label = candidate_at(text, line.chars)
    return label if grammar.bold_items else _unless_in_item(label, line, grammar.known.names)


def doubtful_label(text: str, line: LineStart, grammar: LabelGrammar) -> Label | None:
    """Return what a line begins with if it is no label and may be meant as one."""
    label = _candidate(text, line, grammar)
    if label is None or grammar.accepts(label, is_first=line.is_first):
        return None
    words = sum(not _ADDRESS.match(word) for word in text[label.end : line.chars.end].split())
    return label if grammar.doubts(label, line, words) else None


def read_grammar(
    text: str, lines: Sequence[LineStart], panel: Sequence[str], headings: Sequence[Chars] = ()
) -> LabelGrammar:
    """Read how a file writes its labels.

    Args:
        text: the masked text; ``lines`` and the titles of ``headings`` are places in it, in order.
        panel: the names on the panel.
    """
    tried = _without_dashed_roles(text, [(candidate_at(text, line.chars), line) for line in lines])
    titles = [label for title in headings if (label := heading_label(text, title))]
    folded_panel = tuple(fold_name(name) for name in panel[:_MAX_PANEL_NAMES])
    bold_items = _have_bold_items(tried, folded_panel)
    if not bold_items:
        outside = {fold_name(label.name) for label, line in tried if label and not line.is_item}.union(folded_panel)
        tried = [(_unless_in_item(label, line, outside), line) for label, line in tried]
    found = [(label, line) for label, line in tried if label]
    candidates = [label for label, _ in found] + titles
    sure = {fold_name(label.name) for label in candidates if label.is_sure and label.name}.union(folded_panel)
    lower_words = Counter(_LOWER_WORD.findall(text))
    followed = followed_by_text(text, lines, found)
    reader = NotationEvidence(text, lines, found, sure, len(headings), followed, lower_words)
    groups: dict[LabelNotation, list[Label]] = {}
    for label in candidates:
        groups.setdefault(label.notation, []).append(label)
    chevrons = [label for label in candidates if label.notation.marks == "chevrons"]
    shapes = {
        notation: reader.shapes(chevrons if notation.marks == "chevrons" else group)
        for notation, group in groups.items()
    }
    own = {notation: found for notation, found in shapes.items() if found is not None}
    groups = {notation: groups[notation] for notation in own}
    notations = {notation: own[notation] for notation in own if reader.is_dominant(notation, groups)}
    names = sure.union(*(reader.recurring(groups[notation]) for notation in notations))
    known = KnownSpeakers(folded_panel, frozenset(names))
    grammar = LabelGrammar(
        notations,
        known,
        line_based=reader.line_based(notations),
        bold_items=bold_items,
        leading_times=has_leading_times(text, lines, found),
        bare_times=has_bare_times(text, found, notations),
        lower_words=lower_words,
        candidates={line.chars.start: label for label, line in tried},
    )
    return replace(grammar, headings=_accepted(titles, grammar))


def _have_bold_items(tried: Sequence[tuple[Label | None, LineStart]], panel: Collection[str]) -> bool:
    """Return whether bold names with a colon that begin list items are labels, as far as the whole file shows.

    They are not if the file has several, or other items too, and few of them name somebody who has another turn: these
    are the headings of notes (``- **Second option:** …``).
    """
    bold = [(fold_name(label.name), line) for label, line in tried if label and label.notation == BOLD_COLON]
    items = [name for name, line in bold if line.is_item]
    uses = Counter(name for name, _ in bold)
    named = sum(uses[name] > 1 or name in panel for name in items)
    of_all = sum(line.is_item and line.is_first for _, line in tried)
    return named * 2 >= len(items) if len(items) >= _FEWEST_ITEMS or of_all >= 3 * len(items) > 0 else True


def _unless_in_item(label: Label | None, line: LineStart, names: Collection[str]) -> Label | None:
    """Return a label unless it is bold, begins a list item, and has none of the given names, folded."""
    is_heading = label and line.is_item and label.notation == BOLD_COLON and fold_name(label.name) not in names
    return None if is_heading else label


def accepted_headings(text: str, titles: Sequence[Chars], grammar: LabelGrammar) -> dict[int, Label]:
    """Return the headings that are labels in a file, by the start of their title."""
    return _accepted([label for title in titles if (label := heading_label(text, title))], grammar)


def _accepted(labels: Sequence[Label], grammar: LabelGrammar) -> dict[int, Label]:
    return {label.start: label for label in labels if grammar.accepts(label, is_first=True)}


def _without_dashed_roles(
    text: str, tried: list[tuple[Label | None, LineStart]]
) -> list[tuple[Label | None, LineStart]]:
    """Read what follows a dash as text, not as a role, in a file in which dashes separate names from text."""
    found = [label for label, _ in tried if label]
    dashes = sum(label.notation.ending == "dash" for label in found)
    if dashes <= sum(has_dashed_role(text, label) for label in found):
        return tried
    return [
        (candidate_at(text, line.chars, dashed_roles=False) if label and label.role else label, line)
        for label, line in tried
    ]


def with_drafted_names(text: str, lines: Sequence[LineStart], grammar: LabelGrammar) -> LabelGrammar:
    """Return a grammar that also knows the names of the plain labels that a draft has twice or more."""
    labels = [label for line in lines if (label := candidate_at(text, line.chars)) and label.notation == PLAIN_COLON]
    uses = Counter(fold_name(label.name) for label in labels)
    names = grammar.known.names.union(name for name, number in uses.items() if number > 1)
    return replace(grammar, known=KnownSpeakers(grammar.known.panel, names))


def has_chevrons(text: str, lines: Sequence[Chars]) -> bool:
    """Return whether two or more lines begin with ``>>``, which marks a change of speaker and not a quotation."""
    if ">>" not in text and ">\\>" not in text and "&gt;&gt;" not in text:
        return False
    marked = 0
    for line in lines:
        marked += starts_with_chevrons(text, line.start, line.end)
        if marked > 1:
            return True
    return False
