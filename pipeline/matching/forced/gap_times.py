"""Decide which words are found in a gap or by a search: those that both aligners place alike and that fit there.

The limits were chosen on conversations and readers that trained nothing, with words of other recordings as those that
are not said (``scripts/benchmark_gaps.py``, whose table is in the documentation). Where others speak in the gap too,
fewer are found, since PocketSphinx lays the words over all of it.
"""

from __future__ import annotations

import statistics
from dataclasses import replace
from itertools import pairwise

from pipeline.matching.alignment.heard_times import ForcedTime
from pipeline.matching.forced.acceptance import have_agreed, voted_times
from pipeline.matching.forced.stretches import Forced, Stretch
from pipeline.times import Ms

LEAST_FIT = -1.0
"""The lowest fit of two words that are found in a gap (see ``phone_aligner.Placed``). Tried: with -1.5 few more are
found, and twice as many of those that are not said."""

LEAST_FIT_ALONE = -0.5
"""The same for a single word, which is found by chance more easily: with -1, three times as often."""

LEAST_WORDS_IN_MEAN = 3
LEAST_AGREED_IN_GAP = 0.5
MOST_PAUSE_IN_GAP_MS: Ms = 700
"""So many words are found in a gap if they fit in the mean (see ``LEAST_MEAN_FIT``), both aligners agree on this share
of them, and no pause between two of them is longer. PocketSphinx places one of three elsewhere as soon as others speak
too. Of 163 runs of three words 153 are then found in the gap that they fill, 97 in 2 s of other speech, 50 in 5 s, and
one of 324 that are not said; 139, 64, 25 and none if each word has to fit and both have to agree on it."""


LEAST_AHEAD = 0.2
LEAST_MEAN_FIT = -0.8
LEAST_AGREED = 0.75
"""A passage is found by a search where it gains so much more than in the next best place, its words fit
so well in the mean, and both aligners agree on this share of them. Clean, with babble and over a telephone, 267 of 300
passages are then found and 1 of 300 that are not said; with 0.1, -1 and 0.6 it is 280 and 1, with less margin. An
ending that gains so much more needs no agreement: of 453 sentences that are not said, in six sounds, none gains more
than 0.09, and none fits better than -0.86 in the mean."""


def times_in_gap(gap: Stretch, forced: Forced, *, is_ending: bool = False) -> dict[int, ForcedTime]:
    """Return the times of all words of an utterance in a gap; empty if it is not found there.

    Args:
        gap: the sound, and the words that are looked for in it.
        forced: its result.
        is_ending: whether it is looked for directly behind what is known.
    """
    if forced.phones is None or not all(forced.phones) or forced.fits is None:
        return {}
    voted = zip(gap.places, voted_times(gap, forced), strict=True)
    times = {place: replace(time, place="gap") for place, time in voted if place is not None and time is not None}
    fits = [fit for fit in forced.fits if fit is not None]
    if len(times) < len(gap.words) or len(fits) < len(gap.words):
        return {}
    agreed = sum(map(have_agreed, times.values()))
    if gap.is_search and not is_ending:
        is_found = (
            (forced.ahead or 0.0) >= LEAST_AHEAD
            and statistics.fmean(fits) >= LEAST_MEAN_FIT
            and agreed >= LEAST_AGREED * len(times)
        )
    elif len(fits) < LEAST_WORDS_IN_MEAN:
        is_found = agreed == len(times) and min(fits) >= (LEAST_FIT if len(fits) > 1 else LEAST_FIT_ALONE)
    else:
        pauses = (after.start - before.end for before, after in pairwise(filter(None, forced.phones)))
        is_found = (
            statistics.fmean(fits) >= LEAST_MEAN_FIT
            and (agreed >= LEAST_AGREED_IN_GAP * len(times) or (forced.ahead or 0.0) >= LEAST_AHEAD)
            and max(pauses) <= MOST_PAUSE_IN_GAP_MS
        )
    return times if is_found else {}
