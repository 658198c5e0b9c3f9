"""Write the transcript as one web page that people read and listen to, and that Podcasting 2.0 apps import.

Without JavaScript the page is the HTML of the Podcasting 2.0 namespace (``transcripts.md`` there): ``<cite>`` for the
speaker, ``<time>`` for the start, ``<p>`` for the text. Its script adds what needs one: the spoken word is lit, a click
on a word plays it, ``#t=9:30`` starts there, and the text can be searched. The page needs no other file but the audio,
which it links or contains.

All text is a stranger's: the template engine escapes it, and a Content Security Policy (Level 3) allows only the
packaged style and script, by their hashes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from pipeline.options import option
from pipeline.schema import Result
from pipeline.times import Ms, format_clock
from pipeline.writing.page_template import csp_hash, packaged_text, page_template
from pipeline.writing.shown_words import PageWord, clean_text, is_found, page_words

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ps", "sd", "ur", "yi"})
"""The languages of ``LANGUAGES`` whose scripts run from right to left (Unicode CLDR 46, ``characterOrder``)."""

_PACKAGE = "pipeline.writing"

NUM_COLOURS = 8
"""Speakers' colours in ``transcript_page.css``; the ninth speaker has the first one again, beside the name."""


@dataclass(frozen=True, slots=True)
class HtmlOptions:
    """Where the page gets its sound from."""

    audio_folder_url: str | None = option(
        None,
        "The address of the folder in which the audio files are published, for the link in the web page; else the file "
        "is linked as seen from the page's folder.",
    )
    embed_audio: bool = option(
        default=False, meaning="Put the sound into the web page itself, as AAC: 19 MB for an hour."
    )

    def __post_init__(self) -> None:
        if self.audio_folder_url is not None and not self.audio_folder_url.startswith(("http://", "https://")):
            raise ValueError("audio_folder_url must begin with http:// or https://")


@dataclass(frozen=True, slots=True)
class Turn:
    """An utterance in the form of the template.

    Attributes:
        colour: the number of the speaker's colour, from 0; None without a speaker.
        clock: the start as ``9:30``; None if it was not found.
        duration: the start in ISO 8601, for ``datetime``.
        paragraphs: words, with the white space before each one.
    """

    speaker: str | None
    colour: int | None
    clock: str | None
    duration: str
    paragraphs: tuple[tuple[PageWord, ...], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A section with its heading; ``title`` is None for what precedes the first one."""

    title: str | None
    turns: tuple[Turn, ...]


def render_page(result: Result, audio_url: str) -> str:
    """Return the page.

    Args:
        result: of the transcript; its whole text is in the page, with times where it was found.
        audio_url: the address of the audio, relative to the page or not, or a ``data:`` URL.
    """
    speakers = [name for name in dict.fromkeys(one.speaker for one in result.transcript.utterances) if name]
    style, script = packaged_text(_PACKAGE, "transcript_page.css"), packaged_text(_PACKAGE, "transcript_page.js")
    language = result.hearing.language
    return page_template(_PACKAGE, "transcript_page.html").render(
        title=clean_text(result.transcript.title or ""),
        language=language,
        direction="rtl" if language in RIGHT_TO_LEFT else "ltr",
        audio_url=audio_url,
        parts=tuple(_parts(result, speakers)),
        speakers=[(clean_text(name), number % NUM_COLOURS) for number, name in enumerate(speakers)],
        style=style,
        style_hash=csp_hash(style),
        script=script,
        script_hash=csp_hash(script),
    )


def file_name_url(path: str) -> str:
    """Return the address of a file beside the page.

    >>> file_name_url("shows/one two.mp3")
    './one%20two.mp3'
    """
    return "./" + quote(path.rpartition("/")[2].encode("utf-8", "surrogateescape"))


def _parts(result: Result, speakers: Sequence[str]) -> Iterator[Part]:
    """Yield the sections that have turns, in order."""
    utterances = result.transcript.utterances
    sections = result.transcript.sections
    starts = [0, *(section.utterance for section in sections), len(utterances)]
    titles = [None, *(clean_text(section.title) for section in sections)]
    for title, start, end in zip(titles, starts, starts[1:], strict=False):
        turns = tuple(turn for index in range(start, end) if (turn := _turn(result, index, speakers)).paragraphs)
        if turns:
            yield Part(title, turns)


def _turn(result: Result, index: int, speakers: Sequence[str]) -> Turn:
    speaker = result.transcript.utterances[index].speaker
    span = result.utterances[index].span
    start = span.start if span is not None and is_found(result, index) else None
    return Turn(
        speaker=clean_text(speaker) if speaker else None,
        colour=speakers.index(speaker) % NUM_COLOURS if speaker else None,
        clock=None if start is None else format_clock(start),
        duration="" if start is None else _iso_duration(start),
        paragraphs=tuple(_paragraphs(page_words(result, index))),
    )


def _paragraphs(words: Sequence[PageWord]) -> Iterator[tuple[PageWord, ...]]:
    """Split words at the blank lines of the source."""
    starts = [k for k, word in enumerate(words) if k == 0 or word.separator == "paragraph"]
    for start, end in zip(starts, [*starts[1:], len(words)], strict=True):
        yield tuple(words[start:end])


def _iso_duration(at: Ms) -> str:
    """Return a time in whole seconds as HTML's ``datetime`` takes it.

    >>> _iso_duration(570_400)
    'PT570S'
    """
    return f"PT{at // 1_000}S"
