"""Positions in a part, by timestamp and by sample."""

from __future__ import annotations

from fractions import Fraction

from pipeline.listening.audio.parts import Entry, Part

ENTRIES = (Entry(100, 0, 7), Entry(1_000, 50, 70), Entry(2_000, 90, 700))
EXACT = Part("wav", 10, 120, "timestamps", ENTRIES, ticks=10, start=Fraction(3))
ROUNDED = Part("matroska,webm", 10, 120, "entries", ENTRIES)


def test_an_exact_timestamp_is_a_position() -> None:
    """Between entries, positions follow from timestamps; before the first one they are negative."""
    assert [EXACT.position(pts) for pts in (50, 100, 250, 1_000, 1_390, 2_010)] == [-5, 0, 15, 50, 89, 91]


def test_a_rounded_timestamp_is_a_position_in_entries_only() -> None:
    """A frame whose timestamp is in no entry follows the frame before."""
    assert [ROUNDED.position(pts) for pts in (50, 100, 250, 1_000, 2_010)] == [None, 0, None, 50, None]


def test_the_entry_before_a_position() -> None:
    """It is the last one at or before it."""
    assert [EXACT.entry_before(sample) for sample in (-1, 0, 49, 50, 99)] == [
        None, ENTRIES[0], ENTRIES[0], ENTRIES[1], ENTRIES[2],
    ]  # fmt: skip


def test_a_part_ends_after_its_samples() -> None:
    """Start and end are in seconds."""
    assert EXACT.end == 15
