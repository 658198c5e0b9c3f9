from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.labels.names import (
    Meaning,
    NameVariant,
    find_misspellings,
    find_names_off_panel,
    label_meanings,
    match_spellings,
    nearest_name,
    resolve_speakers,
)
from pipeline.reading.transcript import parse

PANEL = "Panel:\n\n* Ann Holt\n* Bea Fox\n\n"


def spoken(*labels: str) -> str:
    """Return a transcript in which these speakers alternate."""
    return "".join(f"**{label}**: Something is said.\n\n" for label in labels)


@pytest.mark.parametrize(
    ("label", "nearest"),
    [
        ("Ann Hold", "Ann Holt"),
        ("bea", "Bea Fox"),
        ("Ann", None),
        ("A Listener", None),
        ("ANN HOLT", "Ann Holt"),
        ("Cyrus Doe", "Cyrus"),
    ],
)
def test_the_nearest_name_is_a_misspelling_or_a_part_of_one_name(label: str, nearest: str | None) -> None:
    """A first name that two people share has no nearest name, nor has an unknown name."""
    assert nearest_name(label, ("Ann Holt", "Ann Marsh", "Bea Fox", "Cyrus")) == nearest


def test_names_off_the_panel_are_reported_once_for_each_spelling() -> None:
    """Each name that is not on the panel is reported with its number of turns and the panel name that is meant."""
    source = PANEL + spoken("Ann Holt", "Anne Holt", "Cy Dunn", "BEA FOX", "Anne Holt", "bea fox")

    assert list(find_names_off_panel(parse(source))) == [
        NameVariant("Anne Holt", "Ann Holt", utterance=1, uses=2, candidates=("Ann Holt",)),
        NameVariant("Cy Dunn", None, utterance=2, uses=1),
        NameVariant("bea fox", "Bea Fox", utterance=5, uses=1, candidates=("Bea Fox",)),
    ]
    assert list(find_misspellings(parse(source))) == []


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        (["Ann Holt"] * 4 + ["Ann Hollt"], [("Ann Hollt", "Ann Holt", 4)]),
        (["Ann Hollt", *["Ann Holt"] * 4], [("Ann Hollt", "Ann Holt", 0)]),
        (["Ann Holt"] * 2 + ["Ann Hollt"], [("Ann Hollt", "Ann Holt", 2)]),
        (["Ann Holt", "ANN HOLT", "Ann Holt"], [("ANN HOLT", "Ann Holt", 1)]),
        (["Ann", "ann"], [("ann", "Ann", 1)]),
        (["Ann Holt", "Ann Hollt"], []),
        (["Chris Lee"] * 3 + ["Chris Leo"], []),
        (["Mario Rossi"] * 2 + ["Maria Rossi"], []),
        (["Speaker 1"] * 9 + ["Speaker 2"], []),
        (["Interviewer", "Interviewee"] * 5, []),
        (["Mario"] * 9 + ["Maria"], []),
        (["李雷"] * 9 + ["李磊"], []),
        (["Dr. Ann Holt", "Ann Holt", "Ann Holt"], [("Dr. Ann Holt", "Ann Holt", 0)]),
        (["Ann Holt (host)", "Bob", "Ann Holt"], []),
        (["Ann Holt (AH)", "Bob", "AH", "AH"], []),
        (["Ann Holt", "Bob", "AH", "AH"], [("AH", "Ann Holt", 2)]),
        (["HANNAH WEIR, KETTLE ANCHOR", "OSKAR LIND, BYLINE", "WEIR"], [("WEIR", "HANNAH WEIR", 2)]),
        (["Ann Holt", "Ann", "Ann", "Ann M. Holt"], [("Ann Holt", "Ann M. Holt", 0), ("Ann", "Ann M. Holt", 1)]),
    ],
)
def test_without_a_panel_the_fullest_spelling_is_meant(labels: list[str], found: list[tuple[str, str, int]]) -> None:
    """A part of a name is the fuller one; a slip is the far more common one, or any more common last name."""
    variants = [(one.label, one.nearest, one.utterance) for one in find_misspellings(parse(spoken(*labels)))]

    assert variants == found
    assert list(find_names_off_panel(parse(spoken(*labels)))) == []


PANEL_OF_NAMESAKES = "Panel:\n\n* Chris Lee\n* Chris Park\n* Christine Lee\n\n"


@pytest.mark.parametrize(
    ("label", "nearest", "candidates"),
    [
        ("Chris L.", "Chris Lee", ("Chris Lee",)),
        ("Chris P.", "Chris Park", ("Chris Park",)),
        ("Christine", "Christine Lee", ("Christine Lee",)),
        ("Dr. Chris Park (guest)", "Chris Park", ("Chris Park",)),
        ("PARK", "Chris Park", ("Chris Park",)),
        ("Chris", None, ("Chris Lee", "Chris Park")),
        ("LEE", None, ("Chris Lee", "Christine Lee")),
        ("Chris Clark", None, ()),
        ("Dora Fox", None, ()),
    ],
)
def test_people_of_one_first_name_stay_apart(label: str, nearest: str | None, candidates: tuple[str, ...]) -> None:
    """An initial or a last name says which of them is meant; a name that fits several has candidates, not a nearest."""
    source = PANEL_OF_NAMESAKES + spoken("Chris Lee", "Chris Park", "Christine Lee", label)

    assert list(find_names_off_panel(parse(source))) == [NameVariant(label, nearest, 3, 1, candidates)]
    assert resolve_speakers(parse(source)) == ("Chris Lee", "Chris Park", "Christine Lee", nearest or label)


