"""Find which words of an utterance are said: all but sentences at its end, and how many of them are heard.

What is heard behind the last match of a turn may be the typed ending in other words, or what nobody has typed yet.
Where a sentence ends in both texts at the last match, and hardly a word of the typed sentences behind it was heard, it
is the latter: even a sentence in other words has words in common with the typed one::

    written    … which ducks?  The orchestra sold their winter coats.
    heard      … which ducks.  The ones that ate the letter Q …
                             │
                         turn ends

Where the typed ending is said in other words, its time is that of some heard words behind the last match; in the same
way before the first match.

For the origin of the numbers and what "benchmark" means, see ``chance_matches``.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from pipeline.matching.alignment.tokens import spoken_words
from pipeline.reading.words.sentence_end import ends_sentence
from pipeline.schema import Fit, HeardWord, Hearing, Run, TimedWord, Transcript, Utterance
from pipeline.times import Ms

LEAST_UNSAID_WORDS = 6
"""Fewer words at the end of a turn may be said in other words of which none is the same: "Thanks!" for "Thank you"."""

MOST_MATCHED_SHARE = 0.2
"""A sentence of which a smaller share of the words was matched is not said: a "the" may match by chance."""

VERBATIM, REWORDED, PARTIAL, PARTIAL_RUN = 0.9, 0.5, 0.2, 5
"""The shares of measured words from which an utterance has that fit, and the run of measured words that is enough for
``partial``. They are part of the JSON document's description."""

LEAST_BEGINNING_WORDS, LEAST_BEGINNING = 3, 0.4
"""The measured words, and the share of them, that are enough for ``partial`` before sentences that nobody says.
Benchmark: with as many of these at the end of each turn as are said, a turn more is found, and none that nobody says.
"""

PAUSE_AT_UTTERANCE_EDGE_MS: Ms = 500
"""A silence between two heard words that ends the unmatched words at an edge of an utterance. Benchmark: the mean error
of ends is 3 ms more with 250."""

LEAST_TAIL_SHARE = 0.4
"""The share of the time that its letters need that passes before a pause or the end of a heard sentence ends a typed
ending: nobody says the words in less, but three words may stand for six. Chosen with ``scripts/benchmark_texts.py``
and half of the words replaced in five draws: 3 in place of 5 of 30 continue times are then seconds early, with 0.25 it
is 4. Benchmark: no change; with 0.5 the mean error of ends is 2 ms less."""

LONGEST_PAUSE_IN_TAIL_MS: Ms = 2_000
"""A longer pause ends it in any case: no subtitle stands over so much silence. Benchmark: no change."""


class Tail(NamedTuple):
    """An unmatched end of an utterance.

    Attributes:
        usual: the heard words that it usually is.
        most: the most that it may be.
        needed: what it takes at the recording's rate of speech, in ms.
    """

    usual: int
    most: int
    needed: Ms = 0


def said_part(
    transcript: Transcript,
    hearing: Hearing,
    utterance: Utterance,
    in_place: Sequence[Run],
    heard: Sequence[TimedWord],
    found: Sequence[TimedWord],
) -> Run:
    """Return the words of an utterance without the sentences at its end that nobody says.

    Args:
        transcript: the transcript.
        hearing: what was heard.
        utterance: one of the transcript's.
        in_place: for each written word the heard words of its pairing.
        heard: for each written word its time as it was heard; else not measured.
        found: the same, with the words that were not heard but found by their sound alone.
    """
    words, end, said_end = transcript.words, utterance.words.end, utterance.words.end
    unsaid = end
    for k in range(end - 1, utterance.words.start, -1):
        if not ends_sentence(words[k - 1].shown, words[k].shown):
            continue
        spoken = spoken_words(transcript, Run(k, unsaid))
        if sum(found[j].measured for j in spoken) >= MOST_MATCHED_SHARE * max(1, len(spoken)):
            break
        unsaid = k
        own = in_place[k - 1] if heard[k - 1].measured else Run(0, 0)
        ends_heard_sentence = len(own) > 0 and ends_sentence(hearing.words[own.end - 1].text)
        if ends_heard_sentence and len(spoken_words(transcript, Run(k, end))) >= LEAST_UNSAID_WORDS:
            said_end = k
    return Run(utterance.words.start, said_end)


