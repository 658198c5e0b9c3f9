"""Hints for a path without a file: what was probably meant, and what to do."""

from __future__ import annotations

import difflib
import os
import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path, PurePath
from urllib.parse import unquote

from pipeline.errors import as_given

_ADDRESS = re.compile(r"(?P<scheme>https?|ftp|file)://(?P<host>[^/?#]*)(?P<rest>.*)", re.DOTALL | re.IGNORECASE)
_VIDEO_SITES = ("youtube.com", "youtu.be", "vimeo.com")
_QUOTES = "\"'`“”„‟‘’‚«»‹›"
_DRIVE = re.compile(r"[A-Za-z]:")
_MOST_NAMES = 5_000
"""The number of names that are compared at most: a folder may contain a whole archive."""


def explain(path: Path) -> str:
    """Return what to do about a path without a file, as the end of a line that begins with the path."""
    with suppress(OSError):
        for reason in _REASONS:
            if found := reason(path):
                return found
    return "there is no such file; check the name and the folder"


def _address(path: Path) -> str | None:
    address = _ADDRESS.fullmatch(as_given(path))
    if not address:
        return None
    if address["scheme"].casefold() == "file":
        return f"give the path alone: {unquote(address['rest'])}"
    if address["host"].casefold().endswith(_VIDEO_SITES):
        return "this is a video's page; save its sound as a file first, for example with yt-dlp -x, and give that file"
    return "this is a web address; download the file first, for example in a browser, and give its name here"


def _standard_input(path: Path) -> str | None:
    return "standard input is not read; give a file" if str(path) == "-" else None


def _quoted(path: Path) -> str | None:
    bare = str(path).strip(_QUOTES)
    if bare in {str(path), ""}:
        return None
    return f'the quotation marks are taken for a part of the name; put straight ones around it: "{bare}"'


def _link(path: Path) -> str | None:
    return f"this is a link to {path.readlink()}, which is not there" if path.is_symlink() else None


def _of_windows(path: Path) -> str | None:
    if os.name == "nt" or not (_DRIVE.match(str(path)) or "\\" in str(path)):
        return None
    return "this is a path as Windows writes it; here folders are separated by /, as in folder/episode.mp3"


def _at_home(path: Path) -> str | None:
    if path.parts[:1] != ("~",):
        return None
    return "between quotation marks ~ does not mean your home folder; leave them out there, or write the folder's name"


def _pattern(path: Path) -> str | None:
    return "no file here fits this pattern; check the folder" if set("*?") & set(path.name) else None


def _folder(path: Path) -> str | None:
    missing = [folder for folder in path.parents if not folder.exists()]
    return f"there is no folder {missing[-1]}; check the name" if missing else None


def _similar(path: Path) -> str | None:
    """Return a similar name with the same suffix in the same folder, or the only one that adds a suffix."""
    given, names = _plain(path.name), {_plain(name): name for name in _names(path.parent)}
    alike = {plain.stem: name for plain, name in names.items() if plain.suffix == given.suffix}
    near = difflib.get_close_matches(given.stem, alike, n=1, cutoff=0.7)
    longer = [name for plain, name in names.items() if plain.stem == given.name]
    meant = alike[near[0]] if near else longer[0] if len(longer) == 1 else None
    return f"there is no such file; do you mean {path.with_name(meant)}?" if meant else None


def _names(folder: Path) -> list[str]:
    with os.scandir(folder) as entries:
        return [entry.name for entry in islice(entries, _MOST_NAMES)]


def _plain(name: str) -> PurePath:
    return PurePath(unicodedata.normalize("NFC", name).casefold())


_REASONS: tuple[Callable[[Path], str | None], ...] = (
    _address,
    _standard_input,
    _quoted,
    _link,
    _of_windows,
    _at_home,
    _pattern,
    _folder,
    _similar,
)
