"""Short views of a transcript, for comparisons with expected values."""

from __future__ import annotations

from textwrap import dedent

from pipeline.reading.transcript import parse
from pipeline.schema import Transcript


def read(text: str) -> Transcript:
    """Parse an indented sample."""
    return parse(dedent(text).lstrip("\n"))


def turns(text: str) -> list[tuple[str | None, str]]:
    """Return the speaker and the rendered text of each utterance."""
    transcript = read(text)
    return [(u.speaker, " ".join(transcript.words[i].shown for i in u.words)) for u in transcript.utterances]


def kinds(text: str) -> list[tuple[str, str]]:
    """Return each word as rendered, and its kind."""
    return [(word.shown, word.kind) for word in read(text).words]


def typed(text: str) -> list[tuple[str, str, bool]]:
    """Return each claim: its digits, the word that it is about, and whether it heads an utterance."""
    transcript = read(text)
    return [
        (transcript.source[c.chars.start : c.chars.end], transcript.words[c.word].shown, c.heads)
        for c in transcript.claims
    ]


def notes(text: str) -> list[tuple[str, str, str]]:
    """Return each note: its form, its whole text, its digits."""
    transcript = read(text)
    source = transcript.source
    return [
        (n.form, source[n.chars.start : n.chars.end], source[n.clock.start : n.clock.end]) for n in transcript.notes
    ]
