"""Texts that make a careless reader slow or large: one piece of markup, repeated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import cycle, islice

from pipeline.files.transcript_file import LARGEST, MOST_LINES

REPEATED = (
    "[", "]", "[]", "[a](", "[a](b ", "[](a(b(c", "[[a](b)](c)", "![", "[a]: /b ", "(", "(*a",
    "(inaudible ", "[inaudible ",
    "*", "*a", "*a ", "_a*", "**a** ", "~~a", "`", "`a", "`a``b", "<", "<a ", '<a "', '<a b="', "<!--",
    "<!-- -->", "<a>",
    "<https:", "a@", "&", "&amp;", "&#", "\\", "\\*", "\\`", "a ", "a\xa0", "a\u200b", "a\xad", ".", "'",
    "0:17 ", "[0:17]",
    "[0:17] a ", "**A:** b ", "A: ", "A:", "|", "今", "今天。", "😀", "é", "1,", "1.", "a.", "aB", "$1.",
    "http://a ", "\t", " ",
)  # fmt: skip
"""Pieces that are repeated without a line ending."""

LINES = (
    "", "a", "a\n", "- a", "# a", "> a", "| a", "**A**: b\n", "A: b", "0:17 A: b", "[a]: /b", "```x",
    "> ```x", "    ```x",
    "* ```x", "```", "<!-- a", "<script>", "TODO", "===", "a\r", "a\u2028",
)  # fmt: skip
"""Lines that are repeated."""


def _nested_images(characters: int) -> str:
    return "![" * (characters // 6) + "](a)" * (characters // 6)


def _nested_brackets(characters: int) -> str:
    return "[" * (characters // 2) + "]" * (characters // 2)


def _distinct_words(characters: int) -> str:
    return " ".join(f"w{number:x}" for number in range(characters // 7))


def _distinct_numbers(characters: int) -> str:
    return " ".join(str(100_000 + 7 * number) for number in range(characters // 7))


def _deep_front_matter(characters: int) -> str:
    return "---\na: " + "[" * (characters // 2) + "\n\n---\n" + "a " * (characters // 4)


def _backtick_runs(characters: int) -> str:
    """Return runs of backticks none of which is as long as another."""
    lengths = range(1, int((2 * characters) ** 0.5))
    return " ".join("`" * length for length in lengths)


def _starting_times(size: int) -> str:
    """Return turns with times that start again in each one."""
    turn = "**A**: [0:01] x [0:02] y [0:03] z [3:00] w\n\n"
    return _repeat(turn, size // len(turn))


BUILT: Mapping[str, Callable[[int], str]] = {
    "nested images": _nested_images,
    "nested brackets": _nested_brackets,
    "distinct words": _distinct_words,
    "distinct numbers": _distinct_numbers,
    "deep front matter": _deep_front_matter,
    "backtick runs": _backtick_runs,
    "times that start again": _starting_times,
}
"""Texts of about so many characters that are no repetition."""


def hostile_texts(share: float) -> dict[str, str]:
    """Return hostile texts that have this share of the most that a transcript may have, in bytes and in lines."""
    size, lines = int(share * LARGEST), int(share * MOST_LINES)
    texts = {repr(piece): _repeat(piece, size // len(piece.encode())) for piece in REPEATED}
    texts |= {
        repr(f"{line}\n"): _repeat(
            f"{line}\n", min(size // len(f"{line}\n".encode()), lines // f"{line}\n".count("\n"))
        )
        for line in LINES
    }
    return texts | {name: build(size) for name, build in BUILT.items()}


def _repeat(piece: str, times: int) -> str:
    return "".join(islice(cycle((piece,)), times))
