from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch.sources.feed_parser import PublishedTranscript
from pipeline.batch.sources.transcript_order import order_transcripts


def offered(*items: str) -> list[PublishedTranscript]:
    """Return transcripts that are written as ``language:format``."""
    pairs = [item.split(":") for item in items]
    return [PublishedTranscript(f"https://e.org/{language}.{end}", f"text/{end}", language) for language, end in pairs]


def order(language: str, *items: str) -> list[str]:
    """Return the same transcripts in order."""
    return [f"{item.language}:{item.media_type[5:]}" for item in order_transcripts(offered(*items), language)]


def test_the_language_of_the_episode_comes_first() -> None:
    """The language counts before the format, without its region, in any case."""
    assert order("en-GB", "es:html", "EN_us:srt", "en:vtt", "de:vtt") == ["en:vtt", "EN_us:srt", "es:html", "de:vtt"]


def test_a_transcript_without_a_language_is_in_the_episodes() -> None:
    """The specification of the element says so."""
    assert order("en", "es:vtt", ":srt") == [":srt", "es:vtt"]


def test_without_a_language_of_the_episode_the_feed_order_counts() -> None:
    """The first language that the feed names is taken for the episode's."""
    assert order("", "es:srt", "en:html", "es:vtt") == ["es:vtt", "es:srt", "en:html"]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("text/html", "text/vtt"),
        ("text/vtt; charset=utf-8", "application/srt"),
        ("APPLICATION/JSON", "application/x-subrip"),
    ],
)
def test_formats_with_speakers_come_first(better: str, worse: str) -> None:
    """Typed text comes before formats that name the speakers, and these before the rest."""
    items = [PublishedTranscript("https://e.org/a", worse), PublishedTranscript("https://e.org/b", better)]

    assert [item.media_type for item in order_transcripts(items, "")] == [better, worse]


def test_without_a_type_the_ending_says_the_format() -> None:
    """The query is no part of the ending."""
    items = [PublishedTranscript(f"https://e.org/7{end}") for end in ("", ".srt?a.vtt", ".vtt?x=1", ".html")]

    assert [item.url[15:] for item in order_transcripts(items, "")] == [".html", ".vtt?x=1", ".srt?a.vtt", ""]


@given(
    st.lists(st.sampled_from(["en:vtt", "es:srt", ":html", "de:json"]), max_size=6), st.sampled_from(["", "en", "fr"])
)
def test_nothing_is_lost(items: list[str], language: str) -> None:
    """The same transcripts come back, in an order that does not change when they are ordered again."""
    ordered = order_transcripts(offered(*items), language)

    assert sorted(map(str, ordered)) == sorted(map(str, offered(*items)))
    assert order_transcripts(ordered, language) == ordered
