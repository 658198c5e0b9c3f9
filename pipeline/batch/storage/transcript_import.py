"""Transcripts as podcasts publish them (``podcast:transcript``), made into the Markdown that people type.

VTT, SRT, JSON and HTML are told by their content, because what a feed says of them is often wrong. Their times are not
kept: they are of another cut than the audio may be by now, and finding the times is what cuemark is for. Who speaks is
kept wherever it is said, as ``**Name**: text``.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from html.parser import HTMLParser
from typing import Literal

import msgspec
import pysubs2

from pipeline.io.file_types import JSON, PAGE, PROBE, SRT, TEXT, VTT, Kind, kind_of

_VOICE = re.compile(r"<v(?:\.[^\s<>]{0,60})?[ \t]([^<>\n]{1,100})>")
_TAG = re.compile(r"<[^<>]{0,200}>")
_LABEL = re.compile(r"(?:>>\s?)?([^\W\d_][^:\n<>{}]{0,40}):\s+(?=\S)")
_BLANK_LINES = re.compile(r"\n{3,}")
_FRAGMENT = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,99}<(?:cite|time|p|div|section|article|h[1-6])[\s>]", re.IGNORECASE)
"""A page without its frame, as most podcasts publish it."""
_MARKDOWN = re.compile(r"([\\`*_\[\]<>#])")
_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？", '."', '?"', '!"', ".”", "?”", "!”")
_PARAGRAPH_WORDS = 60
"""A paragraph of a text without speakers ends with the first sentence behind so many words: cues are no paragraphs."""


@dataclass(frozen=True, slots=True)
class _Piece:
    speaker: str | None
    text: str


class _Segment(msgspec.Struct):
    body: str = ""
    speaker: str | None = None


class _Json(msgspec.Struct):
    segments: list[_Segment]


def as_transcript(content: bytes) -> bytes:
    """Make the text that cuemark reads out of a published transcript; plain text and Markdown stay as they are.

    Raises:
        ValueError: it is nothing of the kind, or nobody says anything in it; the message is for the user.
    """
    kind = kind_of(content[:PROBE])
    if kind is TEXT and _FRAGMENT.match(content):
        kind = PAGE
    if kind is TEXT:
        return content
    if kind is None or kind not in _PARSERS:
        raise ValueError(f"is {kind.words if kind else 'no text'}, not a transcript")
    text = content.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
    written = "\n\n".join(_paragraphs(_with_labels(tuple(_PARSERS[kind](text)))))
    if not written:
        raise ValueError(f"is {kind.words} in which nobody says anything")
    return f"{written}\n".encode()


def _cues(text: str, form: Literal["vtt", "srt"]) -> Iterator[_Piece]:
    try:
        cues = pysubs2.SSAFile.from_string(_BLANK_LINES.sub("\n\n", text), format_=form, keep_html_tags=True)
    except (pysubs2.exceptions.Pysubs2Error, ValueError) as e:
        raise ValueError("is a file of subtitles that cannot be read") from e
    for cue in cues:
        yield from _voices(cue.text.replace("\\N", "\n"))


def _voices(cue: str) -> Iterator[_Piece]:
    """The parts of a cue by their speakers, where WebVTT's own marks name them."""
    before, *voiced = _VOICE.split(cue)
    yield _Piece(None, _plain(before))
    for name, text in zip(voiced[::2], voiced[1::2], strict=True):
        yield _Piece(html.unescape(name).strip(), _plain(text))


def _plain(text: str) -> str:
    return " ".join(html.unescape(_TAG.sub("", text)).split())


def _json(text: str) -> Iterator[_Piece]:
    try:
        known = msgspec.json.decode(text, type=_Json)
    except (msgspec.DecodeError, RecursionError) as e:
        raise ValueError("is not a transcript as podcasts have it in JSON (no segments)") from e
    return (_Piece(item.speaker.strip() if item.speaker else None, _plain(item.body)) for item in known.segments)


def _page(text: str) -> Iterator[_Piece]:
    reader = _Page()
    reader.feed(text)
    reader.close()
    return reader.pieces()


_PARSERS: Mapping[Kind, Callable[[str], Iterator[_Piece]]] = {
    VTT: partial(_cues, form="vtt"),
    SRT: partial(_cues, form="srt"),
    JSON: _json,
    PAGE: _page,
}


def _with_labels(pieces: Sequence[_Piece]) -> Iterator[_Piece]:
    """Take a name and a colon before a piece for who speaks, if it is there twice, or most pieces have one.

    One such piece among many may be a sentence that has a colon.
    """
    labels = [_LABEL.match(piece.text) if piece.speaker is None else None for piece in pieces]
    names = [label[1].strip() if label else "" for label in labels]
    usual = sum(map(bool, names)) * 2 > len(names)
    often = {name for name, number in Counter(names).items() if name and (usual or number > 1)}
    for piece, name, label in zip(pieces, names, labels, strict=True):
        yield _Piece(name, piece.text[label.end() :]) if label and name in often else piece


class _Page(HTMLParser):
    """A page's text by its paragraphs; ``<cite>`` has who speaks, and ``<time>`` is left out."""

    _PARTS = frozenset({"p", "div", "br", "li", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "section", "article", "cite"})
    _UNSEEN = frozenset({"script", "style", "head", "template", "time", "nav"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._done: list[_Piece] = []
        self._text: list[str] = []
        self._speaker: str | None = None
        self._unseen: str | None = None

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 -- the base's
        """Begin another part, or pass over what is not seen."""
        if tag == "body":
            self._unseen = None
        elif self._unseen is None and tag in self._UNSEEN:
            self._unseen = tag
        elif tag in self._PARTS:
            self._end_part()

    def handle_endtag(self, tag: str) -> None:
        """End a part; the name in ``<cite>`` goes before what follows it."""
        if tag == self._unseen:
            self._unseen = None
        elif tag == "cite":
            self._speaker = " ".join("".join(self._text).split()).rstrip(":： ") or None
            self._text.clear()
        elif tag in self._PARTS:
            self._end_part()

    def handle_data(self, data: str) -> None:
        """Keep what is seen."""
        if self._unseen is None:
            self._text.append(data)

    def pieces(self) -> Iterator[_Piece]:
        """All parts, in their order."""
        self._end_part()
        return iter(self._done)

    def _end_part(self) -> None:
        text = " ".join("".join(self._text).split())
        self._text.clear()
        if text:
            self._done.append(_Piece(self._speaker, text))


def _paragraphs(pieces: Iterable[_Piece]) -> Iterator[str]:
    """Turns as people type them: one speaker's pieces together; without names, a few sentences together."""
    speaker: str | None = None
    words: list[str] = []
    named = False
    for piece in pieces:
        full = not named and len(words) >= _PARAGRAPH_WORDS and words[-1].endswith(_SENTENCE_ENDS)
        if words and (full or (piece.speaker and piece.speaker != speaker)):
            yield _turn(speaker, words)
            words = []
        speaker = piece.speaker or speaker
        named = named or speaker is not None
        words += piece.text.split()
    if words:
        yield _turn(speaker, words)


def _turn(speaker: str | None, words: list[str]) -> str:
    text = _MARKDOWN.sub(r"\\\1", " ".join(words))
    return f"**{_MARKDOWN.sub('', speaker)}**: {text}" if speaker else text
