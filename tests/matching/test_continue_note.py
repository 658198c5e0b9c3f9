"""The note says where the typing stops: it is found, worded like the file, moved and removed."""

from __future__ import annotations

import pytest

from pipeline.matching.continue_note import find_continue_point, new_note_text, note_edits
from pipeline.reading.edits import apply, undo
from pipeline.reading.transcript import parse
from pipeline.schema import Continue
from tests.matching.word_lists import align_and_time, prose

A, B, REST = prose(21, 40), prose(22, 40), prose(23, 80)
"""Two turns of 12 s each, and 24 s of untyped speech."""


def point_of(source: str, said: str, *, is_cut_off: bool = False) -> Continue:
    """Return where the typing of ``source`` stops in what is said."""
    transcript, hearing, alignment, words, utterances = align_and_time(source, said)
    return find_continue_point(transcript, hearing, alignment, words, utterances, is_cut_off=is_cut_off)


def changed(source: str, point: Continue) -> str:
    """Return the document with its note brought to the point; undoing that must give the source back."""
    edits = note_edits(parse(source), point)
    result = apply(source, edits)
    assert apply(result, undo(source, edits)) == source
    return result


def test_the_point_is_the_end_of_the_last_typed_turn() -> None:
    """What is typed ends at 24 s, and speech follows."""
    assert point_of(f"**Ann**: {A}\n\n**Bob**: {B}\n", f"{A} {B} {REST}") == Continue(24_000, complete=False)


def test_a_transcript_to_the_end_is_complete() -> None:
    """Nine words after the last turn are a farewell that is usually not typed; ten are a passage."""
    nine, ten = " ".join(["bye"] * 9), " ".join(["bye"] * 10)

    assert point_of(f"**Ann**: {A}\n", f"{A} {nine}") == Continue(None, complete=True)
    assert point_of(f"**Ann**: {A}\n", f"{A} {ten}") == Continue(12_000, complete=False)


def test_a_transcript_is_not_complete_where_the_end_of_the_recording_is_missing() -> None:
    """With all that is heard typed, the point is not known; what is heard after the typing gives it as always."""
    typed = f"**Ann**: {A}\n\n**Bob**: {B}\n"
    unknown = Continue(None, complete=False)

    assert [point_of(typed, said, is_cut_off=True) for said in (f"{A} {B}", A)] == [unknown, unknown]
    assert note_edits(parse(f"{typed}\n<!-- Continue at 0:40! -->\n"), unknown) == ()
    assert point_of(typed, f"{A} {B} {REST}", is_cut_off=True) == Continue(24_000, complete=False)


def test_nothing_typed_continues_at_the_start() -> None:
    """A document with a title and a panel alone continues at 0:00."""
    assert point_of("7: A Show\n===\n\nPanel:\n\n* Ann\n", A) == Continue(0, complete=False)


def test_nothing_found_has_no_point() -> None:
    """A transcript of which nothing is said is not complete and has no continue time."""
    assert point_of(f"**Ann**: {prose(31, 5)} zyx\n\n<!-- Continue at 1:00! -->\n", REST) == Continue(
        None, complete=False
    )


def test_a_hole_in_the_middle_does_not_move_the_point() -> None:
    """With a passage left out and no note in it, the point is still the end of the last turn."""
    assert point_of(f"**Ann**: {A}\n\n**Bob**: {B}\n", f"{A} {REST} {B} {REST}").at == 48_000


def test_a_note_in_a_hole_stays_there() -> None:
    """A note between two turns, with untyped speech between them, marks that hole."""
    source = f"**Ann**: {A}\n\n<!-- Continue at 0:05! -->\n\n**Bob**: {B}\n"
    point = point_of(source, f"{A} {REST} {B}")

    assert point == Continue(12_000, complete=False, hole_note=0)
    assert changed(source, point) == source.replace("0:05", "0:12")


def test_a_note_between_turns_without_a_hole_moves_behind_the_last() -> None:
    """A note that was left behind when the typing continued moves to the end of the typing."""
    source = f"**Ann**: {A}\n\n<!-- Continue at 0:05! -->\n\n**Bob**: {B}\n\n## Links\n"
    point = point_of(source, f"{A} {B} {REST}")

    assert changed(source, point) == f"**Ann**: {A}\n\n**Bob**: {B}\n\n<!-- Continue at 0:24! -->\n\n## Links\n"


