"""Feeds for tests, in the namespaces that podcasts use."""

from __future__ import annotations

BASE = "https://example.org/feed.xml"
SPACES = (
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:podcast="https://podcastindex.org/namespace/1.0" '
    'xmlns:atom="http://www.w3.org/2005/Atom"'
)


def feed(*items: str, head: str = "", spaces: str = SPACES) -> bytes:
    """Return a feed with these items."""
    inside = "".join(f"<item>{item}</item>" for item in items)
    return f'<?xml version="1.0"?><rss version="2.0" {spaces}><channel>{head}{inside}</channel></rss>'.encode()


def item(
    title: str = "Tea", guid: str = "g", day: int = 5, url: str = "https://example.org/7.mp3", more: str = ""
) -> str:
    """Return an item of a feed."""
    return (
        f"<title>{title}</title><guid>{guid}</guid><pubDate>Mon, {day:02d} Jan 2026 10:00:00 GMT</pubDate>"
        f'<enclosure url="{url}" length="5000000" type="audio/mpeg"/>{more}'
    )


NUMBERED = "<itunes:season>2</itunes:season><itunes:episode>7</itunes:episode>"


def transcript(kind: str, url: str | None = None) -> str:
    """Return a ``podcast:transcript`` element."""
    return f'<podcast:transcript url="{url or address_of(kind)}" type="{kind}"/>'


def address_of(kind: str) -> str:
    """Return the address of the transcript of a type."""
    return "https://example.org/7." + kind.rpartition("/")[2]
