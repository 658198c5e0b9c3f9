"""Look again for utterances that were not found, and for those that are not said where they were heard.

Whisper leaves out short answers ("Wow.", "No, just npm."), and the alignment may put a passage where something else is
said, which both aligners then reject. Each such utterance is forced by itself onto the sound between the words around
it that have times, and is found there if it sounds like it (see ``gap_times``)::

    written    … like I said.   Wow.   And then we …
    heard      … like I said           and then we …
                            ├── gap ──┤

In a longer gap a passage is searched that was rejected where it was heard, by the second aligner's scores alone, and
both are forced onto the place that it finds (``scripts/benchmark_searches.py``)::

    written    … like I said.   The kettle is on the shelf.   And then we …
    heard      … like I said    ……………………………  (rejected)       and then we …
                                ├─ search ─┤

Of a turn that is spoken over, or of its last sentence, Whisper may write nothing. That sentence is looked for behind
what is known before it::

    written    … about the ducks yet?   Priya Nand, everybody. No, which ducks?
    heard      … about the ducks yet?   No one said it to let us. Miles Okoro wanted …
                                        ├── last sentence ──┤
"""

from __future__ import annotations

import statistics
from collections.abc import Container, Mapping, Sequence
from typing import NamedTuple

from pipeline.matching.alignment.heard_times import ForcedTime, heard_times, with_forced_times
from pipeline.matching.alignment.tokens import spoken_words
from pipeline.matching.forced.acceptance import ForcedResults, forced_times
from pipeline.matching.forced.gap_times import times_in_gap
from pipeline.matching.forced.similar_place import HeardLetters, similar_place
from pipeline.matching.forced.stretches import Forced, Stretch, unheard_word
from pipeline.reading.words.sentence_end import ends_sentence
from pipeline.schema import Alignment, Hearing, TimedWord, Transcript, Utterance
from pipeline.times import Ms, Span

LEAST_GAP_MS: Ms = 100
MOST_GAP_MS: Ms = 5_000
"""Onto more sound than this no words are forced as they are: a place is searched first that sounds like them."""

MOST_BELOW_MEDIAN = 1.75
"""The words of an utterance are not said where they were heard if their mean fit is this far below the median of the
recording. Of passages of four or eight words that are said there, clean, with babble, noise or music, over a telephone
and in a room, that is so for none of 1,476; of those that are not said for 90 % (74 % in the room)."""

LEAST_SEARCHED_WORDS = 4
MOST_AWAY_MS: Ms = 60_000
"""A rejected utterance of so many words is searched this far before and after its place, between its neighbours. Fewer
words were not tried."""

MOST_AWAY_IF_SIMILAR_MS: Ms = 120_000
"""An utterance of so many words that was not matched is searched where like words are heard, if that is this near to
one of its neighbours. Farther away, a common phrase is said again by others."""

MOST_SIMILAR_WORDS = 40
"""Of a longer utterance that is said some words would have been matched."""

LEAST_SIMILAR_WORDS = 2
"""A single word is like too much else."""

AROUND_SIMILAR_MS: Ms = 3_000
"""It is searched in that place and this much around it, so that it can be compared with what else is said."""

AROUND_FEW_WORDS_MS: Ms = 500
"""Fewer words than are searched are forced onto that place alone, as into a gap."""

LEAST_ENDING_WORDS = 3
ENDING_MS: Ms = 3_000
"""The last sentence of an utterance may be spoken over, so that Whisper writes nothing of it. If it has so many words,
it is looked for behind what is known before it: up to ``LEAST_SEARCHED_WORDS`` in this much sound, more in
``LONG_ENDING_MS``. In conversations made of the example's two episodes all of ten sentences of three or four words are
found where one voice speaks at a time, and 21 of 70 where two do. All of these end within 0.3 s of the truth; of
sentences that are not said 4 of 1,854 are found."""

LONG_ENDING_MS: Ms = 9_000
"""What is found so near needs no more evidence than what is found in a gap: of 96 sentences of five words and more,
with two voices at once, 52 are then found, one of which ends more than 0.3 s late and three early, and none of 235 that
are not said. With what a longer search needs it is 37, the same four and none."""

MOST_ENDING_WORDS = 16
"""An utterance of which nothing was heard is looked for as a whole too, if it has no more words than are said in
``LONG_ENDING_MS`` for sure: in loud music Whisper leaves out whole turns."""

LEAST_HEARD_WORDS = 3
"""An utterance of which fewer words were heard is not judged."""


def known_times(
    transcript: Transcript,
    hearing: Hearing,
    alignment: Alignment,
    stretches: Sequence[Stretch],
    results: ForcedResults,
) -> dict[int, ForcedTime]:
    """Return the times that are taken of a transcript, by the index of the word.

    Args:
        transcript: the transcript.
        hearing: what was heard, in words.
        alignment: of the two above.
        stretches: of the three above (see ``cut_into_stretches``).
        results: of the stretches, and of the gaps as far as they are known.
    """
    if not results:
        return {}
    taken = _taken(transcript, stretches, results)
    gaps = _gaps(transcript, hearing, alignment, taken)
    return taken | _found(gaps, results)


