from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.imports.pieces import Piece
from pipeline.reading.imports.word_spans import word_spans, written_pieces
from pipeline.reading.transcript import parse
from pipeline.times import Span


def test_a_word_has_its_share_of_its_piece() -> None:
    """By its letters; a word whose piece has no time has none."""
    transcript = parse("**Ann**: aaaa bbbbb ccc\n")
    pieces = (Piece("Ann", "aaaa bbbbb", 1000, 2000), Piece(None, "ccc"))

    assert word_spans(transcript, pieces) == (Span(1000, 1400), Span(1500, 2000), None)


def test_markup_and_signs_between_words_do_not_matter() -> None:
    """What the document has besides the words of the pieces moves no word."""
    transcript = parse("**Ann**: \\*aa\\* — bb\n\n## Part\n\n**Bob**: cc\n")
    spans = word_spans(transcript, (Piece("Ann", "*aa* — bb", 0, 900), Piece("Bob", "cc", 1000, 1200)))

    assert spans[0] == Span(0, 400)
    assert spans[-1] == Span(1000, 1200)


def test_typed_times_are_pieces() -> None:
    """Each piece goes from one typed time to the next."""
    pieces = written_pieces(parse("**Ann**: Hi all.\n\n0:05 - **Bob**: One two.\n\n0:06 - **Ann**: Three.\n"))

    assert [(piece.text, piece.start, piece.end) for piece in pieces] == [
        ("Hi all.", None, None),
        ("One two.", 5000, 6000),
        ("Three.", 6000, 6896),
    ]


@given(
    st.text("ab c*\n:0123é", max_size=60), st.lists(st.text("abc é*", min_size=1, max_size=20), min_size=1, max_size=5)
)
def test_any_word_is_within_its_piece(source: str, texts: list[str]) -> None:
    """Also if the pieces are not those that the document was made of."""
    pieces = [Piece(None, text, 1000 * k, 1000 * k + 500) for k, text in enumerate(texts)]

    spans = word_spans(parse(source), pieces)

    assert all(span is not None and span.start // 1000 == span.end // 1000 for span in spans)
