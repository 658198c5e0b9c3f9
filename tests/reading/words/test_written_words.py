from __future__ import annotations

import pytest

from pipeline.reading.transcript import parse
from pipeline.writing.shown_words import running_text
from tests.reading.views import kinds, typed


def words(text: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return each word of a turn: as it is typed, as it is shown, and its keys."""
    return [(word.text, word.shown, word.keys) for word in parse(f"**Ann**: {text}").words]


@pytest.mark.parametrize(
    "space", ["\xa0", "&nbsp;", "&#160;", "\u2009", "&ensp;", "\u202f", "\u3000", "\u200b", "<br>"]
)
def test_words_are_separate_whatever_space_is_between_them(space: str) -> None:
    """A space of any kind, typed or as an entity, separates two words, also where they are shown."""
    transcript = parse(f"**Priya{space}Nand**: let the{space}fans spin")

    assert [word.text for word in transcript.words] == ["let", "the", "fans", "spin"]
    assert transcript.utterances[0].speaker == "Priya Nand"
    assert running_text(transcript, transcript.words) == "let the fans spin"


@pytest.mark.parametrize("mark", ["\xad", "&shy;", "\u2060", "&NoBreak;", "\ufeff", "\u202a", "\u2069", "\x07"])
def test_invisible_characters_are_in_no_word(mark: str) -> None:
    """They cut no word, are not shown and not spoken, and the word's place covers them; alone they are no word."""
    transcript = parse(f"**Pri{mark}ya**: re{mark}port {mark} 5{mark}0")

    assert [(word.text, word.shown, word.keys) for word in transcript.words] == [
        (f"re{mark}port", "report", ("report",)),
        (f"5{mark}0", "50", ("fifty",)),
    ]
    assert transcript.utterances[0].speaker == "Priya"
    assert transcript.source[transcript.words[0].chars.start :].startswith(f"re{mark}port ")


@pytest.mark.parametrize("mark", ["\xad", "\u2060", "\ufeff", "\u200b", "\xa0"])
def test_an_invisible_character_before_a_label_hides_no_label(mark: str) -> None:
    """A line begins with its first visible character: files that were joined have byte order marks inside."""
    transcript = parse(f"**Ann**: One.\n\n{mark}**Bo**: Two.\n\n{mark}## More\n\nThree.")

    assert [utterance.speaker for utterance in transcript.utterances] == ["Ann", "Bo", "Bo"]
    assert [section.title for section in transcript.sections] == ["More"]


def test_marks_that_change_how_letters_look_are_shown() -> None:
    """Joiners, variation selectors and the marks that set the direction of their neighbours stay in the word."""
    assert [shown for _, shown, _ in words("می‌خواهم ❤️ \u200fשלום!\u200f")] == ["می‌خواهم", "❤️", "\u200fשלום!\u200f"]


@pytest.mark.parametrize(("typed_as", "keys"), [("&copy;x", "x"), ("R&amp;D", "randd"), ("&notit;", "andnotit")])
def test_entities_are_those_of_html(typed_as: str, keys: str) -> None:
    """A name that HTML does not have is text, even if it begins like one that it has."""
    assert "".join(key for _, _, found in words(typed_as) for key in found) == keys


def test_a_mark_is_its_source() -> None:
    """The text of a mark is what is typed, with the space that is typed in it."""
    assert words("so [unintelligible\xa004:01], then")[1] == (
        "[unintelligible\xa004:01],",
        "[unintelligible 04:01],",
        (),
    )


def test_marks_for_what_was_not_heard() -> None:
    """They are one word with the punctuation around them, in any brackets; times in brackets are no words."""
    text = '**Ann**: so "[inaudible]," and --<inaudible 00:12>-- or (Inaudible at 1:02), ((x [0:17]y and <b>z</b>'

    assert kinds(text) == [
        ("so", "spoken"),
        ('"[inaudible],"', "unintelligible"),
        ("and", "spoken"),
        ("--<inaudible 00:12>--", "unintelligible"),
        ("or", "spoken"),
        ("(Inaudible at 1:02),", "unintelligible"),
        ("((x", "spoken"),
        ("y", "spoken"),
        ("and", "spoken"),
        ("z", "spoken"),
    ]
    assert typed(text) == [("0:17", "y", False)]


def test_equal_words_share_their_text() -> None:
    """Each distinct word is kept once: a transcript repeats few words many times."""
    first, second = parse("**Ann**: extraordinary extraordinary").words

    assert first.text is first.shown is second.text
    assert first.keys is second.keys
