from __future__ import annotations

from itertools import pairwise

from hypothesis import given

from pipeline.times import Span
from pipeline.writing.exports.speech_tiers import Tier, speaker_tiers
from pipeline.writing.shown_words import ShownTurn, ShownWord
from tests.writing.exports.turn_samples import hostile_turns, turn


def spans_of(tier: Tier) -> list[tuple[int, int]]:
    """The start and the end of each word."""
    return [(word.span.start, word.span.end) for one in tier.turns for word in one.words]


def test_each_speaker_has_a_tier() -> None:
    """Two people who speak at once keep their times; who is not known has a name that no other has."""
    turns = [
        turn("Ann", "yes it is", 0),
        turn("unknown", "no", 300),
        turn("Ann", "it is", 2_000),
        turn(None, "hm", 100),
    ]
    tiers = speaker_tiers(turns)

    assert [(tier.name, [one.text for one in tier.turns]) for tier in tiers] == [
        ("Ann", ["yes it is", "it is"]),
        ("unknown", ["no"]),
        ("unknown 2", ["hm"]),
    ]
    assert spans_of(tiers[0]) == [(0, 300), (300, 600), (600, 900), (2_000, 2_300), (2_300, 2_600)]
    assert spans_of(tiers[1]) == [(300, 600)]


def test_a_word_ends_where_the_next_one_begins() -> None:
    """The next word's start is a sound; an end is the less certain of the two."""
    words = (ShownWord("so", Span(0, 900), "space"), ShownWord("what", Span(500, 500), "space"))
    tier = speaker_tiers([ShownTurn(0, "Ann", words), turn("Ann", "is it", 400)])[0]

    assert spans_of(tier) == [(0, 500), (500, 501), (501, 700), (700, 1_000)]


@given(hostile_turns())
def test_nothing_overlaps_and_nothing_is_empty(turns: tuple[ShownTurn, ...]) -> None:
    """In each tier words are in order, disjoint and 1 ms long at least, and each is there once with its text."""
    tiers = speaker_tiers(turns)

    assert len({tier.name for tier in tiers}) == len(tiers) == len({one.speaker for one in turns})
    for tier in tiers:
        spans = spans_of(tier)
        assert all(start < end for start, end in spans)
        assert all(left[1] <= right[0] for left, right in pairwise(spans))
    said = sorted(word.text for one in turns for word in one.words)
    assert sorted(word.text for tier in tiers for one in tier.turns for word in one.words) == said


@given(hostile_turns())
def test_times_that_fit_are_kept(turns: tuple[ShownTurn, ...]) -> None:
    """A word of a speaker's tier begins at its own time if the words before it in the tier began earlier."""
    for tier in speaker_tiers(turns):
        own = [one for one in turns if one.speaker == tier.name]
        words = [word for one in sorted(own, key=lambda one: one.words[0].span.start) for word in one.words]
        latest = -1
        for word, (start, _) in zip(words, spans_of(tier), strict=False):
            if word.span.start > latest:
                assert start == word.span.start
            latest = start
