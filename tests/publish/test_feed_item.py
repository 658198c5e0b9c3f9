"""Lines are put into one item of a feed, and every other byte stays as it is."""

from __future__ import annotations

from io import BytesIO

import podcastparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from pipeline.publish.feed_item import FeedLine, find_item, read_items, with_lines

PODCAST = "https://podcastindex.org/namespace/1.0"
LINE = FeedLine(
    f'<podcast:transcript xmlns:podcast="{PODCAST}" url="https://x.org/a.vtt" type="text/vtt" />', "https://x.org/a.vtt"
)
PSC = FeedLine(
    '<psc:chapters xmlns:psc="http://podlove.org/simple-chapters" version="1.2">\n'
    '  <psc:chapter start="0" title="Grüße 中"/>\n</psc:chapters>',
    "psc",
)
FEED = """\
<?xml version="1.0" encoding="{encoding}"?>
<rss version="2.0" xmlns:p="{podcast}">
  <channel>
    <title>Show</title>
    <item>
      <title>The Slow Build</title>
      <guid>g1</guid>
      <enclosure url="https://cdn.x.org/1/07%20Slow.mp3?key=1" type="audio/mpeg" length="1"/>
      <description><![CDATA[</item> Grüße]]></description>
    </item>
    <!-- <item><guid>g3</guid></item> -->
    <item><title>Apple trees</title><guid>g2</guid><p:transcript url="https://x.org/a.vtt" type="text/vtt"/></item>
    <item/>
  </channel>
</rss>
"""


def feed(encoding: str = "utf-8", ending: str = "\n") -> bytes:
    """A feed with traps: an item in a comment, an end tag in a text, an empty item."""
    return FEED.format(encoding=encoding, podcast=PODCAST).replace("\n", ending).encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["LF", "CR LF"])
def test_only_the_lines_are_new(encoding: str, ending: str) -> None:
    """Another reader finds them in the right item; without them, the feed is what it was, byte for byte."""
    before = feed(encoding, ending)
    after = with_lines(before, find_item(read_items(before), "07 slow.mp3", (), None), (LINE, PSC))
    at = next(k for k, (a, b) in enumerate(zip(before, after, strict=False)) if a != b)
    added = len(after) - len(before)
    line_end = ending.encode()
    starts = [k for k in range(at - added, at + 1) if after[:k] + after[k + added :] == before]
    start = next(k for k in starts if after.startswith(line_end, k))
    items = etree.fromstring(after).findall("channel/item")

    assert after[start : start + added].decode("ascii").split(ending)[1] == f"      {LINE.xml}"
    assert [len(item.findall(f"{{{PODCAST}}}transcript")) for item in items] == [1, 1, 0]
    assert [one.get("title") for one in items[0].iterfind(".//{*}chapter")] == ["Grüße 中"]
    theirs = podcastparser.parse("https://x.org", BytesIO(after))["episodes"]
    assert [(one["title"], one.get("chapters")) for one in theirs] == [
        ("The Slow Build", [{"start": 0, "title": "Grüße 中"}]),
        ("Apple trees", None),
    ]


def test_a_second_run_changes_nothing() -> None:
    """What an item has already is not put into it again, whatever its prefix."""
    once = with_lines(feed(), find_item(read_items(feed()), "", (), "g1"), (LINE, PSC))

    assert with_lines(once, find_item(read_items(once), "", (), "g1"), (LINE, PSC)) == once
    assert with_lines(feed(), find_item(read_items(feed()), "", (), "g2"), (LINE,)) == feed()


def test_the_right_item() -> None:
    """An item is named by its guid or title, or found by the name of its audio, or by its title."""
    items = read_items(feed())

    assert [item.guid for item in items] == ["g1", "g2"]
    assert find_item(items, "", (), "Apple trees").guid == "g2"
    assert find_item(items, "other.mp3", ("Apple Trees",), None).guid == "g2"
    assert find_item(items, "07 Slow.MP3", ("Apple Trees",), None).guid == "g1"
    for audio, titles, asked in (("x.mp3", ("Something else",), None), ("x.mp3", (), "g9")):
        with pytest.raises(ValueError, match="has no item"):
            find_item(items, audio, titles, asked)
    with pytest.raises(ValueError, match="has 2 items"):
        find_item([*items, items[0]], "07 slow.mp3", (), None)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'<!DOCTYPE rss [<!ENTITY a "b">]><rss>&a;</rss>', "defines entities"),
        (b"<rss><channel>", "no well-formed XML"),
        (b"", "no well-formed XML"),
        (feed().decode().encode("utf-16"), "UTF-16"),
        (b"<a>" * 100, "nested too deeply"),
    ],
    ids=["entity", "cut off", "empty", "UTF-16", "deep"],
)
def test_bad_feeds(content: bytes, said: str) -> None:
    """A feed that cannot be read safely is a clause for the user."""
    with pytest.raises(ValueError, match=said):
        read_items(content)


@given(st.lists(st.tuples(st.text("ab \n\t", max_size=6), st.sampled_from(("", "\n    ", "\r\n\t", " "))), min_size=1))
def test_any_layout(parts: list[tuple[str, str]]) -> None:
    """In any layout the lines are at the end of their item, and nothing else is new."""
    body = "".join(f"<item><guid>g{k}</guid>{text}{space}</item>{space}" for k, (text, space) in enumerate(parts))
    before = f"<rss><channel>{body}</channel></rss>".encode()
    for item in read_items(before):
        after = with_lines(before, item, (LINE,))
        found = etree.fromstring(after).findall("channel/item")
        has = [one.findtext("guid") for one in found if one.find(f"{{{PODCAST}}}transcript") is not None]
        at = after.index(LINE.xml.encode())
        rest = after[:at].rstrip(b" \t\r\n"), after[at + len(LINE.xml) :].lstrip(b" \t\r\n")

        assert has == [item.guid]
        assert before.startswith(rest[0])
        assert before.endswith(rest[1])
        assert before[len(rest[0]) : len(before) - len(rest[1])].strip() == b""
