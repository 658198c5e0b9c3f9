r"""Render Markdown as a reader sees it, with the place in the source of every character.

The scanner is our own, because edits need offsets and Markdown renderers give none. It removes the markup that
rendering removes (escapes, entities, emphasis, code ticks, link brackets with their addresses, images, tags) and
characters that have no width. Every step is linear in the length of the text.

It decides as CommonMark does (https://spec.commonmark.org, chapter 6), with these exceptions, by which typists lose
less:

- a backslash before a digit (``\0.4``) is an escape too, since exporters write it at the start of a line;
- an address is never shown, whether in ``<`` and ``>`` or behind a link inside a link's text: nobody says it;
- emphasis may begin inside a link's text and end outside of it, and ``~~`` is emphasis: only marks are concerned;
- a tag's attributes may have any form, and a mark for what could not be heard (``<inaudible>``) is text;
- a tag that begins a new block or line (``<br>``, ``</p>``) separates words, as a browser shows it.
"""

from __future__ import annotations

import html
import re
import string
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from html.entities import html5
from itertools import compress
from operator import or_
from typing import ClassVar

import regex

from pipeline.reading.markup.emphasis import Emphasis
from pipeline.reading.markup.hidden_text import HIDDEN
from pipeline.reading.markup.notation import UNINTELLIGIBLE_WORDS
from pipeline.reading.markup.source_map import Change, Places, Rendered, typed_places
from pipeline.reading.markup.whitespace import IGNORABLE, ZERO_WIDTH_SPACE, unify_white_space
from pipeline.schema import Chars

# The module re is several times faster than regex for a set of characters.
_MARKS = rf"\\`*_~<{HIDDEN}{ZERO_WIDTH_SPACE}{IGNORABLE}"
_ENTITY_BEGINS = "&(?=[#A-Za-z])"
_MARK = re.compile(rf"[{_MARKS}]|{_ENTITY_BEGINS}")
_MARK_OR_BRACKET = re.compile(rf"[!\[\]{_MARKS}]|{_ENTITY_BEGINS}")
_RUN = re.compile(rf"`+|\*+|_+|~+|\[+|[{IGNORABLE}]+")
_IN_CODE = re.compile(rf"[{HIDDEN}{ZERO_WIDTH_SPACE}]|[{IGNORABLE}]+")
_TICKS = re.compile(r"`+")
_ESCAPABLE = frozenset(string.punctuation + string.digits)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|(?P<name>[A-Za-z][A-Za-z0-9]{1,31}));")
_ATTRIBUTES = r"""(?:[^<>"'=]|=\s*+(?:"[^"<]*+"|'[^'<]*+')?+)*+>|[^<>]*+>"""
_TAG = regex.compile(rf"<(?:/?(?P<name>[A-Za-z][A-Za-z0-9-]*+)(?:>|[\s/](?:{_ATTRIBUTES}))|[?!][^<>]*+>)")
_UNINTELLIGIBLE = regex.compile(rf"<(?:{UNINTELLIGIBLE_WORDS})\b[^<>]{{0,20}}+>", regex.IGNORECASE)
_AFTER_ANGLE = re.compile(r"[\w/?!.+-]")
_AUTOLINK = regex.compile(r"<(?:[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*+|[\w.+-]{1,64}@[\w.-]{1,255})>")
_BREAKING_TAGS = frozenset(("br", "p", "div", "li", "ul", "ol", "tr", "td", "th", "table", "hr", "blockquote"))
_NESTED = r"\((?:[^\s()\\]|\\.)*+\)"
for _ in range(2):  # parentheses in an address pair; no address that people link to has more than three within another
    _NESTED = rf"\((?:[^\s()\\]|\\.|{_NESTED})*+\)"
