"""Know what an editor writes in square brackets: sounds, what could not be heard, remarks on the text."""

from __future__ import annotations

import regex

from pipeline.reading.markup.notation import UNINTELLIGIBLE_WORDS

_SOUNDS = (
    "laughter|laughs?|laughing|chuckl\\w*|giggl\\w*|music|musical|applause|claps?|clapping|cheers|cheering|sighs?|coughs?"
    "|sneezes?|gasps?|groans?|whistl\\w*|sings|singing|silence|pauses?|noises?|sounds?|beeps?|background|cross-talk"
    "|overlapping|gelächter|lacht|lachen|musik|applaus|beifall|pause|stille|rires?|musique|applaudissements|silence"
    "|risas?|música|musica|aplausos|silencio|risate|applausi|silenzio|risos|gelach|muziek|applaus|смех|музыка"
    "|аплодисменты|笑声|笑聲|掌声|掌聲|音乐|音樂|笑|拍手|音楽|웃음|박수|음악"
)
_REMARKS = (
    "sic|translat\\w*|redacted|omitted|missing|foreign|blank|edit|editor|editor['’]s|note|notes|todo|wip|tbd|fixme"
    "|spelling|phonetic\\w*|ph|advertisements?|ad|ads|sponsor|intro|outro|jingle|break|video|audio|image|photo|figure"
    "|slide|clip|recording|link|links|timestamp|transcript|transcriber|update|continued"
)
_REMARK = regex.compile(rf"\b(?:{UNINTELLIGIBLE_WORDS}|{_SOUNDS}|{_REMARKS})\b", regex.IGNORECASE)


def is_editors_remark(text: str) -> bool:
    """Return whether a text in square brackets, without them, says what an editor writes and names nobody.

    >>> is_editors_remark("Laughter"), is_editors_remark("Upbeat Music"), is_editors_remark("Ann Lee")
    (True, True, False)
    """
    return _REMARK.search(text) is not None
