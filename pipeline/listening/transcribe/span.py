"""A second reading of short stretches, each by itself: cut otherwise than the first time, told which names may fall.

The first reading hears 30 s at a time, and a name, a change of speaker or a cut inside a sentence may cost words that
are heard well in a stretch of a few seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.errors import EngineError
from pipeline.listening.audio.recording import Recording
from pipeline.listening.audio.vad import clipped
from pipeline.listening.transcribe import HINTED, Decoding, Transcriber, as_hint
from pipeline.listening.transcribe.repetition import LoopOptions, loops
from pipeline.matching.alignment.relisten_spans import RelistenOptions
from pipeline.options import option
from pipeline.schema import HeardWord, Hearing
from pipeline.times import MS_PER_SECOND, Ms, Span, format_clock

_CONTEXT: Ms = MS_PER_SECOND
"""Sound that is read on both sides; the engine takes its margin from it."""


@dataclass(frozen=True, slots=True)
class SecondLookOptions(RelistenOptions):
    """Where written words were not heard, and how those places are listened to once more."""

    hints: bool = option(True, "Tell Whisper the names and code words that are written there")  # noqa: FBT003
    temperature: float = option(0.0, "How far, from 0 to 1, this reading departs from what Whisper thinks likeliest")

    def __post_init__(self) -> None:
        RelistenOptions.__post_init__(self)  # a slotted dataclass has no zero-argument super()
        if not 0 <= self.temperature <= 1:
            raise ValueError(f"temperature must be from 0 to 1, not {self.temperature}")


@dataclass(frozen=True, slots=True)
class Reading:
    """What was heard in a stretch that was listened to by itself, and the terms that the engine was told."""

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
    """Hear a stretch of a recording of which ``hearing`` is the first reading.

    Returns:
        Words in order of their starts, in the speech of ``span``; none where it has none, or where they run in circles.

    Raises:
        EngineError: the engine failed.
        AudioError: the file cannot be read any more.
    """
    clips = clipped(hearing.speech, span)
    told = hints if options.hints and hearing.language in HINTED else ()
    if not clips:
        return Reading((), told)
    around = Span(max(0, span.start - _CONTEXT), min(hearing.duration, span.end + _CONTEXT))
    decoding = Decoding(hearing.language, as_hint(told), options.temperature)
    try:
        words = transcriber.hear(recording.read_audible(around), clips, decoding)
    except (RuntimeError, ValueError, MemoryError) as error:
        reason = f"failed at {format_clock(span.start)} of the audio ({error})"
        raise EngineError(transcriber.engine, reason) from error
    return Reading(() if loops(words, loop) else words, told)
