"""The windows that were listened to so far, and where in the text each of them is.

All windows are aligned with the text together, so that what is said twice is found in order. A window is *typed* where
enough of it matches, and *untyped* where next to nothing does; between the two it is *unsure*.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

from pipeline.matching.alignment.align import AlignOptions, align
from pipeline.matching.alignment.word_grouping import group_into_words
from pipeline.matching.continue_note import LEAST_UNTRANSCRIBED_WORDS
from pipeline.schema import Alignment, HeardWord, Hearing, Pairing, Run, TimedWord, Transcript
from pipeline.times import Ms, Span

LEAST_MATCHED_WORDS = 6
LEAST_MATCHED_SHARE = 0.4
LEAST_IN_A_ROW = 5
"""A window is typed if so many of its words match and they are this share of it, or if so many match in a row. Of 52
words of an untyped window 13 matched by chance, but not in a row (joined episodes of an hour)."""

MOST_CHANCE_WORDS = 2
MOST_CHANCE_SHARE = 0.12
"""A window is untyped if no more of its words match, or a smaller share of them."""

LEAST_WORDS = 8
"""A window with fewer words says nothing: music, or a pause."""

EDGE_MS: Ms = 3_000
"""A window ends in a pause, which is looked for so far from its edge."""

Kind = Literal["typed", "untyped", "unsure", "silent"]


class Request(NamedTuple):
    """What to listen to next, and whether each edge may be moved into a pause up to ``EDGE_MS`` inside."""

    span: Span
    moves_start: bool
    moves_end: bool


@dataclass(frozen=True, slots=True)
class HeardWindow:
    """A short part of the recording that was listened to: its voice activity, its words, the language they are in."""

    span: Span
    speech: tuple[Span, ...]
    words: tuple[HeardWord, ...]
    language: str


class Match(NamedTuple):
    """A heard word and the last of the written words that it matches."""

    at: Ms
    word: int


class Placement(NamedTuple):
    """Where in the text a window is, by its last match; None without one."""

    window: HeardWindow
    kind: Kind
    last: Match | None


def hearing_of(windows: Sequence[HeardWindow], duration: Ms) -> Hearing:
    """Return all windows, which are in order and disjoint, as the hearing of a recording."""
    language = windows[0].language if windows else "en"
    words = tuple(word for window in windows for word in window.words)
    speech = tuple(span for window in windows for span in window.speech)
    return group_into_words(Hearing(words, speech, duration, language, "", "", ""))


def speech_between(windows: Sequence[HeardWindow], start: Ms, end: Ms) -> Ms:
    """Return how much speech the windows have between two points."""
    spans = (span for one in windows for span in one.speech)
    return sum(max(0, min(span.end, end) - max(span.start, start)) for span in spans)


def unheard_after(windows: Sequence[HeardWindow], at: Ms) -> Ms:
    """Return how much speech follows a point before the next word: Whisper may have left it out."""
    starts = (word.span.start for one in windows for word in one.words if word.span.start >= at)
    return speech_between(windows, at, next(starts, windows[-1].span.end if windows else at))


def last_unheard(windows: Sequence[HeardWindow], before: Ms, least: Ms) -> Ms:
    """Return where the last pause between two words ends that has more speech than ``least``; 0 if there is none.

    Args:
        before: the point before which it ends.
    """
    words = [word.span for one in windows for word in one.words if word.span.start <= before]
    pauses = (Span(one.end, two.start) for one, two in pairwise(words) if two.start - one.end > least)
    cuts = (pause.end for pause in pauses if speech_between(windows, pause.start, pause.end) > least)
    return max(cuts, default=0)


def num_together(words: Sequence[TimedWord], windows: Sequence[HeardWindow], most_unheard: Ms) -> int:
    """Return how many of the last measured words have neither unheard speech nor an untyped passage between them.

    Args:
        words: typed words with their times, in order; the last of them is measured.
        windows: what was heard.
        most_unheard: the most speech without a word.
    """
    starts = [word.span.start for one in windows for word in one.words]
    found = [(number, word.span) for number, word in enumerate(words) if word.measured and word.span is not None]
    untyped = (
        later.start
        for (one, earlier), (two, later) in pairwise(found)
        if bisect_left(starts, later.start) - bisect_left(starts, earlier.end) - (two - one - 1)
        >= LEAST_UNTRANSCRIBED_WORDS
    )
    cut = max(last_unheard(windows, found[-1][1].start, most_unheard), *untyped, 0)
    return sum(span.start >= cut for _, span in found)


def placements(transcript: Transcript, windows: Sequence[HeardWindow], duration: Ms) -> list[Placement]:
    """Return where each window is in the text."""
    hearing = hearing_of(windows, duration)
    alignment = align(transcript.words, hearing.words, AlignOptions(), hearing.language)
    matched, starts = last_matches(alignment), [word.span.start for word in hearing.words]
    found = []
    for window in windows:
        first, end = (bisect_left(starts, edge) for edge in (window.span.start, window.span.end))
        inside = [number for number in range(first, end) if number in matched]
        last = Match(hearing.words[inside[-1]].span.end, matched[inside[-1]]) if inside else None
        found.append(Placement(window, _kind(end - first, inside, matched), last))
    return found


def last_matches(alignment: Alignment) -> dict[int, int]:
    """Return the last written word that each matched heard word stands for, by their indices."""
    return {heard: one.written.end - 1 for one in alignment.pairings if one.score > 0 for heard in one.heard}


def aligned_from(transcript: Transcript, hearing: Hearing, word: int, heard: int) -> Alignment:
    """Return the alignment of what is written from a word on with what is heard from a word on, alone."""
    part = align(transcript.words[word:], hearing.words[heard:], AlignOptions(), hearing.language)
    moved = (
        Pairing(
            Run(one.written.start + word, one.written.end + word),
            Run(one.heard.start + heard, one.heard.end + heard),
            one.score,
        )
        for one in part.pairings
    )
    skipped = [Pairing(Run(0, word), Run(0, heard), 0.0)] if word or heard else []
    return Alignment((*skipped, *moved), None)


def _kind(words: int, inside: Sequence[int], matched: Mapping[int, int]) -> Kind:
    if words < LEAST_WORDS and len(inside) < LEAST_IN_A_ROW:
        return "silent"
    row = longest = 0
    for one, two in pairwise(inside):
        row = row + 1 if two == one + 1 and 0 < matched[two] - matched[one] <= 2 else 0
        longest = max(longest, row)
    if (len(inside) >= LEAST_MATCHED_WORDS and len(inside) >= LEAST_MATCHED_SHARE * words) or longest >= LEAST_IN_A_ROW:
        return "typed"
    few = len(inside) <= MOST_CHANCE_WORDS or len(inside) < MOST_CHANCE_SHARE * words
    return "untyped" if few else "unsure"
