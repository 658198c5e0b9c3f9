"""The adapter of faster-whisper without a model; tests/engines/test_contract.py runs it on a real one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.listening.audio.recording import RATE, Waveform
from pipeline.listening.models.locate import Weights
from pipeline.listening.transcribe import Decoding, faster_whisper
from pipeline.times import MS_PER_SECOND, Span
from tests.factories import SHA


@given(st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 3_000)).map(sorted), max_size=5))
def test_padding_makes_the_waveform_longer_than_its_chunks(chunks: list[list[int]]) -> None:
    """The samples are followed by silence, and as long as all chunks together."""
    waveform = Waveform(np.ones(3 * RATE, np.float32), RATE, 0)

    padded = faster_whisper._long_enough(waveform, [Span(start, end) for start, end in chunks])

    assert np.array_equal(padded[: 3 * RATE], waveform.samples)
    assert not padded[3 * RATE :].any()
    assert len(padded) * MS_PER_SECOND >= sum(end - start for start, end in chunks) * RATE


@given(st.lists(st.integers(0, 3_000), min_size=1, max_size=3))
@example([700, 20])
@example([20, 701])
@example([2_000, 2_001])
def test_the_encoder_gets_all_sound_and_some_silence(lengths: list[int]) -> None:
    """Short chunks get 10 s; where one is longer, each gets the whole 30 s or, if it is long, 1 s after its sound."""
    features = np.zeros((len(lengths), 2, 3_000), np.float32)
    for chunk, length in zip(features, lengths, strict=True):
        chunk[:, :length] = 1

    ends, frames = faster_whisper.num_frames_to_encode(features)

    short = max(lengths) <= 700
    assert frames == (1_000 if short else 3_000)
    for end, length in zip(ends, lengths, strict=True):
        assert end % 2 == 0
        if short or length <= 2_000:
            assert end == frames
        else:
            assert end - length in (100, 101) or end == frames <= length + 101


@given(st.integers(1, 200), st.integers(0, 200))
def test_silence_is_added_from_the_end_of_what_was_encoded(num_encoded: int, num_added: int) -> None:
    """What was encoded comes first; the frames after it are its last ones, in their order, again and again."""
    encoded = np.arange(num_encoded, dtype=np.float32)[:, None]

    longer = faster_whisper.with_silence(encoded, num_encoded + num_added)

    assert np.array_equal(longer[:num_encoded], encoded)
    last = encoded[-40:, 0].tolist()
    assert longer[num_encoded:, 0].tolist() == [last[k % len(last)] for k in range(num_added)]


def segment(no_speech: float = 0.1, logprob: float = -0.2, compression: float = 1.5) -> SimpleNamespace:
    """A segment of faster-whisper, of one word."""
    word = SimpleNamespace(word=" kettle", start=0.1, end=0.5, probability=0.9)
    return SimpleNamespace(no_speech_prob=no_speech, avg_logprob=logprob, compression_ratio=compression, words=[word])


@pytest.mark.parametrize(
    ("first", "was_cut", "calls"),
    [
        ([segment()], True, ["cut"]),
        ([segment(no_speech=0.9, logprob=-0.5)], True, ["cut", "whole"]),
        ([segment(compression=9.0)], True, ["cut", "whole"]),
        ([], True, ["cut", "whole"]),
        ([segment(no_speech=0.9, logprob=-0.5)], False, ["cut"]),
    ],
    ids=["sure", "nobody speaks", "a loop", "no text", "nothing was cut"],
)
def test_doubtful_chunks_are_encoded_with_all_of_their_silence(
    monkeypatch: pytest.MonkeyPatch, first: list[SimpleNamespace], *, was_cut: bool, calls: list[str]
) -> None:
    """If a model says that nobody speaks in a chunk, or repeats itself, it may have got too little silence."""
    made: list[str] = []
    state = {"name": "cut"}

    @contextmanager
    def whole_context() -> Iterator[None]:
        state["name"] = "whole"
        yield

    def segments(*_: object) -> list[SimpleNamespace]:
        made.append(state["name"])
        return first if state["name"] == "cut" else [segment()]

    monkeypatch.setattr(faster_whisper.FasterWhisper, "_segments", segments)
    model = cast("faster_whisper.KeepingModel", SimpleNamespace(was_cut=was_cut, whole_context=whole_context))
    weights = Weights("tiny.en", Path("tiny.en"), SHA, "cache", english_only=True)
    engine = faster_whisper.FasterWhisper(weights, {}, model, "en", 3)
    span = Span(0, 1_000)

    heard = engine.hear(Waveform(np.ones(RATE, np.float32), RATE, 0), (span,), Decoding("en"))

    assert made == calls
    assert [word.text for word in heard] == (["kettle"] if calls[-1] == "whole" or first == [segment()] else [])
