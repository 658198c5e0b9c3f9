"""The adapter of faster-whisper without a model; tests/engines/test_contract.py runs it on a real one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
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


@pytest.mark.parametrize(
    ("cores", "variable", "threads"),
    [(4, "", 4), (64, "", 8), (4, "2", 2), (4, "64", 4), (4, "0", 4), (4, "many", 4)],
)
def test_threads_are_limited(monkeypatch: pytest.MonkeyPatch, cores: int, variable: str, threads: int) -> None:
    """There is a thread for each core, at most 8, and at most ``OMP_NUM_THREADS`` if it is a positive number."""
    monkeypatch.setattr(faster_whisper, "core_count", lambda: cores)
    monkeypatch.setenv("OMP_NUM_THREADS", variable)

    assert faster_whisper._threads() == threads
