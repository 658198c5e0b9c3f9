"""Find what looks wrong in a transcript, with its line: mistakes that a typist can fix before any listening.

Only what is probably a mistake is reported; what people type in various ways on purpose is not.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import regex

from pipeline.reading.labels.forms import label_at
from pipeline.reading.labels.grammar import LabelGrammar, find_labels
from pipeline.reading.labels.label_times import leading_time
from pipeline.reading.labels.names import NameVariant, find_misspellings, find_names_off_panel, label_meanings
from pipeline.reading.labels.notation_evidence import LineStart
from pipeline.reading.lint.lint_issue import IssueKind, SourceIssue
from pipeline.reading.lint.near_labels import find_label_issues
from pipeline.reading.lint.unclosed_markup import (
    find_unclosed_blocks,
    find_unclosed_brackets,
    find_unclosed_marks,
)
from pipeline.reading.markup.clock_parts import clock_restarts
from pipeline.reading.markup.hidden_text import HIDDEN, MaskedSource, mask_hidden_text
from pipeline.reading.markup.inline import rendered_text
from pipeline.reading.markup.whitespace import LINE_ENDING, LineIndex
from pipeline.reading.structure.blocks import Block, reference_names, split_blocks
from pipeline.reading.structure.outline import line_starts, read_file_grammar, read_outline
from pipeline.schema import Chars, Claim, Transcript
from pipeline.times import Ms, format_clock

UNDERSTOOD: frozenset[IssueKind] = frozenset(
    (
        "unused-panel-name", "double-colon", "several-notes", "note-in-the-middle", "mixed-line-endings",
        "leading-times",
    )
)  # fmt: skip
"""The kinds that need no change: the program does what is meant."""

_FENCED = regex.compile(rf"{HIDDEN}++")
_FENCE = regex.compile(r"[ ]{0,3}(?:`{3}|~{3})")
_MAX_TEXT = 40  # characters of the source in an issue
_LINE_END = regex.compile(LINE_ENDING)
_BLANK_LINE = regex.compile(r"\n[ \t>]*+\r?\n")
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
    outline = read_outline(masked, blocks)
    grammar = read_file_grammar(masked, outline)
    speech = [part for part in outline.flow if isinstance(part, Block)]
    issues = [
        *find_label_issues(masked.text, speech, grammar, transcript),
        *_name_issues(transcript),
        *_time_issues(transcript),
        *_note_issues(transcript),
        *_unread_notes(masked, speech, transcript),
        *find_unclosed_blocks(masked),
        *_line_endings(transcript.source),
        *_missing_labels(masked, speech, transcript),
        *_leading_times(masked.text, speech, grammar),
    ]
    starts = {issue.chars.start for issue in issues}
    issues += [issue for issue in _unclosed_marks(masked, blocks, grammar) if issue.chars.start not in starts]
    lines = LineIndex(transcript.source)
    once = {(issue.kind, issue.chars.start): issue for issue in issues}
    return tuple(_counted([once[key] for key in sorted(once, key=lambda key: (key[1], key[0]))], lines))


def _counted(issues: Sequence[SourceIssue], lines: LineIndex) -> Iterator[LintIssue]:
    """Yield each issue, those with the same message as one at the first of them, with their number."""
    places: dict[tuple[IssueKind, str], list[int]] = {}
    for issue in issues:
        places.setdefault((issue.kind, issue.message), []).append(lines.line(issue.chars.start))
    for issue in issues:
        first, *others = places.pop((issue.kind, issue.message), (0,))
        if first and others:
            more = f"{issue.message} ({len(others) + 1} times, the last in line {others[-1]})"
            yield _issue_with_line(SourceIssue(issue.kind, issue.chars, more), lines)
        elif first:
            yield _issue_with_line(issue, lines)


def _issue_with_line(issue: SourceIssue, lines: LineIndex) -> LintIssue:
    text = " ".join(lines.source[issue.chars.start : min(issue.chars.end, issue.chars.start + 4 * _MAX_TEXT)].split())
    short = text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1].rstrip() + "…"
    at = issue.chars.start
    return LintIssue(issue.kind, lines.line(at), max(1, lines.column(at)), issue.message, short)


def _name_issues(transcript: Transcript) -> Iterator[SourceIssue]:
    for variant in find_names_off_panel(transcript):
        kind: IssueKind = "name-variant" if variant.candidates else "unknown-name"
        message = f"“{variant.label}” is not on the panel{_who_is_meant(variant, transcript)} ({_turns(variant.uses)})"
        yield SourceIssue(kind, _label(transcript, variant.utterance), message)
    for variant in find_misspellings(transcript):
        who = f"is probably {variant.nearest}" if variant.nearest else f"may be {' or '.join(variant.candidates)}"
        message = f"“{variant.label}” ({_turns(variant.uses)}) {who}"
        yield SourceIssue("name-variant", _label(transcript, variant.utterance), message)
    yield from _unused_panel_names(transcript)


def _who_is_meant(variant: NameVariant, transcript: Transcript) -> str:
    if variant.nearest is None:
        return f"; it may be {' or '.join(variant.candidates)}" if variant.candidates else ""
    return f"; {variant.nearest} is" if variant.nearest in transcript.panel else f"; it is probably {variant.nearest}"


def _label(transcript: Transcript, utterance: int) -> Chars:
    return transcript.utterances[utterance].label or transcript.utterances[utterance].chars


def _unused_panel_names(transcript: Transcript) -> Iterator[SourceIssue]:
    """Yield the panel's names without a turn, if the typing is complete: otherwise turns may still come."""
    speakers = {one.speaker for one in transcript.utterances if one.label and one.speaker}
    if transcript.notes or not speakers:
        return
    meanings = label_meanings(transcript)
    meant = {name for label in speakers for name in (meanings[label].name, *meanings[label].candidates)}
    for name in transcript.panel:
        at = transcript.source.find(name)
        if name not in meant and at >= 0:
            yield SourceIssue("unused-panel-name", Chars(at, at + len(name)), f"{name} is on the panel and has no turn")


