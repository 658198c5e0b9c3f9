from __future__ import annotations

import pytest

from pipeline.reading.imports.annotation_tiers import AnnotationTier, Interval, speaker_of, tier_pieces
from pipeline.reading.imports.pieces import Piece


def tier(name: str, *intervals: tuple[int, int, str]) -> AnnotationTier:
    """A tier of intervals."""
    return AnnotationTier(name, tuple(Interval(start, start, end, text) for start, end, text in intervals))


def said(*tiers: AnnotationTier) -> list[tuple[str | None, str, int | None]]:
    """The speaker, the text and the start of each piece."""
    return [(one.speaker, one.text, one.start) for one in tier_pieces(tiers)]


ANN = tier("Ann", (0, 900, "so what"), (900, 1000, ""), (3000, 4000, "yes"))
ANN_WORDS = tier("Ann words", (0, 400, "so"), (400, 900, "what"), (3000, 4000, "yes"))


def test_tiers_are_read_in_order_of_time() -> None:
    """Their names are the speakers; intervals without text and silences are left out."""
    assert list(tier_pieces([ANN, tier("Bo", (1000, 2000, " a  paper "), (2000, 2500, "SIL"))])) == [
        Piece("Ann", "so what", 0, 900),
        Piece("Bo", "a paper", 1000, 2000),
        Piece("Ann", "yes", 3000, 4000),
    ]


@pytest.mark.parametrize(
    "more",
    [[ANN_WORDS], [tier("Ann - phones", (0, 100, "s"))], [tier("MAU", (0, 100, "s")), ANN_WORDS], [tier("Ann words")]],
)
def test_smaller_parts_are_left_out(more: list[AnnotationTier]) -> None:
    """Words and phones beside their turns are not said twice."""
    assert said(ANN, *more) == said(*more, ANN) == said(ANN)


def test_the_same_speech_in_smaller_parts_is_left_out() -> None:
    """Whatever the tier is called."""
    other = tier("A2", (0, 400, "So"), (400, 900, "what"), (3000, 4000, "yes"))

    assert said(other, ANN) == said(ANN)


def test_words_alone_are_read() -> None:
    """As aligners write them; the words of two people do not alternate while both speak."""
    words = tier("Bo - words", (300, 500, "a"), (500, 2000, "paper"))

    assert said(ANN_WORDS, words) == [
        ("Ann", "so", 0),
        ("Ann", "what", 400),
        ("Bo", "a", 300),
        ("Bo", "paper", 500),
        ("Ann", "yes", 3000),
    ]


@pytest.mark.parametrize("name", ["", "words", "Sentences", "transcript", "utterances 2", "unknown", "1"])
def test_a_name_of_a_tier_may_be_nobodys(name: str) -> None:
    """Then it has no speaker."""
    assert speaker_of(tier(name)) is None
    assert speaker_of(AnnotationTier(name, (), "Ann")) == "Ann"
