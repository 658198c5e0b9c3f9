"""What platforms demand of subtitles and transcripts: one table, each row with the source that it was read in.

Where a platform publishes limits of lines and times, they are those of a subtitle preset (``writing/presets.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

PlatformForm = Literal["srt", "vtt", "json"]
RuleKind = Literal[
    "bom",
    "line-endings",
    "header",
    "header-lines",
    "timing",
    "number",
    "identifier",
    "settings",
    "missing-blank-line",
    "blank-line-in-cue",
    "extra-blank-lines",
    "blank-line-at-end",
    "comment",
    "style",
    "unreadable",
    "arrow",
    "tag",
    "open-voice-tag",
    "several-voices",
    "no-voice",
    "several-lines",
    "empty-cue",
    "no-length",
    "order",
    "overlap",
    "control-character",
    "line-width",
    "line-count",
    "too-short",
    "too-long",
    "gap",
    "reading-speed",
]
"""What a rule forbids or demands; ``rule_checks.py`` has the check of each kind, ``mended.py`` what mends it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it is about, where it was read, and the formats that it is about."""

    kind: RuleKind
    source: str
    forms: tuple[PlatformForm, ...] = ("srt", "vtt")


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform and its rules.

    Attributes:
        title: its name for people.
        takes: the formats that can be given to it, or, where ``delivered_as`` is set, be held against its rules.
        source: where it was read which formats it takes.
        preset: the subtitle preset with its limits; None if it publishes none.
        delivered_as: the format that it takes instead, which is made of these.
    """

    title: str
    takes: tuple[PlatformForm, ...]
    source: str
    rules: tuple[Rule, ...]
    preset: Literal["podcast", "broadcast", "video"] | None = None
    delivered_as: str | None = None


_WEBVTT = "W3C WebVTT, https://www.w3.org/TR/webvtt1/"
_SUBRIP = "Matroska, https://www.matroska.org/technical/subtitles.html#srt-subtitles"
_NAMESPACE = (
    "Podcasting 2.0 namespace, https://github.com/Podcastindex-org/podcast-namespace/"
    "blob/main/docs/examples/transcripts/transcripts.md"
)
_APPLE = "Apple, https://podcasters.apple.com/support/5316-transcripts-on-apple-podcasts"
_PODLOVE = "code of its reader, https://github.com/podlove/webvtt-parser/blob/master/src/Parser.php"
_PODLOVE_IMPORT = "code of its import, podlove/podlove-publisher, lib/modules/transcripts/transcripts.php"
_CASTOPOD = "code of its reader, ad-aures/castopod, modules/Media/TranscriptParser.php"
_BUZZSPROUT = "Buzzsprout, https://www.buzzsprout.com/help/82-import-transcript-otter"
_YOUTUBE = "YouTube, https://support.google.com/youtube/answer/2734698"
_NETFLIX = "Netflix, Timed Text Style Guide, general and for each language, https://partnerhelp.netflixstudios.com"
_BBC = "BBC Subtitle Guidelines, https://bbc.github.io/subtitle-guidelines/"
_IMSC = "W3C IMSC 1.1, https://www.w3.org/TR/ttml-imsc1.1/, and XML 1.0, section 2.2"
_PREMIERE = "https://help.fig.tv/closed-captioning-in-adobe-premiere-pro: SRT is imported; nothing read names WebVTT"
_BOM_BREAKS = "readers that take the mark for a part of the first number, such as pyJianYingDraft #72"
_RESOLVE = "StoryToolkitAI #97: SRT is imported; no page that was read names WebVTT"

FORMAT_RULES: tuple[Rule, ...] = (
    Rule("header", f"{_WEBVTT}, section 4.1", ("vtt",)),
    Rule("timing", _SUBRIP, ("srt",)),
    Rule("timing", f"{_WEBVTT}, section 4.1", ("vtt",)),
    Rule("number", _SUBRIP, ("srt",)),
    Rule("settings", _SUBRIP, ("srt",)),
    Rule("missing-blank-line", _SUBRIP, ("srt",)),
    Rule("missing-blank-line", f"{_WEBVTT}, section 4.1", ("vtt",)),
    Rule("blank-line-in-cue", _SUBRIP, ("srt",)),
    Rule("blank-line-in-cue", f"{_WEBVTT}, section 4.1", ("vtt",)),
    Rule("unreadable", _SUBRIP, ("srt",)),
    Rule("unreadable", f"{_WEBVTT}, section 4.1", ("vtt",)),
    Rule("arrow", _SUBRIP, ("srt",)),
    Rule("arrow", f"{_WEBVTT}, section 4.1", ("vtt",)),
    Rule("open-voice-tag", f"{_WEBVTT}, section 4.2.2", ("vtt",)),
    Rule("empty-cue", _SUBRIP, ("srt",)),
    Rule("empty-cue", f"{_WEBVTT}, section 4.1", ("vtt",)),
    Rule("no-length", _SUBRIP, ("srt",)),
    Rule("no-length", f"{_WEBVTT}, section 4.1", ("vtt",)),
    Rule("order", _SUBRIP, ("srt",)),
    Rule("order", f"{_WEBVTT}, section 4.1", ("vtt",)),
    Rule("overlap", _SUBRIP, ("srt",)),
)
"""The rules of the formats themselves, which hold on every platform."""


