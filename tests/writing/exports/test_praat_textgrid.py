from __future__ import annotations

import tempfile
from pathlib import Path

import parselmouth
import pytest
from hypothesis import given, settings
from parselmouth.praat import call

from pipeline.writing.exports.praat_textgrid import render_textgrid
from pipeline.writing.exports.speech_tiers import speaker_tiers
from pipeline.writing.shown_words import ShownTurn
from tests.writing.exports.turn_samples import hostile_turns, turn

Interval = tuple[int, int, str]


def opened(text: str) -> tuple[float, dict[str, list[Interval]]]:
    """The end in seconds and the intervals with text of each tier (ms), as Praat itself has them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "episode.TextGrid")
        path.write_text(text, encoding="utf-8")
        grid = parselmouth.read(str(path))
    tiers: dict[str, list[Interval]] = {}
    for tier in range(1, call(grid, "Get number of tiers") + 1):
        count = call(grid, "Get number of intervals", tier)
        intervals = (
            (
                round(1_000 * call(grid, "Get start time of interval", tier, number)),
                round(1_000 * call(grid, "Get end time of interval", tier, number)),
                call(grid, "Get label of interval", tier, number),
            )
            for number in range(1, count + 1)
        )
        tiers[call(grid, "Get tier name", tier)] = [one for one in intervals if one[2]]
    return grid.xmax, tiers


def test_praat_opens_turns_and_words() -> None:
    """Each speaker has a tier of turns and one of words; what is between them has no text."""
    turns = [turn("Ann", "yes it is", 500), turn("Bo", 'a "paper"', 600)]

    assert opened(render_textgrid(speaker_tiers(turns), 4_250)) == (
        4.25,
        {
            "Ann": [(500, 1_400, "yes it is")],
            "Ann words": [(500, 800, "yes"), (800, 1_100, "it"), (1_100, 1_400, "is")],
            "Bo": [(600, 1_200, 'a "paper"')],
            "Bo words": [(600, 900, "a"), (900, 1_200, '"paper"')],
        },
    )


@pytest.mark.parametrize("duration", [0, 4_000])
def test_praat_opens_an_episode_without_words(duration: int) -> None:
    """Praat needs a tier and a duration."""
    assert opened(render_textgrid((), duration)) == (max(duration, 1) / 1_000, {"unknown": []})


@settings(max_examples=40)
@given(hostile_turns())
def test_praat_opens_whatever_was_typed(turns: tuple[ShownTurn, ...]) -> None:
    """Praat finds each turn and each word with its text, its time and its speaker."""
    tiers = speaker_tiers(turns)
    _, found = opened(render_textgrid(tiers, 1_000))
    spans = [[(one.span.start, one.span.end, one.text) for one in tier.turns] for tier in tiers]
    words = [
        [(word.span.start, word.span.end, word.text) for one in tier.turns for word in one.words] for tier in tiers
    ]

    assert list(found.values()) == ([one for pair in zip(spans, words, strict=True) for one in pair] or [[]])
