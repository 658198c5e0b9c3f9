"""What checks the pages finds what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from tests.docs.blocks import Block, blocks
from tests.docs.command_lines import lines, parse
from tests.docs.test_commands import complaint, fits
from tests.sample_episode import Outcome

PAGE = """\
# A page

```sh
cuemark align a b   # a comment
A=1 ./scripts/demo && cuemark batch x \\
  -o y > z 2>&1 | head -n 3
```

1. In a list:

   <!-- not run: needs a feed -->
   ```console
   $ cuemark marker a b
   <!-- Continue at 0:15! -->
   was: none
   $ cuemark store
   ```

```toml title="cuemark.toml"
[cues]
```
"""


@pytest.fixture
def page(tmp_path: Path) -> list[Block]:
    """The blocks of a page."""
    path = tmp_path / "page.md"
    path.write_text(PAGE, encoding="utf-8")
    return blocks(path)


def test_blocks_are_found(page: list[Block]) -> None:
    """Finds each block with its line, language, mark and text, those inside a list too."""
    assert [(one.line, one.language, one.rest, one.not_run) for one in page] == [
        (4, "sh", "", None),
        (13, "console", "", "needs a feed"),
        (20, "toml", 'title="cuemark.toml"', None),
    ]
    assert page[1].text.startswith("$ cuemark marker a b\n<!--")


def test_commands_are_split_as_a_shell_does(page: list[Block]) -> None:
    """Splits at pipes and ``&&``, and leaves out comments, redirections and variables."""
    assert [line.words for line in lines(page[0])] == [
        ("cuemark", "align", "a", "b"),
        ("./scripts/demo",),
        ("cuemark", "batch", "x", "-o", "y"),
        ("head", "-n", "3"),
    ]


def test_output_belongs_to_the_command_above_it(page: list[Block]) -> None:
    """Takes the lines below a prompt as what that command prints."""
    assert [(line.words[1], line.printed) for line in lines(page[1])] == [
        ("marker", ("<!-- Continue at 0:15! -->", "was: none")),
        ("store", None),
    ]


@pytest.mark.parametrize(
    ("pattern", "printed", "is_fit"),
    [
        (["a", "b"], ["a", "b"], True),
        (["a"], ["a", "b"], False),
        (["a", "…", "d"], ["a", "b", "c", "d"], True),
        (["a", "…", "d"], ["a", "b", "c"], False),
        (["…"], [], True),
        ([], ["a"], False),
    ],
)
def test_an_ellipsis_stands_for_any_lines(pattern: list[str], printed: list[str], *, is_fit: bool) -> None:
    """Compares all other lines exactly."""
    assert fits(pattern, printed) == is_fit


def test_complaints_say_where(page: list[Block]) -> None:
    """Names the page and the line of a command that fails, or that prints something else than the page shows."""
    marker, store = lines(page[1])

    assert complaint(store, Outcome(0, "", "")) is None
    assert (complaint(store, Outcome(1, "", "cuemark: no\n")) or "").endswith(
        "page.md:16: ends with 1: ['cuemark: no']"
    )
    assert complaint(marker, Outcome(0, "<!-- Continue at 0:15! -->\nwas: none\n", "listening\n")) is None
    assert "page.md:13: prints:" in (complaint(marker, Outcome(0, "complete\nwas: none\n", "")) or "")


@pytest.mark.parametrize(
    "words",
    [
        "align episode.mp3",
        "align episode.mp3 episode.md --fast",
        "align episode.mp3 episode.md more.md",
        "batch episodes --workers none",
        "aline episode.mp3 episode.md",
        "--verson",
    ],
)
def test_wrong_commands_are_not_understood(words: str) -> None:
    """Refuses an unknown command or option, and an argument that is missing or one too many."""
    with pytest.raises(typer.TyperException):
        parse(words.split())


@pytest.mark.parametrize("words", ["align a b --no-voices", "batch s3://a/b -o c", "voices list", "--version", "store"])
def test_right_commands_are_understood(words: str) -> None:
    """Takes what the command line takes, and runs nothing."""
    parse(words.split())
