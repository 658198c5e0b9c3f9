"""What a recording says of itself."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from pipeline.errors import AudioError


def title_of(path: Path) -> str | None:
    """The title that a recording is tagged with; None where it has none, or where it cannot be opened."""
    from pipeline.listening.audio import decode  # noqa: PLC0415 -- PyAV is loaded when a file is opened

    with suppress(AudioError, ValueError), decode.opened(path) as (container, stream):
        tags = {**stream.metadata, **container.metadata}
        return next((said.strip() for key, said in tags.items() if key.casefold() == "title" and said.strip()), None)
    return None
