"""A short recording with a title in its tags."""

from __future__ import annotations

from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "examples" / "kettle-and-kernel" / "07-the-slow-build.mp3"
_NUM_BYTES = 100_000  # of the example's audio, after its own tags


def write_tagged(path: Path, title: str) -> Path:
    """Write an mp3 with a title in its tags (ID3v2.3); without one if ``title`` is empty."""
    sound = EXAMPLE.read_bytes()[10_000:][:_NUM_BYTES]
    text = b"\x01" + title.encode("utf-16")
    frame = (b"TIT2" if title else b"TALB") + len(text).to_bytes(4, "big") + b"\0\0" + text
    size = bytes((len(frame) >> shift) & 0x7F for shift in (21, 14, 7, 0))
    path.write_bytes(b"ID3\x03\0\0" + size + frame + sound)
    return path
