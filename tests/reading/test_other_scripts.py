"""Transcripts in other scripts are read as English ones are: labels, words, notes, the panel."""

from __future__ import annotations

import pytest

from pipeline.reading.transcript import parse
from tests.reading.views import kinds, notes, read, turns


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("**李雷**：大家好。\n\n**李雷：**好的。", [("李雷", "大家 好。"), ("李雷", "好的。")]),
        (
            "李雷：走\n\n韩梅：好\n\n李雷：茶\n\n韩梅：来",
            [("李雷", "走"), ("韩梅", "好"), ("李雷", "茶"), ("韩梅", "来")],
        ),
        ("**Zoé** : bonjour\n\n**Luc\u00a0:** oui", [("Zoé", "bonjour"), ("Luc", "oui")]),
        ("Zoé\u202f: bien\n\nZoé : l'homme", [("Zoé", "bien"), ("Zoé", "l'homme")]),
        ("\u200f**משה**\u200f: כן\n\n**\u200fמשה:\u200f** לא", [("משה", "כן"), ("משה", "לא")]),
        ("0:21 - \u200fמשה: כן\n\nמשה\u200e: לא", [("משה", "כן"), ("משה", "לא")]),
        (
            "محمد: نعم\n\nعلي: لا\n\nمحمد: لا\n\nعلي: نعم",
            [("محمد", "نعم"), ("علي", "لا"), ("محمد", "لا"), ("علي", "نعم")],
        ),
        ("他说：好\n\n她想：茶", [(None, "他 说： 好"), (None, "她想： 茶")]),
        (
            "我们今天要谈的问题其实非常简单：茶\n\n我们今天要谈的问题其实非常简单：茶",
            [(None, "我们 今天 要 谈 的 问题 其实 非常 简单： 茶")] * 2,
        ),
    ],
)
def test_labels(source: str, expected: list[tuple[str | None, str]]) -> None:
    """Wide colons, spaces before colons, direction marks, and plain names that are used twice are recognised."""
    assert turns(source) == expected


def test_words_with_markup() -> None:
    """Markup inside a run without spaces stays in the word that contains it or in the one before it."""
    transcript = parse("**李雷**：我用`pip`装[包](https://example.org)，**粗**体&amp;字")

    assert [(word.shown, word.text) for word in transcript.words] == [
        ("我", "我"),
        ("用", "用"),
        ("pip", "pip"),
        ("装", "装"),
        ("包，", "包](https://example.org)，"),
        ("粗", "粗"),
        ("体&", "体&amp;"),
        ("字", "字"),
    ]


def test_editors_marks() -> None:
    """Brackets without spaces around them are the editor's too, also in the editor's own language."""
    assert kinds("**李雷**：好[笑]的[听不清 04:01]，走") == [
        ("好", "spoken"),
        ("[笑]", "editorial"),
        ("的", "spoken"),
        ("[听不清 04:01]，", "unintelligible"),
        ("走", "spoken"),
    ]
    assert kinds("**Ann**: ja [unverständlich] nein") == [
        ("ja", "spoken"),
        ("[unverständlich]", "unintelligible"),
        ("nein", "spoken"),
    ]


@pytest.mark.parametrize(
    "note",
    [
        "<!-- 从 9:30 继续 -->",
        "<!-- 9:30から続き -->",
        "<!-- ต่อที่ 9:30 -->",
        "<!-- 9:30부터 계속 -->",
        "<!-- Fortsetzung bei 9:30 -->",
        "<!-- suite à 9:30 -->",
        "<!-- продолжить с 9:30 -->",
        "<!-- आगे 9:30 से -->",
        "<!-- المتابعة من 9:30, تابع -->",
        "<!-- להמשך: המשך ב-9:30 -->",
    ],
)
def test_notes(note: str) -> None:
    """A note that says in another language where to continue is recognised as a whole."""
    assert notes(f"**Ann**: ja\n\n{note}\n") == [("comment", note, "9:30")]


def test_panel() -> None:
    """A panel is read under its heading in another language, and names end at wide commas and brackets."""
    assert read("出演者：\n\n* 田中（司会）\n* 鈴木、作家\n\n田中：はい").panel == ("田中", "鈴木")
    assert read("Teilnehmer:\n\n* Jörg\n* Käthe\n\nJörg: ja").panel == ("Jörg", "Käthe")


def test_keys_are_those_of_the_language() -> None:
    """Numbers are spoken in the given language, in English without one."""
    assert parse("**Ann**: 21", "de").words[0].keys == ("einundzwanzig",)
    assert parse("**Ann**: 21").words[0].keys == ("twenty", "one")
