"""Quiet voices are amplified; level sound passes unchanged."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.listening.audio.levels import even_out, find_quiet_speech
from pipeline.listening.audio.recording import RATE, Waveform, open_recording
from pipeline.listening.audio.vad import SpeechOptions, speech_windows, voice_activity
from pipeline.progress import silent
from pipeline.times import Span, from_seconds
from tests.listening.conftest import MakeSound, Sound, babble

pytestmark = pytest.mark.xdist_group("vad")  # the example is searched once

EXAMPLE = Path(__file__).parents[3] / "examples" / "kettle-and-kernel" / "08-the-paper-backup.mp3"
TRUTH = json.loads(EXAMPLE.with_suffix(".truth.json").read_text(encoding="utf-8"))
GUEST = "Wilhelmina Brandt"
LENGTH_MS = 52_000
detect = partial(voice_activity, options=SpeechOptions())


def _guest() -> list[Span]:
    sentences = (one for one in TRUTH["sentences"] if one["speaker"] == GUEST and one["end"] * 1_000 <= LENGTH_MS)
    return [Span(from_seconds(one["start"]), from_seconds(one["end"])) for one in sentences]


@pytest.fixture(scope="module")
def level() -> Waveform:
    """The first 52 s of the example, in which all voices are equally loud."""
    return open_recording(EXAMPLE).read(Span(0, LENGTH_MS))


def with_quiet_guest(sound: Waveform, decibels: float) -> Waveform:
    """The same, with the guest so much quieter."""
    samples = sound.samples.copy()
    for span in _guest():
        samples[(span.start - 60) * 16 : (span.end + 60) * 16] *= 10 ** (-decibels / 20)
    return Waveform(samples, RATE, 0)


def power_db(sound: Waveform, spans: list[Span]) -> float:
    """The level in some spans, in dBFS."""
    return 10 * float(np.log10(np.mean(np.concatenate([np.square(sound.crop(span).samples) for span in spans]))))


@pytest.mark.parametrize("decibels", [26, 30, 36])
def test_a_quiet_guest_is_heard(level: Waveform, decibels: float) -> None:
    """Each of her sentences is speech, nearly as loud as it was; the others are unchanged, bit by bit."""
    quiet = with_quiet_guest(level, decibels)

    speech = find_quiet_speech(quiet, detect(quiet), detect)
    even = even_out(quiet, speech)

    assert min(sum(span.overlap(one) for one in speech) / span.duration for span in _guest()) > 0.7
    assert power_db(even, _guest()) > power_db(level, _guest()) - 6
    unchanged = [one for one in speech if not any(one.overlap(span) for span in _guest())]
    for span in unchanged:
        assert np.array_equal(even.crop(span).samples, quiet.crop(span).samples)


@pytest.mark.parametrize("decibels", [0, 6, 12, 15])
def test_a_level_recording_passes_unchanged(level: Waveform, decibels: float) -> None:
    """Voices that are up to 15 dB apart are not touched: the same object comes out."""
    sound = with_quiet_guest(level, decibels)

    assert even_out(sound, detect(sound)) is sound


def test_pauses_without_speech_stay_pauses(level: Waveform) -> None:
    """Noise and music in pauses are no speech, however much they are amplified, and are not changed."""
    noise = 0.003 * babble(20, seed=3)[0]
    samples = np.concatenate([level.samples[: 20 * RATE], noise, level.samples[20 * RATE : 30 * RATE]])
    sound = Waveform(samples.astype(np.float32), RATE, 0)
    speech = detect(sound)

    assert find_quiet_speech(sound, speech, detect) == speech
    assert even_out(sound, speech) is sound


def test_windows_have_quiet_speech(level: Waveform, make_sound: MakeSound) -> None:
    """The quiet guest is in the speech of the windows of a recording."""
    recording = open_recording(make_sound("quiet.flac", with_quiet_guest(level, 30).samples[None]))

    (window,) = speech_windows(recording, SpeechOptions(), silent)

    assert min(sum(span.overlap(one) for one in window.speech) / span.duration for span in _guest()) > 0.7


def test_nothing_is_said_in_silence() -> None:
    """Digital silence and an empty waveform have no speech and are not changed."""
    for length in (0, 5 * RATE):
        sound = Waveform(np.zeros(length, np.float32), RATE, 0)

        assert find_quiet_speech(sound, (), detect) == ()
        assert even_out(sound, ()) is sound


@given(
    levels=st.lists(st.floats(-70, 0), min_size=1, max_size=8),
    at=st.integers(0, 100_000),
    edges=st.lists(st.integers(0, 8_000), min_size=2, max_size=8, unique=True).map(sorted),
)
def test_no_sound_is_clipped_or_made_quieter(levels: list[float], at: int, edges: list[int]) -> None:
    """Whatever the levels, no sample gets quieter, changes its sign or exceeds full scale."""
    gains = np.repeat(10 ** (np.array(levels) / 20), RATE)
    noise: Sound = (babble(len(levels))[0] * gains).astype(np.float32)
    sound = Waveform(noise, RATE, at)
    speech = tuple(Span(at + a, at + b) for a, b in zip(edges[::2], edges[1::2], strict=False))

    even = even_out(sound, speech).samples

    assert np.all(np.abs(even) >= np.abs(noise) - 1e-6)
    assert np.all(even * noise >= 0)
    assert np.abs(even).max() <= 1
