from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.options import choices, describe, meaning, option, option_of


@dataclass(frozen=True)
class Oven:
    """Options for the tests."""

    heat: int = option(180, "How hot it is, in degrees.")
    mode: Literal["fan", "grill"] = option("fan", "What heats")


def test_an_option_has_its_default_and_its_meaning() -> None:
    """The default and the meaning of an option come from its one declaration."""
    assert Oven() == Oven(180, "fan")
    assert meaning(Oven, "heat") == "How hot it is, in degrees"


@dataclass(frozen=True)
class Kitchen:
    """Options with one of another dataclass."""

    oven_heat: int = option_of(Oven, "heat")


def test_an_option_of_another_dataclass_is_declared_once() -> None:
    """An option that is taken from another dataclass has its default and its meaning."""
    assert Kitchen() == Kitchen(180)
    assert meaning(Kitchen, "oven_heat") == meaning(Oven, "heat")


def test_choices_are_those_of_the_type() -> None:
    """Only an option with a literal type has choices, and its description lists them."""
    assert (choices(Oven, "heat"), choices(Oven, "mode")) == ((), ("fan", "grill"))
    assert describe(Oven, "heat") == "How hot it is, in degrees."
    assert describe(Oven, "mode") == "What heats. One of: fan, grill."
