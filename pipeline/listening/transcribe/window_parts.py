"""Divide a recording into the parts that are transcribed in one call each, in the order in which they are transcribed.

A window of some minutes is in memory at once. Its clips of speech are groups of at most 30 s, and a part has a few of
these groups.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from pipeline.listening.audio.levels import even_out
from pipeline.listening.audio.recording import Recording
from pipeline.listening.audio.speech_spans import group_spans
from pipeline.listening.audio.vad import SpeechOptions, Window, WindowPlace, speech_windows
from pipeline.matching.alignment.relisten_spans import WHISPER_WINDOW_MS
from pipeline.progress import Progress
from pipeline.schema import HeardWord
from pipeline.times import Ms, Span

_GROUPS_PER_CALL = 8
"""The most groups of clips in one call: a batch for an engine that decodes in batches, and some progress within a
window."""


class WindowStore(Protocol):
    """Keeps the words of single windows, so that a run that was killed continues where it stopped."""

    def load(self, key: str) -> tuple[HeardWord, ...] | None:
        """Return the words of a window; None if it was not transcribed yet."""

    def save(self, key: str, words: tuple[HeardWord, ...]) -> None:
        """Keep the words of a window."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a window, which is transcribed in one call.

    Attributes:
        span: of the recording.
        speech: in it.
        known: its words, if nothing is left to transcribe.
        groups: of clips, for the engine.
        key: of the window's words in a ``WindowStore``.
        window_parts: the starts of all parts of its window, in order; none if its words are known.
    """

    window: Window
    span: Span
    speech: tuple[Span, ...]
    known: tuple[HeardWord, ...] | None = None
    groups: Sequence[tuple[Span, ...]] = ()
    key: str = ""
    window_parts: tuple[Ms, ...] = ()


def windows_from(
    recording: Recording, speech: SpeechOptions, progress: Progress, start: Ms
) -> Iterator[tuple[Window, bool]]:
    """Yield the windows, those that end before ``start`` twice: in order, marked as to be heard later, and at last."""
    later: list[WindowPlace] = []
    for window in speech_windows(recording, speech, progress):
        is_later = window.waveform.span.end <= start
        if is_later:
            later.append(window.place)
        yield window, is_later
    for place in later:
        yield place.read(recording), False


def audible(window: Window) -> Window:
    """Return the window with quiet voices amplified."""
    return replace(window, waveform=even_out(window.waveform, window.speech))


def parts_of(window: Window, language: str, keep: WindowStore | None, start: Ms, at_once: int) -> Iterator[Part]:
    """Yield the parts of a window in the order in which they are transcribed; one with its words if these are known.

    Args:
        window: as the recording has it.
        language: that is spoken.
        keep: what was transcribed before.
        start: what ends before it comes last.
        at_once: how many parts are transcribed at once.
    """
    key = " ".join((language, *(f"{span.start}-{span.end}" for span in window.speech)))
    known = () if not window.speech else keep.load(key) if keep else None
    if known is not None:
        yield Part(window, window.waveform.span, window.speech, known)
        return
    window = audible(window)
    parts = [*divided(window, at_once)]
    starts = tuple(span.start for span, _ in parts)
    first = next((k for k, (span, _) in enumerate(parts) if span.end > start), 0)
    for span, groups in (*parts[first:], *parts[:first]):
        clips = tuple(clip for group in groups for clip in group)
        yield Part(window, span, clips, None, groups, key, starts)


def divided(window: Window, at_once: int) -> Iterator[tuple[Span, list[tuple[Span, ...]]]]:
    """Yield the parts of a window with their groups of clips; they cover it, and have as many groups or one fewer.

    There are ``at_once`` parts, or a multiple of that, so that no call waits for the last one of another.
    """
    groups, at = list(group_spans(window.speech, WHISPER_WINDOW_MS)), window.waveform.span.start
    count = min(len(groups), -(-len(groups) // (_GROUPS_PER_CALL * at_once)) * at_once)
    for k in range(count):
        some = groups[-(-len(groups) * k // count) : -(-len(groups) * (k + 1) // count)]
        end = window.waveform.span.end if k == count - 1 else some[-1][-1].end
        yield Span(at, end), some
        at = end
