"""Where anybody speaks, and the recording in windows that are cut where nobody does.

Silero (the ONNX model lies inside the faster-whisper wheel: nothing is fetched) tells speech from music and silence.
Only speech is given to an engine, because Whisper invents text for everything else. A recording of any length passes
through memory one window at a time::

    recording  ├──────────── window ────────────┤├──────────── window ──────────── …     tiled, cut in a pause
    speech       ▄▄▄▄▄ ▄▄ ▄▄▄▄▄▄▄▄   ▄▄▄▄ ▄▄▄        ▄▄▄▄▄ ▄▄▄ …                         voice activity
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.listening.audio.recording import RATE, SAMPLES_PER_MS, Recording, Waveform
from pipeline.options import option
from pipeline.progress import Progress, Step
from pipeline.times import MS_PER_SECOND, Ms, Span, from_seconds

STAGE = "listening"
"""The name under which progress is told, here and by ``hear``: a window is done when the next one is asked for."""


@dataclass(frozen=True, slots=True)
class SpeechOptions:
    """How speech is told from music and silence, and where long recordings are cut."""

    threshold: float = option(0.5, "How sure the voice detector must be, from 0 to 1, to call a sound speech")
    min_silence_s: float = option(0.3, "Seconds of silence that end a stretch of speech; shorter ones are part of it")
    min_speech_s: float = option(0.1, "Seconds that a sound must last to be speech; shorter ones are clicks")
    padding_s: float = option(0.05, "Seconds added before and after each stretch of speech, so that no word is clipped")
    max_window_s: float = option(600.0, "Seconds of audio held in memory at once; each is cut in a pause before that")

    def __post_init__(self) -> None:
        if not 0 < self.threshold < 1:
            raise ValueError(f"threshold must be between 0 and 1, not {self.threshold}")
        if not 1 <= self.max_window_s <= 600:
            raise ValueError(f"max_window_s must be from 1 to 600, not {self.max_window_s}")
        if min(self.min_silence_s, self.min_speech_s, self.padding_s) < 0:
            raise ValueError("min_silence_s, min_speech_s and padding_s must be 0 or more")


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A stretch of the recording and the speech in it: absolute times, ordered and disjoint."""

    waveform: Waveform
    speech: tuple[Span, ...]


def windows(recording: Recording, options: SpeechOptions, progress: Progress) -> Iterator[Window]:
    """Give the recording piece by piece, with the speech in each.

    The windows tile the recording, none is longer than ``max_window_s``, and each cut lies in the longest pause of
    the last fifth before that length; where nobody pauses, at the quietest moment. The same recording is always cut
    the same.

    Raises:
        AudioError: the file cannot be read any more.
    """
    start, longest = 0, from_seconds(options.max_window_s)
    while start < recording.duration:
        progress(Step(STAGE, start, recording.duration, "ms"))
        whole = Span(start, min(start + longest, recording.duration))
        waveform = recording.read_audible(whole)
        speech = voice_activity(waveform, options)
        if whole.end < recording.duration:
            whole = Span(start, _cut(waveform, speech, Span(whole.end - longest // 5, whole.end)))
        yield Window(waveform.crop(whole), clipped(speech, whole))
        start = whole.end
    progress(Step(STAGE, recording.duration, recording.duration, "ms"))


def voice_activity(waveform: Waveform, options: SpeechOptions) -> tuple[Span, ...]:
    """The stretches in which anybody speaks: absolute times, ordered, disjoint, none of them empty."""
    # Costs a second and is needed only when somebody listens.
    from faster_whisper.vad import VadOptions, get_speech_timestamps  # noqa: PLC0415

    if not waveform.samples.any():
        return ()  # digital silence
    found = get_speech_timestamps(
        waveform.samples,
        VadOptions(
            threshold=options.threshold,
            min_speech_duration_ms=from_seconds(options.min_speech_s),
            min_silence_duration_ms=from_seconds(options.min_silence_s),
            speech_pad_ms=from_seconds(options.padding_s),
        ),
        RATE,
    )
    spans = (Span(stretch["start"] // SAMPLES_PER_MS, stretch["end"] // SAMPLES_PER_MS) for stretch in found)
    return clipped((span.shift(waveform.at) for span in spans), waveform.span)


# --- pure: spans in, spans out -----------------------------------------------------------------------------------


def clipped(spans: Iterable[Span], within: Span) -> tuple[Span, ...]:
    """The parts of ``spans`` inside ``within``, empty ones left out."""
    return tuple(part for part in (span.clip(within) for span in spans) if part.duration)


def joined(spans: Iterable[Span], max_gap: Ms) -> tuple[Span, ...]:
    """Ordered ``spans``, with those that lie ``max_gap`` ms apart or less made one.

    >>> joined([Span(0, 10), Span(12, 20), Span(40, 50)], 5)
    (Span(start=0, end=20), Span(start=40, end=50))
    """
    together: list[Span] = []
    for span in spans:
        if together and span.start - together[-1].end <= max_gap:
            together[-1] = together[-1].cover(span)
        else:
            together.append(span)
    return tuple(together)


def pauses(speech: Sequence[Span], within: Span) -> tuple[Span, ...]:
    """What of ``within`` lies between ordered, disjoint stretches of speech.

    >>> pauses([Span(10, 20), Span(30, 40)], Span(0, 35))
    (Span(start=0, end=10), Span(start=20, end=30))
    """
    edges = (within.start, *(edge for span in clipped(speech, within) for edge in (span.start, span.end)), within.end)
    return tuple(Span(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end)


def stretches(speech: Sequence[Span], longest: Ms) -> Iterator[tuple[Span, ...]]:
    """Gather neighbours that span at most ``longest`` together; a single span that is longer stays alone.

    >>> list(stretches([Span(0, 10), Span(12, 20), Span(21, 50)], 20))
    [(Span(start=0, end=10), Span(start=12, end=20)), (Span(start=21, end=50),)]
    """
    together: list[Span] = []
    for span in speech:
        if together and span.end - together[0].start > longest:
            yield tuple(together)
            together = []
        together.append(span)
    if together:
        yield tuple(together)


def _cut(waveform: Waveform, speech: Sequence[Span], within: Span) -> Ms:
    """Where to end a window: the middle of the longest pause, the last of several; else the quietest moment."""
    silent = pauses(speech, within)
    if not silent:
        return _quietest(waveform.crop(within))
    longest = max(silent, key=lambda pause: (pause.duration, pause.start))
    return (longest.start + longest.end) // 2


def _quietest(waveform: Waveform) -> Ms:
    """The middle of the tenth of a second with the least power."""
    frame = RATE // 10
    frames = waveform.samples[: len(waveform.samples) // frame * frame].reshape(-1, frame)  # (num_frames, frame)
    quietest = int(np.square(frames).mean(axis=1).argmin())
    return waveform.at + (2 * quietest + 1) * frame * MS_PER_SECOND // (2 * RATE)
