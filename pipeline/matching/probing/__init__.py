"""Find where the typing stops, or that it is another episode, from a few short windows of the recording."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.options import option
from pipeline.times import Ms

LEAST_PROBED_MS: Ms = 15 * 60_000
"""A shorter recording is listened to as a whole: that takes little longer."""


@dataclass(frozen=True, slots=True)
class MarkerOptions:
    """How ``marker`` listens."""

    probe: bool = option(
        True,  # noqa: FBT003 -- the default of an option
        "Listen to a few windows of 15 minutes or more, and to everything where they leave a doubt",
    )


@dataclass(frozen=True, slots=True)
class WrongAudioOptions:
    """How another episode's audio is recognised before all of it is listened to."""

    probe: bool = option(
        True,  # noqa: FBT003 -- the default of an option
        "Listen to a few windows of 15 minutes or more first, and stop where these surely are of another episode",
    )
