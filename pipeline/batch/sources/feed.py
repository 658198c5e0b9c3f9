"""Read the episodes of a podcast from its feed: untrusted XML, parsed with limits and without entities.

An episode's name is made of what does not change when the feed grows: its season and number, or its date, and its
title. So the ledger recognizes by name which episodes are new.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit
from xml import sax

import defusedxml.sax
from defusedxml import DefusedXmlException
from podcastparser import FeedParseError, PodcastHandler

from pipeline.batch.messages import Job, Plan, Refusal, Work
from pipeline.batch.sources.result_names import fold_result_name, safe_name
from pipeline.batch.storage.remote_files import is_web
from pipeline.errors import FeedError
from pipeline.io import http_download
from pipeline.io.http_download import SourceError

MAX_FEED_BYTES = 50 << 20
"""Bytes. Feeds of thousands of episodes with full show notes have ten to twenty megabytes."""

_BLOCKED_PREFIX = "kept-out:"
"""The prefix of an address that a page of a feed may not refer to; it makes the address invalid."""

_UNPORTABLE_CHARACTERS = re.compile(r'[\s]*[\\/:*?"<>|]+')  # not allowed in a name on some file systems
_MAX_PAGES = 1_000
_MAX_DEPTH = 60  # more than any feed needs; the parser's time is quadratic in the depth
_MAX_TEXT_CHUNKS, _MAX_CHUNK_LENGTH = 200, 2_000  # a parser passes a text in chunks
_KEPT_FIELDS = frozenset({"title", "guid", "link", "published", "season", "number", "_guid_is_permalink"})
_PODCAST_NAMESPACES = frozenset(
    {
        "https://podcastindex.org/namespace/1.0",
        "https://github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md",
    }
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TRANSCRIPT_PREFERENCE = ("markdown", "plain", "html", "vtt", "json", "subrip", "srt")
"""The preferred formats of several transcripts: typed text, then formats that name the speakers, then the rest."""


@dataclass(frozen=True, slots=True)
class Episode:
    """An episode as a feed describes it.

    Attributes:
        guid: the publisher's identifier.
        published: the time in UTC; None if the feed states none.
        season, number: None if the feed states none.
        audio: the address; None if there is no recording.
        length: the bytes that the feed states; None if it states none.
        transcripts: addresses with their stated types ("text/vtt").
    """

    guid: str
    title: str
    published: datetime | None = None
    season: int | None = None
    number: int | None = None
    audio: str | None = None
    length: int | None = None
    transcripts: tuple[tuple[str, str], ...] = ()


def plan_feed(source: str, work: Work = "auto") -> Plan:
    """Plan all episodes of the feed at an address (``https``, ``http``) or in a file, the oldest first.

    All pages of a paged feed are read.

    Raises:
        FeedError: it cannot be read, or is not a feed.
    """
    episodes: list[Episode] = []
    seen: set[str] = set()
    page: str | None = source
    while page and page not in seen and len(seen) < _MAX_PAGES:
        seen.add(page)
        base, content = _read(page)
        found, next_page = parse_feed(content, base)
        episodes += [_without_private_addresses(episode, page) for episode in found]
        if next_page and not is_web(next_page):  # a feed may not refer to files of this machine
            break
        page = next_page
    return _plan(episodes, work)


def _without_private_addresses(episode: Episode, page: str) -> Episode:
    """Block an episode's private addresses, unless the page of the feed is private, too.

    Private are files of this machine, and hosts on this machine or its network (server-side request forgery).
    """
    if not is_web(page):
        return episode
    page_is_private = _is_private(page)
    audio = episode.audio
    if audio is not None and (not is_web(audio) or (_is_private(audio) and not page_is_private)):
        audio = f"{_BLOCKED_PREFIX}{audio}"
    transcripts = tuple(item for item in episode.transcripts if page_is_private or not _is_private(item[0]))
    return replace(episode, audio=audio, transcripts=transcripts)


def _is_private(address: str) -> bool:
    """Whether an address names a host on this machine or its network, without resolving the name."""
    host = (urlsplit(address).hostname or "").casefold()
    try:
        return not ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))


def parse_feed(content: bytes, base: str) -> tuple[tuple[Episode, ...], str | None]:
    """Read a feed's episodes, in its order, and the address of its next page, if there is one.

    Args:
        base: the feed's own address, to which others may be relative.

    Raises:
        FeedError: it is not a feed, or is malicious.
    """
    reader = _FeedReader(base)
    try:
        defusedxml.sax.parse(BytesIO(content), reader, forbid_entities=True, forbid_external=True)
    except DefusedXmlException as e:
        raise FeedError(
            http_download.shown(base), "defines entities, which no podcast's feed needs; it is not read"
        ) from e
    except (sax.SAXException, ValueError, LookupError) as e:  # LookupError: an unknown encoding
        raise FeedError(http_download.shown(base), f"is not a podcast's feed (RSS): {_first_line(e)}") from e
    next_page = reader.data.get("paged_feed_next")
    episodes = tuple(_episode(item) for item in reader.episodes)
    return episodes, urljoin(base, next_page) if isinstance(next_page, str) and next_page else None


def _read(source: str) -> tuple[str, bytes]:
    try:
        if is_web(source):
            return http_download.read(source, MAX_FEED_BYTES, "a feed")
        path = local_path(source)
        with path.open("rb") as file:
            content = file.read(MAX_FEED_BYTES + 1)
    except SourceError as e:
        raise FeedError(http_download.shown(source), str(e)) from e
    except OSError as e:
        raise FeedError(source, f"cannot be read ({e.strerror})") from e
    if len(content) > MAX_FEED_BYTES:
        raise FeedError(source, f"is too large for a feed (more than {MAX_FEED_BYTES >> 20} MB)")
    return path.absolute().as_uri(), content


def local_path(source: str) -> Path:
    """Return the path that a source names, also if it is written as ``file://``."""
    return Path(unquote(urlsplit(source).path)) if source.casefold().startswith("file://") else Path(source)


