"""Read what a podcast's feed says: untrusted XML, parsed with limits and without entities.

A feed that is slightly wrong XML, but that podcast players accept, is mended first (see ``feed_repair``).
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit
from xml import sax

from defusedxml import EntitiesForbidden
from defusedxml.expatreader import create_parser
from podcastparser import FeedParseError, PodcastHandler

from pipeline.batch.sources.feed_repair import count_items, mend_feed, recover_feed
from pipeline.errors import FeedError
from pipeline.io.http_download import shown

_MAX_DEPTH = 60  # more than any feed needs; the parser's time is quadratic in the depth
_MAX_TEXT_CHUNKS, _MAX_CHUNK_LENGTH = 200, 2_000  # a parser passes a text in chunks
_KEPT_FIELDS = frozenset({"title", "guid", "link", "published", "season", "number", "_guid_is_permalink"})
_PODCAST_NAMESPACES = frozenset(
    {
        "https://podcastindex.org/namespace/1.0",
        "https://github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md",
    }
)
_ITEMS = ("rss/channel/item", "atom:feed/atom:entry")
_ROOTS = ("rss", "rss/channel", "atom:feed")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that a feed offers for an episode.

    Attributes:
        media_type: as the feed states it; ``application/octet-stream`` if it states none.
        length: the bytes that the feed states; None if it states none.
    """

    url: str
    media_type: str = "audio/mpeg"
    length: int | None = None


