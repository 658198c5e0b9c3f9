"""Put the measured times into a Word document that a person has made, and leave everything else in it as it is.

Only the text of elements ``w:t`` changes: no element is added, removed or split, so a time has the format of the text
that it is next to.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.reading.imports.docx_blocks import text_elements
from pipeline.reading.imports.docx_markdown import DocumentText, Place
from pipeline.reading.imports.docx_package import main_part, read_part, with_part
from pipeline.schema import Chars, Edit, Result, TimeNotation, Transcript
from pipeline.times import ClockStyle, clock_style, format_clock
from pipeline.writing.markdown import MarkdownOptions, time_edits
from pipeline.writing.shown_words import is_found

if TYPE_CHECKING:
    from lxml.etree import _Element

_BRACKETS = TimeNotation("before-label", "[", "] ", ClockStyle("always", 2, 0))
"""``[00:01:02] Ann``: the form that most programs write into documents; it stands before the speaker's name."""
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


@dataclass(frozen=True, slots=True)
class _Splice:
    """New text for a part of an element's text."""

    node: int
    start: int
    end: int
    text: str


def render_kept_document(result: Result, text: DocumentText, content: bytes) -> bytes:
    """Return a document with the times of its turns and words.

    A time that the document has is replaced in its own style if its words were surely found, and stays otherwise. A
    turn without one gets one in the form of the others; if there are none, as ``[00:01:02]`` before its label.

    Args:
        result: of the transcript that is ``text.markdown``.
        content: the document's file.
    """
    name = main_part(content)
    root = read_part(content, name)
    elements = text_elements(root)
    forward = document_notation(result.transcript).place == "before-label"
    splices = [one for edit in kept_edits(result) for one in _splices(edit, text, forward=forward)]
    for one in sorted(splices, key=lambda one: (one.node, one.start), reverse=True):
        old = elements[one.node].text or ""
        new = old[: one.start] + one.text + old[one.end :]
        elements[one.node].text = new
        if new != new.strip():
            elements[one.node].set(_SPACE, "preserve")
    return with_part(content, name, _serialized(root))


def kept_edits(result: Result) -> tuple[Edit, ...]:
    """Return the edits that put the times into the document's Markdown, in order of their place."""
    transcript = replace(result.transcript, notation=document_notation(result.transcript))
    new = time_edits(replace(result, transcript=transcript), MarkdownOptions())
    return tuple(sorted((*new, *_measured_claims(result))))


def document_notation(transcript: Transcript) -> TimeNotation:
    """Return how the document writes the times of its turns; a time in a paragraph of its own is no example."""
    notation = transcript.notation
    has_times = any(claim.heads for claim in transcript.claims)
    return notation if has_times and "\n" not in notation.opening + notation.closing else _BRACKETS


def _measured_claims(result: Result) -> Iterator[Edit]:
    """Yield the typed times with what was measured."""
    transcript = result.transcript
    for claim in transcript.claims:
        index = transcript.words[claim.word].utterance
        span = result.utterances[index].span if claim.heads else result.words[claim.word].span
        if span is not None and is_found(result, index):
            typed = transcript.source[claim.chars.start : claim.chars.end]
            clock = format_clock(span.start, clock_style(typed))
            yield Edit(claim.chars, clock.replace(".", ",") if "," in typed else clock)


def _splices(edit: Edit, text: DocumentText, *, forward: bool) -> Iterator[_Splice]:
    """Yield an edit of the Markdown as changes of the elements that it comes from.

    Args:
        forward: whether an insertion goes to the character after it, and not to the one before.
    """
    if edit.chars.start == edit.chars.end:
        node, offset = _after(edit.chars.start, text.places) if forward else _before(edit.chars.start, text.places)
        yield _Splice(node, offset, offset, edit.text)
        return
    new = edit.text
    for node, start, end in _covered(edit.chars, text.places):
        yield _Splice(node, start, end, new)
        new = ""


def _after(at: int, places: Sequence[Place]) -> tuple[int, int]:
    """Return the element and the place of the first character of the document at or after a place of the Markdown."""
    place = places[bisect_right(places, at, key=lambda place: place.start + place.length)]
    return place.node, place.offset + max(0, at - place.start)


def _before(at: int, places: Sequence[Place]) -> tuple[int, int]:
    """Return the element, and the place behind the last character of the document before a place of the Markdown."""
    place = places[bisect_left(places, at, key=lambda place: place.start) - 1]
    return place.node, place.offset + min(place.length, at - place.start)


def _covered(chars: Chars, places: Sequence[Place]) -> Iterator[tuple[int, int, int]]:
    first = bisect_right(places, chars.start, key=lambda place: place.start + place.length)
    last = bisect_left(places, chars.end, key=lambda place: place.start)
    for place in places[first:last]:
        start, end = max(chars.start, place.start), min(chars.end, place.start + place.length)
        yield place.node, place.offset + start - place.start, place.offset + end - place.start


def _serialized(root: _Element) -> bytes:
    from lxml import etree  # noqa: PLC0415 -- few transcripts need it

    tree = root.getroottree()
    content: bytes = etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=tree.docinfo.standalone)
    return content
