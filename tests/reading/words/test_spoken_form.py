from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from num2words import num2words

from pipeline.reading.words.spoken_form import _ASCII_PIECE, _PIECE, spoken_keys
from tests.strategies import fragments

LANGUAGES = st.sampled_from(["en", "de", "fr", "th", "hi", "zh", "ja", "he", "ar", "ko", "tr", "tlh"])


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
    """Case, accents, apostrophes and punctuation are folded away, and hyphens separate words."""
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
    """Numbers are spoken as people say them."""
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
def test_symbols_and_identifiers(text: str, spoken: str) -> None:
    """The symbols of identifiers and abbreviations are spoken, and those that are not read out are dropped."""
    assert " ".join(spoken_keys(text)) == spoken


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("हिन्दी", "हिन्दी"),
        ("ज़रूर हाँ", "जरूर हां"),
        ("ภาษาไทย", "ภ า ษ า ไ ท ย"),
        ("ที่นี่", "ที่ นี่"),
        ("日本語のカメラ", "日 本 语 の か め ら"),
        ("ｶﾒﾗ", "か め ら"),
        ("這個 这个", "这 个 这 个"),
        ("PythonはIT", "python は it"),
        ("שָׁלוֹם", "שלום"),
        ("العربيّة", "العربيه"),
        ("مـــدرسة أحمد", "مدرسه احمد"),
        ("مدرسه إحمد", "مدرسه احمد"),
        ("می‌روم", "ميروم"),
        ("한국", "한국"),
        ("IŞIK İstanbul ışık", "isik istanbul isik"),
        ("cœur Łódź", "coeur lodz"),
        ("Ёжик й", "ежик и"),
    ],
)
def test_other_scripts(text: str, spoken: str) -> None:
    """Spelling variants are folded, marks that are vowels stay, and unspaced scripts give one key for each letter."""
    assert " ".join(spoken_keys(text)) == unicodedata.normalize("NFD" if "한" in text else "NFC", spoken)


@pytest.mark.parametrize(
    ("text", "language", "spoken"),
    [
        ("21", "de", "einundzwanzig"),
        ("3.", "de", "dritte"),
        ("3.", "es", "tres"),
        ("1.000", "de", "eintausend"),
        ("3,5", "de", "drei komma funf"),
        ("0.8.3", "nl", "nul komma acht komma drie"),
        ("1984", "de", "neunzehnhundertvierundachtzig"),
        ("R&D", "de", "r und d"),
        ("50 %", "fr", "cinquante pour cent"),
        ("%", "es", "por ciento"),
        ("5€", "it", "cinque euro"),
        ("R&D", "tlh", "r d"),
        ("l'homme", "fr", "l homme"),
        ("aujourd’hui", "fr", "aujourd hui"),
        ("Ankara'da", "tr", "ankara da"),
        ("geht's", "de", "gehts"),
        ('צה"ל צה״ל', "he", "צהל צהל"),
        ("ג'ירפה", "he", "גירפה"),
        ("٢٠", "fa", "بيست"),
        ("二〇二四年", "zh", "2 0 2 4 年"),
        ("2024年", "ja", "2 0 2 4 年"),
        ("三百五十", "zh", "3 5 0"),
        ("350", "zh", "3 5 0"),
        ("３万", "ja", "3 0 0 0 0"),
        ("三点五", "zh", "3 点 5"),
        ("3.5", "zh", "3 点 5"),
        ("百", "zh", "百"),
        ("一起", "en", "一 起"),
        ("0.8", "tlh", "0 8"),
        ("1st", "tlh", "1 st"),
        ("80s", "tlh", "80 s"),
    ],
)
def test_other_languages(text: str, language: str, spoken: str) -> None:
    """Numbers and symbols are spoken in the language; digits stay if it is not known."""
    assert " ".join(spoken_keys(text, language)) == spoken


@given(text=st.text() | fragments() | st.text(alphabet=".aZé1,'&+#@_ -$0s%t"), language=LANGUAGES)
def test_keys_of_keys(text: str, language: str) -> None:
    """The keys of the keys are the same keys, and each is one word."""
    keys = spoken_keys(text, language)

    assert spoken_keys(" ".join(keys), language) == keys
    assert all(key.split() == [key] for key in keys)


@given(st.from_regex(r"[(\"']?[A-Za-z]{1,3}('[a-z]{1,2})?[.,?!;:\"')]{0,2}", fullmatch=True))
def test_short_cut_for_plain_words(word: str) -> None:
    """A plain word has the same keys alone, by a shortcut, as after another word, without it."""
    assert spoken_keys(f"é {word}") == ("e", *spoken_keys(word))


@given(st.integers(1, 999_999_999), st.sampled_from(("cardinal", "ordinal")))
@example(1_000, "ordinal")
@example(1_000_000, "cardinal")
@example(1_000_001, "ordinal")
@example(12_000_012, "cardinal")
def test_english_numbers_are_those_of_the_library(number: int, form: str) -> None:
    """A number that is put together from groups of three digits has the words that num2words gives for all of it."""
    spelled = num2words(number, to=form).replace("-", " ").replace(",", "").split()
    typed = f"{number}{_ending(number)}" if form == "ordinal" else f"{number:,}"

    assert list(spoken_keys(typed)) == [word for word in spelled if word != "and"]


def _ending(number: int) -> str:
    return "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


ASCII_TEXTS = st.text(st.characters(max_codepoint=127)) | st.text(
    st.sampled_from("aAbsthndrw09.,:;'\"$%&@+#_-([{ \t\n\x1f"), max_size=20
)


@given(ASCII_TEXTS)
@example("1st 2. 1.2.3 A.B. a.b AbC $1,000.50 90s c# #1 x@y +1 5 % &")
def test_the_pieces_of_ascii_text_are_the_same_by_either_pattern(text: str) -> None:
    """The faster pattern for texts of ASCII alone finds the pieces that the one for all texts finds."""
    pieces = [[(found.lastgroup, found.span()) for found in one.finditer(text)] for one in (_PIECE, _ASCII_PIECE)]

    assert pieces[0] == pieces[1]
