from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch.sources.feed_parser import Enclosure, Episode, FeedPage, PublishedTranscript, parse_feed
from pipeline.errors import FeedError
from tests.batch.sources.feeds import BASE, NUMBERED, SPACES, address_of, feed, item, transcript


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
        enclosures=(Enclosure("https://example.org/7.mp3", "audio/mpeg", 5_000_000),),
        transcripts=tuple(PublishedTranscript(address_of(kind), kind) for kind in kinds),
    )

    assert parse_feed(feed(content), BASE) == FeedPage((expected,))
    assert parse_feed(feed(content, spaces=old), BASE) == FeedPage((expected,))


def test_a_transcript_element_of_another_namespace_is_ignored() -> None:
    """An element with the same local name in another namespace is not a transcript."""
    other = SPACES.replace("https://podcastindex.org/namespace/1.0", "https://example.org/other")
    (episode,) = parse_feed(feed(item(more=transcript("text/vtt")), spaces=other), BASE).episodes

    assert episode.transcripts == ()


@pytest.mark.parametrize("length", ["0", "-5", "", "many"])
def test_an_invalid_length_is_unknown(length: str) -> None:
    """A placeholder or invalid length is None."""
    (episode,) = parse_feed(feed(item().replace("5000000", length)), BASE).episodes

    assert episode.enclosures[0].length is None


def test_an_atom_feed_is_read() -> None:
    """An Atom feed has the same episodes as RSS."""
    entry = '<entry><id>a</id><title>Tea</title><link rel="enclosure" href="https://example.org/7.mp3" type="audio/mpeg" length="9"/></entry>'  # noqa: E501 -- XML
    (episode,) = parse_feed(f'<feed xmlns="http://www.w3.org/2005/Atom">{entry}</feed>'.encode(), BASE).episodes

    assert episode == Episode("a", "Tea", enclosures=(Enclosure("https://example.org/7.mp3", "audio/mpeg", 9),))


def test_languages_are_read() -> None:
    """A transcript has its own language; an episode its own, or else the feed's, in the forms that feeds have."""
    own = ("<language>fr</language>", "<dc:language>fr-CA</dc:language>", "")
    spoken = '<podcast:transcript url="https://example.org/7.vtt" type="text/vtt" language="es"/>'
    items = [item(f"{number}", more=more + spoken) for number, more in enumerate(own)]
    episodes = parse_feed(feed(*items, head="<language>en-GB</language>"), BASE).episodes

    assert [episode.language for episode in episodes] == ["fr", "fr-CA", "en-GB"]
    assert {found.language for episode in episodes for found in episode.transcripts} == {"es"}

    marked = feed(item()).replace(b"<channel>", b'<channel xml:lang="de">').replace(b"<item>", b'<item xml:lang="da">')
    assert [episode.language for episode in parse_feed(marked, BASE).episodes] == ["da"]
    assert [episode.language for episode in parse_feed(marked.replace(b' xml:lang="da"', b""), BASE).episodes] == ["de"]


def test_xml_base_holds_inside_its_element() -> None:
    """Relative addresses start from the ``xml:base`` of the elements around them, which is itself relative."""
    ordinary = item("A", "a", url="7.mp3", more='<podcast:transcript url="7.vtt" type="text/vtt"/>')
    nested = item("B", "b", url="8.mp3").replace("<enclosure", '<enclosure xml:base="deep/"')
    content = feed(ordinary, nested, head='<atom:link rel="next" href="2"/>')
    content = content.replace(b"<channel>", b'<channel xml:base="/media/">').replace(
        b"<rss", b'<rss xml:base="//cdn.org"'
    )
    page = parse_feed(content, BASE)

    assert [file.url for episode in page.episodes for file in episode.enclosures] == [
        "https://cdn.org/media/7.mp3",
        "https://cdn.org/media/deep/8.mp3",
    ]
    assert page.episodes[0].transcripts[0].url == "https://cdn.org/media/7.vtt"
    assert page.next_page == "https://cdn.org/media/2"


def test_an_invalid_xml_base_is_ignored() -> None:
    """The addresses then start from the base outside."""
    content = feed(item(url="7.mp3")).replace(b"<channel>", b'<channel xml:base="http://[::1/">')

    assert parse_feed(content, BASE).episodes[0].enclosures[0].url == "https://example.org/7.mp3"


def test_no_episode_is_dropped() -> None:
    """An episode without title and identifier is read; an empty identifier is none."""
    file = '<enclosure url="https://example.org/{}.mp3?a/b.c" length="9" type="audio/mpeg"/>'
    page = parse_feed(
        feed(file.format(1), f"<guid/>{file.format(2)}{file.format(3)}", "<description>x</description>"), BASE
    )

    assert [(episode.guid, episode.title) for episode in page.episodes] == [("", "1"), ("", "2"), ("", "")]
    assert [len(episode.enclosures) for episode in page.episodes] == [1, 2, 0]


def test_the_address_to_which_a_feed_has_moved_is_read() -> None:
    """It may be relative."""
    page = parse_feed(feed(item(), head="<itunes:new-feed-url> /new.xml </itunes:new-feed-url>"), BASE)

    assert page.new_address == "https://example.org/new.xml"


# --- slightly wrong XML ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("R&D", "R&D"),
        ("R &amp; D", "R & D"),
        ("caf&eacute;&nbsp;talk", "café talk"),
        ("a\x0bb\x1f", "a b"),
        ("&#x8;a&#0;&#x110000;", "a"),
        ("&unknown; &", "&unknown; &"),
        ("AT&T; <![CDATA[R&D &nbsp;]]>", "AT&T; R&D &nbsp;"),
        ("a <!-- & --> b & c", "a b & c"),
        ("&LT;b&GT; & &amp;amp;", "<b> & &amp;"),
    ],
)
def test_wrong_references_and_characters_are_read(wrong: str, right: str) -> None:
    """A bare ``&``, HTML's entities and control characters are read as players do; what is right stays as it is."""
    (episode,) = parse_feed(feed(item(wrong)), BASE).episodes

    assert episode.title == right


