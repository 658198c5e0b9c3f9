"""Write drafted turns as lines of a transcript, in the style of the file that they are written into."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.reading.labels.forms import KnownSpeakers, fold_name
from pipeline.reading.structure.file_style import BOLD_LABEL, FileStyle, LabelForm, colon_start
from pipeline.reading.structure.outline import frames_speech
from pipeline.schema import DraftTurn, Transcript
from pipeline.times import Ms, format_clock
from pipeline.writing.escaping import escape, escape_line, escape_start
from pipeline.writing.line_breaks import display_width

_OPENING = ("(", "[", "（")

UNNAMED_LABEL = "****:"
"""The label of a speaker whose name is not known."""


@dataclass(frozen=True, slots=True)
class TurnStyle:
    """How turns are written: the file's style, the names that are labels there, and whether turns get times and labels.

    A drafted turn gets no label only if the file has no labels and its speaker is not known.
    """

    file_style: FileStyle
    known: KnownSpeakers
    times: bool
    labels: bool = True

    def label(self, name: str | None) -> tuple[LabelForm | None, str]:
        """Return the form and the label of a name: the file's form, else the default; None for an unknown speaker."""
        for form, typed in self._forms(name):
            if self._is_read_as(form, typed, name or ""):
                return form, form.write(typed)
        return None, UNNAMED_LABEL

    def _is_read_as(self, form: LabelForm, typed: str, name: str) -> bool:
        label = form.write(typed)
        if "<!--" in label or "-->" in label or not form.is_read_as(name, typed):
            return False
        return form.is_sure or self.file_style.is_given or self.known.includes(name)

    def _forms(self, name: str | None) -> Iterator[tuple[LabelForm, str]]:
        if name:
            yield self.file_style.label, name
            gap = self.file_style.label.gap or BOLD_LABEL.gap
            yield LabelForm(gap=gap), name
            yield LabelForm(gap=gap), escape(name).replace("\\*", "&#42;")  # no label in bold has a star in it

    def head(self, name: str | None, at: Ms) -> tuple[str, str]:
        """Return a label, with its time if turns get times, and what separates it from the text."""
        form, label = self.label(name)
        gap = (form or BOLD_LABEL).gap
        if not self.times:
            return label, gap
        notation = self.file_style.notation
        clock = notation.opening + format_clock(at, notation.clock) + notation.closing
        if notation.place == "before-label":
            return clock + label, gap
        colon = colon_start(label) if notation.place == "in-label" and form else None
        place = len(label) if colon is None else colon
        return label[:place] + clock + label[place:], gap


def turn_style(transcript: Transcript, style: FileStyle, turns: Sequence[DraftTurn], *, times: bool) -> TurnStyle:
    """Return the style in which drafted turns are written into a transcript.

    A speaker with two drafted turns is known by them.
    """
    speakers = frozenset(fold_name(one.speaker) for one in transcript.utterances if one.speaker and one.label)
    uses = Counter(fold_name(turn.speaker) for turn in turns if turn.speaker)
    panel = tuple(fold_name(name) for name in transcript.panel)
    repeated = (name for name, number in uses.items() if number > 1 and not style.is_quoted)
    known = KnownSpeakers(panel, speakers.union(panel, repeated))
    is_labelled = any(one.label for one in transcript.utterances) or not transcript.utterances
    return TurnStyle(style, known, times, labels=is_labelled or bool(uses))


def write_turns(turns: Iterable[DraftTurn], style: TurnStyle) -> str:
    """Return the turns as they are written in the document, without line endings around them."""
    file_style = style.file_style
    between = "\n" * (1 + file_style.blank_lines)
    text = between.join(_prefixed(_turn(turn, style), file_style.prefix) for turn in turns)
    if file_style.is_quoted:
        text = text.replace("\n\n", f"\n{file_style.prefix.rstrip()}\n")
    return text.replace("\n", file_style.ending)


def _turn(turn: DraftTurn, style: TurnStyle) -> str:
    """Return one turn: its label and its paragraphs.

    A paragraph that would be read as no speech (see ``frames_speech``) must not begin a line: the first one follows its
    label on the same line, any other one is joined to the paragraph before it.
    """
    first, *others = _speech_paragraphs(turn.text.split("\n\n"), style)
    needs_label = _frames_speech(first, style)
    label, gap = style.head(turn.speaker, turn.span.start) if style.labels or needs_label else ("", "")
    if needs_label and "\n" in gap:
        gap = " "
    head, lead = (label + gap, "") if "\n" in gap else ("", label + gap)
    return head + "\n\n".join((_paragraph(first, lead, style), *(_paragraph(text, "", style) for text in others)))


def _speech_paragraphs(texts: Iterable[str], style: TurnStyle) -> list[str]:
    paragraphs: list[str] = []
    for text in texts:
        if paragraphs and _frames_speech(text, style):
            paragraphs[-1] += " " + text
        else:
            paragraphs.append(text)
    return paragraphs


def _frames_speech(text: str, style: TurnStyle) -> bool:
    return frames_speech(_paragraph(text, "", style).partition("\n")[0])


def _paragraph(text: str, lead: str, style: TurnStyle) -> str:
    """Return a paragraph wrapped as in the file; ``lead`` precedes the text on the first line and is not part of it."""
    words = escape_start(escape(text)).split(" ")
    lines = _lines(words, lead, style.file_style)
    first = lead + lines[0] if lead else escape_line(lines[0])
    known = style.known if style.file_style.indent else None
    return "\n".join((first, *(style.file_style.indent + escape_line(line, known) for line in lines[1:])))


def _lines(words: Sequence[str], lead: str, style: FileStyle) -> list[str]:
    """Return the words in lines; the lead and the indentation count towards their width.

    No line begins with a bracket: a line that is all in brackets would be read as a stage direction.
    """
    if style.column is None:
        return [" ".join(words)]
    lines, columns = [words[0]], display_width(lead + words[0])
    for word in words[1:]:
        columns += 1 + display_width(word)
        begun = word
        if columns > style.column:
            while begun.startswith(_OPENING) and " " in lines[-1]:
                lines[-1], _, before = lines[-1].rpartition(" ")
                begun = f"{before} {begun}"
        if columns <= style.column or begun.startswith(_OPENING):
            lines[-1] += " " + begun
        else:
            lines.append(begun)
            columns = len(style.indent) + display_width(begun)
    return lines


def _prefixed(text: str, prefix: str) -> str:
    """Return the text after a list mark, or with each of its lines quoted."""
    if ">" not in prefix:
        return prefix + text
    return "\n".join((prefix + line).rstrip() for line in text.split("\n"))
