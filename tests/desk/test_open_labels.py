"""Labels that leave the name open: their turns by voice, what is found about them, and likely names."""

from __future__ import annotations

from dataclasses import replace

from pipeline.desk.open_labels import MOST_NAMES, is_unknown, likely_names, open_label_findings, open_turns
from pipeline.reading.transcript import parse
from pipeline.schema import Finding
from tests.desk.test_review_queue import voiced

SOURCE = "".join(
    f"{label} So this is what I think about it.\n\n"
    for label in ("****:", "**Ann**:", "**Unknown speaker 2**:", "****:", "****:", "**Ann**:")
)


def test_turns_by_voice() -> None:
    """The turns without a name, by what is heard in them; where nothing is known of the voice, by their own label."""
    result = voiced(SOURCE, "Ann", "Ann", None, "Unknown speaker 1", None, "Ann")

    assert dict(open_turns(result)) == {"Ann": [0], "Unknown speaker 2": [2], "Unknown speaker 1": [3]}


def test_findings() -> None:
    """One for each turn whose voice has a name, one for each other voice, none for a voice that has one already."""
    result = voiced(SOURCE, "Ann", "Ann", None, "Unknown speaker 1", "Ann", "Ann")
    known = Finding("unknown-speaker", "", details={"name": "Unknown speaker 1", "candidates": ()})

    found = [(one.message, one.utterance) for one in open_label_findings(replace(result, findings=(known,)))]

    assert found == [
        ("the label leaves the name open, the voice is Ann's", 0),
        ("the label leaves the name open, the voice is Ann's", 4),
        ("Unknown speaker 2 has no name yet, in 1 turns", 2),
    ]


def test_likely_names_are_few() -> None:
    """Known ones first, then people of the panel without a turn, then names that occur once; never an unknown one."""
    labels = "".join(f"**{name}**: Well, that is so.\n\n" for name in ("Ann", "Ann", "Bo", "Unknown speaker 1"))
    result = voiced(labels, None, None, None, None)
    result = replace(result, transcript=replace(parse(labels), panel=("Cy", "Ann", "Dee")))

    assert likely_names(result, ()) == ("Cy", "Dee", "Bo")
    assert likely_names(result, ("Eve", "Cy")) == ("Eve", "Cy", "Dee")
    assert len(likely_names(result, ("E", "F", "G", "H"))) == MOST_NAMES
    assert is_unknown("Unknown speaker 12")
