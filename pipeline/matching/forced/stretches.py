"""Cut what was aligned into short stretches of sound, each with the words that are forced onto it.

The words are those of the transcript in their order. Heard words that no written one stands for are in the sequence
too, and may be left out: else the first written word would extend over them. Written words that nobody seems to say may
be left out as well::

    heard      and    so   we    went      home
    written    [So]        we    walked    home
    forced     (and) (so)  we    walked    home       (…) may be left out

A stretch ends in a pause, at the quietest place there, so that it begins and ends between words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import msgspec

from pipeline.matching.alignment.tokens import is_spoken
from pipeline.reading.words.spoken_form import spoken_keys
from pipeline.schema import Alignment, Hearing, Pairing, Run, TimedWord, Transcript, WrittenWord
from pipeline.times import Ms, Span

LEAST_STRETCH_MS: Ms = 4_000
"""A stretch of at least this length ends at the next pause."""

MOST_STRETCH_MS: Ms = 18_000
"""A stretch of this length ends at the next word, pause or not."""

PAUSE_MS: Ms = 250
"""A pause between two heard words in which a stretch may end."""

LONG_PAUSE_MS: Ms = 1_200
"""In a longer pause, two stretches do not meet: what sounds there is not forced to be their words."""

LONGEST_PAUSE_MS: Ms = 3_000
"""A pause in which a stretch ends however short it is."""

MARGIN_MS: Ms = 500
"""The sound on each side of a stretch beside such a pause."""

END_MARGIN_MS: Ms = 600
"""The sound before the first stretch and after the last one."""

CUT_BEFORE_MS: Ms = 80
CUT_AFTER_MS: Ms = 200
"""How far before the end of the last word, and after the start of the next one, the quietest place is looked for."""

MOST_UNHEARD_WORDS = 12
"""Of a longer run of written words that were not heard, none is forced: it is said elsewhere or not at all."""

MOST_UNWRITTEN_WORDS = 12
"""Of a longer run of heard words that are not written, only those beside written words are in the sequence."""


@dataclass(frozen=True, slots=True)
class ForcedWord:
    """A word of a stretch.

    Attributes:
        keys: the word as spoken (see ``reading.words.spoken_form``), in other languages than English with its accents
            and apostrophes, since they change how it is pronounced.
        is_abbreviation: whether it is written in capitals.
        heard: its time by the alignment; None if it was not heard.
        optional: whether it may be left out.
    """

    keys: tuple[str, ...]
    is_abbreviation: bool
    heard: Span | None
    optional: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of sound and the words that are forced onto it.

    Attributes:
        start: where it starts: at the quietest place in this span, which may be empty.
        end: where it ends, likewise; the next stretch may start in the same span.
        places: the index of each word in the transcript; None for a heard word that is not written.
        language: the code of the language that is spoken.
        is_search: whether the words are somewhere in the stretch, with much else around them: they are forced onto the
            place that sounds most like them.
        is_comparison: whether nothing is timed: it is compared how well other words fit the same sound.
    """

    start: Span
    end: Span
    words: tuple[ForcedWord, ...]
    places: tuple[int | None, ...] = ()
    language: str = "en"
    is_search: bool = False
    is_comparison: bool = False

    def without_places(self) -> Stretch:
        """Return what is forced, wherever it is in the transcript: an edit before it does not change it."""
        return replace(self, places=())


_Placed = tuple[ForcedWord, int | None]
"""A word and its index in the transcript."""


class Forced(msgspec.Struct, frozen=True):
    """The result of one stretch.

    Attributes:
        start: where the stretch was cut.
        spans: when each of its words is said, from there; None for a word that is left out, or has no pronunciation.
        phones: the same by the second aligner, over the phone classifier's scores; None if there are no scores.
        fits: how well each word is heard where the second aligner has it (see ``phone_aligner.Placed``); None if
            that is not known: without scores, or in another language than the phone classifier's.
        ahead: of a search, how much better the place is than the next best (see ``phone_search.Found``); else None.
        total: of a comparison, how well the words fit all of the sound (see ``phone_aligner.Compared``); else None.
        guessed: of a comparison, of each word whether its pronunciation is a guess that no dictionary has; else None.
        range_db: by how much loud parts of the sound are louder than quiet ones (see ``force.level_range_db``); small
            in noise. None if nothing was timed.
    """

    start: Ms
    spans: tuple[Span | None, ...]
    phones: tuple[Span | None, ...] | None = None
    fits: tuple[float | None, ...] | None = None
    ahead: float | None = None
    total: float | None = None
    guessed: tuple[bool, ...] | None = None
    range_db: float | None = None


