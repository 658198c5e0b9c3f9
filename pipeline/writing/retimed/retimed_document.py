"""Change the times in JSON: the report of an alignment (``cuemark.alignment/1``) and Podcasting 2.0 JSON chapters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import msgspec

from pipeline.io.atomic import legal
from pipeline.matching.cuts.time_map import TimeMap
from pipeline.schema import Source
from pipeline.times import MS_PER_SECOND, Ms, Span, from_seconds, to_seconds
from pipeline.writing.retimed.retimed_text import RetimedText, is_shortened

Fields = dict[str, Any]
"""An object of JSON that a stranger wrote."""

_OF_TYPED_TIMES = {"time-drift", "time-offset", "note-moved"}
"""Findings that compare typed times with the old recording: they say nothing of the new one."""


def retime_alignment(document: Mapping[str, Any], cuts: TimeMap, audio: Source) -> RetimedText:
    """Return the report of an alignment with the times and the file of the new cut.

    An utterance whose sound was removed is not found any more. Findings in removed parts, and those that compare typed
    times with the old recording, are left out.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it is no such report.
    """
    dropped: list[Span] = []
    shortened = 0
    utterances: list[Fields] = []
    for one in document["utterances"]:
        old = _span(one)
        utterance = _utterance(one, cuts)
        new = _span(utterance)
        if old is not None and new is None:
            dropped.append(old)
        shortened += old is not None and new is not None and is_shortened(cuts, old, new)
        utterances.append(utterance)
    was = _measured_words(document["utterances"])
    made = {
        **document,
        "audio": {
            **document["audio"],
            "path": legal(audio.path),
            "sha256": audio.sha256,
            "duration": to_seconds(cuts.new_duration),
        },
        "continue_at": _end(document["continue_at"], cuts),
        "coverage": round(document["coverage"] * (_measured_words(utterances) / was if was else 1), 3),
        "utterances": utterances,
        "draft": [turn for one in document["draft"] if (turn := _turn(one, cuts)) is not None],
        "findings": [finding for one in document["findings"] if (finding := _finding(one, cuts)) is not None],
    }
    kept = sum(_span(one) is not None for one in utterances)
    return RetimedText(_text(made), "turn", kept, tuple(dropped), shortened)


def _utterance(fields: Fields, cuts: TimeMap) -> Fields:
    """Return an utterance in the new cut; without times if its sound was removed."""
    span = _span(fields)
    new = None if span is None else _kept(span, cuts)
    if new is None:
        words = [_unfound(word) for word in fields["words"]]
        if span is None:
            return {**fields, "words": words}
        lost = {"start": None, "end": None, "confidence": 0.0, "fit": "not-found", "timing": None}
        return {**fields, **lost, "words": words}
    return {**fields, **_times(new), "words": [_word(word, cuts, new) for word in fields["words"]]}


def _word(fields: Fields, cuts: TimeMap, within: Span) -> Fields:
    span = _span(fields)
    new = None if span is None else _kept(span, cuts)
    if new is None or not within.start <= new.start <= new.end <= within.end:
        return _unfound(fields) if span is not None else fields
    return {**fields, **_times(new)}


def _unfound(word: Fields) -> Fields:
    return {**word, "start": None, "end": None, "confidence": 0.0, "measured": False, "timing": None}


def _turn(fields: Fields, cuts: TimeMap) -> Fields | None:
    """Return a drafted turn; None if its sound was removed. Its text is kept as a whole."""
    span = _span(fields)
    new = None if span is None else _kept(span, cuts)
    if new is None:
        return None
    return {**fields, **_times(new), "words": [_word(word, cuts, new) for word in fields["words"]]}


def _finding(fields: Fields, cuts: TimeMap) -> Fields | None:
    if fields["kind"] in _OF_TYPED_TIMES:
        return None
    span = _span(fields)
    if span is None:
        return fields
    new = _kept(span, cuts)
    if new is None:
        return None
    moved = (
        {"at": to_seconds(cuts.place(from_seconds(fields["at"])))} if isinstance(fields.get("at"), float | int) else {}
    )
    return {**fields, **_times(new), **moved}


def _kept(span: Span, cuts: TimeMap) -> Span | None:
    if span.duration:
        return cuts.keep(span)
    at = cuts.place(span.start)
    return None if cuts.stretch_at(span.start) is None else Span(at, at)


def _span(fields: Mapping[str, Any]) -> Span | None:
    if fields["start"] is None:
        return None
    return Span(_ms(fields["start"]), _ms(fields["end"]))


def _ms(seconds: float) -> Ms:
    return from_seconds(seconds)


def _times(span: Span) -> dict[str, float]:
    return {"start": to_seconds(span.start), "end": to_seconds(span.end)}


def _end(seconds: float | None, cuts: TimeMap) -> float | None:
    return None if seconds is None else to_seconds(cuts.place_end(_ms(seconds)))


def _measured_words(utterances: Sequence[Mapping[str, Any]]) -> int:
    return sum(bool(word["measured"]) for one in utterances for word in one["words"])


def retime_chapters(document: Mapping[str, Any], cuts: TimeMap) -> RetimedText:
    """Return JSON chapters with the times of the new cut; every other field stays.

    A chapter lasts to its ``endTime``, or to the next one (Podcasting 2.0, JSON chapters 1.2). One whose sound was
    removed is removed; one that lost its beginning begins where the new cut goes on.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: they are no such chapters.
    """
    dropped: list[Span] = []
    kept: list[Fields] = []
    shortened = 0
    for fields, span, step in _chapters(document["chapters"], cuts.old_duration):
        pieces = cuts.pieces(Span(span.start, max(span.end, span.start + 1)))
        if not pieces:
            dropped.append(span)
            continue
        meant = cuts.stretch_at(span.start + step - 1)
        start = pieces[0].start if meant is None else max(meant.new.start, cuts.place(span.start))
        ends = {} if fields.get("endTime") is None else {"endTime": to_seconds(pieces[-1].end)}
        shortened += is_shortened(cuts, span, Span(start, start + sum(one.duration for one in pieces)))
        kept.append({**fields, "startTime": to_seconds(start), **ends})
    return RetimedText(_text({**document, "chapters": kept}), "chapter", len(kept), tuple(dropped), shortened)


def _chapters(chapters: Sequence[Fields], duration: Ms) -> Iterator[tuple[Fields, Span, Ms]]:
    """Yield each chapter, its old times, and how exact its start is: whole seconds are floored, as typed times are."""
    starts = [_ms(one["startTime"]) for one in chapters]
    following = [*(max(a, b) for a, b in pairwise(starts)), max([duration, *starts])]
    for one, start, after in zip(chapters, starts, following, strict=True):
        end = after if one.get("endTime") is None else max(start, _ms(one["endTime"]))
        yield one, Span(start, end), 1 if start % MS_PER_SECOND else MS_PER_SECOND


def _text(document: Mapping[str, Any]) -> str:
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"
