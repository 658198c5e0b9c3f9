"""What is said next at a place of the text, in the file's own style: the grey text behind the caret.

It is what was heard after the words before the caret, up to the next words that are typed and found. Where the person
typed other words than were heard, it goes on behind as many heard words.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pipeline.desk.settle import Heard
from pipeline.desk.turn_commands import breaks_before, breaks_behind
from pipeline.matching.drafting.disfluency import punctuate_turn
from pipeline.matching.drafting.draft_turns import readable_turns
from pipeline.matching.drafting.paragraphs import paragraph_starts
from pipeline.matching.drafting.spelling import Spelling, respell
from pipeline.reading.labels.forms import label_at
from pipeline.reading.labels.names import label_meanings
from pipeline.reading.markup.whitespace import line_end, line_start
from pipeline.reading.structure.file_style import FileStyle
from pipeline.reading.words.sentence_end import has_sentence_stop
from pipeline.reading.words.word_breaks import join_words
from pipeline.schema import Chars, HeardWord, Pairing, Result
from pipeline.times import Ms
from pipeline.writing.escaping import escape
from pipeline.writing.line_breaks import display_width
from pipeline.writing.turn_lines import TurnStyle, turn_style

MOST_WORDS = 120
MOST_TURNS = 2
"""The longest suggestion: more than anybody takes with one key."""

MOST_HEARD_WORDS = 180
"""The heard words that it is made of; fillers among them are left out."""

CONTEXT_WORDS = 12
"""Words before the caret that say with it who speaks: a voice's turn often begins a word late. A sentence or so."""

MOST_UNFOUND_WORDS = 40
"""Behind more typed words that were not found, it is not known where in the audio the caret is. Chosen by hand."""

MOST_SKIPPED_TURNS = 2
"""A label may be typed while another speaker's last words are still to come: so many turns are passed over."""

EndOf = Literal["word", "sentence", "turn"]


@dataclass(frozen=True, slots=True)
class Piece:
    """One word of a suggestion, with what separates it from the text before it.

    Attributes:
        text: with its leading space, line break or label; line breaks are LF.
        behind: line breaks that are written behind the caret with it, so that a new turn is apart from what follows.
        start: when it is said.
        end: until when.
        end_of: what ends with it.
    """

    text: str
    start: Ms
    end: Ms
    end_of: EndOf
    behind: str = ""