_TARGET = regex.compile(
    rf"""\(\s*+ (?:<(?:[^<>\n\\]|\\.)*+> | (?![<"'])(?:[^\s()\\]|\\.|{_NESTED})++)?+
        (?:\s++(?:"(?:[^"\\]|\\.)*+" | '(?:[^'\\]|\\.)*+' | \((?:[^()\\]|\\.)*+\)))?+ \s*+ \)""",
    regex.VERBOSE | regex.DOTALL,
)
_REFERENCE = regex.compile(r"\[(?P<name>[^\[\]\n]{0,200}+)\]")
_LONGEST_NAME = 200  # characters of a reference's name
_BRACKET = re.compile(r"[\[\]]")
_ASIDE = regex.compile(r"\\?\((?:[*]++[^*()]++[*]++|_++[^_()]++_++)\\?\)")  # (*laughs*)
_IGNORED = re.compile(rf"[{IGNORABLE}]+")
_REMOVED, _REPLACED, _CONTINUED, _CODE = b"\1\2\3\4"  # marks of characters: code is shown as it is typed
_ESCAPED = b"\2\3"
_CHANGE = re.compile(rb"\x01+|\x02\x03*")
_CODE_ALONE = bytes.maketrans(b"\1\2\3\4", b"\0\0\0\1")
_NOT_REMOVED = bytes(mark != _REMOVED for mark in range(256))


def render_inline(text: str, pieces: Sequence[Chars], references: frozenset[str] = frozenset()) -> Rendered:
    """Render ranges of a masked text, with a line ending between each two.

    Args:
        references: the names, casefolded, that ``[name]: address`` lines define.
    """
    typed = _joined(text, pieces)
    if _may_have_markup(typed, references):
        return _InlineScanner(typed, references).render(pieces)
    literal = bytes(len(typed))
    return Rendered(typed, typed_places(pieces), _in_brackets(typed, literal), literal)


def rendered_text(text: str, pieces: Sequence[Chars]) -> str:
    """Return the rendered text alone, its white space collapsed: for titles, names and other short texts."""
    return _shown_text(_joined(text, pieces))


@lru_cache(maxsize=1 << 10)  # a transcript has each of its names many times
def shown_name(typed: str) -> str:
    """Return a typed name as ``rendered_text`` does."""
    return _shown_text(typed)


def _shown_text(typed: str) -> str:
    shown = _InlineScanner(typed, frozenset()).text() if _may_have_markup(typed) else typed
    return " ".join(shown.split())


def _may_have_markup(typed: str, references: frozenset[str] = frozenset()) -> bool:
    """Return whether a text may be shown otherwise than it is typed; brackets are, if they are those of a link."""
    may_have_link = "](" in typed or (bool(references) and "[" in typed)
    return may_have_link or _MARK.search(typed) is not None


def shows_space(markup: str) -> bool:
    """Return whether markup without white space shows as white space: ``&nbsp;``, ``<br>``, a space without width.

    >>> shows_space("&nbsp;"), shows_space("</b>")
    (True, False)
    """
    return bool(markup) and any(map(str.isspace, _InlineScanner(markup, frozenset()).text()))


def _joined(text: str, pieces: Sequence[Chars]) -> str:
    if len(pieces) == 1:
        return text[pieces[0].start : pieces[0].end]
    return "\n".join([text[piece.start : piece.end] for piece in pieces])


