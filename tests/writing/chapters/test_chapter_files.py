"""Each format is read back by a reader that is not cuemark's."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import podcastparser
import pysubs2
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from pipeline.times import Span
from pipeline.writing.chapters.chapter_files import (
    render_chapters_json,
    render_ffmetadata,
    render_psc,
    render_vtt_chapters,
)
from pipeline.writing.chapters.chapter_list import Chapter

CHAPTERS = (Chapter("Introduction", Span(3_625, 81_060)), Chapter('R&D <b> --> "q"', Span(81_060, 3_600_001)))
PSC = "{http://podlove.org/simple-chapters}"

TITLES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)


@st.composite
def chapter_lists(draw: st.DrawFn) -> tuple[Chapter, ...]:
    """Draw chapters with any titles of one line."""
    edges = sorted(draw(st.sets(st.integers(0, 9_000_000), min_size=2, max_size=6)))
    words = st.lists(TITLES, min_size=1, max_size=3).map(" ".join)
    return tuple(Chapter(draw(words), Span(a, b)) for a, b in pairwise(edges))


def test_json_is_that_of_the_namespace() -> None:
    """The keys and types are those of version 1.2."""
    assert json.loads(render_chapters_json(CHAPTERS, "7: A Show")) == {
        "version": "1.2.0",
        "title": "7: A Show",
        "chapters": [{"startTime": 3.625, "title": "Introduction"}, {"startTime": 81.06, "title": 'R&D <b> --> "q"'}],
    }
    assert "title" not in json.loads(render_chapters_json((), ""))


@given(chapter_lists(), TITLES)
def test_json_is_read_back(chapters: tuple[Chapter, ...], title: str) -> None:
    """By Python's own reader."""
    found = json.loads(render_chapters_json(chapters, title))

    assert [(round(one["startTime"] * 1_000), one["title"]) for one in found["chapters"]] == [
        (one.span.start, one.title) for one in chapters
    ]


@given(chapter_lists())
def test_psc_is_read_back(chapters: tuple[Chapter, ...]) -> None:
    """By a reader of XML."""
    root = ElementTree.fromstring(render_psc(chapters).encode())

    assert (root.tag, root.get("version")) == (f"{PSC}chapters", "1.2")
    assert [(one.tag, one.get("title")) for one in root] == [(f"{PSC}chapter", one.title) for one in chapters]


def test_psc_is_read_in_a_feed(tmp_path: Path) -> None:
    """A reader of feeds takes the element as it is."""
    element = render_psc(CHAPTERS).partition("\n")[2]
    feed = tmp_path / "feed.xml"
    feed.write_text(
        '<rss version="2.0"><channel><title>Show</title><item><guid>1</guid><title>One</title>'
        f'<enclosure url="https://example.org/1.mp3" type="audio/mpeg" length="1"/>{element}</item></channel></rss>',
        encoding="utf-8",
    )
    with feed.open("rb") as file:
        episode = podcastparser.parse("https://example.org/feed", file)["episodes"][0]

    assert [(one["start"], one["title"]) for one in episode["chapters"]] == [
        (3, "Introduction"),  # podcastparser keeps whole seconds
        (81, 'R&D <b> --> "q"'),
    ]


def test_vtt_is_plain() -> None:
    """A title is the text of a cue, and what would be markup is escaped."""
    assert render_vtt_chapters(CHAPTERS) == (
        "WEBVTT\n\n00:00:03.625 --> 00:01:21.060\nIntroduction\n\n"
        '00:01:21.060 --> 01:00:00.001\nR&amp;D &lt;b&gt; --&gt; "q"\n'
    )


@given(chapter_lists())
def test_vtt_is_read_back(chapters: tuple[Chapter, ...]) -> None:
    """By pysubs2, with the same times, and as many cues."""
    events = pysubs2.SSAFile.from_string(render_vtt_chapters(chapters), format_="vtt").events

    assert [(one.start, one.end) for one in events] == [(one.span.start, one.span.end) for one in chapters]


@given(chapter_lists())
def test_ffmetadata_is_read_back(chapters: tuple[Chapter, ...]) -> None:
    """By FFmpeg itself."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "chapters.ffmetadata")
        path.write_text(render_ffmetadata(chapters), encoding="utf-8")
        with av.open(str(path), format="ffmetadata") as container:
            found = container.chapters()

    assert [(one["start"], one["end"], one["metadata"]["title"]) for one in found] == [
        (one.span.start, one.span.end, one.title) for one in chapters
    ]
