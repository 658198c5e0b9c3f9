"""Hesitation sounds, which are no words of their language: "um", "äh"."""

from __future__ import annotations

import regex

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
"""Hesitation sounds by Whisper's language code, lower case; without those that are also words ("ah", "eh", "あの")."""

_EDGES = regex.compile(r"^[^\p{L}\p{N}]++|[^\p{L}\p{N}]++$")


def is_filler(word: str, language: str) -> bool:
    """Return whether a word, with or without its punctuation, is a hesitation sound.

    >>> is_filler("Um,", "en"), is_filler("the", "en"), is_filler("Um,", "xx")
    (True, False, False)
    """
    return bare(word).casefold() in FILLERS.get(language, frozenset())


def bare(word: str) -> str:
    """Return a word without the punctuation around it."""
    return _EDGES.sub("", word)
