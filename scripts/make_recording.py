"""Record ``cuemark align`` and ``cuemark finish`` on the example: docs/media/align.svg and docs/media/finish.svg.

    ./.venv/bin/python scripts/make_recording.py [FOLDER]

The real command line runs on a terminal in memory, with the kept results of a real run in place of the models
(``tests/media/kept_run.py``): everything that is printed is what today's code prints. Two things are changed: the
temporary folder is shown as ``~/kettle-and-kernel``, and in the animation waiting takes no time.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from html import escape, unescape
from itertools import groupby
from pathlib import Path
from unittest.mock import patch

import pyte
from pyte.screens import Char
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from pipeline.cli import main as cuemark
from scripts.svg import MONO, SANS
from tests.episodes.kept_hearing import AUDIO, TRANSCRIPT
from tests.media.kept_run import engines, kept_run

MEDIA = Path(__file__).parents[1] / "docs" / "media"
COLUMNS, ROWS = 96, 60
SHOWN_FOLDER = "~/kettle-and-kernel"
PROMPT = "$ "
BAR = "━"

BAR_S, LINE_S, PAUSE_S = 0.7, 0.06, 0.5
"""Seconds that a progress bar, a line and the time after a command take in the animation."""

BACKGROUND, FOREGROUND = (13, 17, 23), (230, 237, 243)
ANSI = [
    *((72, 79, 88), (255, 123, 114), (63, 185, 80), (210, 153, 34)),
    *((88, 166, 255), (188, 140, 255), (57, 197, 207), (177, 186, 196)),
]
"""Black, red, green, yellow, blue, magenta, cyan and white, each with a contrast of 4.5 and more but for black."""

THEME = TerminalTheme(BACKGROUND, FOREGROUND, ANSI)

SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-labelledby="title desc">
<title id="title">@TITLE@</title>
<desc id="desc">@DESCRIPTION@</desc>
<style>
.{unique_id}-matrix {{ font: {char_height}px @MONO@; }}
.{unique_id}-title {{ font: bold 16px @SANS@; }}
{styles}
@keyframes show {{ from {{ opacity: 0; }} }}
@keyframes fill {{ from {{ clip-path: inset(0 100% 0 0); }} to {{ clip-path: inset(0 0 0 0); }} }}
.{unique_id}-matrix text {{ animation: show 1ms both; }}
.{unique_id}-matrix text.bar {{ animation: fill 700ms linear both; }}
@media print, (prefers-reduced-motion: reduce) {{ .{unique_id}-matrix text {{ animation: none; }} }}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix" xml:space="preserve">
{matrix}
</g>
</g>
</svg>
"""

TEXT = re.compile(r'<text class="(?P<class>[^"]+)"(?P<rest>[^>]*-line-(?P<row>\d+)\)")>(?P<content>[^<]*)</text>')


@dataclass(frozen=True, slots=True)
class Recording:
    """The commands of one picture, in order."""

    name: str
    commands: tuple[str, ...]

    @property
    def title(self) -> str:
        """The title of the terminal's window."""
        return f"cuemark {self.name}"


FILES = f"{AUDIO.name} {TRANSCRIPT.name}"
RECORDINGS = (
    Recording("align", (f"cuemark align {FILES}", f"tail -n 5 {TRANSCRIPT.stem}.timed.md")),
    Recording("finish", (f"cuemark finish {FILES} -f md", f"grep -A 12 Drafted {TRANSCRIPT.stem}.finished.md")),
)


class Output(io.StringIO):
    """A terminal that keeps what is written to it."""

    def isatty(self) -> bool:
        """Report a terminal, so that the command draws progress bars."""
        return True


def main() -> int:
    """Record both commands."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=MEDIA, help="where they are written")
    folder = parser.parse_args().folder.resolve()
    for recording, svg in zip(RECORDINGS, recorded(), strict=True):
        (folder / f"{recording.name}.svg").write_text(svg, encoding="utf-8")
        print(f"{recording.name}.svg")
    return 0


def recorded() -> Iterator[str]:
    """Yield the recordings as SVG, made one after the other in the same folder."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary).resolve()
        for path in (AUDIO, TRANSCRIPT):
            shutil.copy(path, folder)
        with chdir(folder), patch.dict(os.environ, environment(folder), clear=True):
            for recording in RECORDINGS:
                shown = "".join(f"\x1b[1m{PROMPT}{line}\x1b[0m\n{run(line)}" for line in recording.commands)
                yield svg_of(recording, screen_rows(shown.replace(str(folder), SHOWN_FOLDER)))


