"""Hypothesis strategies for what the writers get: words with times, and whole results."""

from __future__ import annotations

from hypothesis import strategies as st

from pipeline.schema import Result
from pipeline.times import Span
from pipeline.writing.cues import CueOptions
from pipeline.writing.shown_words import Separator, ShownWord
from tests.factories import result

WORDS = (
    *("so", "the", "show,", "is", "on.", "And", "we", "--", "node.js", "Ranney?", '"well..."', "it's", "0.8.3", "a"),
    *(
        "of",
        "to",
        "because,",
        "Daniel",
        "Shaw",
        "really!",
        "日本語。",
        "👩‍👩‍👧",
        "naïve",
        "שלום",
        "&",
        "-->",
        "24",
        "`<b>`",
    ),
    "http://example.org/a/very/long/address/that/never/ends/and/has/no/space/in/it",
)

NAMES = ("Ann", "Bo Li", "Dr. Christopher Montgomery-Smith", "A & B", "José")


@st.composite
def shown_words(draw: st.DrawFn) -> tuple[ShownWord, ...]:
    """Draw up to 40 words in order of time, with pauses of all lengths between them."""
    clock = 0
    words: list[ShownWord] = []
    kinds: tuple[Separator, ...] = ("space", "space", "space", "nothing", "paragraph", "hole")
    separators = st.sampled_from(kinds)
    for text in draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=40)):
        start = clock + draw(st.sampled_from((0, 0, 0, 100, 700, 2_500)))
        clock = start + draw(st.integers(0, 900))
        words.append(ShownWord(text, Span(start, clock), draw(separators) if words else "space"))
    return tuple(words)


@st.composite
def results(draw: st.DrawFn) -> Result:
    """Draw an episode of up to six turns, some of them not found or with words that are not spoken."""
    texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=60).map(" ".join)
    labels = st.sampled_from(NAMES).map("**{}**: ".format)
    times = st.sampled_from(("", "", "", "0:07 - ", "1:00:01 - ", "\\[00:09\\] "))
    turns = draw(st.lists(st.tuples(times, labels, texts).map("".join), min_size=1, max_size=6))
    indices = st.integers(0, 200)
    return result(
        "\n\n".join(turns) + "\n",
        word_ms=draw(st.integers(20, 900)),
        pauses=draw(st.dictionaries(indices, st.sampled_from((200, 900, 4_000)), max_size=20)),
        silent=draw(st.sets(indices, max_size=10)),
        confidence=draw(st.dictionaries(st.integers(0, 5), st.sampled_from((0.0, 0.4, 0.5, 0.9)), max_size=4)),
    )


def cue_options() -> st.SearchStrategy[CueOptions]:
    """Draw options that differ in everything that the laws depend on."""
    return st.builds(
        CueOptions,
        max_line_width=st.integers(12, 60),
        max_line_count=st.integers(1, 3),
        gap_s=st.sampled_from((0.0, 0.083, 0.2)),
        speaker_labels=st.booleans(),
        keep_editorial=st.booleans(),
    )
