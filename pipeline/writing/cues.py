"""The human's words cut into subtitles.

    words    Hello, welcome to the show. | Today we have | two guests,| and ...
    cuts                                 ^ sentence                   ^ clause
    cues    [-- said, held a little --] gap [---------------------] gap [-----

Each utterance is cut by itself, so a cue has one speaker. Within it, a dynamic programme finds the cheapest way to cut
(see ``_Cutter``) among those in which every cue fits on the screen. Then the times are settled: a cue begins with
its first word, ends with its last or a little later, and never meets the next. Where limits conflict, they yield in
this order, the first one last: no overlap, one speaker, the gap, the longest time, the reading speed, the shortest.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Literal

from pipeline.options import option
from pipeline.schema import Result
from pipeline.times import MS_PER_SECOND, Ms, Span, from_seconds
from pipeline.writing.break_cost import HANGING, SENTENCE, break_cost
from pipeline.writing.line_breaks import break_lines, break_wide, fitting, join, unparted, width
from pipeline.writing.presets import FormatName, Limits, limits_of
from pipeline.writing.shown_words import ShownWord, clean, has_text, is_found, shown_words

LONG_PAUSE_MS = 1_500
"""A pause that no cue spans: a text that stands through it would give away what comes."""

FLASH_MS = 200
"""Less than this nobody sees at all: where words are closer, the next cue comes a little late."""


@dataclass(frozen=True, slots=True)
class Cue:
    """One subtitle: when it stands, its lines, who speaks, and whether that is another person than before."""

    span: Span
    lines: tuple[str, ...]
    speaker: str | None
    speaker_changes: bool


@dataclass(frozen=True, slots=True)
class CueOptions:
    """What a subtitle may be; a number that is given beats the preset's and the language's."""

    preset: Literal["default", "podcast", "broadcast", "video", "ted"] = option(
        "default", "Whose limits the subtitles keep; a language's own, where smaller, hold."
    )
    max_line_width: int | None = option(
        None, "The most characters in a line of a subtitle, a full-width one counted as two; else the preset's."
    )
    max_line_count: int | None = option(None, "The most lines in a subtitle; else the preset's.")
    min_duration_s: float | None = option(
        None, "How long a subtitle stands at least, in seconds, where the speech allows it; else the preset's."
    )
    max_duration_s: float | None = option(None, "How long a subtitle stands at most, in seconds; else the preset's.")
    max_chars_per_second: float | None = option(
        None, "The fastest that a viewer should have to read, where speech allows it; else the preset's."
    )
    gap_s: float | None = option(None, "The pause between two subtitles, in seconds; else the preset's.")
    max_hold_s: float | None = option(
        None, "How long a subtitle may stay after its last word, in seconds, to be read in time; else the preset's."
    )
    keep_editorial: bool = option(default=False, meaning="Show what the editor put in brackets, such as [Laughter].")
    speaker_labels: bool = option(default=True, meaning="Show who speaks.")

    def __post_init__(self) -> None:
        if _below(self.max_line_width, 2) or _below(self.max_line_count, 1):
            raise ValueError("a subtitle needs at least one line of two characters")
        if _below(self.min_duration_s, 0.001) or _below(self.max_duration_s, self.min_duration_s or 0.001):
            raise ValueError("a subtitle's shortest time must be above 0 and not above its longest")
        if _below(self.max_chars_per_second, 0.001) or _below(self.gap_s, 0) or _below(self.max_hold_s, 0):
            raise ValueError("a subtitle's reading speed must be above 0, its gap and hold not below")

    def limits(self, language: str, form: FormatName) -> Limits:
        """The limits of a file: what was given here, else what the preset and the language say of the format."""
        limits = limits_of(self.preset, form, language)
        most = _ms(self.max_duration_s, max(limits.most, _ms(self.min_duration_s, 0)))
        return Limits(
            width=self.max_line_width or limits.width,
            count=self.max_line_count or limits.count,
            least=min(_ms(self.min_duration_s, limits.least), most),
            most=most,
            gap=_ms(self.gap_s, limits.gap),
            hold=_ms(self.max_hold_s, limits.hold),
            per_second=self.max_chars_per_second or limits.per_second,
        )


def _below(given: float | None, least: float) -> bool:
    return given is not None and given < least


def _ms(given: float | None, otherwise: Ms) -> Ms:
    return otherwise if given is None else from_seconds(given)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A cue before its times are settled: its words, who says them, and the name shown before them, if any."""

    words: tuple[ShownWord, ...]
    speaker: str | None
    lead: str
    english: bool

    @property
    def length(self) -> int:
        """The columns that a viewer has to read."""
        return width(self.lead) + width(join(self.words))


