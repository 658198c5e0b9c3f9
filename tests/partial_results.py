"""Results of which a part is not written yet, and who says it: what ``finish`` and ``draft`` work on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st

from pipeline.matching.alignment.align import AlignOptions, align
from pipeline.matching.alignment.timing import assign_times
from pipeline.matching.continue_note import find_continue_point
from pipeline.matching.findings import list_findings, note_findings
from pipeline.reading.transcript import parse
from pipeline.schema import Continue, HeardWord, NamedTurn, Result, Transcript
from pipeline.times import Ms, Span
from tests.factories import heard, hearing, result
from tests.strategies import FRAGMENTS, WORDS

MARKUP = (
    "**", "*", "_x_", "`", "```", "~~~", "[", "]", "](x)", "![a](b)", "<!--", "-->", "<br>", "&amp;", "&#65;", "\\",
    "\\*", "#", "##", "---", "===", "-", "+", "1.", "2)", "|", ">", "WIP", "TODO", "12:00", "9:30", "(12:30)",
    "[00:01:02]", "Ann:", "Note:", "Panel:", "Ann", "Lee:", "**Bo", "Ek**:", "\u200f", "😀", "שלום", "e\u0301", ":",
    "[Music]", "♪", "...", "http://example.org/a_b", "end.", "why?", "Yes!", "um,", "Uh,", "...well", "\ufeff", "\0",
)  # fmt: skip
"""What an engine may hear that means something to Markdown, or to the reader of transcripts."""


def heard_texts() -> st.SearchStrategy[list[str]]:
    """What an engine may say that it heard: words, marks, anything."""
    one = st.sampled_from(MARKUP) | st.sampled_from(WORDS) | st.sampled_from(FRAGMENTS) | st.text(max_size=4)
    return st.lists(one | st.sampled_from(("so", "hello,", "then", "maybe.")), min_size=1, max_size=40)


def with_rest(source: str | Transcript, texts: Sequence[str]) -> Result:
    """A result whose written words are all found, with ten plain words and then these said after them."""
    typed = result(source)
    end = max((timed.span.end for timed in typed.utterances if timed.span), default=0) + 1_000
    words = list(heard("One two three four five six seven eight nine ten.", end))
    at = words[-1].span.end
    words += [HeardWord(text, Span(at + 300 * k, at + 300 * k + 300), 0.9) for k, text in enumerate(texts)]
    listened = hearing(typed.hearing.words, words)
    point = Continue(end - 1_000 if typed.transcript.utterances else 0, complete=False)
    return replace(typed, hearing=listened, continue_point=point)


def aligned(source: str, *said: Sequence[HeardWord], language: str = "en") -> Result:
    """The result of aligning a transcript with what was heard, by the real stages."""
    listened = hearing(*said, language=language)
    written = parse(source, language)
    pairs = align(written.words, listened.words, AlignOptions(), language)
    words, utterances = assign_times(written, listened, pairs)
    point = find_continue_point(written, listened, pairs, words, utterances)
    found = (*list_findings(written, listened, pairs, words, utterances), *note_findings(written, point))
    whole = result(written)
    return replace(
        whole,
        hearing=listened,
        alignment=pairs,
        words=words,
        utterances=utterances,
        continue_point=point,
        findings=found,
    )


def voices(*names: tuple[str | None, Ms]) -> tuple[NamedTurn, ...]:
    """Who speaks one after the other, each with the point at which he or she ends."""
    starts = (0, *(end for _, end in names))
    return tuple(NamedTurn(Span(start, end), name) for start, (name, end) in zip(starts, names, strict=False))
