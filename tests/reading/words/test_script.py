from __future__ import annotations

import pytest

from pipeline.reading.words.script import LATIN, main_script


@pytest.mark.parametrize(
    ("texts", "script"),
    [
        (["Hello, World", "да"], LATIN),
        (["Привет", "it's"], "Cyrillic"),
        (["今天我们喝茶"], "Chinese"),
        (["今日は東京に行きました"], "Japanese"),
        (["안녕하세요"], "Korean"),
        (["ދިވެހި"], "other"),
        (["12:30 --", ""], None),
        ([], None),
    ],
)
def test_the_script_of_most_letters_is_named(texts: list[str], script: str | None) -> None:
    """Digits and marks do not count; a text with some kana is Japanese; without letters there is no script."""
    assert main_script(texts) == script


def test_later_text_does_not_change_the_script_of_a_long_one() -> None:
    """Counting stops after enough letters, so the time is bounded."""
    assert main_script(["a" * 10_001, "я" * 50_000]) == LATIN
