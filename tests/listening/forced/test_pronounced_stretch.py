"""The words of a stretch become the units that the aligners get; what is found of the units is that of the words."""

from __future__ import annotations

import pytest

from pipeline.listening.audio.recording import open_recording
from pipeline.listening.forced import grapheme_to_phoneme, pronunciations
from pipeline.listening.forced.force import force_pronounced
from pipeline.listening.forced.pronounced_stretch import PronouncedStretch
from pipeline.matching.forced.stretches import ForcedWord, Stretch
from pipeline.times import Span
from tests.episodes.kept_hearing import AUDIO


def stretch_of(*words: tuple[str, ...], is_comparison: bool = False) -> Stretch:
    """Two seconds of the example with these words, each heard at 20.5 s and optional."""
    forced = tuple(ForcedWord(keys, is_abbreviation=False, heard=Span(20_500, 21_000), optional=True) for keys in words)
    edges = Span(20_000, 20_000), Span(22_000, 22_000)
    return Stretch(*edges, forced, tuple(range(len(words))), is_comparison=is_comparison)


def test_each_key_that_can_be_said_is_a_unit() -> None:
    """The first one of a word has its time; what has no pronunciation has no unit."""
    stretch = stretch_of(("we",), ("42",), ("two", "things"))
    found = PronouncedStretch.of(stretch)

    assert [unit.ways[0] for unit in found.units] == [("W", "IY"), ("T", "UW"), ("TH", "IH", "NG", "Z")]
    assert all(unit.optional for unit in found.units)
    assert (found.num_words, found.of_unit, found.heard) == (3, (0, 2, 2), (20_500, 20_500, None))
    assert found.stretch == stretch


def test_what_is_found_of_units_is_that_of_their_words() -> None:
    """A word is from its first unit to its last, fits as the worst of them, and has nothing if none was found."""
    stretch = PronouncedStretch.of(stretch_of(("we",), ("42",), ("two", "things")))

    assert stretch.spans([None, Span(100, 300), Span(300, 900)]) == (None, None, Span(100, 900))
    assert stretch.spans([Span(0, 90), None, Span(300, 900)]) == (Span(0, 90), None, Span(300, 900))
    assert stretch.fits([-0.2, -0.5, -1.5]) == (-0.2, None, -1.5)
    assert stretch.fits([None, -0.5, None]) == (None, None, -0.5)


def test_guesses_are_known_of_comparisons() -> None:
    """No dictionary has "kubernetes"."""
    words = ("we",), ("kubernetes",)

    assert PronouncedStretch.of(stretch_of(*words, is_comparison=True)).guessed == (False, True)
    assert PronouncedStretch.of(stretch_of(*words)).guessed == ()


def test_forcing_looks_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The processes that force need neither the dictionary nor the model of spelling, half a second each."""
    stretch = PronouncedStretch.of(stretch_of(("we",), ("kubernetes",)))
    for module, name in ((pronunciations, "dictionary"), (grapheme_to_phoneme, "_model")):
        monkeypatch.setattr(module, name, None)

    (forced,) = force_pronounced(open_recording(AUDIO), [stretch])

    assert len(forced.spans) == 2