class _InlineScanner:
    """Scans the text once; each special character has a step, which returns where to continue.

    What the steps find is what the typed text and the rendered one differ in. It is kept as one byte for each
    character, since a hostile text may consist of nothing else.
    """

    def __init__(self, typed: str, references: frozenset[str]) -> None:
        self._typed = typed
        self._references = references
        self._marks = bytearray(len(typed))  # 0, _CODE, _REMOVED, or _REPLACED with _CONTINUED after it
        self._images: list[tuple[int, int]] = []
        self._emphasis = Emphasis(typed)
        self._brackets = array("I")  # those that are open
        self._tick_runs: dict[int, array[int]] | None = None
        self._has_hidden = _IN_CODE.search(typed) is not None
        self._parenthesis_close = -1  # the first one at or after the last place that was asked for
        self._scan()
        self._has_changes = _CHANGE.search(self._marks) is not None

    def text(self) -> str:
        """Return the rendered text."""
        if not self._has_changes:
            return self._typed
        if _REPLACED not in self._marks:
            return "".join(compress(self._typed, self._marks.translate(_NOT_REMOVED)))
        parts: list[str] = []
        at = 0
        for start, end, shown in self._changes():
            parts += (self._typed[at:start], shown)
            at = end
        parts.append(self._typed[at:])
        return "".join(parts)

    def render(self, pieces: Sequence[Chars]) -> Rendered:
        """Return the rendered text with its places and flags."""
        text = self.text()
        has_code = _CODE in self._marks
        literal = self._shown_flags(self._marks).translate(_CODE_ALONE) if has_code else bytes(len(text))
        editorial = _in_brackets(text, literal)
        if "(" in self._typed and (asides := _asides(self._typed)):
            editorial = bytes(map(or_, editorial, self._shown_flags(asides)))
        places = Places(pieces, self._changes()) if self._has_changes else typed_places(pieces)
        return Rendered(text, places, editorial, literal)

    def _shown_flags(self, flags: bytearray) -> bytes:
        """Return the flags of the typed text's characters for those of the rendered text."""
        if _REPLACED not in self._marks:
            return bytes(compress(flags, self._marks.translate(_NOT_REMOVED)))
        shown_flags, at = bytearray(), 0
        for start, end, shown in self._changes():
            shown_flags += flags[at:start]
            shown_flags += flags[start : start + 1] * len(shown)
            at = end
        shown_flags += flags[at:]
        return bytes(shown_flags)

    def _scan(self) -> None:
        typed, search, steps, at = self._typed, _MARK_OR_BRACKET.search, self._STEPS, 0
        while found := search(typed, at):
            at = steps.get(found[0], _InlineScanner._hide)(self, found.start())
        self._emphasis.mark_pairs(self._marks)
        for start, end in self._images:
            self._remove(start, end)

    def _changes(self) -> Iterator[Change]:
        """Yield what differs, in order and disjoint."""
        typed, marks = self._typed, self._marks
        for found in _CHANGE.finditer(marks):
            start, end = found.span()
            yield start, end, "" if marks[start] == _REMOVED else _shown_instead(typed[start:end])

    def _replace(self, start: int, end: int) -> int:
        """Show something else for a range (see ``_shown_instead``)."""
        self._marks[start] = _REPLACED
        if end > start + 1:
            self._mark(start + 1, end, _CONTINUED)
        return end

    def _remove(self, start: int, end: int) -> int:
        self._mark(start, end, _REMOVED)
        return end

    def _mark(self, start: int, end: int, mark: int) -> None:
        self._marks[start:end] = bytes((mark,)) * (end - start)

    def _end_of_run(self, start: int) -> int:
        if not self._typed.startswith(self._typed[start], start + 1):  # as most are
            return start + 1
        found = _RUN.match(self._typed, start)
        return found.end() if found else start + 1

    def _hide(self, start: int) -> int:
        """Show nothing for characters without width; words end at a comment, so that no edit of it is inside a word."""
        if self._typed[start] in (HIDDEN, ZERO_WIDTH_SPACE):
            return self._replace(start, start + 1)
        return self._remove(start, self._end_of_run(start))

    def _escape(self, start: int) -> int:
        following = self._typed[start + 1 : start + 2]
        if following in _ESCAPABLE:
            self._marks[start : start + 2] = _ESCAPED
            return start + 2
        return self._remove(start, start + 1) if following in {"", "\n"} else start + 1

    def _entity(self, start: int) -> int:
        found = _ENTITY.match(self._typed, start)
        if found is None or (found["name"] and f"{found['name']};" not in html5):
            return start + 1
        return self._replace(start, found.end())

    def _ticks(self, start: int) -> int:
        end = self._end_of_run(start)
        if self._tick_runs is None:
            self._tick_runs = {}
            for found in _TICKS.finditer(self._typed, start):
                self._tick_runs.setdefault(len(found[0]), array("I")).append(found.start())
        runs = self._tick_runs.get(end - start)  # None if a backslash precedes, in a longer run
        following = bisect_left(runs, end) if runs else 0
        if not runs or following == len(runs):
            return end
        closing = runs[following]
        ticks = b"\1" * (end - start)
        self._marks[start : closing + end - start] = ticks + b"\4" * (closing - end) + ticks
        if self._has_hidden:
            for found in _IN_CODE.finditer(self._typed, end, closing):
                self._hide(found.start())
        return closing + end - start

    def _tag(self, start: int) -> int:
        if not _AFTER_ANGLE.match(self._typed, start + 1):
            return start + 1
        if found := _AUTOLINK.match(self._typed, start):
            return self._remove(start, found.end())
        if found := _UNINTELLIGIBLE.match(self._typed, start):
            return int(found.end())
        found = _TAG.match(self._typed, start)
        if found is None:
            return start + 1
        if (found["name"] or "").lower() in _BREAKING_TAGS:
            return self._replace(start, found.end())
        return self._remove(start, found.end())

    def _emphasize(self, start: int) -> int:
        end = self._end_of_run(start)
        self._emphasis.read(start, end)
        return end

    # --- links ---------------------------------------------------------------------------------------------------

    def _open_brackets(self, start: int) -> int:
        end = self._end_of_run(start)
        self._brackets.extend(range(start, end))
        return end

    def _open_image(self, start: int) -> int:
        if not self._typed.startswith("[", start + 1):
            return start + 1
        self._brackets.append(start)
        return start + 2

    def _close_bracket(self, start: int) -> int:
        if not self._brackets:
            return start + 1
        opened = self._brackets.pop()
        is_image = self._typed[opened] == "!"
        link_end = self._link_end(opened + 1 + is_image, start)
        if link_end is None:
            return start + 1
        if is_image:
            self._forget_from(opened)
            self._images.append((opened, link_end))
            return link_end
        self._remove(opened, opened + 1)
        return self._remove(start, link_end)

    def _link_end(self, text_start: int, close: int) -> int | None:
        """Return where the link ends whose text ends at ``close``; None if the brackets are not a link's."""
        if self._typed.startswith("(", close + 1) and self._closes_parenthesis(close + 1):
            found = _TARGET.match(self._typed, close + 1)
            if found:
                return int(found.end())
        if not self._references:
            return None
        found = _REFERENCE.match(self._typed, close + 1)
        typed = self._typed[text_start : min(close, text_start + _LONGEST_NAME)]
        name = found["name"] if found and found["name"] else typed
        if name.casefold() not in self._references:
            return None
        return int(found.end()) if found else close + 1

    def _closes_parenthesis(self, start: int) -> bool:
        """Return whether any closing parenthesis follows; without one an address is not searched for its end."""
        if self._parenthesis_close < start:
            found = self._typed.find(")", start)
            self._parenthesis_close = found if found >= 0 else len(self._typed)
        return self._parenthesis_close < len(self._typed)

    def _forget_from(self, start: int) -> None:
        """Forget the emphasis and the images in an image's text, which is not shown."""
        self._emphasis.forget_from(start)
        while self._images and self._images[-1][0] >= start:
            self._images.pop()

    _STEPS: ClassVar[dict[str, Callable[[_InlineScanner, int], int]]] = {
        "\\": _escape,
        "`": _ticks,
        "*": _emphasize,
        "_": _emphasize,
        "~": _emphasize,
        "[": _open_brackets,
        "!": _open_image,
        "]": _close_bracket,
        "<": _tag,
        "&": _entity,
    }


