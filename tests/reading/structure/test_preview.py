from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given

from pipeline.reading.structure.preview import Preview, read_preview
from pipeline.reading.transcript import parse
from tests.strategies import fragments, transcripts

EXAMPLE = Path(__file__).parents[3] / "examples" / "kettle-and-kernel" / "07-the-slow-build.md"


@given(fragments() | transcripts())
def test_the_preview_has_the_title_that_reading_finds(source: str) -> None:
    """The title is that of a full reading, for any text without front matter."""
    if not source.lstrip("\ufeff").startswith(("---", "+++")):
        assert read_preview(source).title == parse(source).title


def test_the_preview_counts_the_labels_of_the_example() -> None:
    """The number of labels is that of a full reading."""
    source = EXAMPLE.read_text(encoding="utf-8")
    labels = sum(utterance.label is not None for utterance in parse(source).utterances)

    assert read_preview(source) == Preview("7: The Slow Build", labels)


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ('---\nauthor: Ann\nTitle: "The Slow Build"\n---\n# Other\n', "The Slow Build"),
        ("\ufeff---\ntitle: Tea\n---\n", "Tea"),
        ("---\ntitle: Tea\n", None),
        ('+++\nauthor = "Ann"\ntitle = "Tea"\n+++\n', "Tea"),
        ("---\nauthor: Ann\n---\n# Tea\n", "Tea"),
        ("", None),
    ],
)  # fmt: skip
def test_the_title_can_be_in_front_matter(source: str, title: str | None) -> None:
    """The title between two lines of dashes or plus signs is read; some programs write it there."""
    assert read_preview(source).title == title


@given(fragments())
def test_any_beginning_of_a_text_has_a_preview(source: str) -> None:
    """A text that is cut off anywhere can be read."""
    assert read_preview(source[: len(source) // 2]).labels >= 0
