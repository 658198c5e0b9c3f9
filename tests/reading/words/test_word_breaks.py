from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.words.word_breaks import cut_unspaced, is_unspaced, join_words, letters_in
from tests.strategies import UNSPACED

RUNS = st.lists(st.sampled_from((*UNSPACED, "Python3", "don't", "C++", "(", "」", "「", "。", "...", "\ud800", "😀")))


@pytest.mark.parametrize(
    ("run", "words"),
    [
        ("今天我们喝茶。", "今天 我们 喝茶。"),
        ("他说：“你好！”然后走了", "他 说： “你好！” 然后 走了"),
        ("我用Python3和C++写", "我 用 Python3 和 C++ 写"),
        ("见https://example.org/a_(b)吧", "见 https://example.org/a_(b) 吧"),
        ("二〇二四年三百五十个", "二〇二四年 三百五十 个"),
        ("2024年", "2024 年"),
        ("ディープラーニングとコーヒー", "ディープラーニング と コーヒー"),
        ("ジョン・スミス", "ジョン・ スミス"),
        ("好[笑]的(laughs)", "好 [笑] 的 (laughs)"),
        ("วันนี้เราจะพูด", "วัน นี้ เรา จะ พูด"),
        ("ຂ້ອຍຮັກເຈົ້າ", "ຂ້ອຍ ຮັກ ເຈົ້າ"),
        ("ខ្ញុំស្រឡាញ់អ្នក", "ខ្ញុំ ស្រឡាញ់ អ្នក"),
        ("မင်္ဂလာပါခင်ဗျာ", "မင်္ဂလာ ပါ ခင်ဗျာ"),
        ("안녕하세요여러분", "안녕하세요여러분"),
        ("well-known/always", "well-known/always"),
        ("（（", "（（"),
    ],
)
def test_words(run: str, words: str) -> None:
    """Only scripts without spaces are cut; marks stay with the word before, opening ones with the next."""
    assert cut_unspaced(run) == words.split()


@given(RUNS)
def test_no_character_is_lost(parts: list[str]) -> None:
    """The words joined are the run, none is empty, and only a run with an unspaced letter has several."""
    run = "".join(parts)
    words = cut_unspaced(run)

    assert "".join(words) == run
    assert len(words) == 1 or (all(words) and is_unspaced(run))
    assert len(words) == 1 or all(any(character.isalnum() for character in word) for word in words)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["well", "then"], "well then"),
        (["今天", "很好。", "再见"], "今天很好。再见"),
        (["我", "用", "Python", "code"], "我用Python code"),
        (["วัน", "นี้"], "วันนี้"),
        (["안녕하세요,", "여러분"], "안녕하세요, 여러분"),
        ([], ""),
    ],
)
def test_joined(words: list[str], text: str) -> None:
    """Spaces are put where the script has them."""
    assert join_words(words) == text


@pytest.mark.parametrize(("key", "letters"), [("kettle", 6), ("茶", 3), ("か", 2), ("ที่", 3), ("élan", 4)])
def test_letters(key: str, letters: int) -> None:
    """A syllable counts as the letters that an alphabet would take for it."""
    assert letters_in(key) == letters
