"""Transcribe a short span of a recording again, by itself: with other cuts than before, and with names as a prompt.

The first pass transcribes 30 s at a time. A name, a change of speaker or a cut inside a sentence may cost words there
that are recognised well in a span of a few seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.listening.audio.levels import even_out
from pipeline.listening.audio.recording import Recording
from pipeline.listening.audio.speech_spans import clip_spans
from pipeline.listening.engine_errors import engine_errors
from pipeline.listening.transcribe import HINTED, Decoding, Transcriber, as_hint
from pipeline.listening.transcribe.repetition import LoopOptions, is_loop
from pipeline.matching.alignment.relisten_spans import RelistenOptions
from pipeline.options import option, option_of
from pipeline.schema import HeardWord, Hearing
from pipeline.times import MS_PER_SECOND, Ms, Span, format_clock

_CONTEXT: Ms = MS_PER_SECOND
"""Audio that is read on both sides; the engine takes its margin from it."""


@dataclass(frozen=True, slots=True)
class SecondLookOptions:
    """Which spans with written words that were not heard are transcribed again, and how.

    All options are one table of the configuration; ``relisten_options`` are those that choose the spans.
    """

    most_share: float = option_of(RelistenOptions, "most_share")
    fewest_words: int = option_of(RelistenOptions, "fewest_words")
    hints: bool = option(True, "Prompt Whisper with the names and terms that are written there")  # noqa: FBT003
    temperature: float = option(0.0, "How far, from 0 to 1, the second pass departs from Whisper's likeliest words")

    def __post_init__(self) -> None:
        self.relisten_options()  # checks its own
        if not 0 <= self.temperature <= 1:
            raise ValueError(f"temperature must be from 0 to 1, not {self.temperature}")

    def relisten_options(self) -> RelistenOptions:
        """Return the options that choose the spans."""
        return RelistenOptions(self.most_share, self.fewest_words)


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of a span that was transcribed by itself, and the terms in the prompt."""

    words: tuple[HeardWord, ...]
    hints: tuple[str, ...]


def hear_again(
    recording: Recording,
    transcriber: Transcriber,
    hearing: Hearing,
    span: Span,
    hints: tuple[str, ...],
    options: SecondLookOptions,
    loop: LoopOptions,
) -> Reading:
    """Transcribe one span of a recording again.

    Args:
        hearing: the result of the first pass.
        span: in ms on the recording's clock.
        hints: terms that may be said there.
        loop: the limits of repetition loops.

    Returns:
        Words in the order of their starts, in the speech of ``span``; none if there is no speech, or if the words are a
        repetition loop.

    Raises:
        EngineError: the engine failed.
        AudioError: the file can no longer be read.
    """
    clips = clip_spans(hearing.speech, span)
    used = hints if options.hints and hearing.language in HINTED else ()
    if not clips:
        return Reading((), used)
    around = Span(max(0, span.start - _CONTEXT), min(hearing.duration, span.end + _CONTEXT))
    decoding = Decoding(hearing.language, as_hint(used), options.temperature)
    with engine_errors(transcriber.engine, f"failed at {format_clock(span.start)} of the audio"):
        words = transcriber.hear(even_out(recording.read_audible(around), clips), clips, decoding)
    return Reading(() if is_loop(words, loop) else words, used)
