from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_info, threadpool_limits

from pipeline.errors import EngineError, NoSpeechError
from pipeline.listening.audio.recording import Recording, Waveform, open_recording
from pipeline.listening.audio.vad import SpeechOptions
from pipeline.listening.models.locate import Weights
from pipeline.listening.transcribe import Decoding
from pipeline.listening.transcribe.windows import (
    EarlyResults,
    HeardSoFar,
    HearOptions,
    halves,
    hear,
    in_order,
    speech_without_words,
)
from pipeline.progress import Step, silent
from pipeline.schema import HeardWord
from pipeline.times import Span
from tests.listening.conftest import MakeSound, babble

pytestmark = pytest.mark.xdist_group("speech")  # the speech in the example is found once

MINUTES = SpeechOptions(max_window_s=60.0)
SHA = "0123456789abcdef" * 4

Answer = Callable[[tuple[Span, ...], Decoding], tuple[HeardWord, ...]]


def numbered(clips: tuple[Span, ...], decoding: Decoding) -> tuple[HeardWord, ...]:
    """One word in each clip, whose text is the clip's start and the temperature."""
    return tuple(HeardWord(f"w{clip.start}t{decoding.temperature}", clip) for clip in clips)


@dataclass
class FakeTranscriber:
    """An engine that returns what ``answer`` returns, and records its calls."""

    answer: Answer = numbered
    history: list[tuple[Waveform, tuple[Span, ...], Decoding]] = field(default_factory=list)
    languages: int = 0
    spoken: str = "de"
    engine: str = "fake"
    at_once: int = 1
    weights: Weights = field(default_factory=lambda: Weights("tiny", Path("tiny"), SHA, "the test", english_only=False))
    settings: Mapping[str, str | int | float | bool | None] = field(default_factory=lambda: {"beam_size": 1})

    def language(self, waveform: Waveform, clips: tuple[Span, ...]) -> str:
        """The language of the test; calls are counted."""
        assert waveform.samples.size
        assert clips
        self.languages += 1
        return self.spoken

    def hear(self, waveform: Waveform, clips: tuple[Span, ...], decoding: Decoding) -> tuple[HeardWord, ...]:
        """The words of the test."""
        self.history.append((waveform, clips, decoding))
        return self.answer(clips, decoding)


@dataclass
class WindowsInMemory:
    """A store of windows in memory."""

    words: dict[str, tuple[HeardWord, ...]] = field(default_factory=dict)

    def load(self, key: str) -> tuple[HeardWord, ...] | None:
        """The words under the key."""
        return self.words.get(key)

    def save(self, key: str, words: tuple[HeardWord, ...]) -> None:
        """Save once: no window is transcribed twice."""
        assert key not in self.words
        self.words[key] = words


def test_all_speech_is_transcribed_once(episode: Recording) -> None:
    """The engine gets every span of speech exactly once, with its audio."""
    fake = FakeTranscriber()

    hearing = hear(episode, fake, HearOptions(), silent, speech=MINUTES)

    given_clips = [clip for _, clips, _ in fake.history for clip in clips]
    assert [word.span for word in hearing.words] == given_clips
    assert sum(span.duration for span in hearing.speech) == sum(clip.duration for clip in given_clips)
    assert all(clip.clip(waveform.span) == clip for waveform, clips, _ in fake.history for clip in clips)


def test_a_hearing_names_engine_model_and_settings(episode: Recording) -> None:
    """A hearing has engine, model, weights, language and settings; the language is detected once."""
    fake = FakeTranscriber()

    hearing = hear(episode, fake, HearOptions(max_repeats=5), silent, speech=MINUTES)

    assert (hearing.engine, hearing.model, hearing.weights, hearing.language) == ("fake", "tiny", SHA, "de")
    assert hearing.duration == episode.duration
    assert fake.languages == 1
    assert {decoding for *_, decoding in fake.history} == {Decoding("de")}
    assert {"beam_size": 1, "max_window_s": 60.0, "max_repeats": 5}.items() <= hearing.settings.items()
    english = FakeTranscriber(spoken="en", settings={"beam_size": None})  # as many as usual in that language
    assert hear(episode, english, HearOptions(), silent).settings["beam_size"] == 3


