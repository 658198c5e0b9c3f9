"""Paths as text of one line, quoted as git quotes them (git-config(1), ``core.quotePath`` set to false).

A name may have line breaks, control characters and bytes that are not text. Written as they are, they would put a line
of their own into a list of paths, or move the cursor of a terminal.
"""

from __future__ import annotations

import os
import re

_NAMED = {7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 34: '"', 92: "\\"}
_UNSAFE = re.compile(r'["\\\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]')
"""Quotes, backslashes, control characters, line separators, marks of the reading direction, bytes that are no text."""


def quote_path(path: str | os.PathLike[str]) -> str:
    r"""Return a path as it is, or between quotation marks and with C's escapes if it has a character that needs one.

    >>> quote_path("season 1/naïve.srt")
    'season 1/naïve.srt'
    >>> print(quote_path("two\nlines\x1b.srt"))
    "two\nlines\033.srt"
    """
    text = os.fspath(path)
    return f'"{_UNSAFE.sub(_escape, text)}"' if _UNSAFE.search(text) else text


def _escape(found: re.Match[str]) -> str:
    encoded = found[0].encode("utf-8", "surrogateescape")
    return "".join(f"\\{_NAMED[byte]}" if byte in _NAMED else f"\\{byte:03o}" for byte in encoded)
