"""Make the second of speech that ``cuemark doctor --deep`` gives each engine; needs the program espeak-ng.

.venv/bin/python scripts/make_second.py pipeline/listening/doctor/second.opus
"""

from __future__ import annotations

import argparse
import subprocess
import wave
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import numpy as np

WORDS = "Welcome back."
SPEAK = ["espeak-ng", "-v", "en-us", "-s", "130", "--stdout", WORDS]
SILENCE = 300  # of 32768: the silence that espeak-ng leaves before and after the words is below it
MARGIN_S = 0.1
BIT_RATE = 24_000


def main() -> None:
    """Synthesize, trim and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path)
    target = parser.parse_args().target
    samples, rate = speak()
    write(target, trim(samples, rate), rate)
    print(f"{target}: {target.stat().st_size} bytes")


def speak() -> tuple[np.ndarray, int]:
    """Return the words as mono samples, int16, shape (num_samples,), and their rate."""
    spoken = subprocess.run(SPEAK, capture_output=True, check=True).stdout
    with wave.open(BytesIO(spoken)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16), file.getframerate()


def trim(samples: np.ndarray, rate: int) -> np.ndarray:
    """Return the samples without the silence before and after the words, but for a margin."""
    loud = np.flatnonzero(np.abs(samples) > SILENCE)
    margin = round(MARGIN_S * rate)
    return samples[max(0, loud[0] - margin) : loud[-1] + margin]


def write(target: Path, samples: np.ndarray, rate: int) -> None:
    """Write Opus, which takes 48 kHz and not the 22,050 Hz of espeak-ng."""
    with av.open(target, "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=48_000)
        stream.layout, stream.bit_rate = "mono", BIT_RATE
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[None]), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        resampler = av.AudioResampler("flt", "mono", 48_000, frame_size=960)
        for resampled in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(resampled))
        container.mux(stream.encode(None))


if __name__ == "__main__":
    main()