def test_numpy_computes_with_one_thread_while_an_engine_listens(episode: Recording) -> None:
    """Its threads would take the cores from the engine; afterwards it has as many as before."""
    seen: list[dict[str, object]] = []

    def answer(clips: tuple[Span, ...], decoding: Decoding) -> tuple[HeardWord, ...]:
        seen.extend(threadpool_info())
        return numbered(clips, decoding)

    with threadpool_limits(limits=2, user_api="blas"):
        hear(episode, FakeTranscriber(answer), HearOptions(), silent)
        after = threadpool_info()

    for infos, count in ((seen, 1), (after, 2)):
        assert {one["num_threads"] for one in infos if one["user_api"] == "blas"} == {count}


def test_progress_is_reported(episode: Recording) -> None:
    """There are steps inside a window too; they never go back, and the last is the end of the recording."""
    steps: list[Step] = []

    hear(episode, FakeTranscriber(), HearOptions(), steps.append)

    assert all(before.done <= after.done for before, after in pairwise(steps))
    assert steps[0] == Step("listening", 0, episode.duration, "ms")
    assert steps[-1] == Step("listening", episode.duration, episode.duration, "ms")
    assert len(steps) >= 4


@pytest.mark.parametrize(("spoken", "used", "hint"), [("en", ("Ann", "Bo"), "Glossary: Ann, Bo."), ("de", (), "")])
def test_hints_are_used_in_english_only(episode: Recording, spoken: str, used: tuple[str, ...], hint: str) -> None:
    """The engine gets the hints in English, and they are recorded; in another language there are none."""
    fake = FakeTranscriber(spoken=spoken)

    assert hear(episode, fake, HearOptions(), silent, speech=MINUTES, hints=("Ann", "Bo")).hints == used
    assert {decoding.hint for *_, decoding in fake.history} == {hint}


def test_stored_windows_are_used_whatever_the_hints(episode: Recording) -> None:
    """No window is transcribed again because the hints have changed."""
    stored, fake = WindowsInMemory(), FakeTranscriber(spoken="en")
    first = hear(episode, fake, HearOptions(), silent, stored, MINUTES, ("Ann",))
    calls = len(fake.history)

    second = hear(episode, fake, HearOptions(), silent, stored, MINUTES, ("Bo",))

    assert len(fake.history) == calls
    assert second.words == first.words


# --- early results -----------------------------------------------------------------------------------------------


SHORT = SpeechOptions(max_window_s=20.0)


def check_order(recording: Recording, speech: SpeechOptions, start: int) -> None:
    """The engine is called with the same clips, only in another order; what is heard and kept is the same."""
    kept, kept_early = WindowsInMemory(), WindowsInMemory()
    fake, fake_early = FakeTranscriber(), FakeTranscriber()
    early = EarlyResults(lambda _: None, start)

    hearing = hear(recording, fake, HearOptions(), silent, kept, speech)

    assert hear(recording, fake_early, HearOptions(), silent, kept_early, speech, early=early) == hearing
    assert kept_early.words == kept.words
    assert fake_early.languages == 1
    calls, calls_early = (
        [(clips, waveform.samples.tobytes()) for waveform, clips, _ in one.history] for one in (fake, fake_early)
    )
    assert sorted(calls_early) == sorted(calls)
    assert (calls_early == calls) == (start == 0)


@pytest.mark.parametrize("start", [0, 25_000, 59_000])
def test_the_hearing_is_the_same_wherever_listening_begins(minute: Recording, start: int) -> None:
    """Only the order in which windows are heard differs."""
    check_order(minute, SHORT, start)


def test_the_hearing_of_one_window_is_the_same_wherever_listening_begins(episode: Recording) -> None:
    """The same for the calls within a window."""
    check_order(episode, SpeechOptions(), 280_000)


def test_listening_begins_where_it_is_told(minute: Recording) -> None:
    """First everything from there on is heard, in order, then what is before it, in order."""
    fake, start = FakeTranscriber(), 30_000

    hear(minute, fake, HearOptions(), silent, speech=SHORT, early=EarlyResults(lambda _: None, start))

    starts = [clips[0].start for _, clips, _ in fake.history]
    first = starts.index(min(starts))
    assert first > 0
    assert starts == sorted(starts[:first]) + sorted(starts[first:])
    assert fake.history[-1][1][-1].end <= start
    assert abs(starts[0] - start) < 20_000


