"""Plan the episodes of a podcast's feed: read its pages, choose files, and name the episodes.

An episode's name is made of what does not change when the feed grows: its season and number, or its date, and its
title. So the ledger recognizes by name which episodes are new.

A feed is a stranger's: what is public may lead only to public addresses of the web, what is on this machine's network
also to addresses there, and a file on this machine also to other files (see ``checked_session``).
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache

from pipeline.batch.messages import Job, Plan, Refusal, Work
from pipeline.batch.sources.enclosures import choose_recording, undecided_files
from pipeline.batch.sources.feed_copies import address_without_key, find_copies
from pipeline.batch.sources.feed_pages import Origin, local_path, may_lead_to, read_pages
from pipeline.batch.sources.feed_parser import Enclosure, Episode
from pipeline.batch.sources.result_names import fold_result_name, safe_name
from pipeline.batch.sources.transcript_order import order_transcripts
from pipeline.batch.storage.downloads import plausible_length
from pipeline.batch.storage.remote_files import is_web
from pipeline.io import http_download
from pipeline.io.file_types import PROBE
from pipeline.io.http_download import SourceError
from pipeline.io.private_addresses import names_private_host

MAX_TRANSCRIPTS = 8
"""Transcripts of an episode that are tried, each with an alignment: four languages in two formats."""

MAX_HEADS = 100
"""Files whose first bytes are read for one plan, with a request for each; others are taken for recordings."""

_UNPORTABLE_CHARACTERS = re.compile(r'[\s]*[\\/:*?"<>|]+')  # not allowed in a name on some file systems
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PARALLEL_REQUESTS = 8


@dataclass(frozen=True, slots=True)
class _Found:
    """An episode, and from where the page with it was read."""

    episode: Episode
    origin: Origin

    @property
    def files(self) -> tuple[Enclosure, ...]:
        """The files that the feed may name."""
        return tuple(file for file in self.episode.enclosures if self.may_name(file.url))

    @property
    def transcripts(self) -> tuple[str, ...]:
        """The addresses of the transcripts that the feed may name, in the order in which to try them."""
        ordered = order_transcripts(self.episode.transcripts, self.episode.language)
        return tuple(item.url for item in ordered if is_web(item.url) and self.may_name(item.url))[:MAX_TRANSCRIPTS]

    def may_name(self, address: str) -> bool:
        """Whether the page may name an address, as far as its text shows."""
        return may_lead_to(address, self.origin) and (self.origin != "public" or not names_private_host(address))


def plan_feed(source: str, work: Work = "auto") -> Plan:
    """Plan all episodes of the feed at an address (``https``, ``http``) or in a file, the oldest first.

    All pages of a paged feed are read.

    Raises:
        FeedError: it cannot be read, or is not a feed.
    """
    pages, remarks = read_pages(source)
    found = dict.fromkeys(_Found(episode, page.origin) for page in pages for episode in page.content.episodes)
    jobs, refusals = _plan(sorted(found, key=lambda one: _publication_order(one.episode)), work)
    return Plan(tuple(jobs), tuple(refusals), remarks)


def _plan(found: Sequence[_Found], work: Work) -> tuple[list[Job], list[Refusal]]:
    heads = _read_heads(found)
    recordings = _without_placeholders([choose_recording(one.files, heads) for one in found])
    taken: dict[str, Job] = {}
    refusals: list[Refusal] = []
    for one, recording, original in zip(found, recordings, _copies(found, recordings), strict=True):
        name = _free_name(one.episode, taken)
        reason = _refusal_reason(one, recording, work)
        if original is not None:
            refusals.append(_refusal(one, name, f"is the same episode as {_title(original)}", skipped=True))
        elif reason or fold_result_name(name) in taken:
            refusals.append(_refusal(one, name, reason or "is in the feed twice; the first is taken"))
        elif recording:
            taken[fold_result_name(name)] = _job(one, recording, name, work)
    return list(taken.values()), refusals


def _without_placeholders(recordings: Sequence[Enclosure | None]) -> list[Enclosure | None]:
    """Return the recordings without lengths that are not true.

    Placeholders are lengths that no episode has, and a length that several files have: two recordings practically never
    have the same number of bytes.
    """
    files = {(address_without_key(file.url), file.length) for file in recordings if file}
    counts = Counter(length for _, length in files)
    return [
        file and replace(file, length=plausible_length(file.length) if counts[file.length] == 1 else None)
        for file in recordings
    ]


def _copies(found: Sequence[_Found], recordings: Sequence[Enclosure | None]) -> list[Episode | None]:
    """Return the episode of which each is a copy; one with a recording is never the copy of one without."""
    order = sorted(range(len(found)), key=lambda number: recordings[number] is None)
    copies = find_copies([found[number].episode for number in order])
    return [copy for _, copy in sorted(zip(order, copies, strict=True), key=lambda pair: pair[0])]


def _publication_order(episode: Episode) -> tuple[datetime, int, int, str]:
    """Return a sort key, the oldest first; ties by number, so that names do not depend on the feed's order."""
    return episode.published or _EPOCH, episode.season or 0, episode.number or 0, episode.guid


