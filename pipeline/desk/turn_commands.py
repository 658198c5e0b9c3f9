"""Commands about turns, as edits of the text: who speaks, divide, join, rename. Undo takes them back as any edit."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

import regex

from pipeline.reading.markup.whitespace import LINE_ENDS, line_end, line_start
from pipeline.reading.structure.file_style import FileStyle
from pipeline.schema import Chars, Edit, Result, Transcript, Utterance
from pipeline.writing.escaping import escape
from pipeline.writing.turn_lines import UNNAMED_LABEL, TurnStyle, turn_style

_LIST_MARK = regex.compile(r"[ \t]*+(?:[-*+]|[0-9]{1,9}[.)])[ \t]++")
_BLANK = regex.compile(r"\s*+")
_INLINE_PANEL = regex.compile(r"[ \t*_]*+(?:panel\w*|participants|speakers|hosts|guests|cast)\b[^:\r\n]*+:", regex.I)


class CommandError(ValueError):
    """A command is not known, or not possible here; the message says why."""


@dataclass(frozen=True, slots=True)
class TurnEdit:
    """The edits of a command.

    Attributes:
        edits: may be none.
        about: the range of the source before them that the command is about.
        caret: where in the text of the first edit a person goes on typing; None where there is nothing to type.
    """

    edits: tuple[Edit, ...]
    about: Chars
    caret: int | None = None


def turn_at(transcript: Transcript, at: int) -> Utterance | None:
    """Return the utterance that a place is in, or the last one before it; None before the first one."""
    number = bisect_right(transcript.utterances, at, key=lambda one: one.chars.start)
    return transcript.utterances[number - 1] if number else None


def set_speaker(result: Result, style: FileStyle, at: int, name: str) -> TurnEdit:
    """Give the turn at a place to a speaker: with another name in its label, or a new label where it has none.

    On an empty line a new turn begins.

    Raises:
        CommandError: the name cannot be one.
    """
    name = _checked(name)
    transcript, writer = result.transcript, _style(result, style)
    source = transcript.source
    line = Chars(line_start(source, at), line_end(source, at))
    turn = turn_at(transcript, at)
    if not source[line.start : line.end].strip(" \t>\ufeff"):
        head = "\n" * breaks_before(source, line.start, style) + "".join(_without_time(writer, name))
        text = head + "\n" * breaks_behind(source, at, style)
        return TurnEdit((Edit(Chars(at, at), text.replace("\n", style.ending)),), line, caret=len(head))
    if turn is None:
        raise CommandError("no turn begins before this place")
    if turn.label is None:
        start = transcript.words[turn.words.start].chars.start
        label, gap = _head(result, writer, name, turn.words.start)
        return TurnEdit((Edit(Chars(start, start), label + gap.replace("\n", style.ending)),), turn.chars)
    return TurnEdit((_renamed(transcript, turn, writer, name),), turn.label)


def split_turn(result: Result, style: FileStyle, at: int, name: str | None) -> TurnEdit:
    """Divide a turn at a place: a new turn begins there, of the named speaker, or of one whose name is not known.

    Raises:
        CommandError: there is no text of a turn on both sides of the place.
    """
    transcript = result.transcript
    turn = turn_at(transcript, at)
    first = bisect_right(transcript.words, at, key=lambda word: word.chars.end)
    if turn is None or not turn.words.start < first < turn.words.end:
        raise CommandError("a turn is divided between two of its words")
    before, after = transcript.words[first - 1].chars.end, transcript.words[first].chars.start
    between = transcript.source[before:after]
    if between.strip():
        before = after = min(max(at, before), after)
    label, gap = _head(result, _style(result, style), _checked(name) if name else None, first)
    text = "\n" * (1 + style.blank_lines) + style.prefix + label + gap
    return TurnEdit((Edit(Chars(before, after), text.replace("\n", style.ending)),), Chars(after, after))


def merge_turn(result: Result, at: int) -> TurnEdit:
    """Join the turn at a place to the one before it: its label goes, and what separates the two if it is blank.

    Raises:
        CommandError: no turn precedes it.
    """
    transcript = result.transcript
    turn = turn_at(transcript, at)
    if turn is None or turn.index == 0:
        raise CommandError("no turn precedes this one")
    start = transcript.words[turn.words.start].chars.start
    end = transcript.utterances[turn.index - 1].chars.end
    between = transcript.source[end : turn.chars.start]
    if not between.strip(" \t>*+-" + LINE_ENDS):
        return TurnEdit((Edit(Chars(end, start), " "),), turn.chars)
    if turn.label is None:
        raise CommandError("something other than speech is between this turn and the one before")
    return TurnEdit((Edit(Chars(turn.chars.start, start), ""),), turn.chars)


def rename_speaker(result: Result, style: FileStyle, old: str, new: str) -> TurnEdit:
    """Rename a speaker everywhere: in all labels with that name, and on the panel.

    Raises:
        CommandError: no label and no panel has the name, or the new one cannot be a name.
    """
    new, transcript, writer = _checked(new), result.transcript, _style(result, style)
    labels = [
        _renamed(transcript, turn, writer, new)
        for turn in transcript.utterances
        if turn.label is not None and turn.speaker == old
    ]
    edits = (*_panel_edits(transcript, old, new), *labels)
    if not edits:
        raise CommandError(f"no label and no panel has the name {old}")
    return TurnEdit(tuple(edits), edits[0].chars)


def relabel(result: Result, style: FileStyle, utterance: int, name: str) -> Edit:
    """Return the edit that puts another name into the label of an utterance."""
    return _renamed(result.transcript, result.transcript.utterances[utterance], _style(result, style), name)


def _checked(name: str) -> str:
    clean = " ".join(name.split())
    if not any(character.isalnum() for character in clean) or len(clean) > 100 or clean.endswith(":"):
        raise CommandError("a name has a letter or a digit, at most 100 characters, and no colon at its end")
    return clean


def _style(result: Result, style: FileStyle) -> TurnStyle:
    return turn_style(result.transcript, style, (), times=style.has_times)


def _head(result: Result, writer: TurnStyle, name: str | None, word: int) -> tuple[str, str]:
    """Return the label of a turn that begins with a word, with its time if it is known and turns have times."""
    span = result.words[word].span
    return writer.head(name, span.start) if span is not None else _without_time(writer, name)


def _without_time(writer: TurnStyle, name: str | None) -> tuple[str, str]:
    form, label = writer.label(name)
    return label, form.gap if form is not None else " "


def _renamed(transcript: Transcript, turn: Utterance, writer: TurnStyle, name: str) -> Edit:
    """Return the edit of a label: of the name alone if that is written in it, else of the whole label."""
    label = turn.label if turn.label is not None else Chars(turn.chars.start, turn.chars.start)
    text = transcript.source[label.start : label.end]
    if turn.speaker and text.count(turn.speaker) == 1:
        at = label.start + text.index(turn.speaker)
        form, written = writer.label(name)
        is_capital = len(turn.speaker) > 1 and turn.speaker.isupper() and form is not None
        shown = name.upper() if is_capital else name
        typed = shown if escape(shown) == shown or written == UNNAMED_LABEL else escape(shown)
        return Edit(Chars(at, at + len(turn.speaker)), typed)
    return Edit(label, writer.label(name)[1])


def breaks_before(source: str, line: int, style: FileStyle) -> int:
    """Return how many line breaks have to precede a new turn on an empty line, so that it is apart from what precedes.

    Args:
        source: the text.
        line: the start of the empty line.
        style: of the file.
    """
    end = line
    while end > 0 and source[end - 1].isspace():
        end -= 1
    return max(0, 1 + style.blank_lines - _line_breaks(source[end:line])) if source[:end].strip("\ufeff") else 0


def breaks_behind(source: str, at: int, style: FileStyle) -> int:
    """Return how many line breaks have to follow a new turn on an empty line, so that it is apart from what follows.

    Args:
        source: the text.
        at: a place on the empty line.
        style: of the file.
    """
    found = _BLANK.match(source, at)
    if found is None or found.end() == len(source):
        return 0
    return max(0, 1 + style.blank_lines - _line_breaks(found[0]))


def _line_breaks(blank: str) -> int:
    return blank.count("\n") + blank.count("\r") - blank.count("\r\n")


def _panel_edits(transcript: Transcript, old: str, new: str) -> Iterator[Edit]:
    """Yield the edits of a name on the panel: in lists and lines of names before the first turn."""
    if old not in transcript.panel:
        return
    source = transcript.source
    end = transcript.utterances[0].chars.start if transcript.utterances else len(source)
    name = regex.compile(rf"(?<![\p{{L}}\p{{N}}]){regex.escape(old)}(?![\p{{L}}\p{{N}}])")
    for found in name.finditer(source, 0, end):
        before = source[line_start(source, found.start()) : found.start()]
        if _LIST_MARK.match(before) or _INLINE_PANEL.match(before):
            yield Edit(Chars(*found.span()), new)
