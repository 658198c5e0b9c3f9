"""Make a copy of a recording with chapters in it. Nothing is decoded: packets are copied to the byte.

FFmpeg writes the chapters: ID3v2 CHAP and CTOC in mp3, a text track and ``chpl`` in mp4 and m4a, chapters in Matroska
and WebM, comments in Ogg. In mp3 and mp4 they are put beside the file's own tags, which all stay; elsewhere FFmpeg
writes the tags again.
"""

from __future__ import annotations

import io
import mmap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
from av.container import InputContainer, OutputContainer
from av.stream import AttachmentStream, Disposition, Stream

from pipeline.errors import AudioError
from pipeline.listening.audio.chapters.id3_tag import (
    CHAPTER_FRAMES,
    Tag,
    TagError,
    chapter_title,
    read_tag,
    tag_size,
    write_tag,
)
from pipeline.listening.audio.chapters.mp4_boxes import with_tags
from pipeline.listening.audio.container import READ_ERRORS, clock_zero, opened
from pipeline.listening.audio.recording import check_file
from pipeline.times import MS_PER_SECOND, Span

if TYPE_CHECKING:
    from av.container.core import Chapter  # known to type checkers alone

TitledSpan = tuple[str, Span]
"""A chapter's title and its span in ms."""

HOLDERS = "mp3, m4a, mp4, mkv, mka, webm, ogg and opus can"
"""The advice in errors: what can hold chapters."""

MAX_BYTES = 1 << 30
"""The largest file of which a copy is made, since it is made in memory."""

MAX_CHAPTERS = 255
"""The most chapters of a copy: mp3 (CTOC) and mp4 (``chpl``) count them in one byte."""

_MATROSKA, _MP4 = "matroska,webm", "mov,mp4,m4a,3gp,3g2,mj2"
_QUICKTIME = "qt  "
_EBML_HEADER = 64
"""Bytes at the start of Matroska files that have the type of the document."""

_COPIED = frozenset(("audio", "video", "subtitle"))
_TICK = Fraction(1, 1_000)
_TRIAL: tuple[TitledSpan, ...] = (("1", Span(0, 1)),)


def check_embedding(path: Path) -> tuple[str, ...]:
    """Return what a copy with chapters would lose: noun phrases.

    Raises:
        AudioError: the file cannot be read or is too large, or its format cannot hold chapters.
    """
    check_file(path)
    with opened(path) as (container, _):
        if path.stat().st_size > MAX_BYTES:
            raise AudioError(path, f"is larger than {MAX_BYTES >> 30} GiB, which is too large to put chapters into")
        if container.format.name == "mp3":
            _read_tag(path)
            return ()
        form = _output_format(path, container)
        _Copy(path, container, form, _options(container, form)).write(_TRIAL, packets=False)
        left_out = [one for one in container.streams if not _is_copied(one) and not _is_replaced(one, container, form)]
        return tuple(dict.fromkeys(map(_lost, left_out)))


def embed_chapters(path: Path, chapters: Sequence[TitledSpan]) -> bytes:
    """Return a copy of a file with these chapters, and without those that it had.

    Args:
        path: a file that ``check_embedding`` accepts.
        chapters: in order, ``MAX_CHAPTERS`` at most.

    Raises:
        AudioError: as ``check_embedding``, or the file cannot be read to its end.
    """
    with opened(path) as (container, stream):
        if container.format.name == "mp3":
            return _with_chapter_frames(path, container, chapters)
        form = _output_format(path, container)
        if form in {"matroska", "webm"}:  # whose chapters count from the timestamp 0, wherever the sound begins
            zero = max(0, round(clock_zero(container, stream) * MS_PER_SECOND))
            chapters = [(title, span.shift(zero)) for title, span in chapters]
        made = _Copy(path, container, form, _options(container, form)).write(chapters, packets=True)
    if form not in {"mp4", "mov"}:
        return made
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as original:
        return with_tags(made, original)


# --- mp3 ---------------------------------------------------------------------------------------------------------


def _with_chapter_frames(path: Path, container: InputContainer, chapters: Sequence[TitledSpan]) -> bytes:
    """Return an mp3 whose tag has the frames that FFmpeg writes for chapters; its sound is not touched."""
    tag = _read_tag(path)
    chapters = [(chapter_title(title, tag.version), span) for title, span in chapters]
    written = _Copy(path, container, "mp3", {"id3v2_version": str(tag.version)}).write(chapters, packets=False)
    new = [one for one in read_tag(written).frames if one.name in CHAPTER_FRAMES]
    old = [one for one in tag.frames if one.name not in CHAPTER_FRAMES]
    with path.open("rb") as file:
        file.seek(tag.size)
        return write_tag(tag.version, (*old, *new)) + file.read()


