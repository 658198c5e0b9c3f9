"""Force the words of stretches onto the sound of a recording."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import msgspec
import numpy as np
import numpy.typing as npt

from pipeline.listening.audio.recording import SAMPLES_PER_MS, Recording, Waveform
from pipeline.listening.forced import CLASSIFIER_LANGUAGE
from pipeline.listening.forced.grammar_aligner import GrammarAligner
from pipeline.listening.forced.phone_aligner import align_phones, compare_phones
from pipeline.listening.forced.phone_classifier import load_classifier
from pipeline.listening.forced.phone_features import FRAME
from pipeline.listening.forced.phone_scores import Blocks, scores_within
from pipeline.listening.forced.phone_search import find_passage
from pipeline.listening.forced.pronounced_stretch import PronouncedStretch
from pipeline.matching.forced.stretches import Forced, Stretch
from pipeline.times import Ms, Span

QUIET_MS: Ms = 60
"""The length of the quietest place in which a stretch is cut."""

LEAST_MS: Ms = 50
"""Shorter stretches have no word in them."""

AROUND_MS: Ms = 200
"""The sound before and after the best place of a search onto which the words are forced: the place is that exact for 29
of 30 passages that were searched."""

LEAST_LEVELS_MS: Ms = 5_000
"""The range of levels is measured in so much sound around a stretch, at least: half a second of clean speech may have
no pause, and then seems to be in noise (a quarter of the places in the example, 4 % of those of a second)."""

_STEP: Ms = 10
_READ: Ms = 300_000
"""How much of a recording is decoded at once."""

_SAMPLES_PER_LEVEL = 20 * SAMPLES_PER_MS
_LEAST_POWER = 1e-9  # of digital silence: -90 dB


def quietest(waveform: Waveform, within: Span) -> Ms:
    """Return the middle of the quietest ``QUIET_MS`` whose middle is in a span; its start if it is empty."""
    points = range(within.start, within.end, _STEP)
    if not points:
        return within.start
    levels = [_power(waveform.crop(Span(max(0, at - QUIET_MS // 2), at + QUIET_MS // 2)).samples) for at in points]
    return points[int(np.argmin(levels))]


def level_range_db(samples: npt.NDArray[np.float32]) -> float:
    """Return by how many dB loud frames of a sound are louder than quiet ones: the 95th over the 10th percentile."""
    count = len(samples) // _SAMPLES_PER_LEVEL
    powers = np.mean(samples[: count * _SAMPLES_PER_LEVEL].reshape(count, _SAMPLES_PER_LEVEL) ** 2, axis=1)
    quiet, loud = np.percentile(10 * np.log10(powers + _LEAST_POWER), (10, 95))
    return round(float(loud - quiet), 1)


def _level_range_around(waveform: Waveform, span: Span) -> float:
    """Return the range of levels in a span, or in ``LEAST_LEVELS_MS`` around it if it is shorter."""
    margin = max(0, LEAST_LEVELS_MS - span.duration) // 2
    return level_range_db(waveform.crop(Span(max(0, span.start - margin), span.end + margin)).samples)


def _power(samples: npt.NDArray[np.float32]) -> float:
    return float(np.mean(samples**2)) if len(samples) else 0.0


def force(recording: Recording, stretches: Sequence[Stretch], blocks: Blocks | None = None) -> Iterator[Forced]:
    """Yield the result of each stretch, in their order.

    Args:
        blocks: the phone classifier's scores around the stretches (see ``phone_scores``); None if there are none.

    Raises:
        AudioError: the recording cannot be read.
    """
    return force_pronounced(recording, [PronouncedStretch.of(stretch) for stretch in stretches], blocks)


def force_pronounced(
    recording: Recording, stretches: Sequence[PronouncedStretch], blocks: Blocks | None = None
) -> Iterator[Forced]:
    """Yield the result of each stretch, as ``force`` does."""
    for is_comparison, some in groupby(stretches, lambda one: one.stretch.is_comparison):
        if is_comparison:
            yield from (_compare(words, blocks) for words in some)
        else:
            yield from _force_all(GrammarAligner(), recording, list(some), blocks)


def _force_all(
    aligner: GrammarAligner, recording: Recording, stretches: Sequence[PronouncedStretch], blocks: Blocks | None
) -> Iterator[Forced]:
    for window in _windows(stretches):
        last = max(words.stretch.end.end for words in window)
        first = window[0].stretch.start.start
        around = Span(max(0, first - LEAST_LEVELS_MS // 2), min(recording.duration, last + LEAST_LEVELS_MS // 2))
        waveform = recording.read(around)
        for words in window:
            if words.stretch.is_search:
                yield _search(aligner, waveform, words, blocks)
            else:
                start, end = (quietest(waveform, edge) for edge in (words.stretch.start, words.stretch.end))
                yield _force(aligner, waveform, words, Span(start, max(start, end)), blocks)


def _force(
    aligner: GrammarAligner, waveform: Waveform, words: PronouncedStretch, span: Span, blocks: Blocks | None
) -> Forced:
    samples = waveform.crop(span).samples
    if len(samples) < LEAST_MS * SAMPLES_PER_MS or not words.units:
        return Forced(span.start, (None,) * words.num_words)
    grammar = words.spans(aligner.align(samples, words.units))
    phones, fits = (None, None) if blocks is None else _by_phones(words, blocks, span)
    return Forced(span.start, grammar, phones, fits, range_db=_level_range_around(waveform, span))


def _search(aligner: GrammarAligner, waveform: Waveform, words: PronouncedStretch, blocks: Blocks | None) -> Forced:
    """Return the result where the words sound most like what is said; nothing is found without scores."""
    span = words.stretch.start.cover(words.stretch.end)
    nothing = Forced(span.start, (None,) * words.num_words)
    if blocks is None:
        return nothing
    at = span.start // FRAME * FRAME
    found = find_passage(scores_within(blocks, span), load_classifier().log_priors, words.units)
    if found is None:
        return nothing
    place = found.span.shift(at)
    around = Span(max(span.start, place.start - AROUND_MS), min(span.end, place.end + AROUND_MS))
    forced = _force(aligner, waveform, words, around, blocks)
    return msgspec.structs.replace(forced, ahead=round(found.ahead, 3))


def _compare(words: PronouncedStretch, blocks: Blocks | None) -> Forced:
    """Return how well the words of a stretch fit all of it; nothing where one has no pronunciation."""
    span = words.stretch.start.cover(words.stretch.end)
    nothing = Forced(span.start, (None,) * words.num_words)
    if blocks is None or len(set(words.of_unit)) < words.num_words:
        return nothing
    compared = compare_phones(scores_within(blocks, span), load_classifier().log_priors, words.units)
    if compared is None:
        return nothing
    phones = words.spans([one.span for one in compared.placed])
    return Forced(span.start, nothing.spans, phones, total=round(compared.total, 2), guessed=words.guessed)


def _windows(stretches: Sequence[PronouncedStretch]) -> Iterator[list[PronouncedStretch]]:
    window: list[PronouncedStretch] = []
    for words in stretches:
        if window and words.stretch.end.end - window[0].stretch.start.start > _READ:
            yield window
            window = []
        window.append(words)
    if window:
        yield window


def _by_phones(
    words: PronouncedStretch, blocks: Blocks, span: Span
) -> tuple[tuple[Span | None, ...], tuple[float | None, ...] | None]:
    """Return when each word is said by the phone classifier, from the start of ``span``, and how well it fits there.

    In another language than the classifier's no fit is known: it says how near the word's own phones are to English.
    """
    is_known = words.stretch.language == CLASSIFIER_LANGUAGE
    at = span.start // FRAME * FRAME
    expected = [None if heard is None else heard - at for heard in words.heard]
    scores, log_priors = scores_within(blocks, span), load_classifier().log_priors
    placed = align_phones(scores, log_priors, words.units, expected, allows_other=is_known)
    before = span.start - at
    spans = [one and Span(max(0, one.span.start - before), one.span.end - before) for one in placed]
    fits = words.fits([one and one.fit for one in placed]) if is_known else None
    return words.spans(spans), fits
