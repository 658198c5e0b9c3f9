"""Cut the human's words into subtitles.

    words    Hello, welcome to the show. | Today we have | two guests,| and ...
    cuts                                 ^ sentence                   ^ clause
    cues    [- spoken, held a little --] gap [--------------------] gap [-----

Each utterance is cut by itself, so a cue has one speaker. Within it, dynamic programming finds the cheapest cuts (see
``_CueCutter``) for which every cue fits on the screen. Then the times are set: a cue begins with its first word, ends
with its last word or a little later, and never touches the next cue. If limits conflict, they yield in this order, the
first one last: no overlap, one speaker, the gap, the longest duration, the reading speed, the shortest duration.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise
from typing import Literal

from pipeline.options import option
from pipeline.schema import Result
from pipeline.times import MS_PER_SECOND, Ms, Span, from_seconds
from pipeline.writing.break_cost import HANGING_COST, SENTENCE_COST, break_cost
from pipeline.writing.line_breaks import (
    break_lines,
    break_wide_words,
    display_width,
    fit_end,
    join_unbreakable,
    line_text,
)
from pipeline.writing.presets import FormatName, Limits, limits_of
from pipeline.writing.shown_words import ShownWord, has_text, is_found, shown_turns

PAUSE_BETWEEN_CUES_MS = 1_500
"""No cue contains a pause of this length: its text would reveal early what is said after the pause."""

MIN_VISIBLE_MS = 200
"""A cue that is displayed for less is not visible: if words are closer, the next cue begins a little late."""


@dataclass(frozen=True, slots=True)
class Cue:
    """One subtitle.

    Attributes:
        span: when it is displayed, in ms: longer than its words are spoken if that helps to read it.
        rows: the words of each line.
        speaker_changes: whether the speaker differs from the one before.
    """

    span: Span
    rows: tuple[tuple[ShownWord, ...], ...]
    speaker: str | None
    speaker_changes: bool

    @property
    def lines(self) -> tuple[str, ...]:
        """The text of each line."""
        return tuple(map(line_text, self.rows))

    @property
    def words(self) -> tuple[ShownWord, ...]:
        """The words of all lines."""
        return tuple(chain.from_iterable(self.rows))

    @property
    def spoken(self) -> Span:
        """When its words are spoken, at least 1 ms within ``span``."""
        last = max(word.span.end for word in self.words)
        return Span(self.span.start, min(max(last, self.span.start + 1), self.span.end))


@dataclass(frozen=True, slots=True)
class CueOptions:
    """The limits of a subtitle; a given number takes precedence over the preset's and the language's."""

    preset: Literal["default", "podcast", "broadcast", "video", "ted"] = option(
        "default", "The limits that subtitles keep; smaller limits of the language take precedence."
    )
    max_line_width: int | None = option(
        None, "The most characters in a line of a subtitle, a full-width one counted as two; else the preset's."
    )
    max_line_count: int | None = option(None, "The most lines in a subtitle; else the preset's.")
    min_duration_s: float | None = option(
        None, "The shortest time of a subtitle, in seconds, if the speech allows it; else the preset's."
    )
    max_duration_s: float | None = option(None, "The longest time of a subtitle, in seconds; else the preset's.")
    max_chars_per_second: float | None = option(
        None, "The highest reading speed of a subtitle, if the speech allows it; else the preset's."
    )
    gap_s: float | None = option(None, "The pause between two subtitles, in seconds; else the preset's.")
    max_hold_s: float | None = option(
        None, "How long a subtitle may stay after its last word, in seconds, to be read in time; else the preset's."
    )
    keep_editorial: bool = option(default=False, meaning="Display an editor's text in brackets, such as [Laughter].")
    speaker_labels: bool = option(default=True, meaning="Display the speaker's name.")

    def __post_init__(self) -> None:
        if _below(self.max_line_width, 2) or _below(self.max_line_count, 1):
            raise ValueError("a subtitle needs at least one line of two characters")
        if _below(self.min_duration_s, 0.001) or _below(self.max_duration_s, self.min_duration_s or 0.001):
            raise ValueError("a subtitle's shortest time must be above 0 and not above its longest")
        if _below(self.max_chars_per_second, 0.001) or _below(self.gap_s, 0) or _below(self.max_hold_s, 0):
            raise ValueError("a subtitle's reading speed must be above 0, its gap and hold not below")

    def limits(self, language: str, form: FormatName) -> Limits:
        """Return the limits of a file: the given numbers, else those of the preset and the language for the format."""
        limits = limits_of(self.preset, form, language)
        max_duration = _ms_or_default(
            self.max_duration_s, max(limits.max_duration, _ms_or_default(self.min_duration_s, 0))
        )
        return Limits(
            width=self.max_line_width or limits.width,
            count=self.max_line_count or limits.count,
            min_duration=min(_ms_or_default(self.min_duration_s, limits.min_duration), max_duration),
            max_duration=max_duration,
            gap=_ms_or_default(self.gap_s, limits.gap),
            max_hold=_ms_or_default(self.max_hold_s, limits.max_hold),
            columns_per_second=self.max_chars_per_second or limits.columns_per_second,
        )


def _below(value: float | None, minimum: float) -> bool:
    return value is not None and value < minimum


def _ms_or_default(value: float | None, default: Ms) -> Ms:
    return default if value is None else from_seconds(value)


@dataclass(frozen=True, slots=True)
class _UntimedCue:
    """A cue before its times are set: its words, their speaker, and the name displayed before them, if any."""

    words: tuple[ShownWord, ...]
    speaker: str | None
    lead: str
    english: bool

    @property
    def length(self) -> int:
        """The columns that a viewer has to read."""
        return display_width(self.lead) + display_width(line_text(self.words))


def cut_cues(result: Result, options: CueOptions, form: FormatName = "srt") -> tuple[Cue, ...]:
    """Cut the written words that were found into subtitles of a format.

    Cues are in order and do not overlap; the gap is between any two. Every displayed word of every found utterance is
    in exactly one of them, in order. No cue has more lines, wider lines or a longer time than ``options`` allow, except
    for a name that leaves no space on its line in SRT.
    """
    limits = options.limits(result.hearing.language, form)
    return tuple(_assign_times(list(_untimed_cues(result, options, limits)), result.hearing.duration, limits))


def utterances_without_cues(result: Result) -> tuple[int, ...]:
    """Return the indices of the utterances without subtitles: those not found with enough confidence."""
    utterances = (utterance.index for utterance in result.transcript.utterances)
    return tuple(index for index in utterances if not is_found(result, index) and has_text(result.transcript, index))


def speaker_lead(speaker: str) -> str:
    """Return a speaker's name as it precedes the text of an SRT cue."""
    return f"{speaker}: "


