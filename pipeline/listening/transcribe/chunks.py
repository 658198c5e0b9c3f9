"""From stretches of speech to what Whisper takes, and back: chunks of 30 s at most, and words that lie in speech.

::

    clips      [---]  [-----]        [--]      voice activity
    chunks   [----------------]    [------]    what is decoded at once, with a margin
    words       [a]   [b][c]         [d]       each inside one clip

Whisper costs the same for 1 s as for 30 s, so clips that lie close are decoded together with the pauses between them.
Its words lean into pauses (0.3 s at the median for the first word after one), so each is put back into its clip.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.listening.audio.recording import Waveform
from pipeline.matching.alignment.relisten_spans import WHISPER_WINDOW_MS
from pipeline.schema import HeardWord
from pipeline.times import MS_PER_SECOND, Ms, Span

MARGIN: Ms = 200
"""Sound before and after the speech of a chunk: voice activity starts a little late on soft consonants."""

_WIDEST_PAUSE: Ms = 3 * MS_PER_SECOND
"""Clips further apart are not decoded together: music between them would be listened to."""

_WORTH_READING: Ms = MS_PER_SECOND
"""Speech without a word that is read again: less than this may be the end of a word, a breath, a laugh."""

_MOST_ROUNDS = 4
"""After the first reading; what is still not heard then is nothing that Whisper makes out."""

_FRAME: Ms = 20
"""A place to cut is sought among frames of this length; no heard word is shorter either."""

_STRAY: Ms = 300
"""A word further than this from any speech was invented."""


_NO_SPEECH_PROBABILITY, _UNSURE_LOGPROB, _GIBBERISH_LOGPROB = 0.6, -0.35, -1.5
"""What tiny.en and base say of silence, tones, chords and noise, and not of speech (it has -0.1 to -1.0)."""


@dataclass(frozen=True, slots=True)
class RawWord:
    """One word as a model gave it, in seconds from the start of its waveform."""

    text: str
    start_s: float
    end_s: float
    probability: float


def hear_all(
    waveform: Waveform, clips: Sequence[Span], lead: Ms, read: Callable[[Sequence[Span]], Iterable[RawWord]]
) -> tuple[HeardWord, ...]:
    """Hear all clips through ``read``, which gives the words of chunks, in seconds from the waveform's start.

    A model that reads without timestamps may stop, or begin, seconds away from the end of a chunk where the speaker
    changes or the topic does. The speech at either end of a chunk that gave no word is read again, by itself.

    Returns:
        Words as ``settle`` gives them.
    """
    words: list[HeardWord] = []
    waiting = [tuple(clips)]
    for _ in range(_MOST_ROUNDS):
        chunks = [(chunk, part) for part in waiting for chunk in pack(waveform, part)]
        if not chunks:
            break
        speech = [clip for part in waiting for clip in part]
        heard = settle(read([chunk for chunk, _ in chunks]), speech, waveform.at, lead)
        waiting = [rest for chunk, part in chunks for rest in _unheard(_clipped(part, chunk), heard)]
        words += heard
    return tuple(sorted(words, key=lambda word: word.span.start))


def _unheard(clips: Sequence[Span], heard: Sequence[HeardWord]) -> Iterator[tuple[Span, ...]]:
    """The speech before the first and after the last word in ``clips``, where it is long enough to hold a few words."""
    inside = [word.span for word in heard if clips[0].start <= word.span.start < clips[-1].end]
    if not inside:  # read again, it would be as empty
        return
    before, after = Span(clips[0].start, inside[0].start), Span(inside[-1].end, max(inside[-1].end, clips[-1].end))
    for ends in (_clipped(clips, before), _clipped(clips, after)):
        if sum(clip.duration for clip in ends) >= _WORTH_READING:
            yield ends


def _clipped(clips: Sequence[Span], within: Span) -> tuple[Span, ...]:
    return tuple(part for part in (clip.clip(within) for clip in clips) if part.duration)


def pack(waveform: Waveform, clips: Sequence[Span]) -> tuple[Span, ...]:
    """Gather clips into chunks of at most 30 s, margins included, within the waveform.

    A clip that is longer by itself is cut where it is quietest in the last third of what fits.
    """
    speech: list[Span] = []
    for clip in (part for whole in clips for part in _split(waveform, whole)):
        if speech and _fits(speech[-1], clip):
            speech[-1] = speech[-1].cover(clip)
        else:
            speech.append(clip)
    room = waveform.span
    return tuple(Span(max(room.start, part.start - MARGIN), min(room.end, part.end + MARGIN)) for part in speech)


def _fits(chunk: Span, clip: Span) -> bool:
    close = clip.start - chunk.end <= _WIDEST_PAUSE
    return close and clip.end - chunk.start <= WHISPER_WINDOW_MS - 2 * MARGIN


def _split(waveform: Waveform, clip: Span) -> Iterator[Span]:
    longest = WHISPER_WINDOW_MS - 2 * MARGIN
    while clip.duration > longest:
        cut = _quietest(waveform, Span(clip.start + longest * 2 // 3, clip.start + longest))
        yield Span(clip.start, cut)
        clip = Span(cut, clip.end)
    if clip.duration > 0:
        yield clip


def _quietest(waveform: Waveform, within: Span) -> Ms:
    samples = waveform.crop(within).samples
    size = _FRAME * waveform.rate // MS_PER_SECOND
    frames = samples[: len(samples) // size * size].reshape(-1, size)  # (num_frames, size)
    power = np.convolve((frames**2).mean(axis=1), np.ones(5), mode="same")  # a dip of one frame is no pause
    return within.start + int(power.argmin()) * _FRAME


def settle(heard: Iterable[RawWord], clips: Sequence[Span], at: Ms, lead: Ms) -> tuple[HeardWord, ...]:
    """Put words on the audio's clock and into the speech that they belong to.

    Args:
        heard: words of one waveform, in order.
        clips: stretches of speech, ordered and disjoint.
        at: where the waveform starts.
        lead: how much earlier than it is spoken this model hears a word; negative for later.

    Returns:
        Words in order of their starts. Those further than 0.3 s from any clip, and marks that
        are no words (a dash, a note), are left out.
    """
    words: list[HeardWord] = []
    for word in heard:
        start = max(0, at + lead + round(word.start_s * MS_PER_SECOND))
        end = max(start, at + lead + round(word.end_s * MS_PER_SECOND))
        span = _seat(Span(start, end), clips)
        text = word.text.strip()
        if span is not None and any(mark.isalnum() for mark in text):
            earliest = words[-1].span.start if words else 0
            span = Span(max(earliest, span.start), max(earliest, span.end))
            words.append(HeardWord(text, span, min(1.0, max(0.0, float(word.probability)))))
    return tuple(words)


def is_invented(no_speech_probability: float, mean_logprob: float) -> bool:
    """Tell from what a model says of its own reading that nobody spoke there."""
    unsure = no_speech_probability > _NO_SPEECH_PROBABILITY and mean_logprob < _UNSURE_LOGPROB
    return unsure or mean_logprob < _GIBBERISH_LOGPROB


def _seat(span: Span, clips: Sequence[Span]) -> Span | None:
    """The part of a word in the clip that holds most of it, at least a frame long; None far from all clips."""
    clip = _home(span, clips)
    if clip is None or _distance(span, clip) > _STRAY:
        return None
    inside = span.clip(clip)
    if inside.duration >= _FRAME:
        return inside
    start = max(clip.start, min(inside.start, clip.end - _FRAME))
    return Span(start, min(clip.end, start + _FRAME))


def _home(span: Span, clips: Sequence[Span]) -> Span | None:
    first = max(0, bisect_right(clips, span.start, key=lambda clip: clip.start) - 1)
    last = bisect_right(clips, span.end, key=lambda clip: clip.start)
    near = clips[first : last + 1]
    return max(near, key=lambda clip: (span.overlap(clip), -_distance(span, clip)), default=None)


def _distance(span: Span, clip: Span) -> Ms:
    return max(0, clip.start - span.end, span.start - clip.end)


def first_speech(waveform: Waveform, clips: Sequence[Span]) -> npt.NDArray[np.float32]:
    """The first 30 s of speech without its pauses, to tell the language by: float32, shape (num_samples,)."""
    spoken = [waveform.crop(clip).samples for clip in clips] or [waveform.samples]
    return np.concatenate(spoken)[: WHISPER_WINDOW_MS * waveform.rate // MS_PER_SECOND]
