"""The files that a platform takes, made of an aligned episode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pipeline.publish.caption_file import parse_captions
from pipeline.publish.mended import mend
from pipeline.publish.platforms import PLATFORMS
from pipeline.publish.rule_checks import find_violations
from pipeline.schema import Result
from pipeline.writing import FORMATS, WritingOptions, render_all
from pipeline.writing.cues import cut_cues
from pipeline.writing.presets import FormatName
from pipeline.writing.subtitles import render_srt, render_vtt

TAKEN: Mapping[str, tuple[str, ...]] = {
    "apple": ("vtt",),
    "podcasting": ("vtt", "srt", "chapters"),
    "podlove": ("vtt", "psc"),
    "castopod": ("srt", "chapters"),
    "buzzsprout": ("srt",),
    "youtube": ("srt", "youtube"),
    "premiere": ("srt",),
    "resolve": ("srt", "edl"),
}
"""The formats (names in ``FORMATS``) that are written for each platform; see ``PLATFORMS`` for what it takes."""

_SUBTITLES: tuple[FormatName, ...] = ("srt", "vtt")
"""Those that keep a platform's preset and its rules."""


@dataclass(frozen=True, slots=True)
class PlatformFiles:
    """The contents of the files for a platform by their suffixes, and lines for the user."""

    contents: Mapping[str, bytes]
    remarks: tuple[str, ...]


def render_for(result: Result, options: WritingOptions, platform: str, voices: Mapping[str, str]) -> PlatformFiles:
    """Return the files for a platform; subtitles keep its preset and its rules.

    Args:
        voices: identifiers by speakers' names, for platforms that know people by them (Podlove).
    """
    subtitles: dict[FormatName, str] = {
        form: _subtitles(result, options, platform, form, voices) for form in _SUBTITLES if form in TAKEN[platform]
    }
    others = render_all([name for name in TAKEN[platform] if name not in _SUBTITLES], result, options)
    contents = {name: text.encode() for name, text in subtitles.items()} | others.contents
    files = {FORMATS[name].suffix: content for name, content in contents.items()}
    left = [line for form, text in subtitles.items() for line in _left(text, form, platform)]
    return PlatformFiles(files, tuple(f"{platform}: {line}" for line in (*left, *others.remarks)))


def _subtitles(
    result: Result, options: WritingOptions, platform: str, form: FormatName, voices: Mapping[str, str]
) -> str:
    preset = PLATFORMS[platform].preset
    cue_options = replace(options.cues, preset=preset) if preset else options.cues
    cues = cut_cues(result, cue_options, form)
    if platform == "podlove":
        cues = tuple(
            replace(cue, speaker=voices.get(cue.speaker, cue.speaker) if cue.speaker else None) for cue in cues
        )
    limits = cue_options.limits(result.hearing.language, form)
    text = render_srt(cues, limits.width) if form == "srt" else render_vtt(cues)
    return mend(parse_captions(text, form), platform)


def _left(text: str, form: FormatName, platform: str) -> list[str]:
    """Return a line for each kind of rule that a file still breaks."""
    found = find_violations(parse_captions(text, form), platform)
    by_kind = {one.kind: one for one in reversed(found)}
    return [f"{form}, line {one.line}: {one.message} ({kind})" for kind, one in by_kind.items()]
