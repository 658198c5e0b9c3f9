"""Find where a last typed turn ends that another person speaks over, by the turns of the voices.

Of two people who speak at once Whisper often writes one, so the end of the other's turn is not heard, and sometimes
nothing of it. Diarization hears both (Plaquet and Bredin 2023, arXiv:2310.13025)::

    typed      … without an update?
    heard          … it is not on the in…      the last typed words are not among them
    voices     ───────────────────┤
                          ├──────────────── …

The limits were chosen on eighteen draws of ``scripts/benchmark_texts.py`` of changes of speaker that overlap by 1 to
2 s, with the typing stopped at three places: of 108 continue times 39 are off by more than 0.3 s without this module,
and 13 with it; with a longest pause of 250 ms 17, from which each other value of the other limits makes 13 to 21. In 34
other draws 32 of 204 are off, 76 without it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from pipeline.matching.alignment.heard_times import letters_of, speech_rate
from pipeline.matching.alignment.tokens import spoken_words
from pipeline.schema import TimedUtterance, TimedWord, Transcript, Turn, Utterance
from pipeline.times import Ms, Span, merge_spans

LATEST_MS: Ms = 2_500
"""The voice may end this much after the end that was found."""

EARLIEST_MS: Ms = 1_000
EARLIEST_IF_MEASURED_MS: Ms = 300
"""It may end this much before it: less if the last word was found there, and was not only placed there."""

MOST_BEFORE_FOUND_MS: Ms = 200
"""It may also end anywhere after this much before the end of the last word that was found."""

LEAST_OVERLAP_MS: Ms = 100
"""Another voice has begun this much before the end."""

LONGEST_PAUSE_MS: Ms = 800
"""After no longer pause than this, a voice goes on with a turn of which no word was found: "No, um, which ducks?"."""

MOST_BEFORE_MS: Ms = 2_500
MOST_AFTER_MS: Ms = 300
"""Such a turn begins this much before or after the end of the one before it, at most."""

LEAST_LENGTH, MOST_LENGTH = 0.3, 4
"""Such a turn takes from the smaller to the larger share of the time that its letters need."""


def end_of_last_turn(
    transcript: Transcript,
    words: Sequence[TimedWord],
    utterances: Sequence[TimedUtterance],
    turns: Sequence[Turn],
) -> Ms | None:
    """Return where the last typed turn ends by the voices, if another person speaks over its end; else None.

    Args:
        transcript: the transcript.
        words: the times of its words.
        utterances: the times of its utterances.
        turns: who speaks when, ordered by start; those of different voices may overlap.
    """
    found = [k for k, timed in enumerate(utterances) if timed.span is not None]
    spoken = [k for k, one in enumerate(transcript.utterances) if spoken_words(transcript, one.words)]
    if not found or not spoken or spoken[-1] < found[-1]:
        return None
    before, last = utterances[found[-1]].span, transcript.utterances[spoken[-1]]
    voice = _voice_of(last.speaker, transcript, utterances, turns)
    if before is None or voice is None:
        return None
    if spoken[-1] == found[-1]:
        return _end_of_found(transcript, words, last, before, voice, turns)
    is_next = spoken[-2:-1] == found[-1:] and transcript.utterances[found[-1]].speaker != last.speaker
    return _end_of_unfound(transcript, words, last, before.end, voice, turns) if is_next else None


def _end_of_found(
    transcript: Transcript,
    words: Sequence[TimedWord],
    last: Utterance,
    span: Span,
    voice: str,
    turns: Sequence[Turn],
) -> Ms | None:
    """Return the end of a turn of the voice that is nearest to the end that was found, if one is near."""
    spoken = spoken_words(transcript, last.words)
    ends = [one.end for k in spoken if words[k].measured and (one := words[k].span) is not None]
    earliest = span.end - (EARLIEST_IF_MEASURED_MS if words[spoken[-1]].measured else EARLIEST_MS)
    earliest = min([earliest, *(end - MOST_BEFORE_FOUND_MS for end in ends[-1:])])
    near = [
        turn.span.end
        for turn in turns
        if turn.voice == voice
        and turn.span.start < span.end
        and max(earliest, span.start) <= turn.span.end <= span.end + LATEST_MS
        and _is_spoken_over(turn.span.end, voice, turns)
    ]
    return min(near, key=lambda end: abs(end - span.end), default=None)


def _end_of_unfound(
    transcript: Transcript,
    words: Sequence[TimedWord],
    last: Utterance,
    before: Ms,
    voice: str,
    turns: Sequence[Turn],
) -> Ms | None:
    """Return the end of the turn of the voice that follows the end of the turn before, if it is as long as needed."""
    needed = speech_rate(transcript.words, words) * sum(
        letters_of(transcript.words[k]) for k in spoken_words(transcript, last.words)
    )
    following = (
        span.end
        for span in merge_spans((turn.span for turn in turns if turn.voice == voice), LONGEST_PAUSE_MS)
        if before - MOST_BEFORE_MS < span.start < before + MOST_AFTER_MS
        and span.end > before
        and LEAST_LENGTH * needed <= span.duration <= MOST_LENGTH * needed
        and _is_spoken_over(span.end, voice, turns)
    )
    return next(following, None)


def _voice_of(
    speaker: str | None, transcript: Transcript, utterances: Sequence[TimedUtterance], turns: Sequence[Turn]
) -> str | None:
    """Return the voice in whose turns most of what is typed under a label is said; None if there is none."""
    shared: dict[str, Ms] = defaultdict(int)
    spans = [
        timed.span
        for one, timed in zip(transcript.utterances, utterances, strict=True)
        if speaker is not None and one.speaker == speaker and timed.span is not None
    ]
    for turn in turns:
        shared[turn.voice] += sum(turn.span.overlap(span) for span in spans)
    best = max(shared, key=shared.__getitem__, default=None)
    return best if best is not None and shared[best] else None


def _is_spoken_over(end: Ms, voice: str, turns: Sequence[Turn]) -> bool:
    """Return whether another voice speaks before and after a moment."""
    return any(
        turn.voice != voice and turn.span.start < end - LEAST_OVERLAP_MS and turn.span.end > end for turn in turns
    )
