"""Even out the loudness of voices before listening: quiet speech is amplified, all else is unchanged, bit by bit.

Voice detection and Whisper both miss a voice that is 30 dB below another one in the same audio. One gain for the whole
window does not help, as the loud voice leaves no room for it::

    loud      ▆▇▆▇    ▇▆▇▆▇             ▆▇▆▇        unchanged
    quiet             ▁▂▁▂▁▂▁   ▁▂▁                 speech that is quieter than the loud voice by 22 dB: amplified
    pauses        ····       ···   ·····            unchanged, unless there is speech in them once they are amplified
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np
import numpy.typing as npt

from pipeline.listening.audio.recording import Waveform
from pipeline.listening.audio.speech_spans import clip_spans, pauses
from pipeline.times import MS_PER_SECOND, Ms, Span, merge_spans

Detect = Callable[[Waveform], tuple[Span, ...]]
"""Finds speech in a waveform; spans in ms on the recording's clock."""

Decibels = npt.NDArray[np.float64]
"""Levels in dBFS, shape (num_frames,)."""

_FRAME: Ms = 50
"""Levels are measured in frames of this length."""

_AROUND = 8
"""The level of a voice is the highest of so many frames before and after: each 0.8 s of speech has a stressed vowel."""

_QUIETER_DB = 22.0
"""A voice this much quieter than the loud one is amplified. Whisper still hears one that is 24 dB quieter, without.

Within one voice, levels differ by less: in 96 minutes of 130 real recordings, less than 0.5 % of the speech is quieter.
"""

_LOUD_PERCENTILE = 85
"""The level of the loud voice, in the levels of all speech: coughs and laughs are above it."""

_TARGET_DBFS = -26.0
"""The level of a quiet voice that is alone: that of a recording that is quiet as a whole (see ``recording``)."""

_QUIET_DBFS = -40.0
"""A voice that is quieter than this is amplified in any case."""

_MAX_GAIN_DB = 40.0
"""Quieter speech is below the background noise of recordings."""

_PEAK = 0.9
"""Amplified peaks are at most as high."""

_MIN_GAIN_DB = 6.0
"""Pauses that need no more gain than this are not searched: voice detection depends little on it."""

_MIN_PIECE: Ms = 500
"""Shorter sounds in pauses are breaths, and less speech inside of louder speech is the end of a sentence."""

_MIN_PAUSE: Ms = MS_PER_SECOND
"""Shorter pauses are not searched for quiet speech."""

_EDGE: Ms = 100
"""Audio around speech that is amplified with it: detection starts a little late on soft consonants."""

_INNER_EDGE: Ms = 300
"""The same, where louder speech is before or after: it is at least ``_AROUND`` frames away."""

_FADE: Ms = 10
"""The time over which the gain changes at an edge."""


def find_quiet_speech(waveform: Waveform, speech: Sequence[Span], detect: Detect) -> tuple[Span, ...]:
    """Return the speech, and that in pauses which is found only once they are amplified; ordered and disjoint.

    Args:
        speech: the speech that was found in the waveform, ordered and disjoint.
    """
    found: list[Span] = []
    for pause in pauses(_loud_spans(waveform, speech), waveform.span):
        if pause.duration >= _MIN_PAUSE:
            part = waveform.crop(pause)
            gain = _gain_of(part.samples)
            if gain > 1:
                heard = detect(replace(part, samples=np.clip(part.samples * gain, -1, 1)))
                found += [span for span in heard if span.duration >= _MIN_PIECE]
    return merge_spans(sorted([*speech, *found]), 0) if found else tuple(speech)


def _loud_spans(waveform: Waveform, speech: Sequence[Span]) -> tuple[Span, ...]:
    """Return the spans of speech that are not quiet as a whole: of a quiet voice, only a part may have been found."""
    voices = [_voice_levels(waveform.crop(span).samples) for span in speech]
    limit = _limit_of(voices)
    return tuple(span for span, levels in zip(speech, voices, strict=True) if len(levels) and levels.max() >= limit)


def _limit_of(voices: Sequence[Decibels]) -> float:
    """Return the level below which a voice is quiet."""
    return max(_loud_level(voices) - _QUIETER_DB, _QUIET_DBFS)


