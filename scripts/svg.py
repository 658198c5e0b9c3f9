"""A small SVG writer for the pictures of the documentation: fixed fonts, no external references, stable output."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

SANS = "-apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif"
MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', 'DejaVu Sans Mono', monospace"
MONO_ADVANCE = 0.6
"""The width of a character of a monospaced font, as a share of its size."""

Value = str | int | float


class Drawing:
    """An SVG document that grows by one element a line.

    Give it a background of its own, so that it reads the same on a light and a dark page. ``title`` and ``description``
    are what a screen reader says.
    """

    def __init__(self, width: int, height: int, title: str, description: str) -> None:
        size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        self._lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title desc"',
            f' font-family="{SANS}">',
            f'<title id="title">{escape(title)}</title>',
            f'<desc id="desc">{escape(description)}</desc>',
        ]

    def raw(self, text: str) -> None:
        """Add an element as it is written."""
        self._lines.append(text)

    def add(self, name: str, content: str | None = None, **attributes: Value) -> None:
        """Add an element; ``_`` in the name of an attribute becomes ``-``."""
        given = "".join(
            f" {key.strip('_').replace('_', '-')}={quoteattr(number(one))}" for key, one in attributes.items()
        )
        self._lines.append(f"<{name}{given}/>" if content is None else f"<{name}{given}>{escape(content)}</{name}>")

    def mono(self, x: float, y: float, text: str, size: float, **attributes: Value) -> None:
        """Add monospaced text with the width of its characters, whichever font is installed."""
        if text.strip():
            width = round(len(text) * size * MONO_ADVANCE, 1)
            style: dict[str, Value] = {
                "font_family": MONO,
                "font_size": size,
                "textLength": width,
                "xml:space": "preserve",
            }
            self.add("text", text, x=x, y=y, **style, lengthAdjust="spacingAndGlyphs", **attributes)

    def text(self) -> str:
        """Return the whole document."""
        return "\n".join([*self._lines, "</svg>", ""])


def number(value: Value) -> str:
    """Format a number with one decimal at most.

    >>> number(2.50), number(3.0), number(1 / 3), number("red")
    ('2.5', '3', '0.3', 'red')
    """
    return f"{round(value, 1):g}" if isinstance(value, float) else str(value)
