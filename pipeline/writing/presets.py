"""The limits of subtitles: those that platforms and broadcasters publish, and those of languages, in two tables.

All widths and speeds count columns (see ``line_breaks.display_width``), in which a full-width letter takes two. The
published guides count one full-width letter as one character and a Latin letter as half of one, so their numbers are
doubled here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from pipeline.times import MS_PER_SECOND, Ms

FormatName = Literal["srt", "vtt"]


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one file's subtitles: columns in a line, lines, times in ms, columns to read in a second."""

    width: int
    count: int
    min_duration: Ms
    max_duration: Ms
    gap: Ms
    max_hold: Ms
    columns_per_second: float

    @property
    def ms_per_column(self) -> float:
        """The time in ms to read a column."""
        return MS_PER_SECOND / self.columns_per_second

    def out_time(self, start: Ms, end: Ms, length: int) -> Ms:
        """Return the end of a cue if no other followed: that of its last word, or as soon after as it is seen and read.

        Args:
            start: the start of the cue in ms; ``end``: the end of its last word.
            length: the columns to read.
        """
        read = min(start + round(length * self.ms_per_column), end + self.max_hold)
        return min(max(end, read, start + self.min_duration), start + self.max_duration)


_DEFAULT = Limits(42, 2, min_duration=1_000, max_duration=7_000, gap=83, max_hold=500, columns_per_second=20.0)

PRESETS: dict[str, dict[FormatName, Limits]] = {
    "default": {"srt": _DEFAULT, "vtt": _DEFAULT},
    # Podcasting 2.0, transcripts.md: SRT has two lines of 32 characters at most, WebVTT lines of 65
    "podcast": {"srt": replace(_DEFAULT, width=32), "vtt": replace(_DEFAULT, width=65)},
    # BBC Subtitle Guidelines: 37 columns of teletext, two lines, 160 to 180 words a minute, which at six
    # characters a word, its space included, are 18 a second; the gap is two pictures at 25 a second
    "broadcast": dict.fromkeys(("srt", "vtt"), replace(_DEFAULT, width=37, gap=80, columns_per_second=18.0)),
    # Netflix Timed Text Style Guide: 42 characters, two lines, 5/6 s to 7 s, 20 characters a second,
    # two pictures between (at 24 a second)
    "video": dict.fromkeys(("srt", "vtt"), replace(_DEFAULT, min_duration=834, gap=84)),
    # TED Translators' cheat sheet: 42 characters, two lines, 1 s to 7 s, 21 characters a second
    "ted": dict.fromkeys(("srt", "vtt"), replace(_DEFAULT, columns_per_second=21.0)),
}
"""The limits by the preset's name and by the format."""

_LANGUAGES: dict[str, tuple[int, float]] = {
    "zh": (32, 18.0),
    "yue": (32, 18.0),
    "ja": (26, 8.0),
    "ko": (32, 24.0),
    "th": (35, 17.0),
    "ar": (42, 20.0),
    "he": (42, 20.0),
}
"""Columns in a line and columns a second: the language parts of Netflix's guide, for the languages that differ from
English or have another script."""


def limits_of(preset: str, form: FormatName, language: str) -> Limits:
    """Return the limits of a preset in a language: the smaller one of the preset's and the language's.

    >>> limits_of("podcast", "vtt", "ja").width, limits_of("podcast", "vtt", "en").width
    (26, 65)
    """
    limits = PRESETS[preset][form]
    width, per_second = _LANGUAGES.get(language.partition("-")[0], (limits.width, limits.columns_per_second))
    return replace(
        limits, width=min(width, limits.width), columns_per_second=min(per_second, limits.columns_per_second)
    )
