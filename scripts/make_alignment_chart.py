"""Draw docs/media/alignment-cost.svg, how the cost of the alignment grows, from docs/media/alignment_cost.toml.

    ./.venv/bin/python scripts/make_alignment_chart.py [FOLDER]

A line for each case: processor time over the words of either text.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scripts.svg import Drawing

MEDIA = Path(__file__).parents[1] / "docs" / "media"
FIGURES, NAME = "alignment_cost.toml", "alignment-cost.svg"

WIDTH, HEIGHT = 720, 416
LEFT, RIGHT, TOP, BOTTOM = 56, 170, 54, 92
"""The widths in pixels of the margins around the plot; the names of the lines are right of it."""

WORDS_BETWEEN_MARKS, SECONDS_BETWEEN_MARKS = 10_000, 2
LEAST_BETWEEN_NAMES = 16

INK, GREY, PAPER, RULE = "#1f2328", "#57606a", "#fffdf8", "#d0d7de"
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#7a5c00")
"""Those of Okabe and Ito, which people without full colour vision distinguish, the last one darker."""

Rows = Sequence[tuple[int, float, float]]
"""Words, seconds and megabytes."""


def main() -> int:
    """Draw the chart."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=MEDIA, help="where it is written")
    path = parser.parse_args().folder / NAME
    path.write_text(drawn(tomllib.loads((MEDIA / FIGURES).read_text(encoding="utf-8"))), encoding="utf-8")
    print(path.name)
    return 0


def drawn(data: dict[str, Any]) -> str:
    """Return the chart as SVG, from the content of alignment_cost.toml."""
    cases: dict[str, Rows] = data["cases"]
    most_words = max(words for rows in cases.values() for words, _, _ in rows)
    most_seconds = max(seconds for rows in cases.values() for _, seconds, _ in rows)
    drawing = Drawing(WIDTH, HEIGHT, "The cost of the alignment by the length of the texts", described(data))
    drawing.add("rect", x=0.5, y=0.5, width=WIDTH - 1, height=HEIGHT - 1, rx=10, fill=PAPER, stroke=RULE)
    title = "Processor time of the alignment in s, by the words of either text"
    drawing.add("text", title, x=LEFT - 32, y=30, font_size=14, font_weight=600, fill=INK)
    draw_axes(drawing, most_words, most_seconds)
    names: list[tuple[float, str, str]] = []
    for (name, rows), colour in zip(cases.items(), COLOURS, strict=True):
        points = [(across(words, most_words), up(seconds, most_seconds)) for words, seconds, _ in rows]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        drawing.add("polyline", points=line, fill="none", stroke=colour, stroke_width=2)
        for x, y in points:
            drawing.add("circle", cx=x, cy=y, r=2.5, fill=colour)
        names.append((points[-1][1], name, colour))
    draw_names(drawing, names)
    feet = (
        "large passages: nothing in common, between anchors, each just small enough to be compared word by word",
        f"Measured {data['date']} on {data['machine']}.",
        f"Source: docs/media/{FIGURES}",
    )
    for number, foot in enumerate(feet):
        drawing.add("text", foot, x=LEFT - 32, y=HEIGHT - 48 + 16 * number, font_size=11, fill=GREY)
    return drawing.text()


def draw_axes(drawing: Drawing, most_words: int, most_seconds: float) -> None:
    """Draw the marks of both axes, with their numbers."""
    for seconds in range(0, int(most_seconds) + 1, SECONDS_BETWEEN_MARKS):
        y = up(seconds, most_seconds)
        drawing.add("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, stroke=RULE)
        drawing.add("text", f"{seconds} s", x=LEFT - 8, y=y + 4, font_size=11, text_anchor="end", fill=GREY)
    for words in range(0, most_words + 1, WORDS_BETWEEN_MARKS):
        x = across(words, most_words)
        drawing.add("text", f"{words:,}", x=x, y=HEIGHT - BOTTOM + 18, font_size=11, text_anchor="middle", fill=GREY)


def draw_names(drawing: Drawing, names: Sequence[tuple[float, str, str]]) -> None:
    """Write each name beside the end of its line, and none over another."""
    lowest = float(HEIGHT - BOTTOM + LEAST_BETWEEN_NAMES)
    for y, name, colour in sorted(names, reverse=True):
        lowest = min(y, lowest - LEAST_BETWEEN_NAMES)
        drawing.add("text", name, x=WIDTH - RIGHT + 10, y=lowest + 4, font_size=12, font_weight=600, fill=colour)


def across(words: float, most: float) -> float:
    """Return the x of a number of words."""
    return LEFT + (WIDTH - LEFT - RIGHT) * words / most


def up(seconds: float, most: float) -> float:
    """Return the y of a time."""
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * seconds / most


def described(data: dict[str, Any]) -> str:
    """Describe the chart in words."""
    said = "; ".join(
        f"{name}: {', '.join(f'{words:,} words {seconds:g} s' for words, seconds, _ in rows)}"
        for name, rows in data["cases"].items()
    )
    return f"Made by scripts/make_alignment_chart.py. Measured {data['date']} on {data['machine']}. {said}."


if __name__ == "__main__":
    sys.exit(main())
