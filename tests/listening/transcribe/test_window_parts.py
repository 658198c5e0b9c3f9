"""The parts of windows, and how they are transcribed by two calls of the engine at once."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import EngineError
from pipeline.listening.audio.recording import RATE, Recording, Waveform
from pipeline.listening.audio.vad import Window
from pipeline.listening.transcribe import Decoding
from pipeline.listening.transcribe.window_parts import divided, parts_of
from pipeline.listening.transcribe.windows import HearOptions, hear
from pipeline.progress import Step, silent
from pipeline.schema import HeardWord
from pipeline.times import Span
from tests.listening.transcribe.test_windows import SHORT, FakeTranscriber, WindowsInMemory, numbered

pytestmark = pytest.mark.xdist_group("speech")  # the speech in the example is found once


def window_of(clips: int) -> Window:
    """A window with clips of 20 s, so that each is a group of its own."""
    speech = tuple(Span(5_000 + at * 25_000, 25_000 + at * 25_000) for at in range(clips))
    whole = Span(0, 25_000 * clips + 10_000)
    return Window(Waveform(np.zeros(whole.duration * RATE // 1_000, np.float32), RATE, 0), speech, whole)


@given(st.integers(0, 60), st.integers(1, 3))
def test_a_window_is_divided_evenly(clips: int, at_once: int) -> None:
    """The parts cover it in order with all clips, 8 at most in each; there are as many for each call that runs."""
    window = window_of(clips)

    parts = list(divided(window, at_once))

    assert [clip for _, groups in parts for group in groups for clip in group] == list(window.speech)
    sizes = [len(groups) for _, groups in parts]
    assert max(sizes, default=0) - min(sizes, default=0) <= 1
    assert all(1 <= size <= 8 for size in sizes)
    assert len(parts) % at_once == 0 or len(parts) == clips
    edges = [edge for span, _ in parts for edge in (span.start, span.end)]
    assert not parts or (edges[0], edges[-1]) == (0, window.waveform.span.end)
    assert edges[1:-1:2] == edges[2::2]


@given(st.integers(1, 40), st.integers(0, 1_100_000))
def test_what_ends_before_the_start_comes_last(clips: int, start: int) -> None:
    """The parts are the same wherever it begins, each with all their starts in order."""
    parts = list(parts_of(window_of(clips), "en", None, start, 2))

    first = [part.span.start for part in parts]
    assert sorted(first) == list(parts[0].window_parts)
    later = [part.span.end > start for part in parts]
    assert later == sorted(later, reverse=True) or not any(later)


def test_an_engine_may_get_two_calls_at_once(minute: Recording) -> None:
    """They run beside each other, and the hearing, what is kept and the progress are those of one after the other."""
    both = threading.Barrier(2, timeout=20)

    def wait(clips: tuple[Span, ...], decoding: Decoding) -> tuple[HeardWord, ...]:
        both.wait()
        return numbered(clips, decoding)

    kept, kept_two, steps, steps_two = WindowsInMemory(), WindowsInMemory(), list[Step](), list[Step]()
    whole = hear(minute, FakeTranscriber(), HearOptions(), steps.append, kept, SHORT)
    twice = FakeTranscriber(wait, at_once=2)
    assert len(kept.words) == 4  # an even number of calls, so that none waits for ever

    assert hear(minute, twice, HearOptions(), steps_two.append, kept_two, SHORT) == whole
    assert (kept_two.words, steps_two) == (kept.words, steps)


def test_a_failure_beside_another_call_ends_the_run(minute: Recording) -> None:
    """What was heard before it is kept; the error is that of the call that failed."""

    def fail(clips: tuple[Span, ...], decoding: Decoding) -> tuple[HeardWord, ...]:
        if clips[0].start > 30_000:
            raise RuntimeError("no memory")
        return numbered(clips, decoding)

    kept, whole = WindowsInMemory(), WindowsInMemory()
    hear(minute, FakeTranscriber(), HearOptions(), silent, whole, SHORT)
    with pytest.raises(EngineError, match="no memory"):
        hear(minute, FakeTranscriber(fail, at_once=2), HearOptions(), silent, kept, SHORT)

    assert 0 < len(kept.words) < len(whole.words)
    assert kept.words.items() <= whole.words.items()
