"""Find where the typing stops from a few short windows of the recording, without listening to all of it."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.options import option


@dataclass(frozen=True, slots=True)
class MarkerOptions:
    """How ``marker`` listens."""

    probe: bool = option(False, "Listen to a few windows only, and to everything where they leave a doubt")  # noqa: FBT003