def test_a_note_directly_above_a_turn_leaves_the_blank_line_between_two_turns() -> None:
    """A note that moves must not join two paragraphs."""
    source = f"**Ann**: {A}\n\n<!-- Continue at 0:05! -->\n**Bob**: {B}\n"
    point = point_of(source, f"{A} {B} {REST}")

    assert changed(source, point) == f"**Ann**: {A}\n\n**Bob**: {B}\n\n<!-- Continue at 0:24! -->\n"


X = "**A**: x"
NOTE, NEW = "<!-- Continue at 9:30! -->", "<!-- Continue at 9:31! -->"
AT = Continue(571_900, complete=False)
DONE = Continue(None, complete=True)


@pytest.mark.parametrize(
    ("source", "point", "expected"),
    [
        pytest.param(f"{X}\n\n{NOTE}\n\n", AT, f"{X}\n\n{NEW}\n\n", id="time"),
        pytest.param(f"{X}\n\n<!-- continue from 09:30 -->", AT, f"{X}\n\n<!-- continue from 09:31 -->", id="words"),
        pytest.param(f"{X}\r\n\r\n## 16:12\r\nWIP\r\n", AT, f"{X}\r\n\r\n## 9:31\r\nWIP\r\n", id="heading"),
        pytest.param(f"{X}\n\nTODO 00:12:00\n", AT, f"{X}\n\nTODO 00:09:31\n", id="todo"),
        pytest.param(f"{X}\n", AT, f"{X}\n\n{NEW}\n", id="none yet"),
        pytest.param(f"{X}\n\n", AT, f"{X}\n\n{NEW}\n\n", id="none yet, blank line"),
        pytest.param(f"{X}", AT, f"{X}\n\n{NEW}", id="none yet, no final newline"),
        pytest.param(f"{X}\r\n", AT, f"{X}\r\n\r\n{NEW}\r\n", id="none yet, CRLF"),
        pytest.param("", Continue(0, complete=False), "<!-- Continue at 0:00! -->", id="empty file"),
        pytest.param(f"{X}\n\n{NOTE}\n\n", DONE, f"{X}\n\n", id="complete"),
        pytest.param(f"{X}\n\n{NOTE}", DONE, f"{X}\n", id="complete, no final newline"),
        pytest.param(f"{X}\r\n\r\n## 16:12\r\nWIP\r\n", DONE, f"{X}\r\n", id="complete, heading"),
        pytest.param(f"{NOTE}\n{X}\n", DONE, f"{X}\n", id="complete, note on top"),
        pytest.param(f"{X} {NOTE}\n", DONE, f"{X} \n", id="complete, inside a line"),
        pytest.param(f"{NOTE} {X}\n", DONE, f"{X}\n", id="complete, before a line's text"),
        pytest.param(f"{X}\n\n- TODO 9:30\n", DONE, f"{X}\n", id="complete, list item"),
        pytest.param(f"> {X}\n>\n> {NOTE}\n", DONE, f"> {X}\n>\n", id="complete, quoted"),
        pytest.param(f"{X}\n\n{NOTE}\n", Continue(None, complete=False), None, id="nothing found"),
        pytest.param(f"{X}\n", DONE, None, id="complete, no note"),
        pytest.param(
            f"{X}\n\n<!-- Continue at 1:00! -->\n\n<!-- Continue at 2:00! -->\n",
            AT,
            f"{X}\n\n<!-- Continue at 1:00! -->\n\n{NEW}\n",
            id="the last of several",
        ),
        pytest.param(f"{X}\n\n<!-- Drafted by cuemark from 9:31 -->\n", DONE, None, id="a drafted mark is no note"),
    ],
)
def test_the_note_is_brought_to_the_point(source: str, point: Continue, expected: str | None) -> None:
    """Each form of note is replaced, added or removed in the file's own wording; None means no change."""
    assert changed(source, point) == (source if expected is None else expected)


def test_a_second_time_changes_nothing() -> None:
    """A note that is right stays as it is."""
    once = changed("**A**: x\n", AT)

    assert changed(once, AT) == once


def test_the_note_text_is_the_new_note() -> None:
    """The new note is the old one with another time; a complete transcript has none."""
    transcript = parse("**A**: x\n\n<!-- Hier weiter: continue 9:30, danke -->\n")

    assert new_note_text(transcript, AT) == "<!-- Hier weiter: continue 9:31, danke -->"
    assert new_note_text(transcript, DONE) is None
