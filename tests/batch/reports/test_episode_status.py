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
def test_the_note_is_the_status_of_the_continue_note(entry: Entry, note: str) -> None:
    """The note is its time, ``complete`` or ``not moved``; a draft and an unsettled episode have none."""
    assert EpisodeStatus(entry, NOW).note == note


def test_a_draft_has_drafted_words_and_no_coverage() -> None:
    """A draft has its number of words, and no share of found words, because there was no transcript."""
    one = EpisodeStatus(drafted("a"), NOW)

    assert (one.drafted, one.found, one.audio, one.took, one.to_look_at) == (1_234, "", "10:00", "1 min", 0)


def test_the_moved_note_is_not_counted() -> None:
    """Findings are counted, the most frequent first, without the note, which moves in nearly every episode."""
    one = EpisodeStatus(aligned("a", {"note-moved": 5, "not-heard": 2, "name-variant": 7}), NOW)

    assert (one.to_look_at, one.findings) == (9, (("name-variant", 7), ("not-heard", 2)))


def test_an_earlier_error_is_not_displayed() -> None:
    """Only failed and refused episodes have an error, though the ledger keeps that of an episode to retry."""
    again = waiting("a", outcome=failed("a", "x").outcome, error="x")

    assert [EpisodeStatus(entry, NOW).error for entry in (again, failed("a", "x"), refused("a", "y"))] == ["", "x", "y"]


def test_a_waiting_episode_has_the_next_work_and_the_last_figures() -> None:
    """A draft that has a transcript by now is to be aligned, and keeps the figures of the draft."""
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
def test_the_activity_of_a_running_episode(entry: Entry, doing: str) -> None:
    """The activity is the stage, its share and the elapsed time, also if another machine's clock is ahead."""
    assert EpisodeStatus(entry, NOW).activity == doing


@pytest.mark.parametrize("odd", ["12", True, None, float("nan"), float("inf"), -1.0])
def test_invalid_figures_are_ignored(odd: str | float | None) -> None:
    """A figure that is not a finite, non-negative number is empty, instead of failing for the whole batch."""
    one = EpisodeStatus(aligned("a", duration=odd, coverage=odd, continue_at=odd, seconds=odd), NOW)

    assert (one.audio, one.found, one.note_s, one.took) == ("", "", None, "")


def test_totals_count_all_states() -> None:
    """The audio and the work are added up, and refusals are not counted as episodes."""
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
def test_totals_omit_zero_counts(entries: tuple[Entry, ...], line: str) -> None:
    """States that do not occur, and no audio, are not mentioned."""
    assert totals(episode_statuses(entries, NOW)).line == line


def test_every_state_has_a_text() -> None:
    """Each state is displayed with its text in ``STATES``."""
    assert [EpisodeStatus(replace(aligned("a"), state=state), NOW).state for state in STATES] == list(STATES.values())


@given(strange_texts())
def test_displayed_text_is_one_safe_line(text: str) -> None:
    """The line has no control characters, no bidirectional controls and no surrogates, and is stable."""
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
def test_the_suffix_is_what_a_result_adds_to_its_episodes_name(name: str, result: str, ending: str | None) -> None:
    """The suffix follows the episode's name, in any folder; another name has none."""
    assert result_suffix(name, result) == ending


def test_every_figure_is_read_from_the_outcome() -> None:
    """Each figure comes from the key under which the work on an episode stores it."""
    one = EpisodeStatus(aligned("a"), NOW)

    figures = (one.audio_s, one.language, one.found_share, one.note_s, one.took_s)
    assert figures == tuple(ALIGNED[name] for name in ("duration", "language", "coverage", "continue_at", "seconds"))
    assert (one.audio, one.found, one.took) == ("1:02:03", "91%", "7 min")
