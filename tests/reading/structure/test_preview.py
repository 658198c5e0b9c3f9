from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given

from pipeline.reading.structure.preview import Glance, glance
from pipeline.reading.transcript import parse
from tests.strategies import fragments, transcripts

EXAMPLE = Path(__file__).parents[3] / "examples" / "kettle-and-kernel" / "07-the-slow-build.md"


@given(fragments() | transcripts())
def test_a_glance_sees_the_title_that_reading_finds(source: str) -> None:
    """Gives the same title as the whole reading, for any text that has none before it."""
    if not source.lstrip("\ufeff").startswith("---"):
        assert glance(source).title == parse(source).title


def test_a_glance_sees_the_labels_of_the_example() -> None:
    """Finds as many labels as the whole reading."""
    source = EXAMPLE.read_text(encoding="utf-8")
    labels = sum(utterance.label is not None for utterance in parse(source).utterances)

    assert glance(source) == Glance("7: The Slow Build", labels)


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ('---\nauthor: Ann\nTitle: "The Slow Build"\n---\n# Other\n', "The Slow Build"),
        ("\ufeff---\ntitle: Tea\n---\n", "Tea"),
        ("---\ntitle: Tea\n", None),
        ("---\nauthor: Ann\n---\n# Tea\n", "Tea"),
        ("", None),
    ],
)  # fmt: skip
def test_a_title_may_stand_before_a_text(source: str, title: str | None) -> None:
    """Reads what some programs write between two lines of dashes."""
    assert glance(source).title == title


@given(fragments())
def test_the_beginning_of_any_text_can_be_looked_at(source: str) -> None:
    """Reads whatever is cut off anywhere."""
    assert glance(source[: len(source) // 2]).labels >= 0
