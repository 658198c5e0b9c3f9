from __future__ import annotations

import pytest

from pipeline.reading.structure.unspoken import is_unspoken
from pipeline.reading.transcript import parse
from pipeline.schema import Chars

UNSPOKEN = (
    "♪ upbeat synth music ♪", "♪♪", "🎵 🎵", "*Musik*", "_laughs_", "(music fades)", "\\(applause\\)",
    "PART 1 OF 4 ENDS", "End of part 2.", "TRANSCRIPT ENDS", "Presenter: Ann Lee (AL)",
    "**Attendees:** Ann Lee, Bob Ray", "Attendees: (none)", "Speaker: J.S.Lee (JSL)", "Date: 9 May 2026",
)  # fmt: skip
SPOKEN = (
    "*Really?*", "(He said that he would come back on the day after.)", "*Really* so.", "Part of me wants to.",
    "Recording is hard.", "Presenter: welcome to the show, all of you.", "Date: it was late.", "(Yes, I did.)",
    "A song ♪ is one.",
)  # fmt: skip


@pytest.mark.parametrize("line", UNSPOKEN)
def test_lines_that_are_no_speech(line: str) -> None:
    """Music, stage directions, marks of a tape and lines of minutes are in no turn, whatever surrounds them."""
    assert is_unspoken(line, Chars(0, len(line)))
    text = f"{line}\n\n**Ann Lee**: Hello there.\n\n{line}\n\n**Bob Ray**: And so.\n{line}\nYes.\n"
    transcript = parse(text)
    assert [" ".join(transcript.words[k].shown for k in one.words) for one in transcript.utterances] == [
        "Hello there.", "And so. Yes.",
    ]  # fmt: skip


@pytest.mark.parametrize("line", SPOKEN)
def test_lines_that_are_speech(line: str) -> None:
    """Sentences are speech, also in emphasis, in brackets and after such words."""
    assert not is_unspoken(line, Chars(0, len(line)))


def test_minutes_have_attendees_tables_and_links() -> None:
    """The list of who is there, its table, the presenter of an item and links alone are nobody's speech."""
    text = (
        "**Remote attendees:**\n| Name | Abbreviation |\n| ---- | ---- |\n| Ann Lee | AL |\n\n## Watering\n\n"
        "Presenter: Ann Lee (AL)\n\n- [slides](https://example.org/slides)\n\n"
        "AL: We have a pump.\n\nBR: Yes.\n\nAL: So.\n"
    )
    transcript = parse(text)
    assert [one.speaker for one in transcript.utterances] == ["AL", "BR", "AL"]
    assert transcript.words[0].shown == "We"
