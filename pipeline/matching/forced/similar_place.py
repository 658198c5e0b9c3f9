"""Find where words are heard that sound like an utterance that was not matched.

"Priya Nand, everybody" heard as "pre-Anand, everybody" has few words in common with what is written, and the alignment
does not follow so few over a passage that nobody typed. Letter by letter the two are nearly the same. Such a place is a
proposal: forced alignment then tells whether the utterance is said there.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from rapidfuzz import fuzz

from pipeline.reading.words.spoken_form import spoken_keys
from pipeline.schema import Hearing
from pipeline.times import Span

LEAST_LETTERS = 10
"""An utterance of fewer letters is like too much else."""

LEAST_SIMILARITY = 75.0
"""The normalised indel similarity of the letters, in per cent: "and did it finish", heard as "undead it finish", has
79. Of 173 passages of four to nine words that are said in other episodes, 3.5 % are as much like something in two
minutes of the example; with 70, 5.8 %. Forced alignment then rejects these as it rejects any (see ``gaps``)."""

FEW_WORDS = 3
LEAST_SIMILARITY_OF_FEW = 85.0
"""The same of at most so many words: "priya nand everybody", heard as "prionand everybody", has 91. With 75, of 435
passages of two or three words of one episode of the example some are like other words in two minutes of the other one:
"server fell", "server shelf"."""

LEAST_AHEAD = 5.0
"""How much less similar every other place must be: else the utterance may be said there."""


@dataclass(frozen=True, slots=True)
class HeardLetters:
    """The heard words as letters, made once for all utterances that are looked for.

    Attributes:
        spans: when each word is said, in order.
        letters: of each word, as spoken.
    """

    spans: tuple[Span, ...]
    letters: tuple[str, ...]

    @classmethod
    def of(cls, hearing: Hearing) -> HeardLetters:
        """Return the letters of all heard words."""
        words = hearing.words
        letters = tuple("".join(spoken_keys(word.text, hearing.language)) for word in words)
        return cls(tuple(word.span for word in words), letters)

    def within(self, spans: Iterable[Span]) -> list[int]:
        """Return the indices of the words that begin in one of some spans, in order."""
        found: set[int] = set()
        for span in spans:
            first, end = (bisect_left(self.spans, edge, key=lambda one: one.start) for edge in (span.start, span.end))
            found.update(range(first, end))
        return sorted(found)


def similar_place(words: Sequence[Sequence[str]], heard: HeardLetters, among: Sequence[int]) -> Span | None:
    """Return when the heard words are said that are most like some written ones; None if none are, or several.

    Args:
        words: the keys of the written words.
        heard: the heard words.
        among: the indices of those among which the place is looked for, in order.
    """
    wanted = "".join(key for keys in words for key in keys)
    said = [heard.letters[j] for j in among]
    text = "".join(said)
    if len(wanted) < LEAST_LETTERS or len(text) < len(wanted):
        return None
    least = LEAST_SIMILARITY if len(words) > FEW_WORDS else LEAST_SIMILARITY_OF_FEW
    found = fuzz.partial_ratio_alignment(wanted, text, score_cutoff=least)
    if found is None:
        return None
    others = (text[: found.dest_start], text[found.dest_end :])
    if any(fuzz.partial_ratio(wanted, one) > found.score - LEAST_AHEAD for one in others if len(one) >= len(wanted)):
        return None
    ends = list(accumulate(map(len, said)))
    first = next(j for j, end in zip(among, ends, strict=True) if end > found.dest_start)
    last = next(j for j, end in zip(among, ends, strict=True) if end >= found.dest_end)
    return heard.spans[first].cover(heard.spans[last])
