"""The grey text: what is said next at a caret, in the file's own style."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.desk.settle import Given, Heard, settle_text
from pipeline.desk.suggestion import Piece, suggest
from pipeline.matching.drafting.spelling import learn_spelling
from pipeline.reading.structure.file_style import FileStyle, LabelForm, read_file_style
from pipeline.schema import Hearing, NamedTurn
from pipeline.times import Span
from tests.factories import heard, hearing

SAID = (
    "Welcome back to the kettle show. Today we talk about Priya and her small garden. So how are you today? "
    "I am very well, thank you for having me. The garden is full of tall green beans. Which kinds do you grow? "
    "Mostly runner beans and a few broad ones. That sounds really lovely to me."
)
HEARD = hearing(heard(SAID))
ANN, BO = Span(0, 300 * 20), Span(300 * 20, 300 * 36)
VOICES = (
    NamedTurn(ANN, "Ann"), NamedTurn(BO, "Bo"), NamedTurn(Span(BO.end, BO.end + 300 * 5), "Ann"),
    NamedTurn(Span(BO.end + 1_500, HEARD.duration), "Bo"),
)  # fmt: skip
TYPED = "**Ann**: Welcome back to the kettle show. Today we talk about Priya"


def pieces(
    text: str, voices: tuple[NamedTurn, ...] = (), said: Hearing = HEARD, *, complete: bool = True
) -> tuple[Piece, ...]:
    """The suggestion at the mark ``|`` of a text."""
    at = text.index("|")
    source = text.replace("|", "")
    listened = Heard(said, None, (Span(0, said.duration),), complete=complete)
    result, _ = settle_text(source, listened, Given())
    result = replace(result, named_turns=voices)
    style, transcript = read_file_style(result.transcript), result.transcript
    spelling = learn_spelling(transcript, said, result.alignment, (), None, ())
    return suggest(result, listened, at, style, spelling)


def text_of(found: tuple[Piece, ...]) -> str:
    """All that a suggestion would write."""
    return "".join(piece.text for piece in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{TYPED}|\n", " and her small garden. So how are you today?"),
        (f"{TYPED} |\n", "and her small garden. So how"),
        (f"{TYPED} and her sm|\n", "all garden. So"),
        (f"{TYPED} and her large|\n", " garden. So how"),
        (f"{TYPED} and her [unintelligible]|\n", " small garden. So how"),
        (f"{TYPED} and her | So how are you today?\n", "small garden."),
        ("|", "Welcome back to the kettle show."),
        (f"{TYPED} and her |tall garden\n", "small "),
    ],
    ids=("end", "space", "begun", "other", "mark", "hole", "empty", "before-a-word"),
)
def test_what_is_said_next(text: str, expected: str) -> None:
    """The suggestion goes on behind the typed words, whatever was typed, up to what is typed behind the caret."""
    assert text_of(pieces(text)).startswith(expected)


def test_a_hole_ends_where_the_text_goes_on() -> None:
    """In a hole, only what is missing is suggested."""
    found = pieces("**Ann**: Welcome back to the kettle show.| So how are you today? I am very well, thank you.\n")

    assert text_of(found) == " Today we talk about Priya and her small garden."


@pytest.mark.parametrize(
    "text", [f"{TYPED} and her gar|den.\n", f"{TYPED}\n\n<!-- Continue| at 9:30! -->\n"], ids=("word", "note")
)
def test_no_suggestion(text: str) -> None:
    """Inside of a word and inside of a note nothing is suggested."""
    assert pieces(text) == ()


def test_a_new_turn_has_the_next_label() -> None:
    """Where another voice goes on, the suggestion has its label as the file writes labels."""
    found = text_of(pieces(f"{TYPED} and her small garden. So how are you|\n\n**Bo**: That sounds lovely.\n", VOICES))

    assert found.startswith(" today?\n\n**Bo**: I am very well, thank you for having me.")


NOTE = "<!-- Continue at 9:30! -->\n"


@pytest.mark.parametrize(("gap", "behind"), [("\n|\n", "\n"), ("\n\n|\n", "\n"), ("\n\n|\n\n", ""), ("|\n\n", "")])
def test_a_turn_above_the_note_is_apart_from_it(gap: str, behind: str) -> None:
    """On an empty line right above the note, the first piece has a line break behind it; elsewhere none is needed."""
    before = f"{TYPED} and her small garden. So how are you today?"
    text = f"{before}{gap}{NOTE}"
    first, *rest = pieces(text, VOICES)
    taken = first.text + "".join(piece.text for piece in rest) + first.behind

    assert first.behind == behind
    assert {piece.behind for piece in rest} == {""}
    whole = text.replace("|", taken)
    assert f"\n\n{NOTE}" in whole
    assert "today?\n\n**Bo**: I am" in whole
    assert "\n\n\n" not in whole.replace("\n\n\n**Bo**", "\n\n**Bo**") or behind == ""


@pytest.mark.parametrize("voices", [(), VOICES], ids=("words", "labels"))
def test_the_first_turn_stands_between_title_and_note(voices: tuple[NamedTurn, ...]) -> None:
    """In a transcript that is begun, a blank line is on either side of the first turn."""
    begun = f"Title\n=====\n|\n{NOTE}"
    found = pieces(begun, voices)
    label = "**Ann**: " if voices else ""

    assert begun.replace("|", found[0].text + found[0].behind) == f"Title\n=====\n\n{label}Welcome\n\n{NOTE}"


def test_the_first_label_follows_the_show() -> None:
    """Before any label is typed, the suggestion has one as the show writes it."""
    show = FileStyle(LabelForm("", ":"), blank_lines=0, is_given=True)
    result, _ = settle_text(f"Title\n=====\n\n\n{NOTE}", Heard(HEARD, complete=True), Given(style=show))
    result = replace(result, named_turns=VOICES)
    style = read_file_style(result.transcript, show)
    spelling = learn_spelling(result.transcript, HEARD, result.alignment, (), None, ())

    found = text_of(suggest(result, Heard(HEARD, complete=True), len("Title\n=====\n\n"), style, spelling))

    assert found.startswith("Ann: Welcome back")
    assert "\nBo: I am very well" in found


def test_a_voice_that_begins_late() -> None:
    """Gives a new turn its first word too, which is within the time of the voice before, wherever the caret is."""
    late = (NamedTurn(Span(0, ANN.end + 300), "Ann"), NamedTurn(Span(ANN.end + 300, BO.end), "Bo"), *VOICES[2:])
    text = f"{TYPED} and her small garden. So how are you today?|\n"

    assert text_of(pieces(text, late)).startswith("\n\n**Bo**: I am very well")


def test_a_typed_label_is_followed() -> None:
    """After a label that was just typed, its speaker's words are suggested, without another label."""
    found = text_of(pieces(f"{TYPED} and her small garden. So how are you today?\n\n**Bo**: |\n", VOICES))

    assert found.startswith("I am very well,")
    early = text_of(pieces(f"{TYPED} and her small garden. So how are\n\n**Bo**: |\n", VOICES))
    assert early.startswith("I am very well,")


