"""The speech in the example is found once for all tests of this folder: they are about what is done with it."""

from __future__ import annotations

from hashlib import sha256

import pytest

from pipeline.listening.audio import vad
from pipeline.listening.audio.recording import Recording, Waveform, open_recording
from pipeline.listening.audio.vad import SpeechOptions
from pipeline.times import Ms, Span
from tests.excerpts import write_excerpt
from tests.listening.conftest import EXAMPLE

_find = vad.voice_activity
_found: dict[tuple[Ms, bytes, SpeechOptions], tuple[Span, ...]] = {}


def _remembered(waveform: Waveform, options: SpeechOptions) -> tuple[Span, ...]:
    key = waveform.at, sha256(waveform.samples.tobytes()).digest(), options
    if key not in _found:
        _found[key] = _find(waveform, options)
    return _found[key]


@pytest.fixture(autouse=True)
def speech_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Voice activity is detected once in the same samples."""
    monkeypatch.setattr(vad, "voice_activity", _remembered)


@pytest.fixture(scope="module")
def episode() -> Recording:
    """The example episode."""
    return open_recording(EXAMPLE)


@pytest.fixture(scope="module")
def minute(episode: Recording, tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """The first minute of the example episode: a few short windows."""
    path = tmp_path_factory.mktemp("minute") / "minute.wav"
    return open_recording(write_excerpt(episode, Span(0, 60_000), path))
