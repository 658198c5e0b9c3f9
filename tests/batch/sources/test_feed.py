from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch.messages import Job, Plan
from pipeline.batch.sources.feed import Episode, _is_private, parse_feed, plan_feed
from pipeline.errors import FeedError
from tests.listening.http_servers import Site, serving

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


def plan(*items: str, tmp_path: Path) -> Plan:
    """Return the plan of a feed in a file."""
    path = tmp_path / "feed.xml"
    path.write_bytes(feed(*items))
    return plan_feed(str(path))


def refusal(content: bytes) -> str:
    """Return the error message of a feed."""
    with pytest.raises(FeedError) as caught:
        parse_feed(content, BASE)
    return str(caught.value)


# --- what a feed says --------------------------------------------------------------------------------------------


def test_an_episode_is_read_with_all_its_transcripts() -> None:
    """Every ``podcast:transcript`` is read, in both namespaces."""
    kinds = ("text/vtt", "application/x-subrip", "application/json", "text/html")
    old = SPACES.replace(
        "https://podcastindex.org/namespace/1.0",
        "https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md",
    )
    content = item(more=NUMBERED + "".join(map(transcript, kinds)))
    expected = Episode(
        guid="https://example.org/g",
        title="Tea",
        published=datetime(2026, 1, 5, 10, tzinfo=UTC),
        season=2,
        number=7,
        audio="https://example.org/7.mp3",
        length=5_000_000,
        transcripts=tuple((address_of(kind), kind) for kind in kinds),
    )

    assert parse_feed(feed(content), BASE) == ((expected,), None)
    assert parse_feed(feed(content, spaces=old), BASE) == ((expected,), None)


def test_a_transcript_element_of_another_namespace_is_ignored() -> None:
    """An element with the same local name in another namespace is not a transcript."""
    other = SPACES.replace("https://podcastindex.org/namespace/1.0", "https://example.org/other")
    (episode,), _ = parse_feed(feed(item(more=transcript("text/vtt")), spaces=other), BASE)

    assert episode.transcripts == ()


@pytest.mark.parametrize("length", ["0", "-5", "", "many"])
def test_an_invalid_length_is_unknown(length: str) -> None:
    """A placeholder or invalid length is None."""
    (episode,), _ = parse_feed(feed(item().replace("5000000", length)), BASE)

    assert episode.length is None


def test_an_atom_feed_is_read() -> None:
    """An Atom feed has the same episodes as RSS."""
    entry = '<entry><id>a</id><title>Tea</title><link rel="enclosure" href="https://example.org/7.mp3" type="audio/mpeg" length="9"/></entry>'  # noqa: E501 -- XML
    (episode,), _ = parse_feed(f'<feed xmlns="http://www.w3.org/2005/Atom">{entry}</feed>'.encode(), BASE)

    assert (episode.title, episode.audio, episode.length) == ("Tea", "https://example.org/7.mp3", 9)


# --- jobs --------------------------------------------------------------------------------------------------------


def test_episodes_become_jobs_the_oldest_first(tmp_path: Path) -> None:
    """Names are season and number or the date, with the title, and the transcript is the preferred format."""
    kinds = ("application/x-subrip", "text/vtt", "text/html", "application/json")
    made = plan(
        item("Later", "b", 12),
        item("Tea/Time", "a", 5, more=NUMBERED + "".join(map(transcript, kinds))),
        tmp_path=tmp_path,
    )

    assert made == Plan(
        (
            Job(
                "s02e07 Tea-Time",
                "https://example.org/7.mp3",
                "https://example.org/7.html",
                title="Tea/Time",
                length=5_000_000,
            ),
            Job("2026-01-12 Later", "https://example.org/7.mp3", title="Later", length=5_000_000),
        )
    )


@given(
    st.lists(
        st.tuples(st.sampled_from(["Tea", "tea", "../x", "a\tb", "😀" * 90, ""]), st.integers(1, 28)),
        min_size=1,
        max_size=8,
    ),
    st.integers(0, 7),
)
def test_names_stay_when_the_feed_grows(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, int]], cut: int
) -> None:
    """The same episodes have the same, unique names, whatever is published later."""
    ordered = sorted(said, key=lambda one: one[1])
    days = [(title, number + 1) for number, (title, _) in enumerate(ordered)]
    items = [item(title, f"g{number}", day) for number, (title, day) in enumerate(days)]
    folder = tmp_path_factory.mktemp("feed")
    before = [job.name for job in plan(*reversed(items[:cut]), tmp_path=folder).jobs]
    after = [job.name for job in plan(*reversed(items), tmp_path=folder).jobs]

    assert after[: len(before)] == before
    assert len({name.casefold() for name in after}) == len(items)
    assert not any(".." in name.split("/") or name.startswith("/") for name in after)


