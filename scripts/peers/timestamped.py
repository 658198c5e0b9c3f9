"""Hear words with whisper-timestamped (AGPL: it is run in a process of its own and never imported by cuemark)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import whisper
import whisper_timestamped

from scripts.peers.matching import Heard, Samples, answer_by_hearing


@lru_cache(maxsize=1)
def model_of(path: str) -> Any:  # noqa: ANN401 -- the package has no types
    """Load a checkpoint, with the attention heads that its authors name for word times."""
    model = whisper_timestamped.load_model(path, device="cpu")
    model.set_alignment_heads(whisper._ALIGNMENT_HEADS["base"])  # noqa: SLF001 -- there is no other way
    return model


def hear(audio: Samples, path: str) -> Heard:
    """Return the words that are heard; the typed ones are matched with them."""
    found = whisper_timestamped.transcribe(model_of(path), audio, language="en", verbose=None)
    return [(word["text"], word["start"], word["end"]) for one in found["segments"] for word in one["words"]]


if __name__ == "__main__":
    answer_by_hearing(hear)
