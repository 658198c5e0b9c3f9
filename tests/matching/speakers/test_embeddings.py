"""Embeddings as arrays, where voices are sampled, and how much samples share with turns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as replace_struct

from pipeline.matching.speakers.embeddings import (
    decode_embedding,
    encode_embedding,
    overlaps,
    sample_arrays,
    sample_windows,
    unsampled_spans,
    utterance_spans,
    with_samples,
)
from pipeline.schema import Diarization, TimedWord, Turn
from pipeline.times import Span
from tests.matching.made_voices import (
    UNUSABLE_EMBEDDINGS,
    SpokenTurn,
    conversation,
    diarization,
    sample,
    timed_transcript,
)

SPANS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 20)).map(lambda at: Span(at[0], at[0] + at[1])), max_size=8
)


@given(SPANS, SPANS)
def test_overlaps_are_those_of_each_pair(these: list[Span], those: list[Span]) -> None:
    """Every pair that overlaps is there once, with the ms that it shares, and no other pair."""
    met = overlaps([(span,) for span in these], [(span,) for span in those])

    expected = {
        (row, column): shared
        for row, one in enumerate(these)
        for column, other in enumerate(those)
        if (shared := one.overlap(other))
    }
    assert (
        dict(zip(zip(met.rows.tolist(), met.columns.tolist(), strict=True), met.ms.tolist(), strict=True)) == expected
    )


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False)))
def test_decoding_reverses_encoding(numbers: list[float]) -> None:
    """Decoding an encoded embedding of 32-bit floats gives the same numbers."""
    decoded = decode_embedding(encode_embedding(np.array(numbers, np.float64)))

    assert decoded is not None
    assert decoded.tolist() == numbers


@pytest.mark.parametrize("encoded", UNUSABLE_EMBEDDINGS)
def test_samples_with_an_unusable_embedding_are_left_out(encoded: bytes) -> None:
    """A sample whose bytes are not finite whole floats is left out; the other samples and all clusters stay."""
    heard = diarization(conversation("Ann Bob"))
    damaged = replace(heard, samples=(*heard.samples, replace_struct(heard.samples[0], embedding=encoded, voice="Cy")))

    arrays = sample_arrays(damaged)

    assert arrays.spans == sample_arrays(heard).spans
    assert np.isfinite(arrays.embeddings).all()
    assert arrays.cluster_labels == (*sample_arrays(heard).cluster_labels, "Cy")


def test_an_utterance_is_where_its_words_are() -> None:
    """A pause in the middle is not part of an utterance, nor are its edges."""
    transcript, _, utterances = timed_transcript([SpokenTurn("Ann", "Ann", Span(1_000, 9_000))])
    words = (TimedWord(Span(1_000, 3_000), "heard", 1.0),)

    assert utterance_spans(transcript, words, utterances) == ((Span(1_150, 2_850),),)


def test_an_uncertain_utterance_has_no_spans() -> None:
    """An utterance of low confidence has no spans, so it teaches nothing."""
    transcript, words, (timing,) = timed_transcript([SpokenTurn("Ann", "Ann", Span(1_000, 9_000))])

    assert utterance_spans(transcript, words, (replace(timing, confidence=0.4),)) == ((),)


def test_windows_are_equal_parts_of_turns() -> None:
    """A turn of 5 s has two equal windows, one of 1 s has one, and one of half a second has none."""
    turns = [Turn(Span(0, 5_000), "A"), Turn(Span(8_000, 9_000), "B"), Turn(Span(9_500, 10_000), "A")]

    assert sample_windows(turns) == (Span(0, 2_500), Span(2_500, 5_000), Span(8_000, 9_000))


def test_a_long_turn_is_sampled_at_its_ends_and_between() -> None:
    """Of a turn of 30 s, the first, the last and every third part between them are sampled."""
    windows = sample_windows((Turn(Span(0, 30_000), "a"),))

    assert [window.start for window in windows] == [0, 9_000, 18_000, 27_000]
    assert all(window.duration == 3_000 for window in windows)


def test_only_an_utterance_without_its_own_sample_is_unsampled() -> None:
    """A turn that the diarizer merged with its neighbour is to be sampled in its middle, for 4 s at most."""
    said = conversation("Ann Bob Ann:6300 Bob:1200")
    merged = Span(said[2].span.start, said[3].span.end)
    heard = replace(
        diarization(said[:2]),
        samples=(*diarization(said[:2]).samples, sample("Ann+Bob", Span(merged.start, merged.end + 20_000))),
    )

    middle = (said[2].span.start + said[2].span.end) // 2
    assert unsampled_spans(*timed_transcript(said), heard) == (Span(middle - 2_000, middle + 2_000),)


def test_nothing_is_unsampled_if_each_turn_has_a_sample() -> None:
    """If each turn has its own sample, no further samples are needed."""
    said = conversation("Ann Bob Ann Bob")

    assert unsampled_spans(*timed_transcript(said), diarization(said)) == ()


def test_further_samples_join_the_cluster_of_their_turn() -> None:
    """Further samples are put in order; one outside all turns is left out."""
    turns = (Turn(Span(0, 4_000), "A"), Turn(Span(5_000, 9_000), "B"))
    plain = Diarization(turns, (sample("Ann", Span(5_000, 9_000), cluster="B"),), "e", "m", "w")
    inside, outside = sample("Ann", Span(1_000, 3_000)), sample("Ann", Span(20_000, 21_000))

    more = with_samples(plain, [outside, inside])

    assert more.samples == (replace_struct(inside, voice="A"), *plain.samples)
