"""Every kind of finding is described, as it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest

import pipeline.writing
from pipeline.commands.flags import exit_status
from pipeline.matching.finding_kinds import FINDING_KINDS
from pipeline.schema import Finding, FindingKind
from tests.factories import result

SCHEMA = Path(pipeline.writing.__file__).with_name("alignment.schema.json")


def test_every_kind_is_described() -> None:
    """Says of every kind of finding, and of no other, what it means and what to do."""
    assert set(FINDING_KINDS) == set(get_args(FindingKind))
    assert [kind for kind, about in FINDING_KINDS.items() if not (about.meaning and about.advice)] == []


@pytest.mark.parametrize("kind", get_args(FindingKind))
def test_strict_is_described_as_it_is(kind: FindingKind) -> None:
    """Ends with status 1 under ``--strict`` for each kind but the one that is described as not counting."""
    found = result("**Ann**: hello", findings=(Finding(kind, "something"),))

    assert exit_status(found, strict=True) == (FINDING_KINDS[kind].strict != "no")
    assert exit_status(found, strict=False) == 0


def test_own_fields_are_those_of_the_schema() -> None:
    """Describes the fields that the published schema requires of a kind, each with its type."""
    rules = json.loads(SCHEMA.read_text(encoding="utf-8"))["$defs"]["finding"]["allOf"]
    required = {rule["if"]["properties"]["kind"]["const"]: set(rule["then"]["required"]) for rule in rules}

    assert [kind for kind, fields in required.items() if not fields <= set(FINDING_KINDS[kind].fields)] == []
    assert [
        kind for kind, about in FINDING_KINDS.items() if not all(": " in one for one in about.fields.values())
    ] == []
