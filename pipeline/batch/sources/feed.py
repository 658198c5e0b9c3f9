"""The episodes of a podcast, from its feed: XML that a stranger wrote, read with bounds and without entities.

An episode's name is made of what does not change when the feed grows: its season and number, or its date, and its
title. So a ledger that knows names knows which episodes are new.
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
"""Bytes. Feeds of thousands of episodes with all their notes have ten to twenty megabytes."""

_BLOCKED_PREFIX = "kept-out:"
"""Before an address that a page of a feed may not lead to: with this it is no address at all."""

_UNPORTABLE_CHARACTERS = re.compile(r'[\s]*[\\/:*?"<>|]+')  # what some disks do not allow in a name
_MAX_PAGES = 1_000
_MAX_DEPTH = 60  # no feed nests so deeply, and the parser takes the square of it
_MAX_TEXT_CHUNKS, _MAX_CHUNK_LENGTH = 200, 2_000  # a parser gives a text in pieces, by its lines and marks
_KEPT_FIELDS = frozenset({"title", "guid", "link", "published", "season", "number", "_guid_is_permalink"})
_PODCAST_NAMESPACES = frozenset(
    {
        "https://podcastindex.org/namespace/1.0",
        "https://github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md",
    }
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TRANSCRIPT_PREFERENCE = ("markdown", "plain", "html", "vtt", "json", "subrip", "srt")
"""Which of several transcripts is taken: what people typed, then what names the speakers, then the rest."""


@dataclass(frozen=True, slots=True)
class Episode:
    """What a feed says of an episode.

    Attributes:
        guid: what the publisher tells it from others by.
        published: the day, in UTC; None where the feed gives none.
        season, number: None where the feed gives none.
        audio: the address; None where it has no recording.
        length: bytes as the publisher has them; None where that is not said.
        transcripts: addresses with their types as said ("text/vtt").
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

    A feed that comes in pages is read to its last one.

    Raises:
        FeedError: it cannot be had, or is no feed.
    """
    episodes: list[Episode] = []
    seen: set[str] = set()
    page: str | None = source
    while page and page not in seen and len(seen) < _MAX_PAGES:
        seen.add(page)
        base, content = _read(page)
        found, next_page = parse_feed(content, base)
        episodes += [_without_private_addresses(episode, page) for episode in found]
        if next_page and not is_web(next_page):  # nobody's feed may lead to files of this machine
            break
        page = next_page
    return _plan(episodes, work)


def _without_private_addresses(episode: Episode, page: str) -> Episode:
    """The episode without the addresses that a page of the feed may not lead to: those inside, of a page outside.

    What is inside are the files of this machine, and what stands by its address on this machine or its network.
    """
    if not is_web(page):
        return episode
    page_is_private = _is_private(page)
    audio = episode.audio
    if audio is not None and (not is_web(audio) or (_is_private(audio) and not page_is_private)):
        audio = f"{_BLOCKED_PREFIX}{audio}"
    transcripts = tuple(one for one in episode.transcripts if page_is_private or not _is_private(one[0]))
    return replace(episode, audio=audio, transcripts=transcripts)


def _is_private(address: str) -> bool:
    """Whether a host stands by its address on this machine or its network, as far as the name says so."""
    host = (urlsplit(address).hostname or "").casefold()
    try:
        return not ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))


def parse_feed(content: bytes, base: str) -> tuple[tuple[Episode, ...], str | None]:
    """Read a feed's episodes, in its order, and the address of its next page, if there is one.

    Args:
        base: the feed's own address, from which others may start.

    Raises:
        FeedError: it is no feed, or one that is made to do harm.
    """
    reader = _FeedReader(base)
    try:
        defusedxml.sax.parse(BytesIO(content), reader, forbid_entities=True, forbid_external=True)
    except DefusedXmlException as e:
        raise FeedError(
            http_download.shown(base), "defines entities, which no podcast's feed needs; it is not read"
        ) from e
    except (sax.SAXException, ValueError, LookupError) as e:  # LookupError: an encoding that nobody knows
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
    """The path that a source names, also where it is written as ``file://``."""
    return Path(unquote(urlsplit(source).path)) if source.casefold().startswith("file://") else Path(source)


