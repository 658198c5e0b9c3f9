"""Pieces of scripts without spaces are grouped into words, and no letter is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.alignment.word_grouping import group_into_words
from pipeline.schema import HeardWord
from pipeline.times import Ms, Span
from tests.matching.word_lists import make_hearing
from tests.strategies import UNSPACED

PIECES = st.lists(
    st.tuples(
        st.sampled_from("今 天我 们喝茶。 はい か? カメ ラ 20 24 年 ว ั น นี้ เรา Python s thon".split())  # noqa: SIM905
        | st.sampled_from(UNSPACED),
        st.integers(0, 400),
        st.integers(0, 500),
    )
)


def pieces(*texts: str, start: Ms = 0, each: Ms = 200) -> tuple[HeardWord, ...]:
    """Return pieces that are said one directly after the other."""
    return tuple(HeardWord(text, Span(start + k * each, start + (k + 1) * each), 0.5) for k, text in enumerate(texts))


def grouped(*words: HeardWord) -> list[tuple[str, Ms, Ms]]:
    """Return the grouped words with their starts and ends."""
    return [(word.text, word.span.start, word.span.end) for word in group_into_words(make_hearing(words)).words]


def test_pieces_are_grouped_into_words() -> None:
    """Letters are joined, a piece with parts of two words is cut, and its time is shared by its letters."""
    assert grouped(*pieces("今", "天", "我们喝", "茶。")) == [
        ("今天", 0, 400),
        ("我们", 400, 533),
        ("喝茶。", 533, 800),
    ]


def test_a_vowel_sign_belongs_to_the_letter_before_it() -> None:
    """This holds for a piece that has nothing but the sign."""
    assert grouped(*pieces("ว", "ั", "น", "น", "ี้")) == [("วัน", 0, 600), ("นี้", 600, 1000)]


def test_the_digits_of_a_number_are_one_word() -> None:
    """A number that comes in two pieces is joined."""
    assert grouped(*pieces("20", "24", "年")) == [("2024", 0, 400), ("年", 400, 600)]


def test_a_pause_separates_words() -> None:
    """Two letters with silence between them are two words."""
    assert grouped(*pieces("今"), *pieces("天", start=600)) == [("今", 0, 200), ("天", 600, 800)]


def test_words_of_scripts_with_spaces_stay_as_they_are() -> None:
    """They stay alone and between words of a script without spaces."""
    english = make_hearing(pieces("well", "known", "20", "24"))

    assert group_into_words(english) is english
    assert grouped(*pieces("用", "New", "York", "吧")) == [
        ("用", 0, 200),
        ("New", 200, 400),
        ("York", 400, 600),
        ("吧", 600, 800),
    ]


@given(PIECES)
def test_no_letter_is_lost(parts: list[tuple[str, int, int]]) -> None:
    """The letters are the same in order; starts increase; every word is within the time of the pieces."""
    heard: list[HeardWord] = []
    at: Ms = 0
    for text, pause, length in parts:
        heard.append(HeardWord(text, Span(at + pause, at + pause + length), None if pause % 2 else 0.5))
        at += pause + length
    words = group_into_words(make_hearing(heard, duration=at)).words

    assert "".join(word.text for word in words) == "".join(text for text, _, _ in parts)
    assert [word.span.start for word in words] == sorted(word.span.start for word in words)
    assert all(heard[0].span.start <= word.span.start <= word.span.end <= at for word in words)