def test_early_results_grow_to_the_whole(minute: Recording) -> None:
    """Each result has the words and the speech of what was listened to, and nothing else."""
    taken: list[HeardSoFar] = []
    early = EarlyResults(taken.append, 30_000)

    hearing = hear(minute, FakeTranscriber(), HearOptions(), silent, speech=SHORT, early=early)

    assert len(taken) > 2
    assert taken[-1] == HeardSoFar(hearing, (Span(0, minute.duration),))
    lengths = [sum(span.duration for span in one.spans) for one in taken]
    assert lengths == sorted(set(lengths))
    for one in taken:
        inside = [word for word in hearing.words if any(word.span.clip(span) == word.span for span in one.spans)]
        assert list(one.hearing.words) == inside
        assert all(any(part.clip(span) == part for span in one.spans) for part in one.hearing.speech)


# --- loops -------------------------------------------------------------------------------------------------------


def loop(clips: tuple[Span, ...]) -> tuple[HeardWord, ...]:
    """The same four words ten times, in the first clip."""
    start = clips[0].start
    step = clips[0].duration // 41
    texts = ("so", "we", "went", "on") * 10
    return tuple(HeardWord(text, Span(start + k * step, start + (k + 1) * step)) for k, text in enumerate(texts))


def test_a_loop_is_transcribed_again(episode: Recording) -> None:
    """A loop is replaced by a second transcription, cut at the longest pause and with another temperature."""
    fake = FakeTranscriber(lambda clips, decoding: numbered(clips, decoding) if decoding.temperature else loop(clips))

    hearing = hear(episode, fake, HearOptions(retry_temperature=0.7, unheard_s=999), silent, speech=MINUTES)

    again = [clips for _, clips, decoding in fake.history if decoding.temperature]
    first_calls = [clips for _, clips, decoding in fake.history if not decoding.temperature]
    assert [word.text for word in hearing.words] == [f"w{clip.start}t0.7" for clips in again for clip in clips]
    assert {decoding.temperature for *_, decoding in fake.history} == {0.0, 0.7}
    assert len(again) > len(first_calls)
    assert again[0] + again[1] == first_calls[0][: len(again[0] + again[1])]


def test_one_round_of_a_persistent_loop_is_kept(episode: Recording) -> None:
    """If the second transcription loops too, the repeated words are kept once."""
    fake = FakeTranscriber(lambda clips, _: loop(clips))

    hearing = hear(episode, fake, HearOptions(unheard_s=999), silent, speech=MINUTES)

    texts = [word.text for word in hearing.words]
    num_calls = sum(not decoding.temperature for *_, decoding in fake.history)
    assert texts == ["so", "we", "went", "on"] * num_calls


# --- the store, and errors ---------------------------------------------------------------------------------------


def test_a_killed_run_continues(episode: Recording) -> None:
    """After a crash only unfinished windows are transcribed, and the result is the same as without it."""
    stored = WindowsInMemory()
    whole = hear(episode, FakeTranscriber(), HearOptions(), silent, speech=MINUTES)

    def crash(clips: tuple[Span, ...], decoding: Decoding) -> tuple[HeardWord, ...]:
        if clips[0].start > 120_000:
            raise KeyboardInterrupt
        return numbered(clips, decoding)

    with pytest.raises(KeyboardInterrupt):
        hear(episode, FakeTranscriber(crash), HearOptions(), silent, stored, MINUTES)
    fake = FakeTranscriber()

    assert hear(episode, fake, HearOptions(), silent, stored, MINUTES) == whole
    assert min(clips[0].start for _, clips, _ in fake.history) > 100_000


def test_a_second_run_does_not_transcribe(episode: Recording) -> None:
    """The engine transcribes nothing that is stored; it only detects the language."""
    stored, fake = WindowsInMemory(), FakeTranscriber()
    first = hear(episode, FakeTranscriber(), HearOptions(), silent, stored, MINUTES)

    assert hear(episode, fake, HearOptions(), silent, stored, MINUTES) == first
    assert fake.history == []


def test_an_error_has_engine_time_and_reason(episode: Recording) -> None:
    """The error names the engine that failed, the time in the audio, and the reason."""

    def fail(clips: tuple[Span, ...], _: Decoding) -> tuple[HeardWord, ...]:
        raise RuntimeError(f"no device at {len(clips) > 0}")

    with pytest.raises(EngineError) as raised:
        hear(episode, FakeTranscriber(fail), HearOptions(), silent)

    assert str(raised.value) == "fake: failed at 0:03 of the audio (no device at True)"


