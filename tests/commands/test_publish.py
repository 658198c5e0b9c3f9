"""``cuemark publish``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import etree

from pipeline.cli import main
from pipeline.publish.platform_files import TAKEN
from pipeline.schema import NamedTurn
from pipeline.times import Span
from tests.docs.test_command_json import assert_described
from tests.fake_engines import FakeEngines
from tests.sample_episode import HEARD, SHOW, TO_THE_END, Command, contents

FEED = """\
<rss version="2.0"><channel><title>Garden</title>
  <item>
    <title>One</title>
    <enclosure url="https://x.org/other.mp3"/>
  </item>
  <item>
    <title>Two &#38; more</title>
    <enclosure url="https://x.org/show.mp3"/>
  </item>
</channel></rss>
"""
PODCAST = "{https://podcastindex.org/namespace/1.0}"


def test_all(workspace: Path, cuemark: Command) -> None:
    """Each platform has its folder with files that pass its check; a second run listens to nothing."""
    outcome = cuemark("publish show.mp3 show.md --to all -o out --base-url https://x.org/t", HEARD)

    assert outcome.status == 0
    assert {path.parent.name for path in (workspace / "out").rglob("*.*")} == {*TAKEN, "out"}
    assert outcome.out.splitlines() == [str(Path(line)) for line in outcome.out.splitlines() if Path(line).is_file()]
    for platform in TAKEN:
        for path in (workspace / "out" / platform).iterdir():
            if path.suffix in {".srt", ".vtt"}:
                assert cuemark(f"check {path.relative_to(workspace)} --for {platform} --strict").status == 0
    assert json.loads((workspace / "out/castopod/show.chapters.json").read_text())["version"]
    assert cuemark("publish show.mp3 show.md --to all -o out --base-url https://x.org/t").status == 0


def test_feed(workspace: Path, cuemark: Command) -> None:
    """A copy of the feed names the files at the right item; the feed stays, and a copy of the copy is the same."""
    (workspace / "feed.xml").write_text(FEED)
    line = "publish show.mp3 show.md --to podcasting,podlove --base-url https://x.org/t --feed"
    outcome = cuemark(f"{line} feed.xml", HEARD)
    made = (workspace / "feed.published.xml").read_bytes()
    first, second = etree.fromstring(made).findall("channel/item")

    assert outcome.status == 0
    assert (workspace / "feed.xml").read_text() == FEED
    assert len(first) == 2
    assert [one.get("url") for one in second.findall(f"{PODCAST}*")] == [
        "https://x.org/t/show.vtt",
        "https://x.org/t/show.srt",
        "https://x.org/t/show.podcast.json",
        "https://x.org/t/show.chapters.json",
    ]
    assert len(second.findall("{http://podlove.org/simple-chapters}chapters")) == 1
    assert all(xml.strip().encode() in made for xml in (workspace / "show.feed-lines.xml").read_text().splitlines())
    assert cuemark(f"{line} feed.published.xml").status == 0
    assert (workspace / "feed.published.published.xml").read_bytes() == made


@pytest.mark.parametrize(
    ("line", "status", "said"),
    [
        ("", 2, "name a platform: apple, "),
        ("--to hulu", 2, "nothing is written for 'hulu'"),
        ("--to apple --json --null", 2, "--json and --null both say what is printed"),
        ("--to apple --track Ann", 2, "--track Ann: write the name and the file"),
        ("--to podlove --feed feed.xml --base-url https://x.org", 2, "needs --base-url, and --to podcasting or apple"),
        ("--to apple --base-url x.org", 2, "base_url is no address"),
        ("--to apple --base-url https://x.org/\udcff", 2, "--base-url: base_url has a character that XML cannot have"),
        ("--to apple --base-url https://x.org/\x01", 2, "--base-url: base_url has a character that XML cannot have"),
        (
            "--to podlove --contributor Ann=\udcff",
            2,
            "--contributor: contributors has a character that XML cannot have",
        ),
        ("--to apple --contributor Ann", 2, "cuemark: --contributor: a contributor is a name and an identifier"),
        ("--to apple --base-url https://x.org --feed none.xml", 1, "cannot be read"),
        ("--to apple --base-url https://x.org --feed feed.xml --item 9", 1, "has no item whose guid or title is '9'"),
    ],
)
def test_refused(workspace: Path, cuemark: Command, line: str, status: int, said: str) -> None:
    """What cannot be done is refused before any listening, and nothing is written."""
    (workspace / "feed.xml").write_text(FEED)
    before = contents(workspace)
    outcome = cuemark(f"publish show.mp3 show.md {line}")

    assert (outcome.status, outcome.out, said in outcome.err) == (status, "", True), outcome.err
    assert contents(workspace) == before


def test_as_json(workspace: Path, cuemark: Command) -> None:
    """The document names each file with its platform, and what the files and the alignment leave open."""
    outcome = cuemark("publish show.mp3 show.md --to podcasting,netflix --base-url https://x.org/t --json", HEARD)
    document = json.loads(outcome.out)

    assert_described(outcome.out, "publish")
    assert outcome.status == 0
    assert [(one["platform"], one["path"]) for one in document["files"]] == [
        ("podcasting", "podcasting/show.srt"),
        ("podcasting", "podcasting/show.vtt"),
        ("podcasting", "podcasting/show.podcast.json"),
        ("podcasting", "podcasting/show.chapters.json"),
        ("netflix", "netflix/show.ttml"),
        (None, "show.feed-lines.xml"),
    ]
    assert document["findings"] == 1
    assert all((workspace / one["path"]).is_file() for one in document["files"])
    assert any("IMSC 1.1" in line for line in document["remarks"])


def test_strict(workspace: Path, cuemark: Command) -> None:
    """Ends with 1 where the alignment has findings or a file breaks a rule, and with 0 else; the files are written."""
    name = "Ann Lee of the Society for the Preservation of Old Apple Trees"
    (workspace / "whole.md").write_text(SHOW.replace("* Ann Lee", f"* {name}").replace("**Ann Lee**", f"**{name}**"))
    for line, heard, status in (
        ("show.md --to apple --strict", HEARD, 1),  # something is not typed
        ("show.md --to apple --strict --relisten", TO_THE_END, 0),
        ("whole.md --to buzzsprout", TO_THE_END, 0),
        ("whole.md --to buzzsprout --strict", TO_THE_END, 1),  # a long name needs a line of its own
    ):
        assert cuemark(f"publish show.mp3 {line}", heard).status == status, line
    assert (workspace / "buzzsprout/show.srt").is_file()


def test_tracks(workspace: Path) -> None:
    """The speakers' own recordings say who speaks, and no file replaces one of them."""
    for name in ("ann", "bob"):
        (workspace / f"{name}.wav").write_bytes(name.encode())
    turns = (NamedTurn(Span(0, 7_500), "Ann Lee"), NamedTurn(Span(7_500, 15_500), "Bob Ray"))
    fake = FakeEngines([TO_THE_END], turns=turns)
    tracks = ["--track", "Ann Lee=ann.wav", "--track", "Bob Ray=bob.wav"]
    status = main(["publish", "show.mp3", "show.md", "--to", "apple", *tracks], fake.engines)

    assert status == 0
    assert "follow Ann Lee, Bob Ray in show.mp3" in fake.history


def test_without_an_address(workspace: Path, cuemark: Command) -> None:
    """Without the address of the files there are no lines for a feed, and one line says so."""
    outcome = cuemark("publish show.mp3 show.md --to apple", HEARD)

    assert outcome.status == 0
    assert "no lines for the feed were written; give --base-url" in outcome.err
    assert not (workspace / "show.feed-lines.xml").exists()


def test_a_show_keeps_its_addresses(workspace: Path, cuemark: Command) -> None:
    """The show's own file has the address and the identifiers; the command line goes before it."""
    (workspace / "cuemark.toml").write_text('[publish]\nbase_url = "https://x.org/t"\ncontributors = "Ann Lee=ann"\n')
    assert cuemark("publish show.mp3 show.md --to apple,podlove", HEARD).status == 0
    assert 'url="https://x.org/t/show.vtt"' in (workspace / "show.feed-lines.xml").read_text()
    assert "<v ann>" in (workspace / "podlove/show.vtt").read_text()
    assert "<v Ann Lee>" in (workspace / "apple/show.vtt").read_text()
    assert cuemark("publish show.mp3 show.md --to apple --base-url https://y.org").status == 0
    assert 'url="https://y.org/show.vtt"' in (workspace / "show.feed-lines.xml").read_text()
