"""Channels are mixed to one: no offset, and no voice that cancels itself."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.listening.audio.decode import _speech_in
from pipeline.listening.audio.mixdown import STRETCH_S, Block, Speech, mix, without_offset
from pipeline.listening.audio.recording import RATE, open_recording
from pipeline.times import Span
from tests.listening.audio.joined_files import difference_db
from tests.listening.conftest import EXAMPLE, MakeSound, Sound, babble

TRUTH = json.loads(EXAMPLE.with_suffix(".truth.json").read_text(encoding="utf-8"))
LENGTH = STRETCH_S * RATE


@pytest.fixture(scope="module")
def voice() -> Sound:
    """Ten seconds of speech."""
    return open_recording(EXAMPLE).read(Span(40_000, 50_000)).samples[None]


@pytest.fixture(scope="module")
def music() -> Sound:
    """Ten seconds of three chords, louder than the voice."""
    at = np.arange(LENGTH) / RATE
    chords = [np.sin(2 * np.pi * tone * at) + np.sin(2.52 * np.pi * tone * at) for tone in (220, 262, 330)]
    return (0.2 * np.concatenate(np.array_split(np.array(chords), 3, axis=1), axis=1)[:1]).astype(np.float32)


def speech(mono: Block) -> Block:
    """The probability of speech, by the real detector."""
    return _speech_in(mono, RATE)


def never(_mono: Block) -> Block:
    """A detector that must not be asked."""
    raise AssertionError


# --- channels ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("right", "detector"), [(1.0, never), (0.8, never), (0.5, speech), (0.3, speech), (0.0, never)]
)
def test_voices_in_the_middle_or_at_a_side_are_the_mean(voice: Sound, right: float, detector: Speech) -> None:
    """The mean is taken, bit by bit; for a voice in the middle or in one channel, without asking the detector."""
    block = np.concatenate([voice, right * voice]).astype(np.float32)

    assert np.array_equal(mix(block, RATE, detector), block.mean(axis=0, keepdims=True))


@pytest.mark.parametrize("right", [-1.0, -0.8, -0.7])
def test_an_inverted_channel_does_not_cancel(voice: Sound, right: float) -> None:
    """The voice has the level that it has in the channels."""
    block = np.concatenate([voice, right * voice]).astype(np.float32)

    assert difference_db(mix(block, RATE, never), (1 - right) / 2 * voice) < -20


def test_music_does_not_hide_an_inverted_voice(voice: Sound, music: Sound) -> None:
    """The mean has only the music; the mix with the speech in it is taken, but for moments without speech."""
    block = np.concatenate([voice + music, -voice + music])

    assert difference_db(block.mean(axis=0, keepdims=True), voice) > 0
    assert difference_db(mix(block, RATE, speech), voice) < -10


def test_wide_music_stays_the_mean(voice: Sound, music: Sound) -> None:
    """With a voice in the middle of wide music, the mean has more speech than the difference."""
    block = np.concatenate([voice + music, voice - music])

    assert np.array_equal(mix(block, RATE, speech), block.mean(axis=0, keepdims=True))


def test_each_stretch_has_its_own_mix(voice: Sound) -> None:
    """If only one of two speakers is inverted, each is heard; at the change there is no click."""
    sign = np.where(np.arange(LENGTH) < LENGTH // 2, 1, -1)
    block = np.concatenate([voice, voice * sign]).astype(np.float32)

    mixed = mix(block, RATE, never)

    edge = RATE // 2
    for half in (slice(edge, LENGTH // 2 - edge), slice(LENGTH // 2 + edge, LENGTH - edge)):
        assert difference_db(np.abs(mixed[:, half]), np.abs(voice[:, half])) < -20


def test_of_more_channels_an_inverted_one_is_turned(voice: Sound) -> None:
    """Six channels, of which three have the voice inverted, do not cancel."""
    block = np.concatenate([voice, -voice, voice, -voice, voice, -voice])

    assert difference_db(mix(block, RATE, never), voice) < -50


@given(st.integers(1, 9), st.integers(1, 9_000), st.integers(0, 99))
def test_any_block_gives_one_channel(channels: int, length: int, seed: int) -> None:
    """The result has the same length and no louder sample, whatever the number of channels."""
    block = np.random.default_rng(seed).uniform(-1, 1, (channels, length)).astype(np.float32)

    mixed = mix(block, RATE, lambda mono: np.zeros(mono.shape[1] // 512 + 1, np.float32))

    assert mixed.shape == (1, length)
    assert np.abs(mixed).max() <= np.abs(block).max() * 1.1


def test_an_inverted_recording_is_the_same_in_spans(make_sound: MakeSound, voice: Sound, music: Sound) -> None:
    """The choice of the mix does not depend on where reading starts."""
    twice = np.tile(np.concatenate([voice + music, -voice + music]), 2)
    recording = open_recording(make_sound("a.flac", twice))
    whole = recording.read(Span(0, 20_000)).samples

    for start in (1_234, 9_700, 12_000):
        assert np.array_equal(recording.read(Span(start, start + 900)).samples, whole[start * 16 : start * 16 + 14_400])


# --- offset ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("offset", [0.02, -0.002, 0.3])
def test_an_offset_is_removed(voice: Sound, offset: float) -> None:
    """What is left is the voice alone, however quiet it is beside the offset."""
    quiet = np.asarray(voice / 30, np.float32)

    assert difference_db(without_offset(np.asarray(quiet + offset, np.float32), RATE), quiet) < -30


def test_sound_without_an_offset_is_unchanged(voice: Sound) -> None:
    """Speech, noise and silence come out bit by bit."""
    for sound in (voice, babble(10), np.zeros((2, LENGTH), np.float32), babble(0.2), babble(0.01)):
        assert without_offset(sound, RATE) is sound


def test_each_channel_has_its_own_offset(voice: Sound) -> None:
    """The channel without an offset is unchanged."""
    block = np.concatenate([voice, voice + np.float32(0.05)])

    cleaned = without_offset(block, RATE)

    assert np.array_equal(cleaned[0], block[0])
    assert difference_db(cleaned[1:], voice) < -30


def test_rumble_is_no_offset() -> None:
    """A slow movement is not the same in all tenths of a second."""
    rumble = (0.1 * np.sin(2 * np.pi * 0.2 * np.arange(LENGTH) / RATE)).astype(np.float32)[None]

    assert without_offset(rumble, RATE) is rumble