def cut_gaps(
    transcript: Transcript,
    hearing: Hearing,
    alignment: Alignment,
    stretches: Sequence[Stretch],
    results: ForcedResults,
) -> tuple[Stretch, ...]:
    """Return the gaps, each with the words that are looked for in it; none if no fit is known.

    Args: see ``known_times``.
    """
    if not has_fits(results):
        return ()
    gaps = _gaps(transcript, hearing, alignment, _taken(transcript, stretches, results))
    return tuple(gap.stretch for gap in gaps)


def has_fits(results: ForcedResults) -> bool:
    """Return whether it is known how well any word fits, which needs the phone classifier in its own language."""
    return any(fit is not None for _, forced in results for fit in forced.fits or ())


def _taken(transcript: Transcript, stretches: Sequence[Stretch], results: ForcedResults) -> dict[int, ForcedTime]:
    """Return the times by the stretches alone, with those of utterances that are not said where they were heard."""
    times = forced_times(stretches, results)
    heard = _heard(stretches, dict(results))
    median = statistics.median(one.fit for one in heard.values()) if heard else 0.0
    for utterance in transcript.utterances:
        words = [k for k in spoken_words(transcript, utterance.words) if k in heard]
        if _is_rejected([heard[k] for k in words], median):
            times.update((k, ForcedTime(heard[k].span, place="rejected")) for k in words)
    return times


# --- rejected utterances ------------------------------------------------------------------------------------------


class _Heard(NamedTuple):
    """A word that was heard, and how well it fits where the second aligner has it."""

    span: Span
    fit: float


def _heard(stretches: Sequence[Stretch], results: Mapping[Stretch, Forced]) -> dict[int, _Heard]:
    """Return the words that were heard and that the second aligner places somewhere, by their index."""
    found: dict[int, _Heard] = {}
    for stretch in stretches:
        forced = results.get(stretch.without_places())
        if forced is None or forced.fits is None:
            continue
        for place, word, fit in zip(stretch.places, stretch.words, forced.fits, strict=True):
            if place is not None and word.heard is not None and fit is not None:
                found[place] = _Heard(word.heard, fit)
    return found


def _is_rejected(words: Sequence[_Heard], median: float) -> bool:
    enough = len(words) >= LEAST_HEARD_WORDS
    return enough and statistics.fmean(one.fit for one in words) < median - MOST_BELOW_MEDIAN


# --- the gaps -----------------------------------------------------------------------------------------------------


class _Gap(NamedTuple):
    """A gap with the words that are looked for in it; whether they are the last sentence of what was heard before."""

    stretch: Stretch
    is_ending: bool


def _gaps(
    transcript: Transcript, hearing: Hearing, alignment: Alignment, taken: Mapping[int, ForcedTime]
) -> tuple[_Gap, ...]:
    heard = heard_times(transcript, hearing, alignment)
    times = with_forced_times(heard, taken, hearing.duration)
    rejected = {k for k, one in taken.items() if one.place == "rejected"}
    spans = [_whole_span(transcript, utterance, heard, times, rejected) for utterance in transcript.utterances]
    gaps: list[_Gap] = []
    letters: HeardLetters | None = None
    before: Ms = 0
    may_end_here = True  # only the next utterance can be directly behind what is known
    for utterance, span, after in zip(transcript.utterances, spans, _next_starts(spans, hearing.duration), strict=True):
        words: Sequence[int] = spoken_words(transcript, utterance.words)
        asked: list[tuple[Sequence[int], Span | None]] = []
        is_ending = False
        if span is not None:
            before, may_end_here = span.end, True
            words = _last_sentence(transcript, words)
            if is_ending := not any(times[k].measured for k in words):
                asked = [(words, _ending_sound(words, Span(before, max(before, after))))]
        elif words:
            places = [one for k in words if (one := heard[k].span) is not None]
            sound = _sound(before, after, places)
            is_in_long_gap = sound is None and after - before > MOST_GAP_MS
            if is_in_long_gap:
                letters = letters or HeardLetters.of(hearing)
                words, sound = _similar_sound(transcript, letters, words, Span(before, after))
            if is_ending := is_in_long_gap and sound is None and may_end_here:
                asked = [(part, _ending_sound(part, Span(before, after))) for part in _endings(transcript, words)]
            else:
                asked = [(words, sound)]
            may_end_here = False
        for part, within in asked:
            if within is not None and (within.duration <= MOST_GAP_MS or len(part) >= LEAST_SEARCHED_WORDS):
                gaps.append(_Gap(_stretch(transcript, hearing.language, part, within), is_ending))
    return tuple(gaps)


def _stretch(transcript: Transcript, language: str, words: Sequence[int], sound: Span) -> Stretch:
    """Return what is forced to find words in a gap."""
    asked = tuple(unheard_word(transcript.words[k], language) for k in words)
    edges = Span(sound.start, sound.start), Span(sound.end, sound.end)
    return Stretch(*edges, asked, tuple(words), language, is_search=sound.duration > MOST_GAP_MS)


