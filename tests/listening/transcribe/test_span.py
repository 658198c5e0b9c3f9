"""A second reading of a stretch, by itself."""

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

FIRST = hearing(heard("so we went", 10_000, 12_000), heard("home", 13_000, 14_000), duration=60_000)


@pytest.fixture(scope="module")
def episode() -> Recording:
    """The example episode."""
    return open_recording(EXAMPLE)


def again(
    episode: Recording, fake: FakeTranscriber, span: Span, options: SecondLookOptions, first: Hearing = FIRST
) -> Reading:
    """The reading of a stretch, with two names told."""
    return hear_again(episode, fake, first, span, ("Ann Weir", "Bo"), options, LoopOptions())


def test_hears_the_speech_of_the_stretch_alone(episode: Recording) -> None:
    """Gives the engine the speech inside the stretch with sound around it, the terms, and the temperature."""
    fake = FakeTranscriber()
    options = SecondLookOptions(temperature=0.2)

    reading = again(episode, fake, Span(11_500, 13_500), options)

    (waveform, clips, decoding), *rest = fake.history
    assert rest == []
    assert clips == (Span(11_500, 12_000), Span(13_000, 13_500))
    assert waveform.span == Span(10_500, 14_500)
    assert decoding == Decoding("en", "Glossary: Ann Weir, Bo.", 0.2)
    assert reading == Reading(tuple(HeardWord(f"w{c.start}t0.2", c) for c in clips), ("Ann Weir", "Bo"))


def test_tells_nothing_where_it_is_not_to(episode: Recording) -> None:
    """Says no terms with ``hints`` off, and records none."""
    fake = FakeTranscriber()

    reading = again(episode, fake, Span(13_000, 14_000), SecondLookOptions(hints=False))

    assert fake.history[0][2] == Decoding("en")
    assert reading.hints == ()


def test_no_speech_needs_no_engine(episode: Recording) -> None:
    """Hears nothing where nobody speaks."""
    fake = FakeTranscriber()

    assert again(episode, fake, Span(20_000, 22_000), SecondLookOptions()).words == ()
    assert fake.history == []


def test_a_loop_is_no_reading(episode: Recording) -> None:
    """Gives no words where they run in circles."""
    fake = FakeTranscriber(lambda clips, _: heard("so we went on " * 10, clips[0].start, clips[0].end))

    assert again(episode, fake, Span(10_000, 14_000), SecondLookOptions()).words == ()


def test_failure_says_where(episode: Recording) -> None:
    """Names the engine and the place in one line where the engine fails."""

    def fail(_clips: tuple[Span, ...], _decoding: Decoding) -> tuple[HeardWord, ...]:
        raise RuntimeError("no memory")

    with pytest.raises(EngineError, match=r"fake: failed at 0:10 of the audio \(no memory\)"):
        again(episode, FakeTranscriber(fail), Span(10_000, 14_000), SecondLookOptions())


@pytest.mark.parametrize("wrong", [{"temperature": 1.5}, {"temperature": -0.1}, {"most_share": 2}, {"fewest_words": 0}])
def test_options_are_checked(wrong: dict[str, float]) -> None:
    """Refuses what makes no sense."""
    with pytest.raises(ValueError, match="must be"):
        SecondLookOptions(**wrong)  # type: ignore[arg-type]
