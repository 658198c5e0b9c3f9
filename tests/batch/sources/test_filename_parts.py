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
    """The number is found in usual spellings, and a year, time or version is not a number."""
    assert episode_number(fold_result_name(name)) == number


def test_all_parts_of_a_name_are_parsed() -> None:
    """Folders and words that only name a medium are left out of the show and the title."""
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
    """``7.mp3.txt`` has the stem of ``7.mp3``."""
    assert parse_filename("7.mp3.txt").stem == "7"


def test_names_of_symbols_alone_are_distinct() -> None:
    """Two different names without any letter do not have equal parts."""
    assert parse_filename("😀.mp3").plain != parse_filename("🎈.mp3").plain
    assert parse_filename("😀/7.mp3").show != parse_filename("🎈/7.mp3").show


def test_a_title_has_the_number_if_the_name_has_none() -> None:
    """The heading's number is used, but never in place of the name's own."""
    assert with_title(parse_filename("typed.md"), "7: Tea").number == (0, 7)
    assert with_title(parse_filename("08.md"), "7: Tea").number == (0, 8)


def test_title_words_exclude_numbers_and_media() -> None:
    """Numbers and words that name a medium are not words of the title."""
    assert title_words("07 – The Slow_Build (final mix) Transcript") == ("the", "slow", "build")


@given(st.text(max_size=60))
def test_any_name_is_parsed(name: str) -> None:
    """No name raises an error, and the path is kept."""
    assert parse_filename(name).path == name