@dataclass(frozen=True, slots=True)
class PublishedTranscript:
    """A transcript that a feed offers for an episode (``podcast:transcript``).

    Attributes:
        media_type: as the feed states it (``text/vtt``); empty if it states none.
        language: as the feed states it (``en-GB``); empty if it states none.
    """

    url: str
    media_type: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Episode:
    """An episode as a feed describes it.

    Attributes:
        guid: the publisher's identifier; empty if the feed states none.
        link: the address of its page; empty if the feed states none.
        published: the time in UTC; None if the feed states none.
        season, number: None if the feed states none.
        language: that of the episode or of the whole feed (``en-GB``); empty if the feed states none.
    """

    guid: str
    title: str
    link: str = ""
    published: datetime | None = None
    season: int | None = None
    number: int | None = None
    language: str = ""
    enclosures: tuple[Enclosure, ...] = ()
    transcripts: tuple[PublishedTranscript, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedPage:
    """One page of a feed.

    Attributes:
        next_page: the address of the following page (RFC 5005).
        new_address: the address to which the feed has moved (``itunes:new-feed-url``).
        fault: what is wrong with its XML, if it had to be mended.
    """

    episodes: tuple[Episode, ...]
    next_page: str | None = None
    new_address: str | None = None
    fault: str | None = None


def parse_feed(content: bytes, base: str) -> FeedPage:
    """Read a page of a feed; its episodes are the newest first, those of one time in its order.

    Args:
        base: the feed's own address, to which others may be relative.

    Raises:
        FeedError: it is not a feed, or is malicious.
    """
    fault = ""
    error: Exception | None = None
    for repair in (bytes, mend_feed, recover_feed):
        expected = count_items(content) if repair is recover_feed else 0
        try:
            content = repair(content)
        except (ValueError, LookupError) as e:  # LookupError: an unknown encoding
            fault, error = fault or _first_line(e), e
            break
        try:
            return _page(_read(content, base), fault, expected)
        except EntitiesForbidden as e:
            raise FeedError(shown(base), "defines entities, which no podcast's feed needs; it is not read") from e
        except (sax.SAXException, ValueError, LookupError) as e:
            fault, error = fault or _first_line(e), e
            if isinstance(e, FeedParseError):  # valid XML, but no feed
                break
    raise FeedError(shown(base), f"is not a podcast's feed (RSS): {fault}") from error


def _read(content: bytes, base: str) -> _FeedReader:
    reader = _FeedReader(base)
    # The whole content at once, because expat before 2.6 reads an unfinished tag again with each further piece.
    parser = create_parser(bufsize=len(content) + 1, forbid_entities=True, forbid_external=True)
    parser.setContentHandler(reader)
    parser.parse(BytesIO(content))
    return reader


def _first_line(error: Exception) -> str:
    message = (str(error) or type(error).__name__).partition("\n")[0][:200]
    if isinstance(error, sax.SAXParseException) and error.getLineNumber():
        return f"{error.getMessage()[:200]} in line {error.getLineNumber()}"
    return message


def _page(reader: _FeedReader, fault: str, expected: int) -> FeedPage:
    """Return the page; ``expected`` is the number of episodes that a feed had before it was recovered."""
    language = reader.data.get("language") or reader.language
    if lost := max(0, expected - len(reader.episodes)):
        fault = f"{fault}; {lost} of its {expected} episodes cannot be read"
    return FeedPage(
        episodes=tuple(_episode(item, language) for item in reader.episodes),
        next_page=reader.data.get("paged_feed_next") or None,
        new_address=reader.data.get("new_url") or None,
        fault=fault or None,
    )


def _episode(item: Mapping[str, Any], language: str) -> Episode:
    enclosures = tuple(
        Enclosure(file["url"], file["mime_type"], file["file_size"] if file["file_size"] > 0 else None)
        for file in item["enclosures"]
        if file["url"]
    )
    return Episode(
        guid=item.get("guid") or "",
        title=item["title"] if "title" in item else _title_of(enclosures),
        link=item.get("link") or "",
        published=_date(item.get("published")),
        season=item.get("season") or None,
        number=item.get("number"),
        language=item.get("language") or language,
        enclosures=enclosures,
        transcripts=tuple(item.get("transcripts", ())),
    )


def _title_of(enclosures: tuple[Enclosure, ...]) -> str:
    """Return the name of the first file, for an episode without a title."""
    with suppress(ValueError, IndexError):
        return posixpath.splitext(posixpath.basename(unquote(urlsplit(enclosures[0].url).path)))[0]
    return ""


def _date(seconds: int | None) -> datetime | None:
    with suppress(OverflowError):  # a year out of range
        return _EPOCH + timedelta(seconds=seconds) if seconds else None
    return None


class _FeedReader(PodcastHandler):  # type: ignore[misc] # ships no types
    """podcastparser's handler, extended: transcripts with their languages, ``xml:base``, and every episode.

    An invalid element, such as a broken address, is ignored; the library alone would stop there.

    Attributes:
        bases: the address that relative ones start from, for each element that is open.
        language: that of the feed, from ``xml:lang``.
    """

    text: list[str] | None
    namespace: Any

    def __init__(self, base: str) -> None:
        super().__init__(base, 0)
        self.base: str = base
        self.bases: list[str] = []
        self.language = ""

    def set_base(self, base: str) -> None:
        """Do nothing: ``startElement`` resolves ``xml:base`` for each element, the library for the first only."""

    def set_podcast_attr(self, key: str, value: str | None) -> None:
        """Keep a field of the feed."""
        super().set_podcast_attr(key, urljoin(self.base, value) if key == "new_url" and value else value)

    def set_episode_attr(self, key: str, value: object) -> None:
        """Keep only the fields that a name is made of; show notes are large, and their HTML test is not linear."""
        if key in _KEPT_FIELDS and (key, value) != ("guid", self.base):  # an empty guid, joined with the base
            super().set_episode_attr(key, value)

    def validate_episode(self) -> None:
        """Keep the episode as it is; the library drops one without a title or an identifier."""

    def characters(self, chars: str) -> None:
        """Keep no more of a text than the longest titles have."""
        if self.text is not None and len(self.text) < _MAX_TEXT_CHUNKS:
            super().characters(chars[:_MAX_CHUNK_LENGTH])

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: ANN401, N802 -- the library's
        """Read an element's attributes."""
        if len(self.path_stack) >= _MAX_DEPTH:
            raise FeedParseError("it is nested too deeply", None, self._locator)
        self.bases.append(self.base)
        with suppress(ValueError):
            self.base = urljoin(self.base, attrs.get("xml:base", "").strip())
        try:
            super().startElement(name, attrs)
        except FeedParseError:
            raise
        except (ValueError, TypeError, AttributeError, LookupError):
            return
        self._read_language(attrs.get("xml:lang", ""))
        if "/".join(self.path_stack[:-1]) in _ITEMS:
            self._start_child(name, attrs)

    def endElement(self, name: str) -> None:  # noqa: N802 -- the same
        """Read an element's text."""
        depth = len(self.path_stack)
        if self._is_language(name):
            self.episodes[-1]["language"] = "".join(self.text or ()).strip()
            self.text = None
        try:
            super().endElement(name)
        except (ValueError, TypeError, AttributeError, LookupError):
            self.text = None
            if len(self.path_stack) == depth:  # the library failed before it left the element
                self.namespace = self.namespace.parent
                self.path_stack.pop()
        self.base = self.bases.pop()

    def _read_language(self, language: str) -> None:
        path = "/".join(self.path_stack)
        if language and path in _ITEMS:
            self.episodes[-1]["language"] = language
        elif language and path in _ROOTS:
            self.language = language

    def _start_child(self, name: str, attrs: Any) -> None:  # noqa: ANN401 -- the library's
        """Read the elements of an episode that the library does not know, or of which it keeps only the last."""
        if self._is_language(name):
            self.text = []
        elif self._is_transcript(name) and attrs.get("url"):
            with suppress(ValueError):
                url = urljoin(self.base, attrs["url"].strip())
                found = PublishedTranscript(url, attrs.get("type", ""), attrs.get("language", ""))
                self.episodes[-1].setdefault("transcripts", []).append(found)

    def _is_language(self, name: str) -> bool:
        """Whether this element is an episode's own language: ``language`` or ``dc:language``."""
        return name.rpartition(":")[2] == "language" and "/".join(self.path_stack[:-1]) in _ITEMS

    def _is_transcript(self, name: str) -> bool:
        prefix, _, local = name.rpartition(":")
        space = self.namespace.lookup(prefix)
        return local == "transcript" and (space.casefold() in _PODCAST_NAMESPACES if space else prefix == "podcast")
