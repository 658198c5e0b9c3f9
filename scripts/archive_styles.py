"""Find labels and typed times by one strict pattern for each way of writing them, as truth for the reader.

Nothing of the reader is used. Each file is read by the pattern that finds most in it, so what is written in another way
is not found, and what the reader finds beyond it has to be judged by people.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

_CLOCK = r"(?:\d{1,2}:)?\d{1,3}:\d\d(?:\.\d{1,3})?"
_NAME = r"[A-Z][\w.'’-]*(?: [\w.'’()&,-]+){0,4}"
_BEFORE = rf"(?:{_CLOCK} ?- |\\?\[{_CLOCK}\\?\] )?"
_PLAIN = "a plain name with a colon"

STYLES: Mapping[str, re.Pattern[str]] = {
    "bold with a colon": re.compile(rf"(?m)^{_BEFORE}\*\* ?(?P<name>[^*\n]+?)(?::[ ]?(?:\[{_CLOCK}\])?\*\*|\*\*:)"),
    "a name and its time": re.compile(
        rf"(?m)^(?P<marks>\*\*|)(?P<name>{_NAME})(?P=marks) +(?:\({_CLOCK}\)|(?:– )?{_CLOCK}):?[ ]*$"
    ),
    "a time and a bold name": re.compile(rf"(?m)^\\?\[{_CLOCK}\\?\] \*\*(?P<name>[^*:\n]+)\*\*(?!:)"),
    "a bold name and a time": re.compile(rf"(?m)^\*\*(?P<name>[^*:\n]+)\*\* +{_CLOCK}(?= +\S|$)"),
    "initials": re.compile(r"(?m)^(?P<name>[A-Z]{2,3}(?:/[A-Z]{2,3})*): +(?=\S)"),
    "a voice": re.compile(rf"(?m)^(?:{_CLOCK} )?<v (?P<name>[^<>\n]+)>"),
    _PLAIN: re.compile(
        rf"(?m)^{_BEFORE}(?P<open>\[)?(?P<name>[^\W_][\w.'’-]*(?: [\w.'’()&-]+){{0,3}})(?(open)\])(?: \[{_CLOCK}\])?"
        r"(?:(?<=^[A-Z]) [-–]| ?:)(?=[ \t]+\S|[ ]*$)"
    ),
}
"""What a line begins with that is a label, for each way of the archives to write it."""

_FEWEST_USES = 3
"""Lines that begin with a plain name: ``Note: …`` may begin one or two. Chosen by hand."""

_TIME = re.compile(
    rf"\\?[\[(](?P<bracketed>{_CLOCK})\\?[\])]|(?m:^)(?P<leading>{_CLOCK})(?: ?- |(?<=:\d\d:\d\d) +(?=\S)| +(?=\*\*))"
    r"|(?<=[:–\w*] )(?P<trailing>\d\d:\d\d:\d\d)(?=:?[ ]*(?m:$))"
    rf"|(?m:^)\*\*[^*:\n]+\*\* +(?P<bold>{_CLOCK})(?= +\S|[ ]*(?m:$))"
)
_HIDDEN = re.compile(r"(?s)<!--.*?-->|^---\n.*?\n---\n|(?m:^)```[^`\n]*\n.*?(?m:^)```")
_WORD = re.compile(rf"{_TIME.pattern}|(?m:^#.*$)|\\?\[[^\[\]\n]*\](?!\()|<?https?://\S+|(?P<word>[^\W_])")
"""A letter or digit of a word; what is no speech (a remark in brackets, an address) is matched first, without it."""
_NEVER = re.compile(
    r"(?i)(?:panel|table of contents|contents|notes?|links?|todo|hosts?|guests?|(?:remote )?attendees|presenters?"
    r"|slides?|speakers?|https?)$"
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


def style_of(text: str) -> str | None:
    """Return the way of writing labels that most lines of a file have, the first one on a tie; None without any."""
    lines = {style: len(_labels(text, style)) for style in STYLES}
    best = max(STYLES, key=lambda style: lines[style])
    return best if lines[best] else None


def truth_of(text: str, style: str | None) -> Marks:
    """Return the labels and times of a transcript in one style; those that no word follows are not counted."""
    shown = _HIDDEN.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    labels = _labels(shown, style) if style else []
    starts = [found.start() for found in labels]

    def is_followed(found: re.Match[str]) -> bool:
        following = bisect_right(starts, found.start())
        end = starts[following] if following < len(starts) else len(shown)
        is_alone = not shown[shown.rfind("\n", 0, found.start()) + 1 : found.start()].strip()
        if is_alone and following < len(starts) and not shown[found.end() : end].strip(" \n]:"):
            return found not in labels and is_followed(labels[following])  # a time on the line above its label
        return any(one["word"] for one in _WORD.finditer(shown, found.end(), end))

    return Marks(
        frozenset(line_of(shown, found.start()) for found in filter(is_followed, labels)),
        frozenset(found.start(found.lastgroup or 0) for found in filter(is_followed, _TIME.finditer(shown))),
    )


def _labels(text: str, style: str) -> list[re.Match[str]]:
    found = [one for one in STYLES[style].finditer(text) if not _NEVER.match(one["name"].strip())]
    uses = Counter(one["name"] for one in found)
    return [one for one in found if style != _PLAIN or uses[one["name"]] >= _FEWEST_USES]


def line_of(text: str, at: int) -> int:
    """Return the number of the line at a place, from 1."""
    return text.count("\n", 0, at) + 1
