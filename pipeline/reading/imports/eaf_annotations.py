"""Read an annotation document of ELAN (EAF).

The tiers at the top are the speakers; tiers below them, of words, glosses or translations, are left out. A tier at the
top without a text stands for the first one below it that has texts.

Source: MPI for Psycholinguistics, "EAF Annotation Format" (EAF 2.8).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.reading.imports.annotation_tiers import AnnotationTier, Interval, tier_pieces
from pipeline.reading.imports.hardened_xml import parse_xml
from pipeline.reading.imports.pieces import ImportedFileError, Piece, milliseconds
from pipeline.times import Ms

if TYPE_CHECKING:
    from lxml.etree import _Element

_DEEPEST = 20
"""Levels of tiers: ELAN's users have three or four."""


def read_eaf(source: str) -> Iterator[Piece]:
    """Return the pieces of a document.

    Raises:
        ImportedFileError: it is no well-formed XML, or not a document of ELAN.
    """
    root = parse_xml(source.encode(), "is a document of ELAN (EAF)")
    if root.tag != "ANNOTATION_DOCUMENT":
        raise ImportedFileError("is XML, but no document of ELAN (EAF)")
    slots = _slots(root)
    spans, values = _annotations(root, slots)
    tiers = root.findall("TIER")
    below: dict[str | None, list[_Element]] = defaultdict(list)
    for tier in tiers:
        below[tier.get("PARENT_REF")].append(tier)
    top = below[None]
    return tier_pieces(_tier(tier, _with_text(tier, below, values), spans, values) for tier in top)


@dataclass(frozen=True, slots=True)
class _Slot:
    """A time of the document: ``place`` is guessed from its neighbours where ``at`` is None."""

    place: float
    at: Ms | None


@dataclass(frozen=True, slots=True)
class _Span:
    start: _Slot
    end: _Slot


def _slots(root: _Element) -> Mapping[str, _Slot]:
    """Return the times by their identifiers; those without a value are spread evenly between their neighbours."""
    found = [(one.get("TIME_SLOT_ID", ""), _value(one)) for one in root.iterfind("TIME_ORDER/TIME_SLOT")]
    times = [at for _, at in found]
    known = [k for k, at in enumerate(times) if at is not None]
    made: dict[str, _Slot] = {}
    following = iter([*known, None])
    before, after = None, next(following)
    for k, (name, at) in enumerate(found):
        if k == after:
            before, after = k, next(following)
        made[name] = _Slot(_place(times, k, before, after), at)
    return made


def _place(times: Sequence[Ms | None], k: int, before: int | None, after: int | None) -> float:
    """Return where a time is between the known ones before it (or at it) and after it."""
    first = 0 if before is None else times[before] or 0
    if before == k or after is None:
        return float(first)
    begin = -1 if before is None else before
    return first + ((times[after] or 0) - first) * (k - begin) / (after - begin)


def _value(slot: _Element) -> Ms | None:
    text = slot.get("TIME_VALUE", "")
    return milliseconds(int(text) / 1000) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _annotations(root: _Element, slots: Mapping[str, _Slot]) -> tuple[dict[str, _Span], dict[str, str]]:
    """Return the times and the texts of all annotations, by their identifiers."""
    spans: dict[str, _Span] = {}
    refs: dict[str, str] = {}
    values: dict[str, str] = {}
    for one in root.iterfind("TIER/ANNOTATION/*"):
        name = one.get("ANNOTATION_ID", "")
        values[name] = one.findtext("ANNOTATION_VALUE") or ""
        start, end = slots.get(one.get("TIME_SLOT_REF1", "")), slots.get(one.get("TIME_SLOT_REF2", ""))
        if start and end:
            spans[name] = _Span(start, end)
        else:
            refs[name] = one.get("ANNOTATION_REF", "")
    for name in refs:
        timed = name
        for _ in range(_DEEPEST):
            timed = refs.get(timed, timed)
        if timed in spans:
            spans[name] = spans[timed]
    return spans, values


def _with_text(tier: _Element, below: Mapping[str | None, Sequence[_Element]], values: Mapping[str, str]) -> _Element:
    """Return a tier, or the first one below it that has a text if it has none itself."""
    level = [tier]
    for _ in range(_DEEPEST):
        for one in level:
            if any(values[name].strip() for name in _names(one)):
                return one
        names = dict.fromkeys(one.get("TIER_ID") for one in level)  # tiers of one name have the same ones below them
        level = [child for name in names for child in below.get(name, ())]
    return tier


def _names(tier: _Element) -> list[str]:
    return [one.get("ANNOTATION_ID", "") for one in tier.iterfind("ANNOTATION/*")]


def _tier(top: _Element, tier: _Element, spans: Mapping[str, _Span], values: Mapping[str, str]) -> AnnotationTier:
    intervals = [
        Interval(span.start.place, span.start.at, _end(span), values[name])
        for name in _names(tier)
        if (span := spans.get(name))
    ]
    ordered = sorted(intervals, key=lambda one: one.place)
    return AnnotationTier(top.get("TIER_ID", ""), tuple(ordered), top.get("PARTICIPANT") or None)


def _end(span: _Span) -> Ms | None:
    start, end = span.start.at, span.end.at
    return end if start is not None and end is not None and start <= end else None
