from __future__ import annotations

import pytest

from pipeline.reading.labels.name_shapes import is_name_like, is_placeholder, name_shape


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("Ann Lee", "full-name"), ("Ludwig van Beethoven", "full-name"), ("Chris L.", "full-name"),
        ("Prof. Ann O’Neil", "full-name"), ("Ann and Bob", "full-name"), ("Ann Lee (host)", "full-name"),
        ("Ann", "one-word"), ("Dr. McKayla", "one-word"), ("ANN LEE", "capitals"), ("WEIR", "capitals"),
        ("AL", "initials"), ("J. R.", "initials"), ("Speaker 1", "numbered"), ("SPEAKER_00", "numbered"),
        ("李雷", "uncased"), ("محمد", "uncased"), ("And so", "other"), ("the plan", "other"), ("1984", "other"),
        ("", "other"),
    ],
)  # fmt: skip
def test_shapes(name: str, shape: str) -> None:
    """The shape is that of the name without its title and without what is in brackets."""
    assert name_shape(name) == shape
    assert is_name_like(name) is (shape != "other")


@pytest.mark.parametrize(
    ("name", "stands"),
    [
        ("Speaker 1", True), ("Unknown Speaker", True), ("Audience Member 2", True), ("All", True),
        ("Ann", False), ("Speakerphone", False), ("New members", False),
    ],
)  # fmt: skip
def test_placeholders(name: str, stands: bool) -> None:  # noqa: FBT001
    """Words that stand for a person without a name."""
    assert is_placeholder(name) is stands
