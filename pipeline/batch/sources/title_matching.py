"""Match nearly identical titles of audios and transcripts, in time that grows linearly with their number."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from rapidfuzz import fuzz

from pipeline.batch.sources.filename_parts import title_words

MIN_SIMILARITY = 88.0
"""The lowest similarity of a match, of 100. A title with a typing error has 95, one with a few more words 90; the
titles of two episodes of one show, "Interview with Ann" and "Interview with Bob", have 83."""

MIN_MARGIN = 8.0
"""The best match must have a higher similarity than any other by this much."""

_CONTAINED_SIMILARITY = 90.0

_MAX_TITLES_PER_WORD = 30  # a more frequent word does not distinguish titles, and comparing all pairs would take days
_MIN_CONTAINED_LENGTH = 8  # letters of a shorter title that may match a part of a longer one

NamesByPath = Mapping[str, Collection[str]]
Title = tuple[str, ...]
Titles = Mapping[str, frozenset[Title]]
Sides = tuple[tuple[str, ...], tuple[str, ...]]


def match_titles(audios: NamesByPath, texts: NamesByPath) -> tuple[dict[str, str], list[Sides]]:
    """Find the pairs whose titles match each other clearly better than any others, and the ambiguous matches.

    Args:
        audios, texts: all names of each file.

    Returns:
        The text of each matched audio; and for each audio without a clear match, the audios and the texts that match.
    """
    scores = _scores(_titles(audios), _titles(texts))
    by_text: dict[str, dict[str, float]] = defaultdict(dict)
    for audio, matches in scores.items():
        for text, score in matches.items():
            by_text[text][audio] = score
    matched: dict[str, str] = {}
    ambiguous: list[Sides] = []
    for audio, matches in sorted(scores.items()):
        best = max(matches.values())
        candidates = tuple(sorted(text for text, score in matches.items() if score > best - MIN_MARGIN))
        rivals = by_text[candidates[0]]
        close_audios = tuple(
            sorted(other for other, score in rivals.items() if score > max(rivals.values()) - MIN_MARGIN)
        )
        if best >= MIN_SIMILARITY and len(candidates) == 1 and close_audios == (audio,):
            matched[audio] = candidates[0]
        elif best >= MIN_SIMILARITY:
            ambiguous.append((tuple(sorted({audio, *close_audios})), candidates))
    return matched, ambiguous


def title_similarity(one: Title, other: Title) -> float:
    """Return the similarity of two titles, 0 to 100, in any order of their words.

    A title that is contained in a longer one, such as after the show's name, is very similar if it is long enough.

    >>> title_similarity(("the", "slow", "build"), ("the", "slow", "build", "with", "ann"))
    90.0
    """
    similarity = fuzz.token_sort_ratio(" ".join(one), " ".join(other))
    shorter, longer = sorted((set(one), set(other)), key=len)
    is_contained = len(shorter) > 1 and sum(map(len, shorter)) >= _MIN_CONTAINED_LENGTH and shorter <= longer
    return max(similarity, _CONTAINED_SIMILARITY) if is_contained else similarity


def _titles(names: NamesByPath) -> Titles:
    return {path: frozenset(filter(None, map(title_words, sorted(names)))) for path, names in names.items()}


def _scores(audios: Titles, texts: Titles) -> dict[str, dict[str, float]]:
    """Return the similarity of each audio to the texts that share a rare word with it, if it is high enough."""
    index: dict[str, list[str]] = defaultdict(list)
    for text, names in texts.items():
        for word in _words(names):
            index[word].append(text)
    audio_counts = Counter(word for names in audios.values() for word in _words(names))
    scores: dict[str, dict[str, float]] = {}
    for audio, names in audios.items():
        rare_words = (
            word
            for word in _words(names)
            if audio_counts[word] <= _MAX_TITLES_PER_WORD and len(index.get(word, ())) <= _MAX_TITLES_PER_WORD
        )
        candidates = {text for word in rare_words for text in index.get(word, ())}
        matches = {
            text: score
            for text in candidates
            if (score := _best_similarity(names, texts[text])) > MIN_SIMILARITY - MIN_MARGIN
        }
        scores |= {audio: matches} if matches else {}
    return scores


def _best_similarity(one: Iterable[Title], other: Collection[Title]) -> float:
    return max(title_similarity(first, second) for first in one for second in other)


def _words(names: Iterable[Title]) -> Iterator[str]:
    yield from {word for title in names for word in title}