def test_a_second_episode_of_the_same_name_gets_a_hash(tmp_path: Path) -> None:
    """Part of the identifier's hash is appended to the later episode's name."""
    made = plan(item("Tea", "a"), item("tea", "b", url="https://example.org/8.mp3"), tmp_path=tmp_path)

    first, second = (job.name for job in made.jobs)
    assert first == "2026-01-05 Tea"
    assert second.startswith("2026-01-05 tea ")


def test_a_repeated_episode_is_planned_once(tmp_path: Path) -> None:
    """Episodes that overlapping pages repeat are planned once."""
    assert len(plan(item(), item(), tmp_path=tmp_path).jobs) == 1


def test_an_episode_without_a_recording_is_refused_alone(tmp_path: Path) -> None:
    """The other episodes are planned."""
    made = plan("<title>News</title><guid>n</guid>", item(), tmp_path=tmp_path)

    assert [(one.name[:5], one.reason) for one in made.refusals] == [("News ", "the feed has no recording of it")]
    assert [job.name for job in made.jobs] == ["2026-01-05 Tea"]


@pytest.mark.parametrize("work", ["align", "finish"])
def test_work_that_needs_a_transcript_is_refused_without_one(tmp_path: Path, work: str) -> None:
    """The reason says what to do instead."""
    (tmp_path / "feed.xml").write_bytes(feed(item()))
    made = plan_feed(str(tmp_path / "feed.xml"), work)  # type: ignore[arg-type]

    assert made.jobs == ()
    assert made.refusals[0].reason.startswith(f"the feed has no transcript of it, and there is nothing to {work}")


# --- the web -----------------------------------------------------------------------------------------------------


def web(files: Mapping[str, bytes], **behaviour: object) -> Site:
    """Return a server of feeds."""
    return Site(files, content_type="text/xml", **behaviour)  # type: ignore[arg-type]


def test_relative_addresses_start_from_the_redirected_feed() -> None:
    """Relative addresses are resolved against the feed's address after redirections."""
    with serving(web({"/show/feed": feed(item(url="7.mp3"))}, redirects={"/feed": "/show/feed"})) as server:
        made = plan_feed(f"{server.url}/feed")

    assert [job.audio for job in made.jobs] == [f"{server.url}/show/7.mp3"]


def test_all_pages_of_a_feed_are_read() -> None:
    """Each page is read once, also if the pages form a cycle."""
    following = '<atom:link rel="next" href="/2"/>'
    pages = {"/1": feed(item("B", "b", 6), head=following), "/2": feed(item("A", "a", 5), head=following)}
    with serving(web(pages)) as server:
        made = plan_feed(f"{server.url}/1")

    assert [job.name for job in made.jobs] == ["2026-01-05 A", "2026-01-06 B"]
    assert len(server.history) == 2


def test_a_web_feed_cannot_refer_to_local_files(tmp_path: Path) -> None:
    """A recording, a transcript and a next page in a file of this machine are not read."""
    (tmp_path / "secret.mp3").write_bytes(b"sound")
    (tmp_path / "next.xml").write_bytes(feed(item("Secret", "s")))
    here = tmp_path.as_uri()
    head = f'<atom:link rel="next" href="{here}/next.xml"/>'
    bad = item("Bad", "b", url=f"{here}/secret.mp3")
    good = item("Good", "g", more=transcript("text/vtt", f"{here}/secret.mp3"))
    with serving(web({"/feed": feed(bad, good, head=head)})) as server:
        made = plan_feed(f"{server.url}/feed")

    assert [(job.name, job.transcript) for job in made.jobs] == [("2026-01-05 Good", None)]
    assert [(refused.name, "not a web address" in refused.reason) for refused in made.refusals] == [
        ("2026-01-05 Bad", True)
    ]


def test_a_local_feed_may_refer_to_local_files(tmp_path: Path) -> None:
    """A recording in the folder of a local feed is accepted."""
    made = plan(item(url="seven%20up.mp3"), tmp_path=tmp_path)

    assert [job.audio for job in made.jobs] == [str(tmp_path / "seven up.mp3")]


def test_an_unreachable_feed_is_an_error() -> None:
    """The error is the server's answer."""
    with serving(web({})) as server, pytest.raises(FeedError, match="answers 404 Not Found"):
        plan_feed(f"{server.url}/feed")


# --- untrusted XML -----------------------------------------------------------------------------------------------


