"""Content that makes a folder when it is unpickled without restrictions, to show that nothing here does that."""

from __future__ import annotations

import io
import os
from pathlib import Path

import torch


class Planted:
    """An object whose pickle calls a function."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.trace),)


def saved(content: object) -> bytes:
    """The bytes that PyTorch saves of a value."""
    file = io.BytesIO()
    torch.save(content, file)
    return file.getvalue()
