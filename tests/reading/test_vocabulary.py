from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.transcript import parse
from pipeline.reading.vocabulary import collect_vocabulary
from pipeline.reading.words.prompt_terms import MAX_TERMS, all_terms, select_prompt_terms
from tests.factories import transcript
from tests.strategies import sources

PANEL = "Panel:\n\n* Ann Weir\n* {guest}\n\n"
FIRST = PANEL.format(guest="Bo Ek") + (
    "**Ann Weir**: So we ran `npm install` on the old machine in the hall, and then it went and broke the CI again.\n\n"
    "**Bo Ek**: It was there that I first saw Philomena Grey, who had come all the way from the town by the sea.\n"
)
SECOND = PANEL.format(guest="Dag Moe") + (
    "**Ann Weir**: We have all read what was said about the ci and about the rest of it, and I have seen it, too.\n\n"
    "**Dag Moe**: I have never had any trouble with NodeUp, but then there was this one thing with Philomena again.\n"
)
THIRD = PANEL.format(guest="Eve Aas") + (
    "**Ann Weir**: It is late, and we have not said a word of NodeUp yet, which is what all of us are here for.\n\n"
    "**Eve Aas**: Then let us go on with it, or nobody will hear of builder.runLater before it is time to go home.\n"
)


def test_what_is_in_most_transcripts_goes_first() -> None:
    """Terms are ranked by the number of transcripts, then by the latest; guests of a single one come last."""
    assert collect_vocabulary([parse(source) for source in (FIRST, SECOND, THIRD)]) == (
        "Ann Weir",
        "NodeUp",
        "Philomena Grey",
        "builder.runLater",
        "npm install",
        "CI",
        "Eve Aas",
        "Dag Moe",
        "Bo Ek",
    )


def test_of_many_transcripts_what_only_one_has_is_left_out() -> None:
    """With more than three transcripts, guests and terms of a single episode are left out, however late it is."""
    show = [parse(source) for source in (FIRST, SECOND, FIRST, THIRD)]

    assert collect_vocabulary(show) == ("Ann Weir", "Philomena Grey", "NodeUp", "Bo Ek", "npm install", "CI")


def test_one_transcript_gives_its_own_terms() -> None:
    """A single transcript gives what ``select_prompt_terms`` gives: it does not show who is a guest."""
    only = parse(FIRST)

    assert collect_vocabulary([only]) == select_prompt_terms(only)


def test_latest_spelling_is_given() -> None:
    """A term that is written in several ways has the spelling of the latest transcript."""
    old, late = ("**Ann**: We have all of this on {} and have had it there for years now.", "Github"), "GitHub"

    assert collect_vocabulary([parse(old[0].format(old[1])), parse(old[0].format(late))]) == ("Ann", "GitHub")


def test_terms_in_other_letters_are_left_out() -> None:
    """Names in other letters are left out, as an English engine must not write them; Latin terms among them stay."""
    shows = (
        "**李雷**: 我们用 GitHub 和 `make` 来写程序。",
        "**Анна**: Мы давно живём у самого моря, и с нами живёт NodeUp.",
    )

    assert collect_vocabulary([parse(source) for source in shows]) == ("NodeUp", "make", "GitHub")


def test_prose_gives_no_terms() -> None:
    """Words that are neither names nor terms are not returned."""
    prose = transcript("""
        So we went down to the sea, and it was a lovely day. Nobody said a word, but what was there to say?

        I don't know what I would have said. It was late, and then we went home.
        """)

    assert collect_vocabulary([prose, prose, prose]) == ()


@given(st.lists(sources(), max_size=4))
def test_terms_of_a_show(show: list[str]) -> None:
    """Any texts give a few of their terms, none twice, none a part of another, the same each time."""
    documents = [parse(source) for source in show]
    found = collect_vocabulary(documents)
    marked = [f" {term.casefold()} " for term in found]

    assert len(found) <= MAX_TERMS
    assert {term for one in documents for term in all_terms(one)} >= set(found)
    assert [term for term in marked if sum(term in other for other in marked) != 1] == []
    assert collect_vocabulary(documents) == found
