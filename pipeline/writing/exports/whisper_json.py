"""Write cues as the JSON of openai-whisper, with what WhisperX adds to it.

The fields are those of ``openai-whisper --output_format json --word_timestamps True``, and of WhisperX the speaker of
each segment and word, a word's ``score``, and ``word_segments``. Programs that read either find what they look for.
What only a decoder of speech knows has a value with which no program leaves a segment out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import msgspec

from pipeline.times import MS_PER_SECOND, Span, to_seconds
from pipeline.writing.cues import Cue
from pipeline.writing.line_breaks import line_text
from pipeline.writing.shown_words import ShownWord

Json: TypeAlias = "str | float | dict[str, Json] | list[Json]"

_FRAMES_PER_SECOND = 100
"""Of Whisper's spectrogram, in which ``seek`` counts."""

_DECODED: dict[str, Json] = {
    "tokens": [],
    "temperature": 0.0,
    "avg_logprob": 0.0,
    "compression_ratio": 1.0,
    "no_speech_prob": 0.0,
}
"""Certain speech by the limits of openai-whisper's ``transcribe``: -1 for ``avg_logprob``, 2.4 and 0.6 for the last."""


def render_whisper_json(cues: Sequence[Cue], language: str) -> str:
    """Return cues as JSON: each is a segment; times are seconds with three decimals.

    The text of a word begins with a space unless the word before it continues, so that the words of a segment make up
    its text, as in openai-whisper's.
    """
    segments = [_segment(number, cue) for number, cue in enumerate(cues)]
    document: dict[str, Json] = {
        "text": "".join(_segment_text(cue) for cue in cues),
        "segments": segments,
        "word_segments": [_whisperx_word(word, cue) for cue in cues for word in cue.words],
        "language": language,
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _segment(number: int, cue: Cue) -> Json:
    return {
        "id": number,
        "seek": cue.spoken.start * _FRAMES_PER_SECOND // MS_PER_SECOND,
        **_times(cue.spoken),
        "text": _segment_text(cue),
        **_DECODED,
        "words": [_word(word, cue, is_first=number == 0) for number, word in enumerate(cue.words)],
        **_speaker(cue),
    }


def _segment_text(cue: Cue) -> str:
    return " " + line_text(cue.words)


def _word(word: ShownWord, cue: Cue, *, is_first: bool) -> Json:
    space = "" if word.glued and not is_first else " "
    confidence = round(word.confidence, 3)
    return {
        "word": space + word.text,
        **_times(word.span.clip(cue.spoken)),
        "probability": confidence,
        "score": confidence,
        **_speaker(cue),
    }


def _whisperx_word(word: ShownWord, cue: Cue) -> Json:
    times = _times(word.span.clip(cue.spoken))
    return {"word": word.text, **times, "score": round(word.confidence, 3), **_speaker(cue)}


def _times(span: Span) -> dict[str, Json]:
    return {"start": to_seconds(span.start), "end": to_seconds(span.end)}


def _speaker(cue: Cue) -> dict[str, Json]:
    return {"speaker": cue.speaker} if cue.speaker else {}
