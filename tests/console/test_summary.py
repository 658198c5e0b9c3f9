from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.console.summary import MOST_FINDINGS, summary
from pipeline.schema import Continue, Finding
from pipeline.times import Span, format_clock
from tests.factories import result

SOURCE = "**Ann**: Hello.\n\n<!-- Continue at 0:05! -->\n"
OLD, NEW = "<!-- Continue at 0:05! -->", "<!-- Continue at 0:15! -->"


@pytest.mark.parametrize(
    ("point", "note", "old", "line"),
    [
        (Continue(15_000, complete=False), NEW, OLD, f"note: {OLD} -> {NEW}"),
        (Continue(15_000, complete=False), NEW, None, f"note: none -> {NEW}"),
        (Continue(5_000, complete=False), OLD, OLD, f"note: {OLD} is right as it is"),
        (Continue(None, complete=True), None, OLD, f"note: the transcript is complete; {OLD} goes"),
        (Continue(None, complete=True), None, None, "note: the transcript is complete"),
        (
            Continue(None, complete=False),
            OLD,
            OLD,
            "note: not moved, because nothing that is written was found in the audio",
        ),
        (Continue(9_000, complete=False), "## 0:09\n\nWIP", "## 0:05\n\nWIP", "note: ## 0:05 WIP -> ## 0:09 WIP"),
    ],
)
def test_summary_begins_with_the_note(point: Continue, note: str | None, old: str | None, line: str) -> None:
    """Says in one line what happens to the note."""
    lines = list(summary(result(SOURCE, point=point), note, old, [], []))

    assert lines == [line, "found: 100% of the written words"]


def test_summary_says_why_the_note_stays_where_the_recording_is_cut_off() -> None:
    """Something was found, but where the typing stops is not known."""
    made = result(SOURCE, point=Continue(None, complete=False))
    made = replace(made, audio=replace(made.audio, is_cut_off=True))

    line = next(summary(made, OLD, OLD, [], []))

    assert line == "note: not moved, because all that is heard is typed, and the audio is an incomplete download"


@pytest.mark.parametrize(("coverage", "line"), [(0.0, "less than 1%"), (0.004, "less than 1%"), (0.006, "1%")])
def test_few_words_found_in_a_long_text_are_not_said_to_be_none(coverage: float, line: str) -> None:
    """Rounding does not turn some into nothing."""
    assert f"found: {line} of the written words" in summary(
        replace(result(SOURCE), coverage=coverage), None, None, [], []
    )


def test_summary_lists_findings() -> None:
    """Lists the findings with their places, most important first, without the note, which has a line already."""
    findings = (
        Finding("untranscribed", "12 words are not in the transcript", span=Span(61_000, 65_000)),
        Finding("not-heard", "not found: “Hello.”", utterance=0),
        Finding("note-moved", "the note has moved"),
    )
    lines = list(
        summary(result(SOURCE, findings=findings, point=Continue(5_000, complete=False)), OLD, OLD, ["srt", "vtt"], [0])
    )

    assert lines[2:] == [
        "to look at: 2 things, the most important first",
        "  not-heard: not found: “Hello.”",
        "  1:01 untranscribed: 12 words are not in the transcript",
        "not in srt, vtt, because not found surely: 1 utterance",
    ]


@pytest.mark.parametrize("ending", ["\n", "\r", "\r\n", "\u2028"], ids=["LF", "CR", "CRLF", "LS"])
def test_other_notes_have_the_line_that_an_editor_shows(ending: str) -> None:
    """Lines are counted by any line ending, as ``check`` counts them."""
    text = SOURCE.replace("\n", ending)
    lines = list(summary(result(f"{text}{ending}{text}"), None, None, [], []))

    assert lines[1] == f"      another note in line 3 is left as it is: {OLD}"


def test_times_that_start_again_are_among_the_first_to_look_at() -> None:
    """They explain what is said of typed times, and so precede it, however many findings there are."""
    findings = (
        *(Finding("time-drift", "typed as 0:05, said at 0:09", utterance=k) for k in range(MOST_FINDINGS)),
        Finding("times-start-again", "the typed times start again in line 9", details={"lines": (9,)}),
    )
    lines = list(summary(result(SOURCE, findings=findings), None, None, [], []))

    assert lines[3] == "  times-start-again: the typed times start again in line 9"


def test_possible_labels_have_a_line_of_their_own() -> None:
    """What may be a label is no thing to look at in the audio; its line names the lines of the transcript."""
    message = "lines 12, 40 look like speakers and are read as text"
    findings = (Finding("possible-label", message, details={"lines": (12, 40)}),)
    lines = list(summary(result(SOURCE, findings=findings), None, None, [], []))

    assert lines[2:] == [message]


def test_a_download_with_adverts_is_said() -> None:
    """A person who aligns the download in place of the master is told what was put in, and how to go on."""
    turns = [0, 20, 40, 60, 80, 100]
    source = "\n\n".join(f"{format_clock(1000 * at)} - **Ann**: so it is" for at in turns)
    starts = {k: 1000 * (at + (75 if at >= 60 else 0)) for k, at in enumerate(turns)}

    assert list(summary(result(f"{source}\n", starts=starts), None, None, [], []))[2] == (
        "audio: longer than that of the typed times, like a download with adverts put in: 1:15 at 0:40; "
        "cuemark retime RESULT --from THIS_AUDIO --to MASTER carries the results over to the master"
    )


def test_summary_is_short() -> None:
    """Shows a limited number of findings, and says where the others are."""
    findings = tuple(Finding("not-heard", f"number {k}") for k in range(MOST_FINDINGS + 3))
    lines = list(summary(result(SOURCE, findings=findings), None, None, [], []))

    assert lines[2] == "to look at: 15 things, the most important first"
    assert lines[-2:] == ["  not-heard: number 11", "  … and 3 more, all of them in the JSON"]
