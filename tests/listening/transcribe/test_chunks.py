from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.listening.audio.recording import Waveform
from pipeline.listening.transcribe.chunks import RawWord, hear_all, is_invented, pack, place_words
from pipeline.matching.alignment.relisten_spans import WHISPER_WINDOW_MS
from pipeline.schema import HeardWord
from pipeline.times import Ms, Span

RATE = 16_000


def quiet(duration: Ms, at: Ms = 0) -> Waveform:
    """A waveform of digital silence."""
    return Waveform(np.zeros(duration * RATE // 1000, np.float32), RATE, at)


@st.composite
def clips(draw: st.DrawFn, longest: Ms = 70_000) -> tuple[Span, ...]:
    """Ordered, disjoint spans of speech within some minutes."""
    at, found = draw(st.integers(0, 5_000)), []
    for _ in range(draw(st.integers(0, 8))):
        end = at + draw(st.integers(1, longest))
        found.append(Span(at, end))
        at = end + draw(st.integers(1, 9_000))
    return tuple(found)


@given(clips())
def test_chunks_cover_all_speech_and_fit_into_whisper(spoken: tuple[Span, ...]) -> None:
    """Every millisecond of speech is in a chunk, chunks are in order, and none is longer than 30 s."""
    waveform = quiet(spoken[-1].end + 100 if spoken else 1_000)
    chunks = pack(waveform, spoken)

    assert all(chunk.duration <= WHISPER_WINDOW_MS and chunk.end <= waveform.span.end for chunk in chunks)
    assert list(chunks) == sorted(chunks)
    for clip in spoken:
        at = clip.start
        while at < clip.end:
            at = max(chunk.end for chunk in chunks if chunk.start <= at < chunk.end)


def test_short_pauses_are_in_a_chunk_and_long_ones_are_not() -> None:
    """A short pause is decoded with the speech around it; a long one separates two chunks."""
    spoken = (Span(1_000, 3_000), Span(4_000, 9_000), Span(13_000, 15_000))

    assert pack(quiet(20_000), spoken) == (Span(800, 9_200), Span(12_800, 15_200))


def test_speech_without_a_pause_is_cut_where_it_is_quietest() -> None:
    """A clip of 40 s is cut in the dip at 25 s."""
    loud = np.random.default_rng(0).normal(0, 0.3, 40 * RATE).astype(np.float32)
    loud[int(24.9 * RATE) : int(25.1 * RATE)] = 0
    first, second = pack(Waveform(loud, RATE, 0), (Span(0, 40_000),))

    assert abs(first.end - 200 - 25_000) < 100
    assert second == Span(first.end - 400, 40_000)


@given(
    clips(),
    st.lists(st.tuples(st.floats(0, 300), st.floats(0, 3)), max_size=30),
    st.integers(0, 10_000),
    st.integers(-100, 100),
)
def test_words_are_in_speech_and_in_order(
    spoken: tuple[Span, ...], times: list[tuple[float, float]], at: Ms, lead: Ms
) -> None:
    """Whatever times a model returns, starts never go back and words are inside speech."""
    shifted = tuple(clip.shift(at) for clip in spoken)
    heard = [RawWord(" word", start, start + length, 0.5) for start, length in sorted(times)]
    words = place_words(heard, shifted, at, lead)

    assert [word.span.start for word in words] == sorted(word.span.start for word in words)
    assert all(any(clip.start <= w.span.start <= w.span.end <= clip.end for clip in shifted) for w in words)


def test_a_word_that_reaches_into_a_pause_is_moved_into_speech() -> None:
    """A word that starts in a pause starts with the speech; a word across two clips goes to the one with most of it."""
    spoken = (Span(1_000, 2_000), Span(3_000, 4_000))
    heard = [RawWord(" one", 0.8, 1.9, 0.5), RawWord(" two", 1.95, 3.6, 0.5), RawWord(" three", 9.0, 9.5, 0.5)]

    assert place_words(heard, spoken, 0, 0) == (
        HeardWord("one", Span(1_000, 1_900), 0.5),
        HeardWord("two", Span(3_000, 3_600), 0.5),
    )


def test_symbols_are_not_words_and_empty_spans_get_a_length() -> None:
    """A dash or a note is left out; a word of no length gets 20 ms."""
    heard = [RawWord(" -", 1.0, 1.1, 0.9), RawWord(" ♪", 1.1, 1.2, 0.9), RawWord(" yes,", 1.5, 1.5, 1.2)]

    assert place_words(heard, (Span(0, 5_000),), 10, -10) == (HeardWord("yes,", Span(1_500, 1_520), 1.0),)


class EarlyStopper:
    """A model that returns a word each second, at most five from a chunk, and at first none before ``first_word``."""

    def __init__(self, spoken: Sequence[Span], first_word: float = 0.0) -> None:
        self.spoken, self.first_word = spoken, first_word
        self.history: list[tuple[Span, ...]] = []

    def __call__(self, chunks: Sequence[Span]) -> list[RawWord]:
        """Transcribe the chunks."""
        first, self.history = not self.history, [*self.history, tuple(chunks)]
        heard: list[RawWord] = []
        for chunk in chunks:
            seconds = [s for s in range(-(-chunk.start // 1000), chunk.end // 1000) if self._spoken(s)]
            seconds = [s for s in seconds if not (first and s < self.first_word)]
            heard += [RawWord(f" w{s}", s, s + 0.9, 1.0) for s in seconds[:5]]
        return heard

    def _spoken(self, second: int) -> bool:
        return any(clip.start <= second * 1000 < clip.end for clip in self.spoken)


@pytest.mark.parametrize(("end", "heard"), [(10, 9), (13, 10)])
def test_speech_without_words_at_the_end_of_a_chunk_is_decoded_again(end: int, heard: int) -> None:
    """If a model stops early in a chunk, the rest is decoded again, and what is left then is not."""
    spoken = (Span(0, 8_000), Span(9_000, end * 1_000))
    model = EarlyStopper(spoken)
    words = hear_all(quiet(end * 1_000), spoken, 0, model)

    assert [word.text for word in words] == [f"w{s}" for s in (*range(8), 9, 10, 11, 12)[:heard]]
    assert [len(chunks) for chunks in model.history] == [1, 1]


def test_speech_without_words_at_the_start_of_a_chunk_is_decoded_again() -> None:
    """If a model starts late in a chunk, the part before is decoded again."""
    spoken = (Span(0, 5_000),)

    assert [word.text for word in hear_all(quiet(5_000), spoken, 0, EarlyStopper(spoken, 3))] == [
        f"w{s}" for s in range(5)
    ]


def test_a_chunk_without_words_is_not_decoded_again() -> None:
    """An empty result is final, and without speech the model is not called."""
    model = EarlyStopper(())

    assert hear_all(quiet(9_000), (Span(0, 9_000),), 0, model) == ()
    assert hear_all(quiet(9_000), (), 0, model) == ()
    assert model.history == [(Span(0, 9_000),)]


def test_silence_is_distinguished_from_speech() -> None:
    """The scores of tiny.en and base for audio without speech are rejected, those for short quiet speech are not."""
    silence = [(0.95, -0.38), (0.94, -0.72), (0.40, -2.18), (0.73, -0.79), (0.95, -1.53)]
    speech = [(0.07, -0.14), (0.49, -0.95), (0.16, -0.59), (0.7, -0.2)]

    assert [is_invented(*scores) for scores in silence + speech] == [True] * 5 + [False] * 4
