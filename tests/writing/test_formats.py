from __future__ import annotations

from pipeline.writing import CHAPTERS, FORMATS, Rendered, WritingOptions, render_all
from pipeline.writing.cues import CueOptions
from pipeline.writing.markdown import MarkdownOptions
from tests.factories import result


def test_formats_are_known_by_name_and_suffix() -> None:
    """The formats are offered in that order."""
    assert [(name, made.name, made.suffix) for name, made in FORMATS.items()] == [
        ("md", "md", ".timed.md"),
        ("srt", "srt", ".srt"),
        ("vtt", "vtt", ".vtt"),
        ("json", "json", ".json"),
        ("html", "html", ".html"),
        ("chapters", "chapters", ".chapters.json"),
        ("psc", "psc", ".psc.xml"),
        ("youtube", "youtube", ".youtube.txt"),
        ("vtt-chapters", "vtt-chapters", ".chapters.vtt"),
        ("ffmetadata", "ffmetadata", ".ffmetadata"),
    ]


def test_formats_render_with_their_own_options() -> None:
    """Each format gets its own options."""
    options = WritingOptions(MarkdownOptions(times=False), CueOptions(speaker_labels=False))
    made = result("**Ann**: Hello there.\n")
    texts = {name: each.render(made, options) for name, each in FORMATS.items()}

    assert texts["md"] == "**Ann**: Hello there.\n"
    assert texts["srt"] == "1\n00:00:00,000 --> 00:00:01,000\nHello there.\n\n"
    assert texts["vtt"] == "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nHello there.\n"
    assert texts["json"].startswith('{\n  "schema": "cuemark.alignment/1",\n')


def test_suffixes_differ() -> None:
    """No two formats are one file, on a disk that ignores case either."""
    suffixes = [made.suffix.casefold() for made in FORMATS.values()]

    assert len(set(suffixes)) == len(suffixes)


def test_a_format_that_has_nothing_to_say_is_left_out() -> None:
    """The others are written, and one line says why."""
    made = result("**Ann**: Hello there.\n")

    reason = "not written, because the transcript has no headings; --chapters auto proposes chapters"

    assert render_all(CHAPTERS, made, WritingOptions()) == Rendered({}, (f"{', '.join(CHAPTERS)}: {reason}",))
    assert render_all(("srt", "chapters"), made, WritingOptions()).texts.keys() == {"srt"}


def test_what_is_to_be_known_of_the_chapters_is_said_once() -> None:
    """Whichever formats are written; nothing is said if none is asked for."""
    made = result("## News\n\n**Ann**: Hello there.\n\n## Links\n")
    rendered = render_all(("chapters", "psc", "youtube"), made, WritingOptions())

    assert rendered.texts.keys() == {"chapters", "psc"}
    assert rendered.remarks == (
        "youtube: not written, because YouTube takes three chapters or more, and there is 1",
        'no chapter for "Links": nothing is written there',
    )
    assert render_all(("srt", "json"), made, WritingOptions()).remarks == ()
