from __future__ import annotations

import csv
from itertools import pairwise

from hypothesis import given

from pipeline.schema import Result
from pipeline.times import Span
from pipeline.writing.cues import CueOptions, cut_cues
from pipeline.writing.exports.tab_separated import render_audacity, render_nvivo, render_tsv
from pipeline.writing.line_breaks import line_text
from pipeline.writing.shown_words import ShownTurn
from tests.writing.cue_samples import cue_of
from tests.writing.exports.turn_samples import HOSTILE_NAMES, HOSTILE_TEXTS, hostile_turns, turn
from tests.writing.strategies import cue_options, results

CUES = (
    cue_of(Span(0, 1_500), ("Hello & welcome", "to <NodeUp>."), "Ann Lee", speaker_changes=True),
    cue_of(Span(1_583, 3_000), ('"There" were',), "Ann Lee", speaker_changes=False),
    cue_of(Span(3_661_001, 3_662_000), ("0.8.3!",), None, speaker_changes=True),
)


def rows(text: str) -> list[list[str]]:
    """The fields of each line: a quote is a letter, as for Whisper's, Audacity's and NVivo's readers."""
    return list(csv.reader(text.split("\n")[:-1], delimiter="\t", quoting=csv.QUOTE_NONE))


def test_tsv_is_that_of_whisper() -> None:
    """Times are milliseconds, and the text is on one line, without a name."""
    assert rows(render_tsv(CUES)) == [
        ["start", "end", "text"],
        ["0", "1500", "Hello & welcome to <NodeUp>."],
        ["1583", "3000", '"There" were'],
        ["3661001", "3662000", "0.8.3!"],
    ]


def test_labels_have_times_in_seconds_and_a_name_where_it_changes() -> None:
    """Audacity's labels have six decimals, no tags, no header, and stay on one line."""
    assert rows(render_audacity(CUES)) == [
        ["0.000000", "1.500000", "Ann Lee: Hello & welcome to <NodeUp>."],
        ["1.583000", "3.000000", '"There" were'],
        ["3661.001000", "3662.000000", "0.8.3!"],
    ]


@given(results(), cue_options())
def test_each_cue_is_a_line(made: Result, options: CueOptions) -> None:
    """Lines are in order, none overlaps the next or is empty, and all words are in them."""
    cues = cut_cues(made, options)
    labels, table = rows(render_audacity(cues)), rows(render_tsv(cues))[1:]
    times = [(int(start), int(end)) for start, end, _ in table]

    assert [text for _, _, text in table] == [line_text(cue.words) for cue in cues]
    assert [(round(float(start) * 1_000), round(float(end) * 1_000)) for start, end, _ in labels] == times
    assert all(start < end for start, end in times)
    assert all(left[1] <= right[0] for left, right in pairwise(times))


def test_nvivo_has_a_header_and_three_columns() -> None:
    """Times have tenths of a second; a turn without a speaker has an empty field."""
    assert rows(render_nvivo([turn("Ann Lee", "yes it is", 3_661_250), turn(None, "no", 5_000)])) == [
        ["Timespan", "Speaker", "Content"],
        ["01:01:01.2-01:01:02.1", "Ann Lee", "yes it is"],
        ["00:00:05.0-00:00:05.3", "", "no"],
    ]


@given(hostile_turns())
def test_nvivo_has_the_same_number_of_tabs_in_each_line(turns: tuple[ShownTurn, ...]) -> None:
    """Whatever was typed, each turn is one row of three fields."""
    found = rows(render_nvivo(turns))[1:]

    assert [row[1:] for row in found] == [[one.speaker or "", line_text(one.words)] for one in turns]
    assert all("\t" not in text for text in (*HOSTILE_NAMES, *HOSTILE_TEXTS))
