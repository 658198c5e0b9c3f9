"""Written and heard words from short notation, for the tests of ``pipeline.matching``."""

from __future__ import annotations

import random
from collections.abc import Iterable
from functools import lru_cache

from pipeline.matching.alignment.align import AlignOptions, align
from pipeline.matching.alignment.timing import assign_times
from pipeline.reading.transcript import parse
from pipeline.reading.words.spoken_form import spoken_keys
from pipeline.schema import Alignment, HeardWord, Hearing, TimedUtterance, TimedWord, Transcript, WrittenWord
from pipeline.times import Ms, Span

WORD_MS: Ms = 300


def heard_words(text: str, start: Ms = 0, per_word: Ms = WORD_MS) -> tuple[HeardWord, ...]:
    """Return heard words of ``per_word`` ms each, without pauses; ``|`` is a pause of a second."""
    words: list[HeardWord] = []
    at = start
    for word in text.split():
        if word == "|":
            at += 1_000
            continue
        words.append(HeardWord(word, Span(at, at + per_word), 0.9))
        at += per_word
    return tuple(words)


def written_words(text: str) -> tuple[WrittenWord, ...]:
    """Return the written words of a line, all of one utterance."""
    words: list[WrittenWord] = []
    at = 0
    for word in text.split():
        at = text.index(word, at)
        words.append(WrittenWord(word, word, spoken_keys(word), at, 0))
        at += len(word)
    return tuple(words)


def make_hearing(words: Iterable[HeardWord], duration: Ms | None = None) -> Hearing:
    """Return the hearing that an engine would give for these words."""
    words = tuple(words)
    end = words[-1].span.end if words else 0
    speech = (Span(words[0].span.start, end),) if words else ()
    return Hearing(words, speech, duration if duration is not None else end + 1_000, "en", "fake", "fake", "0" * 64)


def align_and_time(
    source: str, said: str, per_word: Ms = WORD_MS
) -> tuple[Transcript, Hearing, Alignment, tuple[TimedWord, ...], tuple[TimedUtterance, ...]]:
    """Parse a transcript, align it with words that are said one after the other, and assign its times."""
    transcript = parse(source)
    hearing = make_hearing(heard_words(said, per_word=per_word))
    alignment = align(transcript.words, hearing.words, AlignOptions())
    words, utterances = assign_times(transcript, hearing, alignment)
    return transcript, hearing, alignment, words, utterances


def matched_indices(alignment: Alignment) -> list[tuple[int, int]]:
    """Return the first written and the first heard index of each matched pairing."""
    return [(p.written.start, p.heard.start) for p in alignment.pairings if p.score > 0]


@lru_cache
def prose(seed: int, num_words: int) -> str:
    """Return text with the word frequencies of speech: a few words are most of it (Zipf), many are said once."""
    rng = random.Random(seed)
    syllables = ("ka", "lo", "mi", "ner", "so", "ta", "vel", "du", "pra", "shi", "gon", "be")
    vocabulary = ["".join(rng.choices(syllables, k=1 + rank % 4)) for rank in range(4_000)]
    weights = [1 / (rank + 3) for rank in range(len(vocabulary))]
    return " ".join(rng.choices(vocabulary, weights, k=num_words))
