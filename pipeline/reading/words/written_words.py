"""Text cut into written words and the times that stand between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex

from pipeline.reading.markup.inline import Rendered, render
from pipeline.reading.markup.notation import CLOCK
from pipeline.reading.words.spoken_form import spoken_keys
from pipeline.reading.words.word_breaks import cut_unspaced
from pipeline.schema import Chars, Run, WordKind
from pipeline.times import Ms, parse_clock

_TIME = rf"[\[(]{CLOCK}[\])]"
_NOT_HEARD = (
    "unintelligible|inaudible|indistinct|crosstalk|unverständlich|incompréhensible|ininteligible|inintelligible"
    "|incomprensibile|ininteligível|inaudível|onverstaanbaar|неразборчиво|听不清|聽不清|聞き取れない|聞き取り不能"
    "|알아들을 수 없음|غير مسموع|לא ברור"
)
_LOST = rf"""
    [\[(][ ]*+ (?:{_NOT_HEARD.replace(" ", "[ ]")}) (?:[\s,:@–-]++(?:at\s++)?{CLOCK})?+ [ ]*+[\])]
"""
_TOKEN = regex.compile(
    rf"""
      (?P<time>{_TIME})
    | (?P<lost>[^\w\s\x1c-\x1f\[(]*+{_LOST}[^\w\s\x1c-\x1f\[(]*+)
    | (?P<run>(?:[^\s\x1c-\x1f\[(]|(?!{_TIME}|{_LOST})[\[(])++)
    """,
    regex.VERBOSE | regex.IGNORECASE,
)
_BARE_TIME = regex.compile(rf"\s*+{CLOCK}(?:\s*+$|\s*+[-–—]\s)")  # "0:17 - text", or a time alone on its line
_ADDRESS = regex.compile(r"\W*+https?://", regex.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Word:
    """A written word before it is known whose it is; the fields are those of ``WrittenWord``."""

    chars: Chars
    shown: str
    keys: tuple[str, ...]
    kind: WordKind


@dataclass(frozen=True, slots=True)
class Mark:
    """A typed time inside the text: its digits, and what they say."""

    clock: Chars
    at: Ms


def cut(page: str, pieces: Sequence[Chars], references: frozenset[str], language: str) -> Iterator[Word | Mark]:
    """Cut stretches of text into words and times, in order.

    A word is a maximal run of characters that are shown and no white space, cut further where its script has no spaces
    (see ``segmentation``); a bracketed time or a mark such as ``[unintelligible 04:01]`` parts two of them, and the
    mark is one word however many it is typed as.
    """
    rendered = render(page, pieces, references)
    at = 0
    if (found := _BARE_TIME.match(rendered.text)) and (mark := _mark(page, rendered, found)):
        yield mark
        at = found.end()
    for found in _TOKEN.finditer(_without_code(rendered), at):
        if found["time"] and (mark := _mark(page, rendered, found)):
            yield mark
        elif found["lost"]:
            yield _written(rendered, Run(*found.span()), (), "unintelligible")
        else:
            yield from _words(rendered, Run(*found.span()), language)


def _without_code(rendered: Rendered) -> str:
    """The text with a letter for each character of code that is no white space: its brackets mean nothing."""
    if not any(rendered.literal):
        return rendered.text
    pairs = zip(rendered.text, rendered.literal, strict=True)
    return "".join("x" if literal and not shown.isspace() else shown for shown, literal in pairs)


def _mark(page: str, rendered: Rendered, found: regex.Match[str]) -> Mark | None:
    """The time that was found; None where it is typed in so odd a way (``&#48;:17``) that its digits are not there."""
    start, end = found.span("clock")
    clock = Chars(rendered.starts[start], rendered.ends[end - 1])
    if page[clock.start : clock.end] != found["clock"]:
        return None
    return Mark(clock, parse_clock(found["clock"]))


def _words(rendered: Rendered, run: Run, language: str) -> Iterator[Word]:
    start = run.start
    for shown in cut_unspaced(rendered.text[run.start : run.end]):
        part = Run(start, start + len(shown))
        keys = spoken_keys(shown, language)
        is_editorial = not keys or _ADDRESS.match(shown) or _is_aside(rendered, part)
        yield _written(rendered, part, keys, "editorial" if is_editorial else "spoken")
        start = part.end


def _written(rendered: Rendered, part: Run, keys: tuple[str, ...], kind: WordKind) -> Word:
    chars = Chars(rendered.starts[part.start], rendered.ends[part.end - 1])
    return Word(chars, rendered.text[part.start : part.end], keys, kind)


def _is_aside(rendered: Rendered, part: Run) -> bool:
    """Whether all that is said of the word stands in an editor's brackets: ``[Dahl],`` but not ``word[s]``."""
    if not any(rendered.editorial[part.start : part.end]):
        return False
    return all(rendered.editorial[i] for i in part if rendered.text[i].isalnum())