def suggest(result: Result, heard: Heard, at: int, style: FileStyle, spelling: Spelling) -> tuple[Piece, ...]:
    """Return what is said next at a place of the source; empty if that is not known, or nothing is.

    Args:
        result: of the text as it is now.
        heard: what was heard, of which the result is.
        at: the caret, an offset of the source.
        style: of the file.
        spelling: of the human's terms.
    """
    place = _place(result, at)
    if place is None:
        return ()
    caret = _Caret(result, at, place)
    words = result.hearing.words
    if place.next >= place.until or not heard.covers(place.after, words[place.next].span.start):
        return ()
    until = _end_of_heard(result, heard, place.next, min(place.until, place.next + MOST_HEARD_WORDS))
    turns = _turns(result, place.next, until)
    is_cut = until < len(words) or not heard.complete
    return tuple(_Writer(caret, style, spelling).pieces(turns, is_cut=is_cut))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the hearing a caret is.

    Attributes:
        next: the heard word that comes next.
        until: the first heard word that is typed behind the caret.
        after: when the last found word before it ends.
        begun: the part of the next word that is typed already.
    """

    next: int
    until: int
    after: Ms
    begun: str = ""


def _place(result: Result, at: int) -> _Place | None:
    words, pairings = result.transcript.words, result.alignment.pairings
    k = bisect_right(words, at, key=lambda word: word.chars.end)
    if (k < len(words) and words[k].chars.start < at) or _is_hidden(result, at):
        return None
    left = bisect_right(pairings, k, key=lambda one: one.written.end)
    before = next((one for one in reversed(pairings[max(0, left - 400) : left]) if one.score > 0), None)
    right = bisect_left(pairings, k, key=lambda one: one.written.start)
    after = next((one for one in pairings[right : right + 400] if one.score > 0), None)
    found_to, start = (before.written.end, before.heard.end) if before else (0, 0)
    until = after.heard.start if after else len(result.hearing.words)
    unfound = [n for n in range(found_to, k) if words[n].kind == "spoken" and words[n].keys]
    if len(unfound) > MOST_UNFOUND_WORDS:
        return None
    following = min(until, start + len(unfound))
    end = result.hearing.words[start - 1].span.end if start else 0
    is_begun = k > 0 and words[k - 1].chars.end == at and words[k - 1].shown[-1:].isalnum()
    begun = _begun(result, k - 1, before, following) if is_begun else None
    return _Place(begun, until, end, words[k - 1].shown) if begun is not None else _Place(following, until, end)


def _end_of_heard(result: Result, heard: Heard, start: int, end: int) -> int:
    """Return the end of the heard words between which all was listened to."""
    words = result.hearing.words
    gaps = (n for n in range(start + 1, end) if not heard.covers(words[n - 1].span.end, words[n].span.start))
    return next(gaps, end)


def _turns(result: Result, start: int, end: int) -> list[tuple[str | None, list[HeardWord]]]:
    """Return heard words as turns; whose words the first ones are is decided with those before them."""
    words = result.hearing.words
    with_context = words[max(0, start - CONTEXT_WORDS) : end]
    turns = readable_turns(with_context, result.named_turns, result.hearing.language)
    at = words[start].span.start
    own = ((speaker, [word for word in spoken if word.span.start >= at]) for speaker, spoken in turns)
    return [(speaker, spoken) for speaker, spoken in own if spoken]


def _is_hidden(result: Result, at: int) -> bool:
    return any(note.chars.start < at < note.chars.end for note in result.transcript.notes)


def _begun(result: Result, k: int, before: Pairing | None, following: int) -> int | None:
    """Return the heard word of which the typed word before the caret is the beginning; None if it is whole."""
    typed = result.transcript.words[k].shown.casefold()
    is_found = before is not None and before.written.end == k + 1
    at = before.heard.start if before is not None and is_found else following - 1
    if not 0 <= at < len(result.hearing.words):
        return None
    said = result.hearing.words[at].text.strip().casefold().rstrip(".,;:!?…")
    return at if said.startswith(typed) and len(said) > len(typed) else None


class _Caret:
    """What the text before and behind a caret decides."""

    def __init__(self, result: Result, at: int, place: _Place) -> None:
        self.result, self.at, self.place = result, at, place
        transcript, source = result.transcript, result.transcript.source
        k = bisect_right(transcript.words, at, key=lambda word: word.chars.end)
        last = transcript.words[k - 1] if k else None
        line = line_start(source, at)
        label = label_at(source, Chars(line, at)) if line < at else None
        self.has_label = label is not None and (last is None or last.chars.end <= label.chars.start)
        between = source[last.chars.end : at] if last else source[:at]
        self.begins_line = not source[line:at].strip()
        self.begins_paragraph = self.begins_line and (last is None or between.count("\n") + between.count("\r") > 1)
        meanings = label_meanings(transcript)
        named = label.speaker if label is not None and self.has_label else None
        typed = named or (transcript.utterances[last.utterance].speaker if last else None)
        self.speaker = meanings[typed].name if typed is not None and typed in meanings else typed
        self.has_turn = last is not None or self.has_label
        self.before = source[line:at]
        self.begins_sentence = self.has_label or last is None or has_sentence_stop(last.shown)
        self.is_alone = self.begins_line and not source[at : line_end(source, at)].strip()
        self.is_before_text = bool(source[at : at + 1].strip()) and not source[at - 1 : at].strip()


class _Writer:
    """Writes turns as pieces that go on where the caret is."""

    def __init__(self, caret: _Caret, style: FileStyle, spelling: Spelling) -> None:
        self._caret, self._style, self._spelling = caret, style, spelling
        self._turn_style: TurnStyle = turn_style(caret.result.transcript, style, (), times=style.has_times)
        self._column = display_width(caret.before)
        self._last = caret.before[-1:]

    def pieces(self, turns: Sequence[tuple[str | None, list[HeardWord]]], *, is_cut: bool) -> Iterator[Piece]:
        """Yield the pieces of the turns; the last turn may go on behind them if they are cut."""
        caret = self._caret
        if caret.has_label:
            own = next((n for n, turn in enumerate(turns[: MOST_SKIPPED_TURNS + 1]) if turn[0] == caret.speaker), 0)
            turns = turns[own:]
        left = MOST_WORDS
        shown = turns[:MOST_TURNS]
        for number, (speaker, heard) in enumerate(shown):
            is_last = number == len(turns) - 1
            words = self._written(heard, begins=number > 0 or caret.begins_sentence, ends=not (is_last and is_cut))
            heads = self._heads(number, speaker)
            pieces = list(self._turn(words[:left], speaker, heads=heads, number=number))
            if len(words) <= left and not (is_last and is_cut) and pieces:
                pieces[-1] = replace(pieces[-1], end_of="turn")
            yield from pieces
            left -= len(words)
            if left <= 0:
                return

    def _heads(self, number: int, speaker: str | None) -> bool:
        """Return whether a turn begins with a label: at the caret only if another person goes on."""
        if number:
            return True
        caret = self._caret
        is_other = speaker is not None and caret.speaker is not None and speaker != caret.speaker
        return not caret.has_label and (is_other or (speaker is not None and not caret.has_turn))

    def _written(self, heard: Sequence[HeardWord], *, begins: bool, ends: bool) -> list[HeardWord]:
        """Return the words as sentences; where they go on with a sentence of the text, it is not begun again."""
        punctuated = list(punctuate_turn(heard))
        if not begins:
            punctuated[0] = replace(punctuated[0], text=heard[0].text[:1] + punctuated[0].text[1:])
        if not ends:
            punctuated[-1] = replace(punctuated[-1], text=heard[-1].text)
        return list(respell(punctuated, self._spelling))

    def _turn(self, words: Sequence[HeardWord], speaker: str | None, *, heads: bool, number: int) -> Iterator[Piece]:
        breaks = set(paragraph_starts(words)[1:])
        for n, word in enumerate(words):
            text = escape(word.text)
            lead = "\n\n" if n in breaks else self._separator(text)
            if number == n == 0 and not self._caret.has_turn:
                lead = self._below_title()
            if n == 0 and heads:
                lead = self._between(number) + self._head(speaker, word.span.start)
            if number == n == 0 and self._caret.place.begun:
                lead, text = "", text[len(self._caret.place.begun) :]
            piece = lead + text
            self._column = display_width(piece.rpartition("\n")[2]) + (0 if "\n" in piece else self._column)
            self._last = text[-1:]
            if self._caret.is_before_text:
                piece = piece.removeprefix(" ") + " "
            end_of: EndOf = "sentence" if has_sentence_stop(word.text) else "word"
            behind = self._behind() if number == n == 0 else ""
            yield Piece(piece, word.span.start, word.span.end, end_of, behind)

    def _separator(self, text: str) -> str:
        gap = join_words((self._last, text))[len(self._last) : -len(text)] if self._last.strip() else ""
        column = self._style.column
        if gap and column is not None and self._column + 1 + display_width(text) > column:
            return "\n" + self._style.indent
        return gap

    def _below_title(self) -> str:
        """Return the line breaks that the first turn needs before it."""
        caret = self._caret
        if not caret.is_alone:
            return ""
        return "\n" * breaks_before(caret.result.transcript.source, caret.at - len(caret.before), self._style)

    def _behind(self) -> str:
        caret = self._caret
        if not caret.is_alone:
            return ""
        return "\n" * breaks_behind(caret.result.transcript.source, caret.at, self._style)

    def _head(self, speaker: str | None, at: Ms) -> str:
        if not self._turn_style.labels:
            return ""
        label, gap = self._turn_style.head(speaker, at)
        return self._style.prefix + label + gap

    def _between(self, number: int) -> str:
        """Return the line breaks that separate a new turn from the text before it."""
        has = 0
        if number == 0:
            if not self._caret.has_turn:
                return self._below_title()
            has = 2 if self._caret.begins_paragraph else int(self._caret.begins_line)
        return "\n" * max(0, 1 + self._style.blank_lines - has)