def test_entity_expansion_is_rejected() -> None:
    """Entities are rejected before any of them is expanded ("billion laughs")."""
    bomb = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
        '<!ENTITY {} "{}">'.format(chr(98 + n), f"&{chr(97 + n)};" * 10) for n in range(9)
    )
    content = f"{bomb}]><rss><channel><title>&j;</title></channel></rss>".encode()

    assert "defines entities" in refusal(content)
    assert "defines entities" in refusal(content.decode().encode("utf-16"))


def test_an_external_entity_is_rejected(tmp_path: Path) -> None:
    """An entity that refers to a file is rejected."""
    (tmp_path / "secret").write_text("secret")
    bomb = f'<!DOCTYPE x [<!ENTITY a SYSTEM "{(tmp_path / "secret").as_uri()}">]>'

    assert "defines entities" in refusal(f"{bomb}<rss><channel><title>&a;</title></channel></rss>".encode())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"<html></html>",
        b"<rss><channel>",
        b'<?xml version="1.0" encoding="klingon"?><rss/>',
        b"\xff\xfe",
    ],
)
def test_another_document_is_an_error(content: bytes) -> None:
    """The error says that it is not a feed."""
    assert "is not a podcast's feed (RSS)" in refusal(content)


def test_the_error_of_a_broken_feed_has_the_line() -> None:
    """The error has the line number, because the publisher has to fix it."""
    assert refusal(b"<rss>\n<channel>\n<title>Tea & Time</title>").endswith("in line 3")


def test_a_deeply_nested_feed_is_rejected() -> None:
    """Parsing stops at a fixed depth, because the parser's time is quadratic in the depth."""
    assert "nested too deeply" in refusal(b"<rss>" + b"<a>" * 200_000)


@pytest.mark.parametrize(
    "odd",
    [
        '<enclosure url="http://[::1/7.mp3" type="audio/mpeg"/>',
        '<podcast:transcript url="http://[::1/7.vtt" type="text/vtt"/>',
        "<link>http://[::1/</link>",
        "<pubDate>Mon, 99 Foo 99999 10:00:00</pubDate>",
        "<itunes:episode>" + "9" * 5_000 + "</itunes:episode>",
        "<itunes:season>two</itunes:season>",
        "<description>" + "&lt;a " * 100_000 + "</description>",
    ],
)
def test_an_invalid_element_is_ignored(odd: str) -> None:
    """An invalid element is ignored, and all episodes are read."""
    episodes, _ = parse_feed(feed(f"{odd}{item()}", item("Next", "n")), BASE)

    assert [episode.title for episode in episodes] == ["Tea", "Next"]
    assert all(episode.audio == "https://example.org/7.mp3" for episode in episodes)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30), st.binary(max_size=60))
def test_any_content_is_read_or_a_feed_error(text: str, junk: bytes) -> None:
    """Whatever the content is, episodes are read or a ``FeedError`` is raised, and nothing else."""
    safe = text.replace("&", "&amp;").replace("<", "&lt;")
    whole = feed(item(safe, safe, url=safe.replace('"', "")))
    for content in (whole, whole[: len(whole) // 2] + junk + whole[len(whole) // 2 :], junk):
        with suppress(FeedError):
            assert all(isinstance(episode, Episode) for episode in parse_feed(content, BASE)[0])


def test_a_web_page_of_a_local_feed_cannot_refer_to_private_files(tmp_path: Path) -> None:
    """A page on the web cannot refer to files of this machine, also if the first page is a local file."""
    secret = tmp_path / "secret.mp3"
    secret.write_bytes(b"private")
    item = '<item><title>{}</title><guid>{}</guid><enclosure url="{}" type="audio/mpeg" length="9"/></item>'
    rows = [("own", f"file://{secret}"), ("web", "https://example.org/1.mp3")]
    page = f"<rss><channel>{''.join(item.format(name, name, url) for name, url in rows)}</channel></rss>"
    with serving(Site({"/2": page.encode()}, content_type="application/rss+xml")) as server:
        first = tmp_path / "feed.xml"
        link = f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="next" href="{server.url}/2"/>'
        first.write_text(f"<rss><channel>{link}{item.format('here', 'here', f'file://{secret}')}</channel></rss>")
        made = plan_feed(str(first))

    assert [job.title for job in made.jobs] == ["here", "web"]
    assert [one.name[:3] for one in made.refusals] == ["own"]
    assert "which is not a web address" in made.refusals[0].reason


@pytest.mark.parametrize("inside", ["http://127.0.0.1/x", "http://localhost/x", "http://[::1]/x", "http://10.0.0.1/x"])
def test_private_addresses_are_recognized(inside: str) -> None:
    """Addresses of this machine and its network are private, and others are not."""
    assert _is_private(inside)
    assert not _is_private("https://example.org/x")