def test_pieces_end_words_sentences_and_turns() -> None:
    """Each piece is one word with its time, and says what ends with it."""
    found = pieces(f"{TYPED}|\n", VOICES)

    assert [piece.end_of for piece in found[:4]] == ["word", "word", "word", "sentence"]
    assert [piece.end_of for piece in found].count("turn") == 2
    assert [(piece.start, piece.end) for piece in found[:2]] == [(3_300, 3_600), (3_600, 3_900)]
    assert all(piece.text.strip() for piece in found)


def test_lines_are_wrapped_as_in_the_file() -> None:
    """In a file that is wrapped, the suggestion is wrapped at its column, with its indentation."""
    wrapped = "This line is wrapped at about fifty columns by\n its typist and goes on with a space here ok then.\n\n"
    style = f"**Ann**: {wrapped}**Bo**: {wrapped}"
    found = text_of(pieces(f"{style}{TYPED}|\n"))

    assert "\n " in found
    assert max(map(len, found.split("\n")[1:])) <= 56


def test_terms_are_spelt_as_the_human_spelt_them() -> None:
    """A name is suggested as the transcript spells it."""
    found = text_of(pieces("* Panel\n\n**Ann**: Welcome back to the kettle show. Today we talk about| PRIYA.\n"))
    said = hearing(heard(f"{SAID} And kettle again with nodeup now."))
    again = text_of(pieces("**Ann**: NodeUp is here. That sounds really lovely to me.|\n", said=said))

    assert found == ""
    assert "NodeUp" in again


def test_what_was_not_listened_to_is_not_skipped() -> None:
    """A suggestion ends where a stretch begins that was not listened to, and there is none beyond it."""
    words = tuple(word for word in HEARD.words if not 3_900 < word.span.end < 9_000)
    said = replace(HEARD, words=words)
    result, _ = settle_text(f"{TYPED}\n", Heard(said, complete=True), Given())
    listened = Heard(said, None, (Span(0, 3_950), Span(8_000, HEARD.duration)))
    spelling = learn_spelling(result.transcript, said, result.alignment, (), None, ())
    style = read_file_style(result.transcript)

    assert text_of(suggest(result, listened, len(TYPED), style, spelling)) == " and her"
    nothing = replace(said, words=tuple(word for word in words if not 3_300 <= word.span.start < 9_000))
    result, _ = settle_text(f"{TYPED}\n", Heard(nothing, complete=True), Given())
    assert suggest(result, replace(listened, hearing=nothing), len(TYPED), style, spelling) == ()
