"""Mix the channels of a recording to one, without a DC offset.

A stretch of some seconds is mixed at once, so that the mix does not depend on where reading starts. Mostly it is the
mean of the channels. If the phase of a channel is inverted, the mean cancels the voice, and the difference has it::

    left    voice + music                        mean         music          no speech
    right  -voice + music                        difference   voice          speech: this one is taken
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Block = npt.NDArray[np.float32]
"""Audio, float32 in -1..1, shape (channels, num_samples)."""

Levels = npt.NDArray[np.float64]
"""The root mean square of each frame, shape (num_frames,)."""

Speech = Callable[[Block], npt.NDArray[np.float32]]
"""Gives the probability of speech in mono audio, for any number of equal frames, shape (num_frames,)."""

STRETCH_S = 10
"""Seconds that are mixed at once: enough for a voice detector to settle."""

_FRAME_S, _SMOOTHING_FRAMES = 0.1, 7
"""Mixes are compared in frames of this length, and the choice is smoothed over so many: no word is cut by a change."""

_FADE_S = 0.02
"""The time of a change from one mix to the other: too short to be heard, too long for a click."""

_MIN_OFFSET = 0.001
"""A smaller DC offset (-60 dBFS) is no louder than the background noise of a recording."""

_MAX_OFFSET_SPREAD = 0.5
"""An offset is the same in all tenths of a second: they differ by less than this share of it; voices differ by more."""

_CANCELLED, _UNHARMED, _AUDIBLE = 0.25, 4.0, 0.001
"""Level of the mean to that of the difference: below the first, the channels cancel; above the second, they do not.

A voice in the middle has no difference, one in a single channel has the same level in both. Frames in which both are
below the third (-60 dBFS) say nothing.
"""

_MAX_CHANNEL_RATIO = 4.0
"""Voices do not cancel if a channel is so much louder than the other: 12 dB."""

_MORE_SPEECH = 0.3
"""A mix has more speech where it is so much more probable, smoothed over time; mostly it is 0 or 1."""


def mix(block: Block, rate: int, speech: Speech) -> Block:
    """Return one channel, shape (1, num_samples): the mean of the channels, or their difference where it has the voice.

    Args:
        rate: samples a second.
        speech: called only if a channel may be inverted.
    """
    block = without_offset(block, rate)
    mean = np.asarray(block.mean(axis=0, keepdims=True), np.float32)
    if len(block) == 1:
        return block
    inverted = _inverted(block)
    if inverted is None:
        return mean
    other = np.asarray((block * inverted[:, None]).mean(axis=0, keepdims=True), np.float32)
    size = max(1, round(rate * _FRAME_S))
    better = _is_better(_levels(mean, size), _levels(other, size), _channel_levels(block, size), (mean, other), speech)
    if not better.any():
        return mean
    share = _faded(better, mean.shape[1], size, max(1, round(rate * _FADE_S)))
    return np.asarray(mean * (1 - share) + other * share, np.float32)


def without_offset(block: Block, rate: int) -> Block:
    """Return the block without the DC offset of each channel; a channel that has none is unchanged, bit by bit.

    The offset is the median of the means of tenths of a second.
    """
    size = max(1, round(rate * _FRAME_S))
    number = block.shape[1] // size
    if not number:
        return block
    means = block[:, : number * size].reshape(len(block), number, size).mean(axis=2, dtype=np.float64)
    offsets = np.median(means, axis=1)
    spread = np.median(np.abs(means - offsets[:, None]), axis=1)
    is_offset = (np.abs(offsets) >= _MIN_OFFSET) & (spread <= _MAX_OFFSET_SPREAD * np.abs(offsets))
    if not is_offset.any():
        return block
    return np.asarray(block - np.where(is_offset, offsets, 0)[:, None], np.float32)


def _inverted(block: Block) -> npt.NDArray[np.float32] | None:
    """Return the sign of each channel in the other mix, shape (channels,); None if there is no other mix.

    Of two channels it is the difference; of more, channels that are the opposite of the loudest one are inverted.
    """
    if len(block) == 2:
        return np.array([1, -1], np.float32)
    loudest = block[int(np.square(block).mean(axis=1).argmax())]
    products = block @ loudest
    powers = np.sqrt(np.square(block).sum(axis=1) * np.square(loudest).sum())
    signs = np.where(products < -powers / 2, -1, 1).astype(np.float32)
    return None if (signs > 0).all() else signs


def _levels(mono: Block, size: int) -> Levels:
    samples = np.pad(mono[0], (0, -mono.shape[1] % size)).reshape(-1, size)
    return np.asarray(np.sqrt(np.square(samples, dtype=np.float64).mean(axis=1)))


def _channel_levels(block: Block, size: int) -> npt.NDArray[np.float64]:
    return np.stack([_levels(channel[None], size) for channel in block])


def _is_better(
    mean: Levels, other: Levels, channels: npt.NDArray[np.float64], mixes: tuple[Block, Block], speech: Speech
) -> npt.NDArray[np.bool_]:
    """Return for each frame whether the other mix is better than the mean.

    The detector is asked only if there are frames in which the levels alone do not say it.
    """
    is_audible = np.maximum(mean, other) > _AUDIBLE
    low, high = np.sort(channels, axis=0)[-2:]
    is_cancelled = is_audible & (mean < _CANCELLED * other)
    is_unharmed = is_audible & ((mean > _UNHARMED * other) | (high > _MAX_CHANNEL_RATIO * low))
    votes = np.where(is_unharmed, -1, 0)
    if not (is_audible & ~is_cancelled & ~is_unharmed).any():
        return _held(votes + is_cancelled)
    gain = speech(mixes[1]) - speech(mixes[0])
    at = np.linspace(0, len(gain) - 1, len(mean))
    more = _smoothed(np.interp(at, np.arange(len(gain)), gain))
    return _held(np.where(more > _MORE_SPEECH, 1, np.where(more < -_MORE_SPEECH, -1, votes)))


def _held(votes: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Return the choice for each frame: between votes that of the vote before, at the start that of the first vote."""
    voters = np.flatnonzero(votes)
    if not len(voters):
        return np.zeros(len(votes), bool)
    last = np.maximum(np.searchsorted(voters, np.arange(len(votes)), side="right") - 1, 0)
    return _smoothed(votes[voters[last]]) > 0


def _smoothed(values: npt.NDArray[np.float64] | npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return the mean around each frame; at the ends, the first and the last value go on."""
    padded = np.pad(np.asarray(values, np.float64), _SMOOTHING_FRAMES // 2, mode="edge")
    return np.convolve(padded, np.ones(_SMOOTHING_FRAMES) / _SMOOTHING_FRAMES, "valid")


def _faded(chosen: npt.NDArray[np.bool_], length: int, size: int, fade: int) -> npt.NDArray[np.float32]:
    """Return the share of the other mix in each sample, shape (num_samples,), with fades between 0 and 1."""
    share = np.repeat(chosen.astype(np.float32), size)[:length]
    if chosen.all():
        return share
    summed = np.cumsum(np.pad(share, (fade // 2 + 1, fade - fade // 2 - 1), mode="edge"), dtype=np.float64)
    summed = np.concatenate(([0.0], summed))
    return np.asarray((summed[fade:] - summed[:-fade])[:length] / fade, np.float32)