def _first_line(error: Exception) -> str:
    message = (str(error) or type(error).__name__).partition("\n")[0][:200]
    if isinstance(error, sax.SAXParseException) and error.getLineNumber():
        return f"{error.getMessage()[:200]} in line {error.getLineNumber()}"
    return message


# --- parser ------------------------------------------------------------------------------------------------------


class _FeedReader(PodcastHandler):  # type: ignore[misc] # ships no types
    """podcastparser's handler, extended: it keeps all transcripts of an episode, in either namespace.

    An invalid element, such as a broken address, is ignored; the library alone would stop there.
    """

    text: list[str] | None
    namespace: Any

    def __init__(self, base: str) -> None:
        super().__init__(base, 0)

    def set_episode_attr(self, key: str, value: object) -> None:
        """Keep only the fields that a name is made of; show notes are large, and their HTML test is not linear."""
        if key in _KEPT_FIELDS:
            super().set_episode_attr(key, value)

    def characters(self, chars: str) -> None:
        """Keep no more of a text than the longest titles have."""
        if self.text is not None and len(self.text) < _MAX_TEXT_CHUNKS:
            super().characters(chars[:_MAX_CHUNK_LENGTH])

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: ANN401, N802 -- the library's
        """Read an element's attributes, among them those of a transcript."""
        if len(self.path_stack) >= _MAX_DEPTH:
            raise FeedParseError("it is nested too deeply", None, self._locator)
        try:
            super().startElement(name, attrs)
        except FeedParseError:
            raise
        except (ValueError, TypeError, AttributeError, LookupError):
            return
        if self.path_stack[:-1] == ["rss", "channel", "item"] and self._is_transcript(name) and attrs.get("url"):
            with suppress(ValueError):
                address = urljoin(self.base, attrs["url"].strip())
                self.episodes[-1].setdefault("transcripts", []).append((address, attrs.get("type", "")))

    def endElement(self, name: str) -> None:  # noqa: N802 -- the same
        """Read an element's text."""
        depth = len(self.path_stack)
        try:
            super().endElement(name)
        except (ValueError, TypeError, AttributeError, LookupError):
            self.text = None
            if len(self.path_stack) == depth:  # the library failed before it left the element
                self.namespace = self.namespace.parent
                self.path_stack.pop()

    def _is_transcript(self, name: str) -> bool:
        prefix, _, local = name.rpartition(":")
        space = self.namespace.lookup(prefix)
        return local == "transcript" and (space.casefold() in _PODCAST_NAMESPACES if space else prefix == "podcast")


