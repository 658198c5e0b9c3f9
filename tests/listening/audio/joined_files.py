"""Recordings that are joined in one file, and files whose timestamps are changed: made for a test, with known truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av import AudioStream

from pipeline.listening.audio.recording import RATE
from tests.listening.conftest import Sound, write_sound


def resampled(sound: Sound, rate: int, channels: int = 1) -> Sound:
    """A mono sound of 16 kHz at another sample rate, in each of some channels."""
    resampler = av.AudioResampler("fltp", "mono", rate)
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound), format="fltp", layout="mono")
    frame.sample_rate = RATE
    frames = (*resampler.resample(frame), *resampler.resample(None))
    return np.repeat(np.concatenate([one.to_ndarray() for one in frames], axis=1), channels, axis=0)


def write_joined(path: Path, pieces: Sequence[tuple[Sound, int, int]], codec: str = "") -> Path:
    """Write sounds of 16 kHz, each at its sample rate and number of channels, one file behind the other."""
    content = b""
    for number, (sound, rate, channels) in enumerate(pieces):
        piece = path.with_name(f"{number}-{path.name}")
        content += write_sound(piece, resampled(sound, rate, channels), rate, codec).read_bytes()
    path.write_bytes(content)
    return path


def write_at(path: Path, sound: Sound, codec: str, moved: Callable[[float], float | None], rate: int = 48_000) -> Path:
    """Write a sound of 16 kHz whose packets have other timestamps, in seconds; None leaves a packet out."""
    with av.open(path, "w") as container:
        stream = cast("AudioStream", container.add_stream(codec, rate=rate))
        stream.layout = "mono"
        samples = resampled(sound, rate)
        packets = []
        for start in range(0, samples.shape[1], 4_000):
            part = np.ascontiguousarray(samples[:, start : start + 4_000])
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
            packets += stream.encode(frame)
        for packet in (*packets, *stream.encode(None)):
            assert packet.pts is not None
            assert packet.time_base is not None
            at = moved(float(packet.pts * packet.time_base))
            if at is not None:
                packet.pts = packet.dts = round(at / packet.time_base)
                container.mux(packet)
    return path


def place_of(sound: Sound, whole: Sound) -> float:
    """Where ``sound`` starts in a longer one, in ms, by cross-correlation; both at 16 kHz."""
    size = 1 << (sound.size + whole.size).bit_length()
    match = np.fft.irfft(np.fft.rfft(whole.ravel(), size) * np.conj(np.fft.rfft(sound.ravel(), size)), size)
    return int(match[: whole.size].argmax()) * 1_000 / RATE


def difference_db(one: Sound, two: Sound) -> float:
    """The level of the difference of two sounds, in dB below the level of the second."""
    difference, level = (float(np.sqrt(np.mean(np.square(part)))) for part in (one - two, two))
    return 20 * float(np.log10(difference / max(level, 1e-9) + 1e-12))
