"""Write a draft of the rest of the episode into the human's own document, which otherwise stays as it is.

The draft takes the place of the note, below a comment that shows where the human's work ends::

    **Ann Lee**: So that is the end of what I typed.

    <!-- Drafted by cuemark from 9:31 -->

    **Bo Ek**: And this is what Whisper heard.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from pipeline.matching.continue_note import new_note_text, note_edits
from pipeline.options import option
from pipeline.reading.edits import apply
from pipeline.reading.markup.hidden_text import HIDDEN, mask_hidden_text
from pipeline.reading.markup.whitespace import BLANK, LINE_ENDS, line_end, line_start, split_lines
from pipeline.reading.structure.blocks import split_blocks
from pipeline.reading.structure.draft_comments import END_OF_DRAFT, draft_comment, find_draft_comments
from pipeline.reading.structure.file_style import read_file_style
from pipeline.schema import Chars, Continue, DraftTurn, Edit, Note, Result, Transcript
from pipeline.times import Ms, clock_style, without_decimals
from pipeline.writing.chapters.contents_times import contents_edits
from pipeline.writing.escaping import escape
from pipeline.writing.markdown import MarkdownOptions, time_edits
from pipeline.writing.turn_lines import TurnStyle, turn_style, write_turns


@dataclass(frozen=True, slots=True)
class FinishOptions:
    """What is written into a transcript that is finished."""

    times: bool = option(
        default=False, meaning="Write a time before each speaker's name, even if the transcript has none so far."
    )


def finished_edits(
    result: Result, draft: Sequence[DraftTurn], options: FinishOptions, *, toc_times: bool = False
) -> tuple[Edit, ...]:
    """Return the edits that write a draft into the transcript, in order of their place.

    What the human wrote stays, except the note and the unintelligible marks that the draft fills. If nothing was
    drafted, the note of a complete transcript is removed, as by ``align``. If the file has times or the options ask
    for them, the human's and the drafted turns get times. Finishing a finished transcript changes nothing.

    Args:
        draft: of this result (``matching.drafting.draft_turns.draft``).
        toc_times: whether times are written into the document's own table of contents, too.
    """
    file_style = read_file_style(result.transcript)
    times = options.times or file_style.has_times
    style = turn_style(result.transcript, file_style, draft, times=times)
    editor = TranscriptEditor(result, file_style.ending, style)
    rest = [turn for turn in draft if turn.fills is None]
    holes = groupby((turn for turn in draft if turn.fills is not None), key=lambda turn: turn.fills)
    edits = [
        *(edit for fills, turns in holes if fills is not None for edit in editor.fill(fills, list(turns))),
        *editor.finish(rest),
        *editor.note(draft),
        *time_edits(result, MarkdownOptions(times=times)),
        *(contents_edits(result, fix=False) if toc_times else ()),
    ]
    return tuple(sorted(edits, key=lambda edit: edit.chars))


def render_finished(
    result: Result, draft: Sequence[DraftTurn], options: FinishOptions, *, toc_times: bool = False
) -> str:
    """Return the transcript with ``finished_edits`` applied."""
    return apply(result.transcript.source, finished_edits(result, draft, options, toc_times=toc_times))


class TranscriptEditor:
    """Places drafted turns in one document, with the blank lines and comments around them."""

    def __init__(self, result: Result, ending: str, style: TurnStyle, *, comments: bool = True) -> None:
        """Prepare to edit the transcript of a result.

        Args:
            result: of the transcript.
            ending: its line ending.
            style: of the drafted turns.
            comments: whether comments show where the draft begins and ends; not where a person takes it as their own.
        """
        self._comments = comments
        self._result = result
        self._transcript: Transcript = result.transcript
        self._source = result.transcript.source
        self._masked = mask_hidden_text(self._source).text
        self._ending = ending
        self._style = style

    # --- the rest ------------------------------------------------------------------------------------------------

    def finish(self, turns: Sequence[DraftTurn]) -> Iterator[Edit]:
        """Yield the edits that put the rest in the place of the note, or else after the written text."""
        if not turns:
            return
        note, comment = self._last_note(), self._lone_comment()
        if comment is not None and note is None:
            text = write_turns(turns, self._style) + self._note_below(turns)
            yield Edit(comment, 2 * self._ending + text + self._blank_line(comment.end))
            return
        text = self._below_comment(self._end_of_typing(), turns) + self._note_below(turns)
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
        """Return the edits of the note if no rest replaces it: it is removed from a complete transcript, else stays."""
        point, filled = self._result.continue_point, {turn.fills for turn in draft}
        if point.hole_note is not None:
            is_filled = self._transcript.notes[point.hole_note].chars in filled
            return () if is_filled else note_edits(self._transcript, point)
        return note_edits(self._transcript, point) if point.complete and None not in filled else ()

    def _note_below(self, turns: Sequence[DraftTurn]) -> str:
        """Return the note below a draft that ends where an incomplete download does; the rest is still to be typed."""
        if not self._result.audio.is_cut_off:
            return ""
        note = new_note_text(self._transcript, Continue(turns[-1].span.end, complete=False))
        return 2 * self._ending + (note or "")

    def _last_note(self) -> Note | None:
        notes = self._transcript.notes
        return notes[-1] if notes and self._result.continue_point.hole_note is None else None

    def _lone_comment(self) -> Chars | None:
        """Return the place after the comment of an earlier draft of which nothing is left, to write below it."""
        last = find_draft_comments(self._source)[-1:]
        end_of_speech = max((one.chars.end for one in self._transcript.utterances), default=0)
        return next(
            (Chars(one.end, one.end) for one in last if one.start >= end_of_speech and self._stands_alone(one)), None
        )

    def _is_last(self, note: Note) -> bool:
        return all(one.chars.end <= note.chars.start for one in self._transcript.utterances)

    def _stands_alone(self, chars: Chars) -> bool:
        before = self._source[line_start(self._source, chars.start) : chars.start]
        return not before.strip(BLANK) and not self._source[chars.end : line_end(self._source, chars.end)].strip()

    def _end_of_typing(self) -> Ms:
        spans = [timed.span for timed in self._result.utterances if timed.span is not None]
        return spans[-1].end if spans else 0

    def _end(self) -> int:
        """Return the end of the last utterance if lists of links and the like follow it, else the end of the file."""
        if not self._transcript.utterances:
            return len(self._source)
        end = self._transcript.utterances[-1].chars.end
        kinds = [block.kind for block in split_blocks(self._masked) if block.chars.start >= end]
        after_heading = kinds[kinds.index("heading") + 1 :] if "heading" in kinds else []
        has_links = "definition" in kinds or any(kind not in ("heading", "rule") for kind in after_heading)
        return self._line_end(end) if has_links else len(self._source)

    def _append(self, text: str) -> Edit:
        """Return an edit that appends a blank line, the text, and the file's own final line endings again."""
        body = self._source.rstrip(LINE_ENDS)
        final = self._source[len(body) :]
        missing = max(0, 2 - final.count(self._ending)) if body.strip("\ufeff") else 0
        end = len(self._source)
        return Edit(Chars(end, end), missing * self._ending + text + (final or self._ending * (not body)))

    # --- holes ---------------------------------------------------------------------------------------------------

    def fill(self, chars: Chars, turns: Sequence[DraftTurn]) -> Iterator[Edit]:
        """Yield the edits that put turns into a hole, or words in the place of a mark."""
        if chars.start < chars.end and all(note.chars != chars for note in self._transcript.notes):
            yield Edit(chars, escape(turns[0].text))
            return
        text = self._below_comment(turns[0].span.start, turns)
        text += 2 * self._ending + END_OF_DRAFT if self._comments else ""
        if chars.start < chars.end:
            yield from self._in_place_of_note(chars, text)
            return
        split_turn = next((u for u in self._transcript.utterances if u.chars.start < chars.start < u.chars.end), None)
        is_before_turn = any(u.chars.start == chars.start for u in self._transcript.utterances)
        if split_turn is not None:
            resumes_at = max(turns[-1].span.end, self._start_of_word(chars.start))
            head = "".join(self._style.head(split_turn.speaker, resumes_at)).replace("\n", self._ending)
            yield Edit(chars, self._blank_line_before(chars.start) + text + 2 * self._ending + head)
        elif is_before_turn:
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
        return next((time.span.start for word, time in words if word.start >= at and time.span), 0)

    # --- the text around a draft --------------------------------------------------------------------------------------

    def _below_comment(self, at: Ms, turns: Sequence[DraftTurn]) -> str:
        if not self._comments:
            return write_turns(turns, self._style)
        note = self._transcript.notes[-1] if self._transcript.notes else None
        typed = self._source[note.clock.start : note.clock.end] if note else None
        clock = clock_style(typed) if typed else self._transcript.notation.clock
        return draft_comment(at, without_decimals(clock)) + 2 * self._ending + write_turns(turns, self._style)

    def _line_end(self, at: int) -> int:
        """Return the end of the line, or of the hidden text that continues over it."""
        at = line_end(self._source, at)
        while self._masked[at : at + 1] == HIDDEN:
            at = line_end(self._source, at + 1)
        return at

    def _blank_line(self, at: int) -> str:
        """Return the line endings that are missing for a blank line between a place and the text below it."""
        rest = self._source[at:]
        text = rest.lstrip(" \t" + LINE_ENDS)
        endings = len(split_lines(rest[: len(rest) - len(text)])) - 1
        return max(0, 2 - endings) * self._ending if text else ""

    def _blank_line_before(self, at: int) -> str:
        before = self._source[:at].rstrip(" \t")
        endings = len(split_lines(before[len(before.rstrip(LINE_ENDS)) :])) - 1
        return "" if endings >= 2 else 2 * self._ending
