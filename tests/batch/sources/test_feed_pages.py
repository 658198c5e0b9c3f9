from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from pipeline.batch.sources import feed_pages
from pipeline.batch.sources.feed_pages import may_lead_to, read_pages
from pipeline.errors import FeedError
from tests.batch.sources.feeds import feed, item
from tests.io.fake_internet import PUBLIC, connect_internet
from tests.listening.http_servers import Site, serving


def moved(to: str) -> str:
    """Return the element with which a feed says that it has moved."""
    return f"<itunes:new-feed-url>{to}</itunes:new-feed-url>"


def web(files: Mapping[str, bytes]) -> Site:
    """Return a server of feeds."""
    return Site(files, content_type="text/xml")


def titles(source: str) -> tuple[list[str], tuple[str, ...]]:
    """Return the titles of a feed's episodes, and the remarks."""
    pages, remarks = read_pages(source)
    return [episode.title for page in pages for episode in page.content.episodes], remarks


def test_a_feed_that_has_moved_is_read_where_it_is_now() -> None:
    """The user sees the address to give from now on; several moves are followed."""
    pages = {"/1": feed(item("Old"), head=moved("/2")), "/2": feed(head=moved("/3")), "/3": feed(item("New"))}
    with serving(web(pages)) as server:
        found, remarks = titles(f"{server.url}/1")

    assert found == ["New"]
    assert remarks[-1] == (
        f"the feed says that it has moved to {server.url}/3 (itunes:new-feed-url), and is read there; "
        "give that address from now on"
    )


def test_a_feed_that_names_itself_has_not_moved() -> None:
    """Most feeds name their own address, and two may name each other."""
    with serving(web({})) as server:
        server.files = {
            "/1": feed(item("One"), head=moved(server.url.replace("http:", "https:") + "/1/")),
            "/2": feed(item("Two"), head=moved("/3")),
            "/3": feed(item("Three"), head=moved("/2")),
        }
        assert titles(f"{server.url}/1") == (["One"], ())
        assert titles(f"{server.url}/2")[0] == ["Three"]


def test_a_move_to_nothing_is_told() -> None:
    """The feed is read where it is."""
    with serving(web({"/1": feed(item("Old"), head=moved("/2"))})) as server:
        found, remarks = titles(f"{server.url}/1")

    assert found == ["Old"]
    assert remarks[0].endswith(
        "which does not work; it is read where it is (127.0.0.1:"
        + server.url.rpartition(":")[2]
        + " answers 404 Not Found)"
    )


def test_a_file_may_have_moved_to_a_file(tmp_path: Path) -> None:
    """The address may be relative."""
    (tmp_path / "old.rss").write_bytes(feed(item("Old"), head=moved("new.rss")))
    (tmp_path / "new.rss").write_bytes(feed(item("New")))

    assert titles(str(tmp_path / "old.rss"))[0] == ["New"]


def test_a_web_feed_cannot_move_to_a_file(tmp_path: Path) -> None:
    """Nor can its next page be one; both are reported."""
    (tmp_path / "x.rss").write_bytes(feed(item("Secret")))
    here = (tmp_path / "x.rss").as_uri()
    content = feed(item("Own"), head=moved(here) + f'<atom:link rel="next" href="{here}"/>')
    with serving(web({"/feed": content})) as server:
        found, remarks = titles(f"{server.url}/feed")

    assert found == ["Own"]
    assert [remark.partition("to which ")[2] for remark in remarks] == [
        "it may not lead; it is read where it is",
        "it may not lead; it is not read",
    ]


@pytest.mark.parametrize("head", [moved("{}"), '<atom:link rel="next" href="{}"/>'])
def test_a_public_feed_leads_to_no_page_inside(monkeypatch: pytest.MonkeyPatch, head: str) -> None:
    """Neither by its next page nor by the address to which it has moved, whatever its name is."""
    with serving(web({"/secret": feed(item("Secret"))})) as inside:
        target = f"http://inside.example.org:{inside.url.rpartition(':')[2]}/secret"
        with serving(web({"/feed": feed(item("Own"), head=head.format(target))})) as server:
            connect_internet(
                monkeypatch, {"example.org": [PUBLIC], "inside.example.org": ["127.0.0.1"]}, {PUBLIC: server.url}
            )
            try:
                found, remarks = titles("http://example.org/feed")
            except FeedError as e:
                found, remarks = ["Own"], (str(e),)

    assert found == ["Own"]
    assert "inside.example.org (127.0.0.1) is an address of this machine or its network" in remarks[0]
    assert inside.history == []


def test_a_page_inside_may_lead_to_a_page_inside() -> None:
    """A feed on the own network has pages there."""
    pages = {"/1": feed(item("B", "b"), head='<atom:link rel="next" href="/2"/>'), "/2": feed(item("A", "a"))}
    with serving(web(pages)) as server:
        assert titles(f"{server.url}/1") == (["B", "A"], ())


def test_a_mended_feed_is_told(tmp_path: Path) -> None:
    """Once for each page, with its fault."""
    (tmp_path / "a.rss").write_bytes(feed(item("R&D")))
    found, remarks = titles(str(tmp_path / "a.rss"))

    assert found == ["R&D"]
    assert len(remarks) == 1
    assert "is not well-formed XML (not well-formed (invalid token) in line 1)" in remarks[0]


def test_a_feed_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither from a file nor from the web."""
    monkeypatch.setattr(feed_pages, "MAX_FEED_BYTES", 1_000)
    (tmp_path / "a.rss").write_bytes(feed(item(), item("B" * 1_000)))

    with pytest.raises(FeedError, match="is too large for a feed"):
        read_pages(str(tmp_path / "a.rss"))
    with serving(web({"/a": feed(item("B" * 1_000))})) as server, pytest.raises(FeedError, match="for a feed"):
        read_pages(f"{server.url}/a")


def test_where_a_page_may_lead() -> None:
    """To the web from everywhere, to files only from a file."""
    assert [may_lead_to("HTTPS://e.org/x", origin) for origin in ("file", "private", "public")] == [True] * 3
    assert [may_lead_to("file:///x", origin) for origin in ("file", "private", "public")] == [True, False, False]
    assert not any(may_lead_to(address, "file") for address in ("ftp://e.org/x", "s3://e/x", "/etc/passwd"))
