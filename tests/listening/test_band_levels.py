from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from pipeline.listening import band_levels
from pipeline.listening.audio.recording import RATE, open_recording
from pipeline.listening.band_levels import read_band_levels
from pipeline.matching.cuts.sound_codes import BANDS, FRAMES_PER_SECOND
from pipeline.progress import Step


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    """Three seconds: silence, then 1 kHz from 1.5 s on."""
    at = np.arange(3 * RATE) / RATE
    samples = np.where(at >= 1.5, np.sin(2 * np.pi * 1_000 * at) * 0.5, 0)
    path = tmp_path / "tone.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((samples * 32_767).astype(np.int16).tobytes())
    return path


def test_a_tone_is_in_its_band_and_at_its_time(tone: Path) -> None:
    """The band around 1 kHz, the middle one, is loudest, from the frame at 1.5 s on."""
    levels = read_band_levels(open_recording(tone), "tone")

    assert levels.shape == (3 * FRAMES_PER_SECOND, BANDS)
    assert set(levels[160:290].argmax(axis=1)) == {BANDS // 2}
    loud = levels[:, BANDS // 2] > levels[200, BANDS // 2] - 7
    assert abs(int(np.argmax(loud)) - 150) <= 1


def test_pieces_make_no_difference(tone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much is decoded at once, the levels are the same; the progress says how far it is."""
    whole = read_band_levels(open_recording(tone), "tone")
    monkeypatch.setattr(band_levels, "_PIECE", 700)
    steps: list[Step] = []
    pieces = read_band_levels(open_recording(tone), "tone", steps.append)

    assert np.allclose(whole, pieces, atol=0.1)
    assert [step.done for step in steps] == [700, 1_400, 2_100, 2_800, 3_000]
    assert {(step.stage, step.total) for step in steps} == {("listening to tone", 3_000)}
