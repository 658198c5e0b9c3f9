r"""Render Markdown as a reader sees it, with the place in the source of every character.

The scanner is our own, because edits need offsets and Markdown renderers give none. It removes the markup that
rendering removes (escapes, entities, emphasis, code ticks, link brackets with their addresses, images, tags) and is
lenient where CommonMark is strict and typists are not: a backslash before a digit (``\0.4``) is an escape too. Every
step is linear in the length of the text.
"""

from __future__ import annotations

import html
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import regex

from pipeline.reading.markup.hidden_text import HIDDEN
from pipeline.schema import Chars

_SPECIAL = regex.compile(r"[\\`*_~\[\]!<&\0]")
_TICKS = regex.compile(r"`+")
_ESCAPE = regex.compile(r"\\(?:[!-/:-@\[-`{-~0-9]|(?=\n|$))")
_ENTITY = regex.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_TAG = regex.compile(r"<(?:/?(?P<name>[A-Za-z][A-Za-z0-9-]*+)(?:[\s/][^<>]*+)?|[?!][^<>]*+)>")
_AUTOLINK = regex.compile(r"<(?:[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*+|[\w.+-]{1,64}@[\w.-]{1,255})>")
_BREAKING_TAGS = frozenset(("br", "p", "div", "li", "ul", "ol", "tr", "td", "th", "table", "hr", "blockquote"))
_TARGET = regex.compile(
    r"""\(\s*+ (?:<[^<>\n]*+> | [^\s()<"'][^\s()]*+(?:\([^\s()]*+\)[^\s()]*+)*+)?+
        (?:\s++(?:"[^"]*+" | '[^']*+' | \([^()]*+\)))?+ \s*+ \)""",
    regex.VERBOSE,
)
_REFERENCE = regex.compile(r"\[(?P<name>[^\[\]\n]{0,200}+)\]")
_BRACKET = regex.compile(r"[\[\]]")
_ASIDE = regex.compile(r"\\?\((?:[*]++[^*()]++[*]++|_++[^_()]++_++)\\?\)")  # (*laughs*)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text's characters as rendered: ``text[i]`` is at ``source[starts[i]:ends[i]]``, in order.

    ``editorial[i]`` is 1 for text in square brackets and for asides such as ``(*laughs*)``; ``literal[i]`` is 1 within
    code.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]
    editorial: bytes
    literal: bytes


def render_inline(text: str, pieces: Sequence[Chars], references: frozenset[str] = frozenset()) -> Rendered:
    """Render ranges of a masked text, with a line ending between each two.

    Args:
        references: the names, casefolded, that ``[name]: address`` lines define.
    """
    offsets: list[int] = []
    for piece in pieces:
        offsets += range(piece.start, piece.end)
        offsets.append(piece.end)
    raw = "\n".join(text[piece.start : piece.end] for piece in pieces)
    if _SPECIAL.search(raw) is None:
        shown = offsets[: len(raw)]
        return Rendered(raw, shown, [at + 1 for at in shown], bytes(len(raw)), bytes(len(raw)))
    return _InlineScanner(raw, references).scan(offsets)


def rendered_text(text: str, pieces: Sequence[Chars]) -> str:
    """Return the rendered text alone, its white space collapsed: for titles, names and other short texts."""
    return " ".join(render_inline(text, pieces).text.split())


@dataclass(slots=True)
class _Delimiter:
    """A run of emphasis marks: its first position in the output, and how many of its marks are not paired yet."""

    at: int
    length: int
    opens: bool
    closes: bool
    left: int


