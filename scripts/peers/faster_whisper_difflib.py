"""Hear words with faster-whisper at its defaults: what one gets with twenty lines of one's own."""

from __future__ import annotations

from faster_whisper import WhisperModel

from scripts.peers.matching import Heard, Samples, answer_by_hearing


def hear(audio: Samples, path: str) -> Heard:
    """Return the words that are heard; the typed ones are matched with them."""
    model = WhisperModel(path, device="cpu", compute_type="int8")
    segments, _ = model.transcribe(audio, language="en", word_timestamps=True)
    return [(word.word, word.start, word.end) for segment in segments for word in segment.words]


if __name__ == "__main__":
    answer_by_hearing(hear)
