"""What looks wrong in a transcript, with the line it is in: the slips that a typist can mend before any listening.

Only what is probably meant otherwise is told; what people type in many ways on purpose is not.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import regex

from pipeline.reading.labels.forms import Cast, find_cast, find_labels
from pipeline.reading.labels.names import nearest_name, respelt, strangers
from pipeline.reading.lint.lint_issue import SlipKind, Spot
from pipeline.reading.lint.near_labels import find_mislabels
from pipeline.reading.lint.unclosed_markup import open_blocks, open_marks
from pipeline.reading.markup.hidden_text import Page, read_page
from pipeline.reading.markup.inline import rendered_text
from pipeline.reading.structure.blocks import Block, reference_names, split
from pipeline.reading.structure.outline import read_outline
from pipeline.schema import Chars, Claim, Transcript
from pipeline.times import Ms, format_clock

UNDERSTOOD: frozenset[SlipKind] = frozenset(
    ("unused-panel-name", "double-colon", "several-notes", "note-in-the-middle", "mixed-line-endings")
)
"""The kinds that are only told: the program does what is meant, and nothing has to be changed."""

_SHOWN = 40  # characters of the text that are shown
_LINE_END = regex.compile(r"\r\n|\r|\n")
_NOTE_WORD = r"(?:continue|resume|carry\s++on|go\s++on|pick\s++up|left\s++off|stopped)"
_ODD_TIME = r"(?<![0-9.:])[0-9]{1,3}\s?[.,;h'm]\s?[0-9]{2}(?![0-9.])"
_NOTE_LIKE = regex.compile(
    rf"<!--\s*+(?:(?:todo|wip|note)\b[\s:,-]*+)?+(?:please\s++)?+{_NOTE_WORD}\b[^<>]{{0,60}}-->"
    rf"|<!--\s*+(?:todo|wip)\b[\s:,-]*+(?:(?:at|from)\s++)?+{_ODD_TIME}[\s.!]*+-->",
    regex.IGNORECASE,
)
_VISIBLE_NOTE = regex.compile(
    rf"[\[(*_]*+(?:todo[\s:]*+)?+(?:continue|resume)\s++(?:at|from)\s++[0-9][0-9.:h]*+[\s.!…]*+[\])*_]*+$"
    rf"|TODO[\s:]*+(?:(?:at|from)\s++)?+{_ODD_TIME}[.!]*+$",
    regex.IGNORECASE,
)
_MAY_BE_NOTE = regex.compile(r"continue|resume|todo", regex.IGNORECASE)
_ODD_HEADING = regex.compile(rf"{_ODD_TIME}[.!:]?$")
_WRITE_NOTE = "write it as <!-- Continue at 9:30! -->"


@dataclass(frozen=True, slots=True)
class Slip:
    """One thing that looks wrong.

    Attributes:
        line: in the file, counted from 1; so is ``column``, in characters.
        message: what is wrong and what it is taken for, as one plain sentence.
        text: what stands there, shortened, on one line.
    """

    kind: SlipKind
    line: int
    column: int
    message: str
    text: str

    @property
    def understood(self) -> bool:
        """Whether nothing has to be changed: it is only told (see ``UNDERSTOOD``)."""
        return self.kind in UNDERSTOOD


def find_slips(transcript: Transcript) -> tuple[Slip, ...]:
    """List what looks wrong in a transcript, by line. Any text can be looked at; the time it takes is linear in it."""
    page = read_page(transcript.source)
    blocks = split(page.text)
    speech = [part for part in read_outline(page, blocks).flow if isinstance(part, Block)]
    cast = find_cast(
        page.text, [line.chars for block in speech for line in block.lines if not line.indented], transcript.panel
    )
    spots = [
        *find_mislabels(page.text, speech, cast, transcript),
        *_names(transcript),
        *_times(transcript),
        *_notes(transcript),
        *_unread_notes(page, speech, transcript),
        *open_blocks(page),
        *_line_endings(transcript.source),
    ]
    taken = {spot.chars.start for spot in spots}
    spots += [spot for spot in _marks(page, blocks, cast) if spot.chars.start not in taken]
    places = Places(transcript.source)
    once = {(spot.kind, spot.chars.start): spot for spot in spots}
    return tuple(_slip(once[key], places) for key in sorted(once, key=lambda key: (key[1], key[0])))


class Places:
    """The lines of a source: which one holds an offset, and where in it."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._starts = [0, *(found.end() for found in _LINE_END.finditer(source))]

    def line(self, at: int) -> int:
        """The line that holds an offset, counted from 1."""
        return bisect_right(self._starts, at)

    def column(self, at: int) -> int:
        """The character of its line that an offset is at, counted from 1; a byte order mark is none."""
        start = self._starts[self.line(at) - 1]
        return at - max(start, self.source.startswith("\ufeff")) + 1


