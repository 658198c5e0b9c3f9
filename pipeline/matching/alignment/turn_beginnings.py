"""Find where a turn begins whose first words were not heard as they are written, and by how much that may be off.

Such words stand for the heard words in their place, between the last match before the turn and its own first match. Of
these heard words, some may belong to unmatched words at the end of the turn before; the turn begins where the numbers
of words allow it, if possible after a pause or the end of a heard sentence::

    written    … on the shelf | It perhaps gentle faster now
    heard      … on the ledge.  It did, and is    faster now
                        │      ├─ beginning ─┤
                     last match               first match

Forced alignment finds a place for any word, also for one that nobody says. It is believed at the beginning of a turn
only where it agrees with the heard words, or where nothing was heard and all words up to the first match are connected.

The numbers were chosen with ``scripts/benchmark_texts.py``, on the example with half of its words replaced, and with
turns that overlap.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.matching.alignment.heard_times import (
    HEARD_START_CERTAINTY,
    UNSURE_CONFIDENCE,
    ForcedTime,
    start_certainty,
)
from pipeline.matching.alignment.tokens import spoken_words
from pipeline.reading.words.fillers import is_filler
from pipeline.reading.words.sentence_end import ends_sentence
from pipeline.reading.words.spoken_form import spoken_keys
from pipeline.schema import Alignment, Hearing, Pairing, Run, TimedWord, Transcript
from pipeline.times import Ms, Span

PAUSE_MS: Ms = 250
"""A pause between two heard words at which one turn may end and the next one begin."""

MOST_FACTOR = 2
"""A number of written words may be said in so many times as many words, or in as many times fewer."""

MOST_UNHEARD_WORDS = 2
"""A beginning of at most so many words may not have been heard, though something else was: the end of the turn
before, whose last words the typist left out."""

MOST_WORDS_AWAY = 12
"""A heard word this far before the others may still be the same as one of a beginning."""

MOST_DISAGREED_MS: Ms = 300
"""By how much forced alignment and the heard words may differ at a beginning. Whisper's words start within 0.3 s of the
truth for 95 %."""

MOST_APART_MS: Ms = 300
"""Two words of a beginning with more than this between them are not connected."""

MOST_APART_IN_AGREEMENT_MS: Ms = 100
MOST_OFF_IN_AGREEMENT_MS: Ms = 150
"""Where two aligners are this near to each other, and to a heard word, the turn begins there, though it might begin
elsewhere by the numbers of words alone."""

LEAST_PAUSE_BEFORE_MS: Ms = 100
"""A beginning of which nothing was heard may be said over the end of the turn before, unless so long a pause precedes
it."""

MOST_OVERLAP_MS: Ms = 1_000
"""A beginning for which there is no room after the turn before is said over it, so much earlier, or not at all."""

LEAST_LEFT_SHARE, LEAST_UNHEARD_MS = 0.6, 1_000
"""Words that are heard in a smaller share of the time that those of a beginning need, after so much in which nothing
was heard, may be others: the beginning is before them, and Whisper left it out. The one such start of all sounds was
1.5 s late ("Give up." for "I envy that board."); with a share of 0.7 one right start of 44 is unsure on another."""

WORDS_BESIDE_FIRST = 3
"""Where forced alignment finds one of so many words behind the first one, but not the first, which was heard, Whisper
put that word far from where it is said: into the music or the other speaker before it."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """The first words of a turn, up to its first match; none of them was matched.

    Attributes:
        words: from the first spoken word up to the first match, as indices of written words.
        at: the start of the first heard word in their place; None if too few words were heard there.
        doubt: how far apart the places are at which the turn may begin, in ms.
        filler: when a hesitation sound is heard in their place, and nothing else; then they are said before it, under
            the end of the turn before, or not at all.
    """

    words: Run
    at: Ms | None = None
    doubt: Ms = 0
    filler: Span | None = None


def unmatched_beginnings(transcript: Transcript, hearing: Hearing, alignment: Alignment) -> dict[int, Beginning]:
    """Return the beginnings of the turns whose first spoken word was not matched, by the index of the utterance."""
    found: dict[int, Beginning] = {}
    utterances = {utterance.index: utterance for utterance in transcript.utterances}
    matched = [pairing for pairing in alignment.pairings if pairing.score > 0]
    for before, match in pairwise([Pairing(Run(0, 0), Run(0, 0), 0.0), *matched]):
        utterance = utterances[transcript.words[match.written.start].utterance]
        own = spoken_words(transcript, Run(utterance.words.start, match.written.start))
        if not own or (before.score > 0 and before.written.end > utterance.words.start):
            continue
        place = _Place(
            hearing,
            Run(before.heard.end, match.heard.start),
            [transcript.words[k].keys for k in own],
            len(spoken_words(transcript, Run(before.written.end, utterance.words.start))),
        )
        if said := _only_fillers(transcript, hearing, own, place.heard):
            found[utterance.index] = Beginning(Run(own[0], match.written.start), said.start, 0, filler=said)
            continue
        starts = [hearing.words[j].span.start for j in _possible_starts(place)]
        at, doubt = (starts[0], max(starts) - min(starts)) if starts else (None, 0)
        found[utterance.index] = Beginning(Run(own[0], match.written.start), at, doubt)
    return found


def _only_fillers(transcript: Transcript, hearing: Hearing, own: Sequence[int], heard: Run) -> Span | None:
    """Return when hesitation sounds are heard in the place of written words that are others; None if more is."""
    language, words = hearing.language, [hearing.words[j] for j in heard]
    if not words or not all(is_filler(word.text, language) for word in words):
        return None
    if any(is_filler(transcript.words[k].shown, language) for k in own):
        return None
    return words[0].span.cover(words[-1].span)


@dataclass(frozen=True, slots=True)
class _Place:
    """What is known of the place of a beginning.

    Attributes:
        hearing: all heard words.
        heard: those from the last match before the turn to its first match.
        own: the keys of each of the turn's unmatched first words.
        earlier: the number of unmatched spoken words at the end of earlier turns.
    """

    hearing: Hearing
    heard: Run
    own: Sequence[tuple[str, ...]]
    earlier: int


def _possible_starts(place: _Place) -> list[int]:
    """Return the heard words with which a turn may begin, the likeliest first; empty if too few words were heard."""
    own, earlier, first, match = len(place.own), place.earlier, place.heard.start, place.heard.end
    near = range(max(first, match - MOST_FACTOR * own - MOST_WORDS_AWAY), match)
    if same := [j for j in _starts_of_same_words(place, near) if _is_edge(place.hearing, j)]:
        return same[-1:]
    by_own = [j for j in near if _may_be_said_in(own, match - j)]
    by_both = [j for j in by_own if _may_be_said_in(earlier, j - first)] if earlier else []
    expected: float = own
    if by_both:
        expected = len(place.heard) * own / (earlier + own)
    elif not earlier and len(place.heard) <= own + 1:  # a few heard words belong to it entirely
        expected = len(place.heard)
    others: list[int] = []
    if not by_both:
        others = [j for j in near if _may_be_said_in(earlier, j - first) and not _may_be_said_in(own, match - j)]
    if own <= MOST_UNHEARD_WORDS and place.heard and _pause_before(place.hearing, match) >= PAUSE_MS:
        others.append(match)
    edges = [j for j in (by_both or by_own) + others if _is_edge(place.hearing, j)]
    least = 0 if earlier else min(own, len(place.heard))  # all words that were heard are then its own
    allowed = edges or by_both or [j for j in by_own if match - j >= least]
    return sorted(allowed, key=lambda j: abs(match - j - expected))


def _starts_of_same_words(place: _Place, near: range) -> Iterator[int]:
    """Yield where the turn begins if one of its unmatched words is the same word that was heard nearby."""
    language = place.hearing.language
    for j in near:
        said = tuple(spoken_keys(place.hearing.words[j].text, language))
        first = enumerate(place.own[:MOST_WORDS_AWAY])
        yield from (j - i for i, keys in first if keys == said and j - i >= near.start)


def _may_be_said_in(written: int, heard: int) -> bool:
    return heard <= MOST_FACTOR * written and written <= MOST_FACTOR * heard


def _is_edge(hearing: Hearing, j: int) -> bool:
    """Return whether one turn may end before a heard word by the sound: there is a pause, or a sentence ends."""
    if j == 0 or _pause_before(hearing, j) >= PAUSE_MS:
        return True
    return ends_sentence(hearing.words[j - 1].text, hearing.words[j].text)


def _pause_before(hearing: Hearing, j: int) -> Ms:
    return hearing.words[j].span.start - (hearing.words[j - 1].span.end if j else 0)


def without_contradicted(
    forced: Mapping[int, ForcedTime], beginnings: Mapping[int, Beginning], heard: Sequence[TimedWord]
) -> dict[int, ForcedTime]:
    """Return the forced times without those of beginnings that contradict what was heard.

    Args:
        forced: by the index of the written word.
        beginnings: see ``unmatched_beginnings``.
        heard: the times of all written words as they were heard.
    """
    dropped = {
        k
        for beginning in beginnings.values()
        if _is_contradicted(beginning, forced, heard)
        for k in beginning.words
        if k in forced and forced[k].place == "heard"
    }
    return {k: time for k, time in forced.items() if k not in dropped}


def _is_contradicted(beginning: Beginning, forced: Mapping[int, ForcedTime], heard: Sequence[TimedWord]) -> bool:
    first = forced.get(beginning.words.start)
    if first is None:
        return False
    if beginning.filler:
        return first.span.overlap(beginning.filler) > 0
    if beginning.at is not None:
        early = beginning.at - first.span.start
        if abs(early) <= MOST_DISAGREED_MS:
            return False
        if early > 0:
            return True
    return any(apart > MOST_APART_MS for apart in _pauses(beginning, forced, heard))


def _pauses(beginning: Beginning, forced: Mapping[int, ForcedTime], heard: Sequence[TimedWord]) -> Iterator[Ms]:
    """Yield the pauses between the words of a beginning that have times, the last of them before the first match."""
    match = forced[beginning.words.end].span if beginning.words.end in forced else heard[beginning.words.end].span
    spans = [forced[k].span for k in beginning.words if k in forced]
    spans += [match] if match is not None else []
    return (after.start - before.end for before, after in pairwise(spans))


def start_doubt(beginning: Beginning, forced: ForcedTime | None, around: Span, needed: Ms) -> Ms:
    """Return by how much the start of a turn may be off whose first words were not matched.

    Args:
        beginning: its first words.
        forced: the time of the first of them, if forced alignment finds it and does not contradict what was heard.
        around: from the end of the word before the turn to its first match.
        needed: how long the first words take at the recording's rate of speech.
    """
    if beginning.filler:
        return 0 if forced else needed + MOST_OVERLAP_MS
    if beginning.at is not None:
        if forced:
            return 0 if _agrees(forced, beginning.at) else beginning.doubt
        left = around.end - max(beginning.at, around.start)
        is_after_unheard = beginning.at - around.start >= LEAST_UNHEARD_MS
        least = needed * LEAST_LEFT_SHARE if is_after_unheard else needed / MOST_FACTOR
        return beginning.doubt if left >= least else needed + MOST_OVERLAP_MS
    if forced:
        return 0 if forced.span.start - around.start >= LEAST_PAUSE_BEFORE_MS else needed + MOST_OVERLAP_MS
    return needed + MOST_OVERLAP_MS if around.duration < needed else max(needed, around.duration - needed)


def _agrees(forced: ForcedTime, at: Ms) -> bool:
    """Return whether two aligners agree on a start with the heard words."""
    return (
        forced.apart is not None
        and forced.apart <= MOST_APART_IN_AGREEMENT_MS
        and abs(forced.span.start - at) <= MOST_OFF_IN_AGREEMENT_MS
    )


def most_confidence(counted: Sequence[int], forced: Mapping[int, ForcedTime], beginning: Beginning | None) -> float:
    """Return the highest confidence of an utterance by how sure forced alignment is of its first word.

    Args:
        counted: its spoken words; none in a turn that is ``[unintelligible]`` alone.
        forced: the forced times, by the index of the word.
        beginning: its first words, if they were not matched.
    """
    if not counted:
        return 1.0
    first, others = counted[0], counted[1 : 1 + WORDS_BESIDE_FIRST]
    if first not in forced:
        is_lost = beginning is None and any(k in forced for k in others)
        return UNSURE_CONFIDENCE if is_lost else 1.0
    certainty = start_certainty(forced[first].apart)
    return max(certainty, HEARD_START_CERTAINTY) if beginning and beginning.at is not None else certainty
