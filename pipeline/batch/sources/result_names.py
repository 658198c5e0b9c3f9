"""Names of results: safe below the results' folder, the same in every run, and told apart on every disk."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\\]")
_MAX_PART_BYTES = 200  # bytes in UTF-8: disks hold 255, and results put a suffix and writers a mark behind the name
_DIGITS = re.compile(r"(\d{1,18})")


def safe_name(name: str) -> str:
    """Make a relative name that stays below its folder and can be written on any disk, parts parted by ``/``.

    A name that is safe already is given back as it is. In another one, what moves a cursor, ends a line or leads out
    of the folder is replaced, what is too long is cut, and a hash of the whole is put behind it, so that two names
    that become alike stay two.

    >>> safe_name("season 1/07 the slow build")
    'season 1/07 the slow build'
    >>> safe_name("../../etc/passwd")
    '_/_/etc/passwd 3754d6cb'
    """
    parts = [_safe_part(part) for part in name.split("/") if part not in {"", "."}]
    safe = "/".join(parts) or "_"
    if safe == name:
        return name
    return f"{safe} {hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def fold_result_name(name: str) -> str:
    """The name as disks compare it that take letters of other case, or in another Unicode form, for the same."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def natural_sort_key(name: str) -> tuple[tuple[str, int], ...]:
    """A key that sorts names as people count them: ``ep 2`` before ``ep 10``."""
    parts = _DIGITS.split(fold_result_name(name))
    return tuple(zip(parts[::2], map(int, (*parts[1::2], "0")), strict=True))


def _safe_part(part: str) -> str:
    plain = _CONTROLS.sub("_", part)
    plain = "_" if plain == ".." else plain
    if plain.startswith("."):  # a hidden result is one that nobody finds
        plain = f"_{plain[1:]}"
    while len(plain.encode()) > _MAX_PART_BYTES:
        plain = plain[: -max(1, (len(plain.encode()) - _MAX_PART_BYTES) // 4)]
    return plain
