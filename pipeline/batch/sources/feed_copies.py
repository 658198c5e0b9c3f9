"""Find episodes that a feed has more than once, under another token or on two of its pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from pipeline.batch.sources.feed_parser import Episode
from pipeline.batch.sources.result_names import fold_result_name


def find_copies(episodes: Sequence[Episode]) -> list[Episode | None]:
    """Return for each episode the earlier one of which it is a copy; None if there is none.

    Episodes with one guid are the same if they also have the same title, date, or address without its query, which is
    often a key that changes: two episodes that have one guid by mistake are two. Without a guid they are the same if
    all three are.
    """
    originals: dict[tuple[object, ...], Episode] = {}
    copies: list[Episode | None] = []
    for episode in episodes:
        keys = tuple(_keys(episode))
        original = next((originals[key] for key in keys if key in originals), None)
        copies.append(original)
        for key in keys:
            originals.setdefault(key, original or episode)
    return copies


def address_without_key(url: str) -> str:
    """Return an address without its query and fragment, and without user name and password.

    >>> address_without_key("https://ann:secret@example.org/7.mp3?token=1")
    'https://example.org/7.mp3'
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _keys(episode: Episode) -> Iterator[tuple[object, ...]]:
    """Return the values of which one is enough for two episodes to be the same."""
    title = fold_result_name(" ".join(episode.title.split()))
    address = address_without_key(episode.enclosures[0].url) if episode.enclosures else ""
    if not episode.guid:
        yield title, episode.published, address
        return
    stated = {"title": title, "published": episode.published, "address": address}
    yield from ((episode.guid, name, value) for name, value in stated.items() if value)
