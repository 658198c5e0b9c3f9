"""Whisper's loops: the same few words again and again, or more words than anybody can say in the time.

Pure: words in, words or a verdict out. ``hear`` decides what is done about it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.options import option
from pipeline.schema import HeardWord, Run
from pipeline.times import MS_PER_SECOND


@dataclass(frozen=True, slots=True)
class LoopOptions:
    """When words are taken for a loop, which nobody said."""

    max_repeats: int = option(4, "The same words as often as this in a row, or more often, are a loop")
    max_words_per_second: float = option(10.0, "More words in a second than this are a loop; fast talkers reach 6")
    max_compression: float = option(2.4, "Text that zip makes smaller by more than this factor is a loop")

    def __post_init__(self) -> None:
        if self.max_repeats < 2 or self.max_words_per_second <= 0 or self.max_compression <= 1:
            raise ValueError("max_repeats must be 2 or more, max_words_per_second above 0, max_compression above 1")


_LONGEST_PHRASE = 12
"""Words of the longest phrase that is looked for in a row; of longer ones, three fill a clip and compress too well."""

_SHORT_LOOP = 2
"""``max_repeats`` times this many words make a loop at least: people do say "no, no, no, no"."""

_STRETCH = 60
"""Words whose text is compressed at once, about what one clip holds: longer texts compress better by themselves."""

_BURST = 12
"""Words that are counted against the clock at once; word times are too coarse for fewer."""


def loops(words: Sequence[HeardWord], options: LoopOptions) -> bool:
    """Tell whether any of the words of a clip are a loop."""
    return (
        next(_repeats(words, options), None) is not None
        or _rate(words) > options.max_words_per_second
        or compression(words) > options.max_compression
    )


def without_repeats(words: Sequence[HeardWord], options: LoopOptions) -> tuple[HeardWord, ...]:
    """The words with the first repetition of each loop only."""
    kept: list[HeardWord] = []
    done = 0
    for run, phrase in _repeats(words, options):
        kept += words[done : run.start + phrase]
        done = run.end
    return (*kept, *words[done:])


def compression(words: Sequence[HeardWord]) -> float:
    """The factor by which zip makes the most repetitive stretch of the words smaller."""
    texts = [word.text for word in words]
    starts = range(0, max(1, len(texts) - _STRETCH // 2), _STRETCH // 2)
    return max(_ratio(" ".join(texts[start : start + _STRETCH]).encode()) for start in starts)


def _ratio(text: bytes) -> float:
    return len(text) / len(zlib.compress(text))


def _rate(words: Sequence[HeardWord]) -> float:
    """The most words a second in any burst, 0 where there are too few words for one."""
    lengths = (last.span.end - first.span.start for first, last in zip(words, words[_BURST - 1 :], strict=False))
    shortest = min(lengths, default=None)
    return 0.0 if shortest is None else _BURST * MS_PER_SECOND / max(1, shortest)


def _repeats(words: Sequence[HeardWord], options: LoopOptions) -> Iterator[tuple[Run, int]]:
    """Each stretch that only repeats its first words, and how many those are; ordered and disjoint."""
    keys = ["".join(filter(str.isalnum, word.text.casefold())) for word in words]
    at = 0
    while at < len(keys):
        run, phrase = max(((_repeated(keys, at, n), n) for n in range(1, _LONGEST_PHRASE + 1)), key=_length)
        if len(run) >= options.max_repeats * max(phrase, _SHORT_LOOP):
            yield run, phrase
            at = run.end
        else:
            at += 1


def _length(found: tuple[Run, int]) -> tuple[float, int]:
    """Order by how much is repeated; of equals the shorter phrase."""
    run, phrase = found
    return len(run) - phrase, -phrase


def _repeated(keys: Sequence[str], at: int, phrase: int) -> Run:
    """How far the ``phrase`` words at ``at`` are followed by themselves, a last incomplete repetition included."""
    end = at + phrase
    while end < len(keys) and keys[end] == keys[end - phrase]:
        end += 1
    return Run(at, min(end, len(keys)))
