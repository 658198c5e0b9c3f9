"""The human's own document with the rest of the episode drafted behind it: insertions, everything else as it was.

What was drafted stands where the note stood, below a comment that shows where the human's work ends::

    **Ann Lee**: So that is the end of what I typed.

    <!-- Drafted by cuemark from 9:31 -->

    **Bo Ek**: And this is what Whisper heard.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from pipeline.matching.continue_note import note_edits
from pipeline.options import option
from pipeline.reading.edits import apply
from pipeline.reading.markup.hidden_text import BLANK, HIDDEN, line_end, read_page
from pipeline.reading.structure.blocks import split
from pipeline.reading.structure.draft_comments import END_OF_DRAFT, draft_comment, find_drafts
from pipeline.reading.structure.file_style import Habits, habits_of
from pipeline.schema import Chars, Continue, DraftTurn, Edit, Note, Result, Transcript
from pipeline.times import Ms, clock_style, without_decimals
from pipeline.writing.escaping import escape
from pipeline.writing.markdown import MarkdownOptions, time_edits
from pipeline.writing.turn_lines import TurnStyle, turn_style, write_turns


@dataclass(frozen=True, slots=True)
class FinishOptions:
    """What is written into a transcript that is finished."""

    times: bool = option(
        default=False, meaning="Write a time before each speaker's name, even where the transcript has none so far."
    )


def finished_edits(result: Result, draft: Sequence[DraftTurn], options: FinishOptions) -> tuple[Edit, ...]:
    """The changes that bring a draft into the transcript, in order of their place.

    What the human wrote stays, but for the note and for unintelligible marks that the draft fills. Where nothing was
    drafted, the note of a complete transcript goes, as in ``align``. In a file that has times, or where they are asked
    for, human's and drafted turns get them. Finishing what was finished before changes nothing.

    Args:
        draft: of this result (``matching.drafting.draft_turns.draft``).
    """
    habits = habits_of(result.transcript)
    times = options.times or habits.has_times
    scribe = TranscriptEditor(result, habits, turn_style(result.transcript, habits, draft, times=times))
    rest = [turn for turn in draft if turn.fills is None]
    holes = groupby((turn for turn in draft if turn.fills is not None), key=lambda turn: turn.fills)
    edits = [
        *(edit for fills, turns in holes if fills is not None for edit in scribe.fill(fills, list(turns))),
        *scribe.finish(rest),
        *scribe.note(draft),
        *time_edits(result, MarkdownOptions(times=times)),
    ]
    return tuple(sorted(edits, key=lambda edit: edit.chars))


def render_finished(result: Result, draft: Sequence[DraftTurn], options: FinishOptions) -> str:
    """The transcript with ``finished_edits`` applied."""
    return apply(result.transcript.source, finished_edits(result, draft, options))


class TranscriptEditor:
    """Knows where drafted turns go in one document, and what has to stand around them there."""

    def __init__(self, result: Result, habits: Habits, hand: TurnStyle) -> None:
        self._result = result
        self._transcript: Transcript = result.transcript
        self._source = result.transcript.source
        self._page = read_page(self._source).text
        self._ending = habits.ending
        self._hand = hand

    # --- the rest ------------------------------------------------------------------------------------------------

    def finish(self, turns: Sequence[DraftTurn]) -> Iterator[Edit]:
        """Put the rest where the note stands, or else behind what is written."""
        if not turns:
            return
        note, comment = self._last_note(), self._lone_comment()
        if comment is not None and note is None:
            yield Edit(comment, 2 * self._ending + write_turns(turns, self._hand) + self._blank_line(comment.end))
            return
        text = self._below_comment(self._end_of_typing(), turns)
        if note is not None and self._is_last(note) and self._stands_alone(note.chars):
            yield Edit(note.chars, text + self._blank_line(note.chars.end))
            return
        if note is not None:
            yield from note_edits(self._transcript, Continue(None, complete=True))
        place = self._end()
        if place < len(self._source):
            yield Edit(Chars(place, place), 2 * self._ending + text + self._blank_line(place))
        else:
            yield self._append(text)

    def note(self, draft: Sequence[DraftTurn]) -> tuple[Edit, ...]:
        """What becomes of the note where no rest takes its place: it goes from a complete transcript, or stays."""
        point, filled = self._result.continue_point, {turn.fills for turn in draft}
        if point.hole_note is not None:
            is_filled = self._transcript.notes[point.hole_note].chars in filled
            return () if is_filled else note_edits(self._transcript, point)
        return note_edits(self._transcript, point) if point.complete and None not in filled else ()

    def _last_note(self) -> Note | None:
        notes = self._transcript.notes
        return notes[-1] if notes and self._result.continue_point.hole_note is None else None

    def _lone_comment(self) -> Chars | None:
        """The place behind a comment of an earlier draft of which nothing is left, to write below that comment."""
        last = find_drafts(self._source)[-1:]
        typed = max((one.chars.end for one in self._transcript.utterances), default=0)
        return next((Chars(one.end, one.end) for one in last if one.start >= typed and self._stands_alone(one)), None)

    def _is_last(self, note: Note) -> bool:
        return all(one.chars.end <= note.chars.start for one in self._transcript.utterances)

    def _stands_alone(self, chars: Chars) -> bool:
        before = self._source[: chars.start].replace("\r", "\n").rpartition("\n")[2]
        return (
            not before.strip(BLANK + "\ufeff")
            and not self._source[chars.end : line_end(self._source, chars.end)].strip()
        )

    def _end_of_typing(self) -> Ms:
        spans = [timed.span for timed in self._result.utterances if timed.span is not None]
        return spans[-1].end if spans else 0

    def _end(self) -> int:
        """Behind the last utterance where lists of links and the like follow it, else the end of the file."""
        if not self._transcript.utterances:
            return len(self._source)
        end = self._transcript.utterances[-1].chars.end
        kinds = [block.kind for block in split(self._page) if block.chars.start >= end]
        behind = kinds[kinds.index("heading") + 1 :] if "heading" in kinds else []
        has_links = "definition" in kinds or any(kind not in ("heading", "rule") for kind in behind)
        return self._line_end(end) if has_links else len(self._source)

    def _append(self, text: str) -> Edit:
        """At the end: a blank line, the text, and the file's own final line endings again."""
        body = self._source.rstrip("\r\n")
        final = self._source[len(body) :]
        lacking = max(0, 2 - final.count(self._ending)) if body.strip("\ufeff") else 0
        end = len(self._source)
        return Edit(Chars(end, end), lacking * self._ending + text + (final or self._ending * (not body)))

    # --- holes ---------------------------------------------------------------------------------------------------

    def fill(self, chars: Chars, turns: Sequence[DraftTurn]) -> Iterator[Edit]:
        """Put turns into a hole, or words in the place of a mark."""
        if chars.start < chars.end and all(note.chars != chars for note in self._transcript.notes):
            yield Edit(chars, escape(turns[0].text))
            return
        text = self._below_comment(turns[0].span.start, turns) + 2 * self._ending + END_OF_DRAFT
        if chars.start < chars.end:
            yield from self._in_place_of_note(chars, text)
            return
        split_turn = next((u for u in self._transcript.utterances if u.chars.start < chars.start < u.chars.end), None)
        before = any(u.chars.start == chars.start for u in self._transcript.utterances)
        if split_turn is not None:
            head = "".join(
                self._hand.head(split_turn.speaker, max(turns[-1].span.end, self._start_of_word(chars.start)))
            )
            head = head.replace("\n", self._ending)
            yield Edit(chars, self._blank_line_before(chars.start) + text + 2 * self._ending + head)
        elif before:
            yield Edit(chars, text + 2 * self._ending)
        else:
            at = self._line_end(chars.start)
            yield Edit(Chars(at, at), 2 * self._ending + text + self._blank_line(at))

    def _in_place_of_note(self, chars: Chars, text: str) -> Iterator[Edit]:
        if self._stands_alone(chars):
            yield Edit(chars, text + self._blank_line(chars.end))
            return
        yield Edit(chars, "")
        at = self._line_end(chars.end)
        yield Edit(Chars(at, at), 2 * self._ending + text + self._blank_line(at))

    def _start_of_word(self, at: int) -> Ms:
        words = zip(self._transcript.words, self._result.words, strict=True)
        return next((time.span.start for word, time in words if word.chars.start >= at and time.span), 0)

    # --- what stands around --------------------------------------------------------------------------------------

    def _below_comment(self, at: Ms, turns: Sequence[DraftTurn]) -> str:
        note = self._transcript.notes[-1] if self._transcript.notes else None
        typed = self._source[note.clock.start : note.clock.end] if note else None
        style = clock_style(typed) if typed else self._transcript.notation.clock
        return draft_comment(at, without_decimals(style)) + 2 * self._ending + write_turns(turns, self._hand)

    def _line_end(self, at: int) -> int:
        """The end of the line, and of what is hidden across line ends there."""
        at = line_end(self._source, at)
        while self._page[at : at + 1] == HIDDEN:
            at = line_end(self._source, at + 1)
        return at

    def _blank_line(self, at: int) -> str:
        """The line endings that a blank line lacks between a place and the text below it."""
        behind = self._source[at:]
        text = behind.lstrip(" \t\r\n")
        between = behind[: len(behind) - len(text)].replace("\r\n", "\n")
        endings = sum(between.count(ending) for ending in "\r\n")
        return max(0, 2 - endings) * self._ending if text else ""

    def _blank_line_before(self, at: int) -> str:
        before = self._source[:at].replace("\r\n", "\n").replace("\r", "\n")
        return "" if before.rstrip(" \t").endswith("\n\n") else 2 * self._ending
