"""Names of results: below the result folder, the same in every run, and distinct on every file system."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\\]")
_MAX_PART_BYTES = 200  # bytes in UTF-8: file systems allow 255, and results and writers append suffixes to the name
_DIGITS = re.compile(r"(\d{1,18})")


def safe_name(name: str) -> str:
    """Return a relative name, with ``/`` between its parts, that stays below its folder on any file system.

    A safe name is returned unchanged, also one that this function has made. In another name, control characters and
    parts that lead out of the folder are replaced, long parts are cut, and a hash of the whole name is appended, so
    that different names stay different.

    >>> safe_name("season 1/07 the slow build")
    'season 1/07 the slow build'
    >>> safe_name("../../etc/passwd")
    '_/_/etc/passwd 3754d6cb'
    """
    parts = [_safe_part(part) for part in name.split("/") if part not in {"", "."}] or ["_"]
    if "/".join(parts) == name:
        return name
    mark = f" {hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
    return "/".join([*parts[:-1], _cut(parts[-1], _MAX_PART_BYTES - len(mark))]) + mark


def fold_result_name(name: str) -> str:
    """Return the name as file systems compare it that ignore case and Unicode normalization."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def natural_sort_key(name: str) -> tuple[tuple[str, int], ...]:
    """Return a sort key that compares numbers by value: ``ep 2`` before ``ep 10``."""
    parts = _DIGITS.split(fold_result_name(name))
    return tuple(zip(parts[::2], map(int, (*parts[1::2], "0")), strict=True))


def _safe_part(part: str) -> str:
    plain = _CONTROLS.sub("_", part)
    plain = "_" if plain == ".." else plain
    if plain.startswith("."):  # a hidden result would not be found
        plain = f"_{plain[1:]}"
    return _cut(plain, _MAX_PART_BYTES)


def _cut(text: str, most: int) -> str:
    """Return the text without what is beyond so many bytes in UTF-8."""
    return text.encode()[:most].decode(errors="ignore")
