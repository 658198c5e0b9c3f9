"""A mended copy keeps the rules that can be kept, and every word."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.publish.caption_file import CaptionFile, parse_captions
from pipeline.publish.cue_text import plain_text, without_tags
from pipeline.publish.mended import mend
from pipeline.publish.platforms import PLATFORMS
from pipeline.publish.rule_checks import find_violations
from pipeline.schema import Result
from pipeline.writing import WritingOptions, render_all
from pipeline.writing.cues import CueOptions
from pipeline.writing.presets import FormatName
from tests.publish.wild_captions import ReadCue, castopod_srt, castopod_vtt, podlove_vtt, texts
from tests.writing.strategies import results

FORMS: tuple[FormatName, ...] = ("srt", "vtt")


def words(captions: CaptionFile) -> Counter[str]:
    """The words that players show, without what is not visible."""
    shown = Counter[str]()
    for cue in captions.cues:
        text = " ".join(plain_text(line, captions.form) for line in without_tags(cue.text, captions.form))
        shown.update(text.replace("\u2060", "").replace("\x07", "").split())
    return shown


@given(texts(), st.sampled_from(sorted(PLATFORMS)), st.sampled_from(FORMS))
def test_laws(text: str, platform: str, form: FormatName) -> None:
    """Nothing that can be mended is left, mending again changes nothing, and no word of a cue is lost or added."""
    before = parse_captions(text, form)
    mended = mend(before, platform)
    after = parse_captions(mended, form)

    assert [one for one in find_violations(after, platform) if one.fixable] == []
    assert mend(after, platform) == mended
    assert words(after) == words(before)
    assert all(a.start <= b.start for a, b in pairwise(after.cues))


def written(form: FormatName, options: CueOptions) -> st.SearchStrategy[str]:
    """Draw what cuemark writes."""
    whole = WritingOptions(cues=options)
    return results().map(lambda result: render_all((form,), result, whole).contents[form].decode())


@pytest.mark.parametrize(
    ("platform", "form", "options"),
    [
        ("podcasting", "vtt", CueOptions(preset="podcast")),
        ("castopod", "srt", CueOptions()),
        ("youtube", "srt", CueOptions()),
        ("youtube", "vtt", CueOptions()),
        ("premiere", "srt", CueOptions()),
        ("resolve", "srt", CueOptions()),
        ("imsc", "srt", CueOptions()),
        ("imsc", "vtt", CueOptions()),
    ],
)
def test_what_cuemark_writes_is_taken(platform: str, form: FormatName, options: CueOptions) -> None:
    """What ``align`` writes breaks no rule of the platforms that the guide names for it."""

    @given(written(form, options))
    def law(text: str) -> None:
        captions = parse_captions(text, form)

        assert [one for one in find_violations(captions, platform) if captions.cues] == []

    law()


@given(texts())
def test_castopod_reads_a_mended_copy(text: str) -> None:
    """Its own way of reading SRT finds the cues of a mended copy, unless something is left that nobody can read."""
    captions = parse_captions(mend(parse_captions(text, "srt"), "castopod"), "srt")
    if any(cue.blocks for cue in captions.cues) or captions.blocks or not captions.cues:
        return

    assert [(cue.start, cue.text) for cue in castopod_srt(mend(captions, "castopod"))] == [
        (clock(cue.start).replace(".", ","), "\n".join(cue.text).strip()) for cue in captions.cues
    ]


def clock(at: int) -> str:
    """A time in ms as subtitles have it."""
    seconds, ms = divmod(at, 1_000)
    return f"{seconds // 3_600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{ms:03}"


@given(results())
def test_castopod_and_podlove_read_mended_webvtt(result: Result) -> None:
    """Their own ways of reading find each cue with its speaker and all its words, which they do not without mending."""
    captions = parse_captions(render_all(("vtt",), result, WritingOptions()).contents["vtt"].decode(), "vtt")
    for platform, read in (("castopod", castopod_vtt), ("podlove", podlove_vtt)):
        made = read(mend(captions, platform))

        assert [(cue.start, " ".join(cue.text.split())) for cue in made] == [
            (clock(cue.start), " ".join(" ".join(cue.text).rpartition(">")[2].split())) for cue in captions.cues
        ]


FAULTY = """\
WEBVTT
Kind: captions

NOTE a comment

1
00:00:01.000 --> 00:00:03.000 align:start
<v Ann>Hello
there


00:00:02.000 --> 00:00:02.000
<v Bob><i>Hi</i>
"""


def test_castopod() -> None:
    """No comment, no identifier, one blank line, one line, and no tag but the voice."""
    mended = mend(parse_captions(FAULTY, "vtt"), "castopod")

    assert mended == (
        "WEBVTT\n\n00:00:01.000 --> 00:00:03.000 align:start\n<v Ann>Hello there\n\n"
        "00:00:02.000 --> 00:00:03.000\n<v Bob>Hi\n"
    )
    assert castopod_vtt(mended)[0] == ReadCue("00:00:01.000", "00:00:03.000 align:start", "Ann", "Hello there")


def test_only_what_is_against_the_rules_changes() -> None:
    """What Apple does not mind stays: header, comment, identifier, settings, lines, tags."""
    assert mend(parse_captions(FAULTY, "vtt"), "apple") == FAULTY.replace("\n\n\n", "\n\n").replace(
        "--> 00:00:02.000", "--> 00:00:03.000"
    )


def test_cues_at_the_same_time_share_it() -> None:
    """Where cues may not overlap, those that begin together get equal parts, and an earlier one ends there."""
    text = "".join(
        f"{k}\n{times}\n{k}x\n\n"
        for k, times in enumerate(
            (
                "00:00:01,000 --> 00:00:09,000",
                "00:00:04,000 --> 00:00:06,000",
                "00:00:04,000 --> 00:00:08,000",
                "00:00:02,000 --> 00:00:03,000",
            ),
            start=1,
        )
    )
    mended = parse_captions(mend(parse_captions(text, "srt"), "premiere"), "srt")

    assert [(cue.start, cue.end, cue.text) for cue in mended.cues] == [
        (1_000, 2_000, ("1x",)),
        (2_000, 3_000, ("4x",)),
        (4_000, 6_000, ("2x",)),
        (6_000, 8_000, ("3x",)),
    ]