def cut(result: Result, options: CueOptions, form: FormatName = "srt") -> tuple[Cue, ...]:
    """Cut what the human wrote and we found into subtitles of a format.

    Cues come in order and do not overlap; the gap lies between any two. Every shown word of every utterance that was
    found stands in exactly one of them, in order. No cue has more lines, wider lines or a longer time than
    ``options`` allow, but for a name that leaves no room on its line in SRT.
    """
    limits = options.limits(result.hearing.language, form)
    return tuple(_settle(list(_drafts(result, options, limits)), result.hearing.duration, limits))


def left_out(result: Result) -> tuple[int, ...]:
    """The utterances that were not found, or not surely, and of which subtitles therefore show nothing."""
    utterances = (utterance.index for utterance in result.transcript.utterances)
    return tuple(index for index in utterances if not is_found(result, index) and has_text(result.transcript, index))


def speaker_lead(speaker: str) -> str:
    """A speaker's name as it stands before the text of an SRT cue."""
    return f"{speaker}: "


def _drafts(result: Result, options: CueOptions, limits: Limits) -> Iterator[_Draft]:
    turns = list(_turns(result, options, limits.width))
    english = result.hearing.language.partition("-")[0] == "en"
    last: str | None = None
    nexts = [*(words[0].span.start for _, words in turns[1:]), result.hearing.duration]
    for (speaker, words), until in zip(turns, nexts, strict=False):
        lead = speaker_lead(speaker) if speaker and speaker != last else ""
        for start, end in pairwise(_Cutter(words, lead, until, limits, english=english).bounds()):
            yield _Draft(words[start:end], speaker, lead if start == 0 else "", english)
        last = speaker


def _turns(result: Result, options: CueOptions, max_width: int) -> Iterator[tuple[str | None, tuple[ShownWord, ...]]]:
    """The speaker and the words of each utterance that was found and has any to show."""
    for utterance in result.transcript.utterances:
        if is_found(result, utterance.index):
            words = shown_words(result, utterance.index, keep_editorial=options.keep_editorial)
            speaker = clean(utterance.speaker or "") if options.speaker_labels else ""
            if words:
                yield speaker or None, tuple(break_wide(unparted(words), max_width))


CUE_COST = 1.5
EMPTINESS_COST = 2.0
STRADDLE_COST = 1.5
SENTENCE_INSIDE_COST = 0.6
PAUSE_INSIDE_COST = 3.0
LINE_COST = 0.5
HASTE_COST = 0.4
SHORTNESS_COST = 4.0
"""What the dynamic programme minds, in the units of ``break_cost`` (a clause's end costs 1): each cue; an empty one
(falling with the square of what fills it); one that begins a sentence behind another's end and does not end it; each
sentence that ends inside; each second of a pause inside; the place where its line breaks (as a share of
``break_cost``); each character a second too many; a cue of no length (falling evenly to the shortest time)."""


