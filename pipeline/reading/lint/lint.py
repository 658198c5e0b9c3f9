"""Find what looks wrong in a transcript, with its line: mistakes that a typist can fix before any listening.

Only what is probably a mistake is reported; what people type in various ways on purpose is not.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import regex

from pipeline.reading.labels.forms import KnownSpeakers, find_known_speakers, find_labels
from pipeline.reading.labels.names import find_misspellings, find_names_off_panel, nearest_name
from pipeline.reading.lint.lint_issue import IssueKind, SourceIssue
from pipeline.reading.lint.near_labels import find_label_issues
from pipeline.reading.lint.unclosed_markup import find_unclosed_blocks, find_unclosed_marks
from pipeline.reading.markup.hidden_text import MaskedSource, mask_hidden_text
from pipeline.reading.markup.inline import rendered_text
from pipeline.reading.structure.blocks import Block, reference_names, split_blocks
from pipeline.reading.structure.outline import read_outline
from pipeline.schema import Chars, Claim, Transcript
from pipeline.times import Ms, format_clock

UNDERSTOOD: frozenset[IssueKind] = frozenset(
    ("unused-panel-name", "double-colon", "several-notes", "note-in-the-middle", "mixed-line-endings")
)
"""The kinds that need no change: the program does what is meant."""

_MAX_TEXT = 40  # characters of the source in an issue
_LINE_END = regex.compile(r"\r\n|\r|\n")
_NOTE_WORD = r"(?:continue|resume|carry\s++on|go\s++on|pick\s++up|left\s++off|stopped)"
_UNREADABLE_TIME = r"(?<![0-9.:])[0-9]{1,3}\s?[.,;h'm]\s?[0-9]{2}(?![0-9.])"
_NOTE_LIKE = regex.compile(
    rf"<!--\s*+(?:(?:todo|wip|note)\b[\s:,-]*+)?+(?:please\s++)?+{_NOTE_WORD}\b[^<>]{{0,60}}-->"
    rf"|<!--\s*+(?:todo|wip)\b[\s:,-]*+(?:(?:at|from)\s++)?+{_UNREADABLE_TIME}[\s.!]*+-->",
    regex.IGNORECASE,
)
_VISIBLE_NOTE = regex.compile(
    rf"[\[(*_]*+(?:todo[\s:]*+)?+(?:continue|resume)\s++(?:at|from)\s++[0-9][0-9.:h]*+[\s.!…]*+[\])*_]*+$"
    rf"|TODO[\s:]*+(?:(?:at|from)\s++)?+{_UNREADABLE_TIME}[.!]*+$",
    regex.IGNORECASE,
)
_MAY_BE_NOTE = regex.compile(r"continue|resume|todo", regex.IGNORECASE)
_ODD_HEADING = regex.compile(rf"{_UNREADABLE_TIME}[.!:]?$")
_WRITE_NOTE = "write it as <!-- Continue at 9:30! -->"


@dataclass(frozen=True, slots=True)
class LintIssue:
    """One thing that looks wrong.

    Attributes:
        line: in the file, counted from 1; so is ``column``, in characters.
        message: what is wrong and how it is read, as one plain sentence.
        text: the source at this place, shortened, on one line.
    """

    kind: IssueKind
    line: int
    column: int
    message: str
    text: str

    @property
    def understood(self) -> bool:
        """Whether nothing has to be changed (see ``UNDERSTOOD``)."""
        return self.kind in UNDERSTOOD


def find_issues(transcript: Transcript) -> tuple[LintIssue, ...]:
    """List what looks wrong in a transcript, by line. Any text can be checked, in time linear in its length."""
    masked = mask_hidden_text(transcript.source)
    blocks = split_blocks(masked.text)
    speech = [part for part in read_outline(masked, blocks).flow if isinstance(part, Block)]
    known = find_known_speakers(
        masked.text, [line.chars for block in speech for line in block.lines if not line.indented], transcript.panel
    )
    issues = [
        *find_label_issues(masked.text, speech, known, transcript),
        *_name_issues(transcript),
        *_time_issues(transcript),
        *_note_issues(transcript),
        *_unread_notes(masked, speech, transcript),
        *find_unclosed_blocks(masked),
        *_line_endings(transcript.source),
    ]
    starts = {issue.chars.start for issue in issues}
    issues += [issue for issue in _unclosed_marks(masked, blocks, known) if issue.chars.start not in starts]
    lines = LineIndex(transcript.source)
    once = {(issue.kind, issue.chars.start): issue for issue in issues}
    return tuple(_issue_with_line(once[key], lines) for key in sorted(once, key=lambda key: (key[1], key[0])))


class LineIndex:
    """The lines of a source: the line of an offset, and the column within it."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._starts = [0, *(found.end() for found in _LINE_END.finditer(source))]

    def line(self, at: int) -> int:
        """Return the line of an offset, counted from 1."""
        return bisect_right(self._starts, at)

    def column(self, at: int) -> int:
        """Return the column of an offset in its line, in characters from 1; a byte order mark is not counted."""
        start = self._starts[self.line(at) - 1]
        return at - max(start, self.source.startswith("\ufeff")) + 1


