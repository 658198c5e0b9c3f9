"""Forced alignment: when exactly the words of a short stretch of sound are said, given what is said there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.options import option
from pipeline.times import Ms, Span

GRAMMAR_ALIGNER = "pocketsphinx"
BOTH_ALIGNERS = "pocketsphinx and phone classifier"
"""What finds the words, by its name in results."""

LANGUAGES = frozenset(("en", "de", "es", "fr", "he", "it", "ja", "pt", "zh"))
"""The languages whose words it can time. The acoustic models are of English; in these others the nearest phones of it
serve better than Whisper's own times (``scripts/benchmark_accuracy.py``)."""

ENCODER_MODEL = "base"
"""The Whisper model whose encoder the phone classifier was trained with; the output of another means nothing to it."""

CLASSIFIER_LANGUAGE = "en"
"""The language that it was trained on. In others it times words too, by the nearest phones, but does not say how well a
word fits."""

BLOCK: Ms = 20_000
"""The scores of the phone classifier are computed and kept in blocks of this length. The encoder's cost is in
proportion to the sound that it gets."""


def blocks_of(spans: Iterable[Span]) -> list[int]:
    """Return the numbers of the blocks that some spans touch, in order."""
    return sorted({number for span in spans for number in range(span.start // BLOCK, -(-span.end // BLOCK))})


@dataclass(frozen=True, slots=True)
class ForcedOptions:
    """Options of forced alignment."""

    words: bool = option(True, "Time the words by forced alignment where the language allows it")  # noqa: FBT003