def _first_line(error: Exception) -> str:
    message = (str(error) or type(error).__name__).partition("\n")[0][:200]
    if isinstance(error, sax.SAXParseException) and error.getLineNumber():
        return f"{error.getMessage()[:200]} in line {error.getLineNumber()}"
    return message


# --- what the library leaves out ---------------------------------------------------------------------------------


class _FeedReader(PodcastHandler):  # type: ignore[misc] # ships no types
    """The library's reader, with every transcript of an episode, where the library keeps the last one of one namespace.

    An element that it cannot make sense of, such as a broken address, is left out; the library would end there.
    """

    text: list[str] | None
    namespace: Any

    def __init__(self, base: str) -> None:
        super().__init__(base, 0)

    def set_episode_attr(self, key: str, value: object) -> None:
        """Keep what an episode's name is made of; notes are large, and testing them for HTML is not linear."""
        if key in _KEPT_FIELDS:
            super().set_episode_attr(key, value)

    def characters(self, chars: str) -> None:
        """Keep as much of a text as any title has."""
        if self.text is not None and len(self.text) < _MAX_TEXT_CHUNKS:
            super().characters(chars[:_MAX_CHUNK_LENGTH])

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: ANN401, N802 -- the library's
        """Read an element's attributes."""
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
            if len(self.path_stack) == depth:  # it broke off before this
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
    with suppress(OverflowError):  # a year that no calendar has
        return _EPOCH + timedelta(seconds=seconds) if seconds else None
    return None


# --- episodes to jobs --------------------------------------------------------------------------------------------


def _plan(episodes: Sequence[Episode], work: Work) -> Plan:
    jobs: dict[str, Job] = {}
    refusals: list[Refusal] = []
    for episode in sorted(_deduplicated(episodes), key=_publication_order):
        name = _episode_name(episode)
        if fold_result_name(name) in jobs:  # two of one name: what tells them apart for their publisher does so here
            name = f"{name} {_digest(episode.guid)}"
        reason = _refusal_reason(episode, work)
        if reason or fold_result_name(name) in jobs:
            refusals.append(Refusal(name, reason or "is in the feed twice; the first is taken"))
        else:
            jobs[fold_result_name(name)] = _job(episode, name, work)
    return Plan(tuple(jobs.values()), tuple(refusals))


def _deduplicated(episodes: Sequence[Episode]) -> Iterator[Episode]:
    """Each episode once: pages of a feed may overlap while it grows."""
    yield from {(episode.guid, episode.audio, episode.title): episode for episode in episodes}.values()


def _publication_order(episode: Episode) -> tuple[datetime, int, int, str]:
    """The oldest first; ties as the publisher numbers them, so that names do not depend on the feed's order."""
    return episode.published or _EPOCH, episode.season or 0, episode.number or 0, episode.guid


def _episode_name(episode: Episode) -> str:
    if episode.number is not None:
        prefix = f"s{episode.season:02d}e{episode.number:02d}" if episode.season else f"e{episode.number:03d}"
    else:
        prefix = f"{episode.published:%Y-%m-%d}" if episode.published else ""
    title = _UNPORTABLE_CHARACTERS.sub("-", episode.title).strip(" .-")
    suffix = "" if prefix and title else _digest(episode.guid)  # a title alone may come again
    return safe_name(" ".join(filter(None, (prefix, title, suffix))))


def _digest(guid: str) -> str:
    return hashlib.sha256(guid.encode("utf-8", "replace")).hexdigest()[:8]


def _refusal_reason(episode: Episode, work: Work) -> str | None:
    """Why an episode is not taken; None where it is."""
    if episode.audio is None:
        return "the feed has no recording of it"
    if not is_web(episode.audio) and not episode.audio.casefold().startswith("file://"):
        address = http_download.shown(episode.audio.removeprefix(_BLOCKED_PREFIX))[:80]
        return f"its recording is at {address}, which is no address on the web; it is not read"
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
    """The address of the best of an episode's transcripts."""
    ranked = [(_rank(mime_type), address) for address, mime_type in episode.transcripts if is_web(address)]
    return min(ranked, key=lambda item: item[0])[1] if ranked else None


def _rank(mime_type: str) -> int:
    return next(
        (rank for rank, word in enumerate(_TRANSCRIPT_PREFERENCE) if word in mime_type.casefold()),
        len(_TRANSCRIPT_PREFERENCE),
    )
