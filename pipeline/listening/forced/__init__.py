"""Forced alignment: when exactly the words of a short stretch of sound are said, given what is said there."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.options import option

ENGINE = "pocketsphinx"
"""The name of the engine in results."""

LANGUAGES = frozenset(("en",))
"""The languages whose words it can time: it has an acoustic model for English alone."""


@dataclass(frozen=True, slots=True)
class ForcedOptions:
    """Options of forced alignment."""

    words: bool = option(True, "Time the words by forced alignment where the language allows it")  # noqa: FBT003
