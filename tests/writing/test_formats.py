from __future__ import annotations

from pipeline.writing import FORMATS, WritingOptions
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
