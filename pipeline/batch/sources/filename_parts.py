"""Parse a file's name: the show that it belongs to, the episode's number, and the words of its title."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from posixpath import splitext

from pipeline.batch.sources.result_names import fold_result_name
from pipeline.episode.rendered import SUFFIXES
from pipeline.writing import FORMATS

AUDIO_SUFFIXES = frozenset(
    {".mp3", ".m4a", ".m4b", ".aac", ".ogg", ".oga", ".opus", ".flac", ".wav", ".mp4", ".m4v", ".mkv", ".mka", ".webm"}
    | {".mov", ".wma", ".aif", ".aiff"}
)
TEXT_SUFFIXES = frozenset({".md", ".markdown", ".mdown", ".mkd", ".txt", ".text"})
DOCUMENT_SUFFIXES = frozenset({".docx", ".doc", ".odt", ".rtf", ".pdf", ".pages", ".html", ".htm", ".epub"})
"""Documents that may be transcripts, but that are not paired with the audio of a folder."""

OWN_ENDINGS = (
    *(end for end in (*SUFFIXES.values(), *(form.suffix for form in FORMATS.values())) if end.count(".") > 1),
    *(f".chapters{ending}" for ending in sorted(AUDIO_SUFFIXES)),
)
"""Such as ``.timed.md``: the ends of names of cuemark's own results. They may look like transcripts or recordings."""

_MEDIUM_WORDS = frozenset(
    {"audio", "audios", "sound", "sounds", "media", "recording", "recordings", "episode", "episodes", "ep"}
    | {"mp3", "m4a", "wav", "flac", "opus", "ogg", "mix", "mixdown", "master", "final", "edit", "edited"}
    | {"transcript", "transcripts", "transcription", "transcriptions", "text", "texts", "txt", "md", "markdown"}
)
"""Words that say which of an episode's files it is, not which episode."""

_WORD = re.compile(r"[^\W_]+")
_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_. ]?([01]\d)[-_. ]?([0-3]\d)(?!\d)")
_SEASON = re.compile(r"(?<![^\W\d_])s(?:eason)?[ ._-]?(\d{1,3})[ ._-]?e(?:p(?:isode)?)?[ ._-]?(\d{1,4})(?!\d)")
_SEASON_X_EPISODE = re.compile(r"(?<![\w.])(\d{1,2})x(\d{1,4})(?!\w)")
_COUNTED = re.compile(
    r"(?<![^\W\d_])(?:ep|eps|episode|episodio|folge|no|nr|nummer|number|e|#)[ ._-]{0,3}(\d{1,5})(?!\d)"
)
_LEADING = re.compile(r"#?(\d{1,5})(?!\d|:\d|st|nd|rd|th)")
_TRAILING = re.compile(r"(?<![^\W_])(?<!\.)(?!(?:19|20)\d\d$)(\d{1,5})$")  # a year is not an episode number


@dataclass(frozen=True, slots=True)
class FilenameParts:
    """The parts of a file's name, by which it may be paired.

    Attributes:
        path: relative, with ``/`` between its parts.
        folder, stem: case-folded; the stem of "7.mp3.txt" is without both suffixes.
        show: the folder without parts that name a medium ("audio").
        below: the same without the first part of the folder, for pairs in sibling folders.
        plain: the stem's words without those that name a medium.
        number: season (0 if not stated) and number of the episode, or 0 and its date as one number.
    """

    path: str
    folder: str
    stem: str
    show: str
    below: str
    plain: str
    number: tuple[int, int] | None


def parse_filename(path: str) -> FilenameParts:
    """Parse a relative path."""
    parts = fold_result_name(path).split("/")
    stem, _ = splitext(parts.pop())
    if splitext(stem)[1] in AUDIO_SUFFIXES:
        stem, _ = splitext(stem)
    show, below = "/".join(_without_medium(parts)), "/".join(_without_medium(parts[1:]))
    return FilenameParts(path, "/".join(parts), stem, show, below, _plain(stem), episode_number(stem))


def top_folder(path: str) -> str | None:
    """Return the first folder of a path; None if it has none."""
    folder, slash, _ = path.partition("/")
    return folder if slash else None


def with_title(parts: FilenameParts, title: str) -> FilenameParts:
    """Return the parts with the number in the file's own title, if its name has no number."""
    return parts if parts.number else replace(parts, number=episode_number(fold_result_name(title)))


def episode_number(text: str) -> tuple[int, int] | None:
    """Return the season (0 if not stated) and number in a folded name or title; None if there is no number.

    >>> episode_number("s02e07 the slow build"), episode_number("07-the-slow-build"), episode_number("the end")
    ((2, 7), (0, 7), None)
    """
    if found := _SEASON.search(text) or _SEASON_X_EPISODE.search(text):
        return int(found[1]), int(found[2])
    if found := _COUNTED.search(text):
        return 0, int(found[1])
    if found := _DATE.search(text):
        return 0, int("".join(found.groups()))
    found = _LEADING.match(text) or _TRAILING.search(text)
    return (0, int(found[1])) if found else None


def title_words(text: str) -> tuple[str, ...]:
    """Return the words of a title, folded, without numbers and without words that name a medium."""
    return tuple(
        word for word in _WORD.findall(fold_result_name(text)) if word not in _MEDIUM_WORDS and not word.isdecimal()
    )


def is_named_transcript(parts: FilenameParts) -> bool:
    """Return whether a text's name says that it belongs to an episode."""
    words = {*_WORD.findall(parts.folder), *_WORD.findall(parts.stem)}
    return parts.number is not None or any(word.startswith("transcri") for word in words)


def suffix(path: str) -> str:
    """Return the suffix of a name, in lower case."""
    return splitext(path)[1].casefold()


def _plain(stem: str) -> str:
    words = _WORD.findall(stem)
    return " ".join(word for word in words if word not in _MEDIUM_WORDS) if words else stem


def _without_medium(parts: Iterable[str]) -> list[str]:
    return [part for part in parts if not (words := set(_WORD.findall(part))) or not words <= _MEDIUM_WORDS]
