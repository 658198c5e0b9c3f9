"""Times that stay: the old time where there was one, and new ones that do not overlap it."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pipeline.desk.quick.kept_times import keep_times, settled_times
from pipeline.desk.settle import Given, Heard, settle_text
from pipeline.schema import TimedWord
from pipeline.times import Span
from tests.episodes.kept_hearing import TRANSCRIPT, kept_hearing


@st.composite
def times(draw: st.DrawFn, size: int) -> list[TimedWord]:
    """Draw times in order."""
    edges = sorted(draw(st.lists(st.integers(0, 100), min_size=2 * size, max_size=2 * size)))
    spans = [Span(a, b) if draw(st.booleans()) else None for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return [TimedWord(span, "heard" if span else None, 0.5) for span in spans]


@given(st.data())
def test_old_times_are_kept_and_new_ones_fit(data: st.DataObject) -> None:
    """A word that had a time and has one keeps it; all times are in order and within the edges."""
    size = data.draw(st.integers(0, 6))
    before, new = data.draw(times(size)), data.draw(times(size))
    old = [one if data.draw(st.booleans()) else None for one in before]

    kept = keep_times(old, new, (0, 100))

    for was, now, made in zip(old, new, kept, strict=True):
        assert (made.span is None) == (now.span is None)
        if was is not None and was.span is not None and now.span is not None:
            assert made.span == was.span
    edges = [at for one in kept if one.span for at in (one.span.start, one.span.end)]
    assert edges == sorted(edges)


def test_a_settled_alignment_moves_no_time() -> None:
    """Times that the page shows stay, though the whole new alignment interpolates them otherwise."""
    heard = Heard(kept_hearing(), complete=True)
    result, _ = settle_text(TRANSCRIPT.read_text(encoding="utf-8"), heard, Given())
    shown = [
        one if one.measured or one.span is None else TimedWord(one.span.middle(10), "interpolated", 0.0)
        for one in result.words
    ]
    assert any(one.span != now.span for one, now in zip(shown, result.words, strict=True))
    before = settled_times(result, result)
    assert before == result

    made = settled_times(replace(result, words=tuple(shown)), result)

    assert [one.span for one in made.words] == [one.span for one in shown]
