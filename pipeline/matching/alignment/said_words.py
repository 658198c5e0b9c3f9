"""Find which words of an utterance are said: all but sentences at its end, and how many of them are heard.

What is heard behind the last match of a turn may be the typed ending in other words, or what nobody has typed yet.
Where a sentence ends in both texts at the last match, and hardly a word of the typed sentences behind it was heard, it
is the latter: even a sentence in other words has words in common with the typed one::

    written    … which ducks?  The orchestra sold their winter coats.
    heard      … which ducks.  The ones that ate the letter Q …
                             │
                         turn ends
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from pipeline.matching.alignment.tokens import spoken_words
from pipeline.reading.words.sentence_end import ends_sentence
from pipeline.schema import Fit, Hearing, Run, TimedWord, Transcript, Utterance

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


def said_part(
    transcript: Transcript,
    hearing: Hearing,
    utterance: Utterance,
    in_place: Sequence[Run],
    matched: Sequence[TimedWord],
) -> Run:
    """Return the words of an utterance without the sentences at its end that nobody says.

    Args:
        transcript: the transcript.
        hearing: what was heard.
        utterance: one of the transcript's.
        in_place: for each written word the heard words of its pairing.
        matched: for each written word its time as it was heard; not measured where it was not matched.
    """
    words, end, said_end = transcript.words, utterance.words.end, utterance.words.end
    unsaid = end
    for k in range(end - 1, utterance.words.start, -1):
        if not ends_sentence(words[k - 1].shown, words[k].shown):
            continue
        spoken = spoken_words(transcript, Run(k, unsaid))
        if sum(matched[j].measured for j in spoken) >= MOST_MATCHED_SHARE * max(1, len(spoken)):
            break
        unsaid = k
        own = in_place[k - 1] if matched[k - 1].measured else Run(0, 0)
        ends_heard_sentence = len(own) > 0 and ends_sentence(hearing.words[own.end - 1].text)
        if ends_heard_sentence and len(spoken_words(transcript, Run(k, end))) >= LEAST_UNSAID_WORDS:
            said_end = k
    return Run(utterance.words.start, said_end)


def fit_of(transcript: Transcript, utterance: Utterance, said: Run, times: Sequence[TimedWord]) -> Fit:
    """Return how well the words of an utterance fit what is heard.

    Args:
        transcript: the transcript.
        utterance: one of its utterances.
        said: its words without the sentences at its end that nobody says (see ``said_part``).
        times: of all words as they were heard or found.
    """
    counted = spoken_words(transcript, utterance.words)
    if not counted:
        return "not-found"
    measured = [times[k].measured for k in counted]
    share = sum(measured) / len(counted)
    if share >= VERBATIM:
        return "verbatim"
    if share >= REWORDED:
        return "reworded"
    is_partial = share >= PARTIAL or _longest_run(measured) >= PARTIAL_RUN or _is_beginning_said(counted, said, times)
    return "partial" if is_partial else "not-found"


def _longest_run(flags: Sequence[bool]) -> int:
    return max((sum(run) for flag, run in itertools.groupby(flags) if flag), default=0)


def _is_beginning_said(counted: Sequence[int], said: Run, times: Sequence[TimedWord]) -> bool:
    """Return whether an utterance begins with words that are said, before sentences that nobody says."""
    beginning = [times[k].measured for k in counted if k < said.end]
    if len(beginning) == len(counted):
        return False
    return sum(beginning) >= max(LEAST_BEGINNING_WORDS, LEAST_BEGINNING * len(beginning))
