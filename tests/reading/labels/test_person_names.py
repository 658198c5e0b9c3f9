"""Two spellings of names: what is one person's, and what is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.labels.person_names import Nearness, nearness, parse_name, split_joint

ONE_PERSON = [
    ("Dr. Ann Holt", "Ann Holt", Nearness.SAME),
    ("Ann Holt (host)", "Ann Holt", Nearness.SAME),
    ("ANN HOLT [she/her]", "Ann Holt", Nearness.SAME),
    ("HANNAH WEIR, KETTLE ANCHOR", "Hannah Weir", Nearness.SAME),
    ("Ann Holt - Producer", "Ann Holt", Nearness.SAME),
    ("Ann Holt, PhD", "Ann Holt", Nearness.SAME),
    ("Holt, Ann", "Ann Holt", Nearness.SAME),
    ("Jean-Luc Moreau", "Jean Luc Moreau", Nearness.SAME),
    ("José García", "Jose Garcia", Nearness.SAME),
    ("Dom DeNicola", "Dom De Nicola", Nearness.SAME),
    ("Professor Brandt", "BRANDT (voice-over)", Nearness.SAME),
    ("Ann Hollt", "Ann Holt", Nearness.MISSPELT),
    ("Bob Rai", "Bob Ray", Nearness.MISSPELT),
    ("Bo Eck", "Bo Ek", Nearness.MISSPELT),
    ("Dominik Rivers", "Dominique Rivers", Nearness.MISSPELT),
    ("Ann", "Ann Holt", Nearness.PART),
    ("HOLT", "Ann Holt", Nearness.PART),
    ("Mr. Holt", "Sam Holt", Nearness.PART),
    ("Ann M. Holt", "Ann Holt", Nearness.PART),
    ("Ann van der Holt", "Ann Holt", Nearness.PART),
    ("ann", "Ann Holt", Nearness.PART),
    ("Ann Marie Holt", "Ann Holt", Nearness.PART),
    ("Chris L.", "Chris Lee", Nearness.PART),
    ("C. Lee", "Chris Lee", Nearness.PART),
    ("CL", "Chris Lee", Nearness.PART),
    ("J.R. Smith", "John Robert Smith", Nearness.PART),
    ("BRANT", "Wilhelmina Brandt", Nearness.LAST_NAME_MISSPELT),
]

TWO_PEOPLE = [
    ("Chris Lee", "Chris Park"),
    ("Chris P.", "Chris Lee"),
    ("Chris Park", "Chris Clark"),
    ("Chris Lee", "Chris Low"),
    ("Ann Smith", "Ann Schmidt"),
    ("Mr. Holt", "Mrs. Holt"),
    ("Speaker 1", "Speaker 2"),
    ("Speaker", "Speaker 1"),
    ("Guest", "Guest Speaker"),
    ("Guest A", "Guest B"),
    ("Ann's mother", "Ann Holt"),
    ("As Ann Holt said", "Ann Holt"),
    ("The build of Ann", "Ann"),
    ("A Listener", "Ann Lee"),
    ("李雷", "李磊"),
    ("Anna", "Ann Holt"),
    ("Daniela", "Daniel Shaw"),
    ("Unknown (male)", "Unknown (female)"),
]


@pytest.mark.parametrize(("one", "other", "kind"), ONE_PERSON)
def test_spellings_of_one_person_are_near(one: str, other: str, kind: Nearness) -> None:
    """Titles, roles, accents and order change nothing; slips, parts and initials are near, in both directions."""
    assert nearness(parse_name(one), parse_name(other))[0] is kind
    assert nearness(parse_name(other), parse_name(one))[0] is kind


@pytest.mark.parametrize(("one", "other"), TWO_PEOPLE)
def test_names_of_two_people_are_not_near(one: str, other: str) -> None:
    """A common first name, a common last name, and words that are no name do not make two people one."""
    assert nearness(parse_name(one), parse_name(other)) == (Nearness.NONE, 0.0)


@pytest.mark.parametrize(
    ("label", "parts"),
    [
        ("Ann and Bob", ("Ann", "Bob")),
        ("Ann, Bob & Cy Dunn", ("Ann", "Bob", "Cy Dunn")),
        ("Ann/Bob", ("Ann", "Bob")),
        ("Anders Land", ("Anders Land",)),
        ("Sandy", ("Sandy",)),
    ],
)
def test_a_label_of_several_people_is_divided(label: str, parts: tuple[str, ...]) -> None:
    """It is divided at "and" and at signs between names, and a name that has these letters in it stays whole."""
    assert split_joint(label) == parts


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("HANNAH WEIR, KETTLE ANCHOR", "HANNAH WEIR"),
        ("Dr. Ann Holt (host)", "Dr. Ann Holt"),
        ("WEIR, ANCHOR", "WEIR, ANCHOR"),
        ("Caller (2)", "Caller (2)"),
        ("Unknown (male)", "Unknown (male)"),
    ],
)
def test_the_role_is_no_part_of_the_name(label: str, name: str) -> None:
    """A role is left out where a name of two words is left, or where it is in brackets; never from what is no name."""
    assert parse_name(label).name == name


NAMES = st.one_of(
    st.text(max_size=30),
    st.lists(st.sampled_from(["Ann", "Holt", "Dr.", "M.", "(host)", ",", "Hollt", "2", "李雷"]), max_size=5).map(
        " ".join
    ),
)


@given(NAMES, NAMES)
def test_nearness_is_symmetric_and_a_name_is_near_itself(one: str, other: str) -> None:
    """The order of two names does not matter, and a name with a letter in it is the same as itself."""
    a, b = parse_name(one), parse_name(other)

    assert nearness(a, b) == nearness(b, a)
    assert not a.words or nearness(a, a) == (Nearness.SAME, 100.0)