def _episode(item: Mapping[str, Any]) -> Episode:
    recordings = [file for file in item["enclosures"] if file["url"] and _may_be_audio(file["mime_type"])]
    file: Mapping[str, Any] = recordings[0] if recordings else {"url": None, "file_size": -1}
    return Episode(
        guid=item.get("guid") or "",
        title=item.get("title") or "",
        published=_date(item.get("published")),
        season=item.get("season") or None,
        number=item.get("number"),
        audio=file["url"],
        length=file["file_size"] if file["file_size"] > 0 else None,
        transcripts=tuple(item.get("transcripts", ())),
    )


def _may_be_audio(mime_type: str) -> bool:
    return mime_type.startswith(("audio/", "video/")) or mime_type in {"application/octet-stream", "application/ogg"}


def _date(seconds: int | None) -> datetime | None:
    with suppress(OverflowError):  # a year out of range
        return _EPOCH + timedelta(seconds=seconds) if seconds else None
    return None


# --- jobs --------------------------------------------------------------------------------------------------------


def _plan(episodes: Sequence[Episode], work: Work) -> Plan:
    jobs: dict[str, Job] = {}
    refusals: list[Refusal] = []
    for episode in sorted(_deduplicated(episodes), key=_publication_order):
        name = _episode_name(episode)
        if fold_result_name(name) in jobs:  # a second episode of this name: the identifier makes it unique
            name = f"{name} {_digest(episode.guid)}"
        reason = _refusal_reason(episode, work)
        if reason or fold_result_name(name) in jobs:
            refusals.append(Refusal(name, reason or "is in the feed twice; the first is taken"))
        else:
            jobs[fold_result_name(name)] = _job(episode, name, work)
    return Plan(tuple(jobs.values()), tuple(refusals))


def _deduplicated(episodes: Sequence[Episode]) -> Iterator[Episode]:
    """Return each episode once: pages of a feed may overlap while it grows."""
    yield from {(episode.guid, episode.audio, episode.title): episode for episode in episodes}.values()


def _publication_order(episode: Episode) -> tuple[datetime, int, int, str]:
    """Return a sort key, the oldest first; ties by number, so that names do not depend on the feed's order."""
    return episode.published or _EPOCH, episode.season or 0, episode.number or 0, episode.guid


def _episode_name(episode: Episode) -> str:
    if episode.number is not None:
        prefix = f"s{episode.season:02d}e{episode.number:02d}" if episode.season else f"e{episode.number:03d}"
    else:
        prefix = f"{episode.published:%Y-%m-%d}" if episode.published else ""
    title = _UNPORTABLE_CHARACTERS.sub("-", episode.title).strip(" .-")
    suffix = "" if prefix and title else _digest(episode.guid)  # a title alone may occur again
    return safe_name(" ".join(filter(None, (prefix, title, suffix))))


def _digest(guid: str) -> str:
    return hashlib.sha256(guid.encode("utf-8", "replace")).hexdigest()[:8]


def _refusal_reason(episode: Episode, work: Work) -> str | None:
    """Return the reason why an episode is refused; None if it is accepted."""
    if episode.audio is None:
        return "the feed has no recording of it"
    if not is_web(episode.audio) and not episode.audio.casefold().startswith("file://"):
        address = http_download.shown(episode.audio.removeprefix(_BLOCKED_PREFIX))[:80]
        return f"its recording is at {address}, which is not a web address; it is not read"
    if work in {"align", "finish"} and not _best_transcript(episode):
        return f"the feed has no transcript of it, and there is nothing to {work}; --work draft drafts one"
    return None


def _job(episode: Episode, name: str, work: Work) -> Job:
    audio = episode.audio or ""
    return Job(
        name=name,
        audio=audio if is_web(audio) else str(local_path(audio)),
        transcript=None if work == "draft" else _best_transcript(episode),
        work=work,
        title=episode.title or None,
        length=episode.length,
    )


def _best_transcript(episode: Episode) -> str | None:
    """Return the address of an episode's best transcript, by ``_TRANSCRIPT_PREFERENCE``."""
    ranked = [(_rank(mime_type), address) for address, mime_type in episode.transcripts if is_web(address)]
    return min(ranked, key=lambda item: item[0])[1] if ranked else None


def _rank(mime_type: str) -> int:
    return next(
        (rank for rank, word in enumerate(_TRANSCRIPT_PREFERENCE) if word in mime_type.casefold()),
        len(_TRANSCRIPT_PREFERENCE),
    )
