from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.times import Span
from pipeline.writing.line_breaks import (
    break_lines,
    break_wide_words,
    display_width,
    fit_end,
    join_unbreakable,
    line_text,
)
from pipeline.writing.shown_words import ShownWord
from tests.writing.strategies import shown_words


def words(text: str) -> tuple[ShownWord, ...]:
    """Return words of 100 ms each."""
    return tuple(ShownWord(word, Span(100 * k, 100 * k + 100), "space") for k, word in enumerate(text.split()))


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", 0),
        ("plain", 5),
        ("naïve", 5),
        ("nai\u0308ve", 5),
        ("日本", 4),
        ("ｆｕｌｌ", 8),
        ("👩‍👩‍👧", 2),
        ("❤️", 2),
        ("\u200b", 0),
    ],
)
def test_width_counts_columns(text: str, columns: int) -> None:
    """Full-width letters and emoji take two columns, combining marks none."""
    assert display_width(text) == columns


def line_texts(text: tuple[ShownWord, ...], lead: int, max_width: int) -> tuple[str, ...]:
    """The text of each line that English words are broken into."""
    return tuple(map(line_text, break_lines(text, lead, max_width, english=True)))


def test_short_text_stays_on_one_line() -> None:
    """Text that fits is not broken."""
    assert line_texts(words("Let's go on. There were some releases."), 0, 42) == (
        "Let's go on. There were some releases.",
    )


def test_lines_end_after_punctuation() -> None:
    """The comma is preferred to a more even break."""
    text = "We have Daniel on the line today, and then there is Matt."

    assert line_texts(words(text), 0, 42) == (
        "We have Daniel on the line today,",
        "and then there is Matt.",
    )


def test_lines_end_before_a_conjunction() -> None:
    """No line ends with an article or a conjunction."""
    text = "they called the person in the background because the server had crashed"

    assert line_texts(words(text), 0, 42) == (
        "they called the person in the background",
        "because the server had crashed",
    )


def test_names_stay_whole() -> None:
    """A first name stays on the line of its last name."""
    text = "yesterday somebody asked Daniel Shaw whether everything works"

    assert line_texts(words(text), 0, 42) == (
        "yesterday somebody asked Daniel Shaw",
        "whether everything works",
    )


def test_a_name_before_the_text_takes_its_columns() -> None:
    """The first line is shorter by the speaker's name before it."""
    text = "Hello, welcome to the show, this is us"

    assert line_texts(words(text), len("Mikeal Rogers: "), 42) == (
        "Hello,",
        "welcome to the show, this is us",
    )


def test_a_wide_word_is_broken_between_graphemes() -> None:
    """An address is broken into pieces that share its time, and a family of emoji stays whole."""
    word = ShownWord("abcdefgh👩‍👩‍👧ij", Span(0, 1_200), "paragraph")

    assert list(break_wide_words([word], 5)) == [
        ShownWord("abcde", Span(0, 500), "paragraph"),
        ShownWord("fgh👩‍👩‍👧", Span(500, 1_000), "nothing"),
        ShownWord("ij", Span(1_000, 1_200), "nothing"),
    ]


@given(shown_words(), st.integers(8, 60), st.integers(1, 3), st.integers(0, 20))
def test_what_fits_breaks_into_lines_that_fit(
    given_words: tuple[ShownWord, ...], max_width: int, max_count: int, lead: int
) -> None:
    """Words that fit are broken into lines of at most the width and the count, without losing a word."""
    pieces = tuple(break_wide_words(given_words, max_width))
    end = fit_end(pieces, 0, lead, max_width, max_count)
    lines = line_texts(pieces[:end], lead, max_width)
    alone = lead + display_width(pieces[0].text) > max_width

    assert all(display_width(line) <= max_width for line in lines)
    assert len(lines) <= max(1, max_count - alone)
    assert alone or lead + display_width(lines[0]) <= max_width
    assert "".join(lines).replace(" ", "") == line_text(pieces[:end]).replace(" ", "")


@given(shown_words(), st.integers(2, 60))
def test_breaking_wide_words_keeps_their_text_and_time(given_words: tuple[ShownWord, ...], max_width: int) -> None:
    """Every letter is kept in order, and the pieces have exactly their words' time."""
    pieces = list(break_wide_words(given_words, max_width))

    assert line_text(pieces) == line_text(given_words)
    assert sum(piece.span.duration for piece in pieces) == sum(word.span.duration for word in given_words)
    assert all(display_width(piece.text) <= max_width for piece in pieces)


def test_unbreakable_words_are_joined() -> None:
    """A bracket stays with its word, and Japanese is broken only where a line may end."""
    parts = ("foo", "[bar]", "です", "。", "次")
    glued = [ShownWord(part, Span(100 * k, 100 * k + 100), "nothing" if k else "space") for k, part in enumerate(parts)]

    assert [(word.text, word.separator) for word in join_unbreakable(glued[:2])] == [("foo[bar]", "space")]
    assert [word.text for word in join_unbreakable(glued[2:])] == ["です。", "次"]
    assert line_text(list(join_unbreakable(glued))) == line_text(glued)
