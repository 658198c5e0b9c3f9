from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from pipeline.errors import AudioError
from pipeline.listening.audio.multitrack import TrackOptions, find_offset, turns_from_tracks
from pipeline.listening.audio.recording import RATE, Recording, open_recording
from pipeline.schema import NamedTurn
from pipeline.times import Span, from_seconds
from tests.episodes.kept_hearing import AUDIO, TRUTH
from tests.listening.conftest import Sound, write_sound

pytestmark = pytest.mark.xdist_group("multitrack")  # the tracks are made once

EXCERPT = Span(42_000, 100_000)
OFFSETS = {"Hannah Weir": -3_170, "Oskar Lind": 0, "Priya Nand": 1_480, "Miles Okoro": 260}
"""By how many ms each speaker's recorder was started after the start of the mix."""
BLEED, NOISE = 0.04, 0.002
"""The gain of the other speakers in a track, and the level of its noise."""


class Sentence(NamedTuple):
    """One spoken sentence, on the excerpt's clock."""

    name: str
    span: Span


def sentences() -> list[Sentence]:
    """The example's sentences in the excerpt."""
    spans = [(one["speaker"], Span(from_seconds(one["start"]), from_seconds(one["end"]))) for one in TRUTH["sentences"]]
    return [
        Sentence(name, span.shift(-EXCERPT.start))
        for name, span in spans
        if EXCERPT.start <= span.start and span.end <= EXCERPT.end
    ]


@pytest.fixture(scope="module")
def sounds() -> dict[str, Sound]:
    """The excerpt as the mix, and a track of each speaker: their own voice, faint other voices, noise, an offset."""
    mix = open_recording(AUDIO).read(EXCERPT).samples
    random = np.random.default_rng(7)
    tracks = {"mix": mix[None, :]}
    for name, offset in OFFSETS.items():
        gain = np.full(len(mix), BLEED, np.float32)
        for sentence in sentences():
            if sentence.name == name:
                gain[sentence.span.start * RATE // 1000 : sentence.span.end * RATE // 1000] = 0.7
        own = mix * gain + NOISE * random.standard_normal(len(mix)).astype(np.float32)
        shift = offset * RATE // 1000
        moved = np.concatenate([np.zeros(max(0, -shift), np.float32), own[max(0, shift) :]])
        tracks[name] = moved[None, :].astype(np.float32)
    return tracks


@pytest.fixture
def recordings(sounds: dict[str, Sound], tmp_path: Path) -> dict[str, Recording]:
    """These sounds as files."""
    return {
        name: open_recording(write_sound(tmp_path / f"{k}.flac", sound))
        for k, (name, sound) in enumerate(sounds.items())
    }


def test_turns_are_of_the_speaker_of_each_track(recordings: dict[str, Recording]) -> None:
    """Nearly all speech is in a turn of the person who says it, whatever the offset of each track."""
    mix = recordings.pop("mix")
    turns = turns_from_tracks(recordings, mix, TrackOptions())

    right = sum(one.span.overlap(turn.span) for one in sentences() for turn in turns if turn.name == one.name)
    wrong = sum(one.span.overlap(turn.span) for one in sentences() for turn in turns if turn.name != one.name)
    assert right > 0.85 * sum(one.span.duration for one in sentences())  # sentences have pauses in them
    assert wrong < 0.01 * right


def test_turns_are_ordered_and_within_the_mix(recordings: dict[str, Recording]) -> None:
    """Turns do not overlap, and none ends after the mix."""
    mix = recordings.pop("mix")
    turns = turns_from_tracks(recordings, mix, TrackOptions())

    assert all(one.span.end <= two.span.start for one, two in pairwise(turns))
    assert all(turn.span.end <= mix.duration for turn in turns)
    assert {turn.name for turn in turns} == {one.name for one in sentences()}


def test_a_track_of_another_episode_is_refused(recordings: dict[str, Recording], tmp_path: Path) -> None:
    """A track without correlation with the mix is an error in one line."""
    noise: Sound = np.random.default_rng(3).standard_normal((1, RATE * 30), np.float32) / np.float32(10)
    other = open_recording(write_sound(tmp_path / "other.flac", noise))

    with pytest.raises(AudioError, match="does not fit the mix at any time"):
        turns_from_tracks({"Hannah Weir": other}, recordings["mix"], TrackOptions())


@pytest.mark.parametrize("lag", [-120, 0, 77])
def test_a_known_offset_is_found(lag: int) -> None:
    """The offset at which one loudness curve was cut from the other is found exactly."""
    random = np.random.default_rng(lag + 500)
    mix = random.normal(-30, 10, 4_000).astype(np.float32)
    track = mix[lag:] if lag > 0 else np.concatenate([random.normal(-30, 10, -lag).astype(np.float32), mix])

    found, correlation = find_offset(np.asarray(track, np.float32), mix, 1_000)

    assert found == lag
    assert correlation > 0.9


def test_a_silent_speaker_has_no_turn(recordings: dict[str, Recording], tmp_path: Path) -> None:
    """A person who never speaks has no turn, though the others are audible on that track."""
    mix = open_recording(AUDIO).read(EXCERPT).samples
    faint = open_recording(write_sound(tmp_path / "silent.flac", (0.02 * mix)[None, :].astype(np.float32)))
    tracks = {name: track for name, track in recordings.items() if name != "mix"}
    turns = turns_from_tracks({**tracks, "Silent": faint}, recordings["mix"], TrackOptions())

    assert [turn for turn in turns if turn == NamedTurn(turn.span, "Silent")] == []
