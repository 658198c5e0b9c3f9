"""Subtitles from the text of their lines."""

from __future__ import annotations

from itertools import accumulate

from pipeline.times import Span
from pipeline.writing.cues import Cue
from pipeline.writing.shown_words import ShownWord


def cue_of(span: Span, lines: tuple[str, ...], speaker: str | None, *, speaker_changes: bool) -> Cue:
    """A cue whose words share its time evenly; a word is what is between two spaces."""
    texts = [line.split(" ") for line in lines]
    starts = list(accumulate((len(line) for line in texts), initial=0))
    width = span.duration / starts[-1]
    rows = tuple(
        tuple(
            ShownWord(text, Span(span.start + round(k * width), span.start + round((k + 1) * width)), "space")
            for k, text in enumerate(line, start=start)
        )
        for line, start in zip(texts, starts, strict=False)
    )
    return Cue(span, rows, speaker, speaker_changes)
