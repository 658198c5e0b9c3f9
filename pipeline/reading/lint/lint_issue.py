"""An issue that lint finds in a transcript, as a range of the source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.schema import Chars

IssueKind = Literal[
    "unknown-name",
    "name-variant",
    "unused-panel-name",
    "double-colon",
    "empty-label",
    "possible-label",
    "no-labels",
    "hidden-labels",
    "leading-times",
    "times-start-again",
    "unclosed",
    "times-out-of-order",
    "other-timestamps",
    "note-unreadable",
    "several-notes",
    "note-in-the-middle",
    "mixed-line-endings",
]


@dataclass(frozen=True, slots=True)
class SourceIssue:
    """An issue at ``chars`` of the source; ``message`` describes it without the place."""

    kind: IssueKind
    chars: Chars
    message: str
