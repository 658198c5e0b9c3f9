"""The phone classifier on the output of the real encoder: what is said, at the place where it is said."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np
import pytest

from pipeline.episode.engines import Engines, locate_model
from pipeline.listening.audio.recording import Recording, open_recording
from pipeline.listening.forced import BLOCK
from pipeline.listening.forced.force import force
from pipeline.listening.forced.phone_classifier import CLASSES, SILENCE, unpacked
from pipeline.listening.forced.phone_scores import LoadedWhisper, score_blocks
from pipeline.matching.forced.stretches import ForcedWord, Stretch
from pipeline.progress import silent
from pipeline.settings.config import Config
from pipeline.times import Span, from_seconds
from tests.episodes.kept_hearing import AUDIO, TRUTH

pytestmark = pytest.mark.xdist_group("base")


@pytest.fixture(scope="module")
def base(loaded: Engines) -> LoadedWhisper:
    """Whisper base in faster-whisper, on the processor."""
    options = replace(Config().transcribe, engine="faster-whisper", device="cpu")
    config = replace(Config(), transcribe=options)
    return cast("LoadedWhisper", loaded.load(options, locate_model(config, loaded, "faster-whisper", silent)))


@pytest.fixture(scope="module")
def recording() -> Recording:
    """The example."""
    return open_recording(AUDIO)


@pytest.fixture(scope="module")
def blocks(recording: Recording, base: LoadedWhisper) -> dict[int, bytes]:
    """The scores of its first 80 seconds, and of a block after its end."""
    numbers = [0, 1, 2, 3, recording.duration // BLOCK + 1]
    return dict(zip(numbers, score_blocks(recording, base, numbers), strict=True))


def test_blocks_are_whole_and_do_not_depend_on_others(
    recording: Recording, base: LoadedWhisper, blocks: dict[int, bytes]
) -> None:
    """Each has 2,000 frames; computed alone it is the same to the rounding; after the end there is nothing."""
    *whole, after = blocks.values()

    assert {len(one) for one in whole} == {BLOCK // 10 * len(CLASSES)}
    assert after == b""
    alone = unpacked(next(score_blocks(recording, base, [2])))
    assert np.abs(alone - unpacked(blocks[2])).max() <= 1


def test_words_are_where_they_are_said(recording: Recording, blocks: dict[int, bytes]) -> None:
    """A sentence of the example begins and ends near the truth by the classifier alone: edges of half within 50 ms."""
    known = [one for one in TRUTH["sentences"] if one["start"] > 1 and one["end"] < 75]
    off = []
    for one in known:
        start, end = (from_seconds(one[edge]) for edge in ("start", "end"))
        words = tuple(
            ForcedWord((key,), is_abbreviation=False, heard=None, optional=False)
            for key in "".join(c for c in one["spoken"].lower() if c.isalpha() or c == " ").split()
        )
        stretch = Stretch(Span(start - 300, start - 100), Span(end + 100, end + 300), words)
        (forced,) = force(recording, [stretch], blocks)
        assert forced.phones is not None
        first, last = forced.phones[0], forced.phones[-1]
        assert first is not None
        assert last is not None
        off += [abs(forced.start + first.start - start), abs(forced.start + last.end - end)]

    assert len(off) > 10
    assert np.median(off) <= 50
    assert np.percentile(off, 90) <= 100


def test_silence_is_told_from_speech(blocks: dict[int, bytes]) -> None:
    """In the middle of each sentence most frames are speech."""
    scores = np.concatenate([unpacked(blocks[k]) for k in range(4)])
    shares = []
    for one in TRUTH["sentences"]:
        if one["end"] < 75:
            frames = scores[int(one["start"] * 100) : int(one["end"] * 100)]
            shares.append(np.mean(frames.argmax(axis=1) == SILENCE))

    assert np.mean(shares) < 0.25
