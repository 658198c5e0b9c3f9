"""The adapter of faster-whisper without a model; tests/engines/test_contract.py runs it on a real one."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.listening.audio.recording import RATE, Waveform
from pipeline.listening.transcribe import faster_whisper
from pipeline.times import MS_PER_SECOND, Span


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
def test_the_encoder_gets_all_sound_and_some_silence(lengths: list[int]) -> None:
    """Of short chunks it gets 10 s, with at least 3 s of silence; of others the whole 30 s."""
    features = np.zeros((len(lengths), 2, 3_000), np.float32)
    for chunk, length in zip(features, lengths, strict=True):
        chunk[:, :length] = 1

    assert faster_whisper.num_frames_to_encode(features) == (1_000 if max(lengths) <= 700 else 3_000)
