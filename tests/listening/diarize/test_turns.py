from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.listening.diarize.diarize_options import DiarizeOptions, SpeakerCount
from pipeline.listening.diarize.turns import Tracks, alone, middle, most_voted, samples_of, turns_of
from pipeline.schema import Turn, VoiceSample
from pipeline.times import Span

MINUTE = Span(0, 60_000)


def one_hot(place: int) -> npt.NDArray[np.float32]:
    """A vector of unit length."""
    unit = np.zeros(4, np.float32)
    unit[place] = 1
    return unit


def tracks(active: list[list[str]], longest: int = 100) -> Tracks:
    """Chunks of 10 frames of 100 ms, one every half second; each local speaker is drawn as a line, ``#`` for active.

    The vector of local speaker ``s`` of any chunk is twice the unit vector ``s``.
    """
    drawn = np.array([[[mark == "#" for mark in line] for line in chunk] for chunk in active]).swapaxes(1, 2)
    vectors = np.full((len(active), len(active[0]), 4), np.nan, np.float32)
    for chunk, speaker in np.argwhere(drawn.any(1)):
        vectors[chunk, speaker] = 2 * one_hot(speaker)
    return Tracks(drawn, vectors, chunk_step=0.5, chunk_duration=1.0, longest=longest)


def test_voices_are_numbered_as_they_come() -> None:
    """Whatever the clusters are called, who speaks first is ``SPEAKER_00``; who is only heard outside is left out."""
    heard = [(3.0, 4.0, "b"), (1.0, 2.0, 7), (-0.2, 0.0, "before"), (1.5, 3.5, "b"), (70.0, 71.0, "after")]

    assert turns_of(heard, MINUTE) == (
        Turn(Span(1_000, 2_000), "SPEAKER_00"),
        Turn(Span(1_500, 3_500), "SPEAKER_01"),
        Turn(Span(3_000, 4_000), "SPEAKER_01"),
    )


def test_a_sample_is_taken_where_its_voice_is_alone() -> None:
    """Frames with two active speakers belong to neither, and the vector has unit length."""
    turns = turns_of([(0.0, 0.6, "a"), (0.4, 1.0, "b")], MINUTE)

    assert samples_of(tracks([["######    ", "    ######"]]), turns, MINUTE, 0) == (
        VoiceSample((Span(0, 400),), "SPEAKER_00", one_hot(0).tobytes()),
        VoiceSample((Span(600, 1_000),), "SPEAKER_01", one_hot(1).tobytes()),
    )


def test_a_sample_is_of_the_voice_in_whose_turns_it_mostly_lies() -> None:
    """A track that the clustering gave to another voice than its neighbours is told by the result."""
    turns = turns_of([(0.0, 0.3, "a"), (0.3, 1.0, "b")], MINUTE)

    (sample,) = samples_of(tracks([["##########"]]), turns, MINUTE, 0)

    assert (sample.voice, sample.spans) == ("SPEAKER_01", (Span(0, 1_000),))


def test_the_middle_of_a_long_track_is_its_sample() -> None:
    """Of 8 frames with a pause, the 4 in the middle were listened to."""
    (sample,) = samples_of(tracks([["####  ####"]], 4), turns_of([(0.0, 1.0, "a")], MINUTE), MINUTE, 0)

    assert sample.spans == (Span(200, 400), Span(600, 800))


@pytest.mark.parametrize(("shortest", "number"), [(300, 1), (301, 0)])
def test_a_sample_that_is_too_short_is_left_out(shortest: int, number: int) -> None:
    """What counts is the time alone."""
    turns = turns_of([(0.0, 1.0, "a")], MINUTE)

    assert len(samples_of(tracks([["######    ", "   ###    "]]), turns, MINUTE, shortest)) == number


def test_what_lies_in_nobodys_turn_is_no_sample() -> None:
    """Such a track lost to those of other chunks."""
    assert samples_of(tracks([["##########"]]), turns_of([(5.0, 6.0, "a")], MINUTE), MINUTE, 0) == ()
    assert samples_of(tracks([["##########"]]), (), MINUTE, 0) == ()


def test_a_sample_ends_with_the_audio() -> None:
    """The last chunk reaches beyond the end, and what is filled up there is nobody's."""
    within = Span(0, 1_200)

    spans = [one.spans for one in samples_of(tracks([["##########"]] * 3), turns_of([(0, 9, "a")], within), within, 0)]

    assert spans == [(Span(0, 1_000),), (Span(500, 1_200),), (Span(1_000, 1_200),)]


@given(st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=1, max_size=30), st.integers(1, 40))
def test_nobody_is_alone_together(frames: list[list[bool]], longest: int) -> None:
    """In no frame are two local speakers alone, and the middle is a part of the whole, as long as it may be."""
    active = np.array(frames)
    only = alone(active)

    assert only.sum(1).max() <= 1
    assert not (only & ~active).any()
    for mask in only.T:
        kept = middle(mask, longest)
        assert kept.sum() == min(longest, mask.sum())
        assert not (kept & ~mask).any()


@given(
    st.integers(1, 4).flatmap(
        lambda width: st.lists(
            st.tuples(st.lists(st.integers(0, 9), min_size=width, max_size=width), st.integers(0, 5)), min_size=1
        )
    )
)
def test_who_has_most_votes_speaks(frames: list[tuple[list[int], int]]) -> None:
    """As many as are counted and have a vote, and nobody who is left out has more votes than one who is not."""
    votes = np.array([votes for votes, _ in frames], np.float32)
    count = np.array([number for _, number in frames])
    chosen = most_voted(votes, count)

    for frame, number, speaks in zip(votes, count, chosen > 0, strict=True):
        assert speaks.sum() == min(number, (frame > 0).sum())
        assert frame[~speaks].max(initial=0) <= frame[speaks].min(initial=9) or not speaks.any()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"segmentation_step": 0.0}, "segmentation_step must be from 0.02 to 1, not 0.0"),
        ({"threshold": -1.0}, "threshold must be above 0 and at most 2, not -1.0"),
        ({"min_cluster_size": 21}, "min_cluster_size must be from 1 to 20, not 21"),
        ({"sample_s": 0.1}, "sample_s must be from 0.5 to 10, not 0.1"),
        ({"shortest_sample_s": -0.1}, "shortest_sample_s must be 0 or more, not -0.1"),
        ({"embedding_batch": 0}, "segmentation_batch and embedding_batch must be 1 or more"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(wrong: dict[str, float], said: str) -> None:
    """Each limit names itself and what was given."""
    with pytest.raises(ValueError, match=f"^{said}$"):
        DiarizeOptions(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [{"least": 0}, {"most": -1}, {"exactly": 0}, {"least": 3, "most": 2}])
def test_a_number_of_speakers_that_makes_no_sense_is_refused(wrong: dict[str, int]) -> None:
    """Nobody speaks less than once, and the least is not above the most."""
    with pytest.raises(ValueError, match="number of speakers"):
        SpeakerCount(**wrong)