def _issue_with_line(issue: SourceIssue, lines: LineIndex) -> LintIssue:
    text = " ".join(lines.source[issue.chars.start : min(issue.chars.end, issue.chars.start + 4 * _MAX_TEXT)].split())
    short = text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1].rstrip() + "…"
    at = issue.chars.start
    return LintIssue(issue.kind, lines.line(at), max(1, lines.column(at)), issue.message, short)


def _name_issues(transcript: Transcript) -> Iterator[SourceIssue]:
    for variant in find_names_off_panel(transcript):
        chars = _label(transcript, variant.utterance)
        if variant.nearest:
            message = f"“{variant.label}” is not on the panel; {variant.nearest} is ({_turns(variant.uses)})"
            yield SourceIssue("name-variant", chars, message)
        else:
            yield SourceIssue("unknown-name", chars, f"“{variant.label}” is not on the panel ({_turns(variant.uses)})")
    for variant in find_misspellings(transcript):
        message = f"“{variant.label}” ({_turns(variant.uses)}) is probably {variant.nearest}"
        yield SourceIssue("name-variant", _label(transcript, variant.utterance), message)
    yield from _unused_panel_names(transcript)


def _label(transcript: Transcript, utterance: int) -> Chars:
    return transcript.utterances[utterance].label or transcript.utterances[utterance].chars


def _unused_panel_names(transcript: Transcript) -> Iterator[SourceIssue]:
    """Yield the panel's names without a turn, if the typing is complete: otherwise turns may still come."""
    speakers = {one.speaker for one in transcript.utterances if one.label and one.speaker}
    if transcript.notes or not speakers:
        return
    meant = {name.casefold() for name in speakers} | {
        nearest.casefold() for name in speakers if (nearest := nearest_name(name, transcript.panel))
    }
    for name in transcript.panel:
        at = transcript.source.find(name)
        if name.casefold() not in meant and at >= 0:
            yield SourceIssue("unused-panel-name", Chars(at, at + len(name)), f"{name} is on the panel and has no turn")


# --- times -------------------------------------------------------------------------------------------------------


def _time_issues(transcript: Transcript) -> Iterator[SourceIssue]:
    """Yield the typed times that contradict the others, adjacent ones as one issue."""
    claims = transcript.claims
    in_order = _longest_nondecreasing([claim.at for claim in claims])
    lines = LineIndex(transcript.source)
    for before, after in pairwise((-1, *in_order, len(claims))):
        wrong = claims[before + 1 : after]
        if wrong:
            past = claims[before] if before >= 0 and wrong[0].at < claims[before].at else None
            other = past or claims[min(after, len(claims) - 1)]
            which = f"is earlier than {_clock(other)} before it" if past else f"is later than {_clock(other)} after it"
            more = f", and {len(wrong) - 1} more after it do not fit either" if len(wrong) > 1 else ""
            message = f"{_clock(wrong[0])} {which}, in line {lines.line(other.chars.start)}{more}"
            yield SourceIssue("times-out-of-order", wrong[0].chars, message)


def _clock(claim: Claim) -> str:
    return format_clock(claim.at)


