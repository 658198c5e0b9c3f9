from __future__ import annotations

import pytest

from pipeline.reading.labels.forms import candidate_at, label_at, names_speaker
from pipeline.schema import Chars


def whole(line: str) -> Chars:
    """Return the range of the whole line."""
    return Chars(0, len(line))


@pytest.mark.parametrize(
    ("line", "name", "label", "digits"),
    [
        ("**Ann**: hi", "Ann", "**Ann**:", None),
        ("**[Ann](x):** hi", "Ann", "**[Ann](x):**", None),
        ("0:17 - Ann: hi", "Ann", "Ann:", "0:17"),
        ("Ann (0:17): hi", "Ann", "Ann (0:17):", "0:17"),
        ("<b>Ann:</b> hi", "Ann", "<b>Ann:</b>", None),
        ("<STRONG>Ann</STRONG>: [0:17] hi", "Ann", "<STRONG>Ann</STRONG>:", "0:17"),
        ("*Ann:* hi", "Ann", "*Ann:*", None),
        ("0:17 - _Ann:_ hi", "Ann", "_Ann:_", "0:17"),
        ("Ann Lee – Host: hi", "Ann Lee", "Ann Lee – Host:", None),
        ("Ann - host (0:17): hi", "Ann", "Ann - host (0:17):", "0:17"),
        ("**Ann:** \\[0:17\\] hi", "Ann", "**Ann:**", "0:17"),
        ("****: hi", "", "****:", None),
    ],
)
def test_a_label_has_its_name_its_range_and_its_time(line: str, name: str, label: str, digits: str | None) -> None:
    """The range covers the name with its markup and colons; a time is found before, in and after it."""
    found = label_at(line, whole(line))

    assert found is not None
    assert (found.name, line[found.chars.start : found.chars.end]) == (name, label)
    assert (found.time.digits if found.time else None) == digits
    assert line[found.end :].strip() == "hi"


@pytest.mark.parametrize(
    "line", ["hi", "Note: hi", "**Links**: hi", "one two three four five: hi", "12: hi", "**Ann** hi"]
)
def test_other_lines_have_no_label(line: str) -> None:
    """Text without a colon, list headings, long phrases and numbers are no labels."""
    assert label_at(line, whole(line)) is None


def test_a_candidate_has_its_notation() -> None:
    """The marks around a name and what ends the label are kept apart."""
    lines = {
        "**Ann Lee** 0:03": ("bold", "timed-line"),
        "**Ann Lee** hi": ("bold", "none"),
        "Ann Lee [0:03] hi": ("plain", "time"),
        "Ann Lee - hi": ("plain", "dash"),
        "[0:03] - Ann Lee": ("plain", "timed-line"),
        "[Ann Lee]: hi": ("bracket", "colon"),
        "[Ann Lee] hi": ("bracket", "none"),
        "\\[SPEAKER_00\\] hi": ("bracket", "none"),
        "<Ann Lee> hi": ("angle", "colon"),
        ">> Ann Lee: hi": ("chevrons", "colon"),
        ">> hi": ("chevrons", "none"),
        "Q. hi": ("plain", "dot"),
    }
    found = {line: candidate_at(line, whole(line)) for line in lines}

    assert {line: label and (label.notation.marks, label.notation.ending) for line, label in found.items()} == lines


@pytest.mark.parametrize(
    "line",
    [
        "Right.",
        "It was late",
        "<br> hi",
        "<https://a.b> hi",
        "[Laughter] hi",
        "[sic] hi",
        "[she laughs] hi",
        "[Ann](x) hi",
        "[Ann]",
        "[Ann]'s hi",
    ],
)
def test_sentences_and_markup_are_no_candidates(line: str) -> None:
    """What is not written as a name, is markup, or is an editor's word may not be a label."""
    assert candidate_at(line, whole(line)) is None


@pytest.mark.parametrize(
    ("name", "can"), [("Ann", True), ("李雷", True), ("007", True), (";", False), ("Notes", False)]
)
def test_a_speaker_has_a_letter_or_digit_and_is_no_heading(name: str, can: bool) -> None:  # noqa: FBT001
    """Marks alone and the headings of lists and remarks name no speaker."""
    assert names_speaker(name) is can