def _endings(transcript: Transcript, words: Sequence[int]) -> list[Sequence[int]]:
    """Return what is looked for of an utterance of which nothing was heard: all of it, and its last sentence alone."""
    last = _last_sentence(transcript, words)
    return [words, last] if len(last) < len(words) <= MOST_ENDING_WORDS else [last]


def _similar_sound(
    transcript: Transcript, heard: HeardLetters, words: Sequence[int], between: Span
) -> tuple[Sequence[int], Span | None]:
    """Return where an utterance is looked for that was not matched: around the heard words that are like it.

    Where none are like all of it, its first sentence is looked for: nobody may say the others.

    Returns:
        The words that are looked for, and where; None if nowhere.
    """
    near = (
        Span(between.start, min(between.end, between.start + MOST_AWAY_IF_SIMILAR_MS)),
        Span(max(between.start, between.end - MOST_AWAY_IF_SIMILAR_MS), between.end),
    )
    for part in (words, _first_sentence(transcript, words)):
        if not LEAST_SIMILAR_WORDS <= len(part) <= MOST_SIMILAR_WORDS:
            continue
        place = similar_place([transcript.words[k].keys for k in part], heard, heard.within(near))
        if place is not None:
            around = AROUND_SIMILAR_MS if len(part) >= LEAST_SEARCHED_WORDS else AROUND_FEW_WORDS_MS
            return part, Span(max(between.start, place.start - around), min(between.end, place.end + around))
    return words, None


def _last_sentence(transcript: Transcript, words: Sequence[int]) -> Sequence[int]:
    """Return the words of the last sentence of an utterance."""
    shown = [transcript.words[k].shown for k in words]
    starts = (n for n in range(len(words) - 1, 0, -1) if ends_sentence(shown[n - 1], shown[n]))
    return words[next(starts, 0) :]


def _ending_sound(sentence: Sequence[int], between: Span) -> Span | None:
    """Return where the last sentence of an utterance is looked for, behind what is known; None if nowhere."""
    if len(sentence) < LEAST_ENDING_WORDS or between.duration < LEAST_GAP_MS:
        return None
    most = ENDING_MS if len(sentence) <= LEAST_SEARCHED_WORDS else LONG_ENDING_MS
    return Span(between.start, min(between.end, between.start + most))


def _first_sentence(transcript: Transcript, words: Sequence[int]) -> Sequence[int]:
    """Return the first words of an utterance up to the end of a sentence; none if it has one sentence."""
    shown = [transcript.words[k].shown for k in words]
    ends = (n for n in range(1, len(words)) if ends_sentence(shown[n - 1], shown[n]))
    return words[: next(ends, 0)]


def _sound(before: Ms, after: Ms, rejected: Sequence[Span]) -> Span | None:
    """Return where an utterance is looked for between two others; None if nowhere.

    Args:
        before, after: the end of the one and the start of the other.
        rejected: where its words were heard.
    """
    if not rejected:
        return Span(before, after) if LEAST_GAP_MS <= after - before <= MOST_GAP_MS else None
    middle = rejected[len(rejected) // 2].start
    start, end = max(before, middle - MOST_AWAY_MS), min(after, middle + MOST_AWAY_MS)
    return Span(start, end) if end - start >= LEAST_GAP_MS else None


def _whole_span(
    transcript: Transcript,
    utterance: Utterance,
    heard: Sequence[TimedWord],
    times: Sequence[TimedWord],
    rejected: Container[int],
) -> Span | None:
    """Return when an utterance is said; None if none of its words was heard, or all in a place that was rejected."""
    if not any(heard[k].measured and k not in rejected for k in spoken_words(transcript, utterance.words)):
        return None
    spans = [span for k in utterance.words if k not in rejected and (span := times[k].span) is not None]
    return spans[0].cover(spans[-1])


def _next_starts(spans: Sequence[Span | None], duration: Ms) -> list[Ms]:
    """Return where the first known utterance after each one starts; the recording's end if there is none."""
    starts: list[Ms] = []
    start = duration
    for span in reversed(spans):
        starts.append(start)
        start = start if span is None else span.start
    return starts[::-1]


def _found(gaps: Sequence[_Gap], results: ForcedResults) -> dict[int, ForcedTime]:
    """Return the times of the words that are found in gaps.

    Of two utterances that overlap the better one is found; an utterance as a whole is better than its last sentence.
    """
    known = dict(results)
    found = [
        (statistics.fmean(fit for fit in forced.fits or () if fit is not None), times)
        for gap, is_ending in gaps
        if (forced := known.get(gap.without_places())) and (times := times_in_gap(gap, forced, is_ending=is_ending))
    ]
    taken: dict[int, ForcedTime] = {}
    whole = [one for one in found if not any(one[1].keys() < other.keys() for _, other in found)]
    for _, times in sorted(whole, key=lambda one: one[0], reverse=True):
        (first, *_), (*_, last) = times, times
        if all(
            time.span.end <= times[first].span.start if place < first else times[last].span.end <= time.span.start
            for place, time in taken.items()
        ):
            taken.update(times)
    return taken
