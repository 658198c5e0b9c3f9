"""A short window: its edges, and what an engine is asked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.listening.transcribe.short_window import between_pauses
from pipeline.matching.probing.heard_windows import EDGE_MS, Request
from pipeline.times import Span

WINDOW = Span(10_000, 28_000)


@given(
    st.lists(st.tuples(st.integers(8_000, 30_000), st.integers(100, 3_000)), max_size=8), st.booleans(), st.booleans()
)
def test_edges_move_inwards_into_pauses(parts: list[tuple[int, int]], first: bool, last: bool) -> None:  # noqa: FBT001 -- drawn
    """By ``EDGE_MS`` at most, and only those that may be moved; what moved is in no speech."""
    speech: list[Span] = []
    for start, length in sorted(parts):
        at = max(start, speech[-1].end + 50) if speech else start
        speech.append(Span(at, at + length))

    found = between_pauses(speech, Request(WINDOW, first, last))

    assert WINDOW.start <= found.start <= WINDOW.start + first * EDGE_MS
    assert WINDOW.end - last * EDGE_MS <= found.end <= WINDOW.end
    moved = [edge for edge, other in ((found.start, WINDOW.start), (found.end, WINDOW.end)) if edge != other]
    assert not any(span.start < edge < span.end for edge in moved for span in speech)
