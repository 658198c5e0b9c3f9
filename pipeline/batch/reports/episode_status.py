"""The status of an episode as text: the content of a row of the ledger, safe to display anywhere.

Names, titles and errors are untrusted text. Every text of an ``EpisodeStatus`` is one line of valid Unicode without
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
from pipeline.batch.messages import Outcome, State
from pipeline.console.output import format_count, format_elapsed, format_estimate, one_line
from pipeline.times import format_clock, from_seconds

STATES: Mapping[State, str] = MappingProxyType(
    {"done": "done", "running": "running", "waiting": "to do", "failed": "failed", "refused": "not taken"}
)
"""The displayed text of each state, in the order of display."""

_NONCHARACTERS = dict.fromkeys(
    [*range(0xFDD0, 0xFDF0), *(plane + last for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))],
    "\N{REPLACEMENT CHARACTER}",
)
"""Unicode's noncharacters: file names may contain them, HTML and XML may not."""


@dataclass(frozen=True, slots=True)
class EpisodeStatus:
    """An episode at the time ``now``, in seconds since 1970.

    The figures are those of the last settled attempt. If the episode waits or runs again, they describe the results
    that exist from before.
    """

    entry: Entry
    now: float

    @property
    def name(self) -> str:
        """The name of the episode."""
        return display_text(self.entry.job.name)

    @property
    def state(self) -> str:
        """The state, as text."""
        return STATES[self.entry.state]

    @property
    def work(self) -> str:
        """The work that was done or is to be done; empty if refused."""
        entry = self.entry
        if entry.state == "refused":
            return ""
        settled = entry.state in {"done", "failed"} and entry.outcome is not None
        return display_text(entry.outcome.work) if settled and entry.outcome else resolved_work(entry.job)

    @property
    def language(self) -> str:
        """The language code of the audio; empty if unknown."""
        code = self.entry.outcome.figures.get("language") if self.entry.outcome else None
        return display_text(code) if isinstance(code, str) else ""

    @property
    def audio_s(self) -> float | None:
        """The length of the audio, in seconds."""
        return self._number("duration")

    @property
    def audio(self) -> str:
        """The length of the audio, as a time such as ``1:02:03``."""
        return clock_text(self.audio_s)

    @property
    def took_s(self) -> float | None:
        """The duration of the work, in seconds."""
        return self._number("seconds")

    @property
    def took(self) -> str:
        """The duration of the work, as text."""
        return "" if self.took_s is None else format_elapsed(self.took_s)

    @property
    def found_share(self) -> float | None:
        """The share of the written words that were found in the audio, 0..1; None if there was no transcript."""
        return self._number("coverage") if self._settled_work in {"align", "finish"} else None

    @property
    def found(self) -> str:
        """The share of the written words that were found, in percent."""
        return "" if self.found_share is None else f"{self.found_share:.0%}"

    @property
    def note_s(self) -> float | None:
        """The time at which the transcript stops, in seconds; None also if it is complete."""
        return self._number("continue_at") if self._settled_work == "align" else None

    @property
    def complete(self) -> bool:
        """Whether the transcript covers the whole audio."""
        return self._settled_work == "align" and self._figures.get("complete") is True

    @property
    def note(self) -> str:
        """The continue note: its time, ``complete`` or ``not moved``; empty if the work does not move it."""
        if self.complete:
            return "complete"
        unmoved = self._settled_work == "align" and "continue_at" in self._figures
        return clock_text(self.note_s) or ("not moved" if unmoved else "")

    @property
    def drafted(self) -> int | None:
        """The number of drafted words; None if the work drafts nothing."""
        number = self._number("drafted_words") if self._settled_work in {"draft", "finish"} else None
        return None if number is None else round(number)

    @property
    def findings(self) -> tuple[tuple[str, int], ...]:
        """The number of findings to look at, by kind, the most frequent first."""
        return tuple((display_text(kind), number) for kind, number in Counter(self._found).most_common())

    @property
    def to_look_at(self) -> int | None:
        """The number of findings to look at; None if the episode was not processed."""
        return sum(self._found.values()) if self.audio_s is not None else None

    @property
    def error(self) -> str:
        """The reason for the failure or refusal; empty in other states, even if an earlier attempt failed."""
        return display_text(self.entry.error or "") if self.entry.state in {"failed", "refused"} else ""

    @property
    def activity(self) -> str:
        """The current stage, the share of it that is done, and the time since the start; empty if not running."""
        entry = self.entry
        if entry.state != "running":
            return ""
        stage = display_text(entry.stage) if entry.stage else "begun"
        share = "" if entry.share is None else f" {entry.share:.0%}"
        since = "" if entry.started is None else f", {format_estimate(max(0.0, self.now - entry.started))} so far"
        return f"{stage}{share}{since}"

    @property
    def _settled_work(self) -> str:
        """The work of the last settled attempt, successful or not; empty if there was none."""
        return self.entry.outcome.work if self.entry.outcome else ""

    @property
    def _found(self) -> Mapping[str, int]:
        """The number of findings to look at, by kind."""
        return findings_to_look_at(self.entry.outcome) if self.entry.outcome else {}

    @property
    def _figures(self) -> Mapping[str, str | int | float | bool | None]:
        return self.entry.outcome.figures if self.entry.outcome else {}

    def _number(self, name: str) -> float | None:
        value = self._figures.get(name)
        usable = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
        return float(value) if usable and value is not None else None