def _untimed_cues(result: Result, options: CueOptions, limits: Limits) -> Iterator[_UntimedCue]:
    turns = [
        (turn.speaker, tuple(break_wide_words(join_unbreakable(turn.words), limits.width)))
        for turn in shown_turns(result, keep_editorial=options.keep_editorial, speaker_labels=options.speaker_labels)
    ]
    english = result.hearing.language.partition("-")[0] == "en"
    last_speaker: str | None = None
    next_starts = [*(words[0].span.start for _, words in turns[1:]), result.hearing.duration]
    for (speaker, words), until in zip(turns, next_starts, strict=False):
        lead = speaker_lead(speaker) if speaker and speaker != last_speaker else ""
        for start, end in pairwise(_CueCutter(words, lead, until, limits, english=english).bounds()):
            yield _UntimedCue(words[start:end], speaker, lead if start == 0 else "", english)
        last_speaker = speaker


CUE_COST = 1.5  # of each cue
UNUSED_SPACE_COST = 2.0  # of an empty cue; falls with the square of the space that is used
STRADDLE_COST = 1.5  # of a cue that begins a sentence after the end of another one and does not end it
SENTENCE_INSIDE_COST = 0.6  # of each sentence that ends inside a cue
PAUSE_INSIDE_COST = 3.0  # of each second of a pause inside a cue
LINE_COST = 0.5  # of a cue's line end, as a share of its ``break_cost``
READING_SPEED_COST = 0.4  # of each character a second above the limit
SHORTNESS_COST = 4.0  # of a cue of no duration; falls linearly to zero at the shortest duration
"""The costs of a cue, in the units of ``break_cost`` (the end of a clause costs 1). No measurement chose them."""

_PAUSE_DISCOUNT = 0.7
"""The share of its ``break_cost`` that a cut saves in a pause of a second or longer; less in a shorter one."""

_FREE_PAUSE_S = 0.5
"""Seconds of a pause inside a cue that cost nothing."""


