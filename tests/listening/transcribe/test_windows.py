from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import EngineError, NoSpeechError
from pipeline.listening.audio.recording import Recording, Waveform, open_recording
from pipeline.listening.audio.vad import SpeechOptions
from pipeline.listening.models.locate import Weights
from pipeline.listening.transcribe import Decoding
from pipeline.listening.transcribe.windows import HearOptions, halves, hear, in_order, unheard
from pipeline.progress import Step, silent
from pipeline.schema import HeardWord
from pipeline.times import Span
from tests.listening.conftest import EXAMPLE, MakeSound, babble

MINUTES = SpeechOptions(max_window_s=60.0)
SHA = "0123456789abcdef" * 4

Answer = Callable[[tuple[Span, ...], Decoding], tuple[HeardWord, ...]]


def numbered(clips: tuple[Span, ...], decoding: Decoding) -> tuple[HeardWord, ...]:
    """One word in each clip, named after where it is and how it was decoded."""
    return tuple(HeardWord(f"w{clip.start}t{decoding.temperature}", clip) for clip in clips)


@dataclass
class FakeTranscriber:
    """An engine that answers as it is told and remembers what it was asked."""

    answer: Answer = numbered
    history: list[tuple[Waveform, tuple[Span, ...], Decoding]] = field(default_factory=list)
    languages: int = 0
    spoken: str = "de"
    engine: str = "fake"
    weights: Weights = field(default_factory=lambda: Weights("tiny", Path("tiny"), SHA, "the test", english_only=False))
    settings: Mapping[str, str | int | float | bool | None] = field(default_factory=lambda: {"beam_size": 1})

    def language(self, waveform: Waveform, clips: tuple[Span, ...]) -> str:
        """What the test says is spoken; counted."""
        assert waveform.samples.size
        assert clips
        self.languages += 1
        return self.spoken

    def hear(self, waveform: Waveform, clips: tuple[Span, ...], decoding: Decoding) -> tuple[HeardWord, ...]:
        """What the test wants to be heard."""
        self.history.append((waveform, clips, decoding))
        return self.answer(clips, decoding)


@dataclass
class Kept:
    """A store of windows in memory."""

    words: dict[str, tuple[HeardWord, ...]] = field(default_factory=dict)

    def load(self, key: str) -> tuple[HeardWord, ...] | None:
        """What was saved under the key."""
        return self.words.get(key)

    def save(self, key: str, words: tuple[HeardWord, ...]) -> None:
        """Save once: nothing is heard twice."""
        assert key not in self.words
        self.words[key] = words


@pytest.fixture(scope="module")
def episode() -> Recording:
    """The example episode."""
    return open_recording(EXAMPLE)


def test_hears_all_speech_once(episode: Recording) -> None:
    """Gives the engine every stretch of speech exactly once, with the sound around it."""
    fake = FakeTranscriber()

    hearing = hear(episode, fake, HearOptions(), silent, speech=MINUTES)

    asked = [clip for _, clips, _ in fake.history for clip in clips]
    assert [word.span for word in hearing.words] == asked
    assert sum(span.duration for span in hearing.speech) == sum(clip.duration for clip in asked)
    assert all(clip.clip(waveform.span) == clip for waveform, clips, _ in fake.history for clip in clips)


def test_says_how_it_was_heard(episode: Recording) -> None:
    """Records engine, model, weights, language and settings, and asks for the language once."""
    fake = FakeTranscriber()

    hearing = hear(episode, fake, HearOptions(max_repeats=5), silent, speech=MINUTES)

    assert (hearing.engine, hearing.model, hearing.weights, hearing.language) == ("fake", "tiny", SHA, "de")
    assert hearing.duration == episode.duration
    assert fake.languages == 1
    assert {decoding for *_, decoding in fake.history} == {Decoding("de")}
    assert {"beam_size": 1, "max_window_s": 60.0, "max_repeats": 5}.items() <= hearing.settings.items()