def _limits(source: str, *kinds: RuleKind) -> tuple[Rule, ...]:
    return tuple(Rule(kind, source) for kind in kinds)


PLATFORMS: Mapping[str, Platform] = {
    "apple": Platform("Apple Podcasts", ("vtt",), _APPLE, (Rule("no-voice", f"{_APPLE} (speaker names)", ("vtt",)),)),
    "podcasting": Platform(
        "Podcasting 2.0 players",
        ("srt", "vtt", "json"),
        _NAMESPACE,
        (Rule("line-width", _NAMESPACE), Rule("line-count", _NAMESPACE, ("srt",))),
        preset="podcast",
    ),
    "podlove": Platform(
        "Podlove Publisher",
        ("vtt",),
        _PODLOVE_IMPORT,
        (
            Rule("header-lines", f"{_PODLOVE} (a line below WEBVTT ends the import)", ("vtt",)),
            Rule("settings", f"{_PODLOVE} (settings become text)", ("vtt",)),
            Rule("style", f"{_PODLOVE} (STYLE and REGION end the import)", ("vtt",)),
            Rule("several-lines", f"{_PODLOVE} (lines are joined without a space)", ("vtt",)),
            Rule("tag", f"{_PODLOVE} (tags stay in the text)", ("vtt",)),
            Rule("several-voices", f"{_PODLOVE} (one voice, at the start of a cue)", ("vtt",)),
            Rule("no-voice", f"{_PODLOVE_IMPORT} (a voice is that of a contributor)", ("vtt",)),
        ),
    ),
    "castopod": Platform(
        "Castopod",
        ("srt", "vtt"),
        _CASTOPOD,
        (
            Rule("line-endings", f"{_CASTOPOD} (lines end with a line feed)"),
            Rule("header-lines", f"{_CASTOPOD} (the second line is skipped as blank)", ("vtt",)),
            Rule("comment", f"{_CASTOPOD} (NOTE is read as times)", ("vtt",)),
            Rule("style", f"{_CASTOPOD} (STYLE is read as times)", ("vtt",)),
            Rule("identifier", f"{_CASTOPOD} (an identifier is read as times)", ("vtt",)),
            Rule("extra-blank-lines", f"{_CASTOPOD} (a second blank line is read as a number or as times)"),
            Rule("blank-line-at-end", f"{_CASTOPOD} (without it, the last text replaces the one before)", ("srt",)),
            Rule("several-lines", f"{_CASTOPOD} (each line becomes a cue, only the first has a speaker)", ("vtt",)),
            Rule("tag", f"{_CASTOPOD} (any tag at the start is read as a speaker, others stay in the text)", ("vtt",)),
            Rule("several-voices", f"{_CASTOPOD} (one voice, at the start of a cue)", ("vtt",)),
        ),
    ),
    "buzzsprout": Platform(
        "Buzzsprout",
        ("srt",),
        _BUZZSPROUT,
        (Rule("line-width", _BUZZSPROUT, ("srt",)), Rule("line-count", _BUZZSPROUT, ("srt",))),
        preset="podcast",
    ),
    "youtube": Platform(
        "YouTube",
        ("srt", "vtt"),
        _YOUTUBE,
        (
            Rule("bom", f"{_YOUTUBE} (plain UTF-8)", ("srt",)),
            Rule("tag", f"{_YOUTUBE} (no markup is recognised)", ("srt",)),
        ),
    ),
    "premiere": Platform(
        "Adobe Premiere",
        ("srt",),
        _PREMIERE,
        (Rule("bom", _BOM_BREAKS, ("srt",)),),
    ),
    "resolve": Platform("DaVinci Resolve", ("srt",), _RESOLVE, (Rule("bom", _BOM_BREAKS, ("srt",)),)),
    "netflix": Platform(
        "Netflix",
        ("srt", "vtt"),
        _NETFLIX,
        (
            Rule("overlap", _NETFLIX),
            *_limits(_NETFLIX, "line-width", "line-count", "too-short", "too-long", "gap", "reading-speed"),
            Rule("control-character", _IMSC),
        ),
        preset="video",
        delivered_as="TTML, in Japanese IMSC 1.1",
    ),
    "bbc": Platform(
        "BBC",
        ("srt", "vtt"),
        _BBC,
        (
            Rule("overlap", _BBC),
            *_limits(_BBC, "line-width", "line-count", "gap", "reading-speed"),
            Rule("control-character", _IMSC),
        ),
        preset="broadcast",
        delivered_as="EBU-TT or EBU-TT-D",
    ),
    "imsc": Platform(
        "EBU-TT-D and IMSC players",
        ("srt", "vtt"),
        _IMSC,
        (Rule("control-character", _IMSC),),
        delivered_as="IMSC 1.1 or EBU-TT-D",
    ),
}
"""The platforms by the names that people type."""


def rules_of(name: str, form: PlatformForm) -> tuple[Rule, ...]:
    """Return the rules of the format and of the platform for a file; where both have a kind, the format's."""
    rules = (*FORMAT_RULES, *PLATFORMS[name].rules)
    by_kind: dict[RuleKind, Rule] = {}
    for rule in rules:
        if form in rule.forms:
            by_kind.setdefault(rule.kind, rule)
    return tuple(by_kind.values())
