"""Where listening once more may find words that are written and were not heard, and whether it did.

A stretch is worth it where written words stay unmatched between matched ones and somebody speaks in just that time::

    written   | We met | Philomena and Okoro | at the | lake.
    heard     | we met | fill a minor and oh | at the | lake
    listened to    [═══════════════════════════]            the trouble and a word or two around it
    replaced               [═══════════════]                the heard words of the trouble alone

What is said and written nowhere is left alone, however long, and so is a text that nobody says.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.matching.alignment.align import AlignOptions, align
from pipeline.options import option
from pipeline.schema import Alignment, HeardWord, Hearing, Pairing, Run, WrittenWord
from pipeline.times import MS_PER_SECOND, Ms, Span

LONGEST: Ms = 30 * MS_PER_SECOND
"""What Whisper hears at once: a longer stretch has no advantage over the first reading."""

CALL_COST: Ms = 12 * MS_PER_SECOND
"""A stretch costs the engine as much as so much more sound, however short it is: it always hears 30 s.

Measured with base on two processors: 1.1 to 1.7 s of processor time for 2 to 4 s of sound, where a second of a whole
episode takes 0.1 s.
"""

ALWAYS: Ms = 24 * MS_PER_SECOND
"""What one stretch may cost in a recording so short that ``most_share`` of it is less."""

LEAST_SPEECH: Ms = 200
"""Speech in which a word may have been said."""

FASTEST: Ms = 100
"""Nobody says a word in less."""

AROUND = 2
"""Matched words on both sides of the trouble that are listened to with it."""

SIDE: Ms = 2_500
"""They lie no further from it than this."""

BRIDGED = 1
"""Troubles with so few matched words between them are one."""

WITNESSES = 12
"""Pairings on both sides of a trouble with which its readings are compared: alone, few words prove nothing."""


@dataclass(frozen=True, slots=True)
class ProbeOptions:
    """Where it is worth listening again."""

    most_share: float = option(
        0.1, "The share of the listening, from 0 to 1, that listening again may cost at most; 0 to never listen again"
    )
    fewest_words: int = option(
        2, "Written words in one place that were not heard, from which on it is listened to again"
    )

    def __post_init__(self) -> None:
        if not 0 <= self.most_share <= 1:
            raise ValueError(f"most_share must be from 0 to 1, not {self.most_share}")
        if self.fewest_words < 1:
            raise ValueError(f"fewest_words must be 1 or more, not {self.fewest_words}")


@dataclass(frozen=True, slots=True)
class Probe:
    """A stretch to listen to again.

    Attributes:
        span: the sound to listen to, at most 30 s.
        core: the part of it between the matched words around the trouble.
        written: the written words of the trouble, a matched one between them included; ``heard`` those in their place.
        place: where the trouble starts among the alignment's pairings, and where it ends.
    """

    span: Span
    core: Span
    written: Run
    heard: Run
    place: Run


def find_probes(
    written: Sequence[WrittenWord], hearing: Hearing, alignment: Alignment, options: ProbeOptions
) -> tuple[Probe, ...]:
    """The stretches that are worth listening to again: in order, with disjoint cores, of a bounded cost.

    All together cost no more than ``most_share`` of all speech, or than ``ALWAYS`` where that is more. Where there is
    more to hear, what has the most written words and the most doubtful heard ones for its cost is taken, so another
    episode by mistake costs no more than any.
    """
    found = []
    for place in _troubles(written, alignment.pairings):
        probe = _probe(hearing, alignment.pairings, place)
        missed = _missed(written, alignment.pairings[place.start : place.end])
        if probe and missed >= options.fewest_words and _may_be_said(hearing, probe, missed):
            found.append((missed * _doubt(hearing.words[probe.heard.start : probe.heard.end]), probe))
    room = max(options.most_share * sum(span.duration for span in hearing.speech), ALWAYS) if options.most_share else 0
    chosen: list[Probe] = []
    for _, probe in sorted(found, key=lambda one: (-one[0] / _cost(one[1]), one[1].core)):
        if _cost(probe) <= room:
            room -= _cost(probe)
            chosen.append(probe)
    return tuple(sorted(chosen, key=lambda probe: probe.core))


def _cost(probe: Probe) -> Ms:
    return CALL_COST + probe.span.duration


def _doubt(heard: Sequence[HeardWord]) -> float:
    """How unsure the engine was of some words, 0..1; nothing is as doubtful as no words at all."""
    sure = [0.5 if word.probability is None else word.probability for word in heard]
    return 1 - sum(sure) / len(sure) if sure else 1.0


def _troubles(written: Sequence[WrittenWord], pairings: Sequence[Pairing]) -> Iterator[Run]:
    """Runs of pairings that begin and end with unmatched written words, bridging ``BRIDGED`` matched ones."""
    start = end = None
    for at, pairing in enumerate(pairings):
        if not _missed(written, [pairing]):
            continue
        if start is not None and end is not None and at - end > BRIDGED:
            yield Run(start, end)
            start = None
        start, end = at if start is None else start, at + 1
    if start is not None and end is not None:
        yield Run(start, end)


def _missed(written: Sequence[WrittenWord], pairings: Sequence[Pairing]) -> int:
    """How many written words are spoken and have no match."""
    return sum(
        written[k].kind == "spoken" and bool(written[k].keys)
        for pairing in pairings
        if pairing.score == 0
        for k in pairing.written
    )


def _probe(hearing: Hearing, pairings: Sequence[Pairing], place: Run) -> Probe | None:
    """The stretch of a trouble; None where it is too long for one."""
    first, last = pairings[place.start], pairings[place.end - 1]
    heard = Run(first.heard.start, last.heard.end)
    words = hearing.words
    start = words[heard.start - 1].span.end if heard.start else 0
    end = words[heard.end].span.start if heard.end < len(words) else hearing.duration
    if not 0 < end - start <= LONGEST:
        return None
    core = Span(start, end)
    before = [words[j].span.start for j in range(max(0, heard.start - AROUND), heard.start)]
    after = [words[j].span.end for j in range(heard.end, min(len(words), heard.end + AROUND))]
    room = min(SIDE, (LONGEST - core.duration) // 2)
    left = min((at for at in before if start - at <= room), default=start)
    right = max((at for at in after if at - end <= room), default=end)
    return Probe(Span(left, right), core, Run(first.written.start, last.written.end), heard, place)


def _may_be_said(hearing: Hearing, probe: Probe, missed: int) -> bool:
    """Whether so many words have room in what is spoken there, and what is spoken is not another passage."""
    spoken = _spoken(hearing, probe.core)
    return spoken >= max(LEAST_SPEECH, missed * FASTEST) and len(probe.heard) <= 3 * missed + 4


def _spoken(hearing: Hearing, within: Span) -> Ms:
    first = max(0, bisect_left(hearing.speech, within.start, key=lambda span: span.end))
    last = bisect_left(hearing.speech, within.end, key=lambda span: span.start)
    return sum(span.overlap(within) for span in hearing.speech[first:last])


# --- the second reading --------------------------------------------------------------------------------------------


def take_better(
    written: Sequence[WrittenWord],
    hearing: Hearing,
    alignment: Alignment,
    readings: Sequence[tuple[Probe, tuple[HeardWord, ...]]],
    options: AlignOptions,
) -> Hearing:
    """The hearing with the second reading of a stretch wherever more of what is written was found in that one.

    Only the words between the matched ones around a trouble are replaced, so no time that was measured elsewhere
    moves. A reading that brings more words that nobody wrote than it finds written ones is refused.

    Args:
        readings: what was heard in each probe of this alignment, in order.
    """
    words: list[HeardWord] = []
    done = 0
    for probe, reading in readings:
        new = _better(written, hearing, alignment, probe, reading, options)
        words += hearing.words[done : probe.heard.start]
        words += hearing.words[probe.heard.start : probe.heard.end] if new is None else new
        done = probe.heard.end
    return replace(hearing, words=(*words, *hearing.words[done:]))


def _better(
    written: Sequence[WrittenWord],
    hearing: Hearing,
    alignment: Alignment,
    probe: Probe,
    reading: Sequence[HeardWord],
    options: AlignOptions,
) -> tuple[HeardWord, ...] | None:
    """The words of a second reading that go into the core, if they are better than the old ones."""
    first, *_, last = _with_witnesses(alignment.pairings, probe.place)
    texts = written[first.written.start : last.written.end]
    before = hearing.words[first.heard.start : probe.heard.start]
    after = hearing.words[probe.heard.end : last.heard.end]
    old = hearing.words[probe.heard.start : probe.heard.end]
    new = _inside(reading, probe.core, before[-AROUND:], after[:AROUND])

    def found(words: Sequence[HeardWord]) -> tuple[float, int]:
        pairs = align(texts, (*before, *words, *after), options, hearing.language).pairings
        left_over = sum(len(pair.heard) for pair in pairs if pair.score == 0)
        return sum(pair.score * len(pair.written) for pair in pairs), left_over

    (matched_old, left_old), (matched_new, left_new) = found(old), found(new)
    gained, invented = matched_new - matched_old, left_new - left_old
    return new if gained >= 1 and gained > invented else None


def _with_witnesses(pairings: Sequence[Pairing], place: Run) -> Sequence[Pairing]:
    """The pairings of a trouble and some on both sides, two at least, as far as neither text leaves out a passage."""
    start, end = place.start, place.end
    while start > 0 and place.start - start < WITNESSES and _is_short(pairings[start - 1]):
        start -= 1
    while end < len(pairings) and end - place.end < WITNESSES and _is_short(pairings[end]):
        end += 1
    return (*pairings[start:end], pairings[end - 1])


def _is_short(pairing: Pairing) -> bool:
    return len(pairing.written) + len(pairing.heard) <= WITNESSES


def _inside(
    reading: Sequence[HeardWord], core: Span, before: Sequence[HeardWord], after: Sequence[HeardWord]
) -> tuple[HeardWord, ...]:
    """The words of a reading in the core, without the known words around it, within its time."""
    middle = [word for word in reading if core.start <= (word.span.start + word.span.end) // 2 < core.end]
    while middle and before and _same(middle[0], before[-1]):
        del middle[0]
    while middle and after and _same(middle[-1], after[0]):
        del middle[-1]
    return tuple(replace(word, span=word.span.clip(core)) for word in middle)


def _same(one: HeardWord, two: HeardWord) -> bool:
    return _letters(one) == _letters(two) != ""


def _letters(word: HeardWord) -> str:
    return "".join(filter(str.isalnum, word.text.casefold()))
