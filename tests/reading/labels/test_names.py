from __future__ import annotations

import pytest

from pipeline.reading.labels.names import (
    NameVariant,
    find_misspellings,
    find_names_off_panel,
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
        NameVariant("Anne Holt", "Ann Holt", utterance=1, uses=2),
        NameVariant("Cy Dunn", None, utterance=2, uses=1),
        NameVariant("bea fox", "Bea Fox", utterance=5, uses=1),
    ]
    assert list(find_misspellings(parse(source))) == []


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        (["Ann Holt"] * 4 + ["Ann Hollt"], [NameVariant("Ann Hollt", "Ann Holt", 4, 1)]),
        (["Ann Hollt", *["Ann Holt"] * 4], [NameVariant("Ann Hollt", "Ann Holt", 0, 1)]),
        (["Ann Holt", "ANN HOLT", "Ann Holt"], [NameVariant("ANN HOLT", "Ann Holt", 1, 1)]),
        (["Ann", "ann"], [NameVariant("ann", "Ann", 1, 1)]),
        (["Ann Holt"] * 3 + ["Ann Hollt"], []),
        (["Speaker 1"] * 9 + ["Speaker 2"], []),
        (["Interviewer", "Interviewee"] * 5, []),
        (["Mario"] * 9 + ["Maria"], []),
        (["李雷"] * 9 + ["李磊"], []),
    ],
)
def test_a_name_is_a_misspelling_of_a_far_more_frequent_one_only(labels: list[str], found: list[NameVariant]) -> None:
    """Without a panel, people with similar names are distinguished from one person with two spellings."""
    assert list(find_misspellings(parse(spoken(*labels)))) == found
    assert list(find_names_off_panel(parse(spoken(*labels)))) == []


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
