from __future__ import annotations

from html import unescape
from itertools import pairwise
from typing import Literal, get_args, get_type_hints

import pysubs2
import pytest
from hypothesis import given

from pipeline.schema import Result
from pipeline.writing import FORMATS, WritingOptions
from pipeline.writing.cues import CueOptions, cut_cues
from pipeline.writing.line_breaks import display_width
from pipeline.writing.presets import PRESETS, limits_of
from tests.factories import in_language, result
from tests.writing.strategies import results

PUBLISHED = {
    ("default", "srt"): (42, 2, 1_000, 7_000, 83, 20.0),
    ("default", "vtt"): (42, 2, 1_000, 7_000, 83, 20.0),
    ("podcast", "srt"): (32, 2, 1_000, 7_000, 83, 20.0),
    ("podcast", "vtt"): (65, 2, 1_000, 7_000, 83, 20.0),
    ("broadcast", "srt"): (37, 2, 1_000, 7_000, 80, 18.0),
    ("broadcast", "vtt"): (37, 2, 1_000, 7_000, 80, 18.0),
    ("video", "srt"): (42, 2, 834, 7_000, 84, 20.0),
    ("video", "vtt"): (42, 2, 834, 7_000, 84, 20.0),
    ("ted", "srt"): (42, 2, 1_000, 7_000, 83, 21.0),
    ("ted", "vtt"): (42, 2, 1_000, 7_000, 83, 21.0),
}

Preset = Literal["default", "podcast", "broadcast", "video", "ted"]
Form = Literal["srt", "vtt"]


def test_the_presets_are_as_published() -> None:
    """Width, lines, times, gap and speed of every preset and format are the published ones."""
    table = {
        (name, form): (own.width, own.count, own.min_duration, own.max_duration, own.gap, own.columns_per_second)
        for name, forms in PRESETS.items()
        for form, own in forms.items()
    }

    assert table == PUBLISHED
    assert tuple(PRESETS) == get_args(get_type_hints(CueOptions)["preset"])


@pytest.mark.parametrize("preset", list(PRESETS))
@pytest.mark.parametrize("form", ["srt", "vtt"])
@given(made=results())
def test_an_independent_reader_finds_the_limits_kept(preset: Preset, form: Form, made: Result) -> None:
    """No subtitle is wider, higher, longer or closer to the next than the preset allows."""
    max_columns, max_lines, _, max_ms, gap, _ = PUBLISHED[preset, form]
    options = CueOptions(preset=preset, speaker_labels=False)
    text = FORMATS[form].content(made, WritingOptions(cues=options)).decode() + "9999\n" * (form == "srt")
    events = pysubs2.SSAFile.from_string(text, form).events

    assert all(len(event.plaintext.split("\n")) <= max_lines for event in events)
    assert all(display_width(unescape(line)) <= max_columns for event in events for line in event.plaintext.split("\n"))
    assert all(event.duration <= max_ms for event in events)
    assert all(right.start - left.end >= gap for left, right in pairwise(events))


@pytest.mark.parametrize(("language", "columns"), [("ja", 26), ("zh-TW", 32), ("th", 35), ("he", 42), ("en", 65)])
def test_a_language_narrows_a_preset(language: str, columns: int) -> None:
    """The language's own width is used if it is smaller than the preset's."""
    assert limits_of("podcast", "vtt", language).width == columns


def test_the_users_numbers_take_precedence() -> None:
    """A given number is used as it is, and the longest time yields to a given shortest."""
    limits = CueOptions(preset="podcast", max_line_width=50, max_line_count=1, min_duration_s=8.0).limits("ja", "srt")

    assert (limits.width, limits.count, limits.min_duration, limits.max_duration) == (50, 1, 8_000, 8_000)


def test_text_without_spaces_is_broken_where_its_script_allows() -> None:
    """No line begins with a closing mark or a small kana, and no space is added."""
    source = "そうですって。きょうは、とてもいいてんきですね。" * 3
    cues = cut_cues(in_language(result(f"**Ann**: {source}\n", word_ms=12_000), "ja"), CueOptions())
    lines = [line for cue in cues for line in cue.lines]

    assert "".join(lines) == source
    assert all(line[0] not in "、。っょ" and display_width(line) <= 26 for line in lines)
