"""The parts of an episode."""

from __future__ import annotations

from itertools import accumulate

from pipeline.matching.drafting.topics import Topic, find_topics
from pipeline.schema import DraftTurn
from tests.factories import heard


def turns(*said: tuple[str, int]) -> list[DraftTurn]:
    """Turns of a minute and a half each, with a pause of so many ms before each."""
    starts = accumulate((pause + 90_000 for _, pause in said), initial=0)
    made = []
    for (text, pause), start in zip(said, starts, strict=False):
        words = heard(text, start + pause, start + pause + 90_000)
        made.append(DraftTurn("Ann", words[0].span.cover(words[-1].span), words, text))
    return made


def test_long_pauses_part_and_telling_words_name() -> None:
    """Two parts with a jingle between; the second is about what is said often there alone."""
    parts = find_topics(
        turns(
            ("we speak of tea and nothing else", 0),
            ("really about nothing else", 500),
            ("the Doorbell rings, the Doorbell again", 6_000),
            ("a doorbell, that Doorbell really", 500),
        )
    )

    assert parts == (Topic("Introduction", 0), Topic("Doorbell", 2))


def test_an_episode_without_pauses_is_one_part() -> None:
    """Without a long pause, or with one too near an end, there is one part; without turns none."""
    assert find_topics(turns(("tea", 0), ("tea", 900), ("tea", 900))) == (Topic("Introduction", 0),)
    assert find_topics(turns(("tea", 0), ("tea", 5_000))) == (Topic("Introduction", 0),)
    assert find_topics(()) == ()


def test_a_part_without_a_topic_has_a_number() -> None:
    """Where no word tells, or the same one twice, the part is numbered."""
    parts = find_topics(turns(("tea", 0), ("tea", 0), ("so", 5_000), ("so", 0)))

    assert parts == (Topic("Introduction", 0), Topic("Part 2", 2))
