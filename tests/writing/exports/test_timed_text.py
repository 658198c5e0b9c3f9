from __future__ import annotations

import pysubs2
from hypothesis import given
from lxml import etree

from pipeline.schema import Result
from pipeline.times import Span
from pipeline.writing.cues import CueOptions, cut_cues
from pipeline.writing.exports.timed_text import render_ttml
from tests.writing.cue_samples import cue_of
from tests.writing.exports.turn_samples import HOSTILE_NAMES, HOSTILE_TEXTS
from tests.writing.strategies import cue_options, results

TT = "{http://www.w3.org/ns/ttml}"


def opened(text: str) -> list[tuple[int, int, str]]:
    """The start, the end and the text of each subtitle, as pysubs2 has them."""
    return [(one.start, one.end, one.plaintext) for one in pysubs2.SSAFile.from_string(text, "ttml").events]


def test_a_cue_is_a_paragraph_at_the_bottom() -> None:
    """Names precede the text where the speaker changes; the document says its language and its profile."""
    text = render_ttml(
        [
            cue_of(Span(0, 1_500), ("Hello & welcome", "to <NodeUp>."), "Ann", speaker_changes=True),
            cue_of(Span(36_000_001, 36_000_900), ("Bye.",), "Ann", speaker_changes=False),
        ],
        "pt-BR",
    )
    root = etree.fromstring(text.encode())

    assert opened(text) == [
        (0, 1_500, "Ann: Hello & welcome\nto <NodeUp>."),
        (36_000_001, 36_000_900, "Bye."),
    ]
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "pt-BR"
    assert (
        root.get("{http://www.w3.org/ns/ttml#parameter}contentProfiles")
        == "http://www.w3.org/ns/ttml/profile/imsc1.1/text"
    )
    assert [one.get("region") for one in root.iter(f"{TT}div")] == ["bottom"]
    assert opened(render_ttml([], "en")) == []


def test_what_was_typed_is_text() -> None:
    """Names and texts that look like markup are displayed."""
    for name in HOSTILE_NAMES:
        text = render_ttml([cue_of(Span(0, 900), (" ".join(HOSTILE_TEXTS),), name, speaker_changes=True)], "en")
        shown = "".join(etree.fromstring(text.encode()).find(f".//{TT}p").itertext())

        assert shown == f"{name}: {' '.join(HOSTILE_TEXTS)}"


@given(results(), cue_options())
def test_a_reader_finds_the_cues(made: Result, options: CueOptions) -> None:
    """Each cue is found with its time and its lines."""
    cues = cut_cues(made, options)

    assert opened(render_ttml(cues, "en")) == [
        (
            cue.span.start,
            cue.span.end,
            (f"{cue.speaker}: " if cue.speaker and cue.speaker_changes else "") + "\n".join(cue.lines),
        )
        for cue in cues
    ]
