from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch.messages import Job, Plan
from pipeline.batch.sources.feed import plan_feed
from pipeline.batch.sources.manifest import plan_manifest, write_manifest
from pipeline.errors import FeedError
from tests.batch.sources.feeds import NUMBERED, feed, item, transcript
from tests.io.fake_internet import PUBLIC, connect_internet
from tests.listening.http_servers import Site, serving


def plan(*items: str, tmp_path: Path) -> Plan:
    """Return the plan of a feed in a file."""
    path = tmp_path / "feed.xml"
    path.write_bytes(feed(*items))
    return plan_feed(str(path))


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
                other_transcripts=tuple(f"https://example.org/7.{end}" for end in ("vtt", "json", "x-subrip")),
                allow_private=True,  # a file of this machine may lead to its network
            ),
            Job(
                "2026-01-12 Later",
                "https://example.org/7.mp3",
                title="Later",
                length=5_000_000,
                allow_private=True,
            ),
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


def test_the_same_episode_under_another_token_is_planned_once(tmp_path: Path) -> None:
    """A copy is not an error; it is a skipped row of a manifest, and the oldest one keeps its name."""
    made = plan(
        item("The well", "42", 6, url="https://example.org/1.mp3?token=b"),
        item("The well", "42", 5, url="https://example.org/1.mp3?token=a"),
        item("The mill", "42", 7, url="https://example.org/2.mp3"),
        tmp_path=tmp_path,
    )

    assert [(job.name, job.audio[-7:]) for job in made.jobs] == [
        ("2026-01-05 The well", "token=a"),
        ("2026-01-07 The mill", "g/2.mp3"),
    ]
    assert [(one.reason, one.skipped, one.file) for one in made.refusals] == [
        ("is the same episode as The well", True, "https://example.org/1.mp3?token=b")
    ]


def test_a_copy_with_a_recording_comes_before_one_without(tmp_path: Path) -> None:
    """An announcement that became an episode does not hide it."""
    made = plan("<title>Tea</title><guid>g</guid>", item("Tea", "g", 5), tmp_path=tmp_path)

    assert [job.title for job in made.jobs] == ["Tea"]
    assert [one.skipped for one in made.refusals] == [True]


def test_a_changing_token_does_not_change_a_name(tmp_path: Path) -> None:
    """A name is the same in the next run, also where it is made of the address."""
    file = '<enclosure url="https://example.org/{}.mp3?token={}" length="9" type="audio/mpeg"/>'
    names = [
        [
            job.name
            for job in plan(*(f"<title>T</title>{file.format(n, token)}" for n in (1, 2)), tmp_path=tmp_path).jobs
        ]
        for token in ("a", "b")
    ]

    assert names[0] == names[1]
    assert len(set(names[0])) == 2


def test_episodes_without_identifiers_on_one_page_have_names_of_their_own(tmp_path: Path) -> None:
    """Many feeds name the same page for all of them."""
    file = '<enclosure url="https://example.org/{}.mp3" length="9" type="audio/mpeg"/>'
    made = plan(*(f"<title>T</title><link>https://e.org</link>{file.format(n)}" for n in range(4)), tmp_path=tmp_path)

    assert len({job.name for job in made.jobs}) == 4


@pytest.mark.parametrize("media_type", ["AUDIO/MPEG", "audio/mpeg; x=y", "application/force-download", "image/png", ""])
def test_a_recording_with_an_odd_type_is_taken(tmp_path: Path, media_type: str) -> None:
    """The address's ending decides."""
    made = plan(item().replace('type="audio/mpeg"', f'type="{media_type}"'), tmp_path=tmp_path)

    assert [job.audio for job in made.jobs] == ["https://example.org/7.mp3"]


def test_a_placeholder_is_no_length(tmp_path: Path) -> None:
    """A length that no episode has, and one that several files have, is unknown; copies of one file may share it."""
    made = plan(
        *(item(f"T{n}", f"{n}", n, url=f"https://example.org/{n}.mp3") for n in (1, 2)),
        item("T3", "3", 3, url="https://example.org/3.mp3").replace("5000000", "1"),
        *(item(f"T{n}", f"{n}", n, url=f"https://example.org/4.mp3?{n}").replace("5000000", "7000000") for n in (4, 5)),
        tmp_path=tmp_path,
    )

    assert [job.length for job in made.jobs] == [None, None, None, 7_000_000, 7_000_000]


