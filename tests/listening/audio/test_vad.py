from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.listening.audio import vad
from pipeline.listening.audio.recording import RATE, Recording, Waveform, open_recording
from pipeline.listening.audio.vad import (
    SpeechOptions,
    Window,
    clipped,
    joined,
    pauses,
    stretches,
    voice_activity,
    windows,
)
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
    return tuple(windows(episode, SpeechOptions(max_window_s=60.0), silent))


def spans_of(kind: str) -> list[Span]:
    """The stretches of one kind in the truth about the example."""
    return [Span(from_seconds(one["start"]), from_seconds(one["end"])) for one in TRUTH[kind]]


# --- real speech -------------------------------------------------------------------------------------------------


def test_windows_tile_the_recording(episode: Recording, minutes: tuple[Window, ...]) -> None:
    """Gives every moment in one window, and none longer than was asked for."""
    edges = [window.waveform.span for window in minutes]

    assert edges[0].start == 0
    assert edges[-1].end == episode.duration
    assert all(before.end == after.start for before, after in pairwise(edges))
    assert all(window.duration <= 60_000 for window in edges)
    assert len(edges) >= 5


def test_windows_hold_the_sound_itself(episode: Recording, minutes: tuple[Window, ...]) -> None:
    """Changes nothing of sound that is loud enough."""
    second = minutes[1].waveform

    assert np.array_equal(second.samples, episode.read(second.span).samples)


def test_cuts_where_it_is_quiet(episode: Recording, minutes: tuple[Window, ...]) -> None:
    """Cuts in pauses: around each cut there is nothing but the noise of the room."""
    whole = np.abs(episode.read(Span(0, episode.duration)).samples)
    around = [whole[(w.waveform.at - 50) * 16 : (w.waveform.at + 50) * 16].mean() for w in minutes[1:]]

    assert max(around) < whole.mean() / 10


def test_speech_is_ordered_and_inside_its_window(minutes: tuple[Window, ...]) -> None:
    """Gives disjoint stretches in order, each within the window that it comes with."""
    for window in minutes:
        assert window.speech == clipped(window.speech, window.waveform.span)
        assert all(before.end <= after.start for before, after in pairwise(window.speech))


def test_finds_the_speech_of_the_example(minutes: tuple[Window, ...]) -> None:
    """Calls speech most of each sentence (they have pauses inside), and no jingle."""
    found = [span for window in minutes for span in window.speech]
    shares = [sum(said.overlap(span) for span in found) / said.duration for said in spans_of("sentences")]

    assert min(shares) > 0.75
    assert np.mean(shares) > 0.9
    assert [span for span in found if any(span.overlap(jingle) for jingle in spans_of("jingles"))] == []


def test_cuts_alike_every_time(episode: Recording, minutes: tuple[Window, ...]) -> None:
    """Gives the same windows and the same speech when it is asked again."""
    again = windows(episode, SpeechOptions(max_window_s=60.0), silent)

    assert [(w.waveform.at, w.speech) for w in again] == [(w.waveform.at, w.speech) for w in minutes]


def test_hears_a_very_quiet_recording(episode: Recording, make_sound: MakeSound) -> None:
    """Finds speech in a recording so quiet that the detector by itself finds none."""
    quiet = episode.read(Span(40_000, 60_000)).samples / 1_000
    recording = open_recording(make_sound("quiet.flac", quiet[None]))

    (window,) = windows(recording, SpeechOptions(), silent)

    assert voice_activity(recording.read(Span(0, 20_000)), SpeechOptions()) == ()
    assert sum(span.duration for span in window.speech) > 12_000


def test_tells_its_progress(make_sound: MakeSound) -> None:
    """Tells where each window starts, and at last that all is done."""
    recording = open_recording(make_sound("a.wav", babble(2.5)))
    told: list[Step] = []

    starts = [window.waveform.at for window in windows(recording, SpeechOptions(max_window_s=1.0), told.append)]

    assert told == [Step("listening", at, 2_500, "ms") for at in (*starts, 2_500)]


@pytest.mark.parametrize("seconds", [0.2, 3.0])
def test_finds_no_speech_in_silence(make_sound: MakeSound, seconds: float) -> None:
    """Gives a silent recording as one window without speech."""
    recording = open_recording(make_sound("a.wav", babble(seconds) * 0))

    (window,) = windows(recording, SpeechOptions(), silent)

    assert window.speech == ()
    assert window.waveform.span == Span(0, round(seconds * 1_000))


@pytest.mark.parametrize(
    "wrong", [{"threshold": 1.0}, {"max_window_s": 0.0}, {"max_window_s": 601.0}, {"padding_s": -0.1}]
)
def test_refuses_senseless_options(wrong: dict[str, float]) -> None:
    """Refuses what could never work, before anything is listened to."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        SpeechOptions(**wrong)


# --- spans -------------------------------------------------------------------------------------------------------

edges = st.lists(st.integers(0, 500), unique=True, max_size=30).map(sorted)
disjoint = edges.map(lambda points: tuple(Span(a, b) for a, b in zip(points[::2], points[1::2], strict=False)))
anywhere = st.tuples(st.integers(0, 500), st.integers(0, 500)).map(lambda ends: Span(min(ends), max(ends)))


@given(disjoint, anywhere)
def test_pauses_and_speech_tile(spans: tuple[Span, ...], within: Span) -> None:
    """Covers a stretch with its speech and its pauses, each moment once."""
    parts = sorted((*clipped(spans, within), *pauses(spans, within)))

    assert sum(part.duration for part in parts) == within.duration
    assert all(before.end == after.start for before, after in pairwise(parts))


@given(disjoint, st.integers(0, 100))
def test_joined_spans_are_far_apart(spans: tuple[Span, ...], gap: int) -> None:
    """Leaves no gap that is small enough to be closed, and loses nothing."""
    together = joined(spans, gap)

    assert all(after.start - before.end > gap for before, after in pairwise(together))
    assert all(any(span.overlap(whole) == span.duration for whole in together) for span in spans)


@given(disjoint, st.integers(1, 200))
def test_stretches_hold_all_speech_in_order(spans: tuple[Span, ...], longest: int) -> None:
    """Gathers every span once, in order, as many at a time as fit."""
    gathered = list(stretches(spans, longest))

    assert tuple(span for stretch in gathered for span in stretch) == spans
    assert all(len(one) == 1 or one[-1].end - one[0].start <= longest for one in gathered)
    assert all(after[0].end - before[0].start > longest for before, after in pairwise(gathered))


def test_cuts_in_the_last_of_the_longest_pauses() -> None:
    """Takes the middle of the longest pause, and of equals the later one."""
    spoken = (Span(0, 100), Span(300, 400), Span(600, 700), Span(750, 1_000))
    waveform = Waveform(np.ones(RATE, np.float32), RATE, 0)

    assert vad._cut(waveform, spoken, Span(50, 1_000)) == 500


def test_cuts_at_the_quietest_moment_where_nobody_pauses() -> None:
    """Takes the quietest tenth of a second where there is no pause at all."""
    samples = np.ones(3 * RATE, np.float32)
    samples[2 * RATE : 2 * RATE + RATE // 10] = 0.5
    waveform = Waveform(samples, RATE, 10_000)

    assert vad._cut(waveform, (Span(10_000, 13_000),), Span(10_500, 13_000)) == 12_050
