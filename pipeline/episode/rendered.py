"""The contents of an episode's output files, before any is written: the document, the subtitles, the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pipeline.episode.run import Finished
from pipeline.errors import NothingFoundError, PipelineError, WrongAudioError
from pipeline.files.own_format import NewCues, OwnFormat
from pipeline.schema import Result
from pipeline.settings.config import Config
from pipeline.writing import FORMATS, Rendered, WritingOptions, render_all
from pipeline.writing.cues import CueOptions, cut_cues
from pipeline.writing.document import render_json
from pipeline.writing.markdown import render_markdown

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
        shown: the result for the subtitles and the web page.
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
    return EpisodeOutput(render_markdown(made, config.markdown), made, made)


def render_formats(output: EpisodeOutput, formats: Iterable[str], writing: WritingOptions) -> Rendered:
    """Return the contents in the formats (names in ``FORMATS``); one that has nothing to say has none."""
    names = tuple(formats)
    rendered = render_all(
        [name for name in names if name not in {DOCUMENT.name, TRANSCRIPT.name}], output.shown, writing
    )
    contents = rendered.contents | {TRANSCRIPT.name: output.text.encode()}
    if DOCUMENT.name in names:
        contents[DOCUMENT.name] = render_json(output.result).encode()
    return Rendered({name: contents[name] for name in names if name in contents}, rendered.remarks)


def new_cues(output: EpisodeOutput, own: OwnFormat, options: CueOptions) -> NewCues:
    """Return the cues of the drafted rest of an episode, for a transcript in its own format.

    What was drafted for a hole in the middle is not in them.
    """
    rest = [turn.span.start for turn in output.result.drafted if turn.fills is None]
    if not rest or own.form is None:
        return NewCues()
    cues = cut_cues(output.shown, options, own.form)
    width = options.limits(output.result.hearing.language, own.form).width
    return NewCues(tuple(cue for cue in cues if cue.spoken.start >= min(rest)), width)


def suffixes(work: str) -> dict[str, str]:
    """Return the suffixes of the results of a command, by format."""
    return {name: form.suffix for name, form in FORMATS.items()} | {TRANSCRIPT.name: SUFFIXES[work]}


def refusal(result: Result, transcript: str) -> PipelineError | None:
    """Return why nothing but the report is written: the two do not belong together, or nothing typed was found.

    Args:
        transcript: its path or address, for the message.
    """
    finding = next((finding for finding in result.findings if finding.kind == "wrong-audio"), None)
    if finding:
        return WrongAudioError(f"{transcript}: {finding.message}")
    spoken = [timed for word, timed in zip(result.transcript.words, result.words, strict=True) if word.kind == "spoken"]
    if spoken and not any(timed.measured for timed in spoken):
        return NothingFoundError(transcript, len(spoken))
    return None