def test_the_first_bytes_of_files_on_the_web_decide() -> None:
    """A file without an ending is asked for, once and only its beginning; the reason says what is there."""
    files = {"/sound": b"ID3" + bytes(99_999), "/picture": b"\x89PNG\r\n" + bytes(99_999)}
    items = [
        item(name, name, url=f"/{name}").replace("audio/mpeg", "binary/octet-stream") for name in ("sound", "picture")
    ]
    with serving(web({**files, "/feed": feed(*items)})) as server:
        made = plan_feed(f"{server.url}/feed")
        plan_feed(f"{server.url}/feed")

    assert [job.title for job in made.jobs] == ["sound"]
    assert [one.reason for one in made.refusals] == [
        f"the feed has no recording of it: {server.url}/picture is something else (binary/octet-stream)"
    ]
    asked = sorted((path, asked_range) for _, path, asked_range in server.history if path != "/feed")
    assert asked == [("/picture", "bytes=0-4095"), ("/sound", "bytes=0-4095")]


def test_the_first_bytes_of_local_files_decide(tmp_path: Path) -> None:
    """The same holds for a feed on this machine."""
    (tmp_path / "sound").write_bytes(b"ID3")
    (tmp_path / "page").write_bytes(b"<html></html>")
    made = plan(
        *(item(name, name, url=name).replace("audio/mpeg", "x/y") for name in ("sound", "page")), tmp_path=tmp_path
    )

    assert [job.title for job in made.jobs] == ["sound"]


def test_transcripts_of_several_languages_are_tried_in_order(tmp_path: Path) -> None:
    """That of the episode's language is the transcript, and the others follow."""
    spoken = '<podcast:transcript url="https://example.org/7.{0}.vtt" type="text/vtt" language="{0}"/>'
    made = plan(
        item(more="<language>en</language>" + "".join(map(spoken.format, ("de", "en", "es")))), tmp_path=tmp_path
    )

    assert made.jobs[0].transcript == "https://example.org/7.en.vtt"
    assert made.jobs[0].other_transcripts == ("https://example.org/7.de.vtt", "https://example.org/7.es.vtt")


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


def test_a_public_feed_may_not_lead_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses that show it are refused in the plan; names that resolve inside have no permission."""
    hidden = item("Hidden", "h", url="http://inside.example.org/7.mp3")
    open_ = [
        item(f"T{n}", f"g{n}", url=f"http://{host}/7.mp3") for n, host in enumerate(("127.1", "2130706433", "[::1]"))
    ]
    said = transcript("text/vtt", "http://10.0.0.1/7.vtt")
    with serving(web({"/feed": feed(hidden, *open_, item("Good", "g", 9, more=said))})) as server:
        connect_internet(monkeypatch, {"example.org": [PUBLIC]}, {PUBLIC: server.url})
        made = plan_feed("http://example.org/feed")

    assert [(job.title, job.transcript, job.allow_private) for job in made.jobs] == [
        ("Hidden", None, False),
        ("Good", None, False),
    ]
    assert [one.reason.partition(", ")[2] for one in made.refusals] == [
        "on this machine or its network; a public feed may not lead there"
    ] * 3


def test_a_feed_inside_may_lead_inside() -> None:
    """Its jobs have permission, also for redirections inside."""
    with serving(web({"/feed": feed(item(url="/7.mp3"))})) as server:
        made = plan_feed(f"{server.url}/feed")

    assert [(job.audio, job.allow_private) for job in made.jobs] == [(f"{server.url}/7.mp3", True)]


def test_the_manifest_of_a_public_feed_gives_no_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a stranger named stays without permission when it is written down and read again."""
    with serving(web({"/feed": feed(item(url="http://inside.example.org/7.mp3"))})) as server:
        connect_internet(monkeypatch, {"example.org": [PUBLIC]}, {PUBLIC: server.url})
        made = plan_feed("http://example.org/feed")

    assert plan_manifest(write_manifest(made).encode(), "m.csv", "").jobs == made.jobs
    assert not made.jobs[0].allow_private


def test_an_unreachable_feed_is_an_error() -> None:
    """The error is the server's answer."""
    with serving(web({})) as server, pytest.raises(FeedError, match="answers 404 Not Found"):
        plan_feed(f"{server.url}/feed")


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
