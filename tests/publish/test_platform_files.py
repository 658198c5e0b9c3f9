"""Each platform gets what it takes, and nothing in it breaks a rule that can be kept."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from lxml import etree

from pipeline.publish.caption_file import parse_captions
from pipeline.publish.cue_text import voices
from pipeline.publish.platform_check import check_content
from pipeline.publish.platform_files import TAKEN, BrokenRule, PlatformFiles, render_for
from pipeline.publish.platforms import PLATFORMS
from pipeline.schema import Result
from pipeline.writing import WritingOptions
from tests.factories import result
from tests.publish.wild_captions import castopod_srt, podlove_vtt
from tests.writing.strategies import results


def of_form(files: PlatformFiles, form: str) -> list[BrokenRule]:
    """What in a platform's file of a format breaks a rule."""
    return [one for one in files.broken if one.form == form]


NAMED = "**Ann Lee**: Hello to all of you\nand to the rest.\n\n**A & B**: Good day to you too.\n"


@pytest.mark.parametrize("platform", TAKEN)
def test_every_platform(platform: str) -> None:
    """Subtitles that are written keep every rule, or a line says which they do not."""

    @given(results())
    def law(made: Result) -> None:
        files = render_for(made, WritingOptions(), platform, {})
        for suffix, content in files.contents.items():
            if suffix in (".srt", ".vtt"):
                left = check_content(content, suffix, platform).violations

                assert [one for one in left if one.fixable or f"({one.kind})" not in str(files.remarks)] == []
                assert Counter(one.kind for one in left) == Counter(one.kind for one in of_form(files, suffix[1:]))
            elif suffix == ".podcast.json":
                assert {one.kind for one in check_content(content, ".json", platform).violations} <= {"no-cue"}
            elif suffix == ".ttml":
                assert etree.fromstring(content).tag.endswith("}tt")

    law()


def test_only_what_it_takes() -> None:
    """The formats of a platform's files are those that it takes, but for chapters."""
    for platform, names in TAKEN.items():
        assert {name for name in names if name in ("srt", "vtt", "json")} <= set(PLATFORMS[platform].takes)


def test_podlove_knows_people_by_identifiers() -> None:
    """Voices are identifiers where they are known; others keep their names."""
    text = render_for(result(NAMED), WritingOptions(), "podlove", {"Ann Lee": "ann"}).contents[".vtt"].decode()

    assert {name for cue in parse_captions(text, "vtt").cues for name in voices(cue.text)} == {"ann", "A & B"}
    assert (
        " ".join(cue.text for cue in podlove_vtt(text) if cue.speaker == "ann")
        == "Hello to all of you and to the rest."
    )


def test_castopod_has_the_last_cue() -> None:
    """Castopod's own reader finds the last words."""
    text = render_for(result(NAMED), WritingOptions(), "castopod", {}).contents[".srt"].decode()

    assert castopod_srt(text)[-1].text.endswith("you too.")


def test_broadcasters_get_timed_text() -> None:
    """Netflix and the BBC get TTML with the limits of their presets; a line says what is not quite what they take."""
    long = " ".join(["understandable"] * 40)
    made = {
        name: render_for(result(f"**Ann**: {long}.\n", word_ms=250), WritingOptions(), name, {})
        for name in ("netflix", "bbc", "imsc")
    }

    for name, width in (("netflix", 42), ("bbc", 37)):
        lines = [text for text in etree.fromstring(made[name].contents[".ttml"]).itertext() if text.strip()]
        assert max(map(len, lines)) <= width
        assert any(f"{name}: the TTML is IMSC 1.1" in line for line in made[name].remarks)
        assert {(one.form, one.kind, one.line) for one in made[name].broken} == {("ttml", "reading-speed", None)}
    assert made["imsc"].broken == ()
    assert made["imsc"].remarks == ()
