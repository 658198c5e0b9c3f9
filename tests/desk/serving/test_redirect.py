"""The file that leads the browser to the page."""

from __future__ import annotations

import stat
from pathlib import Path

from pipeline.desk.safekeeping.document_place import DocumentPlace
from pipeline.desk.serving.redirect import write_redirect


def test_the_redirect_is_markup_of_ours_alone(tmp_path: Path) -> None:
    """The address is escaped; the file is private and sends no referrer."""
    place = DocumentPlace.of(tmp_path, Path("show.md"))

    path = write_redirect(place, 'http://127.0.0.1:1/#token="><script>')

    text = path.read_text()
    assert "<script" not in text
    assert 'content="no-referrer"' in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
