"""The status of an episode in words: what a row of the ledger says, safe to display anywhere.

Names, titles and errors are strangers' text. Every text of an ``EpisodeStatus`` is one line of valid Unicode without
control characters; terminal, HTML and table cells add their own escapes.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from pipeline.batch.episode_task import resolved_work
from pipeline.batch.ledger_rows import Entry, as_text
from pipeline.batch.messages import State
from pipeline.console.output import format_elapsed, format_estimate, one_line
from pipeline.times import format_clock, from_seconds

STATES: Mapping[State, str] = MappingProxyType(
    {"done": "done", "running": "running", "waiting": "to do", "failed": "failed", "refused": "not taken"}
)
"""What people read for each state, in the order in which they are told."""

_NONCHARACTERS = dict.fromkeys(
    [*range(0xFDD0, 0xFDF0), *(plane + last for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))],
    "\N{REPLACEMENT CHARACTER}",
)
"""Code points that Unicode keeps free for ever: a file's name may have them, HTML and XML may not."""


@dataclass(frozen=True, slots=True)
class EpisodeStatus:
    """An episode at the time ``now``, in seconds since 1970.

    The figures are those of the last time that it was settled; of one that waits or is worked on again, they are from
    before, as its results are.
    """

    entry: Entry
    now: float

    @property
    def name(self) -> str:
        """The name."""
        return display_text(self.entry.job.name)

    @property
    def state(self) -> str:
        """How it stands, in words."""
        return STATES[self.entry.state]

    @property
    def work(self) -> str:
        """What was done, or is to be done; empty for what is not taken."""
        entry = self.entry
        if entry.state == "refused":
            return ""
        settled = entry.state in {"done", "failed"} and entry.outcome is not None
        return display_text(entry.outcome.work) if settled and entry.outcome else resolved_work(entry.job)

    @property
    def language(self) -> str:
        """The code of the language."""
        code = self.entry.outcome.figures.get("language") if self.entry.outcome else None
        return display_text(code) if isinstance(code, str) else ""

    @property
    def audio_s(self) -> float | None:
        """How long the audio is, in seconds."""
        return self._number("duration")

    @property
    def audio(self) -> str:
        """The same as a clock has it."""
        return _clock(self.audio_s)

    @property
    def took_s(self) -> float | None:
        """How long the work took, in seconds."""
        return self._number("seconds")

    @property
    def took(self) -> str:
        """The same in words."""
        return "" if self.took_s is None else format_elapsed(self.took_s)

    @property
    def found_share(self) -> float | None:
        """The share of the written words that were found, 0..1; None where none are written."""
        return self._number("coverage") if self._settled_work in {"align", "finish"} else None

    @property
    def found(self) -> str:
        """The same in percent."""
        return "" if self.found_share is None else f"{self.found_share:.0%}"

    @property
    def note_s(self) -> float | None:
        """Where the typing stops, in seconds; None also where it is complete."""
        return self._number("continue_at") if self._settled_work == "align" else None

    @property
    def complete(self) -> bool:
        """Whether all that is said is typed."""
        return self._settled_work == "align" and self._figures.get("complete") is True

    @property
    def note(self) -> str:
        """What became of the note: its time, ``complete`` or ``not moved``; empty where there is none to move."""
        if self.complete:
            return "complete"
        unmoved = self._settled_work == "align" and "continue_at" in self._figures
        return _clock(self.note_s) or ("not moved" if unmoved else "")

    @property
    def drafted(self) -> int | None:
        """How many words were drafted; None where none were to be."""
        number = self._number("drafted_words") if self._settled_work in {"draft", "finish"} else None
        return None if number is None else round(number)

    @property
    def findings(self) -> tuple[tuple[str, int], ...]:
        """How many things there are to look at, of each kind, the most first."""
        return tuple((display_text(kind), number) for kind, number in Counter(self._found).most_common())

    @property
    def to_look_at(self) -> int | None:
        """How many things there are to look at; None where nothing was looked for."""
        return sum(self._found.values()) if self.audio_s is not None else None

    @property
    def error(self) -> str:
        """Why it failed or is not taken; empty where neither is so, whatever was so before."""
        return display_text(self.entry.error or "") if self.entry.state in {"failed", "refused"} else ""

    @property
    def activity(self) -> str:
        """What is being done with it, how much of that is done, and for how long it has been in hand."""
        entry = self.entry
        if entry.state != "running":
            return ""
        stage = display_text(entry.stage) if entry.stage else "begun"
        share = "" if entry.share is None else f" {entry.share:.0%}"
        since = "" if entry.started is None else f", {format_estimate(max(0.0, self.now - entry.started))} so far"
        return f"{stage}{share}{since}"

    @property
    def _settled_work(self) -> str:
        """What was done the last time, whether well or not; empty where nothing was."""
        return self.entry.outcome.work if self.entry.outcome else ""

    @property
    def _found(self) -> Mapping[str, int]:
        """The findings that are something to look at."""
        found = self.entry.outcome.findings if self.entry.outcome else {}
        return {kind: number for kind, number in found.items() if kind != "note-moved"}

    @property
    def _figures(self) -> Mapping[str, str | int | float | bool | None]:
        return self.entry.outcome.figures if self.entry.outcome else {}

    def _number(self, name: str) -> float | None:
        value = self._figures.get(name)
        usable = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
        return float(value) if usable and value is not None else None


