"""Metadata tags of a recording."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from pipeline.errors import AudioError


def title_of(path: Path) -> str | None:
    """Return the title in a recording's tags; None if it has none or cannot be opened."""
    from pipeline.listening.audio import container as containers  # noqa: PLC0415 -- PyAV is loaded when a file is opened

    with suppress(AudioError, ValueError), containers.opened(path) as (container, stream):
        tags = {**stream.metadata, **container.metadata}
        return next((text.strip() for key, text in tags.items() if key.casefold() == "title" and text.strip()), None)
    return None