class _Cutter:
    """Finds the cheapest way to cut one utterance, in O(words * words in a cue)."""

    def __init__(self, words: Sequence[ShownWord], lead: str, until: Ms, limits: Limits, *, english: bool) -> None:
        count = len(words)
        self._words, self._lead, self._limits = words, lead, limits
        self._starts = [*(word.span.start for word in words), until]
        self._ends = [word.span.end for word in words]
        self._columns = [0, *accumulate(width(word.text) + (not word.glued) for word in words)]
        parted = [_place_cost(left, right, english=english) for left, right in pairwise(words)]
        pauses_s = [max(0, b.span.start - a.span.end) / MS_PER_SECOND for a, b in pairwise(words)]
        relief = [1 - 0.7 * min(1.0, pause_s) for pause_s in pauses_s]
        self._parted = [SENTENCE, *parted, SENTENCE]  # what it costs to part word k from the one before it
        self._cuts = [0.0, *(cost * share for cost, share in zip(parted, relief, strict=True)), 0.0]
        self._sentences = [0, 0, *accumulate(cost == SENTENCE for cost in parted)]
        self._pauses = [0.0, 0.0, *accumulate(max(0.0, pause_s - 0.5) for pause_s in pauses_s)]
        self._forced = [count] * count
        for k in range(count - 1, 0, -1):
            forced = words[k].before == "hole" or pauses_s[k - 1] * MS_PER_SECOND >= LONG_PAUSE_MS
            self._forced[k - 1] = k if forced else self._forced[k]

    def bounds(self) -> list[int]:
        """Where the cues begin, and at last where the last one ends."""
        count = len(self._words)
        best = [(0.0, 0)] + [(float("inf"), 0)] * count
        for start in range(count):
            for end in range(start + 1, self._reach(start) + 1):
                best[end] = min(best[end], (best[start][0] + self._cost(start, end), start))
        bounds = [count]
        while bounds[-1]:
            bounds.append(best[bounds[-1]][1])
        return bounds[::-1]

    def _lead_of(self, start: int) -> str:
        return "" if start else self._lead

    def _reach(self, start: int) -> int:
        """How far a cue from ``start`` may go: by its lines, its time, and the cuts that must be."""
        lead = width(self._lead_of(start))
        end = fitting(self._words, start, lead, self._limits.width, self._limits.count)
        end = min(end, self._forced[start])
        latest = self._starts[start] + self._limits.most
        while end > start + 1 and self._ends[end - 1] > latest:
            end -= 1
        return end

    def _cost(self, start: int, end: int) -> float:
        sentences = self._sentences[end] - self._sentences[start + 1]
        return (
            CUE_COST
            + self._cuts[end]
            + STRADDLE_COST * (sentences > 0 and self._parted[end] > SENTENCE)
            + SENTENCE_INSIDE_COST * sentences
            + PAUSE_INSIDE_COST * (self._pauses[end] - self._pauses[start + 1])
            + self._layout_cost(start, end)
            + self._speed_cost(start, end)
        )

    def _layout_cost(self, start: int, end: int) -> float:
        """What the screen looks like: how empty, and how good the best place is for its (first) line to break."""
        full, columns = self._limits.width, self._columns
        begin = columns[start] - width(self._lead_of(start)) + (not self._words[start].glued)
        emptiness = 1 - min(1.0, (columns[end] - begin) / (full * self._limits.count))
        cost = EMPTINESS_COST * emptiness**2
        if columns[end] - begin > full:
            first = bisect_left(columns, columns[end] - full * (self._limits.count - 1) - 1, start + 1, end)
            last = bisect_right(columns, begin + full, first, end)
            cost += LINE_COST * min(self._parted[first:last], default=HANGING)
        return cost

    def _speed_cost(self, start: int, end: int) -> float:
        """How hard it is to see and to read, as it is said and held as far as it helps and the next cue lets it."""
        limits, begin = self._limits, self._starts[start]
        length = width(self._lead_of(start)) + self._columns[end] - self._columns[start]
        out = min(limits.out_time(begin, self._ends[end - 1], length), self._starts[end] - limits.gap)
        shown = max(FLASH_MS, out - begin)
        haste = max(0.0, length / shown - 1 / limits.ms_per_char) * MS_PER_SECOND
        return HASTE_COST * haste + SHORTNESS_COST * max(0.0, 1 - shown / limits.least)


def _place_cost(left: ShownWord, right: ShownWord, *, english: bool) -> float:
    return SENTENCE if right.before == "paragraph" else break_cost(left.text, right.text, english=english)


def _settle(drafts: Sequence[_Draft], duration: Ms, limits: Limits) -> Iterator[Cue]:
    earliest = 0
    nexts = [*(draft.words[0].span.start - limits.gap for draft in drafts[1:]), duration]
    for draft, room in zip(drafts, nexts, strict=False):
        start = max(draft.words[0].span.start, earliest)
        out = min(limits.out_time(start, draft.words[-1].span.end, draft.length), room)
        end = max(out, start + FLASH_MS)
        lines = break_lines(draft.words, width(draft.lead), limits.width, english=draft.english)
        yield Cue(Span(start, end), lines, draft.speaker, bool(draft.lead))
        earliest = end + limits.gap
