"""Order the transcripts that a feed offers for an episode, the one to try first at the start."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.batch.sources.feed_parser import PublishedTranscript
from pipeline.batch.sources.filename_parts import suffix

_FORMATS = (
    ("markdown", (".md", ".markdown")),
    ("plain", (".txt",)),
    ("html", (".html", ".htm")),
    ("vtt", (".vtt",)),
    ("json", (".json",)),
    ("subrip", (".srt",)),
    ("srt", (".srt",)),
)
"""The formats, by a word in their media type or by their endings: typed text, formats with speakers, the rest."""


def order_transcripts(offered: Sequence[PublishedTranscript], language: str) -> tuple[PublishedTranscript, ...]:
    """Return the transcripts in the order in which to try them: by language, then by format, then as the feed has them.

    First come those in the episode's language; a transcript without a language is in the feed's, as the specification
    of ``podcast:transcript`` says. Where no language of the episode is known, the feed's own order of languages counts.

    Args:
        language: of the episode (``en-GB``); empty if it is not known.
    """
    spoken = _primary(language) or next((_primary(item.language) for item in offered if item.language), "")
    languages = dict.fromkeys([spoken, *(_primary(item.language) or spoken for item in offered)])
    rank = {name: number for number, name in enumerate(languages)}
    return tuple(sorted(offered, key=lambda item: (rank[_primary(item.language) or spoken], _format_rank(item))))


def _primary(language: str) -> str:
    """Return the language of a tag without region and script (RFC 5646), such as ``en`` of ``en-GB``."""
    return language.strip().casefold().replace("_", "-").partition("-")[0]


def _format_rank(item: PublishedTranscript) -> int:
    media_type = item.media_type.casefold()
    by_type = next((rank for rank, (word, _) in enumerate(_FORMATS) if word in media_type), None)
    if by_type is not None:
        return by_type
    ending = suffix(item.url.partition("?")[0].partition("#")[0])
    return next((rank for rank, (_, endings) in enumerate(_FORMATS) if ending in endings), len(_FORMATS))
