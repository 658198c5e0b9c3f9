from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.listening.diarize.turns import (
    ChunkSpeakers,
    middle_frames,
    most_voted,
    turns_from_segments,
    voice_samples,
    without_overlap,
)
from pipeline.schema import Turn, VoiceSample
from pipeline.times import Span

MINUTE = Span(0, 60_000)


def one_hot(index: int) -> npt.NDArray[np.float32]:
    """A vector of unit length."""
    unit = np.zeros(4, np.float32)
    unit[index] = 1
    return unit


def chunk_speakers(active: list[list[str]], longest: int = 100) -> ChunkSpeakers:
    """Chunks of 10 frames of 100 ms, one every half second; a local speaker is a string, ``#`` for an active frame.

    The embedding of local speaker ``s`` of any chunk is twice the unit vector ``s``.
    """
    mask = np.array([[[frame == "#" for frame in line] for line in chunk] for chunk in active]).swapaxes(1, 2)
    embeddings = np.full((len(active), len(active[0]), 4), np.nan, np.float32)
    for chunk, speaker in np.argwhere(mask.any(1)):
        embeddings[chunk, speaker] = 2 * one_hot(speaker)
    return ChunkSpeakers(mask, embeddings, chunk_step=0.5, chunk_duration=1.0, longest=longest)


def test_voices_are_numbered_in_the_order_of_their_first_turn() -> None:
    """The first to speak is ``SPEAKER_00``, whatever the labels; segments outside of the recording are left out."""
    segments = [(3.0, 4.0, "b"), (1.0, 2.0, 7), (-0.2, 0.0, "before"), (1.5, 3.5, "b"), (70.0, 71.0, "after")]

    assert turns_from_segments(segments, MINUTE) == (
        Turn(Span(1_000, 2_000), "SPEAKER_00"),
        Turn(Span(1_500, 3_500), "SPEAKER_01"),
        Turn(Span(3_000, 4_000), "SPEAKER_01"),
    )


def test_a_sample_has_no_overlapping_speech() -> None:
    """Frames with two active speakers are in the sample of neither, and the embedding has unit length."""
    turns = turns_from_segments([(0.0, 0.6, "a"), (0.4, 1.0, "b")], MINUTE)

    assert voice_samples(chunk_speakers([["######    ", "    ######"]]), turns, MINUTE, 0) == (
        VoiceSample((Span(0, 400),), "SPEAKER_00", one_hot(0).tobytes()),
        VoiceSample((Span(600, 1_000),), "SPEAKER_01", one_hot(1).tobytes()),
    )


def test_a_sample_is_of_the_voice_whose_turns_overlap_most() -> None:
    """The voice of a sample is decided by the final turns, not by the cluster of the local speaker."""
    turns = turns_from_segments([(0.0, 0.3, "a"), (0.3, 1.0, "b")], MINUTE)

    (sample,) = voice_samples(chunk_speakers([["##########"]]), turns, MINUTE, 0)

    assert (sample.voice, sample.spans) == ("SPEAKER_01", (Span(0, 1_000),))


def test_the_sample_of_a_long_speaker_is_the_middle() -> None:
    """Of 8 active frames with a pause, the 4 in the middle are the sample."""
    (sample,) = voice_samples(
        chunk_speakers([["####  ####"]], 4), turns_from_segments([(0.0, 1.0, "a")], MINUTE), MINUTE, 0
    )

    assert sample.spans == (Span(200, 400), Span(600, 800))


@pytest.mark.parametrize(("shortest", "number"), [(300, 1), (301, 0)])
def test_a_sample_that_is_too_short_is_left_out(shortest: int, number: int) -> None:
    """The length of a sample counts without overlapping speech."""
    turns = turns_from_segments([(0.0, 1.0, "a")], MINUTE)

    assert len(voice_samples(chunk_speakers([["######    ", "   ###    "]]), turns, MINUTE, shortest)) == number


def test_a_speaker_outside_of_all_turns_has_no_sample() -> None:
    """A local speaker who is in no turn (other chunks outvoted this one) has no sample."""
    assert (
        voice_samples(chunk_speakers([["##########"]]), turns_from_segments([(5.0, 6.0, "a")], MINUTE), MINUTE, 0) == ()
    )
    assert voice_samples(chunk_speakers([["##########"]]), (), MINUTE, 0) == ()


def test_a_sample_ends_with_the_audio() -> None:
    """The last chunk extends beyond the end of the recording; samples do not."""
    within = Span(0, 1_200)

    spans = [
        one.spans
        for one in voice_samples(
            chunk_speakers([["##########"]] * 3), turns_from_segments([(0, 9, "a")], within), within, 0
        )
    ]

    assert spans == [(Span(0, 1_000),), (Span(500, 1_200),), (Span(1_000, 1_200),)]


@given(st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=1, max_size=30), st.integers(1, 40))
def test_frames_without_overlap_have_one_speaker(frames: list[list[bool]], longest: int) -> None:
    """A frame without overlap has at most one speaker; the middle is a part of the mask, as long as allowed."""
    active = np.array(frames)
    only = without_overlap(active)

    assert only.sum(1).max() <= 1
    assert not (only & ~active).any()
    for mask in only.T:
        kept = middle_frames(mask, longest)
        assert kept.sum() == min(longest, mask.sum())
        assert not (kept & ~mask).any()


@given(
    st.integers(1, 4).flatmap(
        lambda width: st.lists(
            st.tuples(st.lists(st.integers(0, 9), min_size=width, max_size=width), st.integers(0, 5)), min_size=1
        )
    )
)
def test_the_voices_with_most_votes_are_chosen(frames: list[tuple[list[int], int]]) -> None:
    """As many voices with votes as counted are chosen, and no other voice has more votes than a chosen one."""
    votes = np.array([votes for votes, _ in frames], np.float32)
    count = np.array([number for _, number in frames])
    chosen = most_voted(votes, count)

    for frame, number, speaks in zip(votes, count, chosen > 0, strict=True):
        assert speaks.sum() == min(number, (frame > 0).sum())
        assert frame[~speaks].max(initial=0) <= frame[speaks].min(initial=9) or not speaks.any()
