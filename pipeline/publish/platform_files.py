"""The files that a platform takes, made of an aligned episode, and the rules that they do not keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.publish.caption_file import parse_captions
from pipeline.publish.mended import mend
from pipeline.publish.platforms import PLATFORMS
from pipeline.publish.rule_checks import LIMIT_KINDS, find_violations
from pipeline.schema import Result
from pipeline.writing import FORMATS, WritingOptions, render_all
from pipeline.writing.cues import cut_cues
from pipeline.writing.presets import FormatName
from pipeline.writing.subtitles import render_srt, render_vtt

TAKEN: Mapping[str, tuple[str, ...]] = {
    "apple": ("vtt",),
    "podcasting": ("vtt", "srt", "podcast-json", "chapters"),
    "podlove": ("vtt", "psc"),
    "castopod": ("srt", "chapters"),
    "buzzsprout": ("srt",),
    "youtube": ("srt", "youtube"),
    "premiere": ("srt",),
    "resolve": ("srt", "edl"),
    "netflix": ("ttml",),
    "bbc": ("ttml",),
    "imsc": ("ttml",),
}
"""The formats (names in ``FORMATS``) that are written for each platform; see ``PLATFORMS`` for what it takes."""

_SUBTITLES: tuple[FormatName, ...] = ("srt", "vtt")
"""Those that are mended until they keep a platform's rules."""

_SEEN_IN_ALL_FORMATS = frozenset(LIMIT_KINDS) | {"overlap", "no-cue"}
"""Rules about cues that do not depend on how a file writes them."""

_NEARLY = {
    "netflix": "the TTML is IMSC 1.1 text, which Netflix takes for Japanese; it wants TTML 1 for other languages",
    "bbc": "the TTML is IMSC 1.1 text; the BBC wants EBU-TT or EBU-TT-D, which a converter makes of it",
}
"""What to know of a file that is not quite what a platform takes (see ``Platform.delivered_as``)."""


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """A place where a file that was written breaks a rule of its platform.

    Attributes:
        form: the format, a name in ``FORMATS``.
        kind: of the rule, see ``RuleKind``.
        line: of the file, from 1; None in XML, where lines mean nothing.
    """

    platform: str
    form: str
    kind: str
    line: int | None
    message: str


@dataclass(frozen=True, slots=True)
class PlatformFiles:
    """The contents of a platform's files by their suffixes, what in them breaks a rule, and lines for the user."""

    contents: Mapping[str, bytes]
    broken: tuple[BrokenRule, ...]
    remarks: tuple[str, ...]


def render_for(result: Result, options: WritingOptions, platform: str, voices: Mapping[str, str]) -> PlatformFiles:
    """Return the files for a platform; all that have cues keep its preset, and subtitles its rules too.

    Args:
        voices: identifiers by speakers' names, for platforms that know people by them (Podlove).
    """
    preset = PLATFORMS[platform].preset
    options = replace(options, cues=replace(options.cues, preset=preset)) if preset else options
    subtitles: dict[FormatName, str] = {
        form: _subtitles(result, options, platform, form, voices) for form in _SUBTITLES if form in TAKEN[platform]
    }
    others = render_all([name for name in TAKEN[platform] if name not in _SUBTITLES], result, options)
    contents = {name: text.encode() for name, text in subtitles.items()} | others.contents
    files = {FORMATS[name].suffix: content for name, content in contents.items()}
    broken = [one for form, text in subtitles.items() for one in _broken(text, form, platform)]
    if "ttml" in contents:  # of the same cues; their times and lines are those of WebVTT
        found = _broken(render_vtt(cut_cues(result, options.cues, "vtt")), "vtt", platform)
        broken += [replace(one, form="ttml", line=None) for one in found if one.kind in _SEEN_IN_ALL_FORMATS]
    remarks = (*_broken_lines(broken), *others.remarks, *([_NEARLY[platform]] if platform in _NEARLY else []))
    return PlatformFiles(files, tuple(broken), tuple(f"{platform}: {line}" for line in remarks))


def _subtitles(
    result: Result, options: WritingOptions, platform: str, form: FormatName, voices: Mapping[str, str]
) -> str:
    cues = cut_cues(result, options.cues, form)
    if platform == "podlove":
        cues = tuple(
            replace(cue, speaker=voices.get(cue.speaker, cue.speaker) if cue.speaker else None) for cue in cues
        )
    limits = options.cues.limits(result.hearing.language, form)
    text = render_srt(cues, limits.width) if form == "srt" else render_vtt(cues)
    return mend(parse_captions(text, form), platform)


def _broken(text: str, form: FormatName, platform: str) -> list[BrokenRule]:
    found = find_violations(parse_captions(text, form), platform)
    return [BrokenRule(platform, form, one.kind, one.line, one.message) for one in found]


def _broken_lines(broken: Sequence[BrokenRule]) -> list[str]:
    """Return a line for each format and kind of rule, with its first place and how many there are."""
    by_kind: dict[tuple[str, str], list[BrokenRule]] = {}
    for one in broken:
        by_kind.setdefault((one.form, one.kind), []).append(one)
    return [
        f"{form}{f', line {first.line}' if first.line else ''}: {first.message} ({kind})"
        + (f", and {len(others)} more" if others else "")
        for (form, kind), (first, *others) in by_kind.items()
    ]