def _read_tag(path: Path) -> Tag:
    with path.open("rb") as file:
        beginning = file.read(10)
        beginning += file.read(max(0, tag_size(beginning) - len(beginning)))
    try:
        return read_tag(beginning)
    except TagError as e:
        raise AudioError(path, f"cannot get chapters, because {e}", "save its tags as ID3v2.3 or 2.4 first") from e


# --- other containers --------------------------------------------------------------------------------------------


def _output_format(path: Path, container: InputContainer) -> str:
    """Return FFmpeg's name of the format in which a copy has chapters."""
    name = container.format.name
    if name == _MP4:
        return "mov" if container.metadata.get("major_brand") == _QUICKTIME else "mp4"
    if name == _MATROSKA:
        with path.open("rb") as file:
            return "webm" if b"webm" in file.read(_EBML_HEADER) else "matroska"
    if name == "ogg":
        return name
    raise AudioError(path, f"its format ({name}) cannot hold chapters", HOLDERS)


def _options(container: InputContainer, form: str) -> dict[str, str]:
    brand = container.metadata.get("major_brand")
    return {"brand": brand} if form == "mp4" and brand else {}


def _is_copied(stream: Stream) -> bool:
    return stream.type in _COPIED and not _is_picture(stream)


def _is_picture(stream: Stream) -> bool:
    return bool(stream.disposition & Disposition.attached_pic)


def _is_attached(stream: Stream) -> bool:
    return _is_picture(stream) or isinstance(stream, AttachmentStream)


def _is_replaced(stream: Stream, container: InputContainer, form: str) -> bool:
    """Return whether what a stream has is in the copy nevertheless: as a tag, a file, or the new chapters."""
    if form in {"mp4", "mov"}:
        return _is_picture(stream) or (stream.type == "data" and bool(container.chapters()))
    return form == "matroska" and _is_attached(stream)


def _lost(stream: Stream) -> str:
    return "its cover" if _is_attached(stream) else f"its {stream.type} (stream {stream.index + 1})"


# --- writing -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Copy:
    """Writes the streams of an open file, with chapters, in a format of FFmpeg."""

    path: Path
    container: InputContainer
    form: str
    options: Mapping[str, str]

    def write(self, chapters: Sequence[TitledSpan], *, packets: bool) -> bytes:
        """Return the file; without ``packets`` only its header and what ends it.

        Raises:
            AudioError: a stream does not fit into the format, or cannot be read to its end.
        """
        target = io.BytesIO()
        try:
            with av.open(target, "w", format=self.form, options=dict(self.options)) as copy:
                streams = {one.index: self._added(copy, one) for one in self.container.streams if _is_copied(one)}
                if self.form == "matroska":
                    self._attach(copy)
                copy.metadata.update(self.container.metadata)
                copy.set_chapters(_ffmpeg_chapters(chapters))
                copy.start_encoding()
                if packets:
                    self._copy_packets(copy, streams)
        except READ_ERRORS as e:
            raise AudioError(self.path, f"cannot be copied with chapters in it ({e})") from e
        return target.getvalue()

    def _added(self, copy: OutputContainer, stream: Stream) -> Stream:
        added = copy.add_stream_from_template(stream)
        added.metadata.update(stream.metadata)
        added.disposition = stream.disposition
        return added

    def _attach(self, copy: OutputContainer) -> None:
        """Add the files and pictures that are attached to the original."""
        for one in filter(_is_attached, self.container.streams):
            content = one.data if isinstance(one, AttachmentStream) else self._picture(one.index)
            if content:
                copy.add_attachment(one.metadata.get("filename", ""), one.metadata.get("mimetype", ""), content)

    def _picture(self, index: int) -> bytes:
        with opened(self.path) as (container, _):
            return next((bytes(one) for one in container.demux(container.streams[index]) if one.size), b"")

    def _copy_packets(self, copy: OutputContainer, streams: Mapping[int, Stream]) -> None:
        for packet in self.container.demux([one for one in self.container.streams if one.index in streams]):
            if packet.size:  # the last one of each stream is empty, and only tells a decoder to end
                packet.stream = streams[packet.stream.index]
                copy.mux(packet)


def _ffmpeg_chapters(chapters: Sequence[TitledSpan]) -> list[Chapter]:
    return [
        {"id": number, "start": span.start, "end": span.end, "time_base": _TICK, "metadata": {"title": title}}
        for number, (title, span) in enumerate(chapters)
    ]
