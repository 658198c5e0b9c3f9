"""Find labels and typed times of a transcript by one strict pattern for each public archive, as truth for the reader.

Nothing of the reader is used. A pattern knows only how its archive writes, so it finds nothing that is written in
another way, and what the reader finds beyond it has to be judged by people.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_CLOCK = r"(?:\d{1,2}:)?\d{1,3}:\d\d(?:\.\d{1,3})?"
_NAME = r"[A-Z][\w.'’-]*(?: [\w.'’()&-]+){0,4}"
_BEFORE = rf"(?:{_CLOCK} ?- |\\?\[{_CLOCK}\\?\] )?"

STYLES: Mapping[str, re.Pattern[str]] = {
    "bold with a colon": re.compile(rf"(?m)^{_BEFORE}\*\*(?P<name>[^*\n]+?)(?::\*\*|\*\*:)"),
    "a name and its time": re.compile(rf"(?m)^(?P<name>{_NAME}) \({_CLOCK}\):?[ ]*$"),
    "a time and a bold name": re.compile(rf"(?m)^\\?\[{_CLOCK}\\?\] \*\*(?P<name>[^*:\n]+)\*\*(?!:)"),
    "initials": re.compile(r"(?m)^(?P<name>[A-Z]{2,3}(?:/[A-Z]{2,3})*): (?=\S)"),
}
"""What a line begins with that is a label, for each way of the archives to write it."""

_TIME = re.compile(
    rf"\\?[\[(](?P<bracketed>{_CLOCK})\\?[\])]|(?m:^)(?P<leading>{_CLOCK})(?: ?- |(?<=:\d\d:\d\d) +(?=\S)| +(?=\*\*))"
)
_HIDDEN = re.compile(r"(?s)<!--.*?-->|^---\n.*?\n---\n|(?m:^)```[^`\n]*\n.*?(?m:^)```")
_NO_SPEECH = re.compile(rf"{_TIME.pattern}|(?m:^#.*$)|\\?\[(?i:laugh\w*|music|applause)\\?\]")
_WORD = re.compile(r"[^\W_]")
_NEVER = re.compile(
    r"(?i)(?:panel|table of contents|contents|notes?|links?|todo|hosts?|guests?|(?:remote )?attendees)$"
)


@dataclass(frozen=True, slots=True)
class Marks:
    """Where labels are (the line of each, from 1) and typed times (the place of the digits)."""

    labels: frozenset[int]
    times: frozenset[int]


@dataclass(slots=True)
class Agreement:
    """How many labels or times are expected, how many of them were found, and what was found beyond them."""

    expected: int = 0
    found: int = 0
    others: int = 0

    def add(self, expected: frozenset[int], found: frozenset[int]) -> None:
        """Count those of one file."""
        self.expected += len(expected)
        self.found += len(expected & found)
        self.others += len(found - expected)

    def __str__(self) -> str:
        share = f" ({self.found / self.expected:.2%})" if self.expected else ""
        return f"{self.found:,} of {self.expected:,}{share} and {self.others:,} others"


def style_of(texts: Iterable[str]) -> str:
    """Return the way of writing labels that most lines of an archive have, the first one on a tie."""
    lines = Counter(dict.fromkeys(STYLES, 0))
    for text in texts:
        lines.update({name: len(pattern.findall(text)) for name, pattern in STYLES.items()})
    return max(STYLES, key=lambda name: lines[name])


def truth_of(text: str, style: str) -> Marks:
    """Return the labels and times of a transcript in one style; those that no word follows are not counted."""
    shown = _HIDDEN.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    labels = [found for found in STYLES[style].finditer(shown) if not _NEVER.match(found["name"].strip())]
    starts = [found.start() for found in labels]

    def is_followed(found: re.Match[str]) -> bool:
        following = bisect_right(starts, found.start())
        rest = shown[found.end() : starts[following] if following < len(starts) else len(shown)]
        return _WORD.search(_NO_SPEECH.sub(" ", rest)) is not None

    return Marks(
        frozenset(line_of(shown, found.start()) for found in filter(is_followed, labels)),
        frozenset(found.start(found.lastgroup or 0) for found in filter(is_followed, _TIME.finditer(shown))),
    )


def line_of(text: str, at: int) -> int:
    """Return the number of the line at a place, from 1."""
    return text.count("\n", 0, at) + 1
