"""Every kind of finding is described, as it is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

import pipeline.writing
from pipeline.commands.flags import exit_status
from pipeline.matching import finding_kinds
from pipeline.matching.finding_kinds import FINDING_KINDS, counts_for_strict
from pipeline.schema import Finding, FindingKind
from pipeline.times import Span
from tests.factories import result

SCHEMA = Path(pipeline.writing.__file__).with_name("alignment.schema.json")


def test_every_kind_is_described() -> None:
    """Says of every kind of finding, and of no other, what it means and what to do."""
    assert set(FINDING_KINDS) == set(get_args(FindingKind))
    assert [kind for kind, about in FINDING_KINDS.items() if not (about.meaning and about.advice)] == []


@pytest.mark.parametrize("kind", get_args(FindingKind))
def test_strict_is_described_as_it_is(kind: FindingKind) -> None:
    """Ends with status 1 under ``--strict`` for each kind but those that are described as not counting."""
    found = result("**Ann**: hello", findings=(Finding(kind, "something", details={"confidence": 0.9}),))

    assert exit_status(found, strict=True) == (FINDING_KINDS[kind].strict != "no")
    assert exit_status(found, strict=False) == 0


@pytest.mark.parametrize("kind", get_args(FindingKind))
def test_the_description_alone_decides_what_counts(kind: FindingKind, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ends with status 0 under ``--strict`` for any kind whose description says that it does not count."""
    found = result("**Ann**: hello", findings=(Finding(kind, "something"),))
    silent = replace(FINDING_KINDS[kind], strict="no")
    monkeypatch.setattr(finding_kinds, "FINDING_KINDS", {**FINDING_KINDS, kind: silent})

    assert exit_status(found, strict=True) == 0


@pytest.mark.parametrize(
    ("span", "counts"), [(Span(0, 900), False), (Span(900, 1_000), False), (Span(1_000, 2_000), True), (None, True)]
)
def test_a_drafted_passage_does_not_count(span: Span | None, counts: bool) -> None:  # noqa: FBT001 -- a parameter
    """Counts an untranscribed passage only if no drafted turn overlaps it."""
    assert counts_for_strict(Finding("untranscribed", "words", span=span), [Span(500, 1_000)]) == counts


@pytest.mark.parametrize(("confidence", "counts"), [(0.95, True), (0.9, True), (0.8, False)])
def test_a_misheard_word_counts_if_it_is_sure(confidence: float, counts: bool) -> None:  # noqa: FBT001 -- a parameter
    """Counts one from a confidence of 0.9 on."""
    assert counts_for_strict(Finding("misheard", "words", details={"confidence": confidence}), []) == counts


def test_own_fields_are_those_of_the_schema() -> None:
    """Describes the fields that the published schema requires of a kind, each with its type."""
    rules = json.loads(SCHEMA.read_text(encoding="utf-8"))["$defs"]["finding"]["allOf"]
    required = {rule["if"]["properties"]["kind"]["const"]: set(rule["then"]["required"]) for rule in rules}

    assert [kind for kind, fields in required.items() if not fields <= set(FINDING_KINDS[kind].fields)] == []
    assert [
        kind for kind, about in FINDING_KINDS.items() if not all(": " in one for one in about.fields.values())
    ] == []
