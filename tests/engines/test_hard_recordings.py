"""Recordings that people really have, with a real model: as much is heard as in a clean one, at the same times."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.episode.engines import Engines
from pipeline.episode.run import align
from pipeline.files.store import Store
from pipeline.listening.audio.recording import RATE, open_recording
from pipeline.schema import Result
from pipeline.settings.config import Config
from pipeline.settings.precedence import load_settings
from pipeline.times import Ms, Span
from tests.listening.audio.joined_files import resampled, write_joined
from tests.listening.conftest import Sound, babble, write_sound

pytestmark = pytest.mark.xdist_group("models")  # one process loads the real models

EXAMPLE = Path(__file__).parents[2] / "examples" / "kettle-and-kernel" / "08-the-paper-backup.mp3"
TRUTH = json.loads(EXAMPLE.with_suffix(".truth.json").read_text(encoding="utf-8"))
LENGTH_S = 52
SENTENCES = [one for one in TRUTH["sentences"] if one["end"] < LENGTH_S]
GUEST = "Wilhelmina Brandt"
JOIN_MS: Ms = 31_900
MOST_LOST = 0.1
"""The share of the words that may be heard otherwise: processors round differently, and 0.06 was seen with a smaller
model. The guest alone says 0.29 of the words."""
ADVERTISEMENT: Sound = np.asarray(babble(12) / 4, np.float32)


@pytest.fixture(scope="module")
def clean() -> Sound:
    """The first 52 s of the example."""
    return open_recording(EXAMPLE).read(Span(0, LENGTH_S * 1_000)).samples[None]


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory, loaded: Engines) -> Callable[[Path], Result]:
    """A function that aligns the typed sentences with a recording."""
    folder = tmp_path_factory.mktemp("hard")
    turns: dict[int, str] = {}
    for one in SENTENCES:
        turns[one["utterance"]] = turns.get(one["utterance"], f"**{one['speaker']}**:") + f" {one['written']}"
    (folder / "typed.md").write_text("\n\n".join(turns.values()) + "\n", encoding="utf-8")
    config: Config = load_settings(None, None, {"transcribe.model": "base"}).config
    config = replace(config, diarize=replace(config.diarize, voices=False))
    return lambda audio: align(audio, folder / "typed.md", config, engines=loaded, store=Store(folder / "store"))


@pytest.fixture(scope="module")
def expected(heard: Callable[[Path], Result], clean: Sound, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """What is heard in the clean recording."""
    return heard(write_sound(tmp_path_factory.mktemp("clean") / "clean.flac", clean))


def _quiet_guest(folder: Path, clean: Sound) -> Path:
    sound = clean.copy()
    for one in SENTENCES:
        if one["speaker"] == GUEST:
            sound[:, round((one["start"] - 0.06) * RATE) : round((one["end"] + 0.06) * RATE)] *= 10 ** (-30 / 20)
    return write_sound(folder / "a.flac", sound)


def _offset(folder: Path, clean: Sound) -> Path:
    return write_sound(folder / "a.flac", np.asarray(clean * 10 ** (-30 / 20) + 0.02, np.float32))


def _inverted(folder: Path, clean: Sound) -> Path:
    return write_sound(folder / "a.flac", np.concatenate([clean, -0.9 * clean]).astype(np.float32))


def _chained(folder: Path, clean: Sound) -> Path:
    pieces: tuple[Sound, ...] = (clean[:, : JOIN_MS * 16], clean[:, JOIN_MS * 16 :])
    return write_joined(folder / "a.opus", [(piece, 48_000, 1) for piece in pieces])


def _advertised(folder: Path, clean: Sound) -> Path:
    return write_joined(folder / "a.mp3", [(ADVERTISEMENT, 44_100, 2), (clean, 22_050, 1)])


def _webm(folder: Path, clean: Sound) -> Path:
    return write_sound(folder / "a.webm", resampled(clean, 48_000), 48_000)


@pytest.mark.parametrize(
    ("make", "later"),
    [(_quiet_guest, 0), (_offset, 0), (_inverted, 0), (_chained, 0), (_advertised, 12_076), (_webm, 0)],
    ids=["quiet guest", "DC offset", "inverted channel", "chained Ogg", "advertisement before an mp3", "webm"],
)
def test_a_hard_recording_is_heard_like_a_clean_one(
    tmp_path: Path,
    clean: Sound,
    heard: Callable[[Path], Result],
    expected: Result,
    make: Callable[[Path, Sound], Path],
    later: Ms,
) -> None:
    """Each utterance is found where it is in the clean recording: more than half of its time is the same.

    Not its start to the millisecond: where a pause precedes it, Whisper starts the first word somewhere in the pause.
    """
    result = heard(make(tmp_path, clean))

    assert result.coverage > expected.coverage - MOST_LOST
    assert [finding.kind for finding in result.findings if finding.kind in {"not-heard", "wrong-audio"}] == []
    for found, clear in zip(result.utterances, expected.utterances, strict=True):
        assert found.is_sure
        assert found.span is not None
        assert clear.span is not None
        shared = min(found.span.end - later, clear.span.end) - max(found.span.start - later, clear.span.start)
        assert shared > max(found.span.duration, clear.span.duration) / 2
