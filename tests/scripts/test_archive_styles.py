"""The patterns that stand for the truth find what they are made for, and nothing that is hidden."""

from __future__ import annotations

import pytest

from scripts.archive_styles import STYLES, Agreement, Marks, style_of, truth_of

WRITTEN = {
    "bold with a colon": "0:03 - **Ann Lee**: One.\n\n**Bob Ray:** Two.\n\nand\n\n\\[0:09\\] **Ann Lee**: Three.\n",
    "a name and its time": "Ann Lee (00:00:03):\nOne.\n\nBob Ray (00:00:06):\nTwo.\n\nAnn Lee (00:00:09)\nThree.\n",
    "a time and a bold name": "[0:03] **Ann Lee** One.\n\n[0:06] **Bob Ray** two.\n\n[0:09] **Ann Lee** Three.\n",
    "a bold name and a time": "**Ann Lee** 0:03 One.\n\n**Bob Ray**   0:06\n\nTwo.\n\n**Ann Lee** 0:09 Three.\n",
    "a voice": "00:00:03 <v Ann Lee>One. <v Ann Lee>And\n\n<v Bob Ray>Two.\n\n00:00:09 <v Ann Lee>Three.\n",
    "a plain name with a colon": "Ann Lee: One.\n\n[Ann Lee]: Two.\n\nAnn Lee [0:09]: Three.\n\nNote: four.\n",
    "initials": "AL: One.\n\nBR: Two.\n\nAL/BR: Three.\n\nNote: four.\n",
}


@pytest.mark.parametrize("style", STYLES)
def test_each_style_is_known_by_its_lines(style: str) -> None:
    """The style with the most lines is that of a file, and its pattern finds each of its labels."""
    text = WRITTEN[style]

    assert style_of(text) == style
    assert len(truth_of(text, style).labels) == 3


def test_what_is_no_speech_is_not_counted() -> None:
    """Comments, code, front matter, headings of lists, and labels and times that no word follows are left out."""
    text = (
        "---\n**A**: no\n---\n**Panel**: no\n\n**Ann**: One (0:05) two.\n\n<!-- 0:30 - **Ann**: no -->\n\n"
        "```\n**Ann**: no\n```\n\n**Break:** \\[00:11:37.24\\]\n\n"
        "## A part\n\n00:12:00 Three.\n\n```a```\n\n**Bob**: Four.\n\n```b```\n\n[0:59]\n\n**Ann**: [Laughter]\n"
    )

    truth = truth_of(text, "bold with a colon")

    lines = text.split("\n")
    assert [lines[number - 1] for number in sorted(truth.labels)] == [
        "**Ann**: One (0:05) two.",
        "**Break:** \\[00:11:37.24\\]",
        "**Bob**: Four.",
    ]
    assert [text[at : at + 4] for at in sorted(truth.times)] == ["0:05", "00:1", "00:1"]


def test_a_file_without_labels_has_no_style() -> None:
    """Plain names that begin fewer than three lines are no style; times are found in such a file too."""
    text = "Note: one\n\n00:00:03 two\n\nAnn: three.\n"

    assert style_of(text) is None
    assert truth_of(text, None) == Marks(frozenset(), frozenset({text.index("00:")}))


def test_a_time_above_its_label_is_followed_by_what_the_label_is() -> None:
    """A time on a line of its own counts where words follow the label below it, and not before one without words."""
    text = "[00:03]\n**Ann**: One.\n\n[00:05]\n**Break**:\n\n**Bob**: Two.\n\n**Break**: [00:09]\n\n**Ann**: So.\n"

    truth = truth_of(text, "bold with a colon")

    assert sorted(truth.times) == [1]
    assert len(truth.labels) == 3


def test_what_is_found_is_counted_in_both_directions() -> None:
    """Expected, found of these, and found beyond them."""
    agreement = Agreement()
    agreement.add(frozenset({1, 2, 3}), frozenset({2, 3, 4}))
    agreement.add(frozenset({9}), frozenset({9}))

    assert (agreement.expected, agreement.found, agreement.others) == (4, 3, 1)
    assert str(agreement) == "3 of 4 (75.00%) and 1 others"
    assert str(Agreement()) == "0 of 0 and 0 others"
    assert truth_of("", "initials") == Marks(frozenset(), frozenset())
