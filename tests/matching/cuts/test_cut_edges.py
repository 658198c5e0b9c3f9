from __future__ import annotations

import numpy as np
import pytest

from pipeline.matching.cuts.cut_edges import find_edges
from pipeline.matching.cuts.fine_offsets import Line
from tests.matching.cuts.made_levels import encoded_again, made_levels

OLD = made_levels(60, 1)
ADVERT = made_levels(10, 2)


def close(found: tuple[tuple[int, int], ...], wanted: tuple[tuple[int, int], ...], frames: int = 5) -> bool:
    """Whether all edges are right to 50 ms."""
    return len(found) == len(wanted) and bool(np.abs(np.array(found) - np.array(wanted)).max() <= frames)


def test_added_in_the_middle() -> None:
    """Where something was only added, there is one edge: nothing of the old sound is left out."""
    new = encoded_again(np.concatenate([OLD[:3_000], ADVERT, OLD[3_000:]]), 3)
    edges = find_edges(OLD, new, (Line(150, 2_850, 0.0), Line(3_150, 5_850, 1_000.2)))

    assert close(edges, ((0, 3_000), (3_000, 6_000)))
    assert edges[0][1] == edges[1][0]


def test_removed_in_the_middle() -> None:
    """Where something was only removed, the new sound goes on without a gap."""
    new = encoded_again(np.concatenate([OLD[:3_000], OLD[3_700:]]), 3)
    edges = find_edges(OLD, new, (Line(150, 2_850, 0.0), Line(3_850, 5_850, -700.0)))

    assert close(edges, ((0, 3_000), (3_700, 6_000)))
    assert edges[1][0] - edges[0][1] == 700


def test_replaced_and_trimmed() -> None:
    """Other sound in the place of some, a new start, and an end that is missing: four edges."""
    new = encoded_again(np.concatenate([ADVERT[:400], OLD[500:3_000], ADVERT, OLD[3_700:5_500]]), 3)
    edges = find_edges(OLD, new, (Line(650, 2_850, -100.0), Line(3_850, 5_350, 200.0)))

    assert close(edges, ((500, 3_000), (3_700, 5_500)))


@pytest.mark.parametrize("more", [0, 30, -30])
def test_a_small_difference(more: int) -> None:
    """Cuts of a fraction of a second keep the order of edges in both recordings."""
    new = (
        np.concatenate([OLD[:3_000], OLD[3_000 - min(0, more) :]])
        if more <= 0
        else np.insert(OLD, 3_000, ADVERT[:30], 0)
    )
    (_, end), (start, _) = find_edges(OLD, new, (Line(150, 2_850, 0.0), Line(3_150, 5_850, float(more))))

    assert end <= start
    assert end <= start + more
