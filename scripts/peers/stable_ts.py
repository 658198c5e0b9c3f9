"""Force typed words with stable-ts; its file of requirements is beside it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import stable_whisper
import whisper

from scripts.peers.matching import Heard, Samples, answer


@lru_cache(maxsize=1)
def model_of(path: str) -> Any:  # noqa: ANN401 -- the package has no types
    """Load a checkpoint, with the attention heads that its authors name for word times."""
    model = stable_whisper.load_model(path, device="cpu")
    model.set_alignment_heads(whisper._ALIGNMENT_HEADS["base"])  # noqa: SLF001 -- there is no other way
    return model


def find(audio: Samples, typed: list[str], path: str) -> Heard:
    """Return the typed words at the times that stable-ts gives them."""
    found = model_of(path).align(audio, " ".join(typed), language="en", verbose=None)
    return [(word.word, word.start, word.end) for word in found.all_words()] if found else []


if __name__ == "__main__":
    answer(find)
