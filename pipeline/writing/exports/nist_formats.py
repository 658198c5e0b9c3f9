"""Write the formats of NIST's evaluations: RTTM, who speaks when, and CTM, when each word is said.

Fields are separated by spaces, so a space within a name becomes an underscore. Speech is in order of time, and times
are seconds with three decimals.

Source: NIST, "The 2009 (RT-09) Rich Transcription Meeting Recognition Evaluation Plan", appendix A; NIST's SCTK,
``doc/infmts.htm``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise

import regex

from pipeline.times import MS_PER_SECOND, Span
from pipeline.writing.cues import PAUSE_BETWEEN_CUES_MS
from pipeline.writing.exports.speech_tiers import Tier, TierTurn
from pipeline.writing.shown_words import ShownWord

_SPACE = regex.compile(r"\s+")


def render_rttm(tiers: Iterable[Tier], recording: str) -> str:
    """Return a ``SPEAKER`` line for each stretch of speech of one person.

    A turn is several stretches if something is said in between that is not typed, or after a pause of 1.5 s.

    Args:
        recording: the name of the recording, which is the first field of evaluation tools' file lists.
    """
    stretches = [(span, tier.name) for tier in tiers for turn in tier.turns for span in _stretches(turn)]
    lines = (
        ("SPEAKER", _field(recording), "1", *_start_and_length(span), "<NA>", "<NA>", _field(name), "<NA>", "<NA>")
        for span, name in sorted(stretches)
    )
    return _joined(lines)


def render_ctm(tiers: Iterable[Tier], recording: str) -> str:
    """Return a line for each word: the recording, channel 1, start, duration, word, confidence.

    A shown word of several words has a line for each of them; they share its time by their lengths.
    """
    words = [part for tier in tiers for turn in tier.turns for word in turn.words for part in _single_words(word)]
    lines = (
        (_field(recording), "1", *_start_and_length(word.span), word.text, f"{word.confidence:.2f}")
        for word in sorted(words, key=lambda word: word.span)
    )
    return _joined(lines)


def _stretches(turn: TierTurn) -> Iterator[Span]:
    """Yield the spans in which a turn is spoken without a hole or a long pause."""
    span = turn.words[0].span
    for word in turn.words[1:]:
        if word.separator == "hole" or word.span.start - span.end >= PAUSE_BETWEEN_CUES_MS:
            yield span
            span = word.span
        span = span.cover(word.span)
    yield span


def _single_words(word: ShownWord) -> Iterator[ShownWord]:
    texts = word.text.split()
    for text, span in zip(texts, _shares(word.span, [len(text) for text in texts]), strict=True):
        yield ShownWord(text, span, word.separator, word.confidence)


def _shares(span: Span, weights: Sequence[int]) -> Iterator[Span]:
    """Divide a span by weights."""
    edges = [0, *accumulate(weights)]
    for start, end in pairwise(edges):
        yield Span(*(span.start + span.duration * edge // edges[-1] for edge in (start, end)))


def _field(name: str) -> str:
    """Return a name as one field: readers that know quotes would read on after one at its start."""
    return _SPACE.sub("_", name).replace('"', "'")


def _start_and_length(span: Span) -> tuple[str, str]:
    return f"{span.start / MS_PER_SECOND:.3f}", f"{span.duration / MS_PER_SECOND:.3f}"


def _joined(lines: Iterable[tuple[str, ...]]) -> str:
    return "".join(" ".join(line) + "\n" for line in lines)
