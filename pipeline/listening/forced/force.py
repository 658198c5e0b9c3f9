"""Force the words of stretches onto the sound of a recording."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from pipeline.listening.audio.recording import SAMPLES_PER_MS, Recording, Waveform
from pipeline.listening.forced.grammar_aligner import GrammarAligner, Unit
from pipeline.listening.forced.pronunciations import pronunciations
from pipeline.matching.forced.stretches import Forced, ForcedWord, Stretch
from pipeline.times import Ms, Span

QUIET_MS: Ms = 60
"""The length of the quietest place in which a stretch is cut."""

LEAST_MS: Ms = 50
"""Shorter stretches have no word in them."""

_STEP: Ms = 10
_READ: Ms = 300_000
"""How much of a recording is decoded at once."""


def quietest(waveform: Waveform, within: Span) -> Ms:
    """Return the middle of the quietest ``QUIET_MS`` whose middle is in a span; its start if it is empty."""
    points = range(within.start, within.end, _STEP)
    if not points:
        return within.start
    levels = [_power(waveform.crop(Span(max(0, at - QUIET_MS // 2), at + QUIET_MS // 2)).samples) for at in points]
    return points[int(np.argmin(levels))]


def _power(samples: npt.NDArray[np.float32]) -> float:
    return float(np.mean(samples**2)) if len(samples) else 0.0


def force(recording: Recording, stretches: Sequence[Stretch]) -> Iterator[Forced]:
    """Yield the result of each stretch, in their order.

    Raises:
        AudioError: the recording cannot be read.
    """
    aligner = GrammarAligner()
    for window in _windows(stretches):
        around = Span(max(0, window[0].start.start - QUIET_MS), min(recording.duration, window[-1].end.end + QUIET_MS))
        waveform = recording.read(around)
        for stretch in window:
            start, end = quietest(waveform, stretch.start), quietest(waveform, stretch.end)
            samples = waveform.crop(Span(start, max(start, end))).samples
            yield Forced(start, _spans(aligner, samples, stretch.words))


def _windows(stretches: Sequence[Stretch]) -> Iterator[list[Stretch]]:
    window: list[Stretch] = []
    for stretch in stretches:
        if window and stretch.end.end - window[0].start.start > _READ:
            yield window
            window = []
        window.append(stretch)
    if window:
        yield window


def _spans(
    aligner: GrammarAligner, samples: npt.NDArray[np.float32], words: Sequence[ForcedWord]
) -> tuple[Span | None, ...]:
    units: list[Unit] = []
    of_unit: list[int] = []
    for number, word in enumerate(words):
        for key in word.keys:
            if ways := pronunciations(key, is_abbreviation=word.is_abbreviation):
                units.append(Unit(ways, word.optional))
                of_unit.append(number)
    spans: list[Span | None] = [None] * len(words)
    if len(samples) >= LEAST_MS * SAMPLES_PER_MS and units:
        for number, span in zip(of_unit, aligner.align(samples, units), strict=True):
            if span is not None:
                before = spans[number]
                spans[number] = span if before is None else before.cover(span)
    return tuple(spans)
