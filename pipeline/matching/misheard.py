"""Decide which typed words the typist misheard: where something else was heard, and the sound says the same.

The typed and the heard words are each forced onto the same stretch of sound, by the phone classifier. By how much more
the heard ones score is a log likelihood ratio, the gain::

    typed     met   Wilhelmina   at       -92
    heard     met   Philomena    at       -14      a gain of 78, 1.1 in each of 70 frames
              ├──── one stretch ───┤

Where the typed words fit as well, the engine misheard, or both sound alike. All numbers were chosen with
``scripts/benchmark_misheard.py``, on the recordings that it names for that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import msgspec

from pipeline.matching.forced.acceptance import ForcedResults
from pipeline.matching.forced.stretches import Forced, Stretch
from pipeline.matching.substitutions import Substitution
from pipeline.reading.markup.whitespace import LineIndex
from pipeline.schema import Finding, Hearing, Run, TimedWord, Transcript, WrittenWord
from pipeline.times import Ms, Span

LEAST_GAIN = 7.0
LEAST_GAIN_PER_FRAME = 0.15
"""Below these gains nothing is found; a frame is 10 ms."""

SMALL_GAIN = 10.0
LEAST_PROBABILITY_OF_SMALL = 0.9
"""Below this gain, nothing is found either if the engine is less sure of the heard words. Tried: with 10 for all, 4 of
100 replaced words fewer are found, and as many others."""

GAIN_CONFIDENCE: tuple[tuple[float, float], ...] = ((30.0, 0.95), (20.0, 0.9), (15.0, 0.8))
"""The confidence from a gain on."""

LEAST_CONFIDENCE = 0.6
"""The same below these."""

FRAME_CONFIDENCE: tuple[tuple[float, float], ...] = ((0.4, 1.0), (0.25, 0.8))
PROBABILITY_CONFIDENCE: tuple[tuple[float, float], ...] = ((0.6, 1.0), (0.4, 0.7))
"""The highest confidence from a gain per frame on, and from a probability of the heard words on."""

GUESSED_CONFIDENCE = 0.7
"""The highest confidence where no dictionary has the typed word: it may be said otherwise than its spelling is. Of such
words, "niggarding" seemed to be misheard."""

LEAST_GUESSED_GAIN = 20.0
LEAST_GUESSED_PROBABILITY = 0.6
"""Below these, nothing is found there."""

STRICT_CONFIDENCE = 0.9
"""From this confidence on, a finding counts for ``--strict``."""

_FRAME: Ms = 10
_EDGES = ".,;:!?…\"“”‘’'()[]-–— "


class Misheard(msgspec.Struct, frozen=True):
    """Typed words that are not what is said.

    Attributes:
        written: the typed words.
        heard: what is heard, as the engine writes it, without punctuation around it.
        span: when it is said.
        confidence: 0 to 1, the share of such findings that are right.
    """

    written: Run
    heard: str
    span: Span
    confidence: float


def comparisons(substitutions: Sequence[Substitution]) -> tuple[Stretch, ...]:
    """Return the stretches that are to be forced for some substitutions."""
    return tuple(stretch for one in substitutions for stretch in (one.typed_stretch, one.heard_stretch))


def find_misheard(
    hearing: Hearing, substitutions: Sequence[Substitution], results: ForcedResults
) -> tuple[Misheard, ...]:
    """Return the typed words that are not what is said, in order.

    Args:
        hearing: what was heard, in words.
        substitutions: of the transcript (see ``find_substitutions``).
        results: of their stretches, as far as they are known.
    """
    known = dict(results)
    found = []
    for one in substitutions:
        typed, heard = (known.get(stretch.without_places()) for stretch in (one.typed_stretch, one.heard_stretch))
        confidence = _confidence(one, typed, heard) if typed and heard else 0.0
        if confidence:
            found.append(
                Misheard(one.written, bare_text(hearing.words[j].text for j in one.heard), one.span, confidence)
            )
    return tuple(found)


def misheard_findings(transcript: Transcript, misheard: Sequence[Misheard]) -> Iterator[Finding]:
    """Yield a finding for each misheard word or words."""
    lines = LineIndex(transcript.source)
    for one in misheard:
        first = transcript.words[one.written.start]
        typed = bare_text(transcript.words[k].shown for k in one.written)
        yield Finding(
            "misheard",
            _message(lines, first, typed, one.heard),
            utterance=first.utterance,
            span=one.span,
            details={"typed": typed, "heard": one.heard, "confidence": one.confidence},
        )


def find_again(
    finding: Finding, transcript: Transcript, words: Sequence[TimedWord], utterance: int, lines: LineIndex
) -> Finding | None:
    """Return a finding of a text that was edited since, with its line there; None if its words are typed no more.

    Args:
        finding: of the text before.
        transcript: the text now.
        words: the times of its words.
        utterance: the utterance of the finding, now.
        lines: of the text now.
    """
    typed = str(finding.details["typed"])
    run = typed_run(finding, transcript, words, utterance)
    if run is None:
        return None
    message = _message(lines, transcript.words[run.start], typed, str(finding.details["heard"]))
    return replace(finding, utterance=utterance, message=message)


def typed_run(finding: Finding, transcript: Transcript, words: Sequence[TimedWord], utterance: int) -> Run | None:
    """Return the typed words that a finding is about: of several, those at its time; None if there are none.

    Args: see ``find_again``.
    """
    typed, own = str(finding.details["typed"]), transcript.utterances[utterance].words
    count, at = len(typed.split()), finding.span.start if finding.span else 0
    runs = (Run(k, k + count) for k in range(own.start, own.end - count + 1))
    found = [run for run in runs if bare_text(transcript.words[k].shown for k in run) == typed]
    starts = ((words[run.start].span, run) for run in found)
    return min(starts, key=lambda one: abs((one[0].start if one[0] else 0) - at))[1] if found else None


def _message(lines: LineIndex, first: WrittenWord, typed: str, heard: str) -> str:
    return f"line {lines.line(first.chars.start)}: typed “{typed}”, sounds like “{heard}”"


def bare_text(words: Iterable[str]) -> str:
    """Return words as a text, without the punctuation around it.

    >>> bare_text(["Philomena", "Brandt,"])
    'Philomena Brandt'
    """
    return " ".join(word.strip() for word in words).strip(_EDGES)


def _confidence(one: Substitution, typed: Forced, heard: Forced) -> float:
    """Return how sure it is that the heard words are said and not the typed ones; 0 where nothing is found."""
    if typed.total is None or heard.total is None:
        return 0.0
    gain = heard.total - typed.total
    frames = (_sound(one.typed_stretch, typed) + _sound(one.heard_stretch, heard)) / 2 / _FRAME
    per_frame = gain / max(1.0, frames)
    least = SMALL_GAIN if one.probability < LEAST_PROBABILITY_OF_SMALL else LEAST_GAIN
    if gain < least or per_frame < LEAST_GAIN_PER_FRAME:
        return 0.0
    is_guessed = any(
        guess for place, guess in zip(one.typed_stretch.places, typed.guessed or (), strict=False) if place is not None
    )
    if is_guessed and (gain < LEAST_GUESSED_GAIN or one.probability < LEAST_GUESSED_PROBABILITY):
        return 0.0
    return min(
        GUESSED_CONFIDENCE if is_guessed else 1.0,
        _step(GAIN_CONFIDENCE, gain, LEAST_CONFIDENCE),
        _step(FRAME_CONFIDENCE, per_frame, LEAST_CONFIDENCE),
        _step(PROBABILITY_CONFIDENCE, one.probability, 0.0),
    )


def _sound(stretch: Stretch, forced: Forced) -> Ms:
    """Return how long the compared words of a stretch last, without their neighbours."""
    spans = zip(stretch.places, forced.phones or (), strict=True)
    return sum(span.duration for place, span in spans if place is not None and span is not None)


def _step(steps: Sequence[tuple[float, float]], value: float, below: float) -> float:
    return next((confidence for least, confidence in steps if value >= least), below)
