"""Find where turns begin and end while another person speaks, by where the voices begin and end.

Written words have one order, and their times do not overlap. So where two people speak at once, the words of one of
them are placed too late or too early. Diarization hears both voices (Plaquet and Bredin 2023, arXiv:2310.13025), and
where one of them begins or ends while another one speaks, there a turn begins or ends::

    words      … ├ let ┤├ the ┤├ fans ┤├ spin ┤├ This ┤├ episode ┤├ is ┤ …        one behind the other
    voices     ─────────────────────────────────────────┤
                                  ├─────────────────────────────────────
                                  ↑ Bob begins          ↑ Ann ends

Of several such edges the one is meant that is nearest to where the turn begins, or ends, by its words: none of them
takes less time than its letters need. It is not asked whose voice it is: in such places voices are often confused while
their edges are right, and asking was no better on draws that had not chosen how.

The limits were chosen on draws 1 to 18 of ``scripts/benchmark_texts.py``, in which each change of speaker overlaps by
1 to 2 s, and on its sounds without overlap.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import NamedTuple

from pipeline.matching.alignment.heard_times import UNSURE_CONFIDENCE, letters_of, speech_rate
from pipeline.matching.alignment.tokens import spoken_words
from pipeline.matching.spoken_over import end_of_last_turn
from pipeline.schema import TimedUtterance, TimedWord, Transcript, Turn
from pipeline.times import Ms, Span

FARTHEST_MS: Ms = 3_500
"""A turn begins at most this much before its first placed word, and ends at most this much after its last one."""

LEAST_BEFORE_MS: Ms = 20
LEAST_AFTER_MS: Ms = 200
"""Where a voice begins, another one has begun this much before, and goes on for this much; backwards where one ends."""

LONGEST_PAUSE_MS: Ms = 600
"""A voice goes on over a pause of up to this. Where one begins that does not go on until a turn's first placed word,
the turn's start stays sure: it was a short word of another turn, or of the background. Without this, 16 of 143 sure
starts with babble are not sure any more; with it, 2."""

MOST_MISSING_MS: Ms = 300
"""A turn ends with a voice that has begun this much after the turn's last placed word at the latest: the last words
are more often not found than the first ones. With 0, the 95th percentile of the ends is 1.3 s in place of 0.9 s."""

REACH_MS: Ms = 2_500
"""The words that say where a turn begins are those up to this much after its first one; it is the same with 4,000."""

MOST_OFF_MS: Ms = 800
MOST_OFF_SHARE = 1.4
"""The end of a voice is at most this far from where the turn ends by its words: a constant, and a share of the time
that the letters need from the word that says so. A constant alone is worse."""

MOST_APART_MS: Ms = 300
"""A sure start stays sure if it is not farther than this from where the voice begins."""


class _Edge(NamedTuple):
    """Where a voice begins or ends while another one speaks.

    Attributes:
        at: that moment.
        other: where the voice ends that begins there, or began that ends there, with its pauses.
    """

    at: Ms
    other: Ms


@dataclass(frozen=True, slots=True)
class _Edges:
    """Where voices begin, and where they end, while another one speaks; both in order."""

    starts: list[_Edge]
    ends: list[_Edge]


def with_voice_edges(
    transcript: Transcript,
    words: Sequence[TimedWord],
    utterances: Sequence[TimedUtterance],
    turns: Sequence[Turn],
) -> tuple[TimedUtterance, ...]:
    """Extend utterances to where their voices begin and end, if another person speaks there.

    The spans of neighbours may overlap then; the starts of all are still in order, and so are the ends. A sure start
    stays where it is; if a voice begins elsewhere, the start moves there and is not sure any more.

    Args:
        transcript: the transcript.
        words: the times of its words.
        utterances: the times of its utterances, in order and without overlap.
        turns: who speaks when, ordered by start; those of different voices may overlap.
    """
    extended = list(utterances)
    edges = _edges(turns)
    rate = speech_rate(transcript.words, words)
    found = [(k, timed.span) for k, timed in enumerate(utterances) if timed.span is not None]
    for (i, before), (k, after) in pairwise(found):
        if transcript.utterances[i].speaker == transcript.utterances[k].speaker:
            continue
        start = _start(_spans(transcript, words, k), rate, Span(before.start, after.start), edges.starts)
        if start is not None:
            is_next = not _is_spoken(transcript, i + 1, k)  # else the voice may be of what is typed between
            extended[k] = _with_start(extended[k], start, may_differ=is_next and start.other >= after.start)
        end = _end(_spans(transcript, words, i), rate, Span(before.end, after.end), edges.ends)
        if end is not None:
            extended[i] = _with_end(extended[i], end)
    if found and not _is_spoken(transcript, found[-1][0] + 1, len(utterances)):
        end = end_of_last_turn(transcript, words, utterances, turns)
        if end is not None:
            extended[found[-1][0]] = _with_end(extended[found[-1][0]], end)
    return tuple(extended)


def _edges(turns: Sequence[Turn]) -> _Edges:
    """Return where voices begin and end while another one speaks."""
    firsts = [turn.span.start for turn in turns]
    latest = list(accumulate((turn.span.end for turn in turns), max))

    def another_speaks(voice: str, start: Ms, end: Ms) -> bool:
        k = bisect_right(firsts, start) - 1
        while k >= 0 and latest[k] >= end:
            if turns[k].voice != voice and turns[k].span.end >= end:
                return True
            k -= 1
        return False

    starts, ends = list[_Edge](), list[_Edge]()
    for voice, pieces, whole in _voices(turns):
        for one in pieces:
            if another_speaks(voice, one.start - LEAST_BEFORE_MS, one.start + LEAST_AFTER_MS):
                starts.append(_Edge(one.start, whole.end))
            if another_speaks(voice, one.end - LEAST_AFTER_MS, one.end + LEAST_BEFORE_MS):
                ends.append(_Edge(one.end, whole.start))
    return _Edges(sorted(starts), sorted(ends))


def _voices(turns: Sequence[Turn]) -> Iterator[tuple[str, list[Span], Span]]:
    """Yield a voice, its turns between two longer pauses, and the span of these."""
    by_voice = defaultdict[str, list[list[Span]]](list)
    for turn in turns:
        groups = by_voice[turn.voice]
        if groups and turn.span.start - groups[-1][-1].end <= LONGEST_PAUSE_MS:
            groups[-1].append(turn.span)
        else:
            groups.append([turn.span])
    for voice, groups in by_voice.items():
        for spans in groups:
            yield voice, spans, spans[0].cover(spans[-1])


_Timed = tuple[Span | None, int]
"""When a word is said, None if that is not known, and its length in letters."""


def _spans(transcript: Transcript, words: Sequence[TimedWord], utterance: int) -> list[_Timed]:
    """Return the spoken words of an utterance."""
    spoken = spoken_words(transcript, transcript.utterances[utterance].words)
    return [(words[k].span, letters_of(transcript.words[k])) for k in spoken]


def _start(timed: Sequence[_Timed], rate: float, starts: Span, edges: Sequence[_Edge]) -> _Edge | None:
    """Return where the voice begins with which a turn begins; None if there is none.

    Args:
        timed: the spoken words of the turn.
        rate: the ms that a letter takes.
        starts: from the start of the turn before it to its own, by their words.
        edges: where voices begin.
    """
    wanted, _ = _earliest([(None if span is None else span.start, letters) for span, letters in timed], rate)
    low = max(starts.start, starts.end - FARTHEST_MS)
    return _nearest(_between(edges, low, starts.end + MOST_APART_MS), wanted)


def _end(timed: Sequence[_Timed], rate: float, ends: Span, edges: Sequence[_Edge]) -> Ms | None:
    """Return where the voice ends with which a turn ends; None if there is none.

    Args:
        timed: the spoken words of the turn.
        rate: the ms that a letter takes.
        ends: from the end of the turn to that of the turn behind it, by their words.
        edges: where voices end.
    """
    backwards = [(None if span is None else -span.end, letters) for span, letters in reversed(timed)]
    at, needed = _earliest(backwards, rate)
    near = _between(edges, ends.start, min(ends.end, ends.start + FARTHEST_MS))
    nearest = _nearest([edge for edge in near if edge.other <= ends.start + MOST_MISSING_MS], -at)
    is_near = nearest is not None and abs(nearest.at + at) <= MOST_OFF_MS + MOST_OFF_SHARE * needed
    return nearest.at if nearest is not None and is_near else None


def _earliest(starts: Sequence[tuple[Ms | None, int]], rate: float) -> tuple[float, float]:
    """Return where a turn begins if none of its words takes less time than it needs.

    Args:
        starts: of each word, and its length in letters; at least one has a start.
        rate: the ms that a letter takes.

    Returns:
        That start, and the time that the letters need from there to the word that says so.
    """
    first = next(start for start, _ in starts if start is not None)
    earliest, to_word, needed = float(first), 0.0, 0.0
    for start, letters in starts:
        if start is not None:
            if start - needed < earliest:
                earliest, to_word = start - needed, needed
            if start - first > REACH_MS:
                break
        needed += rate * letters
    return earliest, to_word


def _between(edges: Sequence[_Edge], low: Ms, high: Ms) -> Sequence[_Edge]:
    return edges[bisect_left(edges, low, key=_moment) : bisect_right(edges, high, key=_moment)]


def _moment(edge: _Edge) -> Ms:
    return edge.at


def _nearest(edges: Sequence[_Edge], wanted: float) -> _Edge | None:
    return min(edges, key=lambda edge: abs(edge.at - wanted), default=None)


def _with_start(timed: TimedUtterance, start: _Edge, *, may_differ: bool) -> TimedUtterance:
    """Return an utterance that begins with its voice, which is not sure then.

    A sure one is returned as it is if that start is near, or if it may not differ.
    """
    if timed.span is None or start.at > timed.span.start:
        return timed
    if timed.is_sure and not (may_differ and timed.span.start - start.at > MOST_APART_MS):
        return timed
    return replace(timed, span=Span(start.at, timed.span.end), confidence=min(timed.confidence, UNSURE_CONFIDENCE))


def _with_end(timed: TimedUtterance, end: Ms) -> TimedUtterance:
    if timed.span is None or end <= timed.span.end:
        return timed
    return replace(timed, span=Span(timed.span.start, end))


def _is_spoken(transcript: Transcript, start: int, end: int) -> bool:
    """Return whether any word of the utterances [start, end) is spoken."""
    return any(spoken_words(transcript, one.words) for one in transcript.utterances[start:end])