# --- names -------------------------------------------------------------------------------------------------------


def _free_name(episode: Episode, taken: Mapping[str, object]) -> str:
    """Return the episode's name, with a part of the identifier's hash if another episode has this name."""
    name, identity = _episode_name(episode), _identity(episode)
    address = address_without_key(episode.enclosures[0].url) if episode.enclosures else ""
    longer = (f"{name} {_digest(text)}" for text in (identity, f"{identity} {address}"))
    choices = (name, *map(safe_name, longer))
    return next((choice for choice in choices if fold_result_name(choice) not in taken), choices[-1])


def _episode_name(episode: Episode) -> str:
    if episode.number is not None:
        prefix = f"s{episode.season:02d}e{episode.number:02d}" if episode.season else f"e{episode.number:03d}"
    else:
        prefix = f"{episode.published:%Y-%m-%d}" if episode.published else ""
    title = _UNPORTABLE_CHARACTERS.sub("-", episode.title).strip(" .-")
    suffix = "" if prefix and title else _digest(_identity(episode))  # a title alone may occur again
    return safe_name(" ".join(filter(None, (prefix, title, suffix))))


def _identity(episode: Episode) -> str:
    """Return what identifies an episode: the publisher's identifier, its page, or the address of its first file."""
    files = (address_without_key(file.url) for file in episode.enclosures)
    return episode.guid or episode.link or next(files, "")


def _digest(identity: str) -> str:
    return hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()[:8]


def _title(episode: Episode) -> str:
    return episode.title or _episode_name(episode)


# --- jobs and refusals -------------------------------------------------------------------------------------------


def _job(one: _Found, recording: Enclosure, name: str, work: Work) -> Job:
    transcripts = () if work == "draft" else one.transcripts
    job = Job(
        name=name,
        audio=recording.url if is_web(recording.url) else str(local_path(recording.url)),
        transcript=transcripts[0] if transcripts else None,
        other_transcripts=transcripts[1:],
        work=work,
        title=one.episode.title or None,
        length=recording.length,
    )
    return replace(job, allow_private=one.origin != "public" and any(map(is_web, job.files)))


def _refusal(one: _Found, name: str, reason: str, *, skipped: bool = False) -> Refusal:
    file = next((file.url for file in one.episode.enclosures), None)
    if file and not is_web(file) and may_lead_to(file, one.origin):
        file = str(local_path(file))
    return Refusal(name, reason, file, skipped=skipped, is_episode=True)


def _refusal_reason(one: _Found, recording: Enclosure | None, work: Work) -> str | None:
    """Return the reason why an episode is refused; None if it is accepted."""
    if recording is None:
        return _missing_recording(one)
    if work in {"align", "finish"} and not one.transcripts:
        return f"the feed has no transcript of it, and there is nothing to {work}; --work draft drafts one"
    return None


def _missing_recording(one: _Found) -> str:
    if not one.episode.enclosures:
        return "the feed has no recording of it"
    file = next((file for file in one.episode.enclosures if not one.may_name(file.url)), one.episode.enclosures[0])
    address = http_download.shown(file.url)[:80]
    if not may_lead_to(file.url, one.origin):
        return f"its recording is at {address}, which is not a web address; it is not read"
    if not one.may_name(file.url):
        return f"its recording is at {address}, on this machine or its network; a public feed may not lead there"
    return f"the feed has no recording of it: {address} is something else ({file.media_type[:60]})"


# --- first bytes -------------------------------------------------------------------------------------------------


def _read_heads(found: Iterable[_Found]) -> dict[str, bytes]:
    """Return the first bytes of files of which neither type nor ending say whether they are recordings."""
    undecided = list(_undecided(found))[:MAX_HEADS]
    with ThreadPoolExecutor(_PARALLEL_REQUESTS) as pool:
        return dict(zip((url for url, _ in undecided), pool.map(lambda one: _read_head(*one), undecided), strict=True))


def _undecided(found: Iterable[_Found]) -> Iterator[tuple[str, Origin]]:
    for one in found:
        yield from ((file.url, one.origin) for file in undecided_files(one.files))


@lru_cache(maxsize=10_000)  # a feed is read again and again with --watch
def _read_head(address: str, origin: Origin) -> bytes:
    try:
        if is_web(address):
            return http_download.read_head(address, PROBE, allow_private=origin != "public")
        with local_path(address).open("rb") as file:
            return file.read(PROBE)
    except (SourceError, OSError, ValueError):
        return b""