def _missing_labels(masked: MaskedSource, speech: Sequence[Block], transcript: Transcript) -> Iterator[SourceIssue]:
    """Yield an issue if no turn has a name, and one for fenced code with labels in it."""
    is_list = 2 * sum(block.kind == "item" for block in speech) > len(speech)  # notes, not what is said
    if len(transcript.utterances) > 1 and not is_list and not any(one.speaker for one in transcript.utterances):
        first = transcript.utterances[0].chars
        message = "no turn in the file has a speaker's name; write labels like **Name**: at the start of the turns"
        yield SourceIssue("no-labels", first, message)
    for hidden in _FENCED.finditer(masked.text):
        chars = Chars(*hidden.span())
        if not _FENCE.match(masked.source, chars.start):
            continue
        labels = sum(
            bool((label := label_at(masked.source, Chars(start, end))) and label.is_sure and label.name)
            for start, end in _line_ranges(masked.source, chars)
        )
        if labels > 1:
            message = f"{labels} labels are inside this code and are not read; remove the ``` around it"
            yield SourceIssue("hidden-labels", chars, message)


def _line_ranges(source: str, chars: Chars) -> Iterator[tuple[int, int]]:
    start = chars.start
    for found in _LINE_END.finditer(source, chars.start, chars.end):
        yield start, found.start()
        start = found.end()
    yield start, chars.end


def _leading_times(text: str, speech: Sequence[Block], grammar: LabelGrammar) -> Iterator[SourceIssue]:
    """Yield an issue if lines begin with times without brackets, which are read as typed times.

    A line with a label is not counted: a time before or after a label is its time in any file.
    """
    if not grammar.leading_times:
        return
    times = [
        time
        for block in speech
        for line, start in zip(block.lines, line_starts(text, block), strict=True)
        if isinstance(start, LineStart)
        and not line.indented
        and (time := leading_time(text, line.chars))
        and not find_labels(text, start, grammar)
    ]
    if times:
        lines = "1 line without a label begins" if len(times) == 1 else f"{len(times)} lines without a label begin"
        message = f"{lines} with a time, read as a typed time, not as speech"
        yield SourceIssue("leading-times", times[0].clock, message)


