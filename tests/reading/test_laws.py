"""Laws for every text that a file may contain."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given

from pipeline.reading.edits import apply
from pipeline.reading.transcript import parse
from pipeline.schema import Chars, Edit, Transcript
from pipeline.times import Ms, parse_clock
from tests.strategies import TYPED_CLOCK, fragments, sources, transcripts, typed_times


def _disjoint(stretches: list[Chars], source: str) -> bool:
    bounds = [bound for chars in stretches for bound in (chars.start, chars.end)]
    return bounds == sorted(bounds) and (not bounds or bounds[-1] <= len(source))


@given(sources())
def test_words(source: str) -> None:
    """Every word is the source at its place; words are in order, disjoint, and without white space as rendered."""
    transcript = parse(source)

    assert transcript.source == source
    assert [source[word.chars.start : word.chars.end] for word in transcript.words] == [
        word.text for word in transcript.words
    ]
    assert _disjoint([word.chars for word in transcript.words], source)
    assert all(word.shown.split() == [word.shown] for word in transcript.words if word.kind != "unintelligible")
    assert all(word.keys for word in transcript.words if word.kind == "spoken")


@given(sources())
def test_utterances(source: str) -> None:
    """Utterances tile the words, are in order, and each has a word that may be spoken."""
    transcript = parse(source)
    words, utterances = transcript.words, transcript.utterances

    assert [i for utterance in utterances for i in utterance.words] == list(range(len(words)))
    assert [utterance.index for utterance in utterances] == list(range(len(utterances)))
    assert _disjoint([utterance.chars for utterance in utterances], source)
    for utterance in utterances:
        own = [words[i] for i in utterance.words]
        assert {word.utterance for word in own} == {utterance.index}
        assert any(word.kind != "editorial" for word in own)
        assert utterance.chars.start <= own[0].chars.start
        assert own[-1].chars.end <= utterance.chars.end
        text = source[utterance.chars.start : utterance.chars.end]
        assert text == text.strip()
        if utterance.label:
            assert utterance.chars.start <= utterance.label.start <= utterance.label.end <= own[0].chars.start
            assert utterance.time_at == utterance.label.start
        else:
            assert (utterance.time_at, utterance.claim) == (None, None)


@given(sources())
@example("`0<!-- continue 0:00 -->`")  # a comment inside code
def test_claims_notes_and_sections(source: str) -> None:
    """Times and notes are in order and disjoint from the words; claims and sections refer to existing indices."""
    transcript = parse(source)
    words = [word.chars for word in transcript.words if word.kind != "unintelligible"]

    assert _disjoint(sorted([*words, *(claim.chars for claim in transcript.claims)]), source)
    assert _disjoint(sorted([*words, *(note.chars for note in transcript.notes)]), source)
    assert _disjoint([note.chars for note in transcript.notes], source)
    assert _disjoint([section.chars for section in transcript.sections], source)
    assert all(transcript.words[claim.word].kind != "editorial" for claim in transcript.claims)
    for chars, at in _clocks(transcript):
        assert parse_clock(source[chars.start : chars.end]) == at


def _clocks(transcript: Transcript) -> list[tuple[Chars, Ms]]:
    claims = [(claim.chars, claim.at) for claim in transcript.claims]
    return claims + [(note.clock, note.at) for note in transcript.notes]


def _spoken(transcript: Transcript) -> list[tuple[str | None, list[str]]]:
    return [(u.speaker, [transcript.words[i].text for i in u.words]) for u in transcript.utterances]


@pytest.mark.parametrize(("opening", "closing"), [("", " - "), ("[", "] "), ("\\[", "\\] "), ("", "- ")])
@given(source=transcripts() | fragments())
def test_times_before_labels(opening: str, closing: str, source: str) -> None:
    """A time inserted before each label is read as that utterance's, and nothing else is read differently."""
    before = parse(source)
    missing = [u for u in before.utterances if u.time_at is not None and u.claim is None]
    edits = [Edit(Chars(u.time_at or 0, u.time_at or 0), f"{opening}0:21{closing}") for u in missing]
    after = parse(apply(source, edits))

    assert _spoken(after) == _spoken(before)
    assert [after.utterances[u.index].claim is not None for u in missing] == [True] * len(missing)
    assert len(after.claims) == len(before.claims) + len(missing)
    assert len(after.notes) == len(before.notes)


@given(source=transcripts() | fragments())
def test_times_after_labels(source: str) -> None:
    """The same for a time inserted after each label."""
    before = parse(source)
    missing = [u for u in before.utterances if u.label and u.claim is None]
    edits = [Edit(Chars(u.label.end, u.label.end), " \\[0:21\\]") for u in missing if u.label]
    after = parse(apply(source, edits))

    assert _spoken(after) == _spoken(before)
    assert [after.utterances[u.index].claim is not None for u in missing] == [True] * len(missing)


@given(typed_times())
def test_typed_times_are_never_spoken(drawn: tuple[str, int]) -> None:
    """Wherever a time is typed, at a label or between words, it is a claim and no part of a word."""
    source, number = drawn
    transcript = parse(source)
    places = [found.start() for found in re.finditer(TYPED_CLOCK, source)]
    ends = [at + len(TYPED_CLOCK) for at in places]

    assert [
        word.shown
        for word in transcript.words
        if any(word.chars.start < end and word.chars.end > at for at, end in zip(places, ends, strict=True))
    ] == []
    claims = [claim for claim in transcript.claims if TYPED_CLOCK in source[claim.chars.start : claim.chars.end]]
    assert len(claims) == number
