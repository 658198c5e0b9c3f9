"""Find the entries of a document's own table of contents: list items that are a link to one of its sections.

An entry may have a time beside its link: ``1. 0:17 - [Introduction](#introduction)``. It may have a checkbox before
that (GitHub Flavored Markdown, section 5.3, task list items): ``- [ ] [Introduction](#introduction)``. Which section a
link leads to is known by the anchor that sites generate from a heading, or else by the link's text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

import regex

from pipeline.reading.markup.hidden_text import mask_hidden_text
from pipeline.reading.markup.inline import rendered_text
from pipeline.reading.markup.notation import CLOCK
from pipeline.reading.structure.blocks import split_blocks
from pipeline.reading.structure.outline import fold_heading
from pipeline.schema import Chars, Section, Transcript

_LINK = regex.compile(r"\[(?P<text>(?:[^\[\]\\]|\\.)*+)\]\(#(?P<anchor>[^()\s]*+)\)")
_CLOCK = regex.compile(CLOCK)
_CHECKBOX = regex.compile(r"\[[ xX]\][ \t]++")
_SEPARATORS = regex.compile(r"[ \t\\()\[\]*_`|:–—-]*+")

_NOT_IN_ANCHOR = regex.compile(r"[^\p{L}\p{M}\p{N}_ -]")


@dataclass(frozen=True, slots=True)
class ContentsEntry:
    """An entry of a table of contents.

    Attributes:
        section: the index of the section that it leads to.
        start: of its text, behind the list mark and the checkbox.
        clock: the digits of the time beside the link; None if there is none.
        has_time: whether there is a time, if only in the link itself.
    """

    section: int
    start: int
    clock: Chars | None
    has_time: bool


def find_contents(transcript: Transcript) -> tuple[ContentsEntry, ...]:
    """Return all entries, in order. Of several sections with one name, each is the one of its own entry.

    What is read as speech is no entry.
    """
    text = mask_hidden_text(transcript.source).text
    sections = _Sections(transcript.sections)
    speech = [utterance.chars.start for utterance in transcript.utterances]
    entries: list[ContentsEntry] = []
    for block in split_blocks(text):
        before = bisect_right(speech, block.chars.start) - 1
        is_spoken = before >= 0 and block.chars.start < transcript.utterances[before].chars.end
        if block.kind == "item" and len(block.lines) == 1 and not is_spoken:
            entries += filter(None, (_entry(text, block.lines[0].chars, sections),))
    return tuple(entries)


def heading_anchor(title: str) -> str:
    """Return the anchor of a heading, as sites that host such documents generate it.

    >>> heading_anchor("New Node Releases!")
    'new-node-releases'
    """
    return _NOT_IN_ANCHOR.sub("", title.lower()).replace(" ", "-")


def separates(text: str) -> bool:
    """Return whether a text is only what may be between the time and the link of an entry.

    >>> separates(" - "), separates(" on ")
    (True, False)
    """
    return _SEPARATORS.fullmatch(text) is not None


def _entry(text: str, line: Chars, sections: _Sections) -> ContentsEntry | None:
    link = _LINK.search(text, line.start, line.end)
    if link is None:
        return None
    checkbox = _CHECKBOX.match(text, line.start, link.start())
    start = checkbox.end() if checkbox else line.start
    beside = Chars(start, link.start()), Chars(link.end(), line.end)
    clocks = [found for part in beside for found in _CLOCK.finditer(text, part.start, part.end)]
    rest = "".join(_CLOCK.sub("", text[part.start : part.end]) for part in beside)
    title = rendered_text(text, [Chars(*link.span("text"))])
    if len(clocks) > 1 or not separates(rest):
        return None
    section = sections.take(unquote(link["anchor"]), title)
    if section is None:
        return None
    clock = Chars(*clocks[0].span("clock")) if clocks else None
    in_link = _CLOCK.search(title) is not None and not sections.has_title(section, title)
    return ContentsEntry(section, start, clock, has_time=clock is not None or in_link)


class _Sections:
    """The sections by anchor and by title; of several with one name, each is given to one entry, in order."""

    def __init__(self, sections: Sequence[Section]) -> None:
        self._titles = [fold_heading(section.title) for section in sections]
        self._by_anchor: defaultdict[str, list[int]] = defaultdict(list)
        self._by_title: defaultdict[str, list[int]] = defaultdict(list)
        self._next = Counter[str]()
        for index, section in enumerate(sections):
            self._by_title[self._titles[index]].append(index)
            self._by_anchor[heading_anchor(section.title)].append(index)
        for anchor, indices in list(self._by_anchor.items()):
            for number, index in enumerate(indices[1:], start=1):  # the second heading of a name has "name-1"
                self._by_anchor.setdefault(f"{anchor}-{number}", [index])

    def has_title(self, section: int, title: str) -> bool:
        """Return whether this is the title of a section."""
        return self._titles[section] == fold_heading(title)

    def take(self, anchor: str, title: str) -> int | None:
        """Return the section that an anchor leads to, or else the one of this title; None if there is none."""
        name = anchor.lower()
        for known, key in ((self._by_anchor, name), (self._by_title, fold_heading(title))):
            if found := known.get(key):
                return found[0] if len(found) == 1 else self._following(key, found)
        return None

    def _following(self, key: str, found: Sequence[int]) -> int | None:
        number = self._next[key]
        self._next[key] += 1
        return found[number] if number < len(found) else None
