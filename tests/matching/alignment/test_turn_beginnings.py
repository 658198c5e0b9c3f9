"""A turn whose first words were not matched begins where the heard words allow it, or its start is not sure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.alignment.align import AlignOptions, align
from pipeline.matching.alignment.heard_times import ForcedTime
from pipeline.matching.alignment.timing import assign_times
from pipeline.matching.alignment.turn_beginnings import Beginning, start_doubt, unmatched_beginnings
from pipeline.reading.transcript import parse
from pipeline.schema import Alignment, Pairing, Run, TimedUtterance, Transcript
from pipeline.times import Ms, Span
from tests.matching.word_lists import heard_words, make_hearing, prose

ANN = "the old machine stands below a shelf of paper cards and hums all night"
BOB = "my friend keeps her whole library on a small board beside the window"


def beginning_of(source: str, said: str) -> Beginning | None:
    """Return the unmatched beginning of the second turn."""
    transcript, hearing = parse(source), make_hearing(heard_words(said))
    alignment = align(transcript.words, hearing.words, AlignOptions())
    return unmatched_beginnings(transcript, hearing, alignment).get(1)


def turns(second: str, first: str = ANN) -> str:
    """Return two turns as they are typed."""
    return f"**Ann**: {first}.\n\n**Bob**: {second}.\n"


def test_a_turn_whose_first_word_is_heard_has_none() -> None:
    """Its start is measured."""
    assert beginning_of(turns(BOB), f"{ANN}. {BOB}") is None


def test_it_begins_with_the_words_that_are_heard_in_its_place() -> None:
    """Two words in the place of two: the start is certain."""
    found = beginning_of(turns(f"Quite nicely {BOB}"), f"{ANN}. | Oh yes {BOB}")

    assert found is not None
    assert (found.at, found.doubt) == (300 * len(ANN.split()) + 1_000, 0)


def test_the_end_of_the_turn_before_is_told_from_it_by_a_pause() -> None:
    """Three words end the one turn in other words, two begin the other."""
    said = f"{ANN.removesuffix(' hums all night')} | sings till dawn. | Oh yes {BOB}"
    found = beginning_of(turns(f"Quite nicely {BOB}"), said)

    assert found is not None
    assert (found.at, found.doubt) == (300 * (len(ANN.split()) + 0) + 2_000, 0)


def test_without_a_pause_the_doubt_is_as_long_as_the_words_that_may_be_of_either() -> None:
    """Nothing tells which of six words begin the turn."""
    said = f"{ANN.removesuffix(' hums all night')} one two three four five six {BOB}"
    found = beginning_of(turns(f"Quite nicely then {BOB}"), said)

    assert found is not None
    assert found.doubt >= 600


def test_what_the_typist_left_out_before_it_does_not_belong_to_it() -> None:
    """One heard word ends a sentence and a pause follows: the typed "I" was not heard."""
    found = beginning_of(turns(f"I {BOB}"), f"{ANN} cable. | {BOB}")

    assert found is not None
    assert found.at == 300 * (len(ANN.split()) + 1) + 1_000


def test_a_word_that_is_heard_as_it_is_written_tells_the_beginning() -> None:
    """A first word that the alignment left unmatched, since much is left out behind it, is heard after a pause."""
    transcript = parse("**Ann**: Hello there.\n\n**Bob**: From a program that waits.\n")
    hearing = make_hearing(heard_words("Hello there. | From a distance if you look at it kindly a program that waits."))
    alignment = Alignment(
        (
            Pairing(Run(0, 2), Run(0, 2), 1.0),
            Pairing(Run(2, 4), Run(2, 12), 0.0),
            Pairing(Run(4, 7), Run(12, 15), 1.0),
        ),
        None,
    )

    assert unmatched_beginnings(transcript, hearing, alignment) == {1: Beginning(Run(2, 4), 1_600, 0)}


# --- with forced times --------------------------------------------------------------------------------------------


def timed(source: str, said: str, forced: Mapping[str, Sequence[Ms]]) -> tuple[Transcript, TimedUtterance]:
    """Align two turns and return the second, with these words of it forced to begin there, each of 200 ms."""
    transcript, hearing = parse(source), make_hearing(heard_words(said))
    alignment = align(transcript.words, hearing.words, AlignOptions())
    own = transcript.utterances[1].words
    times = {
        k: ForcedTime(Span(start, start + 200), apart=apart)
        for k in own
        if transcript.words[k].shown in forced
        for start, apart in [forced[transcript.words[k].shown]]
    }
    _, utterances = assign_times(transcript, hearing, alignment, forced=times)
    return transcript, utterances[1]


END = 300 * len(ANN.split())


def test_a_forced_start_before_all_that_is_heard_is_not_believed() -> None:
    """The aligners put the first word, which nobody says, into the pause: the turn begins with the heard words."""
    _, bob = timed(turns(f"Quite nicely {BOB}"), f"{ANN}. | | Oh yes {BOB}", {"Quite": (END + 500, 10)})

    assert bob.span is not None
    assert bob.span.start == END + 2_000
    assert bob.is_sure


def test_a_forced_start_that_agrees_with_what_is_heard_is_taken() -> None:
    """It is more exact than Whisper's."""
    forced = {"Quite": (END + 1_120, 10), "nicely": (END + 1_400, 10)}
    _, bob = timed(turns(f"Quite nicely {BOB}"), f"{ANN}. | Oh yes {BOB}", forced)

    assert bob.span is not None
    assert bob.span.start == END + 1_120
    assert bob.is_sure