class _InlineScanner:
    """Scans the text once; each special character has a step, which returns where to continue."""

    def __init__(self, raw: str, references: frozenset[str]) -> None:
        self._raw = raw
        self._references = references
        self._shown: list[str] = []
        self._from: list[int] = []  # for each shown character its position in raw
        self._to: list[int] = []
        self._literal = bytearray()
        self._delimiters: list[tuple[str, _Delimiter]] = []
        self._brackets: list[tuple[int, int, bool]] = []  # position in raw and in the output, image or not
        self._dropped: set[int] = set()
        self._tick_runs: dict[int, list[int]] = {}
        for found in _TICKS.finditer(raw):
            self._tick_runs.setdefault(len(found[0]), []).append(found.start())
        self._steps: dict[str, Callable[[int], int]] = {
            "\\": self._escape,
            "`": self._code,
            "*": self._emphasis,
            "_": self._emphasis,
            "~": self._emphasis,
            "[": self._open_bracket,
            "]": self._close_bracket,
            "!": self._image,
            "<": self._tag,
            "&": self._entity,
            HIDDEN: self._hidden,
        }

    def scan(self, offsets: Sequence[int]) -> Rendered:
        at = 0
        while found := _SPECIAL.search(self._raw, at):
            self._show(at, found.start())
            at = self._steps[found[0]](found.start())
        self._show(at, len(self._raw))
        self._pair_emphasis()
        kept = [i for i in range(len(self._shown)) if i not in self._dropped]
        text = "".join(self._shown[i] for i in kept)
        starts = [self._from[i] for i in kept]
        literal = bytes(self._literal[i] for i in kept)
        editorial = _editorial(text, literal, starts, self._raw)
        ends = [offsets[self._to[i] - 1] + 1 for i in kept]
        return Rendered(text, [offsets[start] for start in starts], ends, editorial, literal)

    def _show(self, start: int, end: int, *, literal: bool = False) -> int:
        self._shown += self._raw[start:end]
        self._from += range(start, end)
        self._to += range(start + 1, end + 1)
        self._literal += bytes([literal]) * (end - start)
        return end

    def _show_instead(self, text: str, start: int, end: int) -> int:
        self._shown += text
        self._from += [start] * len(text)
        self._to += [end] * len(text)
        self._literal += bytes(len(text))
        return end

    def _hidden(self, at: int) -> int:
        """Words end at a comment, so that an edit of the comment cannot fall inside a word."""
        return self._show_instead(" ", at, at + 1)

    def _escape(self, at: int) -> int:
        found = _ESCAPE.match(self._raw, at)
        if found is None:
            return self._show(at, at + 1)
        return self._show_instead(found[0][1:], at, found.end())

    def _entity(self, at: int) -> int:
        found = _ENTITY.match(self._raw, at)
        text = html.unescape(found[0]) if found else ""
        if found is None or text == found[0]:
            return self._show(at, at + 1)
        return self._show_instead(text, at, found.end())

    def _code(self, at: int) -> int:
        found = _TICKS.match(self._raw, at)
        length = found.end() - at if found else 1
        runs = self._tick_runs.get(length, [])
        following = bisect_left(runs, at + length)
        if following == len(runs):
            return self._show(at, at + length)
        start, end = at + length, runs[following]
        while (hidden := self._raw.find(HIDDEN, start, end)) != -1:
            self._show(start, hidden, literal=True)
            start = self._hidden(hidden)
        self._show(start, end, literal=True)
        return end + length

    def _tag(self, at: int) -> int:
        if found := _AUTOLINK.match(self._raw, at):
            return found.end()
        found = _TAG.match(self._raw, at)
        if found is None:
            return self._show(at, at + 1)
        is_break = (found["name"] or "").lower() in _BREAKING_TAGS
        return self._show_instead(" " if is_break else "", at, found.end())

    # --- links ---------------------------------------------------------------------------------------------------

    def _image(self, at: int) -> int:
        if self._raw[at + 1 : at + 2] != "[":
            return self._show(at, at + 1)
        self._brackets.append((at, len(self._shown), True))
        return self._show(at, at + 2)

    def _open_bracket(self, at: int) -> int:
        self._brackets.append((at, len(self._shown), False))
        return self._show(at, at + 1)

    def _close_bracket(self, at: int) -> int:
        if not self._brackets:
            return self._show(at, at + 1)
        opened_at, shown_at, is_image = self._brackets.pop()
        end = self._link_end(opened_at + 1 + is_image, at)
        if end is None:
            return self._show(at, at + 1)
        self._dropped.update(range(shown_at, len(self._shown) if is_image else shown_at + 1))
        return end

    def _link_end(self, text_start: int, close: int) -> int | None:
        """Return where the link ends whose text ends at ``close``; None if the brackets are not a link's."""
        if found := _TARGET.match(self._raw, close + 1):
            return int(found.end())
        found = _REFERENCE.match(self._raw, close + 1)
        name = found["name"] if found and found["name"] else self._raw[text_start : min(close, text_start + 200)]
        if name.casefold() not in self._references:
            return None
        return int(found.end()) if found else close + 1

    # --- emphasis ------------------------------------------------------------------------------------------------

    def _emphasis(self, at: int) -> int:
        mark, end = self._raw[at], at + 1
        while self._raw[end : end + 1] == mark:
            end += 1
        if mark != "~" or end - at == len("~~"):
            opens, closes = _can_open_and_close(self._raw[at - 1 : at], mark, self._raw[end : end + 1])
            self._delimiters.append((mark, _Delimiter(len(self._shown), end - at, opens, closes, end - at)))
        return self._show(at, end)

    def _pair_emphasis(self) -> None:
        """Drop the marks that pair, innermost first: at the end of an opening run, at the start of a closing one."""
        openers: dict[str, list[_Delimiter]] = {}
        for mark, run in self._delimiters:
            stack = openers.setdefault(mark, [])
            while run.closes and run.left and stack:
                opener = stack[-1]
                paired = min(opener.left, run.left)
                opener.left -= paired
                self._dropped.update(range(opener.at + opener.left, opener.at + opener.left + paired))
                done = run.at + run.length - run.left
                self._dropped.update(range(done, done + paired))
                run.left -= paired
                if not opener.left:
                    stack.pop()
            if run.opens and run.left == run.length:
                stack.append(run)


def _can_open_and_close(before: str, mark: str, after: str) -> tuple[bool, bool]:
    """Return whether a run of marks between two characters can open, and can close, emphasis (CommonMark, 6.2)."""
    left = (
        bool(after)
        and not after.isspace()
        and (not _is_punctuation(after) or not before.strip() or _is_punctuation(before))
    )
    right = (
        bool(before)
        and not before.isspace()
        and (not _is_punctuation(before) or not after.strip() or _is_punctuation(after))
    )
    if mark == "_":
        return left and (not right or _is_punctuation(before)), right and (not left or _is_punctuation(after))
    return left, right


def _is_punctuation(character: str) -> bool:
    return bool(character) and unicodedata.category(character)[0] in "PS"


def _editorial(text: str, literal: bytes, starts: Sequence[int], raw: str) -> bytes:
    """Flag the text in brackets that are not a link's, and asides."""
    flags = bytearray(len(text))
    for found in _ASIDE.finditer(raw):
        start, end = bisect_left(starts, found.start()), bisect_left(starts, found.end())
        flags[start:end] = b"\1" * (end - start)
    depth, opened = [0] * (len(text) + 1), list[int]()
    for found in _BRACKET.finditer(text):
        at = found.start()
        if found[0] == "[" and not literal[at]:
            opened.append(at)
        elif opened and not literal[at]:
            depth[opened.pop()] += 1
            depth[at + 1] -= 1
    for at, inside in enumerate(accumulate(depth[:-1])):
        flags[at] |= inside > 0
    return bytes(flags)
