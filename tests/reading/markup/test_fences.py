from __future__ import annotations

import pytest

from pipeline.reading.markup.hidden_text import HIDDEN, mask_hidden_text
from pipeline.schema import Chars


def visible(source: str) -> str:
    """Return what is not hidden, without blank lines and blanks at the ends of lines."""
    lines = mask_hidden_text(source).text.replace(HIDDEN, "").split("\n")
    return "\n".join(line.strip() for line in lines if line.strip())


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("```\na\n```\nb", "b"),
        ("``` js\na\n```\nb", "b"),
        ("~~~ `x`\na\n~~~\nb", "b"),
        ("````\n```\na\n````\nb", "b"),
        ("```\na\n~~~\n```\nb", "b"),
        ("```\na\n``` x\n```\nb", "b"),
        ("   ```\na\n  ```\nb", "b"),
        ("```\na\n    ```\nb\n```\nc", "c"),
    ],
)
def test_fenced_code_is_hidden(source: str, shown: str) -> None:
    """Code ends with a line of the same mark, no shorter, with nothing after it and at most three spaces before."""
    assert visible(source) == shown
    assert mask_hidden_text(source).unclosed_fences == ()


@pytest.mark.parametrize("line", ["```lamp.on()  // the same as lamp.switch(1)```", "``` a ` b", "````x```"])
def test_a_line_with_backticks_after_the_fence_is_no_fence(line: str) -> None:
    """An info string has no backtick: the line is a paragraph, and the code below it is code."""
    assert visible(f"{line}\n\nb\n\n```\ncode\n```\n\nc") == f"{line}\nb\nc"


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("> ```\n> a\n> ```\n> b", "> \n> b"),
        ("> a\n> ```\n> b\n\nc\n\n```\nd\n```", "> a\n>\n> b\nc"),
        ("* x\n\n    ```\n    a\n    ```\n\nb", "* x\nb"),
        ("1. ```\n   a\n   ```\nb", "1.\nb"),
        ("* ```\n\nb\n\n```\na\n```\nc", "*\nb\nc"),
    ],
)
def test_code_in_quotes_and_lists_ends_there(source: str, shown: str) -> None:
    """Code in a quote or an item is hidden, and never more than the quote or the item."""
    assert visible(source) == shown.replace("> \n", ">\n")


def test_a_fence_that_nothing_closes_hides_its_line() -> None:
    """It hides its own line, and is reported as not closed."""
    masked = mask_hidden_text("a\n\n```b\nc")

    assert visible(masked.source) == "a\nc"
    assert masked.unclosed_fences == (Chars(3, 7),)
