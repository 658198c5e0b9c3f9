"""Read the pages of a feed, from the web or from files, and follow it to where it has moved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from pipeline.batch.sources.feed_parser import FeedPage, parse_feed
from pipeline.batch.storage.remote_files import is_web
from pipeline.errors import FeedError
from pipeline.io import http_download
from pipeline.io.http_download import SourceError

MAX_FEED_BYTES = 50 << 20
"""Bytes. Feeds of thousands of episodes with full show notes have ten to twenty megabytes."""

_MAX_PAGES = 1_000
_MAX_MOVES = 5  # a feed moves once or twice in its life

Origin = Literal["file", "private", "public"]
"""From where a page was read: a file, an address of this machine or its network, or a public one."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a feed.

    Attributes:
        address: from where it was read, after all redirections.
        origin: says where the page may lead (see ``may_lead_to``).
    """

    content: FeedPage
    address: str
    origin: Origin


def read_pages(source: str) -> tuple[tuple[Page, ...], tuple[str, ...]]:
    """Read all pages of the feed that the user names; returns them with remarks for the user, one line each.

    Raises:
        FeedError: a page cannot be read, or is not a feed.
    """
    remarks: list[str] = []
    pages = [_follow_moves(_read_page(source, allow_private=True), remarks)]
    seen = {source, pages[0].address}
    while (following := pages[-1].content.next_page) and following not in seen and len(pages) < _MAX_PAGES:
        if not may_lead_to(following, pages[-1].origin):
            remarks.append(f"its next page is at {_display(following)}, to which it may not lead; it is not read")
            break
        seen.add(following)
        pages.append(_read_page(following, allow_private=pages[-1].origin != "public"))
    remarks += [
        f"{_display(page.address)} is not well-formed XML ({page.content.fault}); it is read as podcast players do"
        for page in pages
        if page.content.fault
    ]
    return tuple(pages), tuple(remarks)


def may_lead_to(address: str, origin: Origin) -> bool:
    """Whether what was read from ``origin`` may name an address: of the web, or in a file also of a file.

    Whether an address of the web is public is checked when it is connected to.
    """
    return is_web(address) or (origin == "file" and address.casefold().startswith("file://"))


def local_path(source: str) -> Path:
    """Return the path that a source names, also if it is written as ``file://``."""
    return Path(unquote(urlsplit(source).path)) if source.casefold().startswith("file://") else Path(source)


def _follow_moves(page: Page, remarks: list[str]) -> Page:
    """Return the page of the address to which a feed has moved; the page itself if that one cannot be read."""
    seen = {_comparable(page.address)}
    for _ in range(_MAX_MOVES):
        target = page.content.new_address
        if target is None or _comparable(target) in seen:
            break
        seen.add(_comparable(target))
        moved = f"the feed says that it has moved to {_display(target)} (itunes:new-feed-url)"
        if not may_lead_to(target, page.origin):
            remarks.append(f"{moved}, to which it may not lead; it is read where it is")
            break
        try:
            page = _read_page(target, allow_private=page.origin != "public")
        except FeedError as e:
            remarks.append(f"{moved}, which does not work; it is read where it is ({e.reason})")
            break
        remarks.append(f"{moved}, and is read there; give that address from now on")
    return page


def _comparable(address: str) -> str:
    """Return an address as two that are the same feed have it: without its scheme and a slash at its end."""
    return address.partition("://")[2].rstrip("/").casefold()


def _display(address: str) -> str:
    return http_download.shown(address)[:200]


def _read_page(source: str, *, allow_private: bool) -> Page:
    try:
        if is_web(source):
            received = http_download.read(source, MAX_FEED_BYTES, "a feed", allow_private=allow_private)
            origin: Origin = "private" if received.private else "public"
            return Page(parse_feed(received.content, received.url), received.url, origin)
        path = local_path(source)
        with path.open("rb") as file:
            content = file.read(MAX_FEED_BYTES + 1)
    except SourceError as e:
        raise FeedError(http_download.shown(source), str(e)) from e
    except (OSError, ValueError) as e:  # ValueError: an invalid name
        raise FeedError(source, f"cannot be read ({getattr(e, 'strerror', None) or e})") from e
    if len(content) > MAX_FEED_BYTES:
        raise FeedError(source, f"is too large for a feed (more than {MAX_FEED_BYTES >> 20} MB)")
    address = path.absolute().as_uri()
    return Page(parse_feed(content, address), address, "file")
