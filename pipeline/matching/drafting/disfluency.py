"""Speech made readable without changing what is said: sounds of hesitation left out, sentences begun and ended.

Only sounds that are no word of their language are left out, with the punctuation that they bring; a word that is
begun anew after such a sound ("the, uh, the office") stands once. Everything else stays as it was said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import regex

from pipeline.reading.words.spoken_form import spoken_keys
from pipeline.schema import HeardWord

_ANYWHERE = frozenset(("uh", "uhh", "um", "umm", "uhm", "hmm", "hm", "mmm"))
FILLERS: dict[str, frozenset[str]] = {
    "en": _ANYWHERE | frozenset(("er", "erm", "ehm")),
    "de": frozenset(("äh", "ähh", "ähm", "öh", "öhm", "ehm", "hm", "hmm", "mmm")),
    "nl": frozenset(("eh", "ehm", "uh", "uhm", "euh", "hm", "hmm")),
    "fr": frozenset(("euh", "euhm", "heu", "hum", "hmm")),
    "es": frozenset(("ehm", "emm", "mmm", "hmm")),
    "it": frozenset(("ehm", "mmm", "hmm")),
    "pt": frozenset(("hum", "hmm", "ahm", "ehm")),
    "sv": frozenset(("öh", "öhm", "ehm", "hm", "hmm")),
    "da": frozenset(("øh", "øhm", "hm", "hmm")),
    "no": frozenset(("øh", "øhm", "ehm", "hm", "hmm")),
    "fi": frozenset(("öö", "ööm", "hmm")),
    "pl": frozenset(("yyy", "eee", "ehm", "hmm")),
    "cs": frozenset(("ehm", "hmm", "eee")),
    "ru": frozenset(("э", "ээ", "эээ", "эм", "эмм", "хм", "ммм")),
    "uk": frozenset(("е-е", "еее", "ем", "хм", "ммм")),
    "he": frozenset(("אה", "אהה", "אמ", "אממ")),
    "ja": frozenset(("えーと", "ええと", "えっと", "えーっと", "うーん")),
    "zh": frozenset(("呃", "嗯嗯")),
    "ko": frozenset(("어어", "음", "음음")),
}
"""Sounds of hesitation by Whisper's code of the language, lower case; none that is a word too ("ah", "eh", "あの")."""

_EDGES = regex.compile(r"^[^\p{L}\p{N}]++|[^\p{L}\p{N}]++$")
_CLOSING = regex.compile(r"[.!?…。！？]++[\p{Pe}\p{Pf}\"']*$")
_FULL_STOP = regex.compile(r"(?:\p{L}{4}\.|[!?])[\p{Pe}\p{Pf}\"']*$")
_SOFT_END = regex.compile(r"[,;:\-–—،、，；：]++$")
_STOPS: tuple[tuple[str, regex.Pattern[str]], ...] = (
    ("。", regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]$")),
    (".", regex.compile(r"[\p{Latin}\p{Cyrillic}\p{Greek}\p{Hebrew}\p{Arabic}\p{Hangul}\p{Georgian}\p{N}%$€£&+#]$")),
)


def remove_fillers(words: Sequence[HeardWord], language: str) -> tuple[HeardWord, ...]:
    """The words without sounds of hesitation; a sentence that began or ended with one begins or ends beside it.

    >>> from pipeline.times import Span
    >>> said = [HeardWord(text, Span(0, 0)) for text in ("Um,", "the,", "uh,", "the", "cat.")]
    >>> [word.text for word in without_fillers(said, "en")]
    ['The', 'cat.']
    """
    fillers = FILLERS.get(language, frozenset())
    kept: list[HeardWord] = []
    capital = behind_filler = False
    for word in words:
        if _bare(word.text) in fillers:
            capital = capital or (word.text[0].isupper() and (not kept or ends_sentence(kept[-1].text)))
            if kept and not ends_sentence(kept[-1].text) and (end := _CLOSING.search(word.text)):
                kept[-1] = replace(kept[-1], text=_SOFT_END.sub("", kept[-1].text) + end[0])
            behind_filler = True
            continue
        if behind_filler and kept and _is_restart(kept[-1], word):
            capital = capital or kept[-1].text[0].isupper()
            kept.pop()
        kept.append(replace(word, text=capitalize_word(word.text)) if capital else word)
        capital = behind_filler = False
    return tuple(kept)


def _bare(text: str) -> str:
    return _EDGES.sub("", text).casefold()


def _is_restart(before: HeardWord, word: HeardWord) -> bool:
    """Whether a word is begun anew: "the, uh, the"; not where a sentence ended between the two."""
    return not ends_sentence(before.text) and _bare(before.text) == _bare(word.text) != ""


def ends_sentence(text: str) -> bool:
    """Whether a word closes with what ends a sentence, whatever follows.

    >>> ends_thought("done."), ends_thought("done,")
    (True, False)
    """
    return _CLOSING.search(text) is not None


def capitalize_word(text: str) -> str:
    """The word with a capital if it is plain lower case; ``iPhone``, ``npm``-like codes and numbers stay.

    >>> capitalised("the"), capitalised("iPhone"), capitalised("make_it")
    ('The', 'iPhone', 'make_it')
    """
    bare = _EDGES.sub("", text).replace("'", "").replace("’", "").replace("-", "")
    if not bare.isalpha() or not bare.islower():
        return text
    at = next(at for at, letter in enumerate(text) if letter.isalpha())
    return text[:at] + text[at].upper() + text[at + 1 :]


def punctuate_turn(words: Sequence[HeardWord]) -> tuple[HeardWord, ...]:
    """One turn's words with a capital at the start of each sentence and, where its script has one, a stop at its end.

    A dot after fewer than four letters may be an abbreviation's and starts nothing.
    """
    *rest, last = words
    if not ends_sentence(last.text):
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
    """Whether a word is one that the reader of transcripts counts as spoken: no address, no mere mark."""
    return bool(spoken_keys(text, language)) and "://" not in text
