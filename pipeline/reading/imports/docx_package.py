"""Open a Word document (DOCX, ECMA-376) as an archive of parts, within limits; it may come from a stranger."""

from __future__ import annotations

import lzma
import posixpath
import zlib
from collections.abc import Iterator
from copy import copy
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile, ZipInfo

from pipeline.reading.imports.hardened_xml import parse_xml
from pipeline.reading.imports.pieces import ImportedFileError

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_PARTS = 5_000
MAX_UNPACKED_BYTES = 256 << 20
"""Of all parts together: pictures hardly shrink, so that eight times the largest file is no document."""
MAX_TEXT_BYTES = 24 << 20
"""Of one part that is read. Word writes about 600 bytes for a short turn: three hours are 2 MB."""

_RELATIONS = "{}_rels/{}.rels"
"""The part that says which other parts belong to a part: its folder, its name; both are empty for the whole."""
_TYPES = "[Content_Types].xml"
_ENCRYPTED = 0x1
_WORD = "a Word document (DOCX)"


def main_part(content: bytes) -> str:
    """Return the name of the part that has the text of a document.

    Raises:
        ImportedFileError: the archive is broken, too large, encrypted, no Word document, or has macros.
    """
    with _archive(content) as archive:
        names = {info.filename for info in _checked(archive)}
        if any(posixpath.basename(name).casefold() == "vbaproject.bin" for name in names):
            raise ImportedFileError("is a Word document with macros; save it as a Word document without them (.docx)")
        name = _target(archive, _RELATIONS.format("", ""), "/officeDocument") if _TYPES in names else None
    if name is None or name not in names:
        raise ImportedFileError("is a zipped file, but no Word document (DOCX)")
    return name


def styles_part(content: bytes, main: str) -> str | None:
    """Return the name of the part that has the styles of the main part; None if there is none."""
    folder, name = posixpath.split(main)
    with _archive(content) as archive:
        return _target(archive, _RELATIONS.format(f"{folder}/" if folder else "", name), "/styles")


def read_part(content: bytes, name: str) -> _Element:
    """Return the root of a part that is XML.

    Raises:
        ImportedFileError: the part is missing, too large, or cannot be read.
    """
    with _archive(content) as archive:
        return _parse(archive, name)


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """Return a document in which one part is replaced; every other part has the same bytes, order and date.

    Raises:
        ImportedFileError: a part cannot be unpacked.
    """
    made = BytesIO()
    with _archive(content) as archive, ZipFile(made, "w") as copied:
        for info in _checked(archive):
            copied.writestr(copy(info), part if info.filename == name else _unpacked(archive, info))
    return made.getvalue()


def _archive(content: bytes) -> ZipFile:
    try:
        return ZipFile(BytesIO(content))
    except (BadZipFile, ValueError, NotImplementedError) as e:
        raise ImportedFileError(f"is a zipped file that is broken; if it is {_WORD}, save it again") from e


def _checked(archive: ZipFile) -> Iterator[ZipInfo]:
    """Return the entries of an archive, all of which can be read within the limits."""
    infos = archive.infolist()
    if len(infos) > MAX_PARTS or sum(info.file_size for info in infos) > MAX_UNPACKED_BYTES:
        raise ImportedFileError(f"unpacks to more than {MAX_UNPACKED_BYTES >> 20} MB, which no transcript does")
    if len({info.filename for info in infos}) < len(infos):
        raise ImportedFileError("is a zipped file in which two parts have one name; save it again in Word")
    if any(info.flag_bits & _ENCRYPTED for info in infos):
        raise ImportedFileError(f"is {_WORD} with a password; save it without one")
    return iter(infos)


def _target(archive: ZipFile, relations: str, kind: str) -> str | None:
    """Return the name of the part to which a relation of a kind leads."""
    if relations not in archive.namelist():
        return None
    folder = posixpath.dirname(posixpath.dirname(relations))
    entries = _parse(archive, relations).iterchildren(tag="*")  # comments have no attributes
    targets = (one.get("Target", "") for one in entries if one.get("Type", "").endswith(kind))
    return next((posixpath.normpath(posixpath.join("/", folder, one)).lstrip("/") for one in targets), None)


def _parse(archive: ZipFile, name: str) -> _Element:
    if name not in archive.namelist():
        raise ImportedFileError(f"is {_WORD} without its part {name}; save it again")
    if archive.getinfo(name).file_size > MAX_TEXT_BYTES:
        raise ImportedFileError(f"is {_WORD} with more than {MAX_TEXT_BYTES >> 20} MB of text, which no transcript has")
    return parse_xml(_unpacked(archive, archive.getinfo(name)), f"is {_WORD} with a part ({name})")


def _unpacked(archive: ZipFile, info: ZipInfo) -> bytes:
    try:
        return archive.read(info)
    except (BadZipFile, zlib.error, lzma.LZMAError, ValueError, RuntimeError, EOFError, OSError) as e:
        raise ImportedFileError(f"is {_WORD} whose part {info.filename} cannot be unpacked; save it again") from e