def _loud_level(voices: Sequence[Decibels]) -> float:
    """Return the level of the loud voice in all speech; that of silence if there is none."""
    levels = np.concatenate([np.zeros(0), *voices])
    return float(np.percentile(levels, _LOUD_PERCENTILE)) if len(levels) else _SILENCE_DBFS


def _gain_of(samples: npt.NDArray[np.float32]) -> float:
    """Return the gain that gives the louder moments of a pause the target level; 1 for digital silence."""
    levels = _levels(samples)
    loudest = float(np.percentile(levels, _LOUD_PERCENTILE)) if len(levels) else _SILENCE_DBFS
    gain_db = min(_TARGET_DBFS - loudest, _MAX_GAIN_DB)
    return 10 ** (gain_db / 20) if gain_db > _MIN_GAIN_DB and loudest > _SILENCE_DBFS else 1.0


def even_out(waveform: Waveform, speech: Sequence[Span]) -> Waveform:
    """Return the waveform with quiet speech amplified; the same object if no speech is quiet.

    Args:
        speech: ordered and disjoint, inside the waveform.
    """
    spans = clip_spans(speech, waveform.span)
    voices = [_voice_levels(waveform.crop(span).samples) for span in spans]
    limit = _limit_of(voices)
    pieces = [piece for span, levels in zip(spans, voices, strict=True) for piece in _quiet_pieces(span, levels, limit)]
    if not pieces:
        return waveform
    samples = waveform.samples.copy()
    target = max(min(_loud_level(voices), -_HEADROOM_DB), _TARGET_DBFS)
    for piece in pieces:
        _amplify(samples, waveform, piece, target)
    return replace(waveform, samples=samples)


_HEADROOM_DB = 12.0
"""No voice is raised to more than this below full scale: the peaks of speech are that much above its level."""

_SILENCE_DBFS = -90.0
"""The level of the last bit of a 16-bit sample."""


def _levels(samples: npt.NDArray[np.float32], rate: int = 16_000) -> Decibels:
    size = _FRAME * rate // MS_PER_SECOND
    frames = samples[: len(samples) // size * size].reshape(-1, size)  # (num_frames, size)
    power = np.square(frames, dtype=np.float64).mean(axis=1)
    return np.asarray(np.maximum(10 * np.log10(power + 1e-12), _SILENCE_DBFS))


def _voice_levels(samples: npt.NDArray[np.float32]) -> Decibels:
    """Return the level of the voice around each frame."""
    levels = _levels(samples)
    if not len(levels):
        return levels
    padded = np.pad(levels, _AROUND, constant_values=_SILENCE_DBFS)
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, 2 * _AROUND + 1).max(axis=1))


def _quiet_pieces(span: Span, levels: Decibels, limit: float) -> Iterator[Span]:
    """Yield the parts of a span of speech in which the voice is below ``limit``."""
    at = span.start
    for is_quiet, frames in groupby((levels < limit).tolist()):
        start, at = at, at + _FRAME * sum(1 for _ in frames)
        end = span.end if at + _FRAME > span.end else at
        if is_quiet and (end - start >= _MIN_PIECE or (start, end) == (span.start, span.end)):
            before, after = (_EDGE if edge in {span.start, span.end} else _INNER_EDGE for edge in (start, end))
            yield Span(max(0, start - before), end + after)


def _amplify(samples: npt.NDArray[np.float32], waveform: Waveform, piece: Span, target: float) -> None:
    """Amplify a piece in place, fading at the edges."""
    piece = piece.clip(waveform.span)
    start, end = ((at - waveform.at) * waveform.rate // MS_PER_SECOND for at in (piece.start, piece.end))
    part = samples[start:end]
    gain_db = min(target - float(np.percentile(_levels(part), _LOUD_PERCENTILE)), _MAX_GAIN_DB)
    gain = min(10 ** (gain_db / 20), _PEAK / max(float(np.abs(part).max()), 1e-6))
    if gain <= 1:
        return
    from_edge = np.minimum(np.arange(len(part)), np.arange(len(part))[::-1])
    ramp = np.minimum(from_edge * MS_PER_SECOND / (_FADE * waveform.rate), 1)
    samples[start:end] = np.clip(part * (1 + (gain - 1) * ramp), -1, 1)