def test_silence_is_an_error(make_sound: MakeSound) -> None:
    """A recording without speech is an error, and the engine is not called."""
    path = make_sound("a.wav", babble(2) * 0)
    fake = FakeTranscriber()

    with pytest.raises(NoSpeechError) as raised:
        hear(open_recording(path), fake, HearOptions(), silent)

    assert str(raised.value) == f"{path}: no speech found; is this the episode's audio?"
    assert (fake.history, fake.languages) == ([], 0)


def test_speech_without_words_is_an_error(episode: Recording) -> None:
    """If the engine recognises no word in the speech, the error is the same."""
    with pytest.raises(NoSpeechError):
        hear(episode, FakeTranscriber(lambda _, __: ()), HearOptions(), silent)


# --- pure --------------------------------------------------------------------------------------------------------

spans = st.tuples(st.integers(0, 300), st.integers(0, 60)).map(lambda at: Span(at[0], at[0] + at[1]))
unordered_words = st.lists(st.builds(HeardWord, st.text(max_size=3), spans), max_size=30)


@given(unordered_words)
def test_words_end_before_the_next_one(words: list[HeardWord]) -> None:
    """Words are in the order of their starts, without overlap, and no start is moved."""
    ordered = in_order(words)

    assert all(before.span.end <= after.span.start for before, after in pairwise(ordered))
    assert sorted((word.text, word.span.start) for word in ordered) == sorted((w.text, w.span.start) for w in words)
    assert in_order(ordered) == ordered


def test_halves_are_split_at_the_longest_pause() -> None:
    """Clips are split at the longest pause; a single clip stays whole."""
    one, two, three = Span(0, 10), Span(15, 20), Span(30, 40)

    assert halves((one, two, three)) == ((one, two), (three,))
    assert halves((one,)) == ((one,),)


def test_skipped_speech_is_transcribed_again(episode: Recording) -> None:
    """Speech that the engine skipped is transcribed by itself, and the words of both calls are in order."""

    def skipping(clips: tuple[Span, ...], decoding: Decoding) -> tuple[HeardWord, ...]:
        """A word at the start of every other clip, and one for each if there are few."""
        if len(clips) > 3:
            return tuple(HeardWord(f"w{clip.start}", Span(clip.start, clip.start + 500)) for clip in clips[::2])
        return numbered(clips, decoding)

    engine = FakeTranscriber(skipping)

    hearing = hear(episode, engine, HearOptions(unheard_s=1.5), silent)

    second = [clip for _, clips, _ in engine.history for clip in clips if len(clips) <= 3]
    assert second
    assert {f"w{clip.start}t0.0" for clip in second} <= {word.text for word in hearing.words}
    assert all(a.span.end <= b.span.start for a, b in pairwise(hearing.words))


@given(
    st.lists(st.integers(0, 60_000), min_size=2, max_size=8, unique=True),
    st.lists(st.integers(0, 60_000), max_size=12),
    st.integers(1, 5_000),
)
def test_speech_without_words_has_no_word(edges: list[int], starts: list[int], at_least: int) -> None:
    """Its parts are inside speech, long enough, and no word starts in them."""
    edges = sorted(edges)
    clips = [Span(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False)]
    words = in_order(HeardWord("x", Span(start, start + 200)) for start in starts)

    parts = speech_without_words(clips, words, at_least)

    assert all(part.duration >= at_least for part in parts)
    assert all(any(clip.start <= part.start and part.end <= clip.end for clip in clips) for part in parts)
    assert not any(part.start < word.span.start < part.end for part in parts for word in words)


def test_who_takes_the_encoders_output_gets_it_from_each_call(minute: Recording) -> None:
    """It is passed on to the engine with how to decode; without it, the engine keeps nothing."""
    with_it, without = FakeTranscriber(), FakeTranscriber()

    def take(chunk: Waveform, encoded: npt.NDArray[np.float32], language: str) -> None:
        """Take nothing."""

    hear(minute, with_it, HearOptions(), silent, speech=SHORT, early=EarlyResults(take_encoded=take))
    hear(minute, without, HearOptions(), silent, speech=SHORT)

    assert {decoding.take_encoded for _, _, decoding in with_it.history} == {take}
    assert {decoding.take_encoded for _, _, decoding in without.history} == {None}
