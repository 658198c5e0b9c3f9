"""Forced alignment with PocketSphinx: its acoustic model over a grammar that is the words in their order.

Between words the decoder may insert silence and noise; a word may be optional, and has all its pronunciations. What
counts and what does not was tried on hand-timed speech (median error 14 ms, 95 % within 50 ms), with these settings.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from pipeline.listening.audio.recording import RATE
from pipeline.listening.forced.grapheme_to_phoneme import Pronunciation
from pipeline.times import MS_PER_SECOND, Ms, Span

if TYPE_CHECKING:
    from pocketsphinx import Decoder

FRAME: Ms = 10
"""The decoder's frames: no time is finer."""

_BEAM = 1e-150
"""Paths that are less probable than the best one by this factor are dropped. With beams near the default (1e-80), long
hesitant speech has no result at all."""

_OPTIONAL = 0.5
"""The probability that an optional word is said, against that it is left out."""

_CUT_SHORT: Ms = 300
"""A result that ends this long before the sound does has lost its way: it is computed once more without a beam."""

_SEARCH = "stretch"
"""The name of the only grammar: each that has a name of its own would stay in memory, 0.4 MB of it."""

_VARIANT = re.compile(r"\(\d+\)$")


@dataclass(frozen=True, slots=True)
class Unit:
    """One word of the sequence.

    Attributes:
        ways: its pronunciations, at least one.
        optional: whether it may be left out.
    """

    ways: tuple[Pronunciation, ...]
    optional: bool = False


@dataclass(slots=True)
class GrammarAligner:
    """A decoder and the words that it knows; not to be used by two threads at once."""

    beam: float = _BEAM
    decoder: Decoder = field(init=False)
    _names: dict[tuple[Pronunciation, ...], str] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        from pocketsphinx import Decoder, get_model_path  # noqa: PLC0415 -- heavy

        self.decoder = Decoder(
            hmm=get_model_path("en-us/en-us"), dict=os.devnull, lm=None, loglevel="FATAL", bestpath=False,
            beam=self.beam, wbeam=self.beam, pbeam=self.beam, silprob=0.005, fillprob=1e-8, lw=1.0, pip=1.0, wip=1.0,
        )  # fmt: skip

    def align(self, samples: npt.NDArray[np.float32], units: Sequence[Unit]) -> tuple[Span | None, ...]:
        """Return when each word is said, from the start of the samples; None for one that is left out.

        Args:
            samples: at ``RATE``, float32 in -1..1, shape (num_samples,).
            units: the words in their order.
        """
        spans, end = self._decode(samples, units)
        if self.beam and end < len(samples) * MS_PER_SECOND // RATE - _CUT_SHORT:
            return GrammarAligner(beam=0.0).align(samples, units)
        return spans

    def _decode(self, samples: npt.NDArray[np.float32], units: Sequence[Unit]) -> tuple[tuple[Span | None, ...], Ms]:
        names = [self._name(unit.ways) for unit in units]
        arcs: list[tuple[object, ...]] = []
        for at, (name, unit) in enumerate(zip(names, units, strict=True)):
            arcs.append((at, at + 1, _OPTIONAL if unit.optional else 1.0, name))
            if unit.optional:
                arcs.append((at, at + 1, _OPTIONAL))
        decoder = self.decoder
        decoder.add_fsg(_SEARCH, decoder.create_fsg(_SEARCH, 0, len(units), arcs))  # in the place of the one before
        decoder.activate_search(_SEARCH)
        decoder.reinit_feat()  # it removes noise as it was in the sound before, so a result would depend on that
        decoder.start_utt()
        decoder.process_raw((np.clip(samples, -1, 1) * 32_767).astype(np.int16).tobytes(), full_utt=True)
        decoder.end_utt()
        if decoder.hyp() is None:
            return (None,) * len(units), 0
        found = [
            (segment.word, segment.start_frame * FRAME, (segment.end_frame + 1) * FRAME) for segment in decoder.seg()
        ]
        return _placed(names, found), found[-1][2] if found else 0

    def _name(self, ways: tuple[Pronunciation, ...]) -> str:
        """Return the decoder's name for a word with these pronunciations, whatever its spelling."""
        if ways not in self._names:
            name = self._names[ways] = f"w{len(self._names)}"
            for number, phones in enumerate(ways, start=1):
                self.decoder.add_word(name if number == 1 else f"{name}({number})", " ".join(phones), update=False)
        return self._names[ways]


def _placed(names: Sequence[str], found: Sequence[tuple[str, Ms, Ms]]) -> tuple[Span | None, ...]:
    """Give each found word to the next unit of that name."""
    spans: list[Span | None] = [None] * len(names)
    following = 0
    for word, start, end in found:
        name = _VARIANT.sub("", word)
        place = next((k for k in range(following, len(names)) if names[k] == name), None)
        if place is not None:
            spans[place], following = Span(start, end), place + 1
    return tuple(spans)
