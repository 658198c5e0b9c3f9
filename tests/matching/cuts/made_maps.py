"""Maps between two cuts, from short notation and drawn by Hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from pipeline.matching.cuts.time_map import Stretch, TimeMap
from pipeline.times import Ms, Span


def cut_map(*stretches: tuple[Ms, Ms, Ms], old: Ms, new: Ms) -> TimeMap:
    """A map from (old start, old end, new start) in ms, all at the same speed."""
    made = (Stretch(Span(a, b), Span(to, to + b - a)) for a, b, to in stretches)
    return TimeMap(tuple(made), old, new)


ADVERT_IN = cut_map((10_000, 60_000, 0), (60_000, 100_000, 80_000), old=100_000, new=120_000)
"""The first ten seconds are off, and half a minute was put in at 1:00 of the old cut."""


@st.composite
def time_maps(draw: st.DrawFn, *, same_speed: bool = False) -> TimeMap:
    """Draw up to five stretches, with and without removed and added parts between them."""
    stretches: list[Stretch] = []
    old = new = 0
    for _ in range(draw(st.integers(0, 5))):
        old += draw(st.sampled_from((0, 0, 1, 40, 7_000)))
        new += draw(st.sampled_from((0, 0, 1, 40, 9_000)))
        length = draw(st.integers(1, 20_000))
        length_new = length if same_speed else max(1, round(length * draw(st.floats(0.95, 1.05))))
        stretches.append(Stretch(Span(old, old + length), Span(new, new + length_new)))
        old, new = old + length, new + length_new
    return TimeMap(tuple(stretches), old + draw(st.integers(0, 5_000)), new + draw(st.integers(0, 5_000)))
