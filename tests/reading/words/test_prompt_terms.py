from __future__ import annotations

import pytest
from hypothesis import given

from pipeline.reading.transcript import parse
from pipeline.reading.words.prompt_terms import MAX_TERMS, select_prompt_terms
from pipeline.schema import Run
from tests.factories import transcript
from tests.strategies import sources

SHOW = """
    Panel:

    * Ann Weir
    * Bo Ek

    Table Of Contents:

    1. [The Shelf](#the-shelf)

    **Ann Weir**: Well, we met Philomena Grey's cat in Oslo. Nobody said `npm install`, and the
    [Lantern Racks](https://example.org) said no to CI. What a lovely day it was, I think.

    **Bo**: So it was. [Laughter from Berta] Then builder.\\_runLater broke, and Ann laughed at that for a while, and
    so did the rest of us, although nobody knew what there was to laugh about and the day was not over yet.
    """


def test_names_and_terms_and_no_prose() -> None:
    """The terms are panel, code, spellings, links, then names; no sentence's start, no editor's word, no "I"."""
    assert select_prompt_terms(transcript(SHOW)) == (
        "Ann Weir",
        "Bo Ek",
        "npm install",
        "CI",
        "builder._runLater",
        "Lantern Racks",
        "Philomena Grey",
        "Oslo",
    )


def test_terms_of_a_range() -> None:
    """A range of words gives the terms within it, and the panel members who are named there."""
    document = transcript(SHOW)
    second = document.utterances[1].words

    assert select_prompt_terms(document, second) == ("Ann Weir", "builder._runLater")
    assert select_prompt_terms(document, Run(second.start, second.start + 3)) == ()


def test_speakers_where_there_is_no_panel() -> None:
    """Without a panel the names of the labels are taken, each once."""
    assert select_prompt_terms(parse("**Ann**: So it is.\n\n**Bo**: It is.\n\n**Ann**: Yes.\n")) == ("Ann", "Bo")


@pytest.mark.parametrize(
    "source",
    [
        "Ich habe heute ein frisches Brot und eine alte Mühle aus dem Dorf am großen See mitgebracht.",
        "From fairest Creatures we desire Increase that thereby Beauty may Never die.",
        "今天我们来谈一谈怎么在家里泡一杯好茶。",
        "שלום וברוכים הבאים לתוכנית שלנו.",
    ],
)
def test_capitals_that_mark_no_names(source: str) -> None:
    """Words give no names if every noun is capitalised, or nothing is."""
    assert select_prompt_terms(parse(source)) == ()


def test_a_capital_by_chance() -> None:
    """A word that is also written without a capital is no name; a name of several words is."""
    source = (
        "So we saw the Garden, and the garden of the old man behind the New Garden, and then we went home again, "
        "where we had a cup of tea and a biscuit or two and went to bed."
    )

    assert select_prompt_terms(parse(source)) == ("New Garden",)


def test_latin_words_among_others() -> None:
    """Terms in Latin letters are found within another script."""
    assert select_prompt_terms(parse("**李雷**: 我们用 GitHub 和 `make` 来写程序。")) == ("李雷", "make", "GitHub")


def test_words_run_together_are_no_term() -> None:
    """Two words with three dots and no space between them are not one term."""
    assert select_prompt_terms(
        parse("Well, then we had WASM...so that was it…So we went on with npm_config and API... yes.")
    ) == (
        "npm_config",
        "API",
    )


def test_list_stays_short() -> None:
    """There are at most ``MAX_TERMS`` terms."""
    names = ", and after that there was another one who was called ".join(
        f"Aa{'bcdefghijklmnopqrstuvwxyz'[k]}" for k in range(25)
    )

    assert len(select_prompt_terms(parse(f"There was {names}."))) == MAX_TERMS


def test_the_terms_of_the_show_follow_those_of_the_transcript() -> None:
    """Terms of the show that the transcript lacks are added up to the limit."""
    own = select_prompt_terms(transcript(SHOW))

    assert select_prompt_terms(
        transcript(SHOW), show=("Ann", "ci", "Lantern", "Miles Okoro", "x" * 70, "two\nlines")
    ) == (
        *own,
        "Miles Okoro",
    )
    assert select_prompt_terms(transcript(SHOW), show=[f"Term{k}" for k in range(MAX_TERMS)])[len(own) - 1 :] == (
        own[-1],
        *(f"Term{k}" for k in range(MAX_TERMS - len(own))),
    )


@given(sources())
def test_every_term_is_in_the_source(source: str) -> None:
    """For any text, no term is repeated, empty or on two lines, and each of its words is in the source."""
    terms = select_prompt_terms(parse(source))

    assert len({term.casefold() for term in terms}) == len(terms) <= MAX_TERMS
    assert all(term.strip() == term != "" and term.isprintable() for term in terms)
