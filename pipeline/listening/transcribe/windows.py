"""Transcribe a whole recording, window by window, and repair repetition loops and skipped speech.

Whisper recognises words well and invents text in silence, so it gets only speech. If it still repeats itself, that
group of clips is decoded again with another cut and another temperature. If it skips seconds of speech, these are
decoded again by themselves.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from typing import cast

from threadpoolctl import threadpool_limits

from pipeline.errors import NoSpeechError
from pipeline.listening.audio.recording import Recording
from pipeline.listening.audio.vad import SpeechOptions, Window
from pipeline.listening.engine_errors import engine_errors
from pipeline.listening.map_in_threads import map_in_threads
from pipeline.listening.transcribe import HINTED, Decoding, TakeEncoded, Transcriber, as_hint, beam_size_in
from pipeline.listening.transcribe.repetition import LoopOptions, compression_ratio, is_loop, without_repeats
from pipeline.listening.transcribe.window_parts import Part, WindowStore, audible, parts_of, windows_from
from pipeline.options import option, option_of
from pipeline.progress import LISTENING, Progress, Step
from pipeline.schema import HeardWord, Hearing
from pipeline.times import MS_PER_SECOND, Ms, Span, format_clock, from_seconds, merge_spans

_log = logging.getLogger(__name__)

_CONTEXT: Ms = MS_PER_SECOND
"""Audio that an engine may use on both sides of the clips. No measurement is recorded for it."""

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


@dataclass(frozen=True, slots=True)
class HeardSoFar:
    """A part of a hearing: its words and its speech are those in ``spans``, the parts that were listened to."""

    hearing: Hearing
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class EarlyResults:
    """Who gets results while the engine listens, and where it begins.

    Attributes:
        take: gets what was heard so far, after each call of the engine.
        start: what ends before it is listened to last. The hearing in the end is the same, wherever it begins.
        take_encoded: gets the encoder's output (see ``Decoding``); of windows that were transcribed before, nothing.
    """

    take: Callable[[HeardSoFar], None] | None = None
    start: Ms = 0
    take_encoded: TakeEncoded | None = None


@dataclass(frozen=True, slots=True)
class _WindowTranscriber:
    """An engine with everything that is the same for all windows."""

    transcriber: Transcriber
    language: str
    options: HearOptions
    hint: str
    take_encoded: TakeEncoded | None

    def transcribe(self, window: Window, clips: Sequence[Span], temperature: float = 0.0) -> tuple[HeardWord, ...]:
        """Transcribe neighbouring clips of a window."""
        whole = Span(max(0, clips[0].start - _CONTEXT), clips[-1].end + _CONTEXT)
        decoding = Decoding(self.language, self.hint, temperature, self.take_encoded)
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
    early: EarlyResults | None = None,
) -> Hearing:
    """Transcribe a whole recording, in bounded memory.

    Words are in order and do not overlap, each is inside speech, and only one round of a repetition loop is kept.

    Args:
        options: the limits of repetition loops, and how they are decoded again.
        progress: gets steps in ms of audio, which go back only if ``early`` says where to begin.
        keep: the words of windows that were transcribed before, under keys with language and speech, without the
            hints; None to transcribe everything again.
        speech: the options of voice activity detection.
        hints: terms that may be said, for windows that were not transcribed before; used in the languages of
            ``HINTED``.
        early: gets results while the engine listens, and says where to begin; None to begin at the start.

    Raises:
        NoSpeechError: there is no speech in the recording, or none of it is recognised.
        EngineError: the engine failed.
        AudioError: the file can no longer be read.
    """
    early = early or EarlyResults()
    heard = _Heard(recording, transcriber, {**transcriber.settings, **asdict(speech), **asdict(options)})

    def begin(window: Window) -> _WindowTranscriber:
        """Return the engine for the language of the first speech."""
        language = transcriber.language(audible(window).waveform, window.speech)
        heard.language, heard.hints = language, hints if language in HINTED else ()
        if "beam_size" in heard.settings:
            chosen = cast("int | None", heard.settings["beam_size"])
            heard.settings = {**heard.settings, "beam_size": beam_size_in(language, chosen)}
        return _WindowTranscriber(transcriber, language, options, as_hint(heard.hints), early.take_encoded)

    def silence(step: Step) -> None:
        """Pass on the progress before the first speech. After it, windows are read before those before are heard."""
        if not heard.language:
            progress(step)

    parts = _parts_to_hear(windows_from(recording, speech, silence, early.start), begin, keep, early.start)
    ahead = min(1, transcriber.at_once - 1)
    # The threads of numpy's products wait for more in a busy loop: 3 % of the processor time of two cores.
    with (
        threadpool_limits(limits=1, user_api="blas"),
        closing(map_in_threads(_words_of, parts, transcriber.at_once, ahead)) as results,
    ):
        for part, words in results:
            heard.add(part.span, part.speech, words)
            if keep and part.window_parts and heard.has(part.window_parts):
                keep.save(part.key, heard.words_from(part.window_parts))
            progress(Step(LISTENING, heard.last, recording.duration, "ms"))
            if early.take:
                early.take(HeardSoFar(heard.hearing(), heard.spans()))
    progress(Step(LISTENING, recording.duration, recording.duration, "ms"))
    hearing = heard.hearing()
    if not hearing.words:
        raise NoSpeechError(recording.path)
    return hearing


@dataclass(slots=True)
class _Heard:
    """What was heard so far, in whatever order.

    Attributes:
        parts: what was transcribed in one call, by its start: what was listened to, the speech in it, its words.
        last: the end of the part that was added last.
    """

    recording: Recording
    transcriber: Transcriber
    settings: Mapping[str, str | int | float | bool | None]
    language: str = ""
    hints: tuple[str, ...] = ()
    parts: dict[Ms, tuple[Span, tuple[Span, ...], tuple[HeardWord, ...]]] = field(default_factory=dict)
    last: Ms = 0

    def add(self, span: Span, speech: tuple[Span, ...], words: tuple[HeardWord, ...]) -> None:
        """Add a part."""
        self.parts[span.start], self.last = (span, speech, words), span.end

    def has(self, starts: Sequence[Ms]) -> bool:
        """Return whether all parts that begin there were added."""
        return self.parts.keys() >= set(starts)

    def words_from(self, starts: Sequence[Ms]) -> tuple[HeardWord, ...]:
        """Return the words of the parts that begin there."""
        return tuple(word for start in starts for word in self.parts[start][2])

    def spans(self) -> tuple[Span, ...]:
        """Return what was listened to."""
        return merge_spans([span for span, _, _ in self._in_order()], 0)

    def hearing(self) -> Hearing:
        """Return the hearing of all parts."""
        parts = self._in_order()
        return Hearing(
            words=in_order(word for _, _, words in parts for word in words),
            speech=merge_spans([span for _, speech, _ in parts for span in speech], 0),
            duration=self.recording.duration,
            language=self.language,
            engine=self.transcriber.engine,
            model=self.transcriber.weights.model,
            weights=self.transcriber.weights.sha256,
            settings=self.settings,
            hints=self.hints,
        )

    def _in_order(self) -> list[tuple[Span, tuple[Span, ...], tuple[HeardWord, ...]]]:
        return [self.parts[start] for start in sorted(self.parts)]


def _parts_to_hear(
    windows: Iterable[tuple[Window, bool]],
    begin: Callable[[Window], _WindowTranscriber],
    keep: WindowStore | None,
    start: Ms,
) -> Iterator[tuple[Part, _WindowTranscriber]]:
    """Yield the parts in the order in which they are to be transcribed, each with the engine.

    Args:
        windows: as ``windows_from`` yields them.
        begin: returns the engine; is called once, with the first window that has speech.
        keep: see ``hear``.
        start: what ends before it comes last.
    """
    engine: _WindowTranscriber | None = None
    for window, later in windows:
        if engine is None and window.speech:
            engine = begin(window)
        if engine is not None and not later:
            for part in parts_of(window, engine.language, keep, start, engine.transcriber.at_once):
                yield part, engine


def _words_of(to_hear: tuple[Part, _WindowTranscriber]) -> tuple[Part, tuple[HeardWord, ...]]:
    """Return the part with its words; is called in several threads at once."""
    part, engine = to_hear
    if part.known is not None:
        return part, part.known
    return part, tuple(_transcribe_groups(engine, part.window, part.groups))


def _transcribe_groups(
    engine: _WindowTranscriber, window: Window, groups: Sequence[tuple[Span, ...]]
) -> Iterator[HeardWord]:
    """Yield the words of groups of clips that are transcribed in one call, without loops."""
    heard = engine.transcribe(window, [clip for group in groups for clip in group])
    for group in groups:
        words = tuple(word for word in heard if group[0].start <= word.span.start < group[-1].end)
        if engine.is_loop(words):
            words = _without_loop(engine, window, group, words)
        yield from (*words, *_skipped_words(engine, window, group, words))


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