def fit_of(transcript: Transcript, utterance: Utterance, said: Run, found: Sequence[TimedWord]) -> Fit:
    """Return how well the words of an utterance fit what is heard.

    Args:
        transcript: the transcript.
        utterance: one of its utterances.
        said: its words without the sentences at its end that nobody says (see ``said_part``).
        found: the times of all words as they were heard or found.
    """
    counted = spoken_words(transcript, utterance.words)
    if not counted:
        return "not-found"
    measured = [found[k].measured for k in counted]
    share = sum(measured) / len(counted)
    if share >= VERBATIM:
        return "verbatim"
    if share >= REWORDED:
        return "reworded"
    is_partial = share >= PARTIAL or _longest_run(measured) >= PARTIAL_RUN or _is_beginning_said(counted, said, found)
    return "partial" if is_partial else "not-found"


def _longest_run(flags: Sequence[bool]) -> int:
    return max((sum(run) for flag, run in itertools.groupby(flags) if flag), default=0)


def _is_beginning_said(counted: Sequence[int], said: Run, found: Sequence[TimedWord]) -> bool:
    """Return whether an utterance begins with words that are said, before sentences that nobody says."""
    beginning = [found[k].measured for k in counted if k < said.end]
    if len(beginning) == len(counted):
        return False
    return sum(beginning) >= max(LEAST_BEGINNING_WORDS, LEAST_BEGINNING * len(beginning))


def end_of_tail(heard: Sequence[HeardWord], after: Ms, tail: Tail) -> Ms:
    """Return the end of a typed ending that is said differently: of the heard words up to a pause or sentence end.

    Where neither is near, it is that of as many heard words as are typed. Nothing ends it before it can be said, but a
    pause directly after the match: few typed words are then perhaps not said at all. Of two voices at once Whisper may
    write one, and give the words of the other no length: the ending then takes what it needs, of whatever is heard.

    Args:
        heard: the words behind the last match.
        after: the end of that match.
        tail: the typed ending.
    """
    end = usual = after
    earliest, expected = after + round(LEAST_TAIL_SHARE * tail.needed), after + tail.needed
    is_squeezed = any(word.span.duration == 0 for word in heard[: tail.most])
    for n, word in enumerate(heard):
        can_end = end >= earliest or (n == 0 and tail.usual < LEAST_UNSAID_WORDS)
        if word.span.start - end > (PAUSE_AT_UTTERANCE_EDGE_MS if can_end else LONGEST_PAUSE_IN_TAIL_MS):
            return end
        is_more = n >= tail.most
        if is_more and not is_squeezed:
            return usual if usual >= earliest else min(end, expected)
        if is_more and end >= expected:
            return expected
        end = max(end, word.span.end)
        usual = end if n < tail.usual else usual
        if ends_sentence(word.text) and end >= earliest and not is_more:
            return end
    return min(end, expected) if is_squeezed and len(heard) > tail.most else end


def start_of_head(heard: Sequence[HeardWord], before: Ms, count: int) -> Ms:
    """Return the start of a typed beginning that is said differently; a few heard words belong to it entirely.

    Args:
        heard: the words in its place, at least one.
        before: the start of the first matched word.
        count: the words that may be said.
    """
    if len(heard) <= count + 1:
        return heard[0].span.start
    start = before
    for n, word in enumerate(reversed(heard)):
        if start - word.span.end > PAUSE_AT_UTTERANCE_EDGE_MS or ends_sentence(word.text) or n >= count:
            break
        start = min(start, word.span.start)
    return start
