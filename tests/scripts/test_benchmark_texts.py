"""What is compared with the truth is the truth, and what is counted is what is printed."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from pipeline.listening.audio.recording import RATE
from pipeline.schema import Continue, TimedUtterance
from pipeline.times import Span
from scripts.benchmark_texts import (
    EPISODES,
    FIRST_DRAW,
    OVERLAP_MS,
    Episode,
    Stop,
    Timed,
    axes,
    continue_line,
    far_line,
    found_line,
    true_stop,
    true_turns,
    with_overlap,
)
from scripts.spoil_text import Sentence, Turn, stopped
from tests.episodes.kept_hearing import EXAMPLE, TRUTH


def turn(*spans: tuple[int, int] | None, text: str = "One two three.") -> Turn:
    """A turn of sentences that are said at these times, in ms."""
    return Turn("Ann Lee", tuple(Sentence(text, span and Span(*span)) for span in spans))


def span_of(one: Turn) -> Span:
    """When a turn is said that somebody says."""
    assert one.span is not None
    return one.span


def timed(span: tuple[int, int] | None, confidence: float = 0.9) -> TimedUtterance:
    """What was found of an utterance."""
    return TimedUtterance(span and Span(*span), confidence, "verbatim" if span else "not-found")


@pytest.mark.parametrize("name", EPISODES)
def test_all_that_is_said_is_typed(name: str) -> None:
    """Every sentence of the truth in its order, with what the typist left out, and no link."""
    truth = json.loads((EXAMPLE / f"{name}.truth.json").read_text("utf-8"))

    turns = true_turns(truth)

    sentences = [one for each in turns for one in each.sentences]
    assert [one.span.start / 1_000 for one in sentences if one.span] == [one["start"] for one in truth["sentences"]]
    assert all("](" not in one.text for one in sentences)
    assert true_stop(Episode(Path("a.mp3"), turns), turns) == Stop(
        round(1_000 * truth["sentences"][-1]["end"]), complete=True
    )


def test_typing_that_stops_leaves_words() -> None:
    """The stop is the latest end of what is said, wherever it is in the text; nine words after it are no rest."""
    three, last = (
        [turn((0, 900)), turn((3_000, 3_900)), turn((1_000, 1_900), None)],
        turn((4_000, 4_900), (5_000, 5_900)),
    )
    episode = Episode(Path("a.mp3"), (*three, last))
    long = Episode(Path("a.mp3"), (*three, last, turn((6_000, 9_000), (9_000, 9_900))))

    assert true_stop(episode, tuple(three)) == Stop(3_900, complete=True)
    assert true_stop(long, tuple(three)) == Stop(3_900, complete=False)


@pytest.mark.parametrize("draw", [FIRST_DRAW, 2])
def test_turns_overlap_where_the_speaker_changes(draw: int) -> None:
    """By 1 to 2 s, or by half of a short turn; the pauses of one speaker stay, and all sentences keep their lengths."""
    turns = true_turns(TRUTH)

    _, moved = with_overlap(np.zeros(round(TRUTH["duration"] * RATE), dtype=np.float32), turns, draw)

    pairs = list(zip(pairwise(turns), pairwise(moved), strict=True))
    assert len(pairs) == len(turns) - 1
    for (before, one), (before_moved, one_moved) in pairs:
        early = span_of(before_moved).end - span_of(one_moved).start
        if before.speaker == one.speaker:
            assert early == span_of(before).end - span_of(one).start
        else:
            most = min(span_of(before).duration, span_of(one).duration) // 2
            assert min(most, OVERLAP_MS[0]) <= early <= min(most, OVERLAP_MS[1])
        assert [s.span.duration for s in one_moved.sentences if s.span] == [
            s.span.duration for s in one.sentences if s.span
        ]


def test_draws_differ_and_are_the_same_in_each_run() -> None:
    """Other overlaps and other words where something is drawn, the same text where nothing is."""
    turns, silence = true_turns(TRUTH), np.zeros(round(TRUTH["duration"] * RATE), dtype=np.float32)
    first, second, again = (
        (with_overlap(silence, turns, draw)[1], {name: axis.text(turns) for name, axis in axes(draw).items()})
        for draw in (1, 2, 1)
    )

    assert first == again
    assert first[0] != second[0]
    assert {name for name in first[1] if first[1][name] != second[1][name]} == {
        "3 words of 10 replaced",
        "5 words of 10 replaced",
        "twice as long, turns between",
        "twice as long, longer turns",
    }


def test_every_axis_keeps_something_that_is_said() -> None:
    """Also of a quarter of an episode; else there would be no true stop."""
    turns = stopped(true_turns(TRUTH), 0.25)

    assert [name for name, axis in axes(FIRST_DRAW).items() if not any(one.span for one in axis.text(turns))] == []


def test_far_and_found_are_counted() -> None:
    """Only sure times can be wrong; only turns that nobody says can be invented."""
    turns = (turn((0, 900)), turn((1_000, 1_900)), turn((2_000, 2_900)), turn(None), turn(None), turn((3_000, 3_900)))
    found = (
        timed((501, 900)),
        timed((1_000, 1_900)),
        timed((9_000, 9_900), 0.4),
        timed((5, 6)),
        timed(None),
        timed(None),
    )
    both = [Timed(turns, found)]

    assert far_line(both) == "sure and off by more than 0.5 s: 1 of 2"
    assert found_line(both) == "found: 3 of 4 said; that nobody says but have a time: 1, sure 1, of 2"
    assert found_line([Timed(turns[:1], found[:1])]) == "found: 1 of 1 said"


def test_notes_are_counted() -> None:
    """A time of an unfinished transcript is off by something or missing; one of a complete transcript is invented."""
    points = [
        (Stop(1_000, complete=False), Continue(1_300, complete=False)),
        (Stop(1_000, complete=False), Continue(600, complete=False)),
        (Stop(1_000, complete=False), Continue(None, complete=True)),
        (Stop(1_000, complete=True), Continue(None, complete=True)),
        (Stop(1_000, complete=True), Continue(1_000, complete=False)),
    ]

    assert continue_line(points) == (
        "continue time off by +0.30 -0.40 s, 1 of 2 by more than 0.3 s; notes missed 1 of 3, invented 1 of 2"
    )
