from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from pipeline.errors import AudioError
from pipeline.listening.audio.multitrack import TrackOptions, offset_of, turns_of
from pipeline.listening.audio.recording import RATE, Recording, open_recording
from pipeline.schema import NamedTurn
from pipeline.times import Span, from_seconds
from tests.episodes.kept_hearing import AUDIO, TRUTH
from tests.listening.conftest import Sound, write_sound

pytestmark = pytest.mark.xdist_group("multitrack")  # the tracks are made once

EXCERPT = Span(42_000, 100_000)
OFFSETS = {"Hannah Weir": -3_170, "Oskar Lind": 0, "Priya Nand": 1_480, "Miles Okoro": 260}
"""By how many ms each person's recorder was started after the mix begins."""
BLEED, ROOM = 0.04, 0.002


class Said(NamedTuple):
    """What one person says, on the excerpt's clock."""

    name: str
    span: Span


def said() -> list[Said]:
    """The example's sentences in the excerpt."""
    spans = [(one["speaker"], Span(from_seconds(one["start"]), from_seconds(one["end"]))) for one in TRUTH["sentences"]]
    return [
        Said(name, span.shift(-EXCERPT.start))
        for name, span in spans
        if EXCERPT.start <= span.start and span.end <= EXCERPT.end
    ]


@pytest.fixture(scope="module")
def sounds() -> dict[str, Sound]:
    """The excerpt, and each person's track of it: the own voice, the others faintly, a hissing room, another start."""
    mix = open_recording(AUDIO).read(EXCERPT).samples
    chance = np.random.default_rng(7)
    tracks = {"mix": mix[None, :]}
    for name, offset in OFFSETS.items():
        gain = np.full(len(mix), BLEED, np.float32)
        for one in said():
            if one.name == name:
                gain[one.span.start * RATE // 1000 : one.span.end * RATE // 1000] = 0.7
        own = mix * gain + ROOM * chance.standard_normal(len(mix)).astype(np.float32)
        shift = offset * RATE // 1000
        moved = np.concatenate([np.zeros(max(0, -shift), np.float32), own[max(0, shift) :]])
        tracks[name] = moved[None, :].astype(np.float32)
    return tracks


@pytest.fixture
def recordings(sounds: dict[str, Sound], tmp_path: Path) -> dict[str, Recording]:
    """They as files."""
    return {
        name: open_recording(write_sound(tmp_path / f"{k}.flac", sound))
        for k, (name, sound) in enumerate(sounds.items())
    }


def test_who_speaks_is_told_by_the_own_track(recordings: dict[str, Recording]) -> None:
    """Gives nearly all speech to the person who was recorded saying it, wherever each recorder was started."""
    mix = recordings.pop("mix")
    turns = turns_of(recordings, mix, TrackOptions())

    right = sum(one.span.overlap(turn.span) for one in said() for turn in turns if turn.name == one.name)
    wrong = sum(one.span.overlap(turn.span) for one in said() for turn in turns if turn.name != one.name)
    assert right > 0.85 * sum(one.span.duration for one in said())  # sentences have pauses in them
    assert wrong < 0.01 * right


def test_turns_are_ordered_and_within_the_mix(recordings: dict[str, Recording]) -> None:
    """Turns do not overlap, and end with the mix."""
    mix = recordings.pop("mix")
    turns = turns_of(recordings, mix, TrackOptions())

    assert all(one.span.end <= two.span.start for one, two in pairwise(turns))
    assert all(turn.span.end <= mix.duration for turn in turns)
    assert {turn.name for turn in turns} == {one.name for one in said()}


def test_a_track_of_another_episode_is_refused(recordings: dict[str, Recording], tmp_path: Path) -> None:
    """Says in one line that a track does not fit the mix at any time."""
    hiss: Sound = np.random.default_rng(3).standard_normal((1, RATE * 30), np.float32) / np.float32(10)
    other = open_recording(write_sound(tmp_path / "other.flac", hiss))

    with pytest.raises(AudioError, match="does not fit the mix at any time"):
        turns_of({"Hannah Weir": other}, recordings["mix"], TrackOptions())


@pytest.mark.parametrize("lag", [-120, 0, 77])
def test_a_planted_offset_is_found(lag: int) -> None:
    """Finds the shift at which one loudness was cut from the other."""
    chance = np.random.default_rng(lag + 500)
    mix = chance.normal(-30, 10, 4_000).astype(np.float32)
    track = mix[lag:] if lag > 0 else np.concatenate([chance.normal(-30, 10, -lag).astype(np.float32), mix])

    found, likeness = offset_of(np.asarray(track, np.float32), mix, 1_000)

    assert found == lag
    assert likeness > 0.9


def test_nobody_is_no_turn(recordings: dict[str, Recording], tmp_path: Path) -> None:
    """Gives no turn to a person who never says anything, though the others are heard on that track."""
    mix = open_recording(AUDIO).read(EXCERPT).samples
    faint = open_recording(write_sound(tmp_path / "silent.flac", (0.02 * mix)[None, :].astype(np.float32)))
    whole = {**recordings, "Nobody": faint}
    turns = turns_of({name: one for name, one in whole.items() if name != "mix"}, recordings["mix"], TrackOptions())

    assert [turn for turn in turns if turn == NamedTurn(turn.span, "Nobody")] == []
