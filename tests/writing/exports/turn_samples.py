"""Turns with all that a stranger may have typed: names and words that other formats could take for markup."""

from __future__ import annotations

from hypothesis import strategies as st

from pipeline.times import Ms, Span
from pipeline.writing.shown_words import Separator, ShownTurn, ShownWord

HOSTILE_NAMES = (
    *("Ann Lee", 'Bo "Bobby" Li', '"', "A & B <i>", "Smith, Jo", "דנה", "{\\b1}", "C:\\n", "a  b"),
    *("unknown", "Ann Lee words", "x" * 100, "=1+1", "..", "]]>", "%s", "{text}"),
)
HOSTILE_TEXTS = (
    *("so", "the", "show,", "is", "on.", "talking to", '"', '""', "<b>", "</p>", "&amp;", "-->", "{\\an8}", "\\N"),
    *("שלום", "日本語。", "👩‍👩‍👧", "{text}", "]]>", "=1+1", ";;", "%", "\\"),
)


def turn(speaker: str | None, text: str, start: Ms = 0, word_ms: Ms = 300, *, index: int = 0) -> ShownTurn:
    """A turn whose words take the same time each, without pauses."""
    words = (
        ShownWord(word, Span(start + k * word_ms, start + (k + 1) * word_ms), "space")
        for k, word in enumerate(text.split(" "))
    )
    return ShownTurn(index, speaker, tuple(words))


@st.composite
def hostile_turns(draw: st.DrawFn) -> tuple[ShownTurn, ...]:
    """Draw turns that may overlap, of words that may have no duration, with strange names and texts."""
    clock = 0
    turns: list[ShownTurn] = []
    separators: st.SearchStrategy[Separator] = st.sampled_from(("space", "space", "nothing", "paragraph", "hole"))
    for index in range(draw(st.integers(0, 6))):
        clock = max(0, clock + draw(st.sampled_from((-1_500, -10, 0, 500, 3_000))))
        words: list[ShownWord] = []
        for text in draw(st.lists(st.sampled_from(HOSTILE_TEXTS), min_size=1, max_size=8)):
            start = clock + draw(st.sampled_from((0, 0, 100, 2_000)))
            clock = start + draw(st.sampled_from((0, 1, 80, 400)))
            separator = draw(separators) if words else "space"
            words.append(ShownWord(text, Span(start, clock), separator, draw(st.sampled_from((0.0, 0.25, 1.0)))))
        turns.append(ShownTurn(index, draw(st.sampled_from((None, *HOSTILE_NAMES))), tuple(words)))
    return tuple(turns)
