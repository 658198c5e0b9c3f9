"""A finding about the sound of a word stays as long as the word does; what is sent else is in test_desk_session."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.desk.quick.quick_report import keep_sound_findings, with_findings
from pipeline.desk.quick.retime import retime
from pipeline.desk.settle import Given, Heard, settle_text
from pipeline.matching.alignment.align import AlignOptions
from pipeline.matching.alignment.heard_times import speech_rate
from pipeline.schema import Chars, Finding
from pipeline.times import Span
from tests.episodes.kept_hearing import TRANSCRIPT, kept_hearing

SOURCE = TRANSCRIPT.read_text(encoding="utf-8")
HEARD = Heard(kept_hearing(), complete=True)


@pytest.mark.parametrize(
    ("old", "new", "stays"),
    [
        ("Philomena", "Wilhelmina", False),
        ("whole library", "entire library", True),
        ("I brought biscuits", "I brought some biscuits", True),
        ("I brought biscuits", "I brought\n\n**Ann**: biscuits", True),
    ],
)
def test_a_misheard_word_stays_while_it_is_typed(old: str, new: str, *, stays: bool) -> None:
    """It goes with the word, and moves with its turn."""
    result, reading = settle_text(SOURCE, HEARD, Given())
    turn = next(
        one.index for one in result.transcript.utterances if "Philomena" in SOURCE[one.chars.start : one.chars.end]
    )
    found = Finding("misheard", "line 1: …", turn, Span(0, 900), {"typed": "Philomena", "heard": "Wilhelmina"})
    result = replace(result, findings=(found,))
    assert SOURCE.count(old) == 1
    chars = Chars(SOURCE.index(old), SOURCE.index(old) + len(old))
    rate = speech_rate(result.transcript.words, result.words)
    made = retime(result, SOURCE.replace(old, new), chars, reading, AlignOptions(), rate)
    assert made is not None

    kept = keep_sound_findings(result, made)
    whole = with_findings(kept, HEARD)

    turns = [one.utterance for one in kept.findings]
    moved = sum("\n\n**" in text for text in (new,)) if SOURCE.index(old) < SOURCE.index("Philomena") else 0
    assert turns == [turn + moved] * stays
    assert [one.kind for one in whole.findings].count("misheard") == stays


def test_a_misheard_word_in_quotation_marks_stays_with_its_line() -> None:
    """Its message says the line of the text now, and the marks are not a part of the word."""
    source = SOURCE.replace("Philomena", "“Philomena,”", 1)
    result, reading = settle_text(source, HEARD, Given())
    turn = next(
        one.index for one in result.transcript.utterances if "Philomena" in source[one.chars.start : one.chars.end]
    )
    found = Finding("misheard", "line 1: …", turn, Span(0, 900), {"typed": "Philomena", "heard": "Wilhelmina"})
    result = replace(result, findings=(found,))
    at = source.index("I brought biscuits")
    assert at < source.index("Philomena")
    edited = f"{source[:at]}I brought\n\n**Ann**: {source[at + len('I brought ') :]}"
    rate = speech_rate(result.transcript.words, result.words)
    chars = Chars(at, at + len("I brought biscuits"))
    made = retime(result, edited, chars, reading, AlignOptions(), rate)
    assert made is not None

    (kept,) = keep_sound_findings(result, made).findings

    line = edited[: edited.index("Philomena")].count("\n") + 1
    assert kept.message == f"line {line}: typed “Philomena”, sounds like “Wilhelmina”"
