"""Cut text into written words and the typed times between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex

from pipeline.reading.markup.inline import Rendered, render_inline
from pipeline.reading.markup.notation import CLOCK
from pipeline.reading.words.spoken_form import spoken_keys
from pipeline.reading.words.word_breaks import cut_unspaced
from pipeline.schema import Chars, Run, WordKind
from pipeline.times import Ms, parse_clock

_TIME = rf"[\[(]{CLOCK}[\])]"
_UNINTELLIGIBLE_WORDS = (
    "unintelligible|inaudible|indistinct|crosstalk|unverständlich|incompréhensible|ininteligible|inintelligible"
    "|incomprensibile|ininteligível|inaudível|onverstaanbaar|неразборчиво|听不清|聽不清|聞き取れない|聞き取り不能"
    "|알아들을 수 없음|غير مسموع|לא ברור"
)
_UNINTELLIGIBLE = rf"""
    [\[(][ ]*+ (?:{_UNINTELLIGIBLE_WORDS.replace(" ", "[ ]")}) (?:[\s,:@–-]++(?:at\s++)?{CLOCK})?+ [ ]*+[\])]
"""
_TOKEN = regex.compile(
    rf"""
      (?P<time>{_TIME})
    | (?P<unintelligible>[^\w\s\x1c-\x1f\[(]*+{_UNINTELLIGIBLE}[^\w\s\x1c-\x1f\[(]*+)
    | (?P<run>(?:[^\s\x1c-\x1f\[(]|(?!{_TIME}|{_UNINTELLIGIBLE})[\[(])++)
    """,
    regex.VERBOSE | regex.IGNORECASE,
)
_BARE_TIME = regex.compile(rf"\s*+{CLOCK}(?:\s*+$|\s*+[-–—]\s)")  # "0:17 - text", or a time alone on its line
_ADDRESS = regex.compile(r"\W*+https?://", regex.IGNORECASE)


@dataclass(frozen=True, slots=True)
class WordToken:
    """A written word before its utterance is known; the fields are those of ``WrittenWord``."""

    chars: Chars
    shown: str
    keys: tuple[str, ...]
    kind: WordKind


@dataclass(frozen=True, slots=True)
class TimeToken:
    """A typed time inside the text: the range of its digits, and its value in ms."""

    clock: Chars
    at: Ms


def tokenize(
    text: str, pieces: Sequence[Chars], references: frozenset[str], language: str
) -> Iterator[WordToken | TimeToken]:
    """Cut ranges of a masked text into words and times, in order.

    A word is a maximal run of rendered characters without white space, cut further if its script has no spaces (see
    ``word_breaks``). A bracketed time or a mark such as ``[unintelligible 04:01]`` separates two words, and the mark is
    one word even if it is typed as several.
    """
    rendered = render_inline(text, pieces, references)
    at = 0
    if (found := _BARE_TIME.match(rendered.text)) and (mark := _time_token(text, rendered, found)):
        yield mark
        at = found.end()
    for found in _TOKEN.finditer(_without_code(rendered), at):
        if found["time"] and (mark := _time_token(text, rendered, found)):
            yield mark
        elif found["unintelligible"]:
            yield _word_token(rendered, Run(*found.span()), (), "unintelligible")
        else:
            yield from _word_tokens(rendered, Run(*found.span()), language)


def _without_code(rendered: Rendered) -> str:
    """Return the text with a letter for each visible character of code, since brackets in code have no meaning."""
    if not any(rendered.literal):
        return rendered.text
    pairs = zip(rendered.text, rendered.literal, strict=True)
    return "".join("x" if literal and not shown.isspace() else shown for shown, literal in pairs)


def _time_token(text: str, rendered: Rendered, found: regex.Match[str]) -> TimeToken | None:
    """Return the time that was found; None if its digits are not in the source as they are rendered (``&#48;:17``)."""
    start, end = found.span("clock")
    clock = Chars(rendered.starts[start], rendered.ends[end - 1])
    if text[clock.start : clock.end] != found["clock"]:
        return None
    return TimeToken(clock, parse_clock(found["clock"]))


def _word_tokens(rendered: Rendered, run: Run, language: str) -> Iterator[WordToken]:
    start = run.start
    for shown in cut_unspaced(rendered.text[run.start : run.end]):
        part = Run(start, start + len(shown))
        keys = spoken_keys(shown, language)
        is_editorial = not keys or _ADDRESS.match(shown) or _is_aside(rendered, part)
        yield _word_token(rendered, part, keys, "editorial" if is_editorial else "spoken")
        start = part.end


def _word_token(rendered: Rendered, part: Run, keys: tuple[str, ...], kind: WordKind) -> WordToken:
    chars = Chars(rendered.starts[part.start], rendered.ends[part.end - 1])
    return WordToken(chars, rendered.text[part.start : part.end], keys, kind)


def _is_aside(rendered: Rendered, part: Run) -> bool:
    """Return whether the whole word is within an editor's brackets: ``[Dahl],`` but not ``word[s]``."""
    if not any(rendered.editorial[part.start : part.end]):
        return False
    return all(rendered.editorial[i] for i in part if rendered.text[i].isalnum())