@lru_cache(maxsize=1 << 10)
def _shown_instead(typed: str) -> str:
    """Return what is shown for an escape, an entity, or anything else that separates two words."""
    if typed[0] == "\\":
        return typed[1:]
    if typed[0] == "&":
        shown = unify_white_space(html.unescape(typed).replace(ZERO_WIDTH_SPACE, " "))
        return _IGNORED.sub("", shown)
    return " "


def _asides(typed: str) -> bytearray | None:
    """Flag the asides in round brackets; None if there are none."""
    flags = bytearray(len(typed))
    for found in _ASIDE.finditer(typed):
        flags[found.start() : found.end()] = b"\1" * (found.end() - found.start())
    return flags if 1 in flags else None


def _in_brackets(text: str, literal: bytes) -> bytes:
    """Flag the text in square brackets, which are included; brackets of code are none."""
    if "[" not in text:
        return bytes(len(text))
    flags = bytearray(len(text))
    opened, starts, ends = array("I"), array("I"), array("I")
    for found in _BRACKET.finditer(text):
        at = found.start()
        if literal[at]:
            continue
        if found[0] == "[":
            opened.append(at)
        elif opened:
            start = opened.pop()
            while starts and starts[-1] > start:
                starts.pop()
                ends.pop()
            starts.append(start)
            ends.append(at + 1)
    for start, end in zip(starts, ends, strict=True):
        flags[start:end] = b"\1" * (end - start)
    return bytes(flags)
