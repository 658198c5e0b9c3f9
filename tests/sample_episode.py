"""A sample episode of three passages, of which two are typed, and what a command prints."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from tests.factories import heard, hearing

ROOT = Path(__file__).parent.parent
ANN = "Welcome to the garden show, today we talk about old apple trees and how to save them."
BOB = "Thank you Ann, I brought three apples from a tree that my grandmother planted ninety years ago."
REST = "and here is what nobody has typed so far because it is late"
SHOW = f"""\
The Garden Show
===============

Panel:

* Ann Lee
* Bob Ray

## Start

**Ann Lee**: {ANN}

**Bob Ray**: {BOB}

<!-- Continue at 0:05! -->
"""
TIMED = (
    SHOW.replace("**Ann Lee**", "0:01 - **Ann Lee**")
    .replace("**Bob Ray**", "0:08 - **Bob Ray**")
    .replace("0:05!", "0:15!")
)
NOTE_MOVED = SHOW.replace("0:05!", "0:15!")
HEARD = hearing(heard(ANN, 1_000, 7_000), heard(BOB, 8_000, 15_200), heard(REST, 16_000, 20_000), duration=21_000)
TO_THE_END = hearing(heard(ANN, 1_000, 7_000), heard(BOB, 8_000, 15_200), duration=16_000)
ELSEWHERE = hearing(
    heard("nothing of all this has ever been said in any garden of the whole wide world " * 4, 0, 20_000)
)
LISTENED = "loading the model base (cache)\nlistening (0:20)\n"
FORCED = "scoring the sounds\ntiming words\n"
SEPARATED = "loading the models that separate speakers (cache)\n"
STORED = "listening: heard before, taken from the store\n"
FOUND = dedent(
    """\
    found: 100% of the written words
    to look at: 1 thing
      0:16 untranscribed: 13 words from 0:16 to 0:20 are not in the transcript
    """
)
MOVED = "note: <!-- Continue at 0:05! --> -> <!-- Continue at 0:15! -->\n"


@dataclass(frozen=True)
class Outcome:
    """What one command left on the screen."""

    status: int
    out: str
    err: str


Command = Callable[..., Outcome]


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones too."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def python(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program that may import the project, to its end."""
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], env=environment(), capture_output=True, text=True, check=False
    )


def full_disk() -> int:
    """A descriptor to which nothing can be written: as on a full disk, or, where that cannot be had, a closed one."""
    full = Path("/dev/full")  # Linux alone has it
    return os.open(full, os.O_WRONLY) if full.exists() else os.open(os.devnull, os.O_RDONLY)


def environment() -> dict[str, str]:
    """The test's own, with the project to import from."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}