def cut_into_stretches(
    transcript: Transcript, hearing: Hearing, alignment: Alignment, times: Sequence[TimedWord]
) -> tuple[Stretch, ...]:
    """Return the stretches of a recording in their order; they do not overlap.

    Args:
        transcript: the transcript.
        hearing: what was heard, in words.
        alignment: of the two above.
        times: of the words that were matched (see ``alignment.heard_times``).
    """
    sequence = [word for pairing in alignment.pairings for word in _sequence(transcript, hearing, pairing, times)]
    stretches = _cut(sequence, hearing.duration)
    return tuple(replace(stretch, language=hearing.language) for stretch in stretches if _has_written(stretch))


def _has_written(stretch: Stretch) -> bool:
    words = zip(stretch.words, stretch.places, strict=True)
    return any(place is not None and word.heard is not None for word, place in words)


# --- the sequence -------------------------------------------------------------------------------------------------


def _sequence(
    transcript: Transcript, hearing: Hearing, pairing: Pairing, times: Sequence[TimedWord]
) -> Iterator[_Placed]:
    """Yield the words of a pairing, each with its place."""
    written = [k for k in pairing.written if is_spoken(transcript.words[k])]
    if pairing.score > 0 and written:
        yield from (_written(transcript.words[k], k, times[k].span, hearing.language) for k in written)
    elif written and _stand_for(len(written), len(pairing.heard)):
        span = hearing.words[pairing.heard.start].span.cover(hearing.words[pairing.heard.end - 1].span)
        for number, k in enumerate(written):
            start, end = (span.start + span.duration * n // len(written) for n in (number, number + 1))
            yield _written(transcript.words[k], k, Span(start, end), hearing.language)
    else:
        if len(written) <= MOST_UNHEARD_WORDS:
            yield from (_written(transcript.words[k], k, None, hearing.language) for k in written)
        yield from _unwritten(hearing, pairing.heard)


def _stand_for(written: int, heard: int) -> bool:
    """Return whether the written words stand for the heard ones: misheard, or said in other words."""
    return heard > 0 and abs(written - heard) <= max(2, written // 2)


def _written(word: WrittenWord, k: int, span: Span | None, language: str) -> _Placed:
    """Return a written word; it is optional if it was not heard."""
    return ForcedWord(_spoken(word.shown, word.keys, language), word.shown.isupper(), span, optional=span is None), k


def unheard_word(word: WrittenWord, language: str) -> ForcedWord:
    """Return a written word that is looked for where nothing is known of it."""
    return ForcedWord(_spoken(word.shown, word.keys, language), word.shown.isupper(), None, optional=False)


def _spoken(shown: str, keys: tuple[str, ...], language: str) -> tuple[str, ...]:
    """Return how a word is spoken: its keys, or in other languages than English its letters, which keys simplify."""
    if language == "en" or any(map(str.isdecimal, shown)):
        return keys
    return tuple(_LETTERS.findall(unicodedata.normalize("NFC", shown.lower().replace("’", "'"))))


_LETTERS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


def _unwritten(hearing: Hearing, run: Run) -> Iterator[_Placed]:
    indices = list(run)
    if len(indices) > MOST_UNWRITTEN_WORDS:
        half = MOST_UNWRITTEN_WORDS // 2
        indices = indices[:half] + indices[-half:]
    for j in indices:
        word = hearing.words[j]
        if keys := spoken_keys(word.text, hearing.language):
            spoken = _spoken(word.text, keys, hearing.language)
            yield ForcedWord(spoken, word.text.strip(".,?!").isupper(), word.span, optional=True), None


# --- the cuts -----------------------------------------------------------------------------------------------------


def _cut(sequence: Sequence[_Placed], duration: Ms) -> Iterator[Stretch]:
    words, places = tuple(word for word, _ in sequence), tuple(place for _, place in sequence)
    known = [at for at, word in enumerate(words) if word.heard is not None]
    if not known:
        return
    spans = [span for word in words if (span := word.heard) is not None]
    first = max(0, spans[0].start - END_MARGIN_MS)
    start, begins, follows = Span(first, first), first, 0
    for at, before, after in zip(known, spans, spans[1:], strict=False):
        pause, length = after.start - before.end, before.end - begins
        if not (
            length >= MOST_STRETCH_MS or pause > LONGEST_PAUSE_MS or (length >= LEAST_STRETCH_MS and pause >= PAUSE_MS)
        ):
            continue
        if pause > LONG_PAUSE_MS:
            end, following = (Span(point, point) for point in (before.end + MARGIN_MS, after.start - MARGIN_MS))
        else:
            edges = sorted((before.end, after.start))
            low = max(begins + 100, edges[0] - CUT_BEFORE_MS)
            end = following = Span(low, max(low, min(duration, edges[1] + CUT_AFTER_MS)))
        yield Stretch(start, end, words[follows : at + 1], places[follows : at + 1])
        start, begins, follows = following, following.start, at + 1
    last = max(begins, min(duration, spans[-1].end + END_MARGIN_MS))
    yield Stretch(start, Span(last, last), words[follows:], places[follows:])
