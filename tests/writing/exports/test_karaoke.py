from __future__ import annotations

import re
import tempfile
from html import unescape
from io import StringIO
from itertools import pairwise
from pathlib import Path

import ass
import av
import pytest
import webvtt
from hypothesis import given, settings

from pipeline.schema import Result
from pipeline.times import Span
from pipeline.writing.cues import Cue, CueOptions, cut_cues
from pipeline.writing.exports.karaoke import render_ass, render_karaoke_vtt
from pipeline.writing.line_breaks import line_text
from pipeline.writing.shown_words import ShownWord
from tests.writing.cue_samples import cue_of
from tests.writing.exports.turn_samples import HOSTILE_NAMES, HOSTILE_TEXTS
from tests.writing.strategies import cue_options, results

CUES = (
    cue_of(Span(1_000, 2_000), ("Hello", "there"), "Smith, Jo", speaker_changes=True),
    Cue(
        Span(3_000, 5_000),
        (
            (
                ShownWord("So", Span(3_500, 3_600), "space"),
                ShownWord("so", Span(3_500, 3_700), "space"),
                ShownWord("on", Span(4_250, 4_400), "nothing"),
            ),
        ),
        None,
        speaker_changes=True,
    ),
)

_LIT = re.compile(r"\{\\k(\d+)\}")
_INNER = re.compile(r"<(\d\d):(\d\d):(\d\d)\.(\d\d\d)>")


def displayed(text: str) -> str:
    """What a player displays of an event of ASS, without white space."""
    shown = _LIT.sub("", text).replace("\\N", "").replace("\u2060", "").replace("\\{", "{").replace("\\}", "}")
    return "".join(shown.split())


def inner_times(text: str) -> list[int]:
    """The times within a cue of WebVTT, in ms."""
    found = ((int(part) for part in one) for one in _INNER.findall(text))
    return [((hours * 60 + minutes) * 60 + seconds) * 1_000 + ms for hours, minutes, seconds, ms in found]


def packets(text: str, suffix: str) -> int:
    """How many subtitles ffmpeg's reader finds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"episode{suffix}")
        path.write_text(text, encoding="utf-8")
        with av.open(str(path)) as container:
            return sum(packet.size > 0 for packet in container.demux())


def test_ass_lights_each_word_as_it_is_spoken() -> None:
    """A word is lit from its start to that of the next one; a pause before the first has no word."""
    document = ass.parse_string(render_ass(CUES))

    assert [event.text for event in document.events] == [
        r"Smith, Jo: {\k50}Hello{\k50}\Nthere",
        r"{\k50}{\k0}So{\k75} so{\k75}on",
    ]
    assert [event.name for event in document.events] == ["Smith Jo", ""]
    assert [(event.start.total_seconds(), event.end.total_seconds()) for event in document.events] == [(1, 2), (3, 5)]
    assert len({document.styles[0].primary_color, document.styles[0].secondary_color}) == 2


def test_webvtt_has_times_within_its_cues() -> None:
    """A time stands before a word; a first word that begins with its cue, and a word with the one before, have none."""
    assert render_karaoke_vtt(CUES) == (
        "WEBVTT\n"
        "\n00:00:01.000 --> 00:00:02.000\n<v Smith, Jo>Hello\n<00:00:01.500>there\n"
        "\n00:00:03.000 --> 00:00:05.000\n<00:00:03.500>So so<00:00:04.250>on\n"
    )


@pytest.mark.parametrize("speaker", HOSTILE_NAMES)
def test_what_was_typed_is_no_command(speaker: str) -> None:
    """Braces, backslashes and tags in names and texts are displayed."""
    cue = cue_of(
        Span(0, 9_000), tuple(" ".join(HOSTILE_TEXTS[k : k + 4]) for k in (0, 8, 14)), speaker, speaker_changes=True
    )
    event = ass.parse_string(render_ass([cue])).events[0]
    caption = webvtt.from_string(render_karaoke_vtt([cue])).captions[0]

    assert displayed(event.text) == "".join(f"{speaker}: {line_text(cue.words)}".replace("\\\u2060", "\\").split())
    assert "".join(unescape(caption.text).split()) == "".join(line_text(cue.words).split())


@settings(max_examples=50)
@given(results(), cue_options())
def test_readers_find_the_cues(made: Result, options: CueOptions) -> None:
    """All texts and times are found, ASS's to 10 ms; times within a cue ascend, and lit words fill it."""
    cues = cut_cues(made, options)
    events = ass.parse_string(render_ass(cues)).events
    text = render_karaoke_vtt(cues)
    captions = webvtt.from_string(text).captions
    blocks = text.split("\n\n")[1:]

    assert len(events) == len(captions) == len(blocks) == len(cues)
    for cue, event, caption, block in zip(cues, events, captions, blocks, strict=True):
        name = f"{cue.speaker}: " if cue.speaker and cue.speaker_changes else ""
        assert displayed(event.text) == "".join((name + line_text(cue.words)).split())
        assert abs(event.start.total_seconds() * 1_000 - cue.span.start) <= 5
        assert sum(map(int, _LIT.findall(event.text))) == round(cue.span.end / 10) - round(cue.span.start / 10)
        assert "".join(unescape(caption.text).split()) == "".join("".join(cue.lines).split())
        assert unescape(caption.voice or "") == (cue.speaker or "")
        times = [cue.span.start, *inner_times(block), cue.span.end]
        assert all(left < right for left, right in pairwise(times))


def test_ffmpeg_reads_both() -> None:
    """As many subtitles are in the files as there are cues."""
    assert (packets(render_ass(CUES), ".ass"), packets(render_karaoke_vtt(CUES), ".vtt")) == (2, 2)
    assert webvtt.from_buffer(StringIO(render_karaoke_vtt([]))).captions == []
