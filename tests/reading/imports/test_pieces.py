from __future__ import annotations

import pytest

from pipeline.reading.imports.pieces import Piece, milliseconds, turns_of, with_ends, with_labels


def test_a_full_name_is_a_label_where_the_first_piece_has_one() -> None:
    """Each of two people has a label where the speaker changes, and a sentence with a colon stays text."""
    texts = ("Ann Lee: One.", "And here is", "more.", "Bob Day: Two.", "Remember: it is.", "Yes.")
    found = with_labels(Piece(None, text) for text in texts)

    assert [(piece.speaker, piece.text) for piece in found] == [
        ("Ann Lee", "One."),
        (None, "And here is"),
        (None, "more."),
        ("Bob Day", "Two."),
        (None, "Remember: it is."),
        (None, "Yes."),
    ]


def test_pieces_of_one_speaker_are_one_turn() -> None:
    """A piece without a name belongs to the speaker before it; a turn begins with its first piece."""
    turns = list(turns_of([Piece("A", "a", 1), Piece(None, "b", 2), Piece("B", "c", 3), Piece("B", "d", 4)]))

    assert [(turn.speaker, turn.text, turn.start) for turn in turns] == [("A", "a b", 1), ("B", "c d", 3)]


def test_a_piece_without_an_end_lasts_until_the_next() -> None:
    """But no longer than slow speech; where no later one begins, as long as its text takes to read."""
    ends = [
        piece.end
        for piece in with_ends(
            [Piece(None, "a", 5), Piece(None, "b", 9), Piece(None, "c", 2), Piece(None, "d", 90_000)]
        )
    ]

    assert ends == [9, 575, 702, 90_566]


@pytest.mark.parametrize(("seconds", "ms"), [(1.5, 1500), (0, 0), (-1, None), (1e300, None), (None, None)])
def test_times_that_no_recording_has_are_none(seconds: float | None, ms: int | None) -> None:
    """A negative time, or one of a hundred hours, is none."""
    assert milliseconds(seconds) == ms
