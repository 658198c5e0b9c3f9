"""cuemark: every word of a podcast's human transcript, found in its audio.

Importing this loads nothing else; what is asked for is loaded then.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.config import Config
    from pipeline.episode import Job, align, mark, real_ears
    from pipeline.store import Store

__all__ = ["Config", "Job", "Store", "__version__", "align", "mark", "real_ears"]

_HOMES = {
    "Config": "config",
    "Job": "episode",
    "Store": "store",
    "align": "episode",
    "mark": "episode",
    "real_ears": "episode",
}

__version__: str


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 -- loads nothing until asked

    try:
        return version("cuemark")
    except PackageNotFoundError:  # a folder of sources, not installed
        return "unknown"


def __getattr__(name: str) -> object:
    if name == "__version__":
        return _version()
    if name in _HOMES:
        return getattr(importlib.import_module(f"pipeline.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
