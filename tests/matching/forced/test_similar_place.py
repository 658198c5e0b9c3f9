"""An utterance that was not matched is looked for where words are heard that are like it, letter by letter."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching.forced.similar_place import HeardLetters, similar_place
from pipeline.reading.words.spoken_form import spoken_keys
from pipeline.times import Span
from tests.matching.word_lists import heard_words, make_hearing

BEFORE = "the silence woke me up and my neighbor asked whether the house was burning"
AFTER = "nobody answered because everyone was already asleep under the stairs"


def place_of(written: str, said: str) -> Span | None:
    """Return where a written text is proposed to be said."""
    hearing = make_hearing(heard_words(said))
    keys = [spoken_keys(word) for word in written.split()]
    return similar_place(keys, HeardLetters.of(hearing), range(len(hearing.words)))


def test_misheard_words_are_found_by_their_letters() -> None:
    """No word of the name is heard as it is written."""
    said = f"{BEFORE} pre anand everybody {AFTER}"
    start = 300 * len(BEFORE.split())
    found = place_of("Priya Nand, everybody", said)

    assert found is not None
    assert found.end == start + 900
    assert 0 <= start - found.start <= 300  # a letter more is written, which the word before has


def test_what_is_said_twice_is_not_found() -> None:
    """Either may be the one that was typed."""
    assert place_of("and did it finish", f"{BEFORE} undead it finish {AFTER} undead it finish") is None


def test_a_short_or_another_utterance_is_not_found() -> None:
    """Few letters are like too much, and other words are like nothing."""
    assert place_of("oh no", f"{BEFORE} oh no {AFTER}") is None
    assert place_of("a gardener sold umbrellas", f"{BEFORE} {AFTER}") is None


def test_few_words_have_to_be_more_like_what_is_heard() -> None:
    """Three words with one letter of another one are found; two words of which one is another are not."""
    assert place_of("Priya Nand, everybody", f"{BEFORE} prionand everybody {AFTER}") is not None
    assert place_of("server fell", f"{BEFORE} server shelf {AFTER}") is None


@given(st.integers(0, 20), st.integers(6, 9))
def test_words_that_are_heard_as_they_are_written_are_found_exactly(first: int, count: int) -> None:
    """Wherever they are said, once."""
    words = f"{BEFORE} {AFTER}".split()
    chosen = words[first % (len(words) - count) :][:count]
    found = place_of(" ".join(chosen), " ".join(words))
    start = 300 * (first % (len(words) - count))

    assert found == Span(start, start + 300 * count)


@given(st.lists(st.tuples(st.integers(0, 9_000), st.integers(0, 9_000)).map(sorted), max_size=3))
def test_the_words_within_spans_are_those_that_begin_there(edges: list[list[int]]) -> None:
    """Each once, in order."""
    words = heard_words(f"{BEFORE} {AFTER}")
    spans = [Span(start, end) for start, end in edges]

    assert HeardLetters.of(make_hearing(words)).within(spans) == [
        k for k, word in enumerate(words) if any(one.start <= word.span.start < one.end for one in spans)
    ]
