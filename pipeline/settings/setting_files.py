"""Which files options are read from: what ``--config`` names, and the show's own settings.

It imports none of the options, so that a command can tell without them whether anything has changed (see
``console.unchanged_run``).
"""

from __future__ import annotations

import os
from pathlib import Path

SHOW_FILE = "cuemark.toml"
"""The file name of a show's own settings."""


def setting_files(given: Path | str | None, transcript: Path | None) -> tuple[Path, ...]:
    """Return the files that options come from, lowest precedence first; a file or preset may be missing.

    Args:
        given: the value of ``--config``: a file, or the name of a preset.
        transcript: next to which the show's own settings may be; None for no search.
    """
    show = show_file(transcript) if transcript else None
    named = (named_file(given) or presets().get(str(given))) if given else None
    return tuple(file for file in (show, named) if file)


def named_file(given: Path | str) -> Path | None:
    """Return the file that ``--config`` names: a ``Path``, or a text with a dot or a separator; None for a preset."""
    return Path(given) if isinstance(given, Path) or any(mark in given for mark in {".", "/", os.sep}) else None


def presets() -> dict[str, Path]:
    """Return the shipped files by name: from the package, or from the checkout if it runs there."""
    package = Path(__file__).parents[1]
    folder = next(place for place in (package / "configs", package.parent / "configs") if place.is_dir())
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def show_file(transcript: Path) -> Path | None:
    """Return the show's own settings for a transcript: the nearest ``cuemark.toml``, or None.

    The search covers the transcript's folder and, inside a Git repository, its parents up to the repository's root. It
    goes no higher, because those folders may belong to other people.
    """
    folder = Path(os.path.realpath(transcript.parent))
    above = (folder, *folder.parents)
    top = next((place for place in above if os.access(place / ".git", os.F_OK)), folder)
    files = (place / SHOW_FILE for place in above[: above.index(top) + 1])
    return next((file for file in files if os.path.isfile(file)), None)  # noqa: PTH113 -- Path's own may raise
