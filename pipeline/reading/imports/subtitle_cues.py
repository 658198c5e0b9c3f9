r"""Read SubRip (SRT) and WebVTT (W3C) as cues that know their places in the file, so that only their times can change.

12                                  number or identifier
00:01:02,500 --> 00:01:05,000       ``start`` and ``end``, each with its place, then settings
ANN: Hello,                         ``text``: until a blank line; in SRT until the next cue, since many
how are you?                        programs write blank lines into a text
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pipeline.reading.imports.pieces import ImportedFileError, Piece, starts_with_label
from pipeline.schema import Chars
from pipeline.times import Ms, from_clock_parts

SubtitleForm = Literal["srt", "vtt"]

_STAMP = r"(?:[0-9]{1,3}:)?[0-9]{1,2}:[0-9]{1,2}[,.:][0-9]{1,3}"
_TIMING = re.compile(rf"[ \t]*(?P<start>{_STAMP})[ \t]*-[ \t]?->[ \t]*(?P<end>{_STAMP})(?![0-9:])")
_BROKEN = re.compile(r"[ \t]*[0-9]{1,3}:[^\n]{0,40}-->|[^\n]{0,99}-->[ \t]*[0-9]{1,3}:[0-9]")
_PARTS = re.compile(r"(?:(?P<h>[0-9]+):)?(?P<m>[0-9]+):(?P<s>[0-9]+)[,.:](?P<f>[0-9]+)")
_LINE = re.compile(r"(?P<text>[^\r\n]*)(?:\r\n|\n|\r|\Z)")
_NUMBER = re.compile(r"\s*[0-9]+\s*")
_VOICE = re.compile(r"<v(?:\.[^\s<>]{0,60})?[ \t]([^<>\n]{1,100})>")
_TAG = re.compile(r"<(?:[A-Za-z/][^<>]{0,200}|[0-9][0-9:.]{0,20})>|\{\\[^{}]{0,200}\}")
"""A name, or a time (WebVTT): "a < b and c > d" and "<3" are text."""
_SIXTY = 60


@dataclass(frozen=True, slots=True)
class CueSource:
    """A cue and its places in the file.

    Attributes:
        start, end: in ms.
        start_at, end_at: the places of the two times.
        text: as it is in the file, with its tags.
    """

    start: Ms
    end: Ms
    start_at: Chars
    end_at: Chars
    text: str


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    start: int
    number: int


def read_cues(source: str, form: SubtitleForm) -> tuple[CueSource, ...]:
    """Return the cues of a file, in its order.

    Raises:
        ImportedFileError: a line looks like the times of a cue and cannot be read, or a cue ends before it starts.
    """
    lines = tuple(
        _Line(found["text"], found.start(), number)
        for number, found in enumerate(_LINE.finditer(source), start=1)
        if found.start() < len(source)
    )
    timings = [k for k, line in enumerate(lines) if "->" in line.text and _is_timing(line, form)]
    ends = [*timings, len(lines)][1:]
    return tuple(_cue(lines, k, end, form) for k, end in zip(timings, ends, strict=True))


def cue_pieces(cues: tuple[CueSource, ...]) -> Iterator[Piece]:
    """Yield the pieces of each cue: one for each voice tag, and for each line that may begin with a name.

    Two pieces of one cue share its time by the length of their texts.
    """
    for number, cue in enumerate(cues):
        pieces = [(name, text) for name, text in _split_voices(cue.text) if text or name]
        length = sum(len(text) for _, text in pieces) or 1
        done = 0
        for name, text in pieces:
            start = cue.start + (cue.end - cue.start) * done // length
            done += len(text)
            yield Piece(name, text, start, cue.start + (cue.end - cue.start) * done // length, number)


def _is_timing(line: _Line, form: SubtitleForm) -> bool:
    if _TIMING.match(line.text):
        return True
    if "-->" in line.text and (form == "vtt" or _BROKEN.match(line.text)):
        raise ImportedFileError("the times of this cue cannot be read", line.number)
    return False


def _cue(lines: tuple[_Line, ...], k: int, end: int, form: SubtitleForm) -> CueSource:
    """Return the cue whose times are in line ``k``; the next cue's times are in line ``end``."""
    line = lines[k]
    timing = _TIMING.match(line.text)
    if timing is None:
        raise AssertionError("only lines with times begin a cue")
    start, finish = (_read_stamp(timing[name], line.number) for name in ("start", "end"))
    if finish < start:
        raise ImportedFileError("this cue ends before it starts", line.number)
    text = [one.text for one in lines[k + 1 : end]]
    if form == "vtt":
        text = text[: next((i for i, one in enumerate(text) if not one.strip()), len(text))]
    elif end < len(lines) and text and _NUMBER.fullmatch(text[-1]):
        text.pop()
    start_at, end_at = (
        Chars(line.start + timing.start(name), line.start + timing.end(name)) for name in ("start", "end")
    )
    return CueSource(start, finish, start_at, end_at, "\n".join(text).strip())


def _read_stamp(stamp: str, line: int) -> Ms:
    found = _PARTS.fullmatch(stamp)
    if found is None or int(found["m"]) >= _SIXTY or int(found["s"]) >= _SIXTY:
        raise ImportedFileError(f"{stamp} is not a time", line)
    return from_clock_parts(found["h"], found["m"], found["s"], found["f"])


def _split_voices(text: str) -> Iterator[tuple[str | None, str]]:
    before, *voiced = _VOICE.split(text)
    yield from ((None, part) for part in _split_labels(before))
    for name, said in zip(voiced[::2], voiced[1::2], strict=True):
        yield " ".join(html.unescape(name).split()) or None, _plain_text(said)


def _split_labels(text: str) -> Iterator[str]:
    begun: list[str] = []
    for line in text.split("\n"):
        if begun and starts_with_label(_plain_text(line)):
            yield _plain_text(" ".join(begun))
            begun.clear()
        begun.append(line)
    yield _plain_text(" ".join(begun))


def _plain_text(text: str) -> str:
    """Return a cue's text without its tags, and without the word joiners that keep text from being read as a tag."""
    return " ".join(html.unescape(_TAG.sub("", text)).replace("\u2060", "").split())
