"""Find labels that are not quite right, and lines that look like a label and are none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import regex

from pipeline.reading.labels.forms import KnownSpeakers, Label, find_labels, fold_name, label_at
from pipeline.reading.labels.names import nearest_name
from pipeline.reading.lint.lint_issue import SourceIssue
from pipeline.reading.markup.inline import rendered_text
from pipeline.reading.markup.notation import CLOCK
from pipeline.reading.structure.blocks import Block
from pipeline.schema import Chars, Transcript

_TWO_COLONS = regex.compile(r"[:：][ \t*_]*+[:：]")
_ODD_TIME = regex.compile(
    r"(?P<typed>\\?[\[(]?[0-9]{1,3}(?:[.:;,'hm ][0-9]{1,3}){1,3}s?\\?[\])]?)"
    r"[ \t]*+[-–—|]{0,2}[ \t]*+(?=[\p{L}*_])"
)
_ODD_BRACKETED = regex.compile(r"\\?\[(?P<time>[0-9]{1,3}(?::[0-9]{1,3}){1,3}(?:[.,][0-9]*+)?)\\?\]")
_NO_TIME = "cannot be read as a time; write it like 9:30 or 1:02:03"
_CLOCK = regex.compile(CLOCK)
_BEFORE = rf"(?:\\?[\[(]?{CLOCK}\\?[\])]?[ \t]*+[-–—|]{{0,2}}[ \t]*+)?+"
_NAME = r"(?P<name>\p{L}[^:：*_\[\]<>|\r\n]{0,60}+)"
_WITHOUT_COLON = regex.compile(rf"{_BEFORE}(?:\*\*|__){_NAME}(?:\*\*|__)(?![:：])")
_ALONE = regex.compile(rf"{_BEFORE}(?P<name>\p{{L}}[^:：*\[\]<>|\r\n0-9(]{{0,60}}+)(?:\\?[\[(]?{CLOCK}\\?[\])]?)?+$")
_HALF_BOLD = regex.compile(rf"{_BEFORE}(?:\*\*{_NAME}[:：](?![^\r\n]*\*\*)|{_NAME}(?:\*\*[ \t]*+[:：]|[:：]\*\*))")


def find_label_issues(
    text: str, blocks: Sequence[Block], known: KnownSpeakers, transcript: Transcript
) -> Iterator[SourceIssue]:
    """Check the labels of each line of speech, or else what may be meant as a label.

    Args:
        blocks: the speech of the masked text.
    """
    checker = _LabelChecker(text, known, transcript)
    for block in blocks:
        for line in block.lines:
            labels = find_labels(text, line.chars, known, indented=line.indented)
            for label in labels:
                yield from checker.label(label)
            if not (labels and labels[0].starts_line):
                yield from checker.line(line.chars, is_first=line is block.lines[0])
            yield from checker.times(line.chars)


class _LabelChecker:
    """Checks labels and lines against the names in the whole transcript."""

    def __init__(self, text: str, known: KnownSpeakers, transcript: Transcript) -> None:
        self._text = text
        self._known = known
        self._panel = transcript.panel
        self._with_words = {one.label for one in transcript.utterances}
        self._speakers = {fold_name(one.speaker) for one in transcript.utterances if one.label and one.speaker}
        self._has_bold = any(
            one.label and "*" in text[one.label.start : one.label.end] for one in transcript.utterances
        )

    def label(self, label: Label) -> Iterator[SourceIssue]:
        has_words = label.chars in self._with_words
        if label.speaker is None:
            yield SourceIssue(
                "empty-label", label.chars, f"the label has no name{'' if has_words else ', and no words follow'}"
            )
        elif not has_words and self._is_speaker(label.name):
            yield SourceIssue("empty-label", label.chars, f"no words follow the label of {label.name}; it is skipped")
        if label.name and _TWO_COLONS.search(self._text, label.chars.start, label.chars.end):
            yield SourceIssue("double-colon", label.chars, f"read as the label of {label.name}; one colon is enough")

    def line(self, line: Chars, *, is_first: bool) -> Iterator[SourceIssue]:
        """Check a line that does not begin with a label."""
        odd = _ODD_TIME.match(self._text, line.start, line.end)
        if odd and self._label_follows(Chars(odd.end(), line.end)):
            yield SourceIssue("other-timestamps", Chars(*odd.span("typed")), _NO_TIME)
        elif (label := label_at(self._text, line)) is not None:
            if self._may_be_name(label.name, is_first=is_first):
                reason = "is not on the panel and" if self._panel else ""
                message = f"read as speech, not as a label, because {label.name} {reason} has no other turn"
                yield SourceIssue("possible-label", label.chars, " ".join(message.split()))
        elif is_first:
            yield from self._broken_label(line)

    def times(self, line: Chars) -> Iterator[SourceIssue]:
        """Yield the bracketed digits that look like a time and are none."""
        for found in _ODD_BRACKETED.finditer(self._text, line.start, line.end):
            if not _CLOCK.fullmatch(found["time"]):
                chars = Chars(*found.span())
                yield SourceIssue("other-timestamps", chars, _NO_TIME)

    def _broken_label(self, line: Chars) -> Iterator[SourceIssue]:
        for pattern, message in (
            (_WITHOUT_COLON, "looks like the label of {}, but has no colon; read as speech"),
            (_HALF_BOLD, "looks like the label of {}, but only half of its ** are there; read as speech"),
            (_ALONE, "looks like the label of {}, but has no colon; read as speech"),
        ):
            found = pattern.match(self._text, line.start, line.end)
            if found is None:
                continue
            name = rendered_text(self._text, [Chars(*found.span("name"))])
            if self._known.includes(name):
                yield SourceIssue("possible-label", Chars(*found.span()), message.format(name))
                return

    def _label_follows(self, rest: Chars) -> bool:
        label = label_at(self._text, rest)
        return label is not None and (label.bold or self._known.includes(label.name))

    def _is_speaker(self, name: str) -> bool:
        folded = fold_name(name)
        return folded in self._speakers or folded in self._known.panel

    def _may_be_name(self, name: str, *, is_first: bool) -> bool:
        """Return whether an unknown name with a colon is probably a speaker's.

        It is if it is near a panel name, or looks like a name with capitals. "Star Wars: a review" looks like one too,
        so the latter is considered only if no label of the file is bold.
        """
        if nearest_name(name, self._panel) is not None:
            return True
        parts = name.split()
        return (
            is_first
            and not self._has_bold
            and len(parts) > 1
            and all(part.isalpha() and part.istitle() for part in parts)
        )
