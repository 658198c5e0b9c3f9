"""Pieces of unspaced scripts become words, and nothing is lost on the way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.alignment.word_grouping import in_words
from pipeline.schema import HeardWord
from pipeline.times import Ms, Span
from tests.matching.word_lists import hearing
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
    """Pieces that are said one right after the other."""
    return tuple(HeardWord(text, Span(start + k * each, start + (k + 1) * each), 0.5) for k, text in enumerate(texts))


def grouped(*words: HeardWord) -> list[tuple[str, Ms, Ms]]:
    """The words with their times."""
    return [(word.text, word.span.start, word.span.end) for word in in_words(hearing(words)).words]


def test_words_of_pieces() -> None:
    """Puts letters together, parts pieces that hold two words, and shares a piece's time by its letters."""
    assert grouped(*pieces("今", "天", "我们喝", "茶。")) == [
        ("今天", 0, 400),
        ("我们", 400, 533),
        ("喝茶。", 533, 800),
    ]


def test_marks_of_vowels() -> None:
    """A piece that is nothing but a vowel sign belongs to the letter before it."""
    assert grouped(*pieces("ว", "ั", "น", "น", "ี้")) == [("วัน", 0, 600), ("นี้", 600, 1000)]


def test_digits() -> None:
    """A number that comes in two pieces is one."""
    assert grouped(*pieces("20", "24", "年")) == [("2024", 0, 400), ("年", 400, 600)]


def test_a_pause_parts_words() -> None:
    """Two letters with silence between them are no word."""
    assert grouped(*pieces("今"), *pieces("天", start=600)) == [("今", 0, 200), ("天", 600, 800)]


def test_other_scripts() -> None:
    """What has spaces stays as it was heard, alone and between unspaced words."""
    english = hearing(pieces("well", "known", "20", "24"))

    assert in_words(english) is english
    assert grouped(*pieces("用", "New", "York", "吧")) == [
        ("用", 0, 200),
        ("New", 200, 400),
        ("York", 400, 600),
        ("吧", 600, 800),
    ]


@given(PIECES)
def test_no_letter_is_lost(parts: list[tuple[str, int, int]]) -> None:
    """The letters are the same in the same order; starts rise; every word lies within the time of the pieces."""
    heard: list[HeardWord] = []
    at: Ms = 0
    for text, pause, length in parts:
        heard.append(HeardWord(text, Span(at + pause, at + pause + length), None if pause % 2 else 0.5))
        at += pause + length
    words = in_words(hearing(heard, duration=at)).words

    assert "".join(word.text for word in words) == "".join(text for text, _, _ in parts)
    assert [word.span.start for word in words] == sorted(word.span.start for word in words)
    assert all(heard[0].span.start <= word.span.start <= word.span.end <= at for word in words)
