"""Markup that does not close: what a typist opened, and a reader sees as a bare mark or not at all.

Only what can hardly be meant is told: a star in the middle of a word, a smiley, an apostrophe that is typed as a
backtick stand for themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import regex

from pipeline.reading.lint.lint_issue import Spot
from pipeline.reading.markup.hidden_text import HIDDEN, Page
from pipeline.reading.markup.inline import Rendered, render
from pipeline.schema import Chars

_SUSPECT = regex.compile(r"\*\*|`|[\[\]]")
_BOLD = regex.compile(r"(?<![\w*])\*{2,3}(?=[^\s*])")
_CODE = regex.compile(r"(?<![\w`])`(?=[^\s`])")
_QUOTE_END = regex.compile(r"(?<=\S)['’](?!\w)")  # `quoted' is an old way to quote
_LINK = regex.compile(r"(?:\[[^\[\]]{0,60}+)?\](?=\((?:https?:|www\.|[/#]|[^\s()]++\.[^\s()]))")
_BRACKET = regex.compile(r"\[|(?<![:;=8])\]")  # :] is a smiley
_FENCE = regex.compile(r"(?:^|(?<=[\r\n]))[ ]{0,3}(?P<fence>`{3,}|~{3,})[^\r\n]*+")
_STRAY_COMMENT = regex.compile(r"<[!-]?[ \t]*+--?+(?!>)[^<>\r\n]{0,300}?-->")
_TO_KNOW_IT_BY = 80  # characters


def open_marks(page: str, pieces: Sequence[Chars], references: frozenset[str]) -> Iterator[Spot]:
    """The marks of one stretch of text that do not close: bold, code, links' addresses, square brackets.

    Args:
        page: the text with everything hidden that is none; ``pieces`` are places in it.
        references: the names, casefolded, that ``[name]: address`` lines define.
    """
    if not any(_SUSPECT.search(page, piece.start, piece.end) for piece in pieces):
        return
    shown = render(page, pieces, references)
    for found in _BOLD.finditer(shown.text):
        if _is_bare(page, shown, found.start()):
            yield Spot("unclosed", _place(shown, found), "bold begins here (**) and does not end")
    last_quote = max((found.start() for found in _QUOTE_END.finditer(shown.text)), default=-1)
    for found in _CODE.finditer(shown.text):
        if _is_bare(page, shown, found.start()) and last_quote < found.start():
            yield Spot("unclosed", _place(shown, found), "code begins here (`) and does not end")
    for found in _LINK.finditer(shown.text):
        if _is_bare(page, shown, found.end() - 1):
            yield Spot("unclosed", _place(shown, found), "the link's address does not end with ), or has a space in it")
    yield from _open_brackets(shown)


def open_blocks(page: Page) -> Iterator[Spot]:
    """The comments and the fenced code of a page that do not close, and comments that never began rightly."""
    for comment in page.comments:
        if not page.source.endswith("-->", comment.start, comment.end):
            yield Spot("unclosed", comment, "the comment does not end with --> ; only this line is taken for it")
    for found in _FENCE.finditer(page.source):
        start, end = found.span("fence")[0], found.end()
        is_whole = page.text[start : start + 1] == HIDDEN and HIDDEN not in (
            _at(page, found.start() - 1),
            _at(page, end),
        )
        if is_whole:
            chars = Chars(start, end)
            yield Spot(
                "unclosed", chars, f"code begins here ({found['fence'][:3]}) and does not end; this line is left out"
            )
    for found in _STRAY_COMMENT.finditer(page.text):
        yield Spot(
            "unclosed", Chars(*found.span()), "a comment begins with <!-- and ends with -->; this is read as speech"
        )


def _at(page: Page, at: int) -> str:
    return page.text[at : at + 1] if at >= 0 else ""


def _open_brackets(shown: Rendered) -> Iterator[Spot]:
    opened: list[regex.Match[str]] = []
    for found in _BRACKET.finditer(shown.text):
        if shown.literal[found.start()]:
            continue
        if found[0] == "[":
            opened.append(found)
        elif opened:
            opened.pop()
        else:
            yield Spot("unclosed", _place(shown, found), "a bracket ends here (]) that does not begin")
    for found in opened:
        yield Spot("unclosed", _place(shown, found), "a bracket begins here ([) and does not end")


def _is_bare(page: str, shown: Rendered, at: int) -> bool:
    """Whether a character that is shown is typed as it is, not escaped and not in code."""
    return not shown.literal[at] and page[shown.starts[at] : shown.ends[at]] == shown.text[at]


def _place(shown: Rendered, found: regex.Match[str]) -> Chars:
    """The mark and some of the text behind it, to know it by."""
    start = found.start()
    return Chars(shown.starts[start], shown.ends[min(len(shown.ends), start + _TO_KNOW_IT_BY) - 1])