class _CueCutter:
    """Finds the cheapest cuts of one utterance, in O(words * words in a cue)."""

    def __init__(self, words: Sequence[ShownWord], lead: str, until: Ms, limits: Limits, *, english: bool) -> None:
        count = len(words)
        self._words, self._lead_width, self._limits = words, display_width(lead), limits
        self._starts = [*(word.span.start for word in words), until]
        self._ends = [word.span.end for word in words]
        self._columns = [0, *accumulate(display_width(word.text) + (not word.glued) for word in words)]
        break_costs = [_boundary_cost(left, right, english=english) for left, right in pairwise(words)]
        pauses_s = [max(0, b.span.start - a.span.end) / MS_PER_SECOND for a, b in pairwise(words)]
        discounts = [1 - _PAUSE_DISCOUNT * min(1.0, pause_s) for pause_s in pauses_s]
        self._break_costs = [SENTENCE_COST, *break_costs, SENTENCE_COST]  # of a cue or line end before word k
        self._cut_costs = [0.0, *(cost * share for cost, share in zip(break_costs, discounts, strict=True)), 0.0]
        self._sentence_counts = [0, 0, *accumulate(cost == SENTENCE_COST for cost in break_costs)]
        self._pause_sums = [0.0, 0.0, *accumulate(max(0.0, pause_s - _FREE_PAUSE_S) for pause_s in pauses_s)]
        self._forced_ends = [count] * count
        for k in range(count - 1, 0, -1):
            forced = words[k].separator == "hole" or pauses_s[k - 1] * MS_PER_SECOND >= PAUSE_BETWEEN_CUES_MS
            self._forced_ends[k - 1] = k if forced else self._forced_ends[k]

    def bounds(self) -> list[int]:
        """Return the indices of the words at which cues begin, and the end of the last cue."""
        count = len(self._words)
        best = [(0.0, 0)] + [(float("inf"), 0)] * count
        for start in range(count):
            so_far = best[start][0]
            for end in range(start + 1, self._furthest_end(start) + 1):
                least = best[end][0]  # no cost is below 0, so a cue that costs more in part is not the cheapest
                if so_far + (CUE_COST + self._cut_costs[end]) > least:
                    continue
                cost = self._text_cost(start, end)
                if so_far + cost <= least:
                    best[end] = min(best[end], (so_far + (cost + self._speed_cost(start, end)), start))
        bounds = [count]
        while bounds[-1]:
            bounds.append(best[bounds[-1]][1])
        return bounds[::-1]

    def _lead_width_at(self, start: int) -> int:
        return 0 if start else self._lead_width

    def _furthest_end(self, start: int) -> int:
        """Return the furthest end of a cue from ``start``, by its lines, its duration and the forced cuts."""
        lead = self._lead_width_at(start)
        end = fit_end(self._words, start, lead, self._limits.width, self._limits.count)
        end = min(end, self._forced_ends[start])
        latest = self._starts[start] + self._limits.max_duration
        while end > start + 1 and self._ends[end - 1] > latest:
            end -= 1
        return end

    def _text_cost(self, start: int, end: int) -> float:
        """Return the cost of a cue without that of its time on the screen."""
        sentences = self._sentence_counts[end] - self._sentence_counts[start + 1]
        return (
            CUE_COST
            + self._cut_costs[end]
            + STRADDLE_COST * (sentences > 0 and self._break_costs[end] > SENTENCE_COST)
            + SENTENCE_INSIDE_COST * sentences
            + PAUSE_INSIDE_COST * (self._pause_sums[end] - self._pause_sums[start + 1])
            + self._layout_cost(start, end)
        )

    def _layout_cost(self, start: int, end: int) -> float:
        """Return the cost of a cue's layout: of its unused space, and of the best place for its (first) line end."""
        full, columns = self._limits.width, self._columns
        begin = columns[start] - self._lead_width_at(start) + (not self._words[start].glued)
        unused_share = 1 - min(1.0, (columns[end] - begin) / (full * self._limits.count))
        cost = UNUSED_SPACE_COST * unused_share**2
        if columns[end] - begin > full:
            first = bisect_left(columns, columns[end] - full * (self._limits.count - 1) - 1, start + 1, end)
            last = bisect_right(columns, begin + full, first, end)
            cost += LINE_COST * min(self._break_costs[first:last], default=HANGING_COST)
        return cost

    def _speed_cost(self, start: int, end: int) -> float:
        """Return the cost of a cue that is hard to read, if it is held as long as it helps and the next cue allows."""
        limits, begin = self._limits, self._starts[start]
        length = self._lead_width_at(start) + self._columns[end] - self._columns[start]
        out = min(limits.out_time(begin, self._ends[end - 1], length), self._starts[end] - limits.gap)
        duration = max(MIN_VISIBLE_MS, out - begin)
        excess_speed = max(0.0, length / duration - 1 / limits.ms_per_column) * MS_PER_SECOND
        return READING_SPEED_COST * excess_speed + SHORTNESS_COST * max(0.0, 1 - duration / limits.min_duration)


def _boundary_cost(left: ShownWord, right: ShownWord, *, english: bool) -> float:
    return SENTENCE_COST if right.separator == "paragraph" else break_cost(left.text, right.text, english=english)


def _assign_times(cues: Sequence[_UntimedCue], duration: Ms, limits: Limits) -> Iterator[Cue]:
    earliest = 0
    latest_ends = [*(cue.words[0].span.start - limits.gap for cue in cues[1:]), duration]
    for cue, latest in zip(cues, latest_ends, strict=False):
        start = max(cue.words[0].span.start, earliest)
        out = min(limits.out_time(start, cue.words[-1].span.end, cue.length), latest)
        end = max(out, start + MIN_VISIBLE_MS)
        rows = break_lines(cue.words, display_width(cue.lead), limits.width, english=cue.english)
        yield Cue(Span(start, end), rows, cue.speaker, bool(cue.lead))
        earliest = end + limits.gap