def _slip(spot: Spot, places: Places) -> Slip:
    text = " ".join(places.source[spot.chars.start : min(spot.chars.end, spot.chars.start + 4 * _SHOWN)].split())
    shown = text if len(text) <= _SHOWN else text[: _SHOWN - 1].rstrip() + "…"
    at = spot.chars.start
    return Slip(spot.kind, places.line(at), max(1, places.column(at)), spot.message, shown)


def _names(transcript: Transcript) -> Iterator[Spot]:
    for variant in strangers(transcript):
        chars = _label(transcript, variant.utterance)
        if variant.nearest:
            said = f"“{variant.label}” is not on the panel; {variant.nearest} is ({_turns(variant.uses)})"
            yield Spot("name-variant", chars, said)
        else:
            yield Spot("unknown-name", chars, f"“{variant.label}” is not on the panel ({_turns(variant.uses)})")
    for variant in respelt(transcript):
        said = f"“{variant.label}” ({_turns(variant.uses)}) is probably {variant.nearest}"
        yield Spot("name-variant", _label(transcript, variant.utterance), said)
    yield from _unused(transcript)


def _label(transcript: Transcript, utterance: int) -> Chars:
    return transcript.utterances[utterance].label or transcript.utterances[utterance].chars


def _unused(transcript: Transcript) -> Iterator[Spot]:
    """The names of the panel that nobody speaks under, where the typing is done: before, they may still come."""
    speakers = {one.speaker for one in transcript.utterances if one.label and one.speaker}
    if transcript.notes or not speakers:
        return
    meant = {name.casefold() for name in speakers} | {
        nearest.casefold() for name in speakers if (nearest := nearest_name(name, transcript.panel))
    }
    for name in transcript.panel:
        at = transcript.source.find(name)
        if name.casefold() not in meant and at >= 0:
            yield Spot("unused-panel-name", Chars(at, at + len(name)), f"{name} is on the panel and has no turn")


# --- times -------------------------------------------------------------------------------------------------------


def _times(transcript: Transcript) -> Iterator[Spot]:
    """The typed times that the others contradict; neighbours among them are told together."""
    claims = transcript.claims
    kept = _longest_ascent([claim.at for claim in claims])
    places = Places(transcript.source)
    for before, after in pairwise((-1, *kept, len(claims))):
        wrong = claims[before + 1 : after]
        if wrong:
            past = claims[before] if before >= 0 and wrong[0].at < claims[before].at else None
            other = past or claims[min(after, len(claims) - 1)]
            which = f"is earlier than {_clock(other)} before it" if past else f"is later than {_clock(other)} after it"
            more = f", and {len(wrong) - 1} more after it do not fit either" if len(wrong) > 1 else ""
            said = f"{_clock(wrong[0])} {which}, in line {places.line(other.chars.start)}{more}"
            yield Spot("times-out-of-order", wrong[0].chars, said)


def _clock(claim: Claim) -> str:
    return format_clock(claim.at)


