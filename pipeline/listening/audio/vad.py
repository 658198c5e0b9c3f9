"""Voice activity detection, and the recording in windows that are cut in pauses.

Silero VAD separates speech from music and silence. Its ONNX model is part of the faster-whisper wheel, so nothing is
downloaded. Engines get only speech, because Whisper invents text for everything else. A recording of any length is
processed one window at a time::

    recording  ├──────────── window ────────────┤├──────────── window ──────────── …     no gaps, cut in a pause
    speech       ▄▄▄▄▄ ▄▄ ▄▄▄▄▄▄▄▄   ▄▄▄▄ ▄▄▄        ▄▄▄▄▄ ▄▄▄ …                         voice activity
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from pipeline.listening.audio.levels import find_quiet_speech
from pipeline.listening.audio.recording import RATE, SAMPLES_PER_MS, Recording, Waveform
from pipeline.listening.audio.speech_spans import clip_spans, pauses
from pipeline.options import option
from pipeline.progress import LISTENING, Progress, Step
from pipeline.times import MS_PER_SECOND, Ms, Span, from_seconds


@dataclass(frozen=True, slots=True)
class SpeechOptions:
    """How speech is detected, and where long recordings are cut."""

    threshold: float = option(0.5, "How sure the voice detector must be, from 0 to 1, that a sound is speech")
    min_silence_s: float = option(0.3, "Seconds of silence that end a span of speech; a shorter silence is part of it")
    min_speech_s: float = option(0.1, "Seconds that a sound must last to count as speech; shorter ones are clicks")
    padding_s: float = option(0.05, "Seconds added before and after each span of speech, so that no word is clipped")
    max_window_s: float = option(600.0, "Seconds of audio in memory at most; longer recordings are cut in a pause")

    def __post_init__(self) -> None:
        if not 0 < self.threshold < 1:
            raise ValueError(f"threshold must be between 0 and 1, not {self.threshold}")
        if not 1 <= self.max_window_s <= 600:
            raise ValueError(f"max_window_s must be from 1 to 600, not {self.max_window_s}")
        if min(self.min_silence_s, self.min_speech_s, self.padding_s) < 0:
            raise ValueError("min_silence_s, min_speech_s and padding_s must be 0 or more")


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A part of the recording and the speech in it: times on the recording's clock, ordered and disjoint.

    Attributes:
        decoded: the span that was decoded at once, which begins with this window. Its level decides whether the audio
            is amplified.
    """

    waveform: Waveform
    speech: tuple[Span, ...]
    decoded: Span

    @property
    def place(self) -> WindowPlace:
        """The window without its audio."""
        return WindowPlace(self.waveform.span, self.speech, self.decoded)


@dataclass(frozen=True, slots=True)
class WindowPlace:
    """A window without its audio."""

    span: Span
    speech: tuple[Span, ...]
    decoded: Span

    def read(self, recording: Recording) -> Window:
        """Decode the audio again; the window is the same as before.

        Raises:
            AudioError: the file can no longer be read.
        """
        return Window(recording.read_audible(self.decoded).crop(self.span), self.speech, self.decoded)


def speech_windows(recording: Recording, options: SpeechOptions, progress: Progress) -> Iterator[Window]:
    """Yield the recording in windows, each with its voice activity.

    The windows cover the recording without gap or overlap, and none is longer than ``max_window_s``. Each cut is in
    the longest pause of the last fifth before that length, or at the quietest moment if there is no pause. The same
    recording always has the same windows.

    Raises:
        AudioError: the file can no longer be read.
    """
    start, longest = 0, from_seconds(options.max_window_s)
    while start < recording.duration:
        progress(Step(LISTENING, start, recording.duration, "ms"))
        whole = decoded = Span(start, min(start + longest, recording.duration))
        waveform = recording.read_audible(decoded)
        speech = voice_activity(waveform, options)
        speech = find_quiet_speech(waveform, speech, partial(voice_activity, options=options))
        if whole.end < recording.duration:
            # The cut is searched in the last fifth: in 2 minutes of the default 10.
            whole = Span(start, _cut_point(waveform, speech, Span(whole.end - longest // 5, whole.end)))
        yield Window(waveform.crop(whole), clip_spans(speech, whole), decoded)
        start = whole.end
    progress(Step(LISTENING, recording.duration, recording.duration, "ms"))


def voice_activity(waveform: Waveform, options: SpeechOptions) -> tuple[Span, ...]:
    """Return the spans with speech: times on the recording's clock, ordered, disjoint, none of them empty."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps  # noqa: PLC0415 -- importing it takes a second

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
    spans = (Span(part["start"] // SAMPLES_PER_MS, part["end"] // SAMPLES_PER_MS) for part in found)
    return clip_spans((span.shift(waveform.at) for span in spans), waveform.span)


def _cut_point(waveform: Waveform, speech: Sequence[Span], within: Span) -> Ms:
    """Return the middle of the longest pause, the last of equally long ones; without a pause, the quietest moment."""
    silences = pauses(speech, within)
    if not silences:
        return _quietest_moment(waveform.crop(within))
    longest = max(silences, key=lambda pause: (pause.duration, pause.start))
    return (longest.start + longest.end) // 2


def _quietest_moment(waveform: Waveform) -> Ms:
    """Return the middle of the tenth of a second with the least power."""
    frame = RATE // 10
    frames = waveform.samples[: len(waveform.samples) // frame * frame].reshape(-1, frame)  # (num_frames, frame)
    quietest = int(np.square(frames).mean(axis=1).argmin())
    return waveform.at + (2 * quietest + 1) * frame * MS_PER_SECOND // (2 * RATE)
