"""The quick step: a consistent result for any edit, near to that of the whole, and times that stay where they can."""

from __future__ import annotations

from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.desk.quick.retime import Retimed, retime
from pipeline.desk.settle import Given, Heard, settle_text
from pipeline.matching.alignment.align import AlignOptions
from pipeline.matching.alignment.heard_times import speech_rate
from pipeline.reading.transcript import FileReading
from pipeline.schema import Chars, Result
from tests.episodes.kept_hearing import TRANSCRIPT, kept_hearing

SOURCE = TRANSCRIPT.read_text(encoding="utf-8")
TYPED = ("", "word", " kettle kettle", "x", "\n\n", "\n\n**Bo**: ", "**Ann**: yes.\n\n", ". New", "[Laughter] ", " the")


@lru_cache
def whole(source: str) -> tuple[Result, FileReading]:
    """The whole alignment of a text with what was heard of the example."""
    heard = Heard(kept_hearing(), complete=True)
    return settle_text(source, heard, Given())


def edited(result: Result, reading: FileReading, chars: Chars, typed: str) -> Retimed:
    """The quick step after an edit."""
    old = result.transcript.source
    source = old[: chars.start] + typed + old[chars.end :]
    made = retime(result, source, chars, reading, AlignOptions(), speech_rate(result.transcript.words, result.words))
    assert made is not None
    return made


@st.composite
def edits(draw: st.DrawFn) -> tuple[Chars, str]:
    """Draw a range of the example and what is typed there."""
    start = draw(st.integers(0, len(SOURCE)))
    end = min(len(SOURCE), start + draw(st.sampled_from((0, 0, 1, 6, 50, 400))))
    return Chars(start, end), draw(st.sampled_from(TYPED))


def assert_consistent(result: Result) -> None:
    """Pairings tile both texts, times are in order, and there is one for each word and utterance."""
    written = [k for one in result.alignment.pairings for k in one.written]
    heard = [k for one in result.alignment.pairings for k in one.heard]
    assert written == list(range(len(result.transcript.words)))
    assert heard == list(range(len(result.hearing.words)))
    assert len(result.words) == len(written)
    assert len(result.utterances) == len(result.transcript.utterances)
    edges = [at for one in result.words if one.span for at in (one.span.start, one.span.end)]
    assert edges == sorted(edges)


@given(edits(), edits())
def test_any_edit_gives_a_consistent_result(first: tuple[Chars, str], second: tuple[Chars, str]) -> None:
    """After one edit and another one of its result, pairings tile both texts and times are in order."""
    result, reading = whole(SOURCE)
    once = edited(result, reading, *first)
    assert_consistent(once.result)
    length = len(once.result.transcript.source)
    chars = Chars(min(length, second[0].start), min(length, second[0].end))

    twice = edited(once.result, reading, chars, second[1])

    assert_consistent(twice.result)


@given(edits(), edits())
@settings(max_examples=40)
def test_small_limits_give_a_consistent_result(first: tuple[Chars, str], second: tuple[Chars, str]) -> None:
    """Holes, open ends and long stretches without a match are cut consistently, too."""
    result, reading = whole(SOURCE)
    with pytest.MonkeyPatch.context() as patch:
        for name, limit in (("MOST_HEARD_WORDS", 30), ("MOST_SEARCHED_WORDS", 3), ("OPEN_END_WORDS", 5)):
            patch.setattr(f"pipeline.desk.quick.stretch.{name}", limit)
        patch.setattr("pipeline.desk.quick.stretch.CONTEXT_WORDS", 2)
        once = edited(result, reading, *first).result
        length = len(once.transcript.source)
        chars = Chars(min(length, second[0].start), min(length, second[0].end))

        assert_consistent(edited(once, reading, chars, second[1]).result)


def test_too_much_waits_for_the_whole_alignment() -> None:
    """Where more words changed than a quick step can align, there is no quick result."""
    result, reading = whole(SOURCE)
    source = SOURCE.replace("**", "", 2) + " many words" * 1_000

    assert retime(result, source, Chars(0, len(SOURCE)), reading, AlignOptions(), 75.0) is None


@given(edits())
def test_words_whose_pairing_stays_keep_their_times(drawn: tuple[Chars, str]) -> None:
    """Outside of the words that may differ everything is as before; inside, the same pairing has the same time."""
    result, reading = whole(SOURCE)

    made = edited(result, reading, *drawn)

    assert made.result.words[: made.new.start] == result.words[: made.old.start]
    assert made.result.words[made.new.end :] == result.words[made.old.end :]
    old = {one.heard: one for one in result.alignment.pairings if one.score > 0}
    for one in made.result.alignment.pairings:
        was = old.get(one.heard)
        if one.score > 0 and was is not None and len(one.written) == len(was.written):
            texts = [result.transcript.words[k].text for k in was.written]
            spans = [result.words[k].span for k in was.written]
            now = [made.result.words[k].span for k in one.written]
            if texts == [made.result.transcript.words[k].text for k in one.written] and None not in (*spans, *now):
                assert now == spans


def test_a_retyped_word_is_found_again() -> None:
    """A word that is taken out and typed again is paired and timed as before."""
    result, reading = whole(SOURCE)
    word = result.transcript.words[60]
    without = edited(result, reading, word.chars, "")
    assert without.result.alignment != result.alignment

    again = edited(without.result, reading, Chars(word.chars.start, word.chars.start), word.text)

    assert again.result.transcript == result.transcript
    assert again.result.alignment.pairings == result.alignment.pairings
    assert again.result.words == result.words


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 1.0])
def test_typing_on_is_found(share: float) -> None:
    """Text that is typed word by word, behind a text that is cut off, is mostly paired as in the whole."""
    result, _ = whole(SOURCE)
    spoken = [word for word in result.transcript.words if word.kind == "spoken"]
    at = spoken[int((len(spoken) - 1) * share) - 12].chars.start
    end = spoken[int((len(spoken) - 1) * share)].chars.end
    start, reading = whole(SOURCE[:at])

    done = at
    for stop in range(at + 1, end + 1):
        if stop == end or SOURCE[stop] == " ":
            made = edited(start, reading, Chars(done, done), SOURCE[done:stop])
            start, done = made.result, stop

    assert start.transcript.words == whole(SOURCE[:end])[0].transcript.words
    expected = whole(SOURCE[:end])[0].alignment.pairings
    typed = [one for one in expected if one.score > 0 and start.transcript.words[one.written.start].chars.start >= at]
    assert len(typed) >= 6
    assert len([one for one in typed if one in start.alignment.pairings]) >= 0.75 * len(typed)
