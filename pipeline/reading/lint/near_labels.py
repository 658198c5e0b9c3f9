"""Find labels that are not quite right, and lines that look like a label and are none."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import zip_longest

import regex

from pipeline.reading.labels.forms import Label, fold_name, label_at
from pipeline.reading.labels.grammar import LabelGrammar, doubtful_label, find_labels
from pipeline.reading.labels.names import nearest_name
from pipeline.reading.labels.notation_evidence import LineStart
from pipeline.reading.lint.lint_issue import SourceIssue
from pipeline.reading.markup.hidden_text import HIDDEN
from pipeline.reading.markup.inline import rendered_text
from pipeline.reading.markup.notation import CLOCK
from pipeline.reading.markup.whitespace import BLANK
from pipeline.reading.structure.blocks import Block, Line
from pipeline.reading.structure.outline import line_starts
from pipeline.schema import Chars, Transcript

_TWO_COLONS = regex.compile(r"[:：][ \t*_]*+[:：]")
_ODD_TIME = regex.compile(
    r"(?P<typed>\\?[\[(]?[0-9]{1,3}(?:[.:;,'hm ][0-9]{1,3}){1,3}s?\\?[\])]?)"
    r"[ \t]*+[-–—|]{0,2}[ \t]*+(?=[\p{L}*_])"
)
_ODD_BRACKETED = regex.compile(r"\\?\[(?P<time>[0-9]{1,3}(?::[0-9]{1,3}){1,3}(?:[.,][0-9]*+)?)\\?\]")
_NO_TIME = "cannot be read as a time; write it like 9:30 or 1:02:03"
_HIDDEN_BELOW = regex.compile(rf"\s++{HIDDEN}")
_CLOCK = regex.compile(CLOCK)
_BEFORE = rf"(?:\\?[\[(]?{CLOCK}\\?[\])]?[ \t]*+[-–—|]{{0,2}}[ \t]*+)?+"
_FEWEST_TURNS = 3  # with words, of somebody who speaks; "Break" with a range of times may be read as one or two
_NAME = r"(?P<name>\p{L}[^:：*_\[\]<>|\r\n]{0,60}+)"
_HALF_BOLD = regex.compile(rf"{_BEFORE}(?:\*\*{_NAME}[:：](?![^\r\n]*\*\*)|{_NAME}(?:\*\*[ \t]*+[:：]|[:：]\*\*))")


def find_label_issues(
    text: str, blocks: Sequence[Block], grammar: LabelGrammar, transcript: Transcript
) -> Iterator[SourceIssue]:
    """Check the labels of each line of speech, or else what may be meant as a label.

    Args:
        blocks: the speech of the masked text.
    """
    checker = _LabelChecker(text, grammar, transcript)
    rows = list(_labelled_lines(text, blocks, grammar))
    beside = _beside_labels(text, rows, grammar)
    for line, start, labels in rows:
        for label, following in zip_longest(labels, labels[1:]):
            end = following.start if following else line.chars.end
            yield from checker.label(label, has_text=_is_followed_by_text(text, label.end, end))
        if not line.indented and not (labels and labels[0].starts_line):
            yield from checker.line(start, beside_label=line.chars.start in beside)
        yield from checker.times(line.chars)


def _labelled_lines(
    text: str, blocks: Sequence[Block], grammar: LabelGrammar
) -> Iterator[tuple[Line, LineStart, list[Label]]]:
    for block in blocks:
        for line, start in zip(block.lines, line_starts(text, block), strict=True):
            if isinstance(start, LineStart):
                yield line, start, find_labels(text, start, grammar, indented=line.indented)


def _beside_labels(
    text: str, rows: Sequence[tuple[Line, LineStart, list[Label]]], grammar: LabelGrammar
) -> frozenset[int]:
    """Return the starts of the lines next to which a paragraph begins with a label.

    In a file without any label it is one that begins with what may be one.
    """
    firsts = [(start, labels) for _, start, labels in rows if start.is_first]
    begins = [bool(labels) and labels[0].starts_line for _, labels in firsts]
    if not any(begins):
        begins = [doubtful_label(text, start, grammar) is not None for start, _ in firsts]
    above, below = [False, *begins], [*begins[1:], False]
    rows_around = zip(firsts, above, below, strict=False)  # the last of them begins no further line
    return frozenset(start.chars.start for (start, _), *near in rows_around if any(near))


def _is_followed_by_text(text: str, start: int, end: int) -> bool:
    """Return whether something is written after a label in its line, or code below it."""
    return bool(text[start:end].strip(BLANK)) or _HIDDEN_BELOW.match(text, end) is not None


class _LabelChecker:
    """Checks labels and lines against the names in the whole transcript."""

    def __init__(self, text: str, grammar: LabelGrammar, transcript: Transcript) -> None:
        self._text = text
        self._grammar = grammar
        self._known = grammar.known
        self._panel = transcript.panel
        self._utterances = transcript.utterances
        self._below_headings = {section.utterance for section in transcript.sections}
        self._with_words = {one.label for one in transcript.utterances}
        self._speakers = Counter(fold_name(one.speaker) for one in transcript.utterances if one.label and one.speaker)

    def label(self, label: Label, *, has_text: bool) -> Iterator[SourceIssue]:
        """Check a label; ``has_text`` if something is written after it in its line, such as ``[laughs]`` alone."""
        has_words = has_text or label.chars in self._with_words
        if label.speaker is None and label.notation.marks != "chevrons":
            yield SourceIssue(
                "empty-label", label.chars, f"the label has no name{'' if has_words else ', and no words follow'}"
            )
        elif not has_words and self._is_above_its_words(label):
            message = f"a heading separates the label of {label.name} from the words below it, read as {label.name}'s"
            yield SourceIssue("empty-label", label.chars, message)
        elif not has_words and label.name and self._is_speaker(label.name) and not self._is_pause(label):
            yield SourceIssue("empty-label", label.chars, f"no words follow the label of {label.name}; it is skipped")
        if label.name and _TWO_COLONS.search(self._text, label.chars.start, label.chars.end):
            yield SourceIssue("double-colon", label.chars, f"read as the label of {label.name}; one colon is enough")

    def line(self, line: LineStart, *, beside_label: bool) -> Iterator[SourceIssue]:
        """Check a line that does not begin with a label.

        A new name is reported next to a label alone: elsewhere it is mostly a term that the text explains.
        """
        odd = _ODD_TIME.match(self._text, line.chars.start, line.chars.end)
        if odd and self._label_follows(Chars(odd.end(), line.chars.end)):
            yield SourceIssue("other-timestamps", Chars(*odd.span("typed")), _NO_TIME)
        elif (label := doubtful_label(self._text, line, self._grammar)) is not None:
            if not (beside_label or label.time or self._is_like_known(label.name)):
                return
            yield SourceIssue("possible-label", Chars(label.start, label.end), self._reason(label))
        elif line.is_first:
            yield from self._half_bold(line.chars)

    def _is_like_known(self, name: str) -> bool:
        return self._known.includes(name) or nearest_name(name, self._panel) is not None

    def _reason(self, label: Label) -> str:
        if label.notation.ending != "colon":
            return f"looks like the label of {label.name}, but has no colon; read as speech"
        reason = "is not on the panel and " if self._panel else ""
        return f"read as speech, not as a label, because {label.name} {reason}has no other turn"

    def times(self, line: Chars) -> Iterator[SourceIssue]:
        """Yield the bracketed digits that look like a time and are none."""
        for found in _ODD_BRACKETED.finditer(self._text, line.start, line.end):
            if not _CLOCK.fullmatch(found["time"]):
                chars = Chars(*found.span())
                yield SourceIssue("other-timestamps", chars, _NO_TIME)

    def _half_bold(self, line: Chars) -> Iterator[SourceIssue]:
        found = _HALF_BOLD.match(self._text, line.start, line.end)
        name = rendered_text(self._text, [Chars(*found.span("name"))]) if found else ""
        if found and self._known.includes(name):
            message = f"looks like the label of {name}, but only half of its ** are there; read as speech"
            yield SourceIssue("possible-label", Chars(*found.span()), message)

    def _label_follows(self, rest: Chars) -> bool:
        label = label_at(self._text, rest)
        return label is not None and (label.is_sure or self._known.includes(label.name))

    def _is_above_its_words(self, label: Label) -> bool:
        """Return whether the words of a label are below the heading that follows it."""
        following = bisect_left(self._utterances, label.end, key=lambda one: one.chars.start)
        if label.speaker is None or following not in self._below_headings or following == len(self._utterances):
            return False
        return self._utterances[following].label is None and self._utterances[following].speaker == label.speaker

    def _is_speaker(self, name: str) -> bool:
        folded = fold_name(name)
        return folded in self._speakers or folded in self._known.panel

    def _is_pause(self, label: Label) -> bool:
        """Return whether a label without words says when nobody speaks: ``**Break:** [time]``, ``**Song:** [time]``."""
        has_time = label.time is not None and label.time.place == "after-label"
        folded = fold_name(label.name)
        return has_time and folded not in self._known.panel and self._speakers[folded] < _FEWEST_TURNS
