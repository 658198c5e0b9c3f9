"""Write the formats whose fields are separated by tabs: openai-whisper's TSV, Audacity's labels, NVivo's rows.

A text is on one line and has no tab (see ``clean_text``), so no field needs quotes, which none of the readers knows.
"""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.times import MS_PER_SECOND, ClockStyle, Ms, Span, format_clock
from pipeline.writing.cues import Cue, speaker_lead
from pipeline.writing.line_breaks import line_text
from pipeline.writing.shown_words import ShownTurn

_NVIVO_CLOCK = ClockStyle(hours="always", width=2, decimals=1)
_NVIVO_HEADER = ("Timespan", "Speaker", "Content")


def render_tsv(cues: Iterable[Cue]) -> str:
    """Return cues as the TSV of openai-whisper: a header, then start and end in ms and the text of each."""
    rows = (f"{cue.spoken.start}\t{cue.spoken.end}\t{line_text(cue.words)}\n" for cue in cues)
    return "start\tend\ttext\n" + "".join(rows)


def render_audacity(cues: Iterable[Cue]) -> str:
    """Return cues as a label track of Audacity: start and end in seconds with six decimals, and one line of text.

    The speaker's name precedes the text where the speaker changes (Audacity Manual, "Importing and Exporting Labels").
    """
    return "".join(
        f"{_seconds(cue.spoken.start)}\t{_seconds(cue.spoken.end)}\t{_named(cue)}{line_text(cue.words)}\n"
        for cue in cues
    )


def render_nvivo(turns: Iterable[ShownTurn]) -> str:
    """Return turns as rows that NVivo maps to its fields Timespan, Speaker and Content.

    All lines have the same number of tabs, and times have tenths of a second, the finest that NVivo has (NVivo Help,
    "Import transcripts", section "Prepare text files for import").
    """
    rows = ((_timespan(turn.span), turn.speaker or "", line_text(turn.words)) for turn in turns)
    return "".join("\t".join(row) + "\n" for row in (_NVIVO_HEADER, *rows))


def _named(cue: Cue) -> str:
    return speaker_lead(cue.speaker) if cue.speaker and cue.speaker_changes else ""


def _seconds(at: Ms) -> str:
    return f"{at / MS_PER_SECOND:.6f}"


def _timespan(span: Span) -> str:
    """Return a span with a hyphen between its ends.

    >>> _timespan(Span(3_661_250, 3_665_000))
    '01:01:01.2-01:01:05.0'
    """
    return f"{format_clock(span.start, _NVIVO_CLOCK)}-{format_clock(span.end, _NVIVO_CLOCK)}"
