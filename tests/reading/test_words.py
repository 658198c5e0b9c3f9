from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.words import spoken_keys
from tests.strategies import fragments

LANGUAGES = st.sampled_from(["en", "de", "fr", "th", "hi", "tlh"])


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Hello,", "hello"),
        ("We've", "we have"),
        ("we’ve", "we have"),
        ("ISN'T", "is not"),
        ("can't", "can not"),
        ("won’t,", "will not"),
        ("I'm", "i am"),
        ("you'll", "you will"),
        ("she's", "shes"),
        ("they'd", "theyd"),
        ("rock'n'roll", "rocknroll"),
        ("'exit'", "exit"),
        ("APIs", "apis"),
        ("well-known", "well known"),
        ("and/or", "and or"),
        ("things..us", "things us"),
        ("Straße", "strasse"),
        ("naïve", "naive"),
        ("nai\u0308ve", "naive"),
        ("Ёлка", "елка"),
        ("ﬁne", "fine"),
        ("co\u00adop", "coop"),
    ],
)
def test_letters(text: str, spoken: str) -> None:
    """Folds case, accents, apostrophes and punctuation away, and splits at hyphens."""
    assert " ".join(spoken_keys(text)) == spoken


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("500", "five hundred"),
        ("120", "one hundred twenty"),
        ("0.8.3", "zero point eight point three"),
        ("0.10.26", "zero point ten point twenty six"),
        ("3.25", "three point two five"),
        (".5", "point five"),
        ("1,234", "one thousand two hundred thirty four"),
        ("1984", "nineteen eighty four"),
        ("1,984", "one thousand nine hundred eighty four"),
        ("3000", "three thousand"),
        ("24/7", "twenty four seven"),
        ("9:30", "nine thirty"),
        ("007", "zero zero seven"),
        ("1234567890", "one two three four five six seven eight nine zero"),
        ("1st", "first"),
        ("22ND", "twenty second"),
        ("80s", "eighties"),
        ("$5", "five dollars"),
        ("50%", "fifty percent"),
        ("5'10", "five ten"),
        ("mp3", "mp three"),
        ("٣", "three"),
    ],
)
def test_numbers(text: str, spoken: str) -> None:
    """Says numbers as people do."""
    assert " ".join(spoken_keys(text)) == spoken


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("net.server._doListen", "net dot server dot do listen"),
        (".fork", "dot fork"),
        ("Node.js,", "node dot js"),
        ("v0.8", "v zero point eight"),
        ("snake_case", "snake case"),
        ("HTTPServer", "http server"),
        ("NPM", "npm"),
        ("U.S.", "us"),
        ("e.g.", "eg"),
        ("p.m", "pm"),
        ("&yet", "and yet"),
        ("R&D", "r and d"),
        ("&", "and"),
        ("C++", "c plus plus"),
        ("A+", "a plus"),
        ("C#", "c sharp"),
        ("#1", "number one"),
        ("me@here.org", "me at here dot org"),
        ("—", ""),
        ("...", ""),
        ("😀", ""),
    ],
)
def test_signs_and_names_of_things(text: str, spoken: str) -> None:
    """Says the signs of identifiers and abbreviations, and nothing for those that nobody says."""
    assert " ".join(spoken_keys(text)) == spoken


@pytest.mark.parametrize("word", ["हिन्दी", "ภาษาไทย", "日本語", "שָׁלוֹם", "العربيّة"])
def test_other_scripts_keep_their_marks(word: str) -> None:
    """Leaves the marks of scripts in which they are more than accents."""
    assert spoken_keys(word) == (word,)


@pytest.mark.parametrize(
    ("text", "language", "spoken"),
    [
        ("21", "de", "einundzwanzig"),
        ("R&D", "de", "r d"),
        ("0.8", "tlh", "0 8"),
        ("1st", "tlh", "1 st"),
        ("80s", "tlh", "80 s"),
    ],
)
def test_other_languages(text: str, language: str, spoken: str) -> None:
    """Says numbers in the language, or leaves their digits where it is not known; no English signs."""
    assert " ".join(spoken_keys(text, language)) == spoken


@given(text=st.text() | fragments() | st.text(alphabet=".aZé1,'&+#@_ -$0s%t"), language=LANGUAGES)
def test_keys_of_keys(text: str, language: str) -> None:
    """Gives the same keys for the keys, each of which is one word."""
    keys = spoken_keys(text, language)

    assert spoken_keys(" ".join(keys), language) == keys
    assert all(key.split() == [key] for key in keys)


@given(st.from_regex(r"[(\"']?[A-Za-z]{1,3}('[a-z]{1,2})?[.,?!;:\"')]{0,2}", fullmatch=True))
def test_short_cut_for_plain_words(word: str) -> None:
    """Gives a plain word the same keys alone, where a short cut holds, as behind another one, where it does not."""
    assert spoken_keys(f"é {word}") == ("e", *spoken_keys(word))