def environment(folder: Path) -> Mapping[str, str]:
    """Return the environment of the commands: a terminal with colours, a store in the temporary folder."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "COLUMNS": str(COLUMNS),
        "LINES": str(ROWS),
        "CUEMARK_STORE": str(folder / ".store"),
    }


def run(line: str) -> str:
    """Return what a line prints: cuemark's own commands run in this process, others in a shell."""
    if not line.startswith("cuemark "):
        return subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True).stdout  # noqa: S607 -- a line from this file
    written = Output()
    with redirect_stdout(written), redirect_stderr(written):
        status = cuemark(line.split()[1:], engines(kept_run()))
    if status:
        raise SystemExit(f"{line}: status {status}\n{written.getvalue()}")
    return written.getvalue()


def screen_rows(shown: str) -> list[Text]:
    """Return the rows of a terminal after ``shown`` was written to it, without the empty ones at its end."""
    screen = pyte.Screen(COLUMNS, ROWS)
    pyte.Stream(screen).feed(shown.replace("\n", "\r\n"))  # as terminals are set up: a new line is also a return
    rows = [text_of([screen.buffer[row][column] for column in range(COLUMNS)]) for row in range(ROWS)]
    if screen.cursor.y == ROWS - 1:
        raise SystemExit(f"{ROWS} rows are not enough")
    return rows[: screen.cursor.y]


def text_of(row: Sequence[Char]) -> Text:
    """Return a row of the terminal with its styles."""
    line = Text()
    for looks, group in groupby(row, key=style_of):
        line.append("".join(one.data for one in group), looks)
    line.rstrip()
    return line


def style_of(char: Char) -> Style:
    """Return the style of a character."""
    colour = None if char.fg == "default" else f"#{char.fg}" if re.fullmatch("[0-9a-f]{6}", char.fg) else char.fg
    return Style(color=colour, bold=char.bold, italic=char.italics)


def svg_of(recording: Recording, rows: Sequence[Text]) -> str:
    """Return the rows as an SVG that shows them one after the other, by rich's own export."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), color_system="truecolor", force_terminal=True)
    for row in rows:
        console.print(row, soft_wrap=True)
    svg = console.export_svg(title=recording.title, theme=THEME, code_format=SVG, unique_id=recording.name)
    words = {
        "TITLE": escape(recording.title),
        "DESCRIPTION": escape(description(recording)),
        "MONO": MONO,
        "SANS": SANS,
    }
    for name, text in words.items():
        svg = svg.replace(f"@{name}@", text)
    delays = list(delays_of([row.plain for row in rows]))

    def timed(found: re.Match[str]) -> str:
        row, content = int(found["row"]), found["content"]
        bar = BAR in content
        late = BAR_S if BAR in rows[row].plain and not bar and not rows[row].plain.startswith(plain(content)) else 0.0
        looks = f"{found['class']} bar" if bar else found["class"]
        return (
            f'<text class="{looks}" style="animation-delay:{delays[row] + late:.2f}s"{found["rest"]}>{content}</text>'
        )

    return "".join(f"{line.strip()}\n" for line in TEXT.sub(timed, svg).splitlines() if line.strip())


def description(recording: Recording) -> str:
    """Describe how the recording was made."""
    return (
        f"Made by scripts/make_recording.py: what {' and '.join(recording.commands)} print on the example episode, with"
        " what Whisper base and the speaker model gave in a real run. Waiting times are left out."
    )


def plain(content: str) -> str:
    """Return the text of XML content, with plain spaces."""
    return unescape(content).replace("\xa0", " ")


def delays_of(rows: Sequence[str]) -> Iterator[float]:
    """Yield the time at which each row appears, in seconds."""
    at = 0.3
    for row in rows:
        at += PAUSE_S if row.startswith(PROMPT) else 0
        yield at
        at += PAUSE_S if row.startswith(PROMPT) else BAR_S if BAR in row else LINE_S


if __name__ == "__main__":
    sys.exit(main())
