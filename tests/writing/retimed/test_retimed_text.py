from __future__ import annotations

import pytest

from pipeline.matching.cuts.time_map import Stretch, TimeMap
from pipeline.times import Span
from pipeline.writing.retimed.retimed_text import is_shortened
from tests.matching.cuts.made_maps import ADVERT_IN


@pytest.mark.parametrize(
    ("old", "new", "shortened"),
    [
        (Span(9_000, 11_000), Span(0, 1_000), True),
        (Span(20_000, 21_000), Span(10_000, 11_000), False),
        (Span(9_960, 11_000), Span(0, 1_000), False),
        (Span(59_000, 60_500), Span(49_000, 50_000), True),
    ],
)
def test_shortened(old: Span, new: Span, shortened: bool) -> None:  # noqa: FBT001 -- a parameter of the test
    """A span is shortened where it lost more than the edge of a cut may be off."""
    assert is_shortened(ADVERT_IN, old, new) is shortened


def test_another_speed_shortens_nothing() -> None:
    """What is faster has the same sound in less time."""
    faster = TimeMap((Stretch(Span(0, 100_000), Span(0, 95_000)),), 100_000, 95_000)

    assert not is_shortened(faster, Span(10_000, 20_000), Span(9_500, 19_000))
