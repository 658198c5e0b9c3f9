"""Turn both texts into comparable tokens: words as spoken, numbered, and weighted by how rare they are.

For the origin of the numbers and what "benchmark" means, see ``chance_matches``.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from pipeline.reading.words.word_breaks import is_unspaced
from pipeline.schema import Run, Transcript, WrittenWord

LEAST_SIMILARITY = 0.7
"""Two longer keys with at least this normalised indel similarity may be one word, misheard or misspelt. Benchmark: 0.1
% more words with 0.55, 1.1 % fewer with 0.85."""

EXACT_KEY_LETTERS = 3
"""Keys of up to this many letters match exactly or not: "to" is not "too", "in" is not "an". Benchmark: 0.4 % of the
words fewer with 1, 1.6 % fewer with 6."""

LEAST_WEIGHT = 0.2
"""The weight of the most common words. Above 0, so that a sentence of common words alone is still matched. Benchmark:
no change with 0.1 or 0.4."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """One text as tokens.

    Attributes:
        ids: int32, shape (num_tokens,): the number of each token's key in the vocabulary.
        word: for each token the index of the word that it belongs to.
    """

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
        inside_turn: bool, shape (num_written_tokens + 1,): whether the position before each written token, and after
            the last, is inside a turn.
        tokens_per_word: 1, except in a script without spaces, in which a token is a letter: there the mean number of
            letters in a word. Limits that are given in words are multiplied by it.
        weight: float32, shape (num_ids,), 0.2 to 1: how much a match of that key proves. It is the inverse document
            frequency over the heard tokens: 1 for a word that is said once, close to 0.2 for the most common ones.
    """

    written: Tokens
    heard: Tokens
    vocabulary: tuple[str, ...]
    turns: npt.NDArray[np.int32]
    inside_turn: npt.NDArray[np.bool_]
    tokens_per_word: int
    weight: npt.NDArray[np.float32]


def is_spoken(word: WrittenWord) -> bool:
    """Return whether a written word counts as speech; an editor's words and marks do not."""
    return word.kind == "spoken" and bool(word.keys)


def spoken_words(transcript: Transcript, run: Run) -> list[int]:
    """Return the indices of the words in a run that count as speech."""
    return [k for k in run if is_spoken(transcript.words[k])]


def tokenize(written: Iterable[Sequence[str]], heard: Iterable[Sequence[str]], turns: Sequence[int]) -> Texts:
    """Number the keys of both texts' words.

    Args:
        written: the keys of each written word.
        heard: the keys of each heard word.
        turns: the turn of each written word.
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
    per_word = _tokens_per_word(heard_tokens if len(heard_tokens) else written_tokens, tuple(numbers))
    return Texts(written_tokens, heard_tokens, tuple(numbers), turn_of, inside, per_word, weight)


def _tokens_per_word(tokens: Tokens, vocabulary: Sequence[str]) -> int:
    """Return the mean tokens per word of a text that is mostly in a script without spaces, 1 for any other text."""
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


def key_similarity(a: str, b: str) -> float:
    """Return the similarity of two keys: 1 for equal ones, 0 below ``LEAST_SIMILARITY``.

    >>> key_similarity("mikeal", "mikael") > 0.8, key_similarity("in", "an")
    (True, 0.0)
    """
    if a == b:
        return 1.0
    if min(len(a), len(b)) <= EXACT_KEY_LETTERS:
        return 0.0
    return fuzz.ratio(a, b, score_cutoff=100 * LEAST_SIMILARITY) / 100


def similarity_table(
    texts: Texts, rows: npt.NDArray[np.int32], columns: npt.NDArray[np.int32]
) -> npt.NDArray[np.float32]:
    """Return ``key_similarity`` of each id in ``rows`` with each in ``columns``.

    Args:
        texts: the texts with the keys of the ids.
        rows: ids, int32, shape (num_rows,).
        columns: ids, int32, shape (num_columns,).

    Returns:
        float32, shape (num_rows, num_columns), 0 to 1.
    """
    unique_rows, row_of = np.unique(rows, return_inverse=True)
    unique_columns, column_of = np.unique(columns, return_inverse=True)
    keys_a = [texts.vocabulary[i] for i in unique_rows]
    keys_b = [texts.vocabulary[i] for i in unique_columns]
    cutoff = 100 * LEAST_SIMILARITY
    table = process.cdist(keys_a, keys_b, scorer=fuzz.ratio, score_cutoff=cutoff, dtype=np.float32) / 100
    short_a = np.array([len(key) <= EXACT_KEY_LETTERS for key in keys_a], dtype=np.bool_)
    short_b = np.array([len(key) <= EXACT_KEY_LETTERS for key in keys_b], dtype=np.bool_)
    table[(short_a[:, None] | short_b[None, :]) & (unique_rows[:, None] != unique_columns[None, :])] = 0.0
    return np.asarray(table[np.ix_(row_of, column_of)], dtype=np.float32)