@pytest.mark.parametrize(
    ("pause", "start", "is_sure"),
    [(" |", 700, True), ("", 0, False), (" |", 100, False)],
    ids=["beside the next word, after a pause", "no pause before it", "apart from the next word"],
)
def test_a_beginning_of_which_nothing_is_heard_is_sure_beside_the_next_word(
    pause: str,
    start: Ms,
    is_sure: bool,  # noqa: FBT001 -- the expected value of a case
) -> None:
    """Else it may be said over the turn before, or not at all."""
    _, bob = timed(turns(f"Wonderfully {BOB}"), f"{ANN}{pause} {BOB}", {"Wonderfully": (END + start, 10)})

    assert bob.is_sure == is_sure


def test_there_is_no_surety_where_two_talk_at_once() -> None:
    """Nothing is heard of four words, and there is no room for them between the two turns."""
    _, bob = timed(turns(f"Wonderful, marvellous, splendid evening: {BOB}"), f"{ANN} {BOB}", {})

    assert bob.span is not None
    assert not bob.is_sure


@pytest.mark.parametrize(
    ("at", "before", "doubt"),
    [(3_000, 1_900, 2_200), (3_000, 2_100, 0), (2_900, 1_900, 2_200), (2_700, 1_600, 0)],
    ids=["hardly heard", "no pause before", "in little more time", "in enough time"],
)
def test_few_heard_words_after_a_long_pause_may_be_others(at: Ms, before: Ms, doubt: Ms) -> None:
    """What was typed needs 1.2 s: it may be said in the pause, where Whisper heard nothing."""
    beginning = Beginning(Run(0, 4), at)

    assert start_doubt(beginning, None, Span(before, 3_600), needed=1_200) == doubt


def test_a_first_word_that_is_heard_and_that_forced_alignment_does_not_find_is_not_sure() -> None:
    """It finds the words behind it, so Whisper put the first one elsewhere."""
    _, found = timed(turns(BOB), f"{ANN}. | {BOB}", {"my": (END + 1_000, 10), "friend": (END + 1_300, 10)})
    _, lost = timed(turns(BOB), f"{ANN}. | {BOB}", {"friend": (END + 1_300, 10)})

    assert found.is_sure
    assert not lost.is_sure


@pytest.mark.parametrize(
    ("said", "start", "is_sure"),
    [("Um", 1_050, False), ("Um", 100, True), ("Oh", 1_050, True)],
    ids=["in the place of a hesitation sound", "before it", "in the place of a word"],
)
def test_a_hesitation_sound_does_not_stand_for_a_word(
    said: str,
    start: Ms,
    is_sure: bool,  # noqa: FBT001 -- the expected value of a case
) -> None:
    """The typed "Hello" is said before the "um", under the end of the turn before: forced alignment lays it on it."""
    _, bob = timed(turns(f"Hello {BOB}"), f"{ANN}. | {said} {BOB}", {"Hello": (END + start, 10)})

    assert bob.is_sure == is_sure


def test_a_typed_hesitation_sound_is_a_word() -> None:
    """What is typed as another such sound is said there."""
    _, bob = timed(turns(f"Hmm {BOB}"), f"{ANN}. | Um {BOB}", {"Hmm": (END + 1_050, 10)})

    assert bob.is_sure


@given(
    first=st.lists(st.sampled_from(["alpha", "beta", "gamma"]), max_size=4),
    said=st.lists(st.sampled_from(["one", "two.", "three", "|"]), max_size=8),
    start=st.integers(0, 5_000),
)
def test_whatever_is_heard_the_start_is_in_order(first: list[str], said: list[str], start: Ms) -> None:
    """The second turn begins after the first one, and not after its first match."""
    source = turns(f"{' '.join(first)} {BOB}") + f"\n**Ann**: {prose(3, 20)}\n"
    forced = {first[0]: (END + start, 10)} if first else {}
    _, bob = timed(source, f"{ANN} {' '.join(said)} {BOB} {prose(3, 20)}", forced)

    match = END + sum(1_000 if word == "|" else 300 for word in said)
    assert bob.span is not None
    assert END - 300 <= bob.span.start <= max(match, END + start)


@pytest.mark.parametrize("mark", ["[unintelligible]", "[inaudible]", "(inaudible)", "[crosstalk]"])
def test_a_turn_of_a_mark_alone_has_no_time(mark: str) -> None:
    """It has no word whose start could be sure."""
    transcript = parse(f"**Ann**: {ANN}.\n\n**Bob**: {mark}\n\n**Ann**: {BOB}.\n")
    hearing = make_hearing(heard_words(f"{ANN}. | {BOB}"))
    alignment = align(transcript.words, hearing.words, AlignOptions())

    _, utterances = assign_times(transcript, hearing, alignment)

    assert [one.span is None for one in utterances] == [False, True, False]
