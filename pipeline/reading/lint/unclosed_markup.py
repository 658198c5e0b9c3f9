"""Find markup that does not close: what a typist opened, and a reader sees as a bare mark or does not see.

Only what can hardly be intended is reported: a star in the middle of a word, a smiley or an apostrophe typed as a
backtick is read as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import regex

from pipeline.reading.lint.lint_issue import SourceIssue
from pipeline.reading.markup.hidden_text import MaskedSource
from pipeline.reading.markup.inline import render_inline
from pipeline.reading.markup.source_map import Rendered
from pipeline.schema import Chars

_SUSPECT = regex.compile(r"\*\*|`|\]")
_BOLD = regex.compile(r"(?<![\w*])\*{2,3}(?=[^\s*])")
_CODE = regex.compile(r"(?<![\w`])`(?=[^\s`])")
_QUOTE_END = regex.compile(r"(?<=\S)['’](?!\w)")  # `quoted' is an old way to quote
_LINK = regex.compile(r"(?:\[[^\[\]]{0,60}+)?\](?=\((?:https?:|www\.|[/#]|[^\s()]++\.[^\s()]))")
_BRACKET = regex.compile(r"[\[\]]")
_INTERVAL = regex.compile(  # "[0, 10)": without its end
    r"\[[^\[\]()\r\n,]{1,30},[^\[\]()\r\n,]{1,30}\)|\([^\[\]()\r\n,]{1,30},[^\[\]()\r\n,]{1,30}\]"
)
_SMILEY = regex.compile(r"[:;=]\]")
_SYMBOL = regex.compile(r"(?<=[^\s\[\]])\[(?=[\s\"'“”’]|$)")  # what is said of it: "?.[ and ?.("
_STRAY_COMMENT = regex.compile(r"(?<!`)<[!-]?[ \t]*+--?+(?!>)[^<>\r\n]{0,300}?-->")
_SHOWN_CHARACTERS = 80  # of the source, from an unclosed mark on


def find_unclosed_marks(text: str, pieces: Sequence[Chars], references: frozenset[str]) -> Iterator[SourceIssue]:
    """Yield the marks of one range of text that do not close: bold, code, link addresses.

    Args:
        text: the masked text; ``pieces`` are places in it.
        references: the case-folded names that ``[name]: address`` lines define.
    """
    if not any(_SUSPECT.search(text, piece.start, piece.end) for piece in pieces):
        return
    rendered = render_inline(text, pieces, references)
    for found in _BOLD.finditer(rendered.text):
        if _is_bare(text, rendered, found.start()):
            yield SourceIssue("unclosed", _range_of(rendered, found), "bold begins here (**) and does not end")
    last_quote = max((found.start() for found in _QUOTE_END.finditer(rendered.text)), default=-1)
    for found in _CODE.finditer(rendered.text):
        if _is_bare(text, rendered, found.start()) and last_quote < found.start():
            yield SourceIssue("unclosed", _range_of(rendered, found), "code begins here (`) and does not end")
    for found in _LINK.finditer(rendered.text):
        if _is_bare(text, rendered, found.end() - 1):
            yield SourceIssue(
                "unclosed", _range_of(rendered, found), "the link's address does not end with ), or has a space in it"
            )


def find_unclosed_blocks(masked: MaskedSource) -> Iterator[SourceIssue]:
    """Yield the comments and fenced code that do not close, and the comments that do not open correctly."""
    for comment in masked.comments:
        if not masked.source.endswith("-->", comment.start, comment.end):
            yield SourceIssue(
                "unclosed", comment, "the comment does not end with --> ; only this line is read as a comment"
            )
    for chars in masked.unclosed_fences:
        mark = masked.source[chars.start : chars.start + 3]
        yield SourceIssue("unclosed", chars, f"code begins here ({mark}) and does not end; this line is left out")
    for found in _STRAY_COMMENT.finditer(masked.text):
        yield SourceIssue(
            "unclosed", Chars(*found.span()), "a comment begins with <!-- and ends with -->; this is read as speech"
        )


def find_unclosed_brackets(text: str, pieces: Sequence[Chars], references: frozenset[str]) -> Iterator[SourceIssue]:
    """Yield the square brackets of a paragraph that do not close, and those that do not open; as above."""
    if not any(_BRACKET.search(text, piece.start, piece.end) for piece in pieces):
        return
    rendered = render_inline(text, pieces, references)
    intervals = {at for found in _INTERVAL.finditer(rendered.text) for at in (found.start(), found.end() - 1)}
    opened: list[regex.Match[str]] = []
    for found in _BRACKET.finditer(rendered.text):
        if rendered.literal[found.start()] or found.start() in intervals:
            continue
        if found[0] == "[":
            opened.append(found)
        elif opened:
            opened.pop()
        elif not _SMILEY.match(rendered.text, max(0, found.start() - 1)):
            yield SourceIssue("unclosed", _range_of(rendered, found), "a bracket ends here (]) that does not begin")
    for found in opened:
        if _SYMBOL.match(rendered.text, found.start()):
            continue
        yield SourceIssue("unclosed", _range_of(rendered, found), "a bracket begins here ([) and does not end")


def _is_bare(text: str, rendered: Rendered, at: int) -> bool:
    """Return whether a rendered character is typed as it is, not escaped and not in code."""
    chars = rendered.place(at, at + 1)
    return not rendered.literal[at] and text[chars.start : chars.end] == rendered.text[at]


def _range_of(rendered: Rendered, found: regex.Match[str]) -> Chars:
    """Return the range of a mark and of some text after it, by which it is easy to find."""
    return rendered.place(found.start(), min(len(rendered.text), found.start() + _SHOWN_CHARACTERS))
