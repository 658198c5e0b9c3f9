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
def test_likeness_has_no_direction(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    """Finds two titles as like each other from either side, and each like itself."""
    assert title_similarity(one, other) == title_similarity(other, one)
    assert title_similarity(one, one) == 100


def test_what_is_one_title_is_told_from_what_are_two() -> None:
    """Puts a misspelt and a longer title above what is enough, and another episode's below."""
    same = ("The slow buidl", "My show: the slow build, with Ann", "Build, the Slow")
    others = ("The slow garden", "Interview with Bob", "The")

    assert all(title_similarity(title_words("The Slow Build"), title_words(title)) >= MIN_SIMILARITY for title in same)
    assert all(title_similarity(title_words("The Slow Build"), title_words(title)) < MIN_SIMILARITY for title in others)
    assert title_similarity(title_words("Interview with Ann"), title_words("Interview with Bob")) < MIN_SIMILARITY


def test_the_best_of_several_is_taken_only_with_a_margin() -> None:
    """Takes the exact title before one that holds it, and says which ones are too near each other."""
    clear = match_titles(
        {"a": {"The Slow Build"}}, {"x": {"The slow build"}, "y": {"The slow build, part two of it all"}}
    )
    near = match_titles({"a": {"The Slow Build"}}, {"x": {"The slow build"}, "y": {"The slow builds"}})

    assert clear == ({"a": "x"}, [])
    assert near == ({}, [(("a",), ("x", "y"))])


def test_one_text_for_two_recordings_is_in_doubt() -> None:
    """Sees the nearness from the text's side too."""
    assert match_titles({"a": {"The Slow Build"}, "b": {"The Slow Build!"}}, {"x": {"The slow build"}}) == (
        {},
        [(("a", "b"), ("x",)), (("a", "b"), ("x",))],
    )


@given(CALLED, CALLED)
def test_nobody_is_given_twice(audios: dict[str, frozenset[str]], texts: dict[str, frozenset[str]]) -> None:
    """Gives no text to two audios, and leaves nothing both found and in doubt by its own title."""
    found, unsure = match_titles(audios, texts)

    assert len(set(found.values())) == len(found)
    assert all(near for _, near in unsure)
    assert match_titles(dict(reversed(audios.items())), dict(reversed(texts.items()))) == (found, unsure)


def test_a_word_of_every_title_tells_nothing() -> None:
    """Compares no two titles that share only what hundreds share, and finds the others all the same."""
    audios = {f"a{number}": {f"interview about {word}"} for number, word in enumerate(_rare(300))}
    texts = {f"t{number}": {f"interview about {word}"} for number, word in enumerate(_rare(300))}

    assert match_titles(audios, texts) == ({f"a{number}": f"t{number}" for number in range(300)}, [])


def _rare(number: int) -> list[str]:
    letters = "bcdfghjklmnpqrstvwxz"
    return [f"{letters[k % 20] * 5}{letters[k // 20] * 5}" for k in range(number)]
