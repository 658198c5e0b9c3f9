"""The scores of chunks come to the frames in which they are heard; long gaps are not taken for silence."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from pipeline.listening.audio.recording import RATE, SAMPLES_PER_MS, Waveform
from pipeline.listening.forced import BLOCK
from pipeline.listening.forced.heard_phones import MOST_UNHEARD_MS, HeardPhones
from pipeline.listening.forced.phone_classifier import SILENCE, load_classifier, packed, unpacked
from pipeline.listening.forced.phone_features import FRAME, phone_features
from pipeline.listening.forced.phone_scores import unscored_parts
from pipeline.times import Ms, Span

WIDTH = load_classifier().layers[0][0].shape[1] - len(
    phone_features(np.zeros(1_600, np.float32), np.zeros((1, 0), np.float32))[0]
)
"""The width of the encoder's output."""

NOISE = np.random.default_rng(2)
SOUND = NOISE.normal(0, 0.1, 41_000 * SAMPLES_PER_MS).astype(np.float32)


def chunk(span: Span) -> Waveform:
    """A part of the sound."""
    return Waveform(SOUND[span.start * SAMPLES_PER_MS : span.end * SAMPLES_PER_MS], RATE, span.start)


def encoded(count: int = 1_500) -> npt.NDArray[np.float32]:
    """What an encoder may return for a chunk that is padded to 30 s."""
    return NOISE.normal(0, 1, (count, WIDTH)).astype(np.float32)


def heard(*spans: Span, duration: Ms = 41_000, language: str = "en") -> dict[int, bytes]:
    """The blocks of a recording of which these spans were heard."""
    phones = HeardPhones(duration)
    for span in spans:
        phones(chunk(span), encoded(), language)
    return phones.blocks()


def test_a_chunk_has_the_scores_of_its_sound() -> None:
    """Those that the classifier gives to the same samples and encoder output, in the frames in which they are."""
    phones, output = HeardPhones(41_000), encoded()
    phones(chunk(Span(0, 29_990)), output, "en")

    expected = load_classifier().log_probabilities(phone_features(chunk(Span(0, 29_990)).samples, output[:1_499]))

    assert phones.blocks()[0] == packed(expected[: BLOCK // FRAME])


def test_a_chunk_may_begin_between_two_frames() -> None:
    """Its frames are then later by less than a frame, and the encoder's output is taken from as much later."""
    phones, output = HeardPhones(20_000), encoded()
    phones(chunk(Span(3, 19_990)), output, "en")

    sound = chunk(Span(10, 19_990)).samples
    expected = load_classifier().log_probabilities(phone_features(sound, output[:999], later=7))

    (scores,) = phones.blocks().values()
    assert unpacked(scores).shape == (2_000, expected.shape[1])
    assert scores[expected.shape[1] :][: len(packed(expected))] == packed(expected)


@given(st.integers(0, 39_000), st.integers(100, 25_000), st.integers(0, 39_000), st.integers(100, 25_000))
def test_long_parts_that_were_not_heard_have_no_scores(a: int, long: int, b: int, longer: int) -> None:
    """Blocks have a row for each frame of the recording, and a short part that was not heard is silence."""
    spans = [Span(start, min(41_000, start + length, start + 30_000)) for start, length in ((a, long), (b, longer))]
    known = np.zeros(4_100, np.bool_)
    for span in spans:
        known[-(-span.start // FRAME) : span.end // FRAME] = True

    for number, block in heard(*spans).items():
        inside = known[number * 2_000 : (number + 1) * 2_000]
        scores = unpacked(block)
        assert len(scores) == len(inside)
        unscored = np.zeros(len(inside), np.bool_)
        for part in unscored_parts(block):
            assert part.duration > MOST_UNHEARD_MS
            unscored[part.start // FRAME : part.end // FRAME] = True
        assert (scores[~inside & ~unscored, SILENCE] == 0).all()
        assert not (inside & unscored).any()
        silent = np.diff(np.flatnonzero(np.concatenate(([True], inside | unscored, [True])))) - 1
        assert silent.max() * FRAME <= MOST_UNHEARD_MS


def test_a_language_without_forced_words_and_empty_chunks_have_no_scores() -> None:
    """Those whose words are forced have scores, in the phones of English."""
    assert heard(Span(0, 29_000), language="ru") == {}
    assert set(heard(Span(0, 29_000), language="de")) == {0, 1}
    assert heard(Span(5_000, 5_000)) == {}
    assert heard(Span(40_995, 41_000)) == {}
