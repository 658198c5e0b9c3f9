"""Drafted turns as lines of a transcript, in the hand of the file that they go into."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.reading.labels.forms import Cast, fold_name, label_at
from pipeline.reading.structure.file_style import BOLD, Habits, LabelForm, colon_start
from pipeline.reading.structure.outline import frames_speech
from pipeline.schema import Chars, DraftTurn, Transcript
from pipeline.times import Ms, format_clock
from pipeline.writing.escaping import escape, escape_line, escape_start
from pipeline.writing.line_breaks import width

NOBODY = "****:"
"""The community's label for a voice whose name nobody knows."""


@dataclass(frozen=True, slots=True)
class TurnStyle:
    """How turns are written: the file's habits, the names that are labels there, whether turns get times and labels.

    Only in a file that has no labels, and where nobody knows who speaks, a drafted turn has none either.
    """

    habits: Habits
    cast: Cast
    times: bool
    labels: bool = True

    def label(self, name: str | None) -> tuple[LabelForm | None, str]:
        """The form and the label of a name: the file's own, else the community's; no form for a nameless voice."""
        for form, typed in self._forms(name):
            label = form.write(typed)
            found = label_at(label + " x", Chars(0, len(label) + 2))
            if found and fold_name(found.name) == fold_name(name or "") and (found.bold or self.cast.knows(found.name)):
                return form, label
        return None, NOBODY

    def _forms(self, name: str | None) -> Iterator[tuple[LabelForm, str]]:
        if name:
            yield self.habits.label, name
            gap = self.habits.label.gap or BOLD.gap
            yield LabelForm(gap=gap), name
            yield LabelForm(gap=gap), escape(name)

    def head(self, name: str | None, at: Ms) -> tuple[str, str]:
        """A label, with its time where turns get one, and what parts it from the text."""
        form, label = self.label(name)
        gap = (form or BOLD).gap
        if not self.times:
            return label, gap
        notation = self.habits.notation
        clock = notation.opening + format_clock(at, notation.clock) + notation.closing
        if notation.place == "before-label":
            return clock + label, gap
        colon = colon_start(label) if notation.place == "in-label" and form else None
        place = len(label) if colon is None else colon
        return label[:place] + clock + label[place:], gap


def turn_style(transcript: Transcript, habits: Habits, turns: Sequence[DraftTurn], *, times: bool) -> TurnStyle:
    """The hand of a transcript's human; who has two drafted turns is known by them."""
    speakers = frozenset(fold_name(one.speaker) for one in transcript.utterances if one.speaker and one.label)
    uses = Counter(fold_name(turn.speaker) for turn in turns if turn.speaker)
    panel = tuple(fold_name(name) for name in transcript.panel)
    often = (name for name, number in uses.items() if number > 1 and not habits.is_quoted)
    is_labelled = any(one.label for one in transcript.utterances) or not transcript.utterances
    return TurnStyle(habits, Cast(panel, speakers.union(panel, often)), times, labels=is_labelled or bool(uses))


def write_turns(turns: Iterable[DraftTurn], hand: TurnStyle) -> str:
    """The turns as they stand in the document, without line endings around them."""
    habits = hand.habits
    between = "\n" * (1 + habits.blanks)
    text = between.join(_prefixed(_turn(turn, hand), habits.prefix) for turn in turns)
    if habits.is_quoted:
        text = text.replace("\n\n", f"\n{habits.prefix.rstrip()}\n")
    return text.replace("\n", habits.ending)


def _turn(turn: DraftTurn, hand: TurnStyle) -> str:
    """One turn: its label and its paragraphs.

    A paragraph that the reader may take for no speech (see ``frames_speech``) does not begin a line: the label is put
    before it, on its line, or it is joined to the paragraph before it.
    """
    first, *others = _speech_paragraphs(turn.text.split("\n\n"), hand)
    needs_lead = _frames(first, hand)
    label, gap = hand.head(turn.speaker, turn.span.start) if hand.labels or needs_lead else ("", "")
    if needs_lead and "\n" in gap:
        gap = " "
    head, lead = (label + gap, "") if "\n" in gap else ("", label + gap)
    return head + "\n\n".join((_paragraph(first, lead, hand), *(_paragraph(text, "", hand) for text in others)))


def _speech_paragraphs(texts: Iterable[str], hand: TurnStyle) -> list[str]:
    paragraphs: list[str] = []
    for text in texts:
        if paragraphs and _frames(text, hand):
            paragraphs[-1] += " " + text
        else:
            paragraphs.append(text)
    return paragraphs


def _frames(text: str, hand: TurnStyle) -> bool:
    return frames_speech(_paragraph(text, "", hand).partition("\n")[0])


def _paragraph(text: str, lead: str, hand: TurnStyle) -> str:
    """A paragraph in lines as wide as the file's, its first behind a lead that is no part of the text."""
    words = escape_start(escape(text)).split(" ")
    lines = _lines(words, lead, hand.habits)
    first = lead + lines[0] if lead else escape_line(lines[0])
    cast = hand.cast if hand.habits.indent else None
    return "\n".join((first, *(hand.habits.indent + escape_line(line, cast) for line in lines[1:])))


def _lines(words: Sequence[str], lead: str, habits: Habits) -> list[str]:
    """The words in lines; the lead and the indentation count."""
    if habits.column is None:
        return [" ".join(words)]
    lines, taken = [words[0]], width(lead + words[0])
    for word in words[1:]:
        taken += 1 + width(word)
        if taken <= habits.column:
            lines[-1] += " " + word
        else:
            lines.append(word)
            taken = len(habits.indent) + width(word)
    return lines


def _prefixed(text: str, prefix: str) -> str:
    """The text behind a list mark, or with each of its lines quoted."""
    if ">" not in prefix:
        return prefix + text
    return "\n".join((prefix + line).rstrip() for line in text.split("\n"))
