"""Topic segmentation: the topics of an episode."""

from __future__ import annotations

from itertools import accumulate

from pipeline.matching.drafting.topics import Topic, find_topics
from pipeline.schema import DraftTurn
from tests.factories import heard


def turns(*said: tuple[str, int]) -> list[DraftTurn]:
    """Return turns of a minute and a half with these texts, each after a pause of these ms."""
    starts = accumulate((pause + 90_000 for _, pause in said), initial=0)
    made = []
    for (text, pause), start in zip(said, starts, strict=False):
        words = heard(text, start + pause, start + pause + 90_000)
        made.append(DraftTurn("Ann", words[0].span.cover(words[-1].span), words, text))
    return made


def test_topics_are_split_at_pauses_and_named_by_their_words() -> None:
    """Two topics with a jingle between; the second is named after the word that is said often only there."""
    topics = find_topics(
        turns(
            ("we speak of tea and nothing else", 0),
            ("really about nothing else", 500),
            ("the Doorbell rings, the Doorbell again", 6_000),
            ("a doorbell, that Doorbell really", 500),
        )
    )

    assert topics == (Topic("Introduction", 0), Topic("Doorbell", 2))


def test_an_episode_without_pauses_is_one_topic() -> None:
    """Without a long pause, or with one too near an end, there is one topic; without turns there is none."""
    assert find_topics(turns(("tea", 0), ("tea", 900), ("tea", 900))) == (Topic("Introduction", 0),)
    assert find_topics(turns(("tea", 0), ("tea", 5_000))) == (Topic("Introduction", 0),)
    assert find_topics(()) == ()


def test_a_topic_without_a_title_has_a_number() -> None:
    """If no word is typical, or the same one twice, the topic is numbered."""
    topics = find_topics(turns(("tea", 0), ("tea", 0), ("so", 5_000), ("so", 0)))

    assert topics == (Topic("Introduction", 0), Topic("Part 2", 2))
