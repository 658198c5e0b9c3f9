from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.episode.rendered import SUFFIXES
from pipeline.schema import Result
from pipeline.writing import CHAPTERS, FORMATS, Rendered, WritingOptions, render_all
from pipeline.writing.cues import CueOptions
from pipeline.writing.exports.plain_text import TextOptions
from pipeline.writing.markdown import MarkdownOptions
from tests.factories import result
from tests.writing.strategies import results


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
        ("podcast-json", "podcast-json", ".podcast.json"),
        ("whisper-json", "whisper-json", ".whisper.json"),
        ("txt", "txt", ".timed.txt"),
        ("docx", "docx", ".timed.docx"),
        ("tsv", "tsv", ".tsv"),
        ("ass", "ass", ".ass"),
        ("karaoke", "karaoke", ".karaoke.vtt"),
        ("textgrid", "textgrid", ".TextGrid"),
        ("eaf", "eaf", ".eaf"),
        ("rttm", "rttm", ".rttm"),
        ("ctm", "ctm", ".ctm"),
        ("audacity", "audacity", ".audacity.txt"),
        ("otr", "otr", ".otr"),
        ("maxqda", "maxqda", ".maxqda.txt"),
        ("nvivo", "nvivo", ".nvivo.txt"),
        ("ttml", "ttml", ".ttml"),
        ("edl", "edl", ".edl"),
    ]


def test_no_two_formats_have_the_same_suffix() -> None:
    """Not even on a file system that does not know upper case."""
    suffixes = [form.suffix.casefold() for form in FORMATS.values()] + list(SUFFIXES.values())

    assert [suffix for suffix, number in Counter(suffixes).items() if number > 1] == [".timed.md"]


def test_all_means_what_most_people_need() -> None:
    """A format for one kind of program is written only by its name."""
    assert [name for name, form in FORMATS.items() if form.in_all] == ["md", "srt", "vtt", "json", "html", "chapters"]


def test_formats_render_with_their_own_options() -> None:
    """Each format gets its own options."""
    options = WritingOptions(
        MarkdownOptions(times=False), CueOptions(speaker_labels=False), txt=TextOptions(times=False)
    )
    made = result("**Ann**: Hello there.\n")
    texts = {name: each.render(made, options) for name, each in FORMATS.items()}

    assert texts["md"] == "**Ann**: Hello there.\n"
    assert texts["srt"] == "1\n00:00:00,000 --> 00:00:01,000\nHello there.\n\n"
    assert texts["vtt"] == "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nHello there.\n"
    assert str(texts["json"]).startswith('{\n  "schema": "cuemark.alignment/1",\n')
    assert texts["txt"] == "Hello there.\n"


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in {"md", "json", *CHAPTERS}])
def test_exports_have_what_was_found_surely(name: str) -> None:
    """An utterance below the confidence of subtitles is in no format but the page, which has no time for it."""
    source = "**Ann**: Hello there.\n\n**Bo**: Doubtful words.\n\n**Ann**: Goodbye now.\n"
    made = FORMATS[name].content(result(source, confidence={1: 0.4}), WritingOptions())
    content = ZipFile(BytesIO(made)).read("word/document.xml") if name == "docx" else made

    assert b"Goodbye" in content or name == "rttm"
    assert (b"Doubtful" in content) == (name == "html")


@pytest.mark.parametrize("name", FORMATS)
def test_an_episode_without_words_has_a_file_in_each_format(name: str) -> None:
    """Nothing that is found is no error of any format."""
    nothing = result("**Ann**: Hello there.\n", confidence={0: 0.0})

    assert render_all((name,), nothing, WritingOptions()).contents.keys() == {name} - CHAPTERS.keys()


@given(results(), st.sampled_from(sorted(FORMATS)))
def test_each_format_renders_any_result_the_same_again(made: Result, name: str) -> None:
    """No clock, no random number and no order of a set is in a file."""
    assert render_all((name,), made, WritingOptions()) == render_all((name,), made, WritingOptions())


def test_equal_cues_are_cut_once_for_several_formats() -> None:
    """A file is the same whether it is rendered alone or with others."""
    made = result("**Ann**: Hello there, and welcome.\n\n**Bo**: Hello.\n")
    together = render_all(FORMATS, made, WritingOptions())

    assert together.contents == {
        name: form.content(made, WritingOptions()) for name, form in FORMATS.items() if name not in CHAPTERS
    }


def test_each_format_has_a_row_in_the_documentation() -> None:
    """The table of the page names each format once, with its suffix."""
    page = Path(__file__).parents[2] / "docs" / "how-to" / "formats.md"
    rows = re.findall(r"^\| `([a-z-]+)` \| `([.\w]+)`", page.read_text(encoding="utf-8"), re.MULTILINE)

    assert rows == [(name, form.suffix) for name, form in FORMATS.items()]


def test_a_formats_library_is_loaded_when_it_is_used() -> None:
    """An ordinary run loads no library of a format that was not asked for."""
    program = "import sys, pipeline.writing; print(*sys.modules, sep='\\n')"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()

    assert {"docx", "praatio", "pympi", "pysubs2", "ttconv", "lxml"} & set(loaded) == set()


def test_a_format_that_has_nothing_to_say_is_left_out() -> None:
    """The others are written, and one line says why."""
    made = result("**Ann**: Hello there.\n")

    reason = "not written, because the transcript has no headings; --chapters auto proposes chapters"

    assert render_all(CHAPTERS, made, WritingOptions()) == Rendered({}, (f"{', '.join(CHAPTERS)}: {reason}",))
    assert render_all(("srt", "chapters"), made, WritingOptions()).contents.keys() == {"srt"}


def test_what_is_to_be_known_of_the_chapters_is_said_once() -> None:
    """Whichever formats are written; nothing is said if none is asked for."""
    made = result("## News\n\n**Ann**: Hello there.\n\n## Links\n")
    rendered = render_all(("chapters", "psc", "youtube"), made, WritingOptions())

    assert rendered.contents.keys() == {"chapters", "psc"}
    assert rendered.remarks == (
        "youtube: not written, because YouTube takes three chapters or more, and there is 1",
        'no chapter for "Links": nothing is written there',
    )
    assert render_all(("srt", "json"), made, WritingOptions()).remarks == ()
