"""Every written word gets the time it was said at, a time between, or none where nobody says it."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.alignment.align import AlignOptions, align
from pipeline.matching.alignment.timing import assign_times
from pipeline.reading.transcript import parse
from pipeline.schema import HeardWord
from pipeline.times import Span
from tests.matching.word_lists import heard, hearing, prose, timed

INTRO = "welcome to the slow build our weekly talk about kettles kernels and other things that boil"


def test_a_matched_word_takes_the_time_it_was_heard_at() -> None:
    """Each word of a verbatim turn is measured, and the turn spans them."""
    _, ear, _, words, utterances = timed(f"**Ann**: {INTRO}", INTRO)

    assert [word.span for word in words] == [word.span for word in ear.words]
    assert all(word.measured for word in words)
    assert utterances[0].span == Span(0, 300 * len(words))
    assert utterances[0].fit == "verbatim"
    assert utterances[0].confidence > 0.9


def test_a_reworded_middle_shares_the_time_between_its_neighbours() -> None:
    """Two words said as three others get the three's time, and are told apart from measured ones."""
    said = INTRO.replace("our weekly", "this very regular")
    _, _, _, words, utterances = timed(f"**Ann**: {INTRO}", said)

    assert [word.measured for word in words[5:9]] == [True, False, False, True] or [
        word.measured for word in words[4:8]
    ] == [True, False, False, True]
    assert utterances[0].confidence > 0.8
    spans = [word.span for word in words if word.span is not None]
    assert len(spans) == len(words)
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))


def test_an_utterance_that_nobody_says_has_no_times() -> None:
    """A turn typed from imagination is not found, and neither are its words."""
    source = f"**Ann**: {INTRO}\n\n**Bob**: Quite the opposite was claimed elsewhere.\n\n**Ann**: {prose(1, 40)}\n"
    transcript, _, _, words, utterances = timed(source, f"{INTRO} {prose(1, 40)}")

    assert [utterance.fit for utterance in utterances] == ["verbatim", "not-found", "verbatim"]
    assert utterances[1].span is None
    assert utterances[1].confidence == 0
    assert all(words[k].span is None for k in transcript.utterances[1].words)


def test_six_words_that_nobody_says_inside_a_found_turn_have_no_times() -> None:
    """A typed aside within a turn stays without times; five words would be given some."""
    aside = "mumblage frotzed grimly beneath quuxed waffles"
    _, _, _, words, utterances = timed(f"**Ann**: {INTRO} {aside} {prose(1, 40)}", f"{INTRO} {prose(1, 40)}")
    _, _, _, fewer, _ = timed(f"**Ann**: {INTRO} {aside[:-8]} {prose(1, 40)}", f"{INTRO} {prose(1, 40)}")

    start = len(INTRO.split())
    assert [word.span is None for word in words[start : start + 6]] == [True] * 6
    assert all(word.span is not None for word in words[start + 6 :])
    assert all(word.span is not None for word in fewer)
    assert utterances[0].span is not None


def test_a_reworded_ending_goes_no_further_than_the_next_pause() -> None:
    """Where the last words were said otherwise, the turn ends where those end."""
    said = f"{INTRO} until it whistles loudly | {prose(1, 60)}"
    _, ear, _, _, utterances = timed(f"**Ann**: {INTRO} until we hear steam\n", said)

    assert utterances[0].span is not None
    assert utterances[0].span.end == ear.words[len(INTRO.split()) + 3].span.end


def test_a_reworded_ending_goes_no_further_than_the_heard_sentence() -> None:
    """Without a pause, the heard sentence's end is the turn's end."""
    said = f"{INTRO} until it whistles. {prose(1, 60)}"
    _, ear, _, _, utterances = timed(f"**Ann**: {INTRO} while steam comes out of everything\n", said)

    assert utterances[0].span is not None
    assert utterances[0].span.end == ear.words[len(INTRO.split()) + 2].span.end


def test_a_start_that_could_be_seconds_off_is_not_trusted() -> None:
    """A turn whose first words were not heard, in the middle of much else, has a confidence below one half."""
    missing = "whatever they may have been saying about these matters"
    source = f"**Ann**: {prose(3, 60)}\n\n**Bob**: {missing} {INTRO}\n"
    _, _, _, _, sure = timed(source, f"{prose(3, 60)} {missing} {INTRO}")
    _, _, _, _, unsure = timed(source, f"{prose(3, 60)} {prose(4, 50)} {INTRO}")

    assert sure[1].confidence > 0.9
    assert unsure[1].confidence < 0.5