def test_without_a_panel_an_ambiguous_short_name_has_candidates() -> None:
    """A first name that two people have is neither's."""
    source = spoken("Chris Lee", "Chris Park", "Chris")

    assert list(find_misspellings(parse(source))) == [NameVariant("Chris", None, 2, 1, ("Chris Lee", "Chris Park"))]
    assert resolve_speakers(parse(source))[2] == "Chris"


def test_two_full_names_are_not_merged_by_a_short_one() -> None:
    """If two people could be the Ann of the panel, neither is."""
    source = "Panel:\n\n* Ann\n* Bob\n\n" + spoken("Ann Holt", "Ann Marsh", "Bob")

    assert resolve_speakers(parse(source)) == ("Ann Holt", "Ann Marsh", "Bob")
    assert [one.candidates for one in find_names_off_panel(parse(source))] == [("Ann",), ("Ann",)]


def test_a_spelling_off_the_panel_can_be_that_of_another_one() -> None:
    """A guest who is not on the panel is one person, under the fullest spelling."""
    source = PANEL + spoken("Ann Holt", "Eve Gray (guest)", "Gray")

    assert resolve_speakers(parse(source)) == ("Ann Holt", "Eve Gray", "Eve Gray")
    assert [(one.label, one.nearest) for one in find_names_off_panel(parse(source))] == [
        ("Eve Gray (guest)", None),
        ("Gray", "Eve Gray"),
    ]


@pytest.mark.parametrize("label", ["Ann and Bea", "Ann Holt & Bea Fox", "All", "BOTH"])
def test_a_label_of_several_people_is_no_spelling_of_one_name(label: str) -> None:
    """A label of people who are known, or of all, means itself and is not reported."""
    transcript = parse(PANEL + spoken("Ann Holt", "Bea Fox", label))

    assert label_meanings(transcript)[label] == Meaning(label, ("Ann Holt", "Bea Fox"), is_shared=True)
    assert resolve_speakers(transcript)[2] == label
    assert list(find_names_off_panel(transcript)) == []


def test_a_label_set_apart_means_itself() -> None:
    """A label whose voice is another's is not resolved to the name that it is near to."""
    transcript = parse(PANEL + spoken("Ann Holt", "Ann", "Bea"))

    assert resolve_speakers(transcript, apart={"Ann"}) == ("Ann Holt", "Ann", "Bea Fox")


def test_only_the_first_five_hundred_spellings_are_compared() -> None:
    """However many spellings a file has, the rest mean themselves, so that the work stays linear."""
    labels = [f"Ann Holt (role {chr(97 + k % 26)}{chr(97 + k // 26)})" for k in range(600)]

    meanings = label_meanings(parse(spoken(*labels)))

    assert sum(one.name == "Ann Holt" for one in meanings.values()) == 500
    assert sum(one.name == label for label, one in meanings.items()) == 100


def _as_sets(meanings: Mapping[str, Meaning]) -> dict[str, tuple[str, set[str]]]:
    """Return who is meant by each label; the order of candidates is that of their first turns."""
    return {label: (one.name, set(one.candidates)) for label, one in meanings.items()}


NAMES = st.sampled_from(
    ["Ann Holt", "Ann", "Holt", "Dr. Ann Holt", "Ann M. Holt", "Bea Fox", "BEA FOX", "B. Fox", "Cy", "Ann Marsh", "AH"]
)


@given(st.lists(NAMES, max_size=8), st.lists(NAMES, max_size=3, unique=True))
def test_names_of_the_panel_mean_themselves_and_meanings_are_final(labels: list[str], panel: list[str]) -> None:
    """A panel name is never merged, and what a label means is itself a main spelling, in any order of the turns."""
    head = "Panel:\n\n" + "".join(f"* {name}\n" for name in panel) + "\n" if panel else ""
    meanings = label_meanings(parse(head + spoken(*labels)))

    assert all(meanings[name].name == name for name in panel if name in meanings)
    assert all(meanings[one.name].name == one.name for one in meanings.values() if one.name in meanings)
    assert _as_sets(meanings) == _as_sets(label_meanings(parse(head + spoken(*reversed(labels)))))


def test_a_label_means_the_panel_name_that_it_nearly_is() -> None:
    """Misspellings, first names and capitals mean the panel's person; another name means itself; no name means None."""
    source = PANEL + spoken("Ann Holt", "Anne Holt", "bea", "Cy Dunn", "ANN HOLT", "")

    assert resolve_speakers(parse(source)) == ("Ann Holt", "Ann Holt", "Bea Fox", "Cy Dunn", "Ann Holt", None)


def test_without_a_panel_a_rare_spelling_is_the_common_one() -> None:
    """One misspelling among many turns is the same person; names that are merely similar stay two."""
    source = spoken(*["Oskar Lind", "Maria"] * 4, "Oscar Lind", "Mario")

    assert resolve_speakers(parse(source))[-2:] == ("Oskar Lind", "Mario")


@pytest.mark.parametrize(
    ("names", "spelt"),
    [
        (["Ann Hold", "Cy"], {"Ann Hold": "Ann Holt", "Cy": "Cy"}),
        (["ann holt", "Ann Hold"], {"ann holt": "Ann Holt", "Ann Hold": "Ann Hold"}),
        (["Ann Hold", "Ann Hol"], {"Ann Hold": "Ann Hold", "Ann Hol": "Ann Hol"}),
        ([], {}),
    ],
    ids=["a misspelling", "one is equal", "two are near", "no names"],
)
def test_names_from_elsewhere_are_spelt_as_here(names: list[str], spelt: dict[str, str]) -> None:
    """A given name gets the known spelling if it alone is nearly that."""
    assert match_spellings(names, ("Ann Holt", "Bea Fox")) == spelt
