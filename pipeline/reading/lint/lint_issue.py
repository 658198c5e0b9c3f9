"""A place in a transcript at which something looks wrong, as the finders of slips hand it on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.schema import Chars

SlipKind = Literal[
    "unknown-name",
    "name-variant",
    "unused-panel-name",
    "double-colon",
    "empty-label",
    "possible-label",
    "unclosed",
    "times-out-of-order",
    "other-timestamps",
    "note-unreadable",
    "several-notes",
    "note-in-the-middle",
    "mixed-line-endings",
]


@dataclass(frozen=True, slots=True)
class Spot:
    """What looks wrong at ``chars`` of the source; ``message`` says it in words, without the place."""

    kind: SlipKind
    chars: Chars
    message: str
