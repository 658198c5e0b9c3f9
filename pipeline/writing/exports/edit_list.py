"""Write turns as the markers of a timeline for DaVinci Resolve: an edit decision list (CMX 3600) with its own comments.

Each turn is an event of one frame, and a line below it has the marker: its colour, its text, and how many frames it
lasts. In Resolve, "Timelines > Import > Timeline Markers from EDL" puts them into a timeline of the same frame rate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from pipeline.options import option
from pipeline.times import MS_PER_SECOND, Ms
from pipeline.writing.cues import speaker_lead
from pipeline.writing.line_breaks import line_text
from pipeline.writing.shown_words import ShownTurn

_FRAME_RATES = (23.976, 24.0, 25.0, 29.97, 30.0, 47.952, 48.0, 50.0, 59.94, 60.0)
_SLOWER = Fraction(1_000, 1_001)
"""NTSC's rates are slower than the whole number that their time code counts (SMPTE ST 12-1)."""

_COLOURS = (
    "Blue", "Cyan", "Green", "Yellow", "Red", "Pink", "Purple", "Fuchsia", "Rose", "Lavender", "Sky", "Mint", "Lemon",
    "Sand", "Cocoa", "Cream",
)  # fmt: skip
"""Resolve's colours of markers, one for each speaker; the seventeenth has the first one again."""


@dataclass(frozen=True, slots=True)
class EdlOptions:
    """The timeline that the markers are for (-f edl)."""

    frame_rate: float = option(
        24.0, "The pictures in a second of the timeline: 23.976, 24, 25, 29.97, 30, 47.952, 48, 50, 59.94 or 60."
    )
    start_hour: int = option(1, "The hour of the time code at which the timeline begins: 1 in Resolve, 0 elsewhere.")

    def __post_init__(self) -> None:
        if self.frame_rate not in _FRAME_RATES:
            raise ValueError(f"frame_rate must be one of {', '.join(f'{rate:g}' for rate in _FRAME_RATES)}")
        if not 0 <= self.start_hour <= 23:
            raise ValueError("start_hour must be from 0 to 23")

    @property
    def frames_per_count(self) -> int:
        """How many frames the time code counts in a second."""
        return round(self.frame_rate)

    def frames(self, at: Ms) -> int:
        """Return the number of the frame that is shown at a time."""
        rate = Fraction(self.frames_per_count) * (1 if self.frame_rate.is_integer() else _SLOWER)
        return int(at * rate / MS_PER_SECOND)

    def time_code(self, frame: int) -> str:
        """Return the time code of a frame, of the kind that drops no numbers.

        >>> EdlOptions(25.0).time_code(91)
        '01:00:03:16'
        """
        seconds, frames = divmod(frame, self.frames_per_count)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        return f"{(hours + self.start_hour) % 24:02d}:{minutes:02d}:{seconds:02d}:{frames:02d}"


def render_edl(turns: Iterable[ShownTurn], title: str, options: EdlOptions) -> str:
    """Return a marker for each turn, in order of time; two that begin within one frame are in neighbouring frames."""
    ordered = sorted(turns, key=lambda turn: turn.span)
    return f"TITLE: {title}\nFCM: NON-DROP FRAME\n" + "".join(_events(ordered, options))


def _events(turns: Iterable[ShownTurn], options: EdlOptions) -> Iterator[str]:
    colours: dict[str | None, str] = {}
    free = 0
    for number, turn in enumerate(turns, start=1):
        colour = colours.setdefault(turn.speaker, _COLOURS[len(colours) % len(_COLOURS)])
        frame = max(options.frames(turn.span.start), free)
        free = frame + 1
        times = f"{options.time_code(frame)} {options.time_code(free)}"
        length = max(1, options.frames(turn.span.end) - frame)
        yield f"\n{number:03d}  001      V     C        {times} {times}\n"
        yield f" |C:ResolveColor{colour} |M:{_marker_text(turn)} |D:{length}\n"


def _marker_text(turn: ShownTurn) -> str:
    """Return the name and the text; a bar would end the field."""
    name = speaker_lead(turn.speaker) if turn.speaker else ""
    return (name + line_text(turn.words)).replace("|", "/")
