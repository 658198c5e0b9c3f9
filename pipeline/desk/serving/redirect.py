"""How the browser gets to the page: a private file that leads to the address; no list of processes shows its token."""

from __future__ import annotations

import html
import os
import sys
from pathlib import Path

from pipeline.desk.safekeeping.document_place import DocumentPlace
from pipeline.errors import DeskError
from pipeline.io.atomic import write_below


def write_redirect(place: DocumentPlace, address: str) -> Path:
    """Write the file that leads the browser to an address, which its owner alone can read; returns its path.

    A browser is given this file, because what it is given can be seen in the list of processes, by everybody.

    Raises:
        DeskError: it cannot be written.
    """
    there = html.escape(address)
    text = (
        '<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>cuemark desk</title>'
        f'<meta http-equiv="refresh" content="0;url={there}"><p><a href="{there}">Open the desk</a></p>\n'
    )
    try:
        write_below(place.folder, place.redirect.name, text.encode(), mode=0o600, folder_mode=0o700)
    except OSError as e:
        raise DeskError(str(place.redirect), f"cannot be written ({e.strerror})") from e
    return place.redirect


def has_display() -> bool:
    """Return whether there is a screen: without one, a browser in this terminal would take it over."""
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
