"""The transcript while it is edited on a page: its source, kept to the byte where nobody touched it.

The *page text* is what CodeMirror has: the source without a byte order mark at its start, with one LF for each CR LF,
LF and lone CR, counted in UTF-16 code units. The page sends change sets of the page text; they are applied as splices
of the source, so that every line that no change touches keeps its bytes, whatever its line ending is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

import regex

from pipeline.desk.changes import ChangeError, ChangeSet, replace_ranges
from pipeline.reading.edits import apply
from pipeline.schema import Chars, Edit

_LINE_BREAK = regex.compile(r"\r\n?|\n")
_UNEQUAL = regex.compile(r"\r\n|[\U00010000-\U0010ffff]")
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True)
class Document:
    """One version of a text that is edited.

    Attributes:
        version: how many updates were accepted.
        ending: what a line break of the page becomes: the line ending that the file had most often.
        has_mark: whether the source begins with a byte order mark, which the page does not see.
    """

    source: str
    version: int
    ending: str
    has_mark: bool

    @cached_property
    def page_text(self) -> str:
        """The text as the page has it."""
        return page_form(self.source[self.has_mark :])

    @cached_property
    def places(self) -> PageOffsets:
        """The offsets of the page text."""
        return PageOffsets(self.source, int(self.has_mark))

    def apply(self, changes: ChangeSet) -> Document:
        """Return the next version.

        Raises:
            ChangeError: the change set is of a text of another length, or cuts a surrogate pair.
        """
        return replace(self, source=apply(self.source, self.edits(changes)), version=self.version + 1)

    def edits(self, changes: ChangeSet) -> tuple[Edit, ...]:
        """Return what a change set changes in the source, in order.

        Raises:
            ChangeError: as ``apply``.
        """
        if changes.units != self.places.units:
            raise ChangeError(f"the change is of a text of {changes.units} units, this one has {self.places.units}")
        replaced = (
            (self.places.in_source(start), self.places.in_source(end), text.replace("\n", self.ending))
            for start, end, text in changes.replacements()
        )
        return tuple(_with_whole_breaks(self.source, replaced))

    def change_set(self, edits: Iterable[Edit]) -> ChangeSet:
        """Return the change set that does the same as edits of the source, which may be in any order.

        Each line ending in their text becomes a line break of the page, and so the document's own line ending.
        """
        on_page = (
            (self.places.on_page(edit.chars.start), self.places.on_page(edit.chars.end), page_form(edit.text))
            for edit in sorted(edits, key=lambda edit: edit.chars)
        )
        return replace_ranges(self.places.units, on_page)


def open_document(source: str) -> Document:
    r"""Return the first version of a file's text.

    >>> open_document("\ufeffa\r\nb\rc\n").page_text
    'a\nb\nc\n'
    """
    endings = Counter(found[0] for found in _LINE_BREAK.finditer(source))
    ending = endings.most_common(1)[0][0] if endings else "\n"
    return Document(source, 0, ending, source.startswith(_BYTE_ORDER_MARK))


def page_form(text: str) -> str:
    """Return a piece of a source as the page has it."""
    return str(_LINE_BREAK.sub("\n", text))


class PageOffsets:
    """Converts offsets of the source, in code points, to those of the page text, in UTF-16 code units, and back."""

    def __init__(self, source: str, hidden: int) -> None:
        """Count the places at which the two differ.

        Args:
            source: the text.
            hidden: the characters at its start that are not on the page.
        """
        self._hidden = hidden
        self._length = len(source)
        unequal = [] if source.isascii() and "\r" not in source else list(_UNEQUAL.finditer(source, hidden))
        self._source_ends = [found.end() for found in unequal]
        self._gains = [0, *accumulate(-1 if found[0] == "\r\n" else 1 for found in unequal)]
        self._page_ends = [end - hidden + gain for end, gain in zip(self._source_ends, self._gains[1:], strict=True)]
        self.units = self._length - hidden + self._gains[-1]

    def on_page(self, at: int) -> int:
        """Return the offset on the page; the one before a line break for a place between CR and LF."""
        before = bisect_right(self._source_ends, at)
        inside = before < len(self._source_ends) and at == self._source_ends[before] - 1
        is_break = inside and self._gains[before + 1] < self._gains[before]
        return max(0, at - self._hidden + self._gains[before] - is_break)

    def in_source(self, at: int) -> int:
        """Return the offset in the source.

        Raises:
            ChangeError: there is no such place, or it is inside a surrogate pair.
        """
        if not 0 <= at <= self.units:
            raise ChangeError(f"position {at} is outside of a text of {self.units} units")
        before = bisect_right(self._page_ends, at)
        inside = before < len(self._page_ends) and at == self._page_ends[before] - 1
        if inside and self._gains[before + 1] > self._gains[before]:
            raise ChangeError(f"position {at} is inside a surrogate pair")
        return at + self._hidden - self._gains[before]


def _with_whole_breaks(source: str, replaced: Iterable[tuple[int, int, str]]) -> Iterator[Edit]:
    """Yield edits that make no CR LF of a lone CR and an LF that were not one line break before.

    Where a CR would come to stand before an LF, another CR goes between them: then there is still one break for each,
    and the bytes change only in a line that is touched (the LF ends it, or is inserted).
    """
    last = ""  # the last character of the new text so far
    done = 0
    for start, end, text in replaced:
        last = source[start - 1] if start > done else last
        new = "\r" + text if last == "\r" and text.startswith("\n") else text
        last = new[-1:] or last
        if last == "\r" and source[end : end + 1] == "\n":
            new, last = new + "\r", "\r"
        done = end
        if new or end > start:
            yield Edit(Chars(start, end), new)
