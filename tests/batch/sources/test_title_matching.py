from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch.sources.filename_parts import title_words
from pipeline.batch.sources.title_matching import MIN_SIMILARITY, match_titles, title_similarity

WORDS = st.sampled_from(["slow", "build", "kettle", "kernel", "server", "garden", "the", "with"])
TITLES = st.lists(WORDS, min_size=1, max_size=5).map(tuple)
CALLED = st.dictionaries(
    st.text("abc", min_size=1, max_size=3),
    st.frozensets(TITLES.map(" ".join), min_size=1, max_size=2),
    max_size=5,
)


@given(TITLES, TITLES)
def test_similarity_is_symmetric(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    """The similarity does not depend on the order of the titles, and is 100 of a title to itself."""
    assert title_similarity(one, other) == title_similarity(other, one)
    assert title_similarity(one, one) == 100


def test_variants_of_a_title_are_above_the_threshold_and_others_below() -> None:
    """A misspelt and a longer title are similar enough, and another episode's title is not."""
    same = ("The slow buidl", "My show: the slow build, with Ann", "Build, the Slow")
    others = ("The slow garden", "Interview with Bob", "The")

    assert all(title_similarity(title_words("The Slow Build"), title_words(title)) >= MIN_SIMILARITY for title in same)
    assert all(title_similarity(title_words("The Slow Build"), title_words(title)) < MIN_SIMILARITY for title in others)
    assert title_similarity(title_words("Interview with Ann"), title_words("Interview with Bob")) < MIN_SIMILARITY


def test_the_best_match_needs_a_margin() -> None:
    """The exact title wins over one that contains it, and two close titles are ambiguous."""
    clear = match_titles(
        {"a": {"The Slow Build"}}, {"x": {"The slow build"}, "y": {"The slow build, part two of it all"}}
    )
    near = match_titles({"a": {"The Slow Build"}}, {"x": {"The slow build"}, "y": {"The slow builds"}})

    assert clear == ({"a": "x"}, [])
    assert near == ({}, [(("a",), ("x", "y"))])


def test_one_text_for_two_recordings_is_ambiguous() -> None:
    """The margin is also required between the audios of one text."""
    assert match_titles({"a": {"The Slow Build"}, "b": {"The Slow Build!"}}, {"x": {"The slow build"}}) == (
        {},
        [(("a", "b"), ("x",)), (("a", "b"), ("x",))],
    )


@given(CALLED, CALLED)
def test_no_text_is_matched_twice(audios: dict[str, frozenset[str]], texts: dict[str, frozenset[str]]) -> None:
    """No two audios have the same text, and the result does not depend on the order of the files."""
    found, unsure = match_titles(audios, texts)

    assert len(set(found.values())) == len(found)
    assert all(near for _, near in unsure)
    assert match_titles(dict(reversed(audios.items())), dict(reversed(texts.items()))) == (found, unsure)


def test_frequent_words_are_not_compared() -> None:
    """Titles that share only frequent words are not compared, and those with a rare common word are matched."""
    audios = {f"a{number}": {f"interview about {word}"} for number, word in enumerate(_rare(300))}
    texts = {f"t{number}": {f"interview about {word}"} for number, word in enumerate(_rare(300))}

    assert match_titles(audios, texts) == ({f"a{number}": f"t{number}" for number in range(300)}, [])


def _rare(number: int) -> list[str]:
    letters = "bcdfghjklmnpqrstvwxz"
    return [f"{letters[k % 20] * 5}{letters[k // 20] * 5}" for k in range(number)]
