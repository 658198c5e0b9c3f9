from __future__ import annotations

import csv
import tempfile
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from pyannote.core import Annotation
from pyannote.database.util import load_rttm

from pipeline.times import Span
from pipeline.writing.exports.nist_formats import render_ctm, render_rttm
from pipeline.writing.exports.speech_tiers import speaker_tiers
from pipeline.writing.shown_words import ShownTurn, ShownWord
from tests.writing.exports.turn_samples import hostile_turns, turn


def opened(text: str) -> dict[str, Annotation]:
    """The turns of each recording, as pyannote's reader has them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "episode.rttm")
        path.write_text(text, encoding="utf-8")
        found: dict[str, Annotation] = load_rttm(path)  # type: ignore[no-untyped-call] # it has no types
    return found


def turns_in(text: str) -> list[tuple[float, float, str]]:
    """The start, the end and the speaker of each turn, rounded to ms."""
    return [
        (round(segment.start, 3), round(segment.end, 3), label)
        for annotation in opened(text).values()
        for segment, _, label in annotation.itertracks(yield_label=True)
    ]


def test_a_space_in_a_name_does_not_begin_a_field() -> None:
    """Names have underscores in the place of spaces; who is not known has a name, too."""
    text = render_rttm(speaker_tiers([turn("Ann Lee", "yes it is", 500), turn(None, "no", 600)]), "one two")

    assert text == (
        "SPEAKER one_two 1 0.500 0.900 <NA> <NA> Ann_Lee <NA> <NA>\n"
        "SPEAKER one_two 1 0.600 0.300 <NA> <NA> unknown <NA> <NA>\n"
    )
    assert list(opened(text)) == ["one_two"]
    assert turns_in(text) == [(0.5, 1.4, "Ann_Lee"), (0.6, 0.9, "unknown")]


def test_a_turn_ends_where_somebody_else_may_speak() -> None:
    """What is said and not typed belongs to nobody, and a long pause to no speech."""
    words = (
        ShownWord("one", Span(0, 300), "space"),
        ShownWord("two", Span(400, 700), "space"),
        ShownWord("three", Span(900, 1_200), "hole"),
        ShownWord("four", Span(2_700, 3_000), "space"),
    )
    text = render_rttm(speaker_tiers([ShownTurn(0, "Ann", words)]), "show")

    assert turns_in(text) == [(0.0, 0.7, "Ann"), (0.9, 1.2, "Ann"), (2.7, 3.0, "Ann")]


@given(hostile_turns())
def test_rttm_is_found_again(turns: tuple[ShownTurn, ...]) -> None:
    """Whatever the names are, a reader finds as many lines and speakers, in order of time, each with a duration."""
    tiers = speaker_tiers(turns)
    text = render_rttm(tiers, '07 “the” "show"')
    found = turns_in(text) if text else []

    assert len(found) == text.count("\n")
    assert len({name for _, _, name in found}) == len(tiers)
    assert all(start < end for start, end, _ in found)
    assert all(left[0] <= right[0] for left, right in pairwise(found))


def test_ctm_has_a_line_for_each_word() -> None:
    """Words of two people are in order of time, and words that are shown together share their time."""
    words = (ShownWord("talking to", Span(1_000, 1_900), "space", 0.25),)
    text = render_ctm(speaker_tiers([ShownTurn(0, "Ann", words), turn("Bo", "no", 500)]), "one two")

    assert text == (
        "one_two 1 0.500 0.300 no 1.00\none_two 1 1.000 0.700 talking 0.25\none_two 1 1.700 0.200 to 0.25\n"
    )


@given(hostile_turns())
def test_ctm_is_found_again(turns: tuple[ShownTurn, ...]) -> None:
    """Each line has six fields between single spaces, and all words are in them, in order of time."""
    text = render_ctm(speaker_tiers(turns), 'a "b" c')
    rows = list(csv.reader(text.split("\n")[:-1], delimiter=" ", quoting=csv.QUOTE_NONE))
    said = sorted(part for one in turns for word in one.words for part in word.text.split())

    assert sorted(word for _, _, _, _, word, _ in rows) == said
    assert [float(row[2]) for row in rows] == sorted(float(row[2]) for row in rows)
    assert all(float(duration) >= 0 and 0 <= float(confidence) <= 1 for _, _, _, duration, _, confidence in rows)