def _longest_nondecreasing(times: Sequence[Ms]) -> list[int]:
    """Return the indices of a longest subsequence that never falls (patience sorting, O(n log n))."""
    tails: list[Ms] = []
    last: list[int] = []
    before: list[int] = []
    for i, time in enumerate(times):
        pile = bisect_right(tails, time)
        before.append(last[pile - 1] if pile else -1)
        tails[pile : pile + 1] = [time]
        last[pile : pile + 1] = [i]
    indices = []
    i = last[-1] if last else -1
    while i >= 0:
        indices.append(i)
        i = before[i]
    return indices[::-1]


# --- notes -------------------------------------------------------------------------------------------------------


def _note_issues(transcript: Transcript) -> Iterator[SourceIssue]:
    if not transcript.notes:
        return
    *others, last = transcript.notes
    lines = LineIndex(transcript.source)
    for note in others:
        line = lines.line(last.chars.start)
        message = f"one of several notes; the last, in line {line}, is kept up to date, this one stays"
        yield SourceIssue("several-notes", note.chars, message)
    below = sum(one.chars.start >= last.chars.end for one in transcript.utterances)
    if below:
        message = f"{_turns(below)} below this note; cuemark moves it below them, unless it marks a hole before them"
        yield SourceIssue("note-in-the-middle", last.chars, message)
    later = [claim for claim in transcript.claims if claim.chars.end <= last.chars.start and claim.at > last.at]
    if later:
        line = lines.line(later[-1].chars.start)
        message = f"the note says {format_clock(last.at)}, but {_clock(later[-1])} is above it in line {line}"
        yield SourceIssue("times-out-of-order", last.chars, message)


def _unread_notes(masked: MaskedSource, speech: Sequence[Block], transcript: Transcript) -> Iterator[SourceIssue]:
    """Yield what looks like a note that says where to continue, and is not read as one."""
    read_notes = {note.chars for note in transcript.notes}
    for comment in masked.comments:
        if comment not in read_notes and _NOTE_LIKE.match(masked.source, comment.start, comment.end):
            yield SourceIssue(
                "note-unreadable", comment, f"looks like a note, but has no time like 9:30; {_WRITE_NOTE}"
            )
    for block in speech:
        first = block.lines[0].chars
        if _MAY_BE_NOTE.search(masked.text, first.start, first.end) and _VISIBLE_NOTE.match(
            rendered_text(masked.text, [first])
        ):
            yield SourceIssue(
                "note-unreadable", block.chars, f"looks like a note, but is read as speech; {_WRITE_NOTE}"
            )
    for section in transcript.sections:
        if _ODD_HEADING.match(section.title):
            message = f"looks like a time, but is read as a section's title; {_WRITE_NOTE}"
            yield SourceIssue("note-unreadable", section.chars, message)


# --- the text itself ---------------------------------------------------------------------------------------------


def _unclosed_marks(masked: MaskedSource, blocks: Sequence[Block], known: KnownSpeakers) -> Iterator[SourceIssue]:
    references = reference_names(masked.text, tuple(blocks))
    for block in blocks:
        pieces = list[Chars]()
        for line in block.lines:
            at = line.chars.start
            for label in find_labels(masked.text, line.chars, known, indented=line.indented):
                yield from find_unclosed_marks(masked.text, [*pieces, Chars(at, label.start)], references)
                pieces, at = [], label.end
            pieces.append(Chars(at, line.chars.end))
        yield from find_unclosed_marks(masked.text, pieces, references)


def _line_endings(source: str) -> Iterator[SourceIssue]:
    """Yield an issue if there are several kinds of line endings, at the first of the rarest kind."""
    found: dict[str, list[Chars]] = {}
    for ending in _LINE_END.finditer(source):
        found.setdefault(ending[0], []).append(Chars(*ending.span()))
    if len(found) > 1:
        names = {"\r\n": "CRLF", "\n": "LF", "\r": "CR"}
        ranked = sorted(found, key=lambda ending: len(found[ending]))
        counts = ", ".join(f"{len(found[ending])} with {names[ending]}" for ending in reversed(ranked))
        yield SourceIssue(
            "mixed-line-endings", found[ranked[0]][0], f"lines end in different ways: {counts}; all are kept"
        )


def _turns(number: int) -> str:
    return f"{number} turn{'' if number == 1 else 's'}"