# --- times -------------------------------------------------------------------------------------------------------


def _time_issues(transcript: Transcript) -> Iterator[SourceIssue]:
    """Yield the typed times that contradict the others, adjacent ones as one issue."""
    lines = LineIndex(transcript.source)
    starts = [0, *clock_restarts([claim.at for claim in transcript.claims]), len(transcript.claims)]
    for start in starts[1:-1]:
        claim = transcript.claims[start]
        message = f"the times start again at {_clock(claim)}, as those of another part; cuemark aligns one recording"
        yield SourceIssue("times-start-again", claim.chars, message)
    for start, end in pairwise(starts):
        yield from _times_out_of_order(lines, transcript.claims[start:end])


ROUNDING_MS: Ms = 1_000
"""Two times that contradict each other by no more were rounded, or typed, to the second in two ways: nobody has to mend
them. Judged on a sample of findings over public archives."""


def _times_out_of_order(lines: LineIndex, claims: Sequence[Claim]) -> Iterator[SourceIssue]:
    in_order = _longest_nondecreasing([claim.at for claim in claims])
    for before, after in pairwise((-1, *in_order, len(claims))):
        least = claims[before].at - ROUNDING_MS if before >= 0 else 0
        most = claims[after].at + ROUNDING_MS if after < len(claims) else math.inf
        wrong = [claim for claim in claims[before + 1 : after] if not least <= claim.at <= most]
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


def _unclosed_marks(masked: MaskedSource, blocks: Sequence[Block], grammar: LabelGrammar) -> Iterator[SourceIssue]:
    references = reference_names(masked.text, tuple(blocks))
    for block in blocks:
        pieces = list[Chars]()
        for line, start in zip(block.lines, line_starts(masked.text, block), strict=True):
            at = line.chars.start
            labels = []
            if isinstance(start, LineStart):
                labels = find_labels(masked.text, start, grammar, indented=line.indented)
            for label in labels:
                yield from find_unclosed_marks(masked.text, [*pieces, Chars(at, label.start)], references)
                pieces, at = [], label.end
            pieces.append(Chars(at, line.chars.end))
        yield from find_unclosed_marks(masked.text, pieces, references)
    for lines in _paragraphs(masked.text, blocks):
        yield from find_unclosed_brackets(masked.text, lines, references)


def _paragraphs(text: str, blocks: Sequence[Block]) -> Iterator[list[Chars]]:
    """Yield the lines between each two blank lines: a bracket may end in a later line, item or turn of them."""
    lines: list[Chars] = []
    for block in blocks:
        for piece in block.pieces:
            if lines and _BLANK_LINE.search(text, lines[-1].end, piece.start):
                yield lines
                lines = []
            lines.append(piece)
    if lines:
        yield lines


def _line_endings(source: str) -> Iterator[SourceIssue]:
    """Yield an issue if there are several kinds of line endings, at the first of the rarest kind."""
    found: dict[str, list[Chars]] = {}
    for ending in _LINE_END.finditer(source):
        found.setdefault(ending[0], []).append(Chars(*ending.span()))
    if len(found) > 1:
        names = {"\r\n": "CRLF", "\n": "LF", "\r": "CR", "\v": "VT", "\u2028": "U+2028", "\u2029": "U+2029"}
        ranked = sorted(found, key=lambda ending: len(found[ending]))
        counts = ", ".join(f"{len(found[ending])} with {names[ending]}" for ending in reversed(ranked))
        yield SourceIssue(
            "mixed-line-endings", found[ranked[0]][0], f"lines end in different ways: {counts}; all are kept"
        )


def _turns(number: int) -> str:
    return f"{number} turn{'' if number == 1 else 's'}"
