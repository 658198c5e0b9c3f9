from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from pipeline.batch.ledger_rows import Entry
from pipeline.batch.messages import Outcome
from pipeline.batch.reports.episode_status import (
    STATES,
    EpisodeStatus,
    display_text,
    episode_statuses,
    result_suffix,
    totals,
)
from tests.batch.ledger_lines import (
    ALIGNED,
    DRAFTED,
    NOW,
    acting_marks,
    aligned,
    drafted,
    failed,
    of_each_kind,
    refused,
    running,
    strange_texts,
    waiting,
)


@pytest.mark.parametrize(
    ("entry", "note"),
    [
        (aligned("a"), "30:05"),
        (aligned("a", continue_at=None, complete=True), "complete"),
        (aligned("a", continue_at=None), "not moved"),
        (drafted("a"), ""),
        (failed("a", "x"), ""),
        (waiting("a"), ""),
    ],
)
def test_note_is_told_where_there_is_one(entry: Entry, note: str) -> None:
    """Tells the note's time, that nothing is left to type, or that it was not moved; a draft has no note to move."""
    assert EpisodeStatus(entry, NOW).note == note


def test_draft_tells_its_words_and_no_share() -> None:
    """Tells how much was drafted, and no share of the written words where none are written."""
    one = EpisodeStatus(drafted("a"), NOW)

    assert (one.drafted, one.found, one.audio, one.took, one.to_look_at) == (1_234, "", "10:00", "1 min", 0)


def test_note_that_moved_is_nothing_to_look_at() -> None:
    """Counts what a person should look at, the most first, without the note, which moves in nearly every episode."""
    one = EpisodeStatus(aligned("a", {"note-moved": 5, "not-heard": 2, "name-variant": 7}), NOW)

    assert (one.to_look_at, one.findings) == (9, (("name-variant", 7), ("not-heard", 2)))


def test_error_of_before_is_not_told_of_what_waits() -> None:
    """Says why it failed only as long as it has failed: the ledger keeps the error of what is to be tried again."""
    again = waiting("a", outcome=failed("a", "x").outcome, error="x")

    assert [EpisodeStatus(entry, NOW).error for entry in (again, failed("a", "x"), refused("a", "y"))] == ["", "x", "y"]


def test_what_waits_again_tells_what_is_to_be_done() -> None:
    """Tells of a draft whose transcript is typed by now that it is to be aligned, with the figures of the draft."""
    one = EpisodeStatus(waiting("a", outcome=Outcome("draft", figures=DRAFTED)), NOW)

    assert (one.state, one.work, one.drafted) == ("to do", "align", 1_234)


@pytest.mark.parametrize(
    ("entry", "doing"),
    [
        (running("a", "hear the words", 0.45), "hear the words 45%, 12 min so far"),
        (running("a", "model base"), "model base, 12 min so far"),
        (running("a"), "begun, 12 min so far"),
        (running("a", seconds=-60), "begun, 10 s so far"),
        (aligned("a"), ""),
    ],
)
def test_running_one_tells_what_is_being_done(entry: Entry, doing: str) -> None:
    """Tells the stage, its share and the time in hand, also where another machine's clock is ahead."""
    assert EpisodeStatus(entry, NOW).activity == doing


@pytest.mark.parametrize("odd", ["12", True, None, float("nan"), float("inf"), -1.0])
def test_figures_of_other_versions_are_left_out(odd: str | float | None) -> None:
    """Shows nothing for a figure that is no number, rather than to fail on the whole batch."""
    one = EpisodeStatus(aligned("a", duration=odd, coverage=odd, continue_at=odd, seconds=odd), NOW)

    assert (one.audio, one.found, one.note_s, one.took) == ("", "", None, "")


def test_totals_count_all_states() -> None:
    """Adds up the audio and the work, and tells what is not taken apart from the episodes."""
    total = totals(episode_statuses(of_each_kind(), NOW))

    assert total.counts == {"done": 3, "running": 1, "waiting": 1, "failed": 1, "refused": 1}
    assert (total.audio_s, total.work_s) == (8_047.0, 904.2)
    assert total.line == (
        "6 episodes: 3 done, 1 running, 1 to do, 1 failed; 1 more not taken; 2 h 14 min of audio, 15 min of work"
    )


@pytest.mark.parametrize(
    ("entries", "line"),
    [
        ((), "0 episodes"),
        ((waiting("a"),), "1 episode: 1 to do"),
        ((refused("a", "x"),), "0 episodes; 1 more not taken"),
    ],
)
def test_totals_leave_out_what_is_not_there(entries: tuple[Entry, ...], line: str) -> None:
    """Says nothing of states that do not occur, nor of no audio."""
    assert totals(episode_statuses(entries, NOW)).line == line


def test_every_state_has_words() -> None:
    """Gives each state its own word."""
    assert [EpisodeStatus(replace(aligned("a"), state=state), NOW).state for state in STATES] == list(STATES.values())


@given(strange_texts())
def test_what_is_shown_is_one_legal_line(text: str) -> None:
    """Leaves nothing that a terminal obeys, that turns the order of what is read around, or that is no text."""
    line = display_text(text)

    assert line.encode() == line.strip().encode()
    assert acting_marks(line) == set()
    assert display_text(line) == line


@pytest.mark.parametrize(
    ("name", "result", "ending"),
    [
        ("07", "results/07.timed.md", ".timed.md"),
        ("s 1/07", "s3://bucket/s 1/07.srt", ".srt"),
        ("07", "07.json", ".json"),
        ("07", "results/08.srt", None),
        ("07", "results/07", None),
        ("", "results/07.srt", None),
    ],
)
def test_ending_is_what_the_result_adds(name: str, result: str, ending: str | None) -> None:
    """Finds what the name of a result adds to that of its episode, wherever it is, and nothing where it adds none."""
    assert result_suffix(name, result) == ending


def test_figures_are_those_of_the_factory() -> None:
    """Reads every figure where the work on an episode puts it."""
    one = EpisodeStatus(aligned("a"), NOW)

    told = (one.audio_s, one.language, one.found_share, one.note_s, one.took_s)
    assert told == tuple(ALIGNED[name] for name in ("duration", "language", "coverage", "continue_at", "seconds"))
    assert (one.audio, one.found, one.took) == ("1:02:03", "91%", "7 min")
