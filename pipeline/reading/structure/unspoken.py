"""Recognise lines that are written among the speech and are not speech: stage directions, minutes, marks of a tape."""

from __future__ import annotations

from collections.abc import Sequence

import regex

from pipeline.reading.labels.label_times import lone_time
from pipeline.reading.labels.name_shapes import name_shape
from pipeline.reading.markup.inline import rendered_text
from pipeline.schema import Chars

_LONGEST_MARK = 60  # characters of a mark of a tape, and up to the colon of a line of minutes
_COLON = regex.compile("[:：]")
_MAX_DIRECTION_WORDS = 6  # of a line in emphasis or in round brackets: longer ones may be what somebody says

_NOTES = r"♩♪♫♬♭♯🎵🎶🎼"
_SUNG = regex.compile(rf"[{_NOTES}][^\r\n]*[{_NOTES}]$|[{_NOTES}\s]+$|[{_NOTES}][^.?!\r\n]{{0,40}}$")
_EMPHASIZED = regex.compile(r"(?P<mark>\*|_)(?=[^\s*_])(?P<text>[^*_\r\n]{1,60}+)(?P=mark)$")
_IN_BRACKETS = regex.compile(r"\\?\((?P<text>[^()\r\n]{1,80}+)\\?\)$")
_SENTENCE = regex.compile(r"[.?!…:,;]|\p{Nd}")
_PART = r"(?:part|tape|side|reel|segment|session|transcript|recording|audio|interview|clip|video)"
_TAPE_MARK = regex.compile(
    rf"(?:(?:end|start|beginning)\s+of\s+)?{_PART}(?:\s+(?:\p{{Nd}}{{1,3}}|[A-D]|[IVX]{{1,4}})(?:\s+of\s+\p{{Nd}}{{1,3}})?)?"
    r"(?:\s+(?:ends?|begins?|starts?|continues|continued|paused?|resumes?))?\s*[.:]?$",
    regex.IGNORECASE,
)
_TAPE_WORD = regex.compile(r"\b(?:end|start|beginning|ends?|begins?|starts?|\p{Nd})\b", regex.IGNORECASE)
_MINUTES_OF = (
    r"(?:presenters?|speakers?|presented\s+by|(?:remote\s+|in-person\s+)?attendees?|remote|present|absent|regrets|apologies|facilitators?|chairs?"
    r"|scribes?|note-?takers?|champions?|authors?|reviewers?|editors?|recorded|location|date|time|duration)"
)
_MINUTES = regex.compile(rf"{_MINUTES_OF}\s*[:：]\s*(?P<rest>.*)$", regex.IGNORECASE)
_MAY_BE_MINUTES = regex.compile(rf"(?:<[^<>]*+>|&\w*+;|[\W_])*+{_MINUTES_OF}", regex.IGNORECASE)  # behind marks
_CUE_NUMBER = regex.compile(r"[0-9]{1,5}[ \t]*$")
_KEY = regex.compile(r"[*_]{0,2}(?P<key>\p{L}[\p{L} _-]{0,30})[*_]{0,2}[:：]")
_HEAD_KEYS = frozenset(
    ("title", "date", "duration", "episode", "recorded", "published", "url", "link", "titel", "datum")
)
_WEBVTT = regex.compile(r"WEBVTT(?:[ \t].*)?$")
_BETWEEN_PEOPLE = regex.compile(r"\s*(?:[,;&]|\band\b)\s*")
_ABBREVIATION = regex.compile(r"\s*[(\[][^()\[\]]*[)\]]")
_NOBODY = regex.compile(r"[(]?(?:none|n/?a|-)[)]?$", regex.IGNORECASE)
_PEOPLE = frozenset(("full-name", "initials", "capitals"))
_NUMBERS = regex.compile(r"[\p{Nd}\p{L}\s,.:/+-]{1,40}$")
_DATED = frozenset(("location", "date", "time", "duration", "recorded"))


def is_unspoken(text: str, line: Chars) -> bool:
    """Return whether a line is no speech whatever surrounds it.

    That is music between note signs, a few words in emphasis or round brackets, ``PART 1 OF 4 ENDS``, or a line of
    minutes that names people (``Presenter: Ann Lee (AL)``).
    """
    written = text[line.start : line.end].strip()
    if not written[:1].isalnum() and _is_direction(written):
        return True
    if len(written) <= _LONGEST_MARK and (_WEBVTT.match(written) or _is_tape_mark(written)):
        return True
    if not (_COLON.search(written, 0, _LONGEST_MARK) and _MAY_BE_MINUTES.match(written, 0, 2 * _LONGEST_MARK)):
        return False
    return _is_of_minutes(rendered_text(text, [line]))


def _is_direction(written: str) -> bool:
    if _SUNG.match(written):
        return True
    found = _EMPHASIZED.match(written) or _IN_BRACKETS.match(written)
    if found is None or _SENTENCE.search(found["text"]):
        return False
    return len(found["text"].split()) <= _MAX_DIRECTION_WORDS


def _is_tape_mark(written: str) -> bool:
    return _TAPE_MARK.match(written) is not None and _TAPE_WORD.search(written) is not None


def is_cue_number(text: str, line: Chars, below: Chars) -> bool:
    """Return whether a line is the number of a subtitle's cue, above its times."""
    return _CUE_NUMBER.match(text, line.start, line.end) is not None and lone_time(text, below) is not None


def is_head(lines: Sequence[str]) -> bool:
    """Return whether the first lines of a file are no speech but say what it is: ``Title: …``, ``Date: …``."""
    keys = [found["key"].casefold() if (found := _KEY.match(line)) else "" for line in lines]
    return len(keys) > 1 and all(keys) and any(key in _HEAD_KEYS for key in keys)


def _is_of_minutes(shown: str) -> bool:
    found = _MINUTES.match(shown)
    if found is None:
        return False
    rest = found["rest"].strip()
    head = shown[: found.start("rest")].rstrip(" :：").casefold()
    if head in _DATED:
        return _NUMBERS.match(rest) is not None and any(character.isdecimal() for character in rest)
    if _NOBODY.match(rest):
        return True
    if len(_ABBREVIATION.findall(rest)) == len(_BETWEEN_PEOPLE.split(_ABBREVIATION.sub("", rest))):
        return True
    people = [name for name in _BETWEEN_PEOPLE.split(_ABBREVIATION.sub("", rest)) if name]
    shapes = _PEOPLE | {"one-word"} if _ABBREVIATION.search(rest) else _PEOPLE
    return bool(people) and all(name_shape(name) in shapes for name in people)
