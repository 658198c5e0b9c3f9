"""Convert transcripts as podcasts publish them (``podcast:transcript``) to Markdown.

VTT, SRT, JSON and HTML are detected by content, because the type that a feed states is often wrong. Times are dropped:
they may belong to an earlier cut of the audio, and cuemark finds the times itself. Speakers are kept where they are
named, as ``**Name**: text``.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import msgspec
import pysubs2

from pipeline.batch.storage.html_blocks import read_blocks
from pipeline.io.file_types import JSON, PAGE, PROBE, SRT, TEXT, VTT, Kind, kind_of

_VOICE = re.compile(r"<v(?:\.[^\s<>]{0,60})?[ \t]([^<>\n]{1,100})>")
_TAG = re.compile(r"<[^<>]{0,200}>")
_LABEL = re.compile(r"(?:>>\s?)?([^\W\d_][^:\n<>{}]{0,40}):\s+(?=\S)")
_BLANK_LINES = re.compile(r"\n{3,}")
_HTML_FRAGMENT = re.compile(
    rb"(?:\xef\xbb\xbf)?\s{0,99}<(?:cite|time|p|div|section|article|h[1-6])[\s>]", re.IGNORECASE
)
"""The start of an HTML fragment without ``<html>``, which most podcasts publish."""
_MARKDOWN = re.compile(r"([\\`*_\[\]<>#])")
_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？", '."', '?"', '!"', ".”", "?”", "!”")
_PARAGRAPH_WORDS = 60
"""Without speakers, a paragraph ends with the first sentence after this number of words: cues are too short."""


@dataclass(frozen=True, slots=True)
class _Utterance:
    speaker: str | None
    text: str


class _JsonSegment(msgspec.Struct):
    body: str = ""
    speaker: str | None = None


class _JsonTranscript(msgspec.Struct):
    segments: list[_JsonSegment]


def as_transcript(content: bytes) -> bytes:
    """Convert a published transcript to Markdown in UTF-8; plain text and Markdown are returned unchanged.

    Raises:
        ValueError: it is not a transcript, or contains no spoken text; the message is for the user.
    """
    kind = kind_of(content[:PROBE])
    if kind is TEXT and _HTML_FRAGMENT.match(content):
        kind = PAGE
    if kind is TEXT:
        return content
    if kind is None or kind not in _PARSERS:
        raise ValueError(f"is {kind.words if kind else 'no text'}, not a transcript")
    text = content.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
    markdown = "\n\n".join(_paragraphs(_with_labels(tuple(_PARSERS[kind](text)))))
    if not markdown:
        raise ValueError(f"is {kind.words} in which nobody says anything")
    return f"{markdown}\n".encode()


def _parse_subtitles(text: str, form: Literal["vtt", "srt"]) -> Iterator[_Utterance]:
    try:
        cues = pysubs2.SSAFile.from_string(_BLANK_LINES.sub("\n\n", text), format_=form, keep_html_tags=True)
    except (pysubs2.exceptions.Pysubs2Error, ValueError) as e:
        raise ValueError("is a file of subtitles that cannot be read") from e
    for cue in cues:
        yield from _utterances_of_cue(cue.text.replace("\\N", "\n"))


def _utterances_of_cue(cue: str) -> Iterator[_Utterance]:
    """Split a cue at WebVTT's voice tags, which name the speakers."""
    before, *voiced = _VOICE.split(cue)
    yield _Utterance(None, _plain_text(before))
    for name, text in zip(voiced[::2], voiced[1::2], strict=True):
        yield _Utterance(html.unescape(name).strip(), _plain_text(text))


def _plain_text(text: str) -> str:
    return " ".join(html.unescape(_TAG.sub("", text)).split())


def _parse_json(text: str) -> Iterator[_Utterance]:
    try:
        transcript = msgspec.json.decode(text, type=_JsonTranscript)
    except (msgspec.DecodeError, RecursionError) as e:
        raise ValueError("is not a transcript as podcasts have it in JSON (no segments)") from e
    return (
        _Utterance(item.speaker.strip() if item.speaker else None, _plain_text(item.body))
        for item in transcript.segments
    )


def _parse_page(text: str) -> Iterator[_Utterance]:
    return (_Utterance(speaker, words) for speaker, words in read_blocks(text))


_PARSERS: Mapping[Kind, Callable[[str], Iterator[_Utterance]]] = {
    VTT: partial(_parse_subtitles, form="vtt"),
    SRT: partial(_parse_subtitles, form="srt"),
    JSON: _parse_json,
    PAGE: _parse_page,
}


def _with_labels(utterances: Sequence[_Utterance]) -> Iterator[_Utterance]:
    """Treat a name and a colon before an utterance as its speaker, if the name occurs twice or most have one.

    A single one among many may be a sentence that contains a colon.
    """
    labels = [_LABEL.match(utterance.text) if utterance.speaker is None else None for utterance in utterances]
    names = [label[1].strip() if label else "" for label in labels]
    most_labelled = sum(map(bool, names)) * 2 > len(names)
    speakers = {name for name, number in Counter(names).items() if name and (most_labelled or number > 1)}
    for utterance, name, label in zip(utterances, names, labels, strict=True):
        yield _Utterance(name, utterance.text[label.end() :]) if label and name in speakers else utterance


def _paragraphs(utterances: Iterable[_Utterance]) -> Iterator[str]:
    """Join utterances to paragraphs: those of one speaker; without speakers, a few sentences each."""
    speaker: str | None = None
    words: list[str] = []
    named = False
    for utterance in utterances:
        full = not named and len(words) >= _PARAGRAPH_WORDS and words[-1].endswith(_SENTENCE_ENDS)
        if words and (full or (utterance.speaker and utterance.speaker != speaker)):
            yield _format_turn(speaker, words)
            words = []
        speaker = utterance.speaker or speaker
        named = named or speaker is not None
        words += utterance.text.split()
    if words:
        yield _format_turn(speaker, words)


def _format_turn(speaker: str | None, words: list[str]) -> str:
    text = _MARKDOWN.sub(r"\\\1", " ".join(words))
    return f"**{_MARKDOWN.sub('', speaker)}**: {text}" if speaker else text