def test_tells_its_progress(episode: Recording) -> None:
    """Tells of steps inside a window too, never backwards, and ends with all of it."""
    told: list[Step] = []

    hear(episode, FakeTranscriber(), HearOptions(), told.append)

    assert all(before.done <= after.done for before, after in pairwise(told))
    assert told[0] == Step("listening", 0, episode.duration, "ms")
    assert told[-1] == Step("listening", episode.duration, episode.duration, "ms")
    assert len(told) >= 4


@pytest.mark.parametrize(("spoken", "told", "hint"), [("en", ("Ann", "Bo"), "Glossary: Ann, Bo."), ("de", (), "")])
def test_tells_hints_where_they_help(episode: Recording, spoken: str, told: tuple[str, ...], hint: str) -> None:
    """Tells the engine the terms in English, records what it told, and tells nothing in another language."""
    fake = FakeTranscriber(spoken=spoken)

    hearing = hear(episode, fake, HearOptions(), silent, speech=MINUTES, hints=("Ann", "Bo"))

    assert hearing.hints == told
    assert {decoding.hint for *_, decoding in fake.history} == {hint}


def test_windows_are_found_whatever_the_hints(episode: Recording) -> None:
    """Listens to no window anew because other terms would be told now."""
    keep, fake = Kept(), FakeTranscriber(spoken="en")
    first = hear(episode, fake, HearOptions(), silent, keep, MINUTES, ("Ann",))
    calls = len(fake.history)

    second = hear(episode, fake, HearOptions(), silent, keep, MINUTES, ("Bo",))

    assert len(fake.history) == calls
    assert second.words == first.words


# --- loops -------------------------------------------------------------------------------------------------------


def in_circles(clips: tuple[Span, ...]) -> tuple[HeardWord, ...]:
    """Four words again and again, in the first clip."""
    start = clips[0].start
    step = clips[0].duration // 41
    texts = ("so", "we", "went", "on") * 10
    return tuple(HeardWord(text, Span(start + k * step, start + (k + 1) * step)) for k, text in enumerate(texts))


def test_hears_a_loop_anew(episode: Recording) -> None:
    """Takes the second reading, cut at the longest pause and weighed otherwise, where the first runs in circles."""
    fake = FakeTranscriber(
        lambda clips, decoding: numbered(clips, decoding) if decoding.temperature else in_circles(clips)
    )

    hearing = hear(episode, fake, HearOptions(retry_temperature=0.7, unheard_s=999), silent, speech=MINUTES)

    again = [clips for _, clips, decoding in fake.history if decoding.temperature]
    first_calls = [clips for _, clips, decoding in fake.history if not decoding.temperature]
    assert [word.text for word in hearing.words] == [f"w{clip.start}t0.7" for clips in again for clip in clips]
    assert {decoding.temperature for *_, decoding in fake.history} == {0.0, 0.7}
    assert len(again) > len(first_calls)
    assert again[0] + again[1] == first_calls[0][: len(again[0] + again[1])]


def test_keeps_one_round_of_a_stubborn_loop(episode: Recording) -> None:
    """Keeps the looped words once where the second reading runs in circles too."""
    fake = FakeTranscriber(lambda clips, _: in_circles(clips))

    hearing = hear(episode, fake, HearOptions(unheard_s=999), silent, speech=MINUTES)

    texts = [word.text for word in hearing.words]
    num_calls = sum(not decoding.temperature for *_, decoding in fake.history)
    assert texts == ["so", "we", "went", "on"] * num_calls


# --- the store, and what goes wrong ------------------------------------------------------------------------------


def test_goes_on_where_it_was_killed(episode: Recording) -> None:
    """Hears after a crash only the windows that were not finished, and the same in all."""
    kept = Kept()
    whole = hear(episode, FakeTranscriber(), HearOptions(), silent, speech=MINUTES)

    def crash(clips: tuple[Span, ...], decoding: Decoding) -> tuple[HeardWord, ...]:
        if clips[0].start > 120_000:
            raise KeyboardInterrupt
        return numbered(clips, decoding)

    with pytest.raises(KeyboardInterrupt):
        hear(episode, FakeTranscriber(crash), HearOptions(), silent, kept, MINUTES)
    fake = FakeTranscriber()

    assert hear(episode, fake, HearOptions(), silent, kept, MINUTES) == whole
    assert min(clips[0].start for _, clips, _ in fake.history) > 100_000


