"""Each kind of rule finds what breaks it, at its line, and nothing in what keeps it."""

from __future__ import annotations

import pytest

from pipeline.publish.caption_file import parse_captions
from pipeline.publish.platforms import PLATFORMS
from pipeline.publish.rule_checks import FIXABLE, find_violations
from pipeline.writing.presets import FormatName

A = "00:00:01,000 --> 00:00:02,000"
B = "00:00:03,000 --> 00:00:04,000"
SRT = f"1\n{A}\nHello\n\n2\n{B}\nthere\n\n"
VTT = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>Hello\n\n00:03.000 --> 00:04.000\n<v Bob>there\n"


def found(text: str, form: FormatName, platform: str) -> list[tuple[int, str]]:
    """Line and kind of each violation."""
    return [(one.line, one.kind) for one in find_violations(parse_captions(text, form), platform)]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_clean(platform: str) -> None:
    """Plain subtitles break no rule anywhere."""
    assert found(SRT, "srt", platform) == []
    assert found(VTT, "vtt", platform) == []


@pytest.mark.parametrize(
    ("old", "new", "platform", "expected"),
    [
        ("1\n00", "\ufeff1\n00", "premiere", [(1, "bom")]),
        ("1\n00:00:01", "1\r00:00:01", "castopod", [(1, "line-endings")]),
        (A, "0:00:01,000 --> 00:00:02,000", "resolve", [(2, "timing")]),
        (A, "00:00:01,000 ---> 00:00:02,000", "premiere", [(2, "timing")]),
        ("2\n00", "3\n00", "youtube", [(5, "number")]),
        ("2\n00", "00", "castopod", [(5, "number")]),
        (A, f"{A} X1:1", "youtube", [(2, "settings")]),
        ("Hello\n\n", "Hello\n", "youtube", [(4, "missing-blank-line")]),
        ("Hello\n", "Hello\n\nall\n", "youtube", [(4, "blank-line-in-cue")]),
        ("Hello\n\n", "Hello\n\n\n", "castopod", [(6, "extra-blank-lines")]),
        ("there\n\n", "there\n", "castopod", [(7, "blank-line-at-end")]),
        (A, "00:0x:01,000 --> 00:00:02,000", "youtube", [(1, "unreadable"), (5, "number")]),
        ("Hello", "a --> b", "youtube", [(3, "arrow")]),
        ("Hello", "<b>Hello</b>", "youtube", [(3, "tag")]),
        ("Hello\n", "", "youtube", [(2, "empty-cue")]),
        (B, "00:00:03,000 --> 00:00:03,000", "youtube", [(6, "no-length")]),
        (B, "00:00:00,500 --> 00:00:00,900", "youtube", [(6, "order")]),
        (B, "00:00:01,500 --> 00:00:04,000", "youtube", [(6, "overlap")]),
        ("Hello", "Hel\x07lo", "imsc", [(3, "control-character")]),
        ("Hello", "Hello " * 6, "buzzsprout", [(3, "line-width")]),
        ("Hello", "a\nb\nc", "buzzsprout", [(5, "line-count")]),
        (B, "00:00:03,000 --> 00:00:03,500", "netflix", [(6, "too-short")]),
        (B, "00:00:03,000 --> 00:00:13,500", "netflix", [(6, "too-long")]),
        (B, "00:00:02,040 --> 00:00:04,000", "netflix", [(6, "gap")]),
        ("Hello", "Hello to you and all of them", "bbc", [(2, "reading-speed")]),
    ],
)
def test_srt(old: str, new: str, platform: str, expected: list[tuple[int, str]]) -> None:
    """Each change of clean SRT is found by the rule that it breaks."""
    assert SRT.count(old) == 1
    assert found(SRT.replace(old, new), "srt", platform) == expected


@pytest.mark.parametrize(
    ("old", "new", "platform", "expected"),
    [
        ("WEBVTT\n\n", "", "apple", [(1, "header")]),
        ("WEBVTT\n", "WEBVTT\nKind: captions\n", "podlove", [(2, "header-lines")]),
        ("00:01.000 --> 00:02.000", "00:01.000 --> 00:02.000 line:0", "podlove", [(3, "settings")]),
        ("WEBVTT\n", "WEBVTT\n\nNOTE me\n", "castopod", [(3, "comment")]),
        ("WEBVTT\n", "WEBVTT\n\nSTYLE\n::cue {}\n", "podlove", [(3, "style")]),
        ("00:01.000", "a\n00:01.000", "castopod", [(4, "identifier")]),
        ("Hello\n", "Hello\nall\n", "castopod", [(3, "several-lines")]),
        ("Hello", "<i>Hello</i>", "podlove", [(4, "tag")]),
        ("Hello", "Hello <v Bob>Hi", "castopod", [(4, "several-voices")]),
        ("<v Ann>Hello", "<v Ann Hello", "apple", [(3, "open-voice-tag")]),
    ],
)
def test_webvtt(old: str, new: str, platform: str, expected: list[tuple[int, str]]) -> None:
    """Each change of clean WebVTT is found by the rule that it breaks, and nothing of it by a platform without it."""
    assert VTT.count(old) == 1
    assert found(VTT.replace(old, new), "vtt", platform) == expected


def test_nobody_is_named() -> None:
    """Apple and Podlove show names from voice tags alone, so a file without any is worth a line; it needs a person."""
    assert found(VTT.replace("<v Ann>", "").replace("<v Bob>", ""), "vtt", "podlove") == [(3, "no-voice")]
    assert "no-voice" not in FIXABLE


def test_no_cue() -> None:
    """A file without cues is one line, whatever it is."""
    assert (1, "no-cue") in found("Hello\n", "srt", "youtube")


def test_every_violation_of_a_rule_has_its_source() -> None:
    """Whoever reads a line can read the rule."""
    text = VTT.replace("WEBVTT\n", "WEBVTT\nKind: x\n\nNOTE\n\nSTYLE\n", 1)

    assert all(one.source for one in find_violations(parse_captions(text, "vtt"), "castopod"))
