"""Keep a platform's limits of lines and times as far as that goes without the audio: no word moves to another cue.

Lines are broken again between the words that they have. A cue is shown longer where nothing follows, and shorter by the
gap before the next one. What needs more than that stays: it is for ``cuemark align --subtitles``, which knows when each
word is said.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from pipeline.publish.caption_file import CaptionCue
from pipeline.publish.cue_text import plain_text
from pipeline.publish.platforms import RuleKind
from pipeline.times import MS_PER_SECOND, Ms, Span
from pipeline.writing.line_breaks import break_lines, display_width
from pipeline.writing.presets import FormatName, Limits
from pipeline.writing.shown_words import ShownWord

_WORD = re.compile(r"(?:<[^<>]*>|[^\s<]|<)+")
"""A word with the tags that it touches: the white space within a tag is no place for a line to end."""

_OWN_LINE = re.compile(r"\s*(?:[-\u2010-\u2015]|<v[. \t]|[^\s<>:][^<>:]{0,40}:(?:\s|$))")
"""How a line begins that belongs to another speaker than the line above it: with a dash, a voice, or a name."""


def mend_limits(
    cues: Sequence[CaptionCue], limits: Limits, kinds: Collection[RuleKind], form: FormatName
) -> list[CaptionCue]:
    """Return the same cues in the same order, with other line ends and times where these break a limit.

    Mending what was mended changes nothing.

    Args:
        cues: by their starts.
        kinds: the rules that count; those that are about no limit are ignored.
    """
    broken = [_with_text(cue, _rebroken(cue, limits, kinds, form)) for cue in cues]
    ends = _ends(broken, limits, kinds, form)  # a line end is no column to read, and a space in its place is one
    return [replace(cue, end=end) for cue, end in zip(broken, ends, strict=True)]


def _with_text(cue: CaptionCue, text: tuple[str, ...]) -> CaptionCue:
    lines = cue.text_lines if len(text) == len(cue.text_lines) else (cue.line + 1,) * len(text)
    return replace(cue, text=text, text_lines=lines)


# --- lines -------------------------------------------------------------------------------------------------------


def _rebroken(cue: CaptionCue, limits: Limits, kinds: Collection[RuleKind], form: FormatName) -> tuple[str, ...]:
    """Return the text with new line ends if it breaks a limit and then breaks none, else as it is."""
    too_wide = "line-width" in kinds and not _fits(cue.text, limits, form)
    too_many = "line-count" in kinds and len(cue.text) > limits.count
    if not (too_wide or too_many) or any(_OWN_LINE.match(line) for line in cue.text[1:]):
        return cue.text
    words = [word for line in cue.text for word in _WORD.findall(line)]
    shown = [plain_text(word, form) for word in words]
    if not all(shown) or _joins_wide_letters(cue.text, form):
        return cue.text
    made = tuple(_broken(words, shown, limits.width))
    few_enough = len(made) <= max(limits.count, len(cue.text) if "line-count" not in kinds else 0)
    return made if few_enough and _fits(made, limits, form) else cue.text


def _broken(words: Sequence[str], shown: Sequence[str], width: int) -> Iterator[str]:
    """Yield the lines of words with tags, broken where the words without them are best broken."""
    nowhen = Span(0, 0)
    is_english = all(word.isascii() for word in shown)  # the tables of the break costs are of English
    lines = break_lines([ShownWord(word, nowhen, "space") for word in shown], 0, width, english=is_english)
    done = 0
    for line in lines:
        yield " ".join(words[done : done + len(line)])
        done += len(line)


def _fits(text: Sequence[str], limits: Limits, form: FormatName) -> bool:
    return all(display_width(plain_text(line, form)) <= limits.width for line in text)


def _joins_wide_letters(text: Sequence[str], form: FormatName) -> bool:
    """Return whether a line ends between two letters that are written without a space, as in Chinese."""
    lines = [plain_text(line, form).strip() for line in text]
    return any(not (one.isascii() and two.isascii()) and _is_wide(one[-1:] + two[:1]) for one, two in pairwise(lines))


def _is_wide(letters: str) -> bool:
    return display_width(letters) > len(letters)


# --- times -------------------------------------------------------------------------------------------------------


def _ends(cues: Sequence[CaptionCue], limits: Limits, kinds: Collection[RuleKind], form: FormatName) -> Iterator[Ms]:
    for k, cue in enumerate(cues):
        until = cues[k + 1].start if k + 1 < len(cues) else None
        yield cue.end if cue.end <= cue.start else _end(cue, until, limits, kinds, form)


def _end(cue: CaptionCue, until: Ms | None, limits: Limits, kinds: Collection[RuleKind], form: FormatName) -> Ms:
    """Return when a cue ends: late enough to be seen and read, but before the next one, ``until``, begins."""
    least = cue.start + max(
        limits.min_duration if "too-short" in kinds else 0,
        _to_read(cue, limits, form) if "reading-speed" in kinds else 0,
    )
    wanted = min(least, cue.start + limits.max_duration)
    if until is None:
        return max(cue.end, wanted)
    last = until - (limits.gap if "gap" in kinds else 0)
    if cue.end > last:
        is_read = last >= wanted and last > cue.start
        return last if "gap" in kinds and cue.end <= until and is_read else cue.end
    return max(cue.end, min(wanted, last))


def _to_read(cue: CaptionCue, limits: Limits, form: FormatName) -> Ms:
    columns = sum(display_width(plain_text(line, form)) for line in cue.text)
    return math.ceil(columns * MS_PER_SECOND / limits.columns_per_second)
