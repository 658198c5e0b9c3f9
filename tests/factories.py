"""Results and their parts from short notation, so that a test shows only what it is about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from textwrap import dedent
from typing import Literal

from pipeline.reading.transcript import parse
from pipeline.schema import (
    Alignment,
    Continue,
    Finding,
    HeardWord,
    Hearing,
    Pairing,
    Result,
    Run,
    Source,
    Speaker,
    TimedUtterance,
    TimedWord,
    Transcript,
)
from pipeline.times import Ms, Span

SHA = "0123456789abcdef" * 4


def heard(text: str, start: Ms = 0, end: Ms | None = None, probability: float | None = 0.9) -> tuple[HeardWord, ...]:
    """The words of ``text``, evenly spread from ``start`` to ``end`` (300 ms a word where it is not given)."""
    texts = text.split()
    length = (300 * len(texts) if end is None else end - start) / max(1, len(texts))
    edges = [start + round(length * k) for k in range(len(texts) + 1)]
    return tuple(HeardWord(word, Span(a, b), probability) for word, a, b in zip(texts, edges, edges[1:], strict=False))


def hearing(*words: Iterable[HeardWord], duration: Ms | None = None, language: str = "en") -> Hearing:
    """All that was heard; speech wherever words are."""
    all_words = tuple(word for part in words for word in part)
    end = max((word.span.end for word in all_words), default=0)
    return Hearing(
        words=all_words,
        speech=tuple(word.span for word in all_words),
        duration=end + 1_000 if duration is None else duration,
        language=language,
        engine="faster-whisper",
        model="base",
        weights=SHA,
        settings={"beam_size": 5},
    )


def transcript(source: str) -> Transcript:
    """A transcript from an indented block of source."""
    return parse(dedent(source).lstrip("\n"))


def result(
    source: str | Transcript,
    *,
    starts: Mapping[int, Ms] | None = None,
    word_ms: Ms = 300,
    pauses: Mapping[int, Ms] | None = None,
    silent: Collection[int] = (),
    confidence: Mapping[int, float] | None = None,
    findings: tuple[Finding, ...] = (),
    point: Continue | None = None,
) -> Result:
    """A result in which each written word is said in ``word_ms``, with a pause of 500 ms between utterances.

    Args:
        starts: when the utterances of these indices begin.
        pauses: pauses before the words of these indices.
        silent: indices of words that are not said.
        confidence: of the utterances of these indices, elsewhere 1; those with 0 were not found.
    """
    written = transcript(source) if isinstance(source, str) else source
    starts, pauses, confidence = starts or {}, pauses or {}, confidence or {}
    words: list[TimedWord] = []
    utterances: list[TimedUtterance] = []
    clock: Ms = 0
    for utterance in written.utterances:
        clock = starts.get(utterance.index, clock)
        sure = confidence.get(utterance.index, 1.0)
        spans: list[Span] = []
        for k in utterance.words:
            clock += pauses.get(k, 0)
            said = bool(sure) and k not in silent
            span = Span(clock, clock + word_ms) if said else None
            measured = said and written.words[k].kind == "spoken" and bool(written.words[k].keys)
            timing: Literal["heard", "interpolated"] | None = "heard" if measured else "interpolated" if said else None
            words.append(TimedWord(span, timing, 1.0 if measured else 0.0))
            spans += [span] if span else []
            clock += word_ms if said else 0
        found = Span(spans[0].start, spans[-1].end) if spans else None
        utterances.append(TimedUtterance(found, sure if found else 0.0, "verbatim" if found else "not-found"))
        clock += 500
    matched = [(k, word.span) for k, word in enumerate(words) if word.measured and word.span]
    listened = hearing((HeardWord(written.words[k].shown, span, 0.9) for k, span in matched))
    return Result(
        audio=Source("episode.mp3", SHA),
        transcript_file=Source("episode.md", SHA),
        transcript=written,
        hearing=listened,
        alignment=_alignment([k for k, _ in matched], len(words)),
        words=tuple(words),
        utterances=tuple(utterances),
        continue_point=point or Continue(None, complete=True),
        coverage=1.0,
        speakers=tuple(Speaker(name, None, 1_000) for name in written.panel),
        findings=findings,
        versions={"cuemark": "0.1.0"},
    )


def in_language(made: Result, language: str) -> Result:
    """The same result, heard in another language than English."""
    return replace(made, hearing=replace(made.hearing, language=language))


def _alignment(matched: list[int], num_written: int) -> Alignment:
    pairings: list[Pairing] = []
    done = 0
    for j, k in enumerate(matched):
        if done < k:
            pairings.append(Pairing(Run(done, k), Run(j, j), 0.0))
        pairings.append(Pairing(Run(k, k + 1), Run(j, j + 1), 1.0))
        done = k + 1
    if done < num_written:
        pairings.append(Pairing(Run(done, num_written), Run(len(matched), len(matched)), 0.0))
    return Alignment(tuple(pairings), None)
