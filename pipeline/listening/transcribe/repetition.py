"""Detect and remove Whisper's repetition loops: the same few words many times, or more words than fit in the time.

Whisper's own decoder detects loops by the compression ratio of the text alone (arXiv:2212.04356, section 4.5). Pure
functions of words; ``windows`` decides what happens to a loop.
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
    """The limits from which on words are a repetition loop.

    ``max_compression`` is the limit of Whisper's own decoder.
    """

    max_repeats: int = option(4, "The same words this many times in a row, or more often, are a loop")
    max_words_per_second: float = option(10.0, "More words in a second than this are a loop; fast talkers reach 6")
    max_compression: float = option(2.4, "Text that zip makes smaller by more than this factor is a loop")

    def __post_init__(self) -> None:
        if self.max_repeats < 2 or self.max_words_per_second <= 0 or self.max_compression <= 1:
            raise ValueError("max_repeats must be 2 or more, max_words_per_second above 0, max_compression above 1")


_LONGEST_PHRASE = 12
"""The longest phrase, in words, that is searched; three repeats of a longer one fill a clip and compress too well."""

_MIN_PHRASE_WORDS = 2
"""A loop has at least ``max_repeats`` times this many words: people do say "no, no, no, no"."""

_COMPRESSED_WORDS = 60
"""How many words are compressed at once: about one clip. The longer a text, the better it compresses, loop or not."""

_RATE_WORDS = 12
"""How many words the rate is measured over; word times are too coarse for fewer."""


def is_loop(words: Sequence[HeardWord], options: LoopOptions) -> bool:
    """Return whether there is a repetition loop in the words of a clip."""
    return (
        next(_repeats(words, options), None) is not None
        or _max_rate(words) > options.max_words_per_second
        or compression_ratio(words) > options.max_compression
    )


def without_repeats(words: Sequence[HeardWord], options: LoopOptions) -> tuple[HeardWord, ...]:
    """Return the words with only the first round of each loop."""
    kept: list[HeardWord] = []
    done = 0
    for run, phrase in _repeats(words, options):
        kept += words[done : run.start + phrase]
        done = run.end
    return (*kept, *words[done:])


def compression_ratio(words: Sequence[HeardWord]) -> float:
    """Return the largest ratio of text size to zlib size, over all windows of 60 words."""
    texts = [word.text for word in words]
    starts = range(0, max(1, len(texts) - _COMPRESSED_WORDS // 2), _COMPRESSED_WORDS // 2)
    return max(_ratio(" ".join(texts[start : start + _COMPRESSED_WORDS]).encode()) for start in starts)


def _ratio(text: bytes) -> float:
    return len(text) / len(zlib.compress(text))


def _max_rate(words: Sequence[HeardWord]) -> float:
    """Return the largest number of words a second over 12 words; 0 if there are fewer."""
    lengths = (last.span.end - first.span.start for first, last in zip(words, words[_RATE_WORDS - 1 :], strict=False))
    shortest = min(lengths, default=None)
    return 0.0 if shortest is None else _RATE_WORDS * MS_PER_SECOND / max(1, shortest)


def _repeats(words: Sequence[HeardWord], options: LoopOptions) -> Iterator[tuple[Run, int]]:
    """Yield each run that only repeats its first words, and their number; ordered and disjoint."""
    keys = ["".join(filter(str.isalnum, word.text.casefold())) for word in words]
    at = 0
    while at < len(keys):
        run, phrase = max(((_repeated_run(keys, at, n), n) for n in range(1, _LONGEST_PHRASE + 1)), key=_repeated_words)
        if len(run) >= options.max_repeats * max(phrase, _MIN_PHRASE_WORDS):
            yield run, phrase
            at = run.end
        else:
            at += 1


def _repeated_words(found: tuple[Run, int]) -> tuple[float, int]:
    """Return the sort key of a run: the number of repeated words, then the shorter phrase."""
    run, phrase = found
    return len(run) - phrase, -phrase


def _repeated_run(keys: Sequence[str], at: int, phrase: int) -> Run:
    """Return the run at ``at`` that repeats its first ``phrase`` words, the last time perhaps not completely."""
    end = at + phrase
    while end < len(keys) and keys[end] == keys[end - phrase]:
        end += 1
    return Run(at, min(end, len(keys)))
