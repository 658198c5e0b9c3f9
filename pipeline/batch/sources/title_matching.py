"""Titles that are nearly the same: which of many belong together, in a time that grows with their number alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from rapidfuzz import fuzz

from pipeline.batch.sources.filename_parts import title_words

ENOUGH = 88.0
"""Of 100. A title with a letter wrong has 95, one that says a little more has 90; those of two episodes of one show,
"Interview with Ann" and "Interview with Bob", have 83."""

MARGIN = 8.0
"""So much better than any other must the best be."""

_WITHIN = 90.0

_COMMON = 30  # a word in more titles than this tells none of them from the others, and comparing all would take days
_LONG = 8  # letters that the shorter title must have to be looked for within the longer one

Called = Mapping[str, Collection[str]]
Title = tuple[str, ...]
Titles = Mapping[str, frozenset[Title]]
Sides = tuple[tuple[str, ...], tuple[str, ...]]


def compare(audios: Called, texts: Called) -> tuple[dict[str, str], list[Sides]]:
    """Find the pairs whose titles fit each other clearly better than any other's, and what fits several.

    Args:
        audios, texts: all that each file is called.

    Returns:
        The text of each audio that fits; and, of those that fit without a margin, which audios with which texts.
    """
    scores = _scores(_titles(audios), _titles(texts))
    by_text: dict[str, dict[str, float]] = defaultdict(dict)
    for audio, fits in scores.items():
        for text, score in fits.items():
            by_text[text][audio] = score
    found: dict[str, str] = {}
    unsure: list[Sides] = []
    for audio, fits in sorted(scores.items()):
        best = max(fits.values())
        near = tuple(sorted(text for text, score in fits.items() if score > best - MARGIN))
        rivals = by_text[near[0]]
        also = tuple(sorted(other for other, score in rivals.items() if score > max(rivals.values()) - MARGIN))
        if best >= ENOUGH and len(near) == 1 and also == (audio,):
            found[audio] = near[0]
        elif best >= ENOUGH:
            unsure.append((tuple(sorted({audio, *also})), near))
    return found, unsure


def title_similarity(one: Title, other: Title) -> float:
    """How far two titles are the same, from 0 to 100, in whatever order their words stand.

    All of a title within a longer one, as behind the show's name, is much if it is long enough to mean anything.

    >>> likeness(("the", "slow", "build"), ("the", "slow", "build", "with", "ann"))
    90.0
    """
    alike = fuzz.token_sort_ratio(" ".join(one), " ".join(other))
    shorter, longer = sorted((set(one), set(other)), key=len)
    within = len(shorter) > 1 and sum(map(len, shorter)) >= _LONG and shorter <= longer
    return max(alike, _WITHIN) if within else alike


def _titles(called: Called) -> Titles:
    return {path: frozenset(filter(None, map(title_words, sorted(names)))) for path, names in called.items()}


def _scores(audios: Titles, texts: Titles) -> dict[str, dict[str, float]]:
    """The likeness of each audio to the texts that share a telling word with it, where it comes near enough."""
    index: dict[str, list[str]] = defaultdict(list)
    for text, called in texts.items():
        for word in _words(called):
            index[word].append(text)
    often = Counter(word for called in audios.values() for word in _words(called))
    scores: dict[str, dict[str, float]] = {}
    for audio, called in audios.items():
        telling = (word for word in _words(called) if often[word] <= _COMMON and len(index.get(word, ())) <= _COMMON)
        near = {text for word in telling for text in index.get(word, ())}
        fits = {text: score for text in near if (score := _best(called, texts[text])) > ENOUGH - MARGIN}
        scores |= {audio: fits} if fits else {}
    return scores


def _best(one: Iterable[Title], other: Collection[Title]) -> float:
    return max(title_similarity(first, second) for first in one for second in other)


def _words(called: Iterable[Title]) -> Iterator[str]:
    yield from {word for title in called for word in title}
