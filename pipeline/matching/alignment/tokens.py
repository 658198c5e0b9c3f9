"""Both texts as lists of comparable tokens: words as spoken, numbered, and weighted by how telling they are."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from pipeline.reading.words.word_breaks import is_unspaced

SIMILAR_FROM = 0.7
"""Two longer keys that share this much (normalised indel similarity) may be one word misheard or misspelt."""

SHORT_KEY = 3
"""Keys of up to this many letters match exactly or not at all: "to" is not "too", "in" is not "an"."""

LEAST_WEIGHT = 0.2


@dataclass(frozen=True, slots=True)
class Tokens:
    """One text: ``ids[t]`` numbers the key of token ``t``, ``word[t]`` is the index of the word that it belongs to."""

    ids: npt.NDArray[np.int32]
    word: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.word)


@dataclass(frozen=True, slots=True)
class Texts:
    """The written and the heard tokens over one vocabulary.

    Attributes:
        vocabulary: the key of each id.
        turns: int32, shape (num_written_tokens,): the turn that each written token belongs to.
        inside_turn: bool, shape (num_written_tokens + 1,): whether the place before each written token, and after the
            last, is inside a turn.
        grain: how many tokens make a word where a token is a letter of a script without spaces, else 1. What is said
            of words elsewhere (so many in a row are proof, so many more a passage) is so many times that in tokens.
        weight: float32, shape (num_ids,), 0.2 to 1: what a match of that key tells. A word that is said once tells
            everything, one that is said all the time next to nothing (inverse document frequency over the tokens).
    """

    written: Tokens
    heard: Tokens
    vocabulary: tuple[str, ...]
    turns: npt.NDArray[np.int32]
    inside_turn: npt.NDArray[np.bool_]
    grain: int
    weight: npt.NDArray[np.float32]


def tokenize(written: Iterable[Sequence[str]], heard: Iterable[Sequence[str]], turns: Sequence[int]) -> Texts:
    """Number the keys of both texts' words; each text is given as one sequence of keys for each word.

    ``turns`` tells the turn of each written word.
    """
    numbers: dict[str, int] = {}
    written_tokens, heard_tokens = _tokens(written, numbers), _tokens(heard, numbers)
    counts = Counter(heard_tokens.ids.tolist()) or Counter(written_tokens.ids.tolist())
    total = max(2, len(heard_tokens))
    weight = np.array(
        [max(LEAST_WEIGHT, math.log(total / max(1, counts[i])) / math.log(total)) for i in range(len(numbers))],
        dtype=np.float32,
    )
    turn_of = np.array([turns[word] for word in written_tokens.word], dtype=np.int32)
    inside = np.zeros(len(turn_of) + 1, dtype=np.bool_)
    inside[1:-1] = turn_of[1:] == turn_of[:-1]
    grain = _grain(heard_tokens if len(heard_tokens) else written_tokens, tuple(numbers))
    return Texts(written_tokens, heard_tokens, tuple(numbers), turn_of, inside, grain, weight)


def _grain(tokens: Tokens, vocabulary: Sequence[str]) -> int:
    """The tokens of a word in the script without spaces that most of a text is written in; 1 for any other text."""
    unspaced = {at for at, key in enumerate(vocabulary) if is_unspaced(key)}
    words = [word for at, word in zip(tokens.ids.tolist(), tokens.word, strict=True) if at in unspaced]
    return max(1, round(len(words) / len(set(words)))) if 2 * len(words) > len(tokens) else 1


def _tokens(words: Iterable[Sequence[str]], numbers: dict[str, int]) -> Tokens:
    ids: list[int] = []
    word: list[int] = []
    for index, keys in enumerate(words):
        for key in keys:
            ids.append(numbers.setdefault(key, len(numbers)))
            word.append(index)
    return Tokens(np.array(ids, dtype=np.int32), tuple(word))


def similarity(a: str, b: str) -> float:
    """How alike two keys are: 1 for equal ones, 0 below what could be a slip.

    >>> similarity("mikeal", "mikael") > 0.8, similarity("in", "an")
    (True, 0.0)
    """
    if a == b:
        return 1.0
    if min(len(a), len(b)) <= SHORT_KEY:
        return 0.0
    return fuzz.ratio(a, b, score_cutoff=100 * SIMILAR_FROM) / 100


def similarities(texts: Texts, rows: npt.NDArray[np.int32], columns: npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
    """``similarity`` of each id in ``rows`` with each in ``columns``: float32, shape (len(rows), len(columns))."""
    unique_rows, row_of = np.unique(rows, return_inverse=True)
    unique_columns, column_of = np.unique(columns, return_inverse=True)
    keys_a = [texts.vocabulary[i] for i in unique_rows]
    keys_b = [texts.vocabulary[i] for i in unique_columns]
    table = process.cdist(keys_a, keys_b, scorer=fuzz.ratio, score_cutoff=100 * SIMILAR_FROM, dtype=np.float32) / 100
    short_a = np.array([len(key) <= SHORT_KEY for key in keys_a])
    short_b = np.array([len(key) <= SHORT_KEY for key in keys_b])
    table[(short_a[:, None] | short_b[None, :]) & (unique_rows[:, None] != unique_columns[None, :])] = 0.0
    return np.asarray(table[np.ix_(row_of, column_of)], dtype=np.float32)
