"""What is sent to the page about a version of the text: times of words, labels, whose voice when, the continue note.

Offsets are of the page text, times are milliseconds. Everything is a value of JSON.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from pipeline.desk.edited_document import Document
from pipeline.desk.settle import Heard, unheard_words
from pipeline.matching.continue_note import new_note_text
from pipeline.reading.labels.names import resolve_speakers
from pipeline.schema import Chars, Result, Run
from pipeline.times import Ms, Span, to_seconds

Event = tuple[str, dict[str, object]]
"""The name of a server-sent event and its data."""

SURE, UNSURE, NOT_FOUND = 0, 1, 2

SHORTEST_SAMPLE_MS, LONGEST_SAMPLE_MS = 2_000, 6_000
"""A sample of a voice to hear: long enough to know it, short enough to wait for. Chosen by hand."""

TYPED_GAP_MS: Ms = 2_000
"""Typed stretches of the sound are joined over gaps up to this, so that pauses do not cut them. Chosen by hand."""

_RIGHT_TO_LEFT = frozenset(("ar", "fa", "he", "ps", "sd", "ug", "ur", "yi"))

WordMark = tuple[Ms | None, Ms | None, int]
"""What the page knows of a word: start, end and flag."""


def word_marks(result: Result, heard: Heard, run: Run | None = None) -> list[WordMark | None]:
    """Return the mark of each word of a run, all of them by default; None for a word that gets none.

    A word gets none if it is not spoken, or if the part of the audio in which it may be said was not listened to yet.
    """
    unheard = unheard_words(result, heard)
    ends = [one.words.end for one in unheard]
    marks = list[WordMark | None]()
    for k in Run(0, len(result.words)) if run is None else run:
        at = bisect_right(ends, k)
        is_unheard = at < len(unheard) and unheard[at].words.start <= k
        marks.append(None if is_unheard else _mark(result, k))
    return marks


def _mark(result: Result, k: int) -> WordMark | None:
    timed, word = result.words[k], result.transcript.words[k]
    if timed.span is not None:
        is_sure = timed.measured and result.utterances[word.utterance].is_sure
        return timed.span.start, timed.span.end, SURE if is_sure else UNSURE
    return (None, None, NOT_FOUND) if word.kind == "spoken" and word.keys else None


def timing_event(
    document: Document, result: Result, marks: Iterable[tuple[int, WordMark | None]], within: Chars
) -> Event:
    """Return the event that replaces all marks of words within a range of the source.

    Args:
        document: the version of the text.
        result: of that version.
        marks: the index and the mark of each word in the range.
        within: the range.
    """
    place = document.places.on_page
    words = [
        [place(chars.start), place(chars.end), *mark]
        for k, mark in marks
        if mark is not None and (chars := result.transcript.words[k].chars)
    ]
    data = {"version": document.version, "from": place(within.start), "to": place(within.end), "words": words}
    return "timing", data


class SpeakerList:
    """The names of speakers; the place of a name stays the same as long as the session lasts."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """All names so far."""
        return tuple(self._places)

    def place(self, name: str | None) -> int | None:
        """Return the place of a name, a new one if it has none; None for no name."""
        return None if name is None else self._places.setdefault(name, len(self._places))


def labels_event(document: Document, result: Result, speakers: SpeakerList) -> Event:
    """Return the places of labels with their speakers, of typed times and of notes."""
    transcript, place = result.transcript, document.places.on_page
    names = resolve_speakers(transcript)
    labels = [
        [place(one.label.start), place(one.label.end), speakers.place(name)]
        for one, name in zip(transcript.utterances, names, strict=True)
        if one.label is not None
    ]
    times = [[place(one.chars.start), place(one.chars.end)] for one in transcript.claims]
    notes = [[place(one.chars.start), place(one.chars.end)] for one in transcript.notes]
    return "labels", {"version": document.version, "labels": labels, "times": times, "notes": notes}


def speakers_event(result: Result, speakers: SpeakerList) -> Event:
    """Return the speakers: names of the panel, of labels and of voices, each with a sample to hear."""
    for name in (*result.transcript.panel, *(one.name for one in result.speakers)):
        speakers.place(name)
    samples, durations = _samples(result), Counter[str]()
    for one in result.speakers:
        durations[one.name] += one.duration
    listed = [
        {"name": name, "sample": samples.get(name), "seconds": to_seconds(durations[name])} for name in speakers.names
    ]
    return "speakers", {"speakers": listed}


def _samples(result: Result) -> Mapping[str, list[Ms]]:
    """Return for each name the best sample: a turn of its voice, else an utterance with its label."""
    names = resolve_speakers(result.transcript)
    spoken = [
        (timed.span, name) for timed, name in zip(result.utterances, names, strict=True) if timed.is_sure and timed.span
    ]
    best = dict[str, Span]()
    for span, name in (*((turn.span, turn.name) for turn in result.named_turns), *spoken):
        length = min(span.duration, LONGEST_SAMPLE_MS)
        if (
            name is not None
            and length >= SHORTEST_SAMPLE_MS
            and (name not in best or length > min(best[name].duration, LONGEST_SAMPLE_MS))
        ):
            best[name] = span
    return {name: [span.start, min(span.end, span.start + LONGEST_SAMPLE_MS)] for name, span in best.items()}


def turns_event(result: Result, speakers: SpeakerList) -> Event:
    """Return whose voice is when, by the labels where voices are not known, and which stretches are typed."""
    typed = list(_typed(timed.span for timed in result.utterances))
    turns = [[turn.span.start, turn.span.end, speakers.place(turn.name)] for turn in result.named_turns]
    if not turns:
        names = resolve_speakers(result.transcript)
        turns = [
            [timed.span.start, timed.span.end, speakers.place(name)]
            for timed, name in zip(result.utterances, names, strict=True)
            if timed.span is not None
        ]
    return "turns", {"turns": turns, "typed": typed}


def _typed(spans: Iterable[Span | None]) -> Iterator[list[Ms]]:
    last: list[Ms] | None = None
    for span in spans:
        if span is None:
            continue
        if last is not None and span.start - last[1] <= TYPED_GAP_MS:
            last[1] = max(last[1], span.end)
            continue
        if last is not None:
            yield last
        last = [span.start, span.end]
    if last is not None:
        yield last


def note_event(result: Result) -> Event:
    """Return the continue note as it should be."""
    point = result.continue_point
    return "note", {"text": new_note_text(result.transcript, point), "at": point.at, "complete": point.complete}


def text_direction(text: str, language: str) -> str:
    """Return ``rtl`` if most letters are of a script that is written from right to left, else ``ltr``.

    >>> text_direction("שלום Ann", "en"), text_direction("", "ar")
    ('rtl', 'rtl')
    """
    kinds = Counter(unicodedata.bidirectional(character) for character in text)
    left, right = kinds["L"], kinds["R"] + kinds["AL"]
    is_right = right > left if left or right else language in _RIGHT_TO_LEFT
    return "rtl" if is_right else "ltr"
