"""Windows of a hearing that a test has, cut as the engine cuts them."""

from __future__ import annotations

from pipeline.listening.audio.speech_spans import clip_spans
from pipeline.listening.transcribe.short_window import between_pauses
from pipeline.matching.probing.heard_windows import HeardWindow, Request
from pipeline.matching.probing.search import Listening, T, find_end
from pipeline.schema import Continue, Hearing, Transcript
from pipeline.times import Ms


def window_of(hearing: Hearing, request: Request) -> HeardWindow:
    """What a hearing has in a window."""
    span = between_pauses(hearing.speech, request)
    words = tuple(word for word in hearing.words if span.start <= word.span.start < span.end)
    return HeardWindow(span, clip_spans(hearing.speech, span), words, hearing.language)


def searched(transcript: Transcript, hearing: Hearing) -> tuple[Continue, Ms]:
    """The answer of the search for the end of the typing, and how much of the recording it listened to."""
    return answer_of(find_end(transcript, hearing.duration), hearing)


def answer_of(search: Listening[T], hearing: Hearing) -> tuple[T, Ms]:
    """The answer of a search that is sent what it asks for, and how much of the recording that was."""
    heard = 0
    try:
        request = next(search)
        while True:
            window = window_of(hearing, request)
            heard += window.span.duration
            request = search.send(window)
    except StopIteration as e:
        return e.value, heard
