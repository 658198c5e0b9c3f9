"""Transcribe a whole recording, window by window, and repair repetition loops and skipped speech.

Whisper recognises words well and invents text in silence, so it gets only speech. If it still repeats itself, that
group of clips is decoded again with another cut and another temperature. If it skips seconds of speech, these are
decoded again by themselves.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import Protocol

from pipeline.errors import NoSpeechError
from pipeline.listening.audio.recording import Recording
from pipeline.listening.audio.vad import STAGE, SpeechOptions, Window, group_spans, merge_spans, speech_windows
from pipeline.listening.engine_errors import engine_errors
from pipeline.listening.transcribe import HINTED, Decoding, Transcriber, as_hint
from pipeline.listening.transcribe.repetition import LoopOptions, compression_ratio, is_loop, without_repeats
from pipeline.matching.alignment.relisten_spans import WHISPER_WINDOW_MS
from pipeline.options import option, option_of
from pipeline.progress import Progress, Step
from pipeline.schema import HeardWord, Hearing
from pipeline.times import MS_PER_SECOND, Ms, Span, format_clock, from_seconds

_log = logging.getLogger(__name__)

_GROUPS_PER_CALL = 8
"""Groups of clips in one call: a batch for an engine that decodes in batches, and some progress within a window."""

_CONTEXT: Ms = MS_PER_SECOND
"""Audio that an engine may use on both sides of the clips."""

_SPEECH = SpeechOptions()


@dataclass(frozen=True, slots=True)
class HearOptions:
    """When words are a repetition loop, and how loops and skipped speech are decoded again.

    All options are one table of the configuration; ``loop_options`` are the limits of loops.
    """

    max_repeats: int = option_of(LoopOptions, "max_repeats")
    max_words_per_second: float = option_of(LoopOptions, "max_words_per_second")
    max_compression: float = option_of(LoopOptions, "max_compression")
    retry_temperature: float = option(
        0.4, "How far, from 0 to 1, a loop's second decoding departs from Whisper's likeliest words"
    )
    unheard_s: float = option(3.0, "Seconds of speech without a word from which on they are transcribed once more")

    def __post_init__(self) -> None:
        self.loop_options()  # checks its own
        if not 0 <= self.retry_temperature <= 1:
            raise ValueError(f"retry_temperature must be from 0 to 1, not {self.retry_temperature}")
        if self.unheard_s <= 0:
            raise ValueError(f"unheard_s must be more than 0, not {self.unheard_s}")

    def loop_options(self) -> LoopOptions:
        """Return the limits of repetition loops."""
        return LoopOptions(self.max_repeats, self.max_words_per_second, self.max_compression)


class WindowStore(Protocol):
    """Keeps the words of single windows, so that a run that was killed continues where it stopped."""

    def load(self, key: str) -> tuple[HeardWord, ...] | None:
        """Return the words of a window; None if it was not transcribed yet."""

    def save(self, key: str, words: tuple[HeardWord, ...]) -> None:
        """Keep the words of a window."""


@dataclass(frozen=True, slots=True)
class _WindowTranscriber:
    """An engine with everything that is the same for all windows."""

    transcriber: Transcriber
    language: str
    options: HearOptions
    hint: str

    def transcribe(self, window: Window, clips: Sequence[Span], temperature: float = 0.0) -> tuple[HeardWord, ...]:
        """Transcribe neighbouring clips of a window."""
        whole = Span(max(0, clips[0].start - _CONTEXT), clips[-1].end + _CONTEXT)
        decoding = Decoding(self.language, self.hint, temperature)
        with engine_errors(self.transcriber.engine, f"failed at {format_clock(clips[0].start)} of the audio"):
            return self.transcriber.hear(window.waveform.crop(whole), tuple(clips), decoding)

    def is_loop(self, words: Sequence[HeardWord]) -> bool:
        """Return whether there is a repetition loop in the words of a group of clips."""
        return is_loop(words, self.options.loop_options())


def hear(
    recording: Recording,
    transcriber: Transcriber,
    options: HearOptions,
    progress: Progress,
    keep: WindowStore | None = None,
    speech: SpeechOptions = _SPEECH,
    hints: tuple[str, ...] = (),
) -> Hearing:
    """Transcribe a whole recording, in bounded memory.

    Words are in order and do not overlap, each is inside speech, and only one round of a repetition loop is kept.

    Args:
        options: the limits of repetition loops, and how they are decoded again.
        progress: gets steps in ms of audio.
        keep: the words of windows that were transcribed before, under keys with language and speech, without the
            hints; None to transcribe everything again.
        speech: the options of voice activity detection.
        hints: terms that may be said, for windows that were not transcribed before; used in the languages of
            ``HINTED``.

    Raises:
        NoSpeechError: there is no speech in the recording, or none of it is recognised.
        EngineError: the engine failed.
        AudioError: the file can no longer be read.
    """
    words: list[HeardWord] = []
    spoken: list[Span] = []
    engine: _WindowTranscriber | None = None
    used: tuple[str, ...] = ()
    for window in speech_windows(recording, speech, progress):
        if not window.speech:
            continue
        if engine is None:
            language = transcriber.language(window.waveform, window.speech)
            used = hints if language in HINTED else ()
            engine = _WindowTranscriber(transcriber, language, options, as_hint(used))
        words += _words_of(engine, window, keep, lambda at: progress(Step(STAGE, at, recording.duration, "ms")))
        spoken += window.speech
    if engine is None or not words:
        raise NoSpeechError(recording.path)
    return Hearing(
        words=in_order(words),
        speech=merge_spans(spoken, 0),
        duration=recording.duration,
        language=engine.language,
        engine=transcriber.engine,
        model=transcriber.weights.model,
        weights=transcriber.weights.sha256,
        settings={**transcriber.settings, **asdict(speech), **asdict(options)},
        hints=used,
    )


def _words_of(
    engine: _WindowTranscriber, window: Window, keep: WindowStore | None, report: Callable[[Ms], None]
) -> tuple[HeardWord, ...]:
    """Return the words of a window, from the store if they are in it."""
    key = " ".join((engine.language, *(f"{span.start}-{span.end}" for span in window.speech)))
    words = keep.load(key) if keep else None
    if words is None:
        words = tuple(_transcribe_window(engine, window, report))
        if keep:
            keep.save(key, words)
    return words


def _transcribe_window(engine: _WindowTranscriber, window: Window, report: Callable[[Ms], None]) -> Iterator[HeardWord]:
    """Yield the words of a window, several groups of clips a call, without loops."""
    all_groups = list(group_spans(window.speech, WHISPER_WINDOW_MS))
    for first in range(0, len(all_groups), _GROUPS_PER_CALL):
        groups = all_groups[first : first + _GROUPS_PER_CALL]
        heard = engine.transcribe(window, [clip for group in groups for clip in group])
        for group in groups:
            words = tuple(word for word in heard if group[0].start <= word.span.start < group[-1].end)
            if engine.is_loop(words):
                words = _without_loop(engine, window, group, words)
            yield from (*words, *_skipped_words(engine, window, group, words))
        report(groups[-1][-1].end)


def _without_loop(
    engine: _WindowTranscriber, window: Window, group: tuple[Span, ...], words: tuple[HeardWord, ...]
) -> tuple[HeardWord, ...]:
    """Decode a group again in two halves; if that loops too, return one round of the less repetitive words."""
    _log.info("repeated words at %s: transcribed again", format_clock(group[0].start))
    again = tuple(
        word for half in halves(group) for word in engine.transcribe(window, half, engine.options.retry_temperature)
    )
    if not engine.is_loop(again):
        return again
    return without_repeats(min(again, words, key=compression_ratio), engine.options.loop_options())


def _skipped_words(
    engine: _WindowTranscriber, window: Window, group: tuple[Span, ...], words: tuple[HeardWord, ...]
) -> tuple[HeardWord, ...]:
    """Return the words of the parts of a group without a word: the engine may skip whole sentences.

    The adapters decode the ends of a chunk again by themselves; this covers gaps in the middle, and what is left.
    """
    clips = speech_without_words(group, words, from_seconds(engine.options.unheard_s))
    if not clips:
        return ()
    _log.info("speech without words at %s: transcribed again", format_clock(clips[0].start))
    again = engine.transcribe(window, clips)
    return () if engine.is_loop(again) else again


# --- pure --------------------------------------------------------------------------------------------------------


def halves(clips: tuple[Span, ...]) -> tuple[tuple[Span, ...], ...]:
    """Split clips at the longest pause between them; a single clip stays whole."""
    gaps = [after.start - before.end for before, after in pairwise(clips)]
    if not gaps:
        return (clips,)
    middle = 1 + gaps.index(max(gaps))
    return clips[:middle], clips[middle:]


def speech_without_words(clips: Sequence[Span], words: Sequence[HeardWord], at_least: Ms) -> tuple[Span, ...]:
    """Return the parts of clips, ``at_least`` so many ms long, in which no word is.

    >>> words = [HeardWord("so", Span(0, 400)), HeardWord("then", Span(8_000, 8_300))]
    >>> speech_without_words([Span(0, 9_000)], words, 3_000)
    (Span(start=400, end=8000),)
    """
    parts: list[Span] = []
    for clip in clips:
        inside = [word.span for word in words if clip.start <= word.span.start < clip.end]
        starts = (clip.start, *(span.end for span in inside))
        ends = (*(span.start for span in inside), clip.end)
        parts += [Span(start, end) for start, end in zip(starts, ends, strict=True) if end - start >= at_least]
    return tuple(parts)


def in_order(words: Iterable[HeardWord]) -> tuple[HeardWord, ...]:
    """Return the words in the order of their starts, each shortened to end before the next one starts."""
    ordered = sorted(words, key=lambda word: (word.span.start, word.span.end))
    ends = (min(one.span.end, two.span.start) for one, two in pairwise(ordered))
    cut = (replace(word, span=Span(word.span.start, end)) for word, end in zip(ordered, ends, strict=False))
    return (*cut, *ordered[-1:])
