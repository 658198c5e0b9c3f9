from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from lxml import etree

from pipeline.writing.exports.elan import render_eaf
from pipeline.writing.exports.speech_tiers import speaker_tiers
from pipeline.writing.shown_words import ShownTurn
from tests.writing.exports.turn_samples import hostile_turns, turn

Annotation = tuple[int, int, str]


def opened(text: str) -> dict[str, tuple[str | None, list[Annotation]]]:
    """The parent and the annotations of each tier; the structure is checked as ELAN's schema describes it."""
    root = etree.fromstring(text.encode())
    slots = {one.get("TIME_SLOT_ID"): int(one.get("TIME_VALUE")) for one in root.iterfind("TIME_ORDER/TIME_SLOT")}
    ids = [one.get("ANNOTATION_ID") for one in root.iter("ALIGNABLE_ANNOTATION")]
    types = {one.get("LINGUISTIC_TYPE_ID"): one.get("CONSTRAINTS") for one in root.iterfind("LINGUISTIC_TYPE")}
    names = [one.get("TIER_ID") for one in root.iterfind("TIER")]
    order = ["HEADER", "TIME_ORDER", "TIER", "LINGUISTIC_TYPE", "CONSTRAINT"]
    children = [one.tag for one in root]

    assert root.tag == "ANNOTATION_DOCUMENT"
    assert children == sorted(children, key=order.index)
    assert all(left <= right for left, right in pairwise(slots.values()))
    assert len(set(ids)) == len(ids)
    assert len(set(names)) == len(names)
    assert {one for one in types.values() if one} <= {one.get("STEREOTYPE") for one in root.iterfind("CONSTRAINT")}
    tiers: dict[str, tuple[str | None, list[Annotation]]] = {}
    for tier in root.iterfind("TIER"):
        assert tier.get("LINGUISTIC_TYPE_REF") in types
        tiers[tier.get("TIER_ID")] = (
            tier.get("PARENT_REF"),
            [
                (slots[one.get("TIME_SLOT_REF1")], slots[one.get("TIME_SLOT_REF2")], one.findtext("ANNOTATION_VALUE"))
                for one in tier.iter("ALIGNABLE_ANNOTATION")
            ],
        )
    return tiers


def test_words_are_below_their_turns() -> None:
    """Each speaker has a tier of turns, and below it one of words; the audio is looked for beside the file."""
    text = render_eaf(speaker_tiers([turn("Ann", "yes it", 500), turn("Bo & Co", "<a>", 600)]), "one two.mp3")
    media = etree.fromstring(text.encode()).find("HEADER/MEDIA_DESCRIPTOR")

    assert opened(text) == {
        "Ann": (None, [(500, 1_100, "yes it")]),
        "Ann words": ("Ann", [(500, 800, "yes"), (800, 1_100, "it")]),
        "Bo & Co": (None, [(600, 900, "<a>")]),
        "Bo & Co words": ("Bo & Co", [(600, 900, "<a>")]),
    }
    assert (media.get("RELATIVE_MEDIA_URL"), media.get("MIME_TYPE")) == ("./one%20two.mp3", "audio/*")


def test_the_same_turns_give_the_same_document() -> None:
    """There is no date of its writing in it, and a document without turns has no tier."""
    tiers = speaker_tiers([turn("Ann", "yes it is", 500)])

    assert render_eaf(tiers, "a.wav") == render_eaf(tiers, "a.wav")
    assert opened(render_eaf((), "a.wav")) == {}


@given(hostile_turns())
def test_whatever_was_typed_is_found_again(turns: tuple[ShownTurn, ...]) -> None:
    """A reader of XML finds each turn and each word with its text and its time, the words within their turns."""
    tiers = speaker_tiers(turns)
    found = opened(render_eaf(tiers, "a.mp3"))

    assert [annotations for parent, annotations in found.values() if parent is None] == [
        [(one.span.start, one.span.end, one.text) for one in tier.turns] for tier in tiers
    ]
    assert [annotations for parent, annotations in found.values() if parent is not None] == [
        [(word.span.start, word.span.end, word.text) for one in tier.turns for word in one.words] for tier in tiers
    ]
    for parent, words in found.values():
        if parent is not None:
            turns_of_parent = found[parent][1]
            assert all(any(start <= a and b <= end for start, end, _ in turns_of_parent) for a, b, _ in words)
