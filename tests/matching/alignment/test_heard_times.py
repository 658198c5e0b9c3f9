"""Times of matched words: in order, whichever of them come from forced alignment."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.alignment.align import AlignOptions, align
from pipeline.matching.alignment.heard_times import ForcedTime, heard_times, with_forced_times
from pipeline.matching.alignment.timing import assign_times
from pipeline.reading.transcript import parse
from pipeline.times import Span
from tests.matching.word_lists import heard_words, make_hearing, prose

TEXT = prose(1, 30)
WORDS = heard_words(TEXT)
HEARING = make_hearing(WORDS)
TRANSCRIPT = parse(f"**Ann**: {TEXT}")
ALIGNMENT = align(TRANSCRIPT.words, WORDS, AlignOptions())

FORCED = st.dictionaries(
    st.integers(0, len(WORDS) - 1),
    st.tuples(st.integers(0, HEARING.duration), st.integers(0, 900)).map(
        lambda one: ForcedTime(Span(one[0], sum(one)))
    ),
)


@given(FORCED)
def test_times_are_in_order_whatever_was_forced(forced: dict[int, ForcedTime]) -> None:
    """Spans are in order, disjoint and within the recording, and each word says how it was timed."""
    times = with_forced_times(heard_times(TRANSCRIPT, HEARING, ALIGNMENT), forced, HEARING.duration)

    spans = [one.span for one in times if one.span is not None]
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
    assert all(span.end <= HEARING.duration for span in spans)
    assert {k for k, one in enumerate(times) if one.timing == "forced"} == set(forced)


def test_a_heard_word_gives_way_to_a_forced_one() -> None:
    """The end of the word before a forced one is cut, and the start of the one after it is moved."""
    before, _, after = (WORDS[k].span for k in (4, 5, 6))
    forced = Span(before.end - 100, after.start + 50)
    times = with_forced_times(heard_times(TRANSCRIPT, HEARING, ALIGNMENT), {5: ForcedTime(forced)}, HEARING.duration)

    assert [times[k].span for k in (4, 5, 6)] == [Span(before.start, forced.start), forced, Span(forced.end, after.end)]
    assert [times[k].timing for k in (4, 5, 6)] == ["heard", "forced", "heard"]


def test_forced_times_change_no_share_of_what_was_heard() -> None:
    """A word that was not heard gets a time, but the turn fits as much as before."""
    said = " ".join(word.text for k, word in enumerate(WORDS) if k % 3)
    hearing = make_hearing(heard_words(said))
    alignment = align(TRANSCRIPT.words, hearing.words, AlignOptions())
    times, (without,) = assign_times(TRANSCRIPT, hearing, alignment)
    unheard = next(k for k, one in enumerate(times) if one.timing == "interpolated" and one.span)
    place = times[unheard].span
    assert place is not None

    forced, (with_it,) = assign_times(TRANSCRIPT, hearing, alignment, forced={unheard: ForcedTime(place)})

    assert (forced[unheard].timing, with_it.fit) == ("forced", without.fit)
