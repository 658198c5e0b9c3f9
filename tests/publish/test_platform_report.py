"""The report says what a file is, what is against the rules, where they were read, and what can be mended."""

from __future__ import annotations

import json
from pathlib import Path

from pipeline.publish.platform_check import check_content
from pipeline.publish.platform_report import MOST_SHOWN, render_json, render_text

SRT = b"1\n00:00:01,000 --> 00:00:02,000\n<b>Hello</b>\n\n"
TEXT = """\
platform  YouTube
format    srt
cues      1

line  what                       mended by
3     tag   the text has markup  --fix

tag: YouTube, https://support.google.com/youtube/answer/2734698 (no markup is recognised)

1 place against the rules, 1 that --fix mends
mended copy: a.fixed.srt
"""


def test_text() -> None:
    """A person sees the line, the rule, its source, and the copy."""
    assert render_text(check_content(SRT, ".srt", "youtube"), "youtube", Path("a.fixed.srt")) == TEXT


def test_clean() -> None:
    """A file that keeps the rules is one line more than what it is; a guide for another format says which."""
    text = render_text(check_content(SRT, ".srt", "imsc"), "imsc", None)

    assert text.endswith("\n\nnothing is against the rules\n")
    assert "delivered as  IMSC 1.1 or EBU-TT-D; the limits are held against this file\n" in text


def test_many() -> None:
    """A table of thousands helps nobody: the rest is a number, and the JSON has all."""
    cue = "00:00:01,000 --> 00:00:02,000\nHello\n\n"
    checked = check_content((cue * 300).encode(), ".srt", "castopod")
    document = json.loads(render_json(checked, "castopod", Path("a.srt"), None))

    assert len(document["findings"]) == len(checked.violations) > MOST_SHOWN
    assert f"and {len(checked.violations) - MOST_SHOWN} more (--json has all)" in render_text(checked, "castopod", None)
