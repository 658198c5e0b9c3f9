from __future__ import annotations

import pytest
from whisper.tokenizer import LANGUAGES as WHISPERS
from whisper.tokenizer import TO_LANGUAGE_CODE

from pipeline.languages import LANGUAGES, code_of


def test_all_that_whisper_knows() -> None:
    """Has the codes of Whisper's own table, no more and no fewer, and knows each by each of Whisper's names."""
    assert LANGUAGES.keys() == WHISPERS.keys()
    assert {name: code_of(name) for name in TO_LANGUAGE_CODE} == TO_LANGUAGE_CODE
    assert [code_of(code.upper()) for code in LANGUAGES] == list(LANGUAGES)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("de-DE", "de"),
        ("zh_Hant", "zh"),
        ("zh-yue", "yue"),
        ("iw", "he"),
        ("nb-NO", "no"),
        (" Français ", "fr"),
        ("FRANCAIS", "fr"),
        ("हिन्दी", "hi"),
        ("ภาษาไทย", "th"),
        ("日本語", "ja"),
        ("haitian_creole", "ht"),
        ("klingon", None),
        ("in my own words", None),
        ("", None),
    ],
)
def test_what_people_type(given: str, code: str | None) -> None:
    """Knows tags, old codes and names in any language, and does not guess."""
    assert code_of(given) == code
