"""Spoil a recording as real ones are spoilt: noise, many voices, a telephone, a room, music, another speed, overlap.

Each function takes and returns samples at 16 kHz, float32 in -1..1, shape (num_samples,).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from pipeline.listening.audio.recording import RATE
from pipeline.times import MS_PER_SECOND, Ms, Span

Samples = npt.NDArray[np.float32]

_VOICES = 6
"""Voices that talk at once are a murmur from about this number on."""

_SAMPLES_PER_MS = RATE // MS_PER_SECOND
_EDGE_MS: Ms = 100
"""What is taken before and after each turn, so that no sound is cut off; less than the pauses of those who speak."""


def with_noise(samples: Samples, snr_db: float, kind: str, seed: int) -> Samples:
    """Return the samples with noise.

    Args:
        snr_db: the power of the samples over that of the noise.
        kind: "white", "pink", "babble" (the samples backwards, several times), or "music" (chords of decaying tones).
    """
    noise = _NOISES[kind](samples, np.random.default_rng(seed))
    power = float(np.mean(noise**2)) or 1.0
    gain = np.sqrt(float(np.mean(samples**2)) / power) * 10 ** (-snr_db / 20)
    return np.asarray(np.clip(samples + noise * gain, -1, 1), dtype=np.float32)


def _white(samples: Samples, random: np.random.Generator) -> Samples:
    return random.normal(size=len(samples)).astype(np.float32)


def _pink(samples: Samples, random: np.random.Generator) -> Samples:
    spectrum = np.fft.rfft(random.normal(size=len(samples)))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    return np.asarray(np.fft.irfft(spectrum, len(samples)), dtype=np.float32)


def _babble(samples: Samples, random: np.random.Generator) -> Samples:
    backwards = samples[::-1]
    shifts = random.integers(len(samples), size=_VOICES)
    return np.asarray(np.sum([np.roll(backwards, int(shift)) for shift in shifts], axis=0), dtype=np.float32)


def _music(samples: Samples, random: np.random.Generator) -> Samples:
    length = RATE // 2
    time = np.arange(length) / RATE
    notes = []
    for _ in range(len(samples) // length + 1):
        pitches = 220 * 2 ** (random.choice([0, 2, 4, 5, 7, 9, 11, 12], size=3) / 12)
        tones = [np.sin(2 * np.pi * pitch * part * time) / part for pitch in pitches for part in (1, 2, 3)]
        notes.append(np.sum(tones, axis=0) * np.exp(-3 * time))
    return np.concatenate(notes)[: len(samples)].astype(np.float32)


_NOISES: Mapping[str, Callable[[Samples, np.random.Generator], Samples]] = {
    "white": _white,
    "pink": _pink,
    "babble": _babble,
    "music": _music,
}


def music(length: int, seed: int) -> Samples:
    """Return so many samples of music alone, a tenth of the loudest that fits."""
    notes = _music(np.zeros(length, np.float32), np.random.default_rng(seed))
    return np.asarray(0.1 * notes / np.abs(notes).max(), dtype=np.float32)


def telephone(samples: Samples) -> Samples:
    """Return the samples in the band of a telephone line, 300 to 3,400 Hz."""
    from scipy.signal import butter, sosfilt  # noqa: PLC0415 -- heavy

    return np.asarray(sosfilt(butter(4, (300, 3_400), "band", fs=RATE, output="sos"), samples), dtype=np.float32)


def room(samples: Samples, decay_s: float, seed: int) -> Samples:
    """Return the samples with the reverberation of a room: noise that decays by a factor of e in ``decay_s``."""
    from scipy.signal import fftconvolve  # noqa: PLC0415 -- heavy

    length = int(0.3 * RATE)
    echo = np.random.default_rng(seed).normal(size=length) * np.exp(-np.arange(length) / (decay_s * RATE))
    echo[0] = 4.0  # the direct sound
    convolved = fftconvolve(samples, echo * (4 / np.abs(echo).sum()))[: len(samples)]
    return np.asarray(np.clip(convolved, -1, 1), dtype=np.float32)


def stretched(samples: Samples, speed: float) -> Samples:
    """Return the samples ``speed`` times as fast, at the same pitch, as a player does it.

    A phase vocoder with windows of 32 ms, after which made sounds begin and end 4 to 6 ms from where they should (95 %
    within 9 ms). Windows of 64 ms smear each edge by 11 to 18 ms, ffmpeg's atempo moves starts by 20 and 39 ms.
    """
    import torch  # noqa: PLC0415 -- heavy
    from torchaudio.functional import phase_vocoder  # type: ignore[import-untyped]  # noqa: PLC0415

    size, hop = 512, 128
    window = torch.hann_window(size)
    spectrum = torch.stft(torch.from_numpy(samples), size, hop, window=window, return_complex=True)
    advance = torch.linspace(0, np.pi * hop, size // 2 + 1)[:, None]
    faster = phase_vocoder(spectrum, speed, advance)
    found = torch.istft(faster, size, hop, window=window, length=round(len(samples) / speed))
    return np.asarray(found.numpy(), dtype=np.float32)


def overlapped(samples: Samples, turns: Sequence[Span], by: Sequence[Ms]) -> tuple[Samples, list[Span]]:
    """Return the turns of a recording in silence, nearer to each other, and where they are then.

    Args:
        turns: in order, disjoint.
        by: how long before the end of the turn before it each one begins, shorter than that turn and than the one
            itself; negative for a pause. The first one stays where it is.
    """
    placed = [turns[0]]
    for turn, early in zip(turns[1:], by[1:], strict=True):
        placed.append(turn.shift(placed[-1].end - early - turn.start))
    mixed = np.zeros((max(one.end for one in placed) + _EDGE_MS) * _SAMPLES_PER_MS, dtype=np.float32)
    for turn, place in zip(turns, placed, strict=True):
        before = min(_EDGE_MS, turn.start, place.start)
        sound = samples[(turn.start - before) * _SAMPLES_PER_MS : (turn.end + _EDGE_MS) * _SAMPLES_PER_MS]
        start = (place.start - before) * _SAMPLES_PER_MS
        mixed[start : start + len(sound)] += sound
    return np.asarray(np.clip(mixed, -1, 1), dtype=np.float32), placed