@dataclass(frozen=True, slots=True)
class Totals:
    """The totals of a batch.

    Attributes:
        counts: the number of episodes in each state; every state is present, in the order of ``STATES``.
        audio_s: seconds of audio of all processed episodes.
        work_s: the sum of the seconds that the work on each episode took.
    """

    counts: Mapping[State, int]
    audio_s: float
    work_s: float

    @property
    def line(self) -> str:
        """All totals in one line."""
        counts = {state: number for state, number in self.counts.items() if number and state != "refused"}
        by_state = [f"{number:,} {STATES[state]}" for state, number in counts.items()]
        parts = [f"{format_count(sum(counts.values()), 'episode', ',')}{': ' if by_state else ''}{', '.join(by_state)}"]
        if self.counts["refused"]:
            parts.append(f"{self.counts['refused']:,} more not taken")
        return "; ".join([*parts, *([self.amounts] if self.amounts else [])])

    @property
    def amounts(self) -> str:
        """The total length of audio and of work; empty if nothing was processed."""
        amounts = ((self.audio_s, "audio"), (self.work_s, "work"))
        return ", ".join(f"{format_elapsed(seconds)} of {what}" for seconds, what in amounts if seconds)


def totals(statuses: Iterable[EpisodeStatus]) -> Totals:
    """Add up the episodes' figures."""
    counts: dict[State, int] = dict.fromkeys(STATES, 0)
    audio_s = work_s = 0.0
    for status in statuses:
        counts[status.entry.state] += 1
        audio_s += status.audio_s or 0.0
        work_s += status.took_s or 0.0
    return Totals(counts, round(audio_s, 3), round(work_s, 3))


def episode_statuses(entries: Iterable[Entry], now: float) -> tuple[EpisodeStatus, ...]:
    """Return the status of each episode at ``now`` (seconds since 1970)."""
    return tuple(EpisodeStatus(entry, now) for entry in entries)


def display_text(text: str) -> str:
    r"""Return untrusted text as one line that is safe for a terminal, a page or a table.

    >>> display_text("a\nb\udcff")
    'a b\\udcff'
    """
    if text.isprintable() and "  " not in text and text == text.strip():
        return text  # the common case: the line below takes ten times as long
    return one_line(as_text(text)).translate(_NONCHARACTERS)


def result_suffix(name: str, result: str) -> str | None:
    """Return what a result's name adds to its episode's name (``.timed.md``); None if it does not start with it.

    >>> result_suffix("season 1/07", "/srv/results/season 1/07.timed.md")
    '.timed.md'
    """
    last, file = (text.rpartition("/")[2] for text in (name, result))
    return file[len(last) :] if last and file.startswith(last) and file != last else None


def iso_time(at: float) -> str:
    """Format a time in seconds since 1970 as ISO 8601, in UTC and to the second.

    >>> iso_time(0.9)
    '1970-01-01T00:00:00Z'
    """
    return datetime.fromtimestamp(int(at), UTC).isoformat().replace("+00:00", "Z")


def findings_to_look_at(outcome: Outcome) -> Mapping[str, int]:
    """Return the number of findings by kind, without the moved continue note, which nearly every episode has."""
    return {kind: number for kind, number in outcome.findings.items() if kind != "note-moved"}


def clock_text(seconds: float | None) -> str:
    """Format a position in the audio, in seconds, as a time such as ``1:02:03``; empty for None."""
    return "" if seconds is None else format_clock(from_seconds(seconds))
