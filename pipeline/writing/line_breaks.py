"""Words into the lines of one subtitle: how wide they are, how many fit, and where the lines end.

Widths are columns: a letter takes one, a full-width letter or an emoji two, a combining mark none (Unicode's East
Asian Width). Lines may end between words and, where no space parts those, only where Unicode's line breaking (UAX #14)
lets them: never before a closing mark or a small kana. A word wider than a line is broken there too, else between
graphemes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise

import regex
from icu4py.breakers import LineBreaker

from pipeline.times import Span
from pipeline.writing.break_cost import break_cost
from pipeline.writing.shown_words import ShownWord

_GRAPHEME = regex.compile(r"\X")
_UNEVENNESS = 8.0
"""What a line costs that is full, falling with the square of its width: it makes lines even, yet not at any price."""


@lru_cache(maxsize=65_536)
def width(text: str) -> int:
    """The columns that a text takes.

    >>> width("naïve"), width("日本"), width("👍🏽")
    (5, 4, 2)
    """
    if text.isascii():
        return len(text)
    return sum(_grapheme_width(grapheme) for grapheme in _GRAPHEME.findall(text))


def _grapheme_width(grapheme: str) -> int:
    if "\ufe0f" in grapheme or any(unicodedata.east_asian_width(character) in "WF" for character in grapheme):
        return 2
    return int(any(unicodedata.category(character) not in ("Mn", "Me", "Cf") for character in grapheme))


def unparted(words: Sequence[ShownWord]) -> Iterator[ShownWord]:
    """Make one word of those that no line may part: "foo" and "[bar]" without a space, a word and its full stop."""
    run: list[ShownWord] = []
    for word in words:
        if run and not word.glued:
            yield from _merged(run)
            run = []
        run.append(word)
    if run:
        yield from _merged(run)


def _merged(run: Sequence[ShownWord]) -> Iterator[ShownWord]:
    """The words of a run without spaces, those together that belong together."""
    if len(run) == 1:
        yield run[0]
        return
    places = set(accumulate(len(part) for part in _unbreakable(join(run))))
    at, start = 0, 0
    for k, word in enumerate(run, start=1):
        at += len(word.text)
        if k == len(run) or at in places:
            yield ShownWord(join(run[start:k]), run[start].span.cover(word.span), run[start].before)
            start = k


def _unbreakable(text: str) -> list[str]:
    return [str(part) for part in LineBreaker(text, "en@lb=strict")]


def break_wide(words: Iterable[ShownWord], max_width: int) -> Iterator[ShownWord]:
    """Break each word that is wider than ``max_width`` into glued pieces, which share its time by their widths."""
    for word in words:
        if width(word.text) <= max_width:
            yield word
        else:
            yield from _pieces(word, max_width)


def _pieces(word: ShownWord, max_width: int) -> Iterator[ShownWord]:
    texts = [""]
    for part in _unbreakable(word.text):
        # what fits in a line of its own stays whole
        for atom in [part] if width(part) <= max_width else _GRAPHEME.findall(part):
            if texts[-1] and width(texts[-1] + atom) > max_width:
                texts.append("")
            texts[-1] += atom
    total = sum(map(width, texts)) or 1
    start, done = word.span.start, 0
    for text in texts:
        done += width(text)
        end = word.span.start + word.span.duration * done // total
        yield ShownWord(text, Span(start, end), "nothing" if text is not texts[0] else word.before)
        start = end


def join(words: Sequence[ShownWord]) -> str:
    """The words in one line."""
    return "".join(("" if i == 0 or word.glued else " ") + word.text for i, word in enumerate(words))


def fitting(words: Sequence[ShownWord], start: int, lead: int, max_width: int, max_count: int) -> int:
    """How far a subtitle that begins with ``words[start]`` can reach: the index after its last word, at least one.

    Args:
        lead: columns before the first word (a name); where the word does not fit behind it, the name has a line of
            its own.
    """
    used, count = lead + width(words[start].text), 1
    if lead and used > max_width:
        used, count = width(words[start].text), 2
    end = start + 1
    while end < len(words):
        word = words[end]
        step = width(word.text) + (not word.glued)
        if used + step <= max_width:
            used += step
        elif count < max_count:
            used, count = width(word.text), count + 1
        else:
            break
        end += 1
    return end


def break_lines(words: Sequence[ShownWord], lead: int, max_width: int, *, english: bool) -> tuple[str, ...]:
    """Break one subtitle into as few lines as it needs, even ones that end at good places.

    No line but a lone wide grapheme is wider than ``max_width``; the first one has ``lead`` columns less, unless its
    first word does not fit behind them.
    """
    if lead + width(words[0].text) > max_width:
        lead = 0
    parted = [0.0, *(break_cost(left.text, right.text, english=english) for left, right in pairwise(words))]
    columns = [0, *accumulate(width(word.text) + (not word.glued) for word in words)]
    best: list[tuple[int, float, int]] = [(0, 0.0, 0)]  # for the first n words: lines, cost, where the last line begins
    for end in range(1, len(words) + 1):
        options = []
        for start in range(end - 1, -1, -1):
            wide = columns[end] - columns[start] - (not words[start].glued) + (lead if start == 0 else 0)
            if wide > max_width and start < end - 1:
                break
            count, cost, _ = best[start]
            options.append((count + 1, cost + parted[start] + _UNEVENNESS * (wide / max_width) ** 2, start))
        best.append(min(options))
    return tuple(_trace(words, best))


def _trace(words: Sequence[ShownWord], best: Sequence[tuple[int, float, int]]) -> list[str]:
    lines: list[str] = []
    end = len(words)
    while end:
        start = best[end][2]
        lines.append(join(words[start:end]))
        end = start
    return lines[::-1]