def _longest_ascent(times: Sequence[Ms]) -> list[int]:
    """The indices of a longest subsequence that never falls (patience sorting, O(n log n))."""
    tails: list[Ms] = []
    last: list[int] = []
    before: list[int] = []
    for i, time in enumerate(times):
        pile = bisect_right(tails, time)
        before.append(last[pile - 1] if pile else -1)
        tails[pile : pile + 1] = [time]
        last[pile : pile + 1] = [i]
    ascent = []
    i = last[-1] if last else -1
    while i >= 0:
        ascent.append(i)
        i = before[i]
    return ascent[::-1]


# --- notes -------------------------------------------------------------------------------------------------------


def _notes(transcript: Transcript) -> Iterator[Spot]:
    if not transcript.notes:
        return
    *others, last = transcript.notes
    places = Places(transcript.source)
    for note in others:
        line = places.line(last.chars.start)
        said = f"one of several notes; the last, in line {line}, is kept up to date, this one stays"
        yield Spot("several-notes", note.chars, said)
    below = sum(one.chars.start >= last.chars.end for one in transcript.utterances)
    if below:
        said = f"{_turns(below)} below this note; cuemark moves it behind them, unless it marks a hole that they leave"
        yield Spot("note-in-the-middle", last.chars, said)
    passed = [claim for claim in transcript.claims if claim.chars.end <= last.chars.start and claim.at > last.at]
    if passed:
        line = places.line(passed[-1].chars.start)
        said = f"the note says {format_clock(last.at)}, but {_clock(passed[-1])} stands above it in line {line}"
        yield Spot("times-out-of-order", last.chars, said)


def _unread_notes(page: Page, speech: Sequence[Block], transcript: Transcript) -> Iterator[Spot]:
    """What looks like a note that says where to go on, and is not read as one."""
    known = {note.chars for note in transcript.notes}
    for comment in page.comments:
        if comment not in known and _NOTE_LIKE.match(page.source, comment.start, comment.end):
            yield Spot("note-unreadable", comment, f"looks like a note, but has no time like 9:30; {_WRITE_NOTE}")
    for block in speech:
        first = block.lines[0].chars
        if _MAY_BE_NOTE.search(page.text, first.start, first.end) and _VISIBLE_NOTE.match(
            rendered_text(page.text, [first])
        ):
            yield Spot("note-unreadable", block.chars, f"looks like a note, but is read as speech; {_WRITE_NOTE}")
    for section in transcript.sections:
        if _ODD_HEADING.match(section.title):
            said = f"looks like a time, but is read as a section's title; {_WRITE_NOTE}"
            yield Spot("note-unreadable", section.chars, said)


# --- the text itself ---------------------------------------------------------------------------------------------


def _marks(page: Page, blocks: Sequence[Block], cast: Cast) -> Iterator[Spot]:
    references = reference_names(page.text, tuple(blocks))
    for block in blocks:
        pieces = list[Chars]()
        for line in block.lines:
            at = line.chars.start
            for label in find_labels(page.text, line.chars, cast, indented=line.indented):
                yield from open_marks(page.text, [*pieces, Chars(at, label.start)], references)
                pieces, at = [], label.end
            pieces.append(Chars(at, line.chars.end))
        yield from open_marks(page.text, pieces, references)


def _line_endings(source: str) -> Iterator[Spot]:
    """Line endings of two kinds; the rarer kind's first is shown."""
    found: dict[str, list[Chars]] = {}
    for ending in _LINE_END.finditer(source):
        found.setdefault(ending[0], []).append(Chars(*ending.span()))
    if len(found) > 1:
        names = {"\r\n": "CRLF", "\n": "LF", "\r": "CR"}
        ranked = sorted(found, key=lambda ending: len(found[ending]))
        counts = ", ".join(f"{len(found[ending])} with {names[ending]}" for ending in reversed(ranked))
        yield Spot("mixed-line-endings", found[ranked[0]][0], f"lines end in different ways: {counts}; all are kept")


def _turns(number: int) -> str:
    return f"{number} turn{'' if number == 1 else 's'}"
