from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest

from pipeline.listening.audio import vad
from pipeline.listening.audio.recording import RATE, Recording, Waveform, open_recording
from pipeline.listening.audio.speech_spans import clip_spans
from pipeline.listening.audio.vad import SpeechOptions, Window, speech_windows, voice_activity
from pipeline.progress import Step, silent
from pipeline.times import Span, from_seconds
from tests.listening.conftest import EXAMPLE, MakeSound, babble

pytestmark = pytest.mark.xdist_group("vad")  # the example is searched once

TRUTH = json.loads(EXAMPLE.with_suffix(".truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def episode() -> Recording:
    """The example episode."""
    return open_recording(EXAMPLE)


@pytest.fixture(scope="module")
def minutes(episode: Recording) -> tuple[Window, ...]:
    """The example episode in windows of a minute."""
    return tuple(speech_windows(episode, SpeechOptions(max_window_s=60.0), silent))


def spans_of(kind: str) -> list[Span]:
    """The spans of one kind in the ground truth of the example."""
    return [Span(from_seconds(one["start"]), from_seconds(one["end"])) for one in TRUTH[kind]]


# --- real speech -------------------------------------------------------------------------------------------------


def test_windows_cover_the_recording(episode: Recording, minutes: tuple[Window, ...]) -> None:
    """Every moment is in exactly one window, and no window is longer than ``max_window_s``."""
    edges = [window.waveform.span for window in minutes]

    assert edges[0].start == 0
    assert edges[-1].end == episode.duration
    assert all(before.end == after.start for before, after in pairwise(edges))
    assert all(window.duration <= 60_000 for window in edges)
    assert len(edges) >= 5


def test_windows_have_the_samples_of_the_recording(episode: Recording, minutes: tuple[Window, ...]) -> None:
    """Audio that is loud enough is not changed."""
    second = minutes[1].waveform

    assert np.array_equal(second.samples, episode.read(second.span).samples)


def test_cuts_are_in_pauses(episode: Recording, minutes: tuple[Window, ...]) -> None:
    """Around each cut there is only background noise."""
    whole = np.abs(episode.read(Span(0, episode.duration)).samples)
    around = [whole[(w.waveform.at - 50) * 16 : (w.waveform.at + 50) * 16].mean() for w in minutes[1:]]

    assert max(around) < whole.mean() / 10


def test_speech_is_ordered_and_inside_its_window(minutes: tuple[Window, ...]) -> None:
    """The spans of speech are disjoint, ordered, and inside their window."""
    for window in minutes:
        assert window.speech == clip_spans(window.speech, window.waveform.span)
        assert all(before.end <= after.start for before, after in pairwise(window.speech))


def test_finds_the_speech_of_the_example(minutes: tuple[Window, ...]) -> None:
    """Most of each sentence is speech (sentences have pauses in them), and no jingle is."""
    found = [span for window in minutes for span in window.speech]
    shares = [sum(one.overlap(span) for span in found) / one.duration for one in spans_of("sentences")]

    assert min(shares) > 0.75
    assert np.mean(shares) > 0.9
    assert [span for span in found if any(span.overlap(jingle) for jingle in spans_of("jingles"))] == []


def test_windows_are_reproducible(episode: Recording, minutes: tuple[Window, ...]) -> None:
    """A second call gives the same windows and the same speech."""
    again = speech_windows(episode, SpeechOptions(max_window_s=60.0), silent)

    assert [(w.waveform.at, w.speech) for w in again] == [(w.waveform.at, w.speech) for w in minutes]


def test_speech_of_a_very_quiet_recording_is_found(episode: Recording, make_sound: MakeSound) -> None:
    """Speech is found in a recording in which the detector finds none without amplification."""
    quiet = episode.read(Span(40_000, 60_000)).samples / 1_000
    recording = open_recording(make_sound("quiet.flac", quiet[None]))

    (window,) = speech_windows(recording, SpeechOptions(), silent)

    assert voice_activity(recording.read(Span(0, 20_000)), SpeechOptions()) == ()
    assert sum(span.duration for span in window.speech) > 12_000


def test_progress_is_reported(make_sound: MakeSound) -> None:
    """There is a step at the start of each window, and a last one at the end of the recording."""
    recording = open_recording(make_sound("a.wav", babble(2.5)))
    steps: list[Step] = []

    starts = [window.waveform.at for window in speech_windows(recording, SpeechOptions(max_window_s=1.0), steps.append)]

    assert steps == [Step("listening", at, 2_500, "ms") for at in (*starts, 2_500)]


@pytest.mark.parametrize("seconds", [0.2, 3.0])
def test_finds_no_speech_in_silence(make_sound: MakeSound, seconds: float) -> None:
    """A silent recording is one window without speech."""
    recording = open_recording(make_sound("a.wav", babble(seconds) * 0))

    (window,) = speech_windows(recording, SpeechOptions(), silent)

    assert window.speech == ()
    assert window.waveform.span == Span(0, round(seconds * 1_000))


@pytest.mark.parametrize(
    "wrong", [{"threshold": 1.0}, {"max_window_s": 0.0}, {"max_window_s": 601.0}, {"padding_s": -0.1}]
)
def test_invalid_options_are_refused(wrong: dict[str, float]) -> None:
    """An option out of its range is an error with its name."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        SpeechOptions(**wrong)


# --- cuts ------------------------------------------------------------------------------------------------------


def test_cuts_in_the_last_of_the_longest_pauses() -> None:
    """The cut is the middle of the longest pause; of equally long ones, of the last."""
    speech = (Span(0, 100), Span(300, 400), Span(600, 700), Span(750, 1_000))
    waveform = Waveform(np.ones(RATE, np.float32), RATE, 0)

    assert vad._cut_point(waveform, speech, Span(50, 1_000)) == 500


def test_cuts_at_the_quietest_moment_without_a_pause() -> None:
    """Without a pause, the cut is in the quietest tenth of a second."""
    samples = np.ones(3 * RATE, np.float32)
    samples[2 * RATE : 2 * RATE + RATE // 10] = 0.5
    waveform = Waveform(samples, RATE, 10_000)

    assert vad._cut_point(waveform, (Span(10_000, 13_000),), Span(10_500, 13_000)) == 12_050
