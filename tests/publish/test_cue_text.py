"""Markup, voices and words of a cue."""

from __future__ import annotations

import pytest

from pipeline.publish.cue_text import has_open_voice_tag, is_wordless, plain_text, voices, without_tags
from pipeline.writing.presets import FormatName


def test_voices() -> None:
    """Names are those of all voice tags, with their entities read; classes are no part of them."""
    assert voices(("<v Ann>Hi", "<v.loud.x A &amp; B>Ho", "<v>nobody", "<vx>")) == ("Ann", "A & B")


@pytest.mark.parametrize(
    ("text", "is_open"),
    [("<v Ann>Hi", False), ("<v Ann Hi", True), ("<v Ann <v Bob>Hi", True), ("a < v b", False)],
)
def test_open_voice_tag(text: str, is_open: bool) -> None:  # noqa: FBT001 -- a table
    """A voice tag without its end is found."""
    assert has_open_voice_tag((text,)) == is_open


@pytest.mark.parametrize(
    ("form", "text", "left"),
    [
        ("srt", "<b>a</b> <3 <c>", "a <3 <c>"),
        ("srt", "{\\an8}a {b}", "a {b}"),
        ("srt", "<<b>b>a", "a"),
        ("vtt", "<v Ann>a<00:01.000> <c.x>b</c></v>", "<v Ann>a b"),
        ("vtt", "a < b", "a < b"),
    ],
)
def test_tags(form: FormatName, text: str, left: str) -> None:
    """Markup goes, and what only looks like it stays."""
    assert without_tags((text,), form) == (left,)


def test_nested_tags_end() -> None:
    """A line of tags within tags ends at once, without any of them."""
    (left,) = without_tags(("<" * 20_000 + "b>" * 20_000 + "a",), "srt")

    assert "<" not in left
    assert left.endswith("b>a")


def test_what_is_shown() -> None:
    """Entities are characters in WebVTT alone; a cue of tags shows nothing."""
    assert plain_text("<v Ann>R&amp;D", "vtt") == "R&D"
    assert plain_text("R&amp;D", "srt") == "R&amp;D"
    assert is_wordless(("<i></i>", " "), "srt")
