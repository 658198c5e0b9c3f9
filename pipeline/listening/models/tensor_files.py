"""Read pickled files of tensors without running anything that is in them.

A pickle can name any function to call. Two checks prevent that. A file of the catalog is read only if its content has
the SHA-256 that the catalog states; the record in the cache beside it proves nothing, because whoever can change one
can change the other. And PyTorch's restricted unpickler builds tensors, plain containers and the few classes that the
caller allows, and refuses any other name, in files of the catalog as well as in the user's own.
"""

from __future__ import annotations

import contextlib
import hashlib
import pickle
import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_DAMAGED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    RuntimeError,  # PyTorch's own for a damaged archive
    TypeError,
    ValueError,
    pickle.UnpicklingError,
    struct.error,
    zipfile.BadZipFile,
)
"""What the restricted unpickler raises at content that ``torch.save`` did not write."""

_ZIP = b"PK\x03\x04"


def load_tensors(path: Path, sha256: str | None, allowed: Sequence[type] = ()) -> Any:  # noqa: ANN401 -- the file decides
    """Read a file that ``torch.save`` wrote, onto the CPU.

    Nothing of a known file is unpickled before the hash of all of it has been compared; the same open file is then
    read. The tensors of the user's own file are mapped into memory and read when they are used.

    Args:
        sha256: what the content must have, as the catalog states it; None for the user's own file, which then has to be
            an uncompressed zip archive, as ``torch.save`` writes it: it cannot grow while it is read.
        allowed: classes that the file may name, besides tensors and plain containers.

    Returns:
        What was saved: plain containers of tensors, plain values and instances of ``allowed``.

    Raises:
        ValueError: the content is another one, is damaged, or names something else; the message says which.
        OSError: the file cannot be read.
    """
    import torch  # noqa: PLC0415 -- takes seconds

    with path.open("rb") as file:
        if sha256 is None:
            _require_plain_archive(path)
        elif hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            raise ValueError(f"{path.name} is not the published file: its SHA-256 is another one")
        file.seek(0)
        source: Any = path if sha256 is None else file
        try:
            with torch.serialization.safe_globals(list(allowed)):
                return torch.load(source, map_location="cpu", weights_only=True, mmap=sha256 is None)
        except _DAMAGED as e:
            raise ValueError(_reason(path, allowed)) from e


def _require_plain_archive(path: Path) -> None:
    """Refuse what ``torch.save`` does not write; a compressed archive could be many times as large as its file."""
    with path.open("rb") as file:
        if file.read(len(_ZIP)) != _ZIP:
            raise ValueError(f"{path.name} is not a file that PyTorch saved, or is damaged")
    try:
        with zipfile.ZipFile(path) as archive:
            compressed = any(one.compress_type != zipfile.ZIP_STORED for one in archive.infolist())
    except _DAMAGED as e:
        raise ValueError(f"{path.name} is damaged") from e
    if compressed:
        raise ValueError(f"{path.name} is compressed, which PyTorch never does; it is not read")


def _reason(path: Path, allowed: Sequence[type]) -> str:
    """Return why a file was refused: the names in it that may not be loaded, if there are some."""
    import torch  # noqa: PLC0415 -- loaded before

    names: list[str] = []
    with contextlib.suppress(Exception), torch.serialization.safe_globals(list(allowed)):  # only for the message
        names = sorted(torch.serialization.get_unsafe_globals_in_checkpoint(path))
    if names:
        shown = ascii(", ".join(names[:3]))[1:-1]
        return f"{path.name} names {shown}, which may not be loaded: it could run anything"
    return f"{path.name} is not a file of tensors that PyTorch saved, or is damaged"
