"""Split a cue that is shown for too long where the file itself says when its words are said (WebVTT, section 4.2.2)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from pipeline.publish.caption_file import CaptionCue
from pipeline.times import Ms, from_clock_parts

_TIME_TAG = re.compile(r"<(?:([0-9]{1,4}):)?([0-9]{2}):([0-9]{2})\.([0-9]{3})>")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?[ \t][^<>]*>")


def split_long(cue: CaptionCue, longest: Ms) -> tuple[CaptionCue, ...]:
    """Return a cue as several that are shown for ``longest`` ms at most, one after the other, with all its words.

    A cue that is short enough, has no times within its text, has them too far apart, or has other tags than a voice at
    its start is returned as it is.
    """
    text = "\n".join(cue.text)
    voice = _VOICE.match(text)
    lead, rest = (voice[0], text[voice.end() :]) if voice else ("", text)
    found = list(_TIME_TAG.finditer(rest))
    places = [(from_clock_parts(*one.groups()), one) for one in found]
    times = [at for at, _ in places]
    cuts = _cuts(cue.start, cue.end, times, longest) if times == sorted(times) else []
    if not cuts or "<" in _TIME_TAG.sub("", rest):
        return (cue,)
    edges = [(cue.start, 0, 0), *((places[k][0], places[k][1].start(), places[k][1].end()) for k in cuts)]
    ends = [*((at, before) for at, before, _ in edges[1:]), (cue.end, len(rest))]
    texts = [rest[after:until] for (_, _, after), (_, until) in zip(edges, ends, strict=True)]
    if not all(_TIME_TAG.sub("", one).strip() for one in texts):
        return (cue,)
    made = [
        _piece(cue, lead, one, (start, end)) for one, (start, _, _), (end, _) in zip(texts, edges, ends, strict=True)
    ]
    return (*(replace(one, blocks=()) for one in made[:-1]), replace(made[-1], blocks=cue.blocks))


def _cuts(start: Ms, end: Ms, times: Sequence[Ms], longest: Ms) -> list[int]:
    """Return the indices of the times at which to cut, into parts as even as possible; none if that cannot be done."""
    cuts: list[int] = []
    while end - start > longest:
        parts = -(-(end - start) // longest)
        ideal = start + (end - start) // parts
        able = [k for k, at in enumerate(times) if start < at < end and at - start <= longest]
        if not able:
            return []
        cuts.append(min(able, key=lambda k: abs(times[k] - ideal)))
        start = times[cuts[-1]]
    return cuts


def _piece(cue: CaptionCue, lead: str, text: str, times: tuple[Ms, Ms]) -> CaptionCue:
    lines = tuple(line.strip() for line in text.split("\n") if line.strip())
    first = times[0] == cue.start
    return replace(
        cue,
        identifier=cue.identifier if first else None,
        start=times[0],
        end=times[1],
        text=(f"{lead}{lines[0]}", *lines[1:]),
        text_lines=cue.text_lines[: len(lines)],
    )
