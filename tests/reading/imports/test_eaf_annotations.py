from __future__ import annotations

import pytest

from pipeline.reading.imports.eaf_annotations import read_eaf
from pipeline.reading.imports.pieces import ImportedFileError, Piece


def aligned(name: str, start: str, end: str, text: str) -> str:
    """An annotation with times of its own."""
    return (
        f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="{name}" TIME_SLOT_REF1="{start}" TIME_SLOT_REF2="{end}">'
        f"<ANNOTATION_VALUE>{text}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>"
    )


def referring(name: str, to: str, text: str) -> str:
    """An annotation with the times of another one."""
    return (
        f'<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="{name}" ANNOTATION_REF="{to}">'
        f"<ANNOTATION_VALUE>{text}</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>"
    )


def eaf(*tiers: str, times: str = "0 1000 1500 2000") -> str:
    """A document with time slots ``ts0`` and so on; ``?`` has no value."""
    slots = "".join(
        f'<TIME_SLOT TIME_SLOT_ID="ts{k}"{"" if at == "?" else f" TIME_VALUE={chr(34)}{at}{chr(34)}"}/>'
        for k, at in enumerate(times.split())
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ANNOTATION_DOCUMENT>'
        f"<TIME_ORDER>{slots}</TIME_ORDER>{''.join(tiers)}</ANNOTATION_DOCUMENT>"
    )


def tier(attributes: str, *annotations: str) -> str:
    """A tier."""
    return f"<TIER {attributes}>{''.join(annotations)}</TIER>"


def test_tiers_at_the_top_are_speakers() -> None:
    """The participant names them, else the tier; what is below them is left out."""
    ann = tier('TIER_ID="A" PARTICIPANT="Ann Lee"', aligned("a1", "ts0", "ts1", "so &amp; what"))
    words = tier('TIER_ID="w" PARENT_REF="A"', aligned("a2", "ts0", "ts1", "so"))
    gloss = tier('TIER_ID="g" PARENT_REF="A"', referring("a3", "a1", "therefore"))
    bob = tier('TIER_ID="Bob"', aligned("a4", "ts2", "ts3", "a paper"))

    assert list(read_eaf(eaf(bob, words, gloss, ann))) == [
        Piece("Ann Lee", "so & what", 0, 1000),
        Piece("Bob", "a paper", 1500, 2000),
    ]


def test_a_tier_without_text_stands_for_the_one_below() -> None:
    """Its annotations have the times of those that they refer to."""
    top = tier('TIER_ID="Ann"', aligned("a1", "ts1", "ts2", ""))
    text = tier('TIER_ID="text" PARENT_REF="Ann"', referring("a2", "a1", "so"))

    assert list(read_eaf(eaf(top, text))) == [Piece("Ann", "so", 1000, 1500)]


def test_many_tiers_of_one_name_do_not_multiply() -> None:
    """A hostile document names thirty empty tiers like the tier above them: thirty to the power of twenty."""
    empty = tier('TIER_ID="A"'), *[tier('TIER_ID="A" PARENT_REF="A"')] * 30

    assert not list(read_eaf(eaf(*empty)))


def test_times_without_a_value_are_no_claims() -> None:
    """The order of what is said is guessed from the neighbours."""
    ann = tier('TIER_ID="Ann"', aligned("a1", "ts0", "ts1", "one"), aligned("a2", "ts3", "ts4", "three"))
    bob = tier('TIER_ID="Bob"', aligned("a3", "ts1", "ts3", "two"), aligned("a4", "ts4", "ts5", "four"))

    assert list(read_eaf(eaf(ann, bob, times="? ? 1000 ? ? 2000"))) == [
        Piece("Ann", "one"),
        Piece("Bob", "two"),
        Piece("Ann", "three"),
        Piece("Bob", "four"),
    ]


def test_references_in_a_circle_have_no_time() -> None:
    """Tiers and annotations that refer to each other, or to nothing, are left out."""
    circle = tier('TIER_ID="A"', referring("a1", "a2", "one"), referring("a2", "a1", "two"), referring("a3", "?", "x"))
    tiers = tier('TIER_ID="B" PARENT_REF="C"') + tier('TIER_ID="C" PARENT_REF="B"')

    assert list(read_eaf(eaf(circle, tiers, tier('TIER_ID="D"')))) == []


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (eaf()[:-5], "is a document of ELAN .* broken"),
        ("<!DOCTYPE a><ANNOTATION_DOCUMENT/>", "with a document type"),
        ("<a/>", "is XML, but no document of ELAN"),
    ],
)
def test_another_document_is_refused(source: str, reason: str) -> None:
    """One line says what it is."""
    with pytest.raises(ImportedFileError, match=reason):
        read_eaf(source)
