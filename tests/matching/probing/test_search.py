"""The search listens to little, and its answer is right or there is none."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.matching.probing.search import DoubtError
from pipeline.reading.transcript import parse
from pipeline.schema import Continue
from pipeline.times import Span, format_clock
from tests.matching.probing.made_episode import MadeTurn, heard, made_turns, text_of
from tests.matching.probing.windows import searched

WORDS = 3_000
"""A third of an hour."""


def is_right(point: Continue, turns: Sequence[MadeTurn], typed: Sequence[MadeTurn]) -> bool:
    """Whether the point is the end of the last typed turn, within a second: its last words may be misheard."""
    if typed[-1] is turns[-1]:
        return point.complete
    return point.at is not None and abs(point.at - typed[-1].end) <= 1_000


@given(st.integers(0, 10_000), st.floats(0.03, 1), st.none() | st.integers(0, 40 * 60_000))
@settings(max_examples=8)
def test_an_answer_is_right(seed: int, share: float, note: int | None) -> None:
    """Wherever the typing stops and whatever the old note says: right, or a doubt."""
    turns = made_turns(random.Random(seed), WORDS)
    typed = turns[: max(1, round(share * len(turns)))]
    try:
        point, listened = searched(parse(text_of(typed, None if note is None else format_clock(note))), heard(turns))
    except DoubtError:
        return

    assert is_right(point, turns, typed)
    assert listened <= 0.35 * heard(turns).duration + 120_000


CASES: dict[str, Callable[[list[MadeTurn]], list[MadeTurn]]] = {
    "half of it": lambda turns: turns[: len(turns) // 2],
    "all": lambda turns: turns,
    "without the middle third": lambda turns: turns[: len(turns) // 3] + turns[2 * len(turns) // 3 : -20],
    "ten turns": lambda turns: turns[:10],
}


@pytest.mark.parametrize("case", CASES)
def test_little_is_listened_to(case: str) -> None:
    """Of half an hour five minutes at most; and there is an answer."""
    turns = made_turns(random.Random(5), 4_500)
    typed = CASES[case](turns)

    point, listened = searched(parse(text_of(typed)), heard(turns))

    assert is_right(point, turns, typed)
    assert listened <= 300_000


@pytest.mark.parametrize("seed", [9, 37, 54])
def test_an_opening_that_is_said_in_a_hole_too_does_not_mislead(seed: int) -> None:
    """The speech seems slow then, so that the end is expected behind the last window: it is looked for before it."""
    turns = made_turns(random.Random(seed), 4_500)
    hole_start, again, hole_end, end = (len(turns) * share // 100 for share in (30, 58, 70, 94))
    behind = turns[hole_end:end]
    typed = [*turns[:hole_start], *behind]
    words = [*heard(turns).words]
    at = next(n for n, word in enumerate(words) if word.span.start >= turns[again].spans[0].start)
    for k, text in enumerate(text for turn in behind[:3] for text in turn.words):
        words[at + k] = replace(words[at + k], text=text)

    point, listened = searched(parse(text_of(typed)), replace(heard(turns), words=tuple(words)))

    assert is_right(point, turns, typed)
    assert listened <= 0.2 * heard(turns).duration


def test_another_episode_is_a_doubt() -> None:
    """After a few windows in which nothing typed is heard."""
    turns, other = made_turns(random.Random(1), WORDS), made_turns(random.Random(2), WORDS)

    with pytest.raises(DoubtError, match="nothing that is typed is heard"):
        searched(parse(text_of(other)), heard(turns))


def test_speech_without_words_behind_the_last_typed_one_is_a_doubt() -> None:
    """Whisper may have left out a sentence that is typed."""
    turns = made_turns(random.Random(4), WORDS)
    typed = turns[: len(turns) // 2]
    hearing = heard(turns)
    silent = Span(typed[-1].end + 1, typed[-1].end + 9_000)
    left = tuple(word for word in hearing.words if not silent.start <= word.span.start < silent.end)

    with pytest.raises(DoubtError, match="nothing is heard"):
        searched(parse(text_of(typed)), replace(hearing, words=left))


def test_a_few_words_behind_speech_without_words_are_a_doubt() -> None:
    """The last typed words are left out, and some of what follows is the same by chance."""
    turns = made_turns(random.Random(4), WORDS)
    number = next(n for n in range(len(turns) // 2, len(turns)) if len(turns[n].words) > 45)
    typed = turns[: number + 1]
    silent = Span(typed[-1].spans[-8].start, typed[-1].end + 9_000)
    said = [word for word in heard(turns).words if not silent.start <= word.span.start < silent.end]
    first = next(n for n, word in enumerate(said) if word.span.start >= silent.end)
    same = iter(typed[-1].words[-4:])
    left = (*said[:first], *(replace(word, text=next(same, word.text)) for word in said[first:]))

    with pytest.raises(DoubtError, match="heard together"):
        searched(parse(text_of(typed)), replace(heard(turns), words=left))


def test_a_few_words_behind_an_untyped_passage_are_a_doubt() -> None:
    """The last turn is misheard, and its words are said once more in the passage after it."""
    turns = made_turns(random.Random(4), WORDS)
    number = next(n for n in range(len(turns) // 2, len(turns)) if len(turns[n].words) in range(5, 10))
    typed = [*turns[:number], replace(turns[number], words=("but", "bring", "us", "up", "quickly"))]
    words = [*heard(turns).words]
    first = next(n for n, word in enumerate(words) if word.span.start >= typed[-1].spans[0].start)
    for k, text in enumerate(typed[-1].words):
        words[first + k] = replace(words[first + k], text="xylophone")
        words[first + 25 + k] = replace(words[first + 25 + k], text=text)

    with pytest.raises(DoubtError, match="heard together"):
        searched(parse(text_of(typed)), replace(heard(turns), words=tuple(words)))


def test_nothing_typed_needs_no_listening() -> None:
    """The point is the start."""
    point, listened = searched(parse("A title\n=======\n"), heard(made_turns(random.Random(1), 300)))

    assert (point, listened) == (Continue(0, complete=False), 0)


def test_a_note_in_a_hole_stays_there() -> None:
    """The point is the end of the turn before it, and the note that marks the hole is named."""
    turns = made_turns(random.Random(3), WORDS)
    first, second = turns[:40], turns[80:110]
    note = "\n<!-- Continue at 1:00! -->\n\n"

    point, _ = searched(parse(text_of(first) + note + text_of(second)), heard(turns))

    assert point.hole_note == 0
    assert point.at is not None
    assert abs(point.at - first[-1].end) <= 1_000