def test_editorial_words_never_count_against_the_fit() -> None:
    """What stands in brackets may be unsaid, and the turn is verbatim all the same."""
    _, _, _, _, utterances = timed(f"**Ann**: [sighs loudly at the microphone] {INTRO} [Laughter]", INTRO)

    assert utterances[0].fit == "verbatim"
    assert utterances[0].confidence > 0.9


def test_unintelligible_matches_any_few_words() -> None:
    """The mark takes the time of what the typist could not hear, and lowers nothing."""
    said = INTRO.replace("weekly talk", "gnarly squawk")
    transcript, _, _, words, utterances = timed(f"**Ann**: {INTRO.replace('weekly talk', '[unintelligible]')}", said)

    mark = next(k for k, word in enumerate(transcript.words) if word.kind == "unintelligible")
    assert words[mark].span == Span(6 * 300, 8 * 300)
    assert utterances[0].fit == "verbatim"


TURNS = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 25)), min_size=1, max_size=6)


@given(TURNS, TURNS, st.integers(0, 3))
def test_times_are_in_order_and_within_the_audio(
    typed: list[tuple[int, int]], said: list[tuple[int, int]], overlap: int
) -> None:
    """Whatever is typed and said, spans are ordered, disjoint and inside the recording."""
    source = "\n\n".join(f"**Ann**: {prose(seed, n)}" for seed, n in typed)
    clean = heard(" | ".join(prose(seed, n) for seed, n in said))
    words = tuple(HeardWord(w.text, Span(w.span.start, w.span.end + 90 * overlap), w.probability) for w in clean)
    ear = hearing(words, duration=clean[-1].span.end)
    transcript = parse(source)

    timed_words, utterances = assign_times(transcript, ear, align(transcript.words, words, AlignOptions()))

    spans = [word.span for word in timed_words if word.span is not None]
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
    assert all(span.end <= ear.duration for span in spans)
    assert all(0 <= utterance.confidence <= 1 for utterance in utterances)
    assert all((utterance.span is None) == (utterance.fit == "not-found") for utterance in utterances)
    assert len(timed_words) == len(transcript.words)


def test_a_lone_word_somewhere_in_an_hour_is_not_found() -> None:
    """Two typed words of which one resembles one of thousands are no find; at the very start they are."""
    _, _, _, _, utterances = timed("**Ann**: Purple elephants.\n", f"{prose(6, 900)} a purple people {prose(5, 900)}")
    _, _, _, _, at_start = timed("**Ann**: Purple elephants.\n", f"purple elephants {prose(5, 900)}")

    assert utterances[0].fit == "not-found"
    assert at_start[0].fit == "verbatim"


def test_a_sentence_said_twice_and_typed_once_is_not_trusted() -> None:
    """Where either saying could be meant, the confidence is below one half; with both typed, both are sure."""
    again = "that is what we believed back then"
    once = f"**Ann**: {prose(1, 30)}\n\n**Bob**: {again}\n\n**Ann**: {prose(2, 30)}\n"
    twice = f"**Ann**: {prose(1, 30)}\n\n**Bob**: {again}\n\n**Cy**: {again}\n\n**Ann**: {prose(2, 30)}\n"
    said = f"{prose(1, 30)} {again} {again} {prose(2, 30)}"

    assert [utterance.confidence >= 0.5 for utterance in timed(once, said)[4]] == [True, False, True]
    assert [utterance.confidence >= 0.5 for utterance in timed(twice, said)[4]] == [True] * 4


def test_a_turn_that_begins_twice_is_not_trusted() -> None:
    """Words of one speaker that the next takes up: which of the two sayings was typed is not known."""
    first, rest = "nine hundred lovely days", "without any updates whatsoever is remarkable"
    source = f"**Ann**: {prose(1, 30)}\n\n**Bob**: {first} any updates whatsoever is remarkable\n"

    _, _, _, _, utterances = timed(source, f"{prose(1, 30)} {first} {first} {rest}")

    assert utterances[1].confidence < 0.5


def test_an_abbreviation_spoken_in_full_takes_the_time_of_all_its_words() -> None:
    """Two letters for which three long words are heard last as long as these."""
    said = "yesterday our continuous integration machinery server had another idea of the time"
    transcript, ear, _, words, _ = timed(f"**Ann**: {said.replace('continuous integration machinery', 'CI')}", said)

    assert transcript.words[2].shown == "CI"
    assert not words[2].measured
    assert words[2].span == ear.words[2].span.cover(ear.words[4].span)
