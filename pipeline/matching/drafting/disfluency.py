"""Disfluency removal: speech made readable without changing what is said, with sentences begun and ended.

Only hesitation sounds that are no word of their language are removed, with their punctuation. A word that is repeated
after such a sound ("the, uh, the office") is kept once. Everything else stays as it was said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import regex

from pipeline.reading.words.fillers import bare, is_filler
from pipeline.reading.words.sentence_end import has_sentence_stop, sentence_stop
from pipeline.reading.words.spoken_form import spoken_keys
from pipeline.schema import HeardWord

_FULL_STOP = regex.compile(r"(?:\p{L}{4}\.|[!?])[\p{Pe}\p{Pf}\"']*$")
_SOFT_END = regex.compile(r"[,;:\-–—،、，；：]++$")
_STOPS: tuple[tuple[str, regex.Pattern[str]], ...] = (
    ("。", regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]$")),
    (".", regex.compile(r"[\p{Latin}\p{Cyrillic}\p{Greek}\p{Hebrew}\p{Arabic}\p{Hangul}\p{Georgian}\p{N}%$€£&+#]$")),
)


def remove_fillers(words: Sequence[HeardWord], language: str) -> tuple[HeardWord, ...]:
    """Remove hesitation sounds; a sentence that began or ended with one begins or ends at the neighbouring word.

    >>> from pipeline.times import Span
    >>> said = [HeardWord(text, Span(0, 0)) for text in ("Um,", "the,", "uh,", "the", "cat.")]
    >>> [word.text for word in remove_fillers(said, "en")]
    ['The', 'cat.']
    """
    kept: list[HeardWord] = []
    capital = after_filler = False
    for word in words:
        if is_filler(word.text, language):
            capital = capital or (word.text[0].isupper() and (not kept or has_sentence_stop(kept[-1].text)))
            if kept and not has_sentence_stop(kept[-1].text) and (stop := sentence_stop(word.text)):
                kept[-1] = replace(kept[-1], text=_SOFT_END.sub("", kept[-1].text) + stop)
            after_filler = True
            continue
        if after_filler and kept and _is_restart(kept[-1], word):
            capital = capital or kept[-1].text[0].isupper()
            kept.pop()
        kept.append(replace(word, text=capitalize_word(word.text)) if capital else word)
        capital = after_filler = False
    return tuple(kept)


def _is_restart(before: HeardWord, word: HeardWord) -> bool:
    """Return whether a word repeats the one before ("the, uh, the") and no sentence ended between them."""
    return not has_sentence_stop(before.text) and bare(before.text).casefold() == bare(word.text).casefold() != ""


def capitalize_word(text: str) -> str:
    """Capitalize a word of lower-case letters only; ``iPhone``, ``make_it`` and numbers stay.

    >>> capitalize_word("the"), capitalize_word("iPhone"), capitalize_word("make_it")
    ('The', 'iPhone', 'make_it')
    """
    letters = bare(text).replace("'", "").replace("’", "").replace("-", "")
    if not letters.isalpha() or not letters.islower():
        return text
    at = next(at for at, letter in enumerate(text) if letter.isalpha())
    return text[:at] + text[at].upper() + text[at + 1 :]


def punctuate_turn(words: Sequence[HeardWord]) -> tuple[HeardWord, ...]:
    """Return the words of one turn with capitals at the start of sentences and a full stop at the end.

    The stop is that of the script of the last letter; some scripts have none. A dot after fewer than four letters may
    belong to an abbreviation and starts no sentence.
    """
    *rest, last = words
    if not has_sentence_stop(last.text):
        bare = _SOFT_END.sub("", last.text)
        stop = next((mark for mark, script in _STOPS if script.search(bare)), "")
        last = replace(last, text=bare + stop if bare else last.text)
    written = [*rest, last]
    starts = [True, *(_FULL_STOP.search(word.text) is not None for word in written[:-1])]
    return tuple(
        replace(word, text=capitalize_word(word.text)) if begins else word
        for word, begins in zip(written, starts, strict=True)
    )


def is_spoken(text: str, language: str) -> bool:
    """Return whether the reader of transcripts counts a word as spoken: no address, no bare mark."""
    return bool(spoken_keys(text, language)) and "://" not in text
