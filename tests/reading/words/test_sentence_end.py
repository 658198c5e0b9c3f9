from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.words.sentence_end import ends_sentence, has_sentence_stop, sentence_stop


@pytest.mark.parametrize(
    ("word", "following", "ends"),
    [
        ("show.", "There", True),
        ("0.8?", "What", True),
        ("“Really!”", "“No.”", True),
        ("(yes.)", "And", True),
        ("です。", "次", True),
        ("done.", None, True),
        ("Dr.", None, False),
        ("B.", None, True),
        ('so?"', None, True),
        ("Mr.", None, False),
        ("0.8", None, False),
        ("そう。", None, True),
        ("well", None, False),
        ("done,", None, False),
        ("नमस्ते।", "अब", True),
        ("no.", "And", True),
        ("so...", "maybe", False),
        ("Dr.", "Ranney", False),
        ("J.", "Smith", False),
        ("e.g.", "Clock", False),
        ("node.js", "is", False),
        ("well", "then", False),
        ("--", "And", False),
    ],
)
def test_a_sentence_ends_at_its_stop_and_not_at_an_abbreviation(word: str, following: str | None, ends: bool) -> None:  # noqa: FBT001
    """A full stop is distinguished from an abbreviation, an initial and dots of hesitation."""
    assert ends_sentence(word, following) is ends


@pytest.mark.parametrize(
    ("word", "stop"),
    [("done.", "."), ("“Really?!”", "?!”"), ("Dr.", "."), ("よ。」", "。」"), ("done,", ""), ("node.js", ""), ("", "")],
)
def test_the_stop_includes_the_marks_that_close_after_it(word: str, stop: str) -> None:
    """The stop is returned with closing quotes and brackets, whether a sentence ends there or not."""
    assert sentence_stop(word) == stop


@given(st.text(alphabet="aB.!?…。”)»,: ", max_size=8), st.none() | st.sampled_from(("Next", "next", "“So")))
def test_only_a_word_with_a_stop_ends_a_sentence(word: str, following: str | None) -> None:
    """A word that ends a sentence has a stop, which is the end of the word."""
    assert word.endswith(sentence_stop(word))
    assert has_sentence_stop(word) or not ends_sentence(word, following)
