"""All that is said in a recording: windows of speech to an engine, its loops taken out, words in order.

Whisper is good at words and bad at silence, so it is given nothing but speech. Where it runs in circles all the same,
that stretch is decoded anew, cut and weighed otherwise; where it leaves out seconds of speech, it is given these alone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import Protocol

from pipeline.errors import EngineError, NoSpeechError
from pipeline.listening.audio.recording import Recording
from pipeline.listening.audio.vad import STAGE, SpeechOptions, Window, joined, stretches, windows
from pipeline.listening.transcribe import HINTED, Decoding, Transcriber, as_hint
from pipeline.listening.transcribe.repetition import LoopOptions, compression, loops, without_repeats
from pipeline.matching.alignment.relisten_spans import WHISPER_WINDOW_MS
from pipeline.options import option
from pipeline.progress import Progress, Step
from pipeline.schema import HeardWord, Hearing
from pipeline.times import MS_PER_SECOND, Ms, Span, format_clock, from_seconds

_log = logging.getLogger(__name__)

_IN_ONE_CALL = 8
"""Such stretches in one call: a batch for an engine that works in batches, and some steps of progress in a window."""

_CONTEXT: Ms = MS_PER_SECOND
"""Sound that an engine may use on both sides of the speech that it is to hear."""

_SPEECH = SpeechOptions()


@dataclass(frozen=True, slots=True)
class HearOptions(LoopOptions):
    """What is done where Whisper runs in circles."""

    retry_temperature: float = option(
        0.4, "How far, from 0 to 1, the second reading of a loop departs from what Whisper thinks likeliest"
    )

    unheard_s: float = option(
        3.0, "Seconds of speech without a single word from which on Whisper is given just these once more"
    )

    def __post_init__(self) -> None:
        LoopOptions.__post_init__(self)  # a slotted dataclass has no zero-argument super()
        if not 0 <= self.retry_temperature <= 1:
            raise ValueError(f"retry_temperature must be from 0 to 1, not {self.retry_temperature}")
        if self.unheard_s <= 0:
            raise ValueError(f"unheard_s must be more than 0, not {self.unheard_s}")


class WindowStore(Protocol):
    """Where the words of single windows are kept, so that a run that was killed goes on where it stopped."""

    def load(self, key: str) -> tuple[HeardWord, ...] | None:
        """The words heard in a window; None if it was not listened to yet."""

    def save(self, key: str, words: tuple[HeardWord, ...]) -> None:
        """Keep the words heard in a window."""


@dataclass(frozen=True, slots=True)
class _Listener:
    """What stays the same from window to window."""

    transcriber: Transcriber
    language: str
    options: HearOptions
    hint: str

    def call(self, window: Window, clips: Sequence[Span], temperature: float = 0.0) -> tuple[HeardWord, ...]:
        """Let the engine hear neighbouring stretches of speech."""
        whole = Span(max(0, clips[0].start - _CONTEXT), clips[-1].end + _CONTEXT)
        decoding = Decoding(self.language, self.hint, temperature)
        try:
            return self.transcriber.hear(window.waveform.crop(whole), tuple(clips), decoding)
        except (RuntimeError, ValueError, MemoryError) as error:
            reason = f"failed at {format_clock(clips[0].start)} of the audio ({error})"
            raise EngineError(self.transcriber.engine, reason) from error


def hear(
    recording: Recording,
    transcriber: Transcriber,
    options: HearOptions,
    progress: Progress,
    keep: WindowStore | None = None,
    speech: SpeechOptions = _SPEECH,
    hints: tuple[str, ...] = (),
) -> Hearing:
    """Hear a whole recording, in bounded memory.

    Words are in order and do not overlap, each lies in speech, and of a phrase that the engine repeats in a circle
    one round is left.

    Args:
        keep: holds the words of windows that were heard before, under keys that name language and speech; None to
            hear all anew. They do not name the hints.
        hints: terms that may be said, for windows that were not heard before; told in the languages in which it helps.

    Raises:
        NoSpeechError: nobody speaks in it, or nothing of it could be made out.
        EngineError: the engine failed.
        AudioError: the file cannot be read any more.
    """
    words: list[HeardWord] = []
    spoken: list[Span] = []
    listener: _Listener | None = None
    told: tuple[str, ...] = ()
    for window in windows(recording, speech, progress):
        if not window.speech:
            continue
        if listener is None:
            language = transcriber.language(window.waveform, window.speech)
            told = hints if language in HINTED else ()
            listener = _Listener(transcriber, language, options, as_hint(told))
        words += _kept(listener, window, keep, lambda at: progress(Step(STAGE, at, recording.duration, "ms")))
        spoken += window.speech
    if listener is None or not words:
        raise NoSpeechError(recording.path)
    return Hearing(
        words=in_order(words),
        speech=joined(spoken, 0),
        duration=recording.duration,
        language=listener.language,
        engine=transcriber.engine,
        model=transcriber.weights.model,
        weights=transcriber.weights.sha256,
        settings={**transcriber.settings, **asdict(speech), **asdict(options)},
        hints=told,
    )


def _kept(
    listener: _Listener, window: Window, keep: WindowStore | None, reach: Callable[[Ms], None]
) -> tuple[HeardWord, ...]:
    """The words of a window, from the store where they are there."""
    key = " ".join((listener.language, *(f"{span.start}-{span.end}" for span in window.speech)))
    words = keep.load(key) if keep else None
    if words is None:
        words = tuple(_decode(listener, window, reach))
        if keep:
            keep.save(key, words)
    return words


def _decode(listener: _Listener, window: Window, reach: Callable[[Ms], None]) -> Iterator[HeardWord]:
    """The words of a window, several stretches a call, each stretch free of loops."""
    gathered = list(stretches(window.speech, WHISPER_WINDOW_MS))  # a loop may have lost the words of that much
    for first in range(0, len(gathered), _IN_ONE_CALL):
        several = gathered[first : first + _IN_ONE_CALL]
        heard = listener.call(window, [span for stretch in several for span in stretch])
        for stretch in several:
            words = tuple(word for word in heard if stretch[0].start <= word.span.start < stretch[-1].end)
            if loops(words, listener.options):
                words = _out_of_loops(listener, window, stretch, words)
            yield from (*words, *_left_out(listener, window, stretch, words))
        reach(several[-1][-1].end)


def _out_of_loops(
    listener: _Listener, window: Window, stretch: tuple[Span, ...], words: tuple[HeardWord, ...]
) -> tuple[HeardWord, ...]:
    """Hear a stretch anew, halved and weighed otherwise; where that loops too, keep one round of the better reading."""
    _log.info("words run in circles at %s: heard anew", format_clock(stretch[0].start))
    again = tuple(
        word for half in halves(stretch) for word in listener.call(window, half, listener.options.retry_temperature)
    )
    if not loops(again, listener.options):
        return again
    return without_repeats(min(again, words, key=compression), listener.options)


def _left_out(
    listener: _Listener, window: Window, stretch: tuple[Span, ...], words: tuple[HeardWord, ...]
) -> tuple[HeardWord, ...]:
    """What is heard in the parts of a stretch for which the engine gave nothing: it may skip whole sentences.

    The adapters read the ends of a chunk again by themselves; here are the holes in its middle, and what is left.
    """
    clips = unheard(stretch, words, from_seconds(listener.options.unheard_s))
    if not clips:
        return ()
    _log.info("no words for the speech at %s: heard once more", format_clock(clips[0].start))
    again = listener.call(window, clips)
    return () if loops(again, listener.options) else again


# --- pure --------------------------------------------------------------------------------------------------------


def halves(stretch: tuple[Span, ...]) -> tuple[tuple[Span, ...], ...]:
    """Cut a stretch at its longest pause; one without a pause stays whole."""
    gaps = [after.start - before.end for before, after in pairwise(stretch)]
    if not gaps:
        return (stretch,)
    middle = 1 + gaps.index(max(gaps))
    return stretch[:middle], stretch[middle:]


def unheard(stretch: Sequence[Span], words: Sequence[HeardWord], at_least: Ms) -> tuple[Span, ...]:
    """The parts of some speech, ``at_least`` so long, in which no word lies.

    >>> unheard([Span(0, 9_000)], [HeardWord("so", Span(0, 400)), HeardWord("then", Span(8_000, 8_300))], 3_000)
    (Span(start=400, end=8000),)
    """
    parts: list[Span] = []
    for clip in stretch:
        inside = [word.span for word in words if clip.start <= word.span.start < clip.end]
        starts = (clip.start, *(span.end for span in inside))
        ends = (*(span.start for span in inside), clip.end)
        parts += [Span(start, end) for start, end in zip(starts, ends, strict=True) if end - start >= at_least]
    return tuple(parts)


def in_order(words: Iterable[HeardWord]) -> tuple[HeardWord, ...]:
    """Words by their start, each ending before the next one starts."""
    ordered = sorted(words, key=lambda word: (word.span.start, word.span.end))
    ends = (min(one.span.end, two.span.start) for one, two in pairwise(ordered))
    cut = (replace(word, span=Span(word.span.start, end)) for word, end in zip(ordered, ends, strict=False))
    return (*cut, *ordered[-1:])
