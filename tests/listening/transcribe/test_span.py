"""Transcribe a span again, by itself."""

from __future__ import annotations

import pytest

from pipeline.errors import EngineError
from pipeline.listening.audio.recording import Recording, open_recording
from pipeline.listening.transcribe import Decoding
from pipeline.listening.transcribe.repetition import LoopOptions
from pipeline.listening.transcribe.span import Reading, SecondLookOptions, hear_again
from pipeline.schema import HeardWord, Hearing
from pipeline.times import Span
from tests.factories import heard, hearing
from tests.listening.conftest import EXAMPLE
from tests.listening.transcribe.test_windows import FakeTranscriber

pytestmark = pytest.mark.xdist_group("speech")  # the speech in the example is found once

FIRST = hearing(heard("so we went", 10_000, 12_000), heard("home", 13_000, 14_000), duration=60_000)


@pytest.fixture(scope="module")
def episode() -> Recording:
    """The example episode."""
    return open_recording(EXAMPLE)


def again(
    episode: Recording, fake: FakeTranscriber, span: Span, options: SecondLookOptions, first: Hearing = FIRST
) -> Reading:
    """The reading of a span, with two names as hints."""
    return hear_again(episode, fake, first, span, ("Ann Weir", "Bo"), options, LoopOptions())


def test_only_the_speech_of_the_span_is_transcribed(episode: Recording) -> None:
    """The engine gets the speech in the span with audio around it, the hints, and the temperature."""
    fake = FakeTranscriber()
    options = SecondLookOptions(temperature=0.2)

    reading = again(episode, fake, Span(11_500, 13_500), options)

    (waveform, clips, decoding), *rest = fake.history
    assert rest == []
    assert clips == (Span(11_500, 12_000), Span(13_000, 13_500))
    assert waveform.span == Span(10_500, 14_500)
    assert decoding == Decoding("en", "Glossary: Ann Weir, Bo.", 0.2)
    assert reading == Reading(tuple(HeardWord(f"w{c.start}t0.2", c) for c in clips), ("Ann Weir", "Bo"))


def test_no_hints_with_hints_off(episode: Recording) -> None:
    """With ``hints`` off, the engine gets no hints, and none are recorded."""
    fake = FakeTranscriber()

    reading = again(episode, fake, Span(13_000, 14_000), SecondLookOptions(hints=False))

    assert fake.history[0][2] == Decoding("en")
    assert reading.hints == ()


def test_without_speech_the_engine_is_not_called(episode: Recording) -> None:
    """A span without speech has no words, and the engine is not called."""
    fake = FakeTranscriber()

    assert again(episode, fake, Span(20_000, 22_000), SecondLookOptions()).words == ()
    assert fake.history == []


def test_a_loop_is_discarded(episode: Recording) -> None:
    """If the words are a repetition loop, the reading is empty."""
    fake = FakeTranscriber(lambda clips, _: heard("so we went on " * 10, clips[0].start, clips[0].end))

    assert again(episode, fake, Span(10_000, 14_000), SecondLookOptions()).words == ()


def test_an_error_has_engine_and_time(episode: Recording) -> None:
    """If the engine fails, the error is one line with the engine and the time."""

    def fail(_clips: tuple[Span, ...], _decoding: Decoding) -> tuple[HeardWord, ...]:
        raise RuntimeError("no memory")

    with pytest.raises(EngineError, match=r"fake: failed at 0:10 of the audio \(no memory\)"):
        again(episode, FakeTranscriber(fail), Span(10_000, 14_000), SecondLookOptions())


@pytest.mark.parametrize("wrong", [{"temperature": 1.5}, {"temperature": -0.1}, {"most_share": 2}, {"fewest_words": 0}])
def test_options_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    """An option out of its range is an error."""
    with pytest.raises(ValueError, match="must be"):
        SecondLookOptions(**wrong)  # type: ignore[arg-type]
