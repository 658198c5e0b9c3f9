"""The page of the Python API: mkdocstrings fills in each public name from its docstring and its annotations."""

from __future__ import annotations

import inspect

import pipeline
from scripts.reference.markdown import page


def pages() -> dict[str, str]:
    """Return the page by its path below docs/reference."""
    values = {name: getattr(pipeline, name) for name in sorted(pipeline.__all__)}
    functions = [name for name, value in values.items() if inspect.isfunction(value)]
    errors = [name for name, value in values.items() if inspect.isclass(value) and issubclass(value, Exception)]
    classes = [name for name, value in values.items() if inspect.isclass(value) and name not in errors]
    rest = [name for name in values if name not in {*functions, *errors, *classes}]
    return {
        "python.md": page(
            "Python API",
            "`import pipeline` has these names. The command line calls nothing else. "
            "[Call it from Python](../how-to/python.md) has examples.",
            *_section("Functions", functions),
            *_section("Classes", classes),
            *_section("Errors", errors),
            "The classes of errors are on the page [Errors](errors.md).",
            *_section("Values", rest),
        )
    }


def _section(heading: str, names: list[str]) -> list[str]:
    return [f"## {heading}", *(f"::: pipeline.{name}" for name in names)]
