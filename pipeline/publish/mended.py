"""Write subtitles again so that they keep a platform's rules, with every word of every cue.

What no rule forbids stays: comments, styles, identifiers, settings, the lines of a cue. What only a person can decide
stays too, and is found again by ``rule_checks.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from pipeline.publish.caption_file import Block, BlockKind, CaptionCue, CaptionFile, has_arrow, is_timing, render_timing
from pipeline.publish.cue_text import is_wordless, without_tags
from pipeline.publish.mended_limits import mend_limits
from pipeline.publish.platforms import PLATFORMS, RuleKind, rules_of
from pipeline.publish.rule_checks import without_control_characters
from pipeline.publish.split_cues import split_long
from pipeline.times import Ms
from pipeline.writing.presets import PRESETS
from pipeline.writing.subtitles import WORD_JOINER

_DROPPED: dict[RuleKind, BlockKind] = {"comment": "note", "style": "style"}


def mend(captions: CaptionFile, platform: str) -> str:
    """Return subtitles that keep all rules of a platform that can be kept without the audio; LF, UTF-8, no BOM.

    Mending what was mended changes nothing.
    """
    kinds = frozenset(rule.kind for rule in rules_of(platform, captions.form))
    preset = PRESETS[PLATFORMS[platform].preset or "default"][captions.form]
    blocks, cues = _with_text(captions, kinds)
    cues = _in_order(cues, preset.min_duration, apart="overlap" in kinds)
    if "too-long" in kinds:
        cues = [piece for cue in cues for piece in split_long(cue, preset.max_duration)]
    cues = mend_limits(cues, preset, kinds, captions.form)
    dropped = {block for kind, block in _DROPPED.items() if kind in kinds}
    parts = list(_head(captions, kinds)) if captions.form == "vtt" else []
    parts += _kept(blocks, dropped)
    for number, cue in enumerate(cues, start=1):
        parts.append(_render_cue(replace(cue, identifier=_identifier(cue, number, captions, kinds)), captions, kinds))
        parts += _kept(cue.blocks, dropped)
    text = "\n".join(parts)
    return f"{text}\n" if captions.form == "srt" and text else text


def _head(captions: CaptionFile, kinds: frozenset[RuleKind]) -> Iterator[str]:
    header = () if "header-lines" in kinds else captions.header
    yield "".join(f"{line}\n" for line in (captions.signature or "WEBVTT", *header))


def _kept(blocks: Iterable[Block], dropped: set[BlockKind]) -> Iterator[str]:
    """Yield blocks but dropped ones, with what goes on one of these after a blank line in it."""
    dropping = False
    for block in blocks:
        dropping = block.kind in dropped or (dropping and block.kind == "unreadable" and not has_arrow(block.lines))
        if not dropping:
            yield "".join(f"{line}\n" for line in block.lines)


def _identifier(cue: CaptionCue, number: int, captions: CaptionFile, kinds: frozenset[RuleKind]) -> str | None:
    if captions.form == "srt":
        return str(number)
    return None if "identifier" in kinds else cue.identifier


def _render_cue(cue: CaptionCue, captions: CaptionFile, kinds: frozenset[RuleKind]) -> str:
    settings = "" if "settings" in kinds or not cue.settings else f" {cue.settings}"
    timing = f"{render_timing(cue.start, cue.end, captions.form)}{settings}"
    lines = (*([] if cue.identifier is None else [cue.identifier]), timing, *cue.text)
    return "".join(f"{line}\n" for line in lines)


# --- text --------------------------------------------------------------------------------------------------------


def _with_text(captions: CaptionFile, kinds: frozenset[RuleKind]) -> tuple[tuple[Block, ...], list[CaptionCue]]:
    """Return the first blocks, and the cues that have words; the blocks of a dropped cue go to what is before it."""
    blocks = list(captions.blocks)
    cues: list[tuple[CaptionCue, list[Block]]] = []
    for cue in captions.cues:
        text = _mend_text(cue.text, captions, kinds)
        if not is_wordless(text, captions.form):
            cues.append((replace(cue, text=text), list(cue.blocks)))
        else:
            (cues[-1][1] if cues else blocks).extend(cue.blocks)
    return tuple(blocks), [replace(cue, blocks=tuple(own)) for cue, own in cues]


def _mend_text(text: tuple[str, ...], captions: CaptionFile, kinds: frozenset[RuleKind]) -> tuple[str, ...]:
    if "control-character" in kinds:
        text = tuple(line for line in map(without_control_characters, text) if line.strip())
    if "tag" in kinds:
        text = without_tags(text, captions.form)
    if "several-lines" in kinds:
        text = (" ".join(line.strip() for line in text),)
    return tuple(_without_times(line, captions) for line in text)


def _without_times(line: str, captions: CaptionFile) -> str:
    """Return a line of text that no reader takes for the times of a cue."""
    line = line.replace("-->", "--&gt;" if captions.form == "vtt" else f"--{WORD_JOINER}>")
    return f"{WORD_JOINER}{line}" if is_timing(line) else line


# --- times -------------------------------------------------------------------------------------------------------


def _in_order(cues: Sequence[CaptionCue], shown: Ms, *, apart: bool) -> list[CaptionCue]:
    """Return cues by their starts, each with a length.

    Args:
        cues: in any order.
        shown: ms that a cue without a length is shown, unless the next one begins.
        apart: whether no two may overlap: a cue ends where the next one begins, and those that begin at the same time
            share it.
    """
    ordered = sorted(cues, key=lambda cue: cue.start)
    ordered = [cue if cue.end > cue.start else replace(cue, end=cue.start + shown) for cue in ordered]
    if not apart:
        return ordered
    groups = [list(group) for _, group in groupby(ordered, key=lambda cue: cue.start)]
    spread = [cue for k, group in enumerate(groups) for cue in _shared(group, _start_of(groups[k + 1 : k + 2]))]
    made: list[CaptionCue] = []
    for cue in spread:
        # more cues at a time than it has milliseconds are put one after the other
        start = max(cue.start, made[-1].start + 1) if made else cue.start
        if made:
            made[-1] = replace(made[-1], end=min(made[-1].end, start))
        made.append(replace(cue, start=start, end=max(cue.end, start + 1)))
    return made


def _start_of(groups: Sequence[Sequence[CaptionCue]]) -> Ms | None:
    return groups[0][0].start if groups else None


def _shared(group: Sequence[CaptionCue], until: Ms | None) -> Iterator[CaptionCue]:
    """Yield cues that begin at the same time with equal parts of it, to ``until`` or the last end."""
    start, end = group[0].start, max(cue.end for cue in group)
    end = end if until is None else min(end, until)
    if len(group) == 1:
        yield group[0]
        return
    part = max(1, (end - start) // len(group))
    for k, cue in enumerate(group):
        yield replace(cue, start=start + k * part, end=start + (k + 1) * part)
