"""Every written word has the time at which it was said, an interpolated one, or none if it is not said."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.alignment.align import AlignOptions, align
from pipeline.matching.alignment.heard_times import ForcedTime
from pipeline.matching.alignment.timing import assign_times
from pipeline.reading.transcript import parse
from pipeline.schema import HeardWord
from pipeline.times import Span
from tests.factories import heard
from tests.matching.word_lists import align_and_time, heard_words, make_hearing, prose

INTRO = "welcome to the slow build our weekly talk about kettles kernels and other things that boil"


def test_a_matched_word_takes_the_time_it_was_heard_at() -> None:
    """Each word of a verbatim turn is measured, and the turn spans them."""
    _, hearing, _, words, utterances = align_and_time(f"**Ann**: {INTRO}", INTRO)

    assert [word.span for word in words] == [word.span for word in hearing.words]
    assert all(word.measured for word in words)
    assert utterances[0].span == Span(0, 300 * len(words))
    assert utterances[0].fit == "verbatim"
    assert utterances[0].confidence > 0.9


def test_a_reworded_middle_shares_the_time_between_its_neighbours() -> None:
    """Two words said as three others take the time of the three, and are marked as not measured."""
    said = INTRO.replace("our weekly", "this very regular")
    _, _, _, words, utterances = align_and_time(f"**Ann**: {INTRO}", said)

    assert [word.measured for word in words[5:9]] == [True, False, False, True] or [
        word.measured for word in words[4:8]
    ] == [True, False, False, True]
    assert utterances[0].confidence > 0.8
    spans = [word.span for word in words if word.span is not None]
    assert len(spans) == len(words)
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))


def test_an_utterance_that_nobody_says_has_no_times() -> None:
    """An invented turn is not found, and neither are its words."""
    source = f"**Ann**: {INTRO}\n\n**Bob**: Quite the opposite was claimed elsewhere.\n\n**Ann**: {prose(1, 40)}\n"
    transcript, _, _, words, utterances = align_and_time(source, f"{INTRO} {prose(1, 40)}")

    assert [utterance.fit for utterance in utterances] == ["verbatim", "not-found", "verbatim"]
    assert utterances[1].span is None
    assert utterances[1].confidence == 0
    assert all(words[k].span is None for k in transcript.utterances[1].words)


def test_six_words_that_nobody_says_inside_a_found_turn_have_no_times() -> None:
    """Six invented words within a turn have no times; five words have some."""
    aside = "mumblage frotzed grimly beneath quuxed waffles"
    _, _, _, words, utterances = align_and_time(f"**Ann**: {INTRO} {aside} {prose(1, 40)}", f"{INTRO} {prose(1, 40)}")
    _, _, _, fewer, _ = align_and_time(f"**Ann**: {INTRO} {aside[:-8]} {prose(1, 40)}", f"{INTRO} {prose(1, 40)}")

    start = len(INTRO.split())
    assert [word.span is None for word in words[start : start + 6]] == [True] * 6
    assert all(word.span is not None for word in words[start + 6 :])
    assert all(word.span is not None for word in fewer)
    assert utterances[0].span is not None


def test_a_reworded_ending_extends_no_further_than_the_next_pause() -> None:
    """If the last words were said differently, the turn ends with them."""
    said = f"{INTRO} until it whistles loudly | {prose(1, 60)}"
    _, hearing, _, _, utterances = align_and_time(f"**Ann**: {INTRO} until we hear steam\n", said)

    assert utterances[0].span is not None
    assert utterances[0].span.end == hearing.words[len(INTRO.split()) + 3].span.end


def test_a_reworded_ending_extends_no_further_than_the_heard_sentence() -> None:
    """Without a pause, the turn ends with the heard sentence."""
    said = f"{INTRO} until it whistles. {prose(1, 60)}"
    _, hearing, _, _, utterances = align_and_time(f"**Ann**: {INTRO} while steam comes out of everything\n", said)

    assert utterances[0].span is not None
    assert utterances[0].span.end == hearing.words[len(INTRO.split()) + 2].span.end


def test_a_start_that_may_be_seconds_off_has_a_low_confidence() -> None:
    """A turn whose first words were not heard, among much other speech, has a confidence below one half."""
    missing = "whatever they may have been saying about these matters"
    source = f"**Ann**: {prose(3, 60)}\n\n**Bob**: {missing} {INTRO}\n"
    _, _, _, _, sure = align_and_time(source, f"{prose(3, 60)} {missing} {INTRO}")
    _, _, _, _, unsure = align_and_time(source, f"{prose(3, 60)} {prose(4, 50)} {INTRO}")

    assert sure[1].confidence > 0.9
    assert unsure[1].confidence < 0.5


@pytest.mark.parametrize(("length", "is_sure"), [(300, True), (1_500, False)])
def test_first_words_that_take_an_unlikely_time_have_a_low_confidence(length: int, is_sure: bool) -> None:  # noqa: FBT001
    """One short word in the place of much other speech may be anywhere in it."""
    before, after = heard_words(prose(3, 20)), heard_words(INTRO)
    start = before[-1].span.end
    other = HeardWord("mumbling", Span(start, start + length), 0.9)
    words = (*before, other, *(replace(one, span=one.span.shift(start + length)) for one in after))
    transcript = parse(f"**Ann**: {prose(3, 20)}\n\n**Bob**: Oh {INTRO}\n")
    hearing = make_hearing(words, duration=words[-1].span.end)

    _, utterances = assign_times(transcript, hearing, align(transcript.words, hearing.words, AlignOptions()))

    assert utterances[1].is_sure == is_sure


def test_editorial_words_never_count_against_the_fit() -> None:
    """Words in brackets need not be said for the turn to be verbatim."""
    _, _, _, _, utterances = align_and_time(f"**Ann**: [sighs loudly at the microphone] {INTRO} [Laughter]", INTRO)

    assert utterances[0].fit == "verbatim"
    assert utterances[0].confidence > 0.9


def test_unintelligible_matches_any_few_words() -> None:
    """The mark takes the time of what the typist could not hear, and the turn is still verbatim."""
    said = INTRO.replace("weekly talk", "gnarly squawk")
    transcript, _, _, words, utterances = align_and_time(
        f"**Ann**: {INTRO.replace('weekly talk', '[unintelligible]')}", said
    )

    mark = next(k for k, word in enumerate(transcript.words) if word.kind == "unintelligible")
    assert words[mark].span == Span(6 * 300, 8 * 300)
    assert utterances[0].fit == "verbatim"


TURNS = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 25)), min_size=1, max_size=6)


@given(TURNS, TURNS, st.integers(0, 3))
def test_times_are_in_order_and_within_the_audio(
    typed: list[tuple[int, int]], said: list[tuple[int, int]], overlap: int
) -> None:
    """Whatever is typed and said, spans are in order, disjoint and inside the recording."""
    source = "\n\n".join(f"**Ann**: {prose(seed, n)}" for seed, n in typed)
    clean = heard_words(" | ".join(prose(seed, n) for seed, n in said))
    words = tuple(HeardWord(w.text, Span(w.span.start, w.span.end + 90 * overlap), w.probability) for w in clean)
    hearing = make_hearing(words, duration=clean[-1].span.end)
    transcript = parse(source)

    timed_words, utterances = assign_times(transcript, hearing, align(transcript.words, words, AlignOptions()))

    spans = [word.span for word in timed_words if word.span is not None]
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
    assert all(span.end <= hearing.duration for span in spans)
    assert all(0 <= utterance.confidence <= 1 for utterance in utterances)
    assert all((utterance.span is None) == (utterance.fit == "not-found") for utterance in utterances)
    assert len(timed_words) == len(transcript.words)


def test_a_single_word_somewhere_in_an_hour_is_not_found() -> None:
    """Two typed words, one of which resembles one of many heard ones, are not found; at the start they are."""
    _, _, _, _, utterances = align_and_time(
        "**Ann**: Purple elephants.\n", f"{prose(6, 900)} a purple people {prose(5, 900)}"
    )
    _, _, _, _, at_start = align_and_time("**Ann**: Purple elephants.\n", f"purple elephants {prose(5, 900)}")

    assert utterances[0].fit == "not-found"
    assert at_start[0].fit == "verbatim"


def test_a_sentence_said_twice_and_typed_once_has_a_low_confidence() -> None:
    """If either occurrence may be meant, the confidence is below one half; with both typed, both are sure."""
    again = "that is what we believed back then"
    once = f"**Ann**: {prose(1, 30)}\n\n**Bob**: {again}\n\n**Ann**: {prose(2, 30)}\n"
    twice = f"**Ann**: {prose(1, 30)}\n\n**Bob**: {again}\n\n**Cy**: {again}\n\n**Ann**: {prose(2, 30)}\n"
    said = f"{prose(1, 30)} {again} {again} {prose(2, 30)}"

    assert [utterance.confidence >= 0.5 for utterance in align_and_time(once, said)[4]] == [True, False, True]
    assert [utterance.confidence >= 0.5 for utterance in align_and_time(twice, said)[4]] == [True] * 4


def test_a_turn_that_begins_twice_has_a_low_confidence() -> None:
    """If the next speaker repeats the words of one, it is not known which of the two was typed."""
    first, rest = "nine hundred lovely days", "without any updates whatsoever is remarkable"
    source = f"**Ann**: {prose(1, 30)}\n\n**Bob**: {first} any updates whatsoever is remarkable\n"

    _, _, _, _, utterances = align_and_time(source, f"{prose(1, 30)} {first} {first} {rest}")

    assert utterances[1].confidence < 0.5


def test_an_abbreviation_that_is_spelt_out_takes_the_time_of_all_its_words() -> None:
    """Two letters that are said as three long words last as long as these."""
    said = "yesterday our continuous integration machinery server had another idea of the time"
    transcript, hearing, _, words, _ = align_and_time(
        f"**Ann**: {said.replace('continuous integration machinery', 'CI')}", said
    )

    assert transcript.words[2].shown == "CI"
    assert not words[2].measured
    assert words[2].span == hearing.words[2].span.cover(hearing.words[4].span)


def _said_at(*parts: tuple[str, int, int]) -> tuple[HeardWord, ...]:
    """The words of each part, evenly spread from its start to its end in ms."""
    return tuple(word for text, start, end in parts for word in heard(text, start, end))


REST = "Chapter four is about something else"


@pytest.mark.parametrize(
    ("number", "said", "end"),
    [
        pytest.param("555-0199", "M4, M6, M and so", 5_200, id="digits"),
        pytest.param("1,250,000", "were many few dozen", 5_200, id="a number in six words"),
        pytest.param("minutes", "few long hours and some", 4_240, id="a word of letters is one"),
        pytest.param("minutes", "few hours. Long and some", 4_480, id="or two that end a sentence"),
        pytest.param("minutes", "few hours again. And some", 4_240, id="but not three"),
    ],
)
def test_a_number_that_is_misheard_lasts_as_long_as_it_may_be_said(number: str, said: str, end: int) -> None:
    """A number at the end of the typed text is one written word, but may be said in as many as it has digits."""
    transcript = parse(f"**Ann**: {INTRO} {number}.")
    words = _said_at((INTRO, 0, 4_000), (said, 4_000, 5_200), (REST, 6_200, 8_000))
    hearing = make_hearing(words)
    alignment = align(transcript.words, hearing.words, AlignOptions())

    _, utterances = assign_times(transcript, hearing, alignment)

    assert utterances[0].span == Span(0, end)


@pytest.mark.parametrize(
    ("said", "end"),
    [
        pytest.param((("555", 4_000, 4_600), ("M four M", 5_000, 5_800)), 5_800, id="its end is misheard"),
        pytest.param((("555.", 4_000, 4_600), ("M four M", 5_000, 5_800)), 4_600, id="another sentence follows"),
        pytest.param((("555", 4_000, 4_600), ("M four M", 5_200, 5_800)), 4_600, id="a pause as between sentences"),
        pytest.param((("555 0199", 4_000, 4_600), ("M four M", 5_000, 5_800)), 4_600, id="all of it is heard"),
    ],
)
def test_a_number_with_a_pause_in_it_does_not_end_there(said: tuple[tuple[str, int, int], ...], end: int) -> None:
    """Where only the beginning of the last number is heard, the unwritten words after it are its rest."""
    transcript = parse(f"**Ann**: {INTRO} 555-0199.")
    hearing = make_hearing(_said_at((INTRO, 0, 4_000), *said, (REST, 6_800, 8_000)))
    alignment = align(transcript.words, hearing.words, AlignOptions())

    _, utterances = assign_times(transcript, hearing, alignment)

    assert utterances[0].span == Span(0, end)


def test_a_number_is_not_extended_over_the_next_turn() -> None:
    """Forced alignment may put that before the end of the unwritten words."""
    transcript = parse(f"**Ann**: {INTRO} 555-0199.\n\n**Bob**: {REST}.")
    hearing = make_hearing(
        _said_at((INTRO, 0, 4_000), ("555", 4_000, 4_600), ("M four M", 5_000, 5_800), (REST, 6_800, 8_000))
    )
    alignment = align(transcript.words, hearing.words, AlignOptions())
    first = transcript.utterances[1].words.start

    _, utterances = assign_times(transcript, hearing, alignment, forced={first: ForcedTime(Span(5_100, 5_400))})

    assert [one.span for one in utterances] == [Span(0, 5_100), Span(5_100, 8_000)]
