"""The outputs of an episode as texts, before anything is written: the document, the subtitles, the report."""

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
"""The suffix of the written transcript, by command."""


@dataclass(frozen=True, slots=True)
class EpisodeOutput:
    """What a command made of an episode.

    Attributes:
        text: the new document.
        result: the result for the JSON and the summary.
        shown: the result for the subtitles.
        drafts: whether a draft was asked for, so that an empty draft is reported, too.
    """

    text: str
    result: Result
    shown: Result
    drafts: bool = False


def episode_output(made: Result | Finished, config: Config) -> EpisodeOutput:
    """Return the output of an aligned or a drafted episode."""
    if isinstance(made, Finished):
        return EpisodeOutput(made.text, made.result, made.shown, drafts=True)
    return EpisodeOutput(TRANSCRIPT.render(made, config.writing), made, made)


def render_formats(output: EpisodeOutput, formats: Iterable[str], config: Config) -> dict[str, str]:
    """Return the text of each of the formats (names in ``FORMATS``)."""
    names = tuple(formats)
    texts = render_all([name for name in names if name in SUBTITLES], output.shown, config.writing)
    if DOCUMENT.name in names:
        texts[DOCUMENT.name] = DOCUMENT.render(output.result, config.writing)
    return {name: output.text if name == TRANSCRIPT.name else texts[name] for name in names}


def suffixes(work: str) -> dict[str, str]:
    """Return the suffixes of the results of a command, by format."""
    return {name: form.suffix for name, form in FORMATS.items()} | {TRANSCRIPT.name: SUFFIXES[work]}


def wrong_audio_finding(result: Result) -> Finding | None:
    """Return the finding that transcript and audio do not belong together; None if there is none."""
    return next((finding for finding in result.findings if finding.kind == "wrong-audio"), None)
