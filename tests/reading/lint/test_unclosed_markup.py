from __future__ import annotations

import pytest

from pipeline.reading.lint.unclosed_markup import find_unclosed_blocks, find_unclosed_brackets, find_unclosed_marks
from pipeline.reading.markup.hidden_text import mask_hidden_text
from pipeline.schema import Chars


def unclosed(text: str) -> list[tuple[int, str]]:
    """Return where marks of one paragraph do not close, and the beginning of each message."""
    masked, pieces, names = mask_hidden_text(text).text, [Chars(0, len(text))], frozenset({"name"})
    issues = [*find_unclosed_marks(masked, pieces, names), *find_unclosed_brackets(masked, pieces, names)]
    return [(issue.chars.start, " ".join(issue.message.split()[:3])) for issue in issues]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("so **this never ends", [(3, "bold begins here")]),
        ("**one** and **two", [(12, "bold begins here")]),
        ("so `this never ends, don't", [(3, "code begins here")]),
        ("see [that](https://example.org/a and more", [(4, "the link's address")]),
        ("see [that](https://example.org/a b) and more", [(4, "the link's address")]),
        ("so [Laughter and on", [(3, "a bracket begins")]),
        ("so Laughter] and on", [(11, "a bracket ends")]),
        ("so \\[04:01 and on", [(3, "a bracket begins")]),
    ],
)
def test_marks_that_do_not_close(text: str, found: list[tuple[int, str]]) -> None:
    """Bold, code, a link's address or a bracket that does not close is found, and a bracket that does not open."""
    assert unclosed(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "**bold**, __bold__, ***both***, *so*, `code **[x`, [a](https://b/c_(d)), [a][name], [name], ![x](y.png)",
        "f**k, sh**, 2 * 3 ** 4, * and **, a footnote*, **** you",
        "\\**not bold, \\`not code, [Laughter], Ryan [Dahl], word[s], \\[04:01\\], [ ] and [a [b] c]",
        "an old `quote', don`t, :] and =]",
        "[sic](as he says it), (*laughs*), :( and 1)",
        "",
    ],
)
def test_intended_marks_are_no_issue(text: str) -> None:
    """Markup that closes, escapes, swear words, sums, smileys and old quotes are no issue."""
    assert unclosed(text) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("a\n\n<!-- never ends\n\nb", [(3, "the comment does")]),
        ("<!-- one\n\n<!-- two -->", [(0, "the comment does")]),
        ("a\n\n```\nb\n", [(3, "code begins here")]),
        ("a\r\n~~~~ text\r\nb", [(3, "code begins here")]),
        ("a <-- Continue at 9:30! -->", [(2, "a comment begins")]),
        ("<! -- a -->", [(0, "a comment begins")]),
        ("<!-- a --> b <!-- c\nd -->\n\n```\n<!-- e\n```\n", []),
        ("from A --> B, 1 < 2 -- 3 > 2, `<!--`", []),
    ],
)
def test_blocks_that_do_not_close(source: str, found: list[tuple[int, str]]) -> None:
    """Comments and code that do not end are found, and comments that do not open correctly; arrows are neither."""
    issues = find_unclosed_blocks(mask_hidden_text(source))

    assert [(issue.chars.start, " ".join(issue.message.split()[:3])) for issue in issues] == found


@pytest.mark.parametrize("text", ["\\[23:58\\] so", "[see page 18] so", "so [sic:] and [a=] it", "so =] and :]"])
def test_a_bracket_after_a_smileys_eyes_closes_what_is_open(text: str) -> None:
    """A digit is no part of a smiley, and a bracket that closes another one is none either."""
    assert unclosed(text) == []


def test_a_bracket_after_an_eight_closes_nothing_by_itself() -> None:
    """``8]`` is no smiley: without an opening bracket it is reported as any other."""
    assert unclosed("on page 8] so") == [(9, "a bracket ends")]
