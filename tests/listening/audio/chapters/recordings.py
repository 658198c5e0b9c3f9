"""Short recordings in each container, with tags and a cover, as other programs write them."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
from mutagen import id3
from mutagen.flac import Picture
from mutagen.mp4 import MP4, MP4Cover, MP4FreeForm
from mutagen.oggopus import OggOpus

RATE = 48_000
SECONDS = 3
CODECS = {"mp3": "mp3", "m4a": "aac", "mp4": "aac", "mkv": "libopus", "webm": "libopus", "opus": "libopus"}
FORMATS = {"m4a": "ipod", "mkv": "matroska", "opus": "ogg"}


def cover() -> bytes:
    """A picture of one pixel, as PNG."""
    parts = ((b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(b"\0\xff\0\0")))
    chunks = (struct.pack(">I", len(body)) + kind + body for kind, body in (*parts, (b"IEND", b"")))
    ends = (struct.pack(">I", zlib.crc32(kind + body)) for kind, body in (*parts, (b"IEND", b"")))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk + end for chunk, end in zip(chunks, ends, strict=True))


def recording(path: Path, *, options: dict[str, str] | None = None, video: bool = False) -> Path:
    """Write three seconds of a tone to a path; its suffix says in which container."""
    kind = path.suffix[1:]
    codec = CODECS.get(kind, {"wav": "pcm_s16le", "flac": "flac", "aac": "aac", "ogg": "libopus"}.get(kind, ""))
    form = FORMATS.get(kind, {"aac": "adts"}.get(kind, kind))
    with av.open(str(path), "w", format=form, options=options or {}) as container:
        pictures = container.add_stream("mpeg4", rate=10, width=32, height=32, pix_fmt="yuv420p") if video else None
        stream = container.add_stream(codec, rate=RATE, layout="mono")
        if kind == "mkv":
            container.add_attachment("cover.png", "image/png", cover())
            container.add_attachment("notes.txt", "text/plain", b"notes")
        container.metadata.update({"title": "Ünï"})
        if isinstance(pictures, av.VideoStream):
            for number in range(10 * SECONDS):
                frame = av.VideoFrame.from_ndarray(np.full((32, 32, 3), number * 8, np.uint8), format="rgb24")
                container.mux(pictures.encode(frame))
            container.mux(pictures.encode(None))
        tone = (np.sin(np.arange(RATE * SECONDS) / 20) * 9_000).astype(np.int16)
        sound = av.AudioFrame.from_ndarray(tone[np.newaxis], format="s16", layout="mono")
        sound.sample_rate = RATE
        if isinstance(stream, av.AudioStream):
            container.mux(stream.encode(sound))
            container.mux(stream.encode(None))
    return path


def with_id3(path: Path, version: int = 4) -> Path:
    """Put a tag into an mp3 with what programs put there, chapters included."""
    text: dict[str, Any] = {"encoding": 3}
    tag = id3.ID3()
    for frame in (
        id3.TIT2(**text, text="Ünï – title"),
        id3.TPE1(**text, text=["Ann", "Bo"]),
        id3.COMM(**text, lang="deu", desc="", text="zwei\nZeilen"),
        id3.USLT(**text, lang="eng", desc="", text="words"),
        id3.APIC(**text, mime="image/png", type=3, desc="Front", data=cover()),
        id3.WOAR(url="https://example.org"),
        id3.PRIV(owner="me", data=b"\xff\x00\xff\xe0"),
        id3.CHAP(element_id="old", start_time=0, end_time=900, sub_frames=[id3.TIT2(**text, text="old")]),
        id3.CTOC(element_id="toc", flags=3, child_element_ids=["old"], sub_frames=[]),
    ):
        tag.add(frame)
    tag.save(path, v2_version=version, v1=2)
    return path


def with_mp4_tags(path: Path) -> Path:
    """Put tags into an m4a or mp4, some of which FFmpeg does not know."""
    tags = MP4(path)
    tags["\xa9nam"], tags["\xa9ART"] = ["Ünï"], ["Ann", "Bo"]
    tags["covr"] = [MP4Cover(cover(), imageformat=MP4Cover.FORMAT_PNG)]
    tags["----:com.apple.iTunes:FOO"] = [MP4FreeForm(b"bar")]
    tags["pcst"], tags["purl"] = True, ["https://example.org"]
    tags.save()
    return path


def with_opus_cover(path: Path) -> Path:
    """Put a cover into an Opus file."""
    picture = Picture()
    picture.data, picture.mime, picture.type = cover(), "image/png", 3
    tags = OggOpus(path)
    tags["metadata_block_picture"] = [base64.b64encode(picture.write()).decode()]
    tags.save()
    return path


Packet = tuple[str, bytes, int | None, int | None]


def packets(path: Path) -> Iterator[Packet]:
    """The packets of the sound and the pictures: kind, bytes, and times; without covers and chapters."""
    with av.open(str(path)) as container:
        for packet in container.demux():
            if packet.size and packet.dts is not None and packet.stream.type in {"audio", "video"}:
                yield packet.stream.type, bytes(packet), packet.pts, packet.dts