def test_a_second_run_asks_no_engine(episode: Recording) -> None:
    """Calls the engine for nothing that was heard before, but for the language."""
    kept, fake = Kept(), FakeTranscriber()
    first = hear(episode, FakeTranscriber(), HearOptions(), silent, kept, MINUTES)

    assert hear(episode, fake, HearOptions(), silent, kept, MINUTES) == first
    assert fake.history == []


def test_an_engine_that_fails_is_named(episode: Recording) -> None:
    """Says which engine failed, where in the audio, and why."""

    def fail(clips: tuple[Span, ...], _: Decoding) -> tuple[HeardWord, ...]:
        raise RuntimeError(f"out of memory at {len(clips) > 0}")

    with pytest.raises(EngineError) as raised:
        hear(episode, FakeTranscriber(fail), HearOptions(), silent)

    assert str(raised.value) == "fake: failed at 0:03 of the audio (out of memory at True)"


def test_silence_is_no_speech(make_sound: MakeSound) -> None:
    """Says that nobody speaks, without asking the engine."""
    path = make_sound("a.wav", babble(2) * 0)
    fake = FakeTranscriber()

    with pytest.raises(NoSpeechError) as raised:
        hear(open_recording(path), fake, HearOptions(), silent)

    assert str(raised.value) == f"{path}: no speech found; is this the episode's audio?"
    assert (fake.history, fake.languages) == ([], 0)


def test_nothing_made_out_is_no_speech(episode: Recording) -> None:
    """Says the same where the engine makes out no word of what sounded like speech."""
    with pytest.raises(NoSpeechError):
        hear(episode, FakeTranscriber(lambda _, __: ()), HearOptions(), silent)


# --- pure --------------------------------------------------------------------------------------------------------

spans = st.tuples(st.integers(0, 300), st.integers(0, 60)).map(lambda at: Span(at[0], at[0] + at[1]))
words_anyhow = st.lists(st.builds(HeardWord, st.text(max_size=3), spans), max_size=30)


@given(words_anyhow)
def test_words_end_before_the_next_one(words: list[HeardWord]) -> None:
    """Puts words in the order of their starts, without overlap, and moves no start."""
    ordered = in_order(words)

    assert all(before.span.end <= after.span.start for before, after in pairwise(ordered))
    assert sorted((word.text, word.span.start) for word in ordered) == sorted((w.text, w.span.start) for w in words)
    assert in_order(ordered) == ordered


def test_halves_at_the_longest_pause() -> None:
    """Cuts a stretch at its longest pause, and leaves one without a pause whole."""
    one, two, three = Span(0, 10), Span(15, 20), Span(30, 40)

    assert halves((one, two, three)) == ((one, two), (three,))
    assert halves((one,)) == ((one,),)


def test_speech_without_words_is_heard_once_more(episode: Recording) -> None:
    """Sentences that the engine skipped are given to it alone, and the words of both readings are in order."""

    def skipping(clips: tuple[Span, ...], decoding: Decoding) -> tuple[HeardWord, ...]:
        """A word at the start of each of several clips, and one for each where they are few."""
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
def test_unheard_speech_holds_no_word(edges: list[int], starts: list[int], at_least: int) -> None:
    """Its parts lie in speech, are long enough, and no word lies in one of them."""
    edges = sorted(edges)
    clips = [Span(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False)]
    words = in_order(HeardWord("x", Span(start, start + 200)) for start in starts)

    parts = unheard(clips, words, at_least)

    assert all(part.duration >= at_least for part in parts)
    assert all(any(clip.start <= part.start and part.end <= clip.end for clip in clips) for part in parts)
    assert not any(part.start < word.span.start < part.end for part in parts for word in words)
