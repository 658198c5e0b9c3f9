"""The hearing of the example episode by the base model, stored so that tests of the pure packages need no model."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from pipeline.schema import Hearing
from pipeline.times import Span

EXAMPLE = Path(__file__).parents[2] / "examples" / "kettle-and-kernel"
AUDIO = EXAMPLE / "07-the-slow-build.mp3"
TRANSCRIPT = EXAMPLE / "07-the-slow-build.md"
TRUTH: dict[str, Any] = json.loads((EXAMPLE / "07-the-slow-build.truth.json").read_text(encoding="utf-8"))
CLIP = Span(42_300, 80_300)
"""From a sponsor's last word to the end of a turn: three people, 38 seconds."""
HEARING = Path(__file__).with_name("hearing.json")


@lru_cache
def kept_hearing() -> Hearing:
    """Return the stored hearing; ``scripts/keep_hearing.py`` transcribes the episode again and writes it."""
    return msgspec.json.decode(HEARING.read_bytes(), type=Hearing)
