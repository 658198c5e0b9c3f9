"""What is made of an episode, before anything of it is written: the document, the subtitles, the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pipeline.episode.run import Finished
from pipeline.schema import Finding, Result
from pipeline.settings.config import Config
from pipeline.writing import FORMATS, SUBTITLES, render_all

DOCUMENT, TRANSCRIPT = FORMATS["json"], FORMATS["md"]

SUFFIXES: Mapping[str, str] = MappingProxyType(
    {"align": TRANSCRIPT.suffix, "finish": ".finished.md", "draft": ".draft.md"}
)
"""What the name of the transcript that is written ends with, by what is done."""


@dataclass(frozen=True, slots=True)
class Edition:
    """What a command made of an episode.

    Attributes:
        text: the document as it is to be.
        result: what the JSON and the summary tell of.
        shown: what the subtitles show.
        drafts: whether it was to be drafted, so that a draft of nothing is told, too.
    """

    text: str
    result: Result
    shown: Result
    drafts: bool = False


def edition_of(made: Result | Finished, config: Config) -> Edition:
    """The edition of an aligned or a drafted episode."""
    if isinstance(made, Finished):
        return Edition(made.text, made.result, made.shown, drafts=True)
    return Edition(TRANSCRIPT.render(made, config.writing), made, made)


def render(edition: Edition, formats: Iterable[str], config: Config) -> dict[str, str]:
    """The text of each of the formats (names in ``FORMATS``)."""
    names = tuple(formats)
    texts = render_all([name for name in names if name in SUBTITLES], edition.shown, config.writing)
    if DOCUMENT.name in names:
        texts[DOCUMENT.name] = DOCUMENT.render(edition.result, config.writing)
    return {name: edition.text if name == TRANSCRIPT.name else texts[name] for name in names}


def suffixes(work: str) -> dict[str, str]:
    """What the names of the results end with, by their formats, where ``work`` is done."""
    return {name: form.suffix for name, form in FORMATS.items()} | {TRANSCRIPT.name: SUFFIXES[work]}


def wrong_audio(result: Result) -> Finding | None:
    """The finding that the transcript and the audio do not belong together; None where nothing says so."""
    return next((finding for finding in result.findings if finding.kind == "wrong-audio"), None)
