"""The lines of a feed name the files, whatever is in their names."""

from __future__ import annotations

from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from pipeline.publish.feed_lines import feed_lines


def test_lines() -> None:
    """Transcripts with type, language and rel, best first; chapters; and Podlove's as they are."""
    names = {".podcast.json": "a.podcast.json", ".srt": "a.srt", ".chapters.json": "a.chapters.json", ".vtt": "a.vtt"}
    psc = '<?xml version="1.0"?>\n<psc:chapters xmlns:psc="http://podlove.org/simple-chapters"/>\n'
    read = [dict(etree.fromstring(line.xml).attrib) for line in feed_lines(names, "https://x.org/7/", "en", psc)]

    assert read == [
        {"url": "https://x.org/7/a.vtt", "type": "text/vtt", "language": "en", "rel": "captions"},
        {"url": "https://x.org/7/a.srt", "type": "application/x-subrip", "language": "en", "rel": "captions"},
        {
            "url": "https://x.org/7/a.podcast.json",
            "type": "application/json",
            "language": "en",
            "rel": "captions",
        },
        {"url": "https://x.org/7/a.chapters.json", "type": "application/json+chapters"},
        {},
    ]


@given(
    st.text(min_size=1).filter(lambda name: "\0" not in name),
    st.text(max_size=5).map(lambda text: text.encode("ascii", "ignore").decode()),
)
def test_names_are_data(name: str, language: str) -> None:
    """A name with quotes, slashes or markup is read back from its address, and leads nowhere else."""
    language = "".join(letter for letter in language if letter.isprintable())
    (line,) = feed_lines({".vtt": name}, "https://x.org/a", language, None)
    address = etree.fromstring(line.xml).get("url")

    assert address.startswith("https://x.org/a/")
    assert unquote(address.removeprefix("https://x.org/a/")) == name
    assert "/" not in address.removeprefix("https://x.org/a/")
