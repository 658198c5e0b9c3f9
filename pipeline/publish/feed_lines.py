"""The lines with which a feed's item names its transcript and its chapters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from pipeline.publish.feed_item import FeedLine

_PODCAST = "https://podcastindex.org/namespace/1.0"
_TRANSCRIPTS = {".vtt": "text/vtt", ".srt": "application/x-subrip", ".podcast.json": "application/json"}
"""Types by suffixes, best first (Podcasting 2.0 namespace, ``docs/tags/transcript.md``)."""


def feed_lines(names: Mapping[str, str], base: str, language: str, psc: str | None) -> Iterator[FeedLine]:
    """Yield the lines for an item.

    Args:
        names: the names of the files by their suffixes.
        base: the address that they are put below.
        language: of the transcript, as ``en``; empty if it is not known.
        psc: a document of Podlove Simple Chapters; None for none.
    """
    for suffix, media_type in _TRANSCRIPTS.items():
        if suffix in names:
            spoken = f" language={quoteattr(language)}" if language else ""
            more = f' type="{media_type}"{spoken} rel="captions"'
            yield _line("transcript", _address(base, names[suffix]), more)
    if ".chapters.json" in names:
        yield _line("chapters", _address(base, names[".chapters.json"]), ' type="application/json+chapters"')
    if psc is not None:
        yield FeedLine(psc.partition("?>\n")[2].rstrip("\n") if psc.startswith("<?xml") else psc, "psc")


def _line(name: str, address: str, more: str) -> FeedLine:
    xml = f'<podcast:{name} xmlns:podcast="{_PODCAST}" url={quoteattr(address)}{more} />'
    return FeedLine(xml, address)


def _address(base: str, name: str) -> str:
    """Return the address of a file below another one; its name is data, whatever is in it."""
    return f"{base.rstrip('/')}/{quote(name.encode('utf-8', 'surrogatepass'), safe='')}"