@dataclass(frozen=True, slots=True)
class Totals:
    """What a batch amounts to.

    Attributes:
        counts: how many stand how; every state is named, in the order of ``STATES``.
        audio_s: seconds of audio of all that were listened to.
        work_s: seconds that the work on all of them took, as if one had been done after the other.
    """

    counts: Mapping[State, int]
    audio_s: float
    work_s: float

    @property
    def line(self) -> str:
        """All of it in a line."""
        there = {state: number for state, number in self.counts.items() if number and state != "refused"}
        parts_by_state = [f"{number:,} {STATES[state]}" for state, number in there.items()]
        parts = [f"{count(sum(there.values()), 'episode')}{': ' if parts_by_state else ''}{', '.join(parts_by_state)}"]
        if self.counts["refused"]:
            parts.append(f"{self.counts['refused']:,} more not taken")
        return "; ".join([*parts, *([self.amounts] if self.amounts else [])])

    @property
    def amounts(self) -> str:
        """How much audio there was, and how much work; empty where there was none."""
        amounts = ((self.audio_s, "audio"), (self.work_s, "work"))
        return ", ".join(f"{format_elapsed(seconds)} of {what}" for seconds, what in amounts if seconds)


def totals(statuses: Iterable[EpisodeStatus]) -> Totals:
    """Add up what the episodes amount to."""
    counts: dict[State, int] = dict.fromkeys(STATES, 0)
    audio_s = work_s = 0.0
    for status in statuses:
        counts[status.entry.state] += 1
        audio_s += status.audio_s or 0.0
        work_s += status.took_s or 0.0
    return Totals(counts, round(audio_s, 3), round(work_s, 3))


def episode_statuses(entries: Iterable[Entry], now: float) -> tuple[EpisodeStatus, ...]:
    """How each episode stands at ``now`` (seconds since 1970)."""
    return tuple(EpisodeStatus(entry, now) for entry in entries)


def display_text(text: str) -> str:
    r"""A stranger's text as one line that any terminal, page or table takes.

    >>> shown("a\nb\udcff")
    'a b\\udcff'
    """
    if text.isprintable() and "  " not in text and text == text.strip():
        return text  # nearly every text; the rest takes ten times as long
    return one_line(as_text(text)).translate(_NONCHARACTERS)


def result_suffix(name: str, result: str) -> str | None:
    """What a result's name adds to its episode's name (``.timed.md``); None where it is not named after it.

    >>> ending_of("season 1/07", "/srv/results/season 1/07.timed.md")
    '.timed.md'
    """
    last, file = (text.rpartition("/")[2] for text in (name, result))
    return file[len(last) :] if last and file.startswith(last) and file != last else None


def iso_time(at: float) -> str:
    """A time in seconds since 1970 as ISO 8601 has it, in UTC and to the second.

    >>> moment(0.9)
    '1970-01-01T00:00:00Z'
    """
    return datetime.fromtimestamp(int(at), UTC).isoformat().replace("+00:00", "Z")


def count(number: int, noun: str) -> str:
    """A number of things.

    >>> count(1, "episode"), count(12_000, "word")
    ('1 episode', '12,000 words')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _clock(seconds: float | None) -> str:
    return "" if seconds is None else format_clock(from_seconds(seconds))
