"""Cut text into written words and the typed times between them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import msgspec
import regex

from pipeline.reading.markup.hidden_text import MaskedSource
from pipeline.reading.markup.inline import render_inline
from pipeline.reading.markup.notation import CLOCK, INSIDE_BRACKETS, UNINTELLIGIBLE_WORDS
from pipeline.reading.markup.source_map import Rendered
from pipeline.reading.words.spoken_form import spoken_keys
from pipeline.reading.words.word_breaks import cut_unspaced
from pipeline.schema import Chars, WordKind, WrittenWord
from pipeline.times import Ms, parse_clock

_TIME = rf"[\[(]{INSIDE_BRACKETS}[\])]"
_UNINTELLIGIBLE = rf"""
    [\[(<][ ]*+ (?:{UNINTELLIGIBLE_WORDS.replace(" ", "[ ]")}) (?:[\s,:@–-]++(?:at\s++)?{CLOCK})?+ [ ]*+[\])>]
"""
_MARK = regex.compile(
    rf"(?P<time>{_TIME}) | (?P<unintelligible>{_UNINTELLIGIBLE}[^\w\s\[(<]*+)", regex.VERBOSE | regex.IGNORECASE
)
_OPENING = re.compile(r"[\[(<]")
_RUN = re.compile(r"\S+")  # the module re is several times faster than regex for a set of characters
_PUNCTUATION = regex.compile(r"[^\w\s\[(<]+")
_BARE_TIME = regex.compile(rf"\s*+{CLOCK}(?:\s*+$|\s*+[-–—]\s)")  # "0:17 - text", or a time alone on its line
_LITERAL = re.compile(rb"\x01+")
_VISIBLE = re.compile(r"\S")
_ADDRESS = regex.compile(r"\W*+https?://", regex.IGNORECASE)


class TimeToken(msgspec.Struct, frozen=True, gc=False):
    """A typed time inside the text: the range of its digits, and its value in ms."""

    clock: Chars
    at: Ms


def tokenize(
    masked: MaskedSource, pieces: Sequence[Chars], references: frozenset[str], language: str, utterance: int
) -> tuple[list[WrittenWord], list[TimeToken]]:
    """Cut ranges of a masked text into the words of an utterance and the times between them, each in order.

    A word is a maximal run of rendered characters without white space, cut further if its script has no spaces (see
    ``word_breaks``). A bracketed time or a mark such as ``[unintelligible 04:01]`` separates two words, and the mark is
    one word even if it is typed as several.
    """
    rendered = render_inline(masked.text, pieces, references)
    cutter = _WordCutter(masked.source, rendered, language, utterance)
    times: list[TimeToken] = []
    at = 0
    if (found := _BARE_TIME.match(rendered.text)) and (time := _time_token(masked.text, rendered, found)):
        times.append(time)
        at = found.end()
    shown = _without_code(rendered)
    for found in _MARK.finditer(shown, at) if _OPENING.search(shown) else ():
        is_mark = found["unintelligible"] is not None
        start = _mark_start(shown, at, found.start()) if is_mark else found.start()
        cutter.cut(at, start)
        at = found.end()
        if is_mark:
            cutter.cut_mark(start, at)
        elif time := _time_token(masked.text, rendered, found):
            times.append(time)
        else:
            cutter.cut(start, at)
    cutter.cut(at, len(shown))
    return cutter.words, times


def _mark_start(shown: str, at: int, mark: int) -> int:
    """Return where a mark begins with the punctuation before it that is not part of a word: ``"[unintelligible]``."""
    start = mark
    while start > at and _PUNCTUATION.match(shown[start - 1]):
        start -= 1
    return start if start == at or shown[start - 1].isspace() else mark


def _without_code(rendered: Rendered) -> str:
    """Return the text with a letter for each visible character of code, since brackets in code have no meaning."""
    if b"\1" not in rendered.literal:
        return rendered.text
    parts, done = list[str](), 0
    for found in _LITERAL.finditer(rendered.literal):
        parts += (rendered.text[done : found.start()], _VISIBLE.sub("x", rendered.text[found.start() : found.end()]))
        done = found.end()
    parts.append(rendered.text[done:])
    return "".join(parts)


def _time_token(text: str, rendered: Rendered, found: regex.Match[str]) -> TimeToken | None:
    """Return the time that was found; None if its digits are not in the source as they are rendered (``&#48;:17``)."""
    start, end = found.span("clock")
    digits, clock = rendered.text[start:end], rendered.place(start, end)
    return TimeToken(clock, parse_clock(digits)) if text[clock.start : clock.end] == digits else None


class _WordCutter:
    """Cuts parts of one rendered text into words; each part begins where the last one ends, or after it."""

    def __init__(self, source: str, rendered: Rendered, language: str, utterance: int) -> None:
        self._source = source
        self._rendered = rendered
        self._language = language
        self._utterance = utterance
        self._has_editorial = b"\1" in rendered.editorial
        self._typed_end = 0  # up to here the text is shown as it is typed,
        self._shift = 0  # so many characters further on in the source
        self.words: list[WrittenWord] = []

    def cut(self, start: int, end: int) -> None:
        """Add the words of a range without marks."""
        for run in _RUN.finditer(self._rendered.text, start, end):
            at, typed = run.start(), run[0]
            for part in (typed,) if typed.isascii() else cut_unspaced(typed):
                shown, keys, kind = _spoken(part, self._language)
                following = at + len(part)
                if self._has_editorial and _is_aside(self._rendered, at, following):
                    kind = "editorial"
                self.words.append(self._word(at, following, shown, keys, kind))
                at = following

    def cut_mark(self, start: int, end: int) -> None:
        """Add the word of a mark for unintelligible speech; the white space in it may be typed in other ways."""
        chars = self._rendered.place(start, end)
        text, shown = self._source[chars.start : chars.end], self._rendered.text[start:end]
        self.words.append(WrittenWord(text, shown, (), chars.start, self._utterance, "unintelligible"))

    def _word(self, start: int, end: int, shown: str, keys: tuple[str, ...], kind: WordKind) -> WrittenWord:
        if end > self._typed_end:
            self._typed_end, self._shift = self._rendered.places.as_typed_from(start)
        if end <= self._typed_end:
            return WrittenWord(shown, shown, keys, start + self._shift, self._utterance, kind)
        chars = self._rendered.place(start, end)
        text = self._source[chars.start : chars.end]
        text = shown if text == shown else text  # one string for both, and for all equal words
        return WrittenWord(text, shown, keys, chars.start, self._utterance, kind)


@lru_cache(maxsize=1 << 14)  # the distinct words of a few long transcripts
def _spoken(shown: str, language: str) -> tuple[str, tuple[str, ...], WordKind]:
    """Return a word, its keys and its kind; equal words share these values, which keeps a transcript small."""
    keys: tuple[str, ...] = spoken_keys.__wrapped__(shown, language)  # without a second cache
    return shown, keys, "spoken" if keys and not _ADDRESS.match(shown) else "editorial"


def _is_aside(rendered: Rendered, start: int, end: int) -> bool:
    """Return whether the whole word is within an editor's brackets: ``[Dahl],`` but not ``word[s]``."""
    if rendered.editorial.find(1, start, end) < 0:
        return False
    return all(rendered.editorial[i] for i in range(start, end) if rendered.text[i].isalnum())
