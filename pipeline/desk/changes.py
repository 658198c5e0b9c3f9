"""Change sets as CodeMirror writes them: read, checked, joined, and positions mapped through them.

A change set is the JSON of ``ChangeSet.toJSON()`` in ``@codemirror/state``: a list that tiles the whole text. A number
keeps so many units; ``[n]`` deletes n units; ``[n, "line", "line", …]`` puts the lines, joined by line breaks, in their
place. A unit is a UTF-16 code unit of the page text, in which each line break is one unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import regex

MOST_UNITS = 10_000_000
"""The longest text that is edited. Three hours of speech have 200,000 units; a far larger number is an error."""

_BEYOND_BMP = regex.compile(r"[\U00010000-\U0010ffff]")
_NOT_IN_LINE = regex.compile(r"[\r\n\ud800-\udfff]")


class ChangeError(ValueError):
    """A change set is not one, or does not fit the text that it is applied to."""


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of the old text: kept if ``text`` is None, else replaced by ``text``; ``units`` is its length."""

    units: int
    text: str | None = None

    @property
    def new_units(self) -> int:
        """The length of what is in its place afterwards."""
        return self.units if self.text is None else count_units(self.text)


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Parts that tile a text; no two replaced parts are adjacent, nor two kept ones, and none is empty."""

    parts: tuple[Part, ...]

    @property
    def units(self) -> int:
        """The length of the text before."""
        return sum(part.units for part in self.parts)

    @property
    def new_units(self) -> int:
        """The length of the text afterwards."""
        return sum(part.new_units for part in self.parts)

    def replacements(self) -> Iterator[tuple[int, int, str]]:
        """Yield start and end in the old text, and the new text, of each replaced part."""
        at = 0
        for part in self.parts:
            if part.text is not None:
                yield at, at + part.units, part.text
            at += part.units

    def to_json(self) -> list[object]:
        """Return the change set as CodeMirror reads it (``ChangeSet.fromJSON``)."""
        return [_part_json(part) for part in self.parts]


def count_units(text: str) -> int:
    """Return the length of a text in UTF-16 code units."""
    return len(text) + (0 if text.isascii() else sum(1 for _ in _BEYOND_BMP.finditer(text)))


def parse_changes(value: object) -> ChangeSet:
    r"""Read a change set.

    Raises:
        ChangeError: it is not one; a line has a line break or half of a surrogate pair; or it is too long.

    >>> parse_changes([1, [2, "x", "y"], 3]).parts
    (Part(units=1, text=None), Part(units=2, text='x\ny'), Part(units=3, text=None))
    """
    if not isinstance(value, list | tuple):
        raise ChangeError(f"a change set is a list, not {type(value).__name__}")
    changes = change_set(map(_parse_part, value))
    if max(changes.units, changes.new_units) > MOST_UNITS:
        raise ChangeError(f"a text has at most {MOST_UNITS} units")
    return changes


def change_set(parts: Iterable[Part]) -> ChangeSet:
    """Return the change set of these parts; adjacent ones of one kind are joined, empty ones are left out."""
    filled = (part for part in parts if part.units or part.text)
    joined = (_join(list(group)) for _, group in groupby(filled, key=lambda part: part.text is None))
    return ChangeSet(tuple(joined))


def replace_ranges(units: int, replacements: Iterable[tuple[int, int, str]]) -> ChangeSet:
    """Return the change set that replaces ranges of a text, given in order as start, end and new text."""
    parts, done = list[Part](), 0
    for start, end, text in replacements:
        parts += (Part(start - done), Part(end - start, text))
        done = end
    return change_set((*parts, Part(units - done)))


def compose(first: ChangeSet, second: ChangeSet) -> ChangeSet:
    """Return the change set that does what the first and then the second one does.

    Raises:
        ChangeError: the second one is of a text of another length.

    >>> compose(parse_changes([1, [0, "ab"]]), parse_changes([2, [1]])).to_json()
    [1, [0, 'a']]
    """
    if first.new_units != second.units:
        raise ChangeError(f"the second change is of {second.units} units, the first one gives {first.new_units}")
    source, parts = _Source(first), list[Part]()
    for part in second.parts:
        parts += (taken if part.text is None else Part(taken.units, "") for taken in source.take(part.units))
        if part.text:
            parts.append(Part(0, part.text))
    parts += source.rest()
    return change_set(parts)


def map_position(changes: ChangeSet, at: int, *, after: bool = False) -> int:
    """Return where a position of the old text is in the new one, as CodeMirror's ``mapPos`` does.

    Args:
        after: where text is inserted at the position, whether it is then behind that text.

    Raises:
        ChangeError: the position is beyond the end of the text.
    """
    return map_positions(changes, (at,), after=after)[0]


def map_positions(changes: ChangeSet, places: Sequence[int], *, after: bool = False) -> list[int]:
    """Return ``map_position`` of each of several positions, which are in order."""
    mapped, old, new = list[int](), 0, 0
    pending = iter(places)
    at = next(pending, None)
    for part in changes.parts:
        end, new_end = old + part.units, new + part.new_units
        while at is not None and (at < end or (at == end and part.text is not None and not after and not part.units)):
            if part.text is None:
                mapped.append(new + at - old)
            else:
                mapped.append(new if at == old or not after else new_end)
            at = next(pending, None)
        old, new = end, new_end
    while at is not None:
        if at > old:
            raise ChangeError(f"position {at} is beyond the end of a text of {old} units")
        mapped.append(new)
        at = next(pending, None)
    return mapped


# --- parts ---------------------------------------------------------------------------------------------------------


def _parse_part(value: object) -> Part:
    if isinstance(value, list | tuple) and value:
        return Part(_number(value[0]), "\n".join(map(_line, value[1:])))
    return Part(_number(value))


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_UNITS:
        raise ChangeError("a change set has whole numbers and lists that begin with one, none of them negative or huge")
    return value


def _line(value: object) -> str:
    if not isinstance(value, str) or _NOT_IN_LINE.search(value):
        raise ChangeError("an inserted line is a text without line breaks and without halves of surrogate pairs")
    return value


def _part_json(part: Part) -> object:
    if part.text is None:
        return part.units
    return [part.units, *part.text.split("\n")] if part.text else [part.units]


def _join(parts: list[Part]) -> Part:
    units = sum(part.units for part in parts)
    return Part(units) if parts[0].text is None else Part(units, "".join(part.text or "" for part in parts))


class _Source:
    """The text that a change set gives, read from its start to its end."""

    def __init__(self, changes: ChangeSet) -> None:
        self._parts = list(reversed(changes.parts))

    def take(self, units: int) -> Iterator[Part]:
        """Yield what gives the next units of the new text; deletions on the way are yielded too."""
        while units:
            part = self._parts.pop()
            size = part.new_units
            if size > units:
                part, rest = _cut(part, units)
                self._parts.append(rest)
                size = units
            yield part
            units -= size

    def rest(self) -> Iterator[Part]:
        return reversed(self._parts)


def _cut(part: Part, units: int) -> tuple[Part, Part]:
    """Cut a part so that the first piece gives so many units; a replaced part loses its old text with the first."""
    if part.text is None:
        return Part(units), Part(part.units - units)
    encoded = part.text.encode("utf-16-le", "surrogatepass")
    first, rest = (piece.decode("utf-16-le", "surrogatepass") for piece in (encoded[: 2 * units], encoded[2 * units :]))
    return Part(part.units, first), Part(0, rest)
