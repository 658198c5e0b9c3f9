from __future__ import annotations

import pytest

from pipeline.reading.labels.forms import KnownSpeakers, find_known_speakers, find_labels, label_at, names_speaker
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


def test_a_plain_label_needs_a_known_name() -> None:
    """A name on the panel, or nearly, is known, and so is one of a bold label or of two plain ones."""
    text = "**Ann**: a\nBo: b\nBo: c\nCy: d\nDorothee Lange: e"
    lines = [Chars(start, start + len(line)) for line in text.split("\n") for start in [text.index(line)]]
    known = find_known_speakers(text, lines, ("Dorothea Lange",))
    found = [[label.name for label in find_labels(text, line, known, indented=False)] for line in lines]

    assert known == KnownSpeakers(("dorothea lange",), frozenset({"dorothea lange", "ann", "bo"}))
    assert found == [["Ann"], ["Bo"], ["Bo"], [], ["Dorothee Lange"]]


@pytest.mark.parametrize(
    ("name", "can"), [("Ann", True), ("李雷", True), ("007", True), (";", False), ("Notes", False)]
)
def test_a_speaker_has_a_letter_or_digit_and_is_no_heading(name: str, can: bool) -> None:  # noqa: FBT001
    """Marks alone and the headings of lists and remarks name no speaker."""
    assert names_speaker(name) is can
