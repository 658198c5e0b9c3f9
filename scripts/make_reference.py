"""Write the pages below docs/reference from the code; run it after changing an option, a format, a finding or an error.

    ./.venv/bin/python -m scripts.make_reference

A test compares the committed pages with what this makes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from scripts.reference import (
    commands,
    configuration,
    environment,
    json_schemas,
    outcomes,
    platform_rules,
    python_api,
)
from scripts.reference.markdown import page

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
MAKERS: tuple[Callable[[], dict[str, str]], ...] = (
    commands.pages,
    configuration.pages,
    environment.pages,
    json_schemas.pages,
    outcomes.pages,
    platform_rules.pages,
    python_api.pages,
)
CONTENTS = """\
Everything here is made from the code (`scripts/make_reference.py`), and a test holds that it is current.

- [Commands](commands/index.md): each with its arguments, its options and examples
- [Configuration](configuration.md): every table and key of a configuration file
- [Subtitle presets](subtitle-presets.md): the limits behind `--subtitles`
- [Platform rules](platform-rules.md): what `check --for` holds files against, with sources
- [Environment variables](environment.md)
- [JSON of a result](alignment-json.md) and [of marker](marker-json.md): every field
- [JSON of the other commands](command-json.md): every field
- [Findings](findings.md): what each kind means and what to do
- [Errors](errors.md): what each means and what to do
- [Exit statuses](exit-statuses.md)
- [Python API](python.md)
"""


def pages() -> dict[Path, str]:
    """Return all pages by their paths."""
    made = {"index.md": page("Reference", CONTENTS)}
    for make in MAKERS:
        made |= make()
    return {FOLDER / name: text for name, text in made.items()}


def main() -> None:
    """Write the pages, and remove what no longer is one."""
    made = pages()
    for path in set(FOLDER.rglob("*.md")) - made.keys():
        path.unlink()
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    print(f"{FOLDER}: {len(made)} pages")


if __name__ == "__main__":
    main()
