"""Draw docs/media/figures.svg, the chart of README, from docs/media/figures.toml.

    ./.venv/bin/python scripts/make_figures_chart.py [FOLDER]

A small chart for each figure: cuemark's bar and those of what people would use instead. Where cuemark is not ahead, the
chart says so; that follows from the values.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.svg import Drawing

MEDIA = Path(__file__).parents[1] / "docs" / "media"
FIGURES, NAME = "figures.toml", "figures.svg"

US = "cuemark"
COLUMNS, WIDTH, MARGIN = 2, 900, 24
BAR, ROW, HEAD, FOOT = 13, 21, 30, 50
NAMES, VALUES = 178, 64
"""The widths in pixels of the names left of the bars and of the values right of them."""

INK, GREY, PAPER, RULE = "#1f2328", "#57606a", "#fffdf8", "#d0d7de"
OURS, OTHERS, BEHIND = "#0072b2", "#aab4bf", "#9a3412"


@dataclass(frozen=True, slots=True)
class Figure:
    """One comparison; ``values`` are in ``unit``, and ``better`` is "less" or "more"."""

    title: str
    unit: str
    better: str
    on: str
    source: str
    values: dict[str, float]

    @property
    def ahead(self) -> bool:
        """Whether no other tool is better than cuemark."""
        best = (min if self.better == "less" else max)(self.values.values())
        return self.values[US] == best


def main() -> int:
    """Draw the chart."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=MEDIA, help="where it is written")
    path = parser.parse_args().folder / NAME
    path.write_text(drawn(tomllib.loads((MEDIA / FIGURES).read_text(encoding="utf-8"))), encoding="utf-8")
    print(path.name)
    return 0


def drawn(data: dict[str, Any]) -> str:
    """Return the chart as SVG, from the content of figures.toml."""
    figures = [Figure(**one) for one in data["figure"]]
    rows = [figures[at : at + COLUMNS] for at in range(0, len(figures), COLUMNS)]
    heights = [HEAD + ROW * max(len(one.values) for one in row) + FOOT for row in rows]
    height = 16 + sum(heights) + 26
    drawing = Drawing(WIDTH, height, "cuemark and what people would use instead", described(figures, data))
    drawing.add("rect", x=0.5, y=0.5, width=WIDTH - 1, height=height - 1, rx=10, fill=PAPER, stroke=RULE)
    top = 16
    for row, tall in zip(rows, heights, strict=True):
        for column, figure in enumerate(row):
            draw_figure(drawing, figure, MARGIN + column * (WIDTH - MARGIN) // COLUMNS, top)
        top += tall
    measured = f"Measured {data['date']} on {data['machine']}. Sources: docs/media/{FIGURES}"
    drawing.add("text", measured, x=MARGIN, y=height - 16, font_size=11, fill=GREY)
    return drawing.text()


def described(figures: list[Figure], data: dict[str, Any]) -> str:
    """Describe the chart in words."""
    said = "; ".join(
        f"{one.title} ({one.on}): {', '.join(f'{name} {shown(value, one)}' for name, value in one.values.items())}"
        for one in figures
    )
    return f"Made by scripts/make_figures_chart.py. Measured {data['date']} on {data['machine']}. {said}."


def draw_figure(drawing: Drawing, figure: Figure, left: int, top: int) -> None:
    """Draw one comparison."""
    width = (WIDTH - MARGIN) // COLUMNS - MARGIN
    longest = width - NAMES - VALUES
    most = max(figure.values.values())
    drawing.add("text", figure.title, x=left, y=top + 17, font_size=14, font_weight=600, fill=INK)
    for row, (name, value) in enumerate(figure.values.items()):
        y = top + HEAD + row * ROW
        ours = {"font_weight": 700 if name == US else 400, "font_size": 12, "fill": INK}
        long = max(2.0, longest * value / most)
        drawing.add("text", name, x=left + NAMES - 8, y=y + 11, text_anchor="end", **ours)
        drawing.add("rect", x=left + NAMES, y=y, width=long, height=BAR, rx=2, fill=OURS if name == US else OTHERS)
        drawing.add("text", shown(value, figure), x=left + NAMES + long + 6, y=y + 11, **ours)
    foot = top + HEAD + len(figure.values) * ROW + 9
    drawing.add("text", figure.on, x=left, y=foot, font_size=11, fill=GREY)
    drawing.add("text", verdict(figure), x=left, y=foot + 15, font_size=11, fill=GREY if figure.ahead else BEHIND)


def verdict(figure: Figure) -> str:
    """Say which bars are better, and whether cuemark is behind."""
    better = "Shorter is better" if figure.better == "less" else "Longer is better"
    return better if figure.ahead else f"{better}: cuemark is not ahead here"


def shown(value: float, figure: Figure) -> str:
    """Format a value with its unit.

    >>> figure = Figure("", "s", "less", "", "", {})
    >>> shown(1.1, figure)
    '1.10 s'
    """
    return f"{value:.2f} s" if figure.unit == "s" else f"{value:g} {figure.unit}"


if __name__ == "__main__":
    sys.exit(main())
