"""Stretches are cut where it is quiet, and their words are found in the recording."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.listening.audio.recording import RATE, Waveform, open_recording
from pipeline.listening.forced import BLOCK
from pipeline.listening.forced.force import QUIET_MS, force, level_range_db, quietest
from pipeline.listening.forced.phone_classifier import CLASSES, packed
from pipeline.listening.forced.phone_features import FRAME
from pipeline.matching.forced.acceptance import NOISY_BELOW_DB
from pipeline.matching.forced.stretches import Forced, ForcedWord, Stretch
from pipeline.times import Span, from_seconds
from tests.episodes.kept_hearing import AUDIO, TRUTH


def noise_with_a_pause(start: int, end: int) -> Waveform:
    """Two seconds of noise, silent from ``start`` to ``end`` ms."""
    samples = np.random.default_rng(1).normal(0, 0.1, 2 * RATE).astype(np.float32)
    samples[start * RATE // 1_000 : end * RATE // 1_000] = 0
    return Waveform(samples, RATE, 5_000)


@given(st.integers(300, 1_200), st.integers(QUIET_MS + 20, 400))
def test_the_quietest_place_is_in_the_pause(start: int, length: int) -> None:
    """Wherever the pause is; outside of the span nothing is looked for."""
    waveform = noise_with_a_pause(start, start + length)

    at = quietest(waveform, Span(5_100, 6_900))

    assert 5_000 + start <= at <= 5_000 + start + length
    assert quietest(waveform, Span(5_050, 5_090)) in range(5_050, 5_090)
    assert quietest(waveform, Span(5_100, 5_100)) == 5_100


@given(st.floats(6, 40), st.integers(0, 9))
def test_the_range_is_that_of_speech_over_noise(snr_db: float, seed: int) -> None:
    """Loud and quiet parts in turn, over noise: whatever the level, within 1.5 dB."""
    random = np.random.default_rng(seed)
    is_loud = np.arange(4 * RATE) // (RATE // 2) % 2
    noise = random.normal(size=4 * RATE) * 10 ** (-snr_db / 20)
    samples = (0.1 * (noise + is_loud * random.normal(size=4 * RATE))).astype(np.float32)
    expected = 10 * np.log10(1 + 10 ** (snr_db / 10))

    assert abs(level_range_db(samples) - expected) < 1.5
    assert abs(level_range_db(samples * np.float32(0.25)) - level_range_db(samples)) <= 0.2
    assert level_range_db(np.zeros(RATE, np.float32)) == 0


def test_a_short_stretch_is_not_noisy_for_want_of_a_pause() -> None:
    """The range is that of the sound around it too."""
    start = from_seconds(TRUTH["sentences"][11]["start"])
    recording = open_recording(AUDIO)
    places = [Span(start + 100 * n, start + 100 * n + 300) for n in range(15)]
    ranges = [level_range_db(recording.read(place).samples) for place in places]
    assert min(ranges) < NOISY_BELOW_DB

    short = places[ranges.index(min(ranges))]
    (forced,) = force(recording, [Stretch(Span(short.start, short.start), Span(short.end, short.end), words_of("you"))])

    assert forced.range_db is not None
    assert forced.range_db > NOISY_BELOW_DB


def words_of(text: str) -> tuple[ForcedWord, ...]:
    """The words of a sentence, without a time."""
    return tuple(
        ForcedWord((key,), is_abbreviation=False, heard=None, optional=False)
        for key in (text.lower().replace(",", "").replace(".", "").replace("'", "").split())
    )


def test_each_stretch_has_its_words() -> None:
    """Two sentences, one after the other, begin where they are said; a word without a pronunciation has no time."""
    stretches = []
    for one in (TRUTH["sentences"][11], TRUTH["sentences"][12]):
        start, end = (from_seconds(one[edge]) for edge in ("start", "end"))
        unknown = ForcedWord(("42",), is_abbreviation=False, heard=None, optional=False)
        around = Span(start - 400, start - 100), Span(end + 100, end + 300)
        stretches.append((start, Stretch(*around, (*words_of(one["spoken"]), unknown))))

    results = list(force(open_recording(AUDIO), [stretch for _, stretch in stretches]))

    for (start, stretch), forced in zip(stretches, results, strict=True):
        first = forced.spans[0]
        assert first is not None
        assert abs(forced.start + first.start - start) < 80
        assert forced.start in range(stretch.start.start, stretch.start.end)
        assert forced.spans[-1] is None
        assert all(forced.spans[:-1])
        assert forced.range_db is not None
        assert forced.range_db > NOISY_BELOW_DB  # it has no noise


def test_a_search_without_scores_finds_nothing() -> None:
    """PocketSphinx would lay the words over all of the sound, so it is not asked."""
    search = Stretch(Span(0, 0), Span(20_000, 20_000), words_of("I brought biscuits again"), is_search=True)

    assert list(force(open_recording(AUDIO), [search])) == [Forced(0, (None,) * 4)]
    assert list(force(open_recording(AUDIO), [search], {})) == [Forced(0, (None,) * 4)]


def scores_of(sounds: str) -> bytes:
    """A block of scores in which each phone is said for 100 ms, one after the other, and then nothing."""
    rows = np.full((BLOCK // FRAME, len(CLASSES)), np.log(0.01), np.float32)
    phones = [phone for phone in sounds.split() for _ in range(10)]
    for row, phone in zip(rows, [*phones, *["SIL"] * (len(rows) - len(phones))], strict=True):
        row[CLASSES.index(phone)] = np.log(0.6)
    return packed(rows)


def test_a_comparison_says_how_well_words_fit() -> None:
    """Those that are said fit better; nothing is timed by sound, and which words no dictionary has is known."""
    recording, end = open_recording(AUDIO), Span(1_100, 1_100)
    stretches = [
        Stretch(Span(0, 0), end, words_of(text), is_comparison=True) for text in ("we went", "we want", "we kubernetes")
    ]

    said, other, unknown = force(recording, stretches, {0: scores_of("W IY W EH N T SIL")})

    assert said.total is not None
    assert other.total is not None
    assert said.total > other.total + 5
    assert (said.spans, said.phones) == ((None, None), (Span(0, 200), Span(200, 600)))
    assert (said.guessed, unknown.guessed) == ((False, False), (False, True))


def test_no_fit_is_known_in_another_language() -> None:
    """Its words are placed by their nearest phones, which are never quite those that are said."""
    recording, places = open_recording(AUDIO), (Span(0, 0), Span(1_100, 1_100))
    words, blocks = words_of("we"), {0: scores_of("W IY SIL")}

    (english,) = force(recording, [Stretch(*places, words, language="en")], blocks)
    (german,) = force(recording, [Stretch(*places, words_of("wie"), language="de")], blocks)

    assert (english.phones, english.fits) == ((Span(0, 200),), (0,))
    assert any(german.phones or ())
    assert german.fits is None


def test_what_cannot_be_compared_has_no_total() -> None:
    """A word without a pronunciation, and a recording without scores; others keep their places between them."""
    words = (*words_of("we"), ForcedWord(("42",), is_abbreviation=False, heard=None, optional=False))
    no_way = Stretch(Span(0, 0), Span(700, 700), words, is_comparison=True)
    start, end = (from_seconds(TRUTH["sentences"][11][edge]) for edge in ("start", "end"))
    timed = Stretch(
        Span(start - 400, start - 100), Span(end + 100, end + 300), words_of(TRUTH["sentences"][11]["spoken"])
    )
    recording = open_recording(AUDIO)

    first, between, last = force(recording, [no_way, timed, no_way], {0: scores_of("W IY")})

    assert first == last == Forced(0, (None, None))
    assert all(between.spans)
    assert list(force(recording, [no_way])) == [first]
