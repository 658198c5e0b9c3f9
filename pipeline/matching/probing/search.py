"""Decide which window of a recording to listen to next, until it is certain where the typing stops.

    recording  ├───────────────────────────────────────────────────────────────────────────┤
    typed      ████████████████████████████████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░
    listens        1 ──▶ rate ─────▶ 2 ──▶ 3 ├─ on, until the end ─┤     guards 4    5    6

A probe in the typed part says how fast the text is spoken, and so about where its last word is (regula falsi). From
near there on everything is listened to, until the last words are found in one piece and a minute of untyped speech
follows. No window is trusted alone: the last words must hang together, and windows in the rest must not be typed. In
doubt there is no answer, and everything has to be listened to.

The functions have no effects: they are generators that yield what to listen to, and are sent what was heard.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple, TypeVar

from pipeline.matching.alignment.align import AlignOptions, align
from pipeline.matching.alignment.timing import assign_times
from pipeline.matching.alignment.tokens import is_spoken
from pipeline.matching.continue_note import LEAST_UNTRANSCRIBED_WORDS
from pipeline.matching.probing.heard_windows import (
    EDGE_MS,
    HeardWindow,
    Match,
    Placement,
    Request,
    aligned_from,
    hearing_of,
    last_matches,
    num_together,
    placements,
    speech_between,
    unheard_after,
)
from pipeline.schema import Continue, TimedUtterance, TimedWord, Transcript
from pipeline.times import Ms, Span

PROBE_MS: Ms = 15_000
"""The length of a probe; of 10 s, one in five held too few words to be placed."""

WALK_MS: Ms = 30_000
"""A window of contiguous listening: as much as Whisper takes at once."""

UNTYPED_MS: Ms = 60_000
"""The untyped speech that has to follow the last typed word."""

GUARDS, GUARD_MS = 3, 10_000
"""Windows in the rest of the recording, and their length."""

LEAST_GUARD_MATCHES = 10
FIRST_RATE = 2.6 / 1000
SLOWEST, USUAL_FASTEST, FASTEST = 1.5 / 1000, 3.8 / 1000, 4.2 / 1000
"""Written words for each ms: before anything is known, and the limits of what is measured."""

MOST_UNHEARD_MS: Ms = 2_000
"""The most speech without a word right behind the last typed one. Whisper may leave out a sentence there."""

LEAST_TOGETHER = 6
"""The last typed words with neither so much unheard speech nor an untyped passage between them; fewer may be others:
"bring us up to speed", heard in other words, was found nine seconds later, where it is said once more."""

LAST_WORDS = 40
"""The last typed words, of which half must be heard in one piece."""

MOST_MISSING_WORDS = 6
"""The last typed words that may not be heard."""

SETTLED_WORDS = 180
"""While listening on, what is heard is aligned with so many words before its place, and with all behind it: a passage
that is said again elsewhere would attract it."""

MOST_MISSES = 7
"""After so many untyped windows and no typed one the audio may be that of another episode."""

MOST_PROBES, MOST_WALKS, MOST_ROUNDS, MOST_BACK = 60, 12, 4, 2
MOST_SHARE, LEAST_BUDGET_MS = 0.35, 240_000
"""The part of the recording that is worth listening to before everything is."""

_PAST_MS: Ms = 1_000
"""An utterance, or its last word, may end so far behind the window in which it is heard."""

_NEAR_WORDS, _NEAR_MS, _NEAR_MS_OF_SHORT, _SHORT_WORDS = 30, 15_000, 25_000, 150

T = TypeVar("T")


Listening = Generator[Request, HeardWindow, T]


class DoubtError(Exception):
    """There is no certain answer from a few windows."""


class _Ending(NamedTuple):
    """The end of the last found utterance, the last measured word, the contiguous listening around it."""

    at: Ms
    word: int
    listened: Span
    is_at_the_end: bool


def find_end(transcript: Transcript, duration: Ms) -> Listening[Continue]:
    """Find where the typing stops; yields what to listen to and is sent the windows.

    Returns:
        the continue point (see ``continue_note.find_continue_point``).

    Raises:
        DoubtError: it is not certain.
    """
    search = _Search(transcript, duration)
    if not search.spoken:
        return Continue(0, complete=False)
    return (yield from search.hole()) or (yield from search.end())


@dataclass(slots=True)
class _Search:
    """What was heard so far, and what follows from it."""

    transcript: Transcript
    duration: Ms
    windows: list[HeardWindow] = field(default_factory=list)
    spoken: list[int] = field(init=False)
    words: Sequence[TimedWord] = ()
    utterances: Sequence[TimedUtterance] = ()
    _placed: list[Placement] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.spoken = [k for k, word in enumerate(self.transcript.words) if is_spoken(word)]

    # --- listening ---------------------------------------------------------------------------------------------------

    def listen(self, start: Ms, end: Ms) -> Listening[HeardWindow | None]:
        """Listen to what of a span was not listened to before; None if hardly anything is left of it."""
        start, end = max(0, start), min(self.duration, end)
        for one in self.windows:
            if one.span.start <= start < one.span.end:
                start = one.span.end
            elif start < one.span.start < end:
                end = one.span.start
        if end - start < 500:
            return None
        is_long = end - start > 3 * EDGE_MS
        moves_start = is_long and start > 0 and all(one.span.end != start for one in self.windows)
        moves_end = is_long and end < self.duration and all(one.span.start != end for one in self.windows)
        window = yield Request(Span(start, end), moves_start, moves_end)
        self.windows = sorted([*self.windows, window], key=lambda one: one.span)
        return window

    def contiguous(self, *points: Ms) -> Span:
        """Return the contiguous windows around the first of some points at which there is one.

        Raises:
            DoubtError: nothing was listened to at any of them.
        """
        for at, span in product(points, self._pieces()):
            if span.start <= at <= span.end + _PAST_MS:
                return span
        raise DoubtError("the place is lost")

    def _pieces(self) -> Iterator[Span]:
        span: Span | None = None
        for one in self.windows:
            if span is not None and one.span.start == span.end:
                span = span.cover(one.span)
                continue
            if span is not None:
                yield span
            span = one.span
        if span is not None:
            yield span

    def count(self, first: int, end: int) -> int:
        """Return how many spoken words are in a part of the text."""
        return bisect_left(self.spoken, end) - bisect_left(self.spoken, first)

    # --- probing -----------------------------------------------------------------------------------------------------

    def near(self, end: int, guesses: Sequence[Ms]) -> Listening[Match]:
        """Probe until a window is in the text shortly before its word ``end``."""
        whole = round(self.count(0, end) / FIRST_RATE)
        left = [*guesses, whole - PROBE_MS, 20_000, whole // 2, whole * 3 // 4, 60_000, whole // 4, whole * 7 // 5]
        for _ in range(MOST_PROBES):
            if sum(one.span.duration for one in self.windows) > max(MOST_SHARE * self.duration, LEAST_BUDGET_MS):
                raise DoubtError("too much would have to be listened to")
            found = self._placements()
            typed = sorted(
                (one.last for one in found if one.kind == "typed" and one.last and one.last.word < end),
                key=lambda match: match.word,
            )
            if not typed:
                if sum(one.kind in {"untyped", "unsure"} for one in found) >= MOST_MISSES:
                    raise DoubtError("nothing that is typed is heard")
                yield from self.probe(self._guess(left))
                continue
            rest, rate = self.count(typed[-1].word + 1, end), self._rate(typed)
            near = _NEAR_MS_OF_SHORT if self.count(0, end) < _SHORT_WORDS else _NEAR_MS
            if rest <= max(_NEAR_WORDS, rate * near):
                return typed[-1]
            untyped = [one.window.span.start for one in found if one.kind == "untyped"]
            yield from self.probe(self._next(typed, rest, rate, untyped))
        raise DoubtError("the end is not approached")

    def _placements(self) -> list[Placement]:
        if len(self._placed) != len(self.windows):  # windows are only ever added
            self._placed = placements(self.transcript, self.windows, self.duration)
        return self._placed

    def _guess(self, left: list[Ms]) -> Ms:
        while left:
            at = min(max(0, left.pop(0)), max(0, self.duration - PROBE_MS - EDGE_MS))
            if all(not one.span.start - PROBE_MS // 2 < at < one.span.end for one in self.windows):
                return at
        raise DoubtError("nothing that is typed is heard")

    def _rate(self, typed: Sequence[Match]) -> float:
        last = typed[-1]
        far = next((one for one in reversed(typed[:-1]) if last.at - one.at > 45_000), None)
        if far is not None:
            rate = self.count(far.word, last.word) / (last.at - far.at)
        else:
            rate = self.count(0, last.word) / last.at if last.at > 60_000 else FIRST_RATE
        return min(max(rate, SLOWEST), USUAL_FASTEST)

    def _next(self, typed: Sequence[Match], rest: int, rate: float, untyped: Sequence[Ms]) -> Ms:
        """Return where to probe: a little before the last word is expected, or where it may be after a hole."""
        at, ahead = typed[-1].at, round(rest / rate)
        start = min(max(at + ahead - PROBE_MS - EDGE_MS - 2_000 - ahead // 20, at), self.duration - PROBE_MS)
        first = next((one for one in untyped if one > at - 1_000), None)
        if first is None or start + PROBE_MS <= first - 5_000:
            return start
        soonest = at + rest / min(FASTEST, rate * (1.35 if len(typed) > 1 else 2))
        has_room = first - at > 1.3 * PROBE_MS
        beyond = None if soonest < first and has_room else self._beyond(at, max(30_000, round(0.6 * ahead)))
        if beyond is None and not has_room:
            raise DoubtError("the rest of the text is not heard")
        return max(at, (at + first - PROBE_MS) // 2) if beyond is None else beyond  # behind a hole the rate is too low

    def _beyond(self, at: Ms, step: Ms) -> Ms | None:
        """Return where nothing was heard yet, a step behind a place or more; None if there is no such place."""
        later = [one.span for one in self.windows if one.span.start >= at]
        places = range(at + step, self.duration - 5_000, step // 4)
        free = (p for p in places if all(not one.start - step // 2 < p < one.end + step // 2 for one in later))
        return next(free, None)

    def probe(self, start: Ms) -> Listening[None]:
        """Listen to a window at a place, or beside it where it was listened to; longer if it says nothing."""
        for shift in (0, 1, -1, 2, -2, 4, -4, 8):
            at = start + shift * PROBE_MS
            if not 0 <= at < self.duration - 2_000:
                continue
            window = yield from self.listen(at, at + PROBE_MS + EDGE_MS)
            if window is not None and window.span.duration > 4_000:
                break
        else:
            raise DoubtError("there is nothing left to listen to")
        (found,) = (one for one in self._placements() if one.window == window)
        if found.kind in {"unsure", "silent"}:
            yield from self.listen(window.span.end, window.span.end + PROBE_MS)

    # --- listening on ------------------------------------------------------------------------------------------------

    def settle(self, end: int, start: Match) -> Listening[_Ending]:
        """Listen on from a match until the last words before ``end`` are in one piece, with nothing typed after."""
        back = 0
        origin = self.contiguous(start.at - 1).start
        for _ in range(MOST_WALKS):
            ending = self.ending(end, start.word, origin)
            listened = self.contiguous(*((ending[0],) if ending else ()), start.at - 1)
            if ending and not self._hangs_together(ending[1], listened) and listened.start > 0 and back < MOST_BACK:
                back += 1
                origin = min(origin, max(0, listened.start - 20_000))
                yield from self.listen(origin, listened.start)
                continue
            left = speech_between(self.windows, max(ending[0] if ending else 0, listened.start), listened.end)
            is_at_the_end = listened.end >= self.duration - 300
            if ending and (left >= UNTYPED_MS or is_at_the_end):
                return _Ending(*ending, listened, is_at_the_end)
            is_whole = ending is not None and self.count(ending[1] + 1, end) == 0
            most = max(12_000, round((UNTYPED_MS - left) * 1.2) + 5_000) if is_whole else WALK_MS + 2_000
            window = yield from self.listen(listened.end, listened.end + min(WALK_MS + 2_000, most))
            if window is None:
                break
        raise DoubtError("the end of the typing is not found by listening on")

    def ending(self, end: int, word: int, origin: Ms) -> tuple[Ms, int] | None:
        """Return the end of the last found utterance before the word ``end``, and the last measured word."""
        before = [k for k in self.spoken if k <= word]
        first = before[-SETTLED_WORDS] if len(before) > SETTLED_WORDS else 0
        hearing = hearing_of(self.windows, self.duration)
        at = next((k for k, one in enumerate(hearing.words) if one.span.start >= origin), len(hearing.words))
        alignment = aligned_from(self.transcript, hearing, first, at)
        self.words, self.utterances = assign_times(self.transcript, hearing, alignment)
        measured = [k for k in self.spoken if k < end and self.words[k].measured]
        ends = [
            timed.span.end
            for one, timed in zip(self.transcript.utterances, self.utterances, strict=True)
            if one.words.start < end and timed.span is not None
        ]
        return (ends[-1], measured[-1]) if measured and ends else None

    def _hangs_together(self, word: int, listened: Span) -> bool:
        """Return whether half of the last words up to this one are measured, all in one piece of listening."""
        last = [k for k in self.spoken if k <= word][-LAST_WORDS:]
        starts = [span.start for k in last if self.words[k].measured and (span := self.words[k].span) is not None]
        return len(starts) >= 0.5 * len(last) and starts[0] >= listened.start

    # --- the answer --------------------------------------------------------------------------------------------------

    def locate(self, end: int, guesses: Sequence[Ms]) -> Listening[_Ending]:
        """Find where the text before its word ``end`` ends."""
        for _ in range(MOST_ROUNDS):
            start = yield from self.near(end, guesses)
            ending = yield from self.settle(end, start)
            missing = self.count(ending.word + 1, end)
            last = self.transcript.words[[k for k in self.spoken if k < end][-1]].utterance
            is_last = self.transcript.words[ending.word].utterance == last
            begins = self.transcript.utterances[last].words.start
            if missing <= MOST_MISSING_WORDS or (is_last and missing <= 0.5 * self.count(begins, end)):
                if not self._hangs_together(ending.word, ending.listened):
                    raise DoubtError("the last typed words are not heard in one piece")
                if unheard_after(self.windows, ending.at) > MOST_UNHEARD_MS:
                    raise DoubtError("of what is said next nothing is heard")
                if num_together(self.words[: ending.word + 1], self.windows, MOST_UNHEARD_MS) < LEAST_TOGETHER:
                    raise DoubtError("too few of the last typed words are heard together")
                return ending
        raise DoubtError("the last typed words are not heard")

    def hole(self) -> Listening[Continue | None]:
        """Find the point of a note with text behind it; None if the text goes on there in the recording too."""
        note = self.transcript.notes[-1] if self.transcript.notes else None
        after = [one for one in self.transcript.utterances if note and one.chars.start >= note.chars.end]
        before = [one for one in self.transcript.utterances if note and one.chars.start < note.chars.start]
        if note is None or not after or not before or not self.count(0, after[0].words.start):
            return None
        end, whole = after[0].words.start, len(self.transcript.words)
        ending = yield from self.locate(end, self._guesses())
        following = self._first_behind(end)
        if following is None or following > ending.listened.end:
            yield from self.near(min(whole, end + 400), ())
            if self._first_behind(end) is None:
                raise DoubtError("the text behind the note is not heard")
        until = min(following or ending.listened.end, ending.listened.end)
        words = hearing_of(self.windows, self.duration).words
        if sum(ending.at <= one.span.start < until for one in words) < LEAST_UNTRANSCRIBED_WORDS:
            return None
        return Continue(ending.at, complete=False, hole_note=len(self.transcript.notes) - 1)

    def _first_behind(self, word: int) -> Ms | None:
        """Return when the first typed word behind a place of the text is heard."""
        hearing = hearing_of(self.windows, self.duration)
        alignment = align(self.transcript.words, hearing.words, AlignOptions(), hearing.language)
        starts = [hearing.words[heard].span.start for heard, of in last_matches(alignment).items() if of >= word]
        return min(starts, default=None)

    def end(self) -> Listening[Continue]:
        """Find the end of the text."""
        whole = len(self.transcript.words)
        ending = yield from self.locate(whole, self._guesses())
        words = hearing_of(self.windows, self.duration).words
        following = sum(one.span.start >= ending.at for one in words)
        if ending.is_at_the_end and following < LEAST_UNTRANSCRIBED_WORDS:
            return Continue(None, complete=True)
        yield from self._guard(ending)
        again = self.ending(whole, ending.word, self.contiguous(ending.at).start)
        if again is None or abs(again[0] - ending.at) > 500:
            raise DoubtError("what is heard later moves the end")
        return Continue(again[0], complete=False)

    def _guesses(self) -> tuple[Ms, ...]:
        note = self.transcript.notes[-1] if self.transcript.notes else None
        return (note.at - PROBE_MS - EDGE_MS,) if note and 0 < note.at < self.duration else ()

    def _guard(self, ending: _Ending) -> Listening[None]:
        """Listen to the rest here and there.

        Raises:
            DoubtError: typed words that are not known from elsewhere are said there.
        """
        first, last = ending.listened.end + 20_000, self.duration - GUARD_MS - 1_000
        for number in range(1, GUARDS + 1) if last > first else ():
            at = first + (last - first) * number // GUARDS
            window = yield from self.listen(at, at + GUARD_MS)
            if window is None:
                continue
            hearing = hearing_of([window], self.duration)
            alignment = align(self.transcript.words, hearing.words, AlignOptions(), hearing.language)
            said = {k for one in alignment.pairings if one.score > 0 for k in one.written}
            if len(said) < max(LEAST_GUARD_MATCHES, 0.4 * len(hearing.words)):
                continue
            if sum(self.words[k].measured for k in said) < 0.5 * len(said):
                raise DoubtError("typed words are said later")
