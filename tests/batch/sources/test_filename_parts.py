from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch.sources.filename_parts import FilenameParts, episode_number, parse_filename, title_words, with_title
from pipeline.batch.sources.result_names import fold_result_name


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("07-the-slow-build", (0, 7)),
        ("Episode 7", (0, 7)),
        ("ep_007", (0, 7)),
        ("EP7 final", (0, 7)),
        ("My Show #7 - Tea", (0, 7)),
        ("Folge 7", (0, 7)),
        ("S02E07", (2, 7)),
        ("show.s2e7.tea", (2, 7)),
        ("Season 2 Episode 7", (2, 7)),
        ("2x07 tea", (2, 7)),
        ("2026-01-05 tea", (0, 20260105)),
        ("tea 20260105", (0, 20260105)),
        ("2026-01-05 ep 7", (0, 7)),
        ("7: The Slow Build", (0, 7)),
        ("kettle and kernel 7", (0, 7)),
        ("the end", None),
        ("9:30 in the morning", None),
        ("1st things first", None),
        ("review of 2025", None),
        ("release v1.2", None),
        ("steps7", None),
        ("mp3", None),
    ],
)
def test_the_number_of_an_episode_is_found(name: str, number: tuple[int, int] | None) -> None:
    """Finds the number as people write it, and takes no year, time or version for one."""
    assert episode_number(fold_result_name(name)) == number


def test_a_name_is_read_in_all_its_parts() -> None:
    """Tells the show from the folder of a medium, and the title from what only names a medium."""
    assert parse_filename("Tea/Audio/07-Tea_Time final.MP3") == FilenameParts(
        path="Tea/Audio/07-Tea_Time final.MP3",
        folder="tea/audio",
        stem="07-tea_time final",
        show="tea",
        below="",
        plain="07 tea time",
        number=(0, 7),
    )


def test_a_text_may_be_named_after_the_whole_audio() -> None:
    """Reads ``7.mp3.txt`` as a text of ``7.mp3``."""
    assert parse_filename("7.mp3.txt").stem == "7"


def test_a_name_of_signs_alone_is_itself() -> None:
    """Does not take two names without a letter for the same."""
    assert parse_filename("😀.mp3").plain != parse_filename("🎈.mp3").plain
    assert parse_filename("😀/7.mp3").show != parse_filename("🎈/7.mp3").show


def test_a_title_gives_the_number_that_the_name_has_not() -> None:
    """Takes the heading's number, and never over the name's own."""
    assert with_title(parse_filename("typed.md"), "7: Tea").number == (0, 7)
    assert with_title(parse_filename("08.md"), "7: Tea").number == (0, 8)


def test_the_words_of_a_title_are_those_that_tell_it_from_others() -> None:
    """Leaves out numbers and what names a medium."""
    assert title_words("07 – The Slow_Build (final mix) Transcript") == ("the", "slow", "build")


@given(st.text(max_size=60))
def test_any_name_is_read(name: str) -> None:
    """Reads whatever a stranger calls a file."""
    assert parse_filename(name).path == name
