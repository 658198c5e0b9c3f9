"""Feeds on the command line: what people really publish, and what a stranger may not reach."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.batch.sources.feeds import feed, item
from tests.io.fake_internet import PUBLIC, connect_internet
from tests.listening.http_servers import Site, serving
from tests.sample_episode import Command

ITEM = (
    "<item><title>{}</title><guid>x1</guid><pubDate>Mon, 05 Jan 2026 06:00:00 GMT</pubDate>"
    '<description>{}</description><enclosure url="short.mp3" length="1" type="audio/mpeg"/></item>'
)
FEED = '<?xml version="1.0" encoding="{}"?>\n<rss version="2.0"><channel><title>Attic Radio</title>{}</channel></rss>'


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a manifest."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def names(cuemark: Command, content: bytes, folder: Path) -> tuple[list[str], str]:
    """Return the names of the episodes that are found in a feed, and what is printed about it."""
    (folder / "f.rss").write_bytes(content)
    outcome = cuemark("batch f.rss --write-manifest m.csv")
    assert outcome.status == 0, outcome.err
    return [row["name"] for row in rows(folder / "m.csv") if row["work"] != "skip"], outcome.err


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (f"\n{FEED.format('UTF-8', ITEM.format('Kettles', 'tea'))}".encode(), "2026-01-05 Kettles"),
        (
            FEED.format("UTF-8", ITEM.format("Kettles &nbsp;and kernels", "caf&eacute;")).encode(),
            "2026-01-05 Kettles and kernels",
        ),
        (FEED.format("UTF-8", ITEM.format("Kettles", "a\x0bb \x1f")).encode(), "2026-01-05 Kettles"),
        (FEED.format("UTF-8", ITEM.format("R&D", "Q & A")).encode(), "2026-01-05 R&D"),
        (FEED.format("UTF-8", ITEM.format("Grüße", "Ääh")).encode("cp1252"), "2026-01-05 Grüße"),
    ],
)
def test_a_feed_that_players_accept_is_read_and_told(
    cuemark: Command, workspace: Path, content: bytes, name: str
) -> None:
    """A blank before the declaration, HTML's entities, control characters, a bare ``&`` and a wrong encoding."""
    found, err = names(cuemark, content, workspace)

    assert found == [name]
    assert "is not well-formed XML" in err


def test_a_feed_in_latin_1_is_read(cuemark: Command, workspace: Path) -> None:
    """Nothing is wrong with it."""
    content = FEED.format("ISO-8859-1", ITEM.format("Grüße aus Köln", "Ääh")).encode("latin-1")

    assert names(cuemark, content, workspace) == (["2026-01-05 Grüße aus Köln"], "")


def test_a_copy_under_another_token_is_skipped(cuemark: Command, workspace: Path) -> None:
    """Two episodes that share an identifier by mistake are two; the copies of one are named in its own columns."""
    items = [
        item("The well", "42", 5, "https://e.org/a1.mp3"),
        item("The mill", "42", 6, "https://e.org/a2.mp3"),
        item("The well", "42", 5, "https://e.org/a1.mp3?token=zz"),
        item("The well", "42", 5, "https://e.org/a9.mp3"),
    ]
    found, _ = names(cuemark, feed(*items), workspace)
    skipped = [row for row in rows(workspace / "m.csv") if row["work"] == "skip"]

    assert found == ["2026-01-05 The well", "2026-01-06 The mill"]
    assert {(row["audio"], row["transcript"], row["note"]) for row in skipped} == {
        ("https://e.org/a1.mp3?token=zz", "", "is the same episode as The well"),
        ("https://e.org/a9.mp3", "", "is the same episode as The well"),
    }


def test_episodes_without_identifiers_are_all_taken(cuemark: Command, workspace: Path) -> None:
    """Each has a name of its own, with or without a title."""
    file = '<enclosure url="a{}.mp3" length="1" type="audio/mpeg"/>'
    items = [
        f"<title>Tale</title><pubDate>Mon, 05 Jan 2026 0{n}:00:00 GMT</pubDate>{file.format(n)}" for n in (6, 7, 8)
    ]
    found, _ = names(cuemark, feed(*items, *(f"<title/>{file.format(n)}" for n in (4, 5))), workspace)

    assert len(set(found)) == 5


def test_a_feed_that_has_moved_is_told(cuemark: Command, workspace: Path) -> None:
    """The line says where it is read."""
    with serving(Site({"/new": feed(item("New"))}, content_type="text/xml")) as server:
        moved = feed(item("Old"), head=f"<itunes:new-feed-url>{server.url}/new</itunes:new-feed-url>")
        found, err = names(cuemark, moved, workspace)

    assert found == ["2026-01-05 New"]
    assert f"it has moved to {server.url}/new (itunes:new-feed-url), and is read there" in err


def test_a_stranger_leads_nowhere_inside(cuemark: Command, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a redirection of the feed's own address nor an episode's address reaches this machine's network."""
    with serving(Site({"/secret": feed(item("Secret"))})) as inside:
        hidden = item("Hidden", url=f"http://inside.example.org:{inside.url.rpartition(':')[2]}/secret")
        pages = {"/feed": feed(hidden)}
        with serving(Site(pages, redirects={"/moved": f"{inside.url}/secret"}, content_type="text/xml")) as outside:
            connect_internet(
                monkeypatch, {"example.org": [PUBLIC], "inside.example.org": ["127.0.0.1"]}, {PUBLIC: outside.url}
            )
            moved = cuemark("batch http://example.org/moved -o out")
            written = cuemark("batch http://example.org/feed --write-manifest m.csv")

    assert moved.status == 1
    assert "127.0.0.1 is an address of this machine or its network" in moved.err
    assert written.status == 0
    assert [row["private"] for row in rows(workspace / "m.csv")] == ["no"]
    assert inside.history == []