def test_a_reference_with_thousands_of_digits_is_text() -> None:
    """Python converts no number of more than 4,300 digits."""
    (episode,) = parse_feed(feed(item("a &#" + "9" * 5_000 + ";")), BASE).episodes

    assert episode.title.startswith("a &#999")


def test_a_bare_ampersand_in_an_address_is_kept() -> None:
    """A query with several values is the most frequent fault of a feed; no value of it is taken for an entity."""
    (episode,) = parse_feed(feed(item(url="https://example.org/7.mp3?a=1&copy=2&lang=en")), BASE).episodes

    assert episode.enclosures[0].url == "https://example.org/7.mp3?a=1&copy=2&lang=en"


@pytest.mark.parametrize("before", ["\n", " \r\n\t", "\ufeff\n", "\0"])
def test_blanks_before_the_declaration_are_skipped(before: str) -> None:
    """White space, also behind a byte order mark, is allowed before the XML declaration, and its encoding counts."""
    declared = feed(item("Grüße")).decode().replace('<?xml version="1.0"?>', '<?xml version="1.0" encoding="{}"?>')
    coded = before.encode() + declared.format("UTF-8").encode()

    assert parse_feed(coded, BASE).episodes[0].title == "Grüße"
    if before.isascii():
        assert (
            parse_feed(before.encode() + declared.format("iso-8859-1").encode("latin-1"), BASE).episodes[0].title
            == "Grüße"
        )


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "windows-1252", "utf-16", "shift_jis", "gb2312", "koi8-r"])
@pytest.mark.parametrize("title", ["Tea", "Tea & Cake"])
def test_encodings_are_read(encoding: str, title: str) -> None:
    """The stated encoding counts, in a feed that is right and in one that has to be mended."""
    text = feed(item(title)).decode().replace('version="1.0"?', f'version="1.0" encoding="{encoding}"?')

    assert parse_feed(text.encode(encoding), BASE).episodes[0].title == title


def test_bytes_that_are_not_in_the_stated_encoding_are_windows_1252() -> None:
    """A feed that says UTF-8 and is Windows-1252 is read; valid UTF-8 in it stays."""
    content = feed(item("X – Y")).replace("X – Y".encode(), "Grüße – Köln".encode("cp1252") + "ö".encode())

    assert parse_feed(content, BASE).episodes[0].title == "Grüße – Kölnö"


@pytest.mark.parametrize("encoding", ["klingon", "punycode", "zip", "rot13", "unicode_escape", "base64"])
def test_a_codec_that_is_no_encoding_is_not_used(encoding: str) -> None:
    """Python has codecs that are slow or no encodings of text; a stranger cannot choose them."""
    assert "is not a podcast's feed" in refusal(f'<?xml version="1.0" encoding="{encoding}"?><rss>&</rss>'.encode())


@pytest.mark.parametrize(
    "wrong",
    [
        "<title>Tea</titel><guid>g</guid>",
        "<title>Tea</title><guid>g</guid><description>a < b</description>",
        "<title>Tea</title><guid>g</guid><description><p>Tea<br></description>",
        "<title>Tea</title><guid>g</guid><itunes:image href=x/>",
        '<title>Tea</title><guid>g</guid><link rel="a" rel="a"/>',
    ],
)
def test_broken_tags_are_recovered(wrong: str) -> None:
    """Tags that do not match, a bare ``<`` and broken attributes cost no other episode, and are reported."""
    page = parse_feed(feed(item("First", "1"), wrong, item("Last", "3")), BASE)

    assert sorted(episode.title for episode in page.episodes) == ["First", "Last", "Tea"]
    assert page.fault is not None


def test_a_feed_that_is_right_has_no_fault() -> None:
    """Only a feed that had to be corrected is reported."""
    assert parse_feed(feed(item()), BASE).fault is None
    assert parse_feed(feed(item("R&D")), BASE).fault == "not well-formed (invalid token) in line 1"


def test_a_feed_that_is_cut_off_is_an_error() -> None:
    """A feed that ends too early lacks episodes, so it is not read in part."""
    content = feed(item("A", "a"), item("B", "b"))

    assert "is not a podcast's feed" in refusal(content[: content.index(b"<title>B")])


def test_entities_of_a_document_type_that_is_not_read_are_html() -> None:
    """Old feeds name a document type that would define HTML's entities; its address is not asked."""
    kind = b'<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://example.org/rss.dtd"><rss'

    assert parse_feed(feed(item("caf&eacute;")).replace(b"<rss", kind), BASE).episodes[0].title == "café"


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
    episodes = parse_feed(feed(f"{odd}{item()}", item("Next", "n")), BASE).episodes

    assert [episode.title for episode in episodes] == ["Tea", "Next"]
    assert all(episode.enclosures[0].url == "https://example.org/7.mp3" for episode in episodes)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30), st.binary(max_size=60))
def test_any_content_is_read_or_a_feed_error(text: str, junk: bytes) -> None:
    """Whatever the content is, episodes are read or a ``FeedError`` is raised, and nothing else."""
    safe = text.replace("&", "&amp;").replace("<", "&lt;")
    whole = feed(item(safe, safe, url=safe.replace('"', "")))
    for content in (whole, whole[: len(whole) // 2] + junk + whole[len(whole) // 2 :], junk):
        with suppress(FeedError):
            assert all(isinstance(episode, Episode) for episode in parse_feed(content, BASE).episodes)
