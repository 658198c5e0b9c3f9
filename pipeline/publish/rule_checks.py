"""Hold subtitles against a platform's rules: a violation for each place, with its line."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from pipeline.io.xml_characters import NOT_IN_XML
from pipeline.publish.caption_file import Block, BlockKind, CaptionCue, CaptionFile
from pipeline.publish.cue_text import has_open_voice_tag, is_wordless, plain_text, voices, without_tags
from pipeline.publish.mended_limits import mend_limits
from pipeline.publish.platforms import PLATFORMS, Rule, RuleKind, rules_of
from pipeline.publish.split_cues import split_long
from pipeline.times import MS_PER_SECOND, to_seconds
from pipeline.writing.line_breaks import display_width
from pipeline.writing.presets import PRESETS, Limits


@dataclass(frozen=True, slots=True)
class Violation:
    """A place where a file breaks a rule.

    Attributes:
        line: of the file, from 1.
        message: what is wrong there, as a clause.
        fixable: whether a mended copy has it no more.
        source: where the rule was read.
    """

    kind: str
    line: int
    message: str
    fixable: bool
    source: str


Found = tuple[int, str]
"""A line and a message."""


def find_violations(captions: CaptionFile, platform: str) -> tuple[Violation, ...]:
    """Return all places where subtitles break the rules of their format or of a platform, by line."""
    is_fixable = _mending(captions, platform)
    found = [
        Violation(rule.kind, line, message, is_fixable(rule.kind, line), rule.source)
        for rule in rules_of(platform, captions.form)
        for line, message in _places(captions, platform, rule)
    ]
    if not captions.cues:
        found.append(Violation("no-cue", 1, "there is no cue in this file", fixable=False, source=""))
    return tuple(sorted(found, key=lambda violation: violation.line))


def _mending(captions: CaptionFile, platform: str) -> Callable[[RuleKind, int], bool]:
    """Return what tells whether what a rule says of a line is mended: of a limit, whether the cue then keeps it."""
    rules = [rule for rule in rules_of(platform, captions.form) if rule.kind in LIMIT_KINDS]
    begins = [cue.line for cue in captions.cues]
    kept = captions
    too_long = set[int]()
    if rules and (preset := PLATFORMS[platform].preset):
        limits = PRESETS[preset][captions.form]
        mended = mend_limits(captions.cues, limits, [rule.kind for rule in rules], captions.form)
        kept = replace(captions, cues=tuple(mended))
        too_long = {k for k, cue in enumerate(mended) if len(split_long(cue, limits.max_duration)) == 1}
    left = {(rule.kind, bisect_right(begins, line) - 1) for rule in rules for line, _ in _places(kept, platform, rule)}
    left = {(kind, k) for kind, k in left if kind != "too-long" or k in too_long}

    def is_fixable(kind: RuleKind, line: int) -> bool:
        return kind in FIXABLE or (kind in LIMIT_KINDS and (kind, bisect_right(begins, line) - 1) not in left)

    return is_fixable


def _places(captions: CaptionFile, platform: str, rule: Rule) -> Iterator[Found]:
    if rule.kind in _LIMIT_CHECKS:
        preset = PLATFORMS[platform].preset
        if preset:
            yield from _LIMIT_CHECKS[rule.kind](captions, PRESETS[preset][captions.form])
    else:
        yield from _CHECKS[rule.kind](captions)


# --- the file ----------------------------------------------------------------------------------------------------


def _bom(captions: CaptionFile) -> Iterator[Found]:
    if captions.has_bom:
        yield 1, "the file begins with a byte order mark"


def _line_endings(captions: CaptionFile) -> Iterator[Found]:
    if captions.has_lone_cr:
        yield 1, "lines end with a carriage return alone"


def _header(captions: CaptionFile) -> Iterator[Found]:
    if captions.signature is None:
        yield 1, "the file does not begin with WEBVTT"


def _header_lines(captions: CaptionFile) -> Iterator[Found]:
    if captions.header:
        yield 2, "a line follows WEBVTT without a blank line"


def _missing_blank_line(captions: CaptionFile) -> Iterator[Found]:
    for k, cue in enumerate(captions.cues):
        if not cue.blank_before and cue.first_line > 1 and (k or captions.signature is not None or captions.blocks):
            yield cue.first_line, "no blank line is above this cue"


def _extra_blank_lines(captions: CaptionFile) -> Iterator[Found]:
    for k, cue in enumerate(captions.cues):
        if cue.blank_before > (1 if k or captions.signature is not None or captions.blocks else 0):
            yield cue.first_line, "more blank lines than one are above this cue"


def _blank_line_at_end(captions: CaptionFile) -> Iterator[Found]:
    if captions.cues and captions.blank_lines_at_end < 1:
        last = captions.cues[-1]
        yield max((last.line, *last.text_lines)), "no blank line is below the last cue"


def _blocks_of(kind: BlockKind, message: str) -> Callable[[CaptionFile], Iterator[Found]]:
    def check(captions: CaptionFile) -> Iterator[Found]:
        return ((block.line, message) for block in _all_blocks(captions) if block.kind == kind)

    return check


def _all_blocks(captions: CaptionFile) -> Iterator[Block]:
    yield from captions.blocks
    for cue in captions.cues:
        yield from cue.blocks


def _no_voice(captions: CaptionFile) -> Iterator[Found]:
    if captions.cues and not any(voices(cue.text) for cue in captions.cues):
        yield captions.cues[0].line, "no cue names its speaker (<v Name>)"


# --- cues --------------------------------------------------------------------------------------------------------


def _per_cue(broken: Callable[[CaptionCue], bool], message: str) -> Callable[[CaptionFile], Iterator[Found]]:
    def check(captions: CaptionFile) -> Iterator[Found]:
        return ((cue.line, message) for cue in captions.cues if broken(cue))

    return check


def _number(captions: CaptionFile) -> Iterator[Found]:
    for number, cue in enumerate(captions.cues, start=1):
        if cue.identifier != str(number):
            said = "has no number" if cue.identifier is None else "does not have the next number"
            yield cue.first_line, f"this cue {said}, {number}"


def _blank_line_in_cue(captions: CaptionFile) -> Iterator[Found]:
    for cue in captions.cues:
        for before, after in pairwise((cue.line, *cue.text_lines)):
            if after - before > 1:
                yield after - 1, "a blank line is inside this cue"


def _arrow(captions: CaptionFile) -> Iterator[Found]:
    for cue in captions.cues:
        yield from (
            (line, "--> is in the text, where readers take it for times")
            for line, text in zip(cue.text_lines, cue.text, strict=True)
            if "-->" in text
        )


def _tag(captions: CaptionFile) -> Iterator[Found]:
    for cue in captions.cues:
        if without_tags(cue.text, captions.form) != cue.text:
            yield cue.line + 1, "the text has markup"


def _several_voices(captions: CaptionFile) -> Iterator[Found]:
    for cue in captions.cues:
        named = voices(cue.text)
        if len(named) > 1 or (named and not cue.text[0].startswith("<v")):
            yield cue.line + 1, "a voice tag is not at the start of the cue"


def _empty_cue(captions: CaptionFile) -> Iterator[Found]:
    return ((cue.line, "the cue has no text") for cue in captions.cues if is_wordless(cue.text, captions.form))


def _order(captions: CaptionFile) -> Iterator[Found]:
    for before, cue in pairwise(captions.cues):
        if cue.start < before.start:
            yield cue.line, "the cue begins before the one above it"


def _overlap(captions: CaptionFile) -> Iterator[Found]:
    for before, cue in pairwise(captions.cues):
        if before.start <= cue.start < before.end:
            yield cue.line, f"the cue begins {to_seconds(before.end - cue.start)} s before the one above it ends"


def _control_character(captions: CaptionFile) -> Iterator[Found]:
    for cue in captions.cues:
        yield from (
            (line, "the text has a control character, which XML cannot have")
            for line, text in zip(cue.text_lines, cue.text, strict=True)
            if NOT_IN_XML.search(text)
        )


def without_control_characters(text: str) -> str:
    """Return a text without the characters that XML 1.0 cannot have."""
    return NOT_IN_XML.sub("", text)


# --- limits ------------------------------------------------------------------------------------------------------


def _line_width(captions: CaptionFile, limits: Limits) -> Iterator[Found]:
    for cue in captions.cues:
        for line, text in zip(cue.text_lines, cue.text, strict=True):
            width = display_width(plain_text(text, captions.form))
            if width > limits.width:
                yield line, f"the line has {width} columns, more than {limits.width}"


def _line_count(captions: CaptionFile, limits: Limits) -> Iterator[Found]:
    for cue in captions.cues:
        if len(cue.text) > limits.count:
            yield cue.text_lines[limits.count], f"the cue has {len(cue.text)} lines, more than {limits.count}"


def _too_short(captions: CaptionFile, limits: Limits) -> Iterator[Found]:
    for cue in captions.cues:
        if 0 < cue.end - cue.start < limits.min_duration:
            shown, least = to_seconds(cue.end - cue.start), to_seconds(limits.min_duration)
            yield cue.line, f"the cue is shown for {shown} s, less than {least} s"


def _too_long(captions: CaptionFile, limits: Limits) -> Iterator[Found]:
    for cue in captions.cues:
        if cue.end - cue.start > limits.max_duration:
            shown, most = to_seconds(cue.end - cue.start), to_seconds(limits.max_duration)
            yield cue.line, f"the cue is shown for {shown} s, more than {most} s"


def _gap(captions: CaptionFile, limits: Limits) -> Iterator[Found]:
    for before, cue in pairwise(captions.cues):
        if before.end <= cue.start < before.end + limits.gap:
            gap, least = to_seconds(cue.start - before.end), to_seconds(limits.gap)
            yield cue.line, f"the cue begins {gap} s after the one above it ends, less than {least} s"


def _reading_speed(captions: CaptionFile, limits: Limits) -> Iterator[Found]:
    for cue in captions.cues:
        length = sum(display_width(plain_text(text, captions.form)) for text in cue.text)
        if cue.end > cue.start:
            speed, most = length * MS_PER_SECOND / (cue.end - cue.start), limits.columns_per_second
            if speed > most:
                yield (
                    cue.line,
                    f"the cue has {speed:.1f} columns a second to read, more than {most:g}",
                )


_CHECKS: Mapping[RuleKind, Callable[[CaptionFile], Iterator[Found]]] = {
    "bom": _bom,
    "line-endings": _line_endings,
    "header": _header,
    "header-lines": _header_lines,
    "timing": _per_cue(lambda cue: not cue.well_formed, "the times are not written as the format demands"),
    "number": _number,
    "identifier": _per_cue(lambda cue: cue.identifier is not None, "the cue has an identifier"),
    "settings": _per_cue(lambda cue: bool(cue.settings), "something follows the times on their line"),
    "missing-blank-line": _missing_blank_line,
    "blank-line-in-cue": _blank_line_in_cue,
    "extra-blank-lines": _extra_blank_lines,
    "blank-line-at-end": _blank_line_at_end,
    "comment": _blocks_of("note", "a comment (NOTE) begins here"),
    "style": _blocks_of("style", "a STYLE or REGION begins here"),
    "unreadable": _blocks_of("unreadable", "this belongs to no cue, because no times above it can be read"),
    "arrow": _arrow,
    "tag": _tag,
    "open-voice-tag": _per_cue(lambda cue: has_open_voice_tag(cue.text), "a voice tag has no > at its end"),
    "several-voices": _several_voices,
    "no-voice": _no_voice,
    "several-lines": _per_cue(lambda cue: len(cue.text) > 1, "the cue has more lines than one"),
    "empty-cue": _empty_cue,
    "no-length": _per_cue(lambda cue: cue.end <= cue.start, "the cue does not end after it begins"),
    "order": _order,
    "overlap": _overlap,
    "control-character": _control_character,
}
_LIMIT_CHECKS: Mapping[RuleKind, Callable[[CaptionFile, Limits], Iterator[Found]]] = {
    "line-width": _line_width,
    "line-count": _line_count,
    "too-short": _too_short,
    "too-long": _too_long,
    "gap": _gap,
    "reading-speed": _reading_speed,
}
LIMIT_KINDS: frozenset[RuleKind] = frozenset(_LIMIT_CHECKS)
"""The rules about lines and times, which a platform's preset says."""

_NOT_MENDED: frozenset[RuleKind] = frozenset({"unreadable", "open-voice-tag", "several-voices", "no-voice"})
"""What only a person can decide."""

FIXABLE: frozenset[RuleKind] = frozenset(_CHECKS) - _NOT_MENDED
"""What ``mended.py`` mends wherever it is. A limit is mended where no word has to move to another cue."""
