"""Recognise from a few windows that a recording and a transcript are of different episodes.

    recording  ├─────────────────────────────────────────────────────────────────────────────┤
    typed      ████████████████████████████████████████ (as long as so many words take)
    listens        1      5   2       6   3      7    4          8            9           10

Most transcripts are typed from the start, so the windows lie first where the typed part is expected, then everywhere.
Two that have typed words are enough to go on: one may be an opening that all episodes have. A window that has a few of
them by chance says nothing. Only if so few have any that this would happen to the right episode less than once in a
thousand times is the recording taken for another one; else there is no verdict, and everything is listened to.

The function has no effects: it is a generator that yields what to listen to, and is sent what was heard.
"""

from __future__ import annotations

import math

from pipeline.matching.alignment.tokens import is_spoken
from pipeline.matching.probing import LEAST_PROBED_MS
from pipeline.matching.probing.heard_windows import EDGE_MS, HeardWindow, Request, placements
from pipeline.matching.probing.search import FIRST_RATE, PROBE_MS, Listening
from pipeline.schema import Transcript
from pipeline.times import Ms, Span

LEAST_TYPED_SHARE = 0.25
"""Of an episode of which less is typed, nothing is said: a typed part that does not begin at the start is missed too
easily."""

TYPED_DENSITY = 0.75
"""The share of windows in the typed part that have typed words, at least: the others are music, passages that the
typist left out, and words that were not heard. A guess on the safe side (``scripts/benchmark_wrong_audio.py``)."""

MOST_MISSED = 0.001
"""How often the right episode may be taken for another one, by these shares."""

TYPED_FROM_START = 0.95
"""The share of unfinished transcripts that are typed from the start; others are typed anywhere. A guess."""

MOST_SHARED = 1
"""The most windows of another episode that have typed words: the opening that the show always has, or an advert."""

MOST_WINDOWS = 24
"""More are not listened to: six minutes of sound, most of a minute of work."""


def different_episode(transcript: Transcript, duration: Ms) -> Listening[bool]:
    """Return whether recording and transcript are of different episodes; False if that is not certain.

    Yields what to listen to, and is sent the windows.

    Args:
        transcript: the transcript.
        duration: of the recording, in ms.
    """
    spoken = sum(map(is_spoken, transcript.words))
    typed = min(1.0, spoken / FIRST_RATE / duration) if duration else 0.0
    if duration < LEAST_PROBED_MS or typed < LEAST_TYPED_SHARE:
        return False
    windows: list[HeardWindow] = []
    for number, at in enumerate(_places(duration, round(typed * duration))):
        if number == MOST_WINDOWS or any(abs(one.span.start - at) < PROBE_MS + EDGE_MS for one in windows):
            continue
        window = yield Request(Span(at, at + PROBE_MS + EDGE_MS), moves_start=True, moves_end=True)
        windows = sorted([*windows, window], key=lambda one: one.span)
        kinds = {one.window.span: one.kind for one in placements(transcript, windows, duration)}
        hits = sum(kind == "typed" for kind in kinds.values())
        if hits > MOST_SHARED:
            return False
        clear = [span for span, kind in kinds.items() if kind in {"typed", "untyped"}]
        in_typed = sum(span.start < typed * duration for span in clear)
        if _missed(typed, hits, in_typed, len(clear)) <= MOST_MISSED:
            return True
    return False


def _missed(typed: float, hits: int, in_typed: int, count: int) -> float:
    """Return how often the right episode has typed words in so few windows.

    Args:
        typed: the share of the recording that is typed.
        hits: the windows that have typed words.
        in_typed: the windows in the part that is typed if the typing begins at the start.
        count: all windows.
    """
    from_start = _at_most(hits, in_typed, TYPED_DENSITY)
    from_elsewhere = _at_most(hits, count, TYPED_DENSITY * typed)
    elsewhere = (1 - TYPED_FROM_START) * (1 - typed)  # the more is typed, the less room is there to begin elsewhere
    return (1 - elsewhere) * from_start + elsewhere * from_elsewhere


def _at_most(hits: int, count: int, share: float) -> float:
    """Return the probability of at most so many hits (binomial distribution)."""
    return math.fsum(math.comb(count, k) * share**k * (1 - share) ** (count - k) for k in range(min(hits, count) + 1))


def _places(duration: Ms, typed: Ms) -> list[Ms]:
    """Return where to listen: in the part that is typed by its length, then everywhere, each time more densely."""
    last = duration - PROBE_MS - EDGE_MS - 1
    in_typed = [round(typed * share) for share in _spread(4)]
    return [min(at, last) for at in (*in_typed, *(round(duration * share) for share in _spread(MOST_WINDOWS)))]


def _spread(count: int) -> list[float]:
    """Return so many shares of a whole, each far from those before it (van der Corput's sequence, base 2)."""
    return [
        math.fsum((number >> bit & 1) / (2 << bit) for bit in range(number.bit_length()))
        for number in range(1, count + 1)
    ]
