"""Arrange words in the lines of one subtitle: their width, how many fit, and where the lines end.

Widths are columns: a letter takes one, a full-width letter or an emoji two, a combining mark none (Unicode's East Asian
Width). Lines can end between words. Between words without a space, and within a word that is wider than a line, they
end only where Unicode's line breaking (UAX #14) allows it, never before a closing mark or a small kana; failing that,
between graphemes.
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
from pipeline.writing.shown_words import Separator, ShownWord

_GRAPHEME = regex.compile(r"\X")
_LINE_WIDTH_COST = 8.0
"""The cost of a full line, in the units of ``break_cost``. It falls with the square of the line's width, so that lines
of even width are cheapest unless a much better place makes them uneven. No measurement chose it."""


@lru_cache(maxsize=65_536)
def display_width(text: str) -> int:
    """Return the number of columns that a text takes.

    >>> display_width("naïve"), display_width("日本"), display_width("👍🏽")
    (5, 4, 2)
    """
    if text.isascii():
        return len(text)
    return sum(_grapheme_width(grapheme) for grapheme in _GRAPHEME.findall(text))


def _grapheme_width(grapheme: str) -> int:
    if "\ufe0f" in grapheme or any(unicodedata.east_asian_width(character) in "WF" for character in grapheme):
        return 2
    return int(any(unicodedata.category(character) not in ("Mn", "Me", "Cf") for character in grapheme))


def join_unbreakable(words: Sequence[ShownWord]) -> Iterator[ShownWord]:
    """Join words between which no line can end: "foo" and "[bar]" without a space, a word and its full stop."""
    run: list[ShownWord] = []
    for word in words:
        if run and not word.glued:
            yield from _merge_unbreakable(run)
            run = []
        run.append(word)
    if run:
        yield from _merge_unbreakable(run)


def _merge_unbreakable(run: Sequence[ShownWord]) -> Iterator[ShownWord]:
    """Yield the words of a run without spaces, joined where no line can end."""
    if len(run) == 1:
        yield run[0]
        return
    places = set(accumulate(len(part) for part in _break_opportunities(line_text(run))))
    at, start = 0, 0
    for k, word in enumerate(run, start=1):
        at += len(word.text)
        if k == len(run) or at in places:
            confidence = min(part.confidence for part in run[start:k])
            span = run[start].span.cover(word.span)
            yield ShownWord(line_text(run[start:k]), span, run[start].separator, confidence)
            start = k


def _break_opportunities(text: str) -> list[str]:
    return [str(part) for part in LineBreaker(text, "en@lb=strict")]


def break_wide_words(words: Iterable[ShownWord], max_width: int) -> Iterator[ShownWord]:
    """Break each word that is wider than ``max_width`` into glued pieces, which share its time by their widths."""
    for word in words:
        if display_width(word.text) <= max_width:
            yield word
        else:
            yield from _pieces(word, max_width)


def _pieces(word: ShownWord, max_width: int) -> Iterator[ShownWord]:
    texts = [""]
    for part in _break_opportunities(word.text):
        # a part that fits in a line of its own stays whole
        for atom in [part] if display_width(part) <= max_width else _GRAPHEME.findall(part):
            if texts[-1] and display_width(texts[-1] + atom) > max_width:
                texts.append("")
            texts[-1] += atom
    total = sum(map(display_width, texts)) or 1
    start, done = word.span.start, 0
    for text in texts:
        done += display_width(text)
        end = word.span.start + word.span.duration * done // total
        separator: Separator = "nothing" if text is not texts[0] else word.separator
        yield ShownWord(text, Span(start, end), separator, word.confidence)
        start = end


def line_text(words: Sequence[ShownWord]) -> str:
    """Return the words as one line."""
    return "".join(("" if i == 0 or word.glued else " ") + word.text for i, word in enumerate(words))


def fit_end(words: Sequence[ShownWord], start: int, lead: int, max_width: int, max_count: int) -> int:
    """Return the index after the last word that fits into a subtitle that begins with ``words[start]``.

    The first word always counts as fitting.

    Args:
        lead: columns before the first word (a name); if the word does not fit after it, the name has a line of its own.
        max_width: columns of a line.
        max_count: lines of the subtitle.
    """
    used, count = lead + display_width(words[start].text), 1
    if lead and used > max_width:
        used, count = display_width(words[start].text), 2
    end = start + 1
    while end < len(words):
        word = words[end]
        step = display_width(word.text) + (not word.glued)
        if used + step <= max_width:
            used += step
        elif count < max_count:
            used, count = display_width(word.text), count + 1
        else:
            break
        end += 1
    return end


def break_lines(
    words: Sequence[ShownWord], lead: int, max_width: int, *, english: bool
) -> tuple[tuple[ShownWord, ...], ...]:
    """Break one subtitle into as few lines as it needs, of even width and with ends at good places.

    No line is wider than ``max_width``, except one that is a single wide grapheme. The first line has ``lead`` columns
    less, unless its first word does not fit after them.
    """
    if lead + display_width(words[0].text) > max_width:
        lead = 0
    break_costs = [0.0, *(break_cost(left.text, right.text, english=english) for left, right in pairwise(words))]
    columns = [0, *accumulate(display_width(word.text) + (not word.glued) for word in words)]
    best: list[tuple[int, float, int]] = [(0, 0.0, 0)]  # for the first n words: lines, cost, where the last line begins
    for end in range(1, len(words) + 1):
        candidates = []
        for start in range(end - 1, -1, -1):
            wide = columns[end] - columns[start] - (not words[start].glued) + (lead if start == 0 else 0)
            if wide > max_width and start < end - 1:
                break
            count, cost, _ = best[start]
            candidates.append(
                (count + 1, cost + break_costs[start] + _LINE_WIDTH_COST * (wide / max_width) ** 2, start)
            )
        best.append(min(candidates))
    return tuple(_lines_of_best(words, best))


def _lines_of_best(words: Sequence[ShownWord], best: Sequence[tuple[int, float, int]]) -> list[tuple[ShownWord, ...]]:
    lines: list[tuple[ShownWord, ...]] = []
    end = len(words)
    while end:
        start = best[end][2]
        lines.append(tuple(words[start:end]))
        end = start
    return lines[::-1]
