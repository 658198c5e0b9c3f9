"""Give typed words the times of heard ones, as one does without an aligner of one's own: by difflib.

The programs of this folder run in environments without cuemark, so this needs numpy alone.
"""

from __future__ import annotations

import difflib
import json
import re
import sys
import wave
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Time = tuple[float, float]
"""Start and end in seconds."""

Heard = Sequence[tuple[str, float, float]]
"""Words with start and end in seconds."""


def plain(word: str) -> str:
    """Return a word without case and punctuation.

    >>> plain("Didn't,")
    'didnt'
    """
    return re.sub(r"\W", "", word.lower())


def matched(typed: Sequence[str], heard: Heard) -> list[Time | None]:
    """Return the time of each typed word; None for one that has no equal heard word."""
    keys = [plain(word) for word in typed], [plain(text) for text, _, _ in heard]
    times: list[Time | None] = [None] * len(typed)
    for block in difflib.SequenceMatcher(None, *keys, autojunk=False).get_matching_blocks():
        for k in range(block.size):
            _, start, end = heard[block.b + k]
            times[block.a + k] = (float(start), float(end))
    return times


Samples = npt.NDArray[np.float32]


def samples_of(path: str) -> Samples:
    """Return the sound of a WAV file with one channel at 16 kHz and 16 bits: no tool has to decode."""
    with wave.open(path) as file:
        return np.asarray(np.frombuffer(file.readframes(file.getnframes()), np.int16) / 32_768, dtype=np.float32)


def answer(find: Callable[[Samples, list[str], str], Heard]) -> None:
    """Read what is asked from standard input and print the times: JSON both, one line.

    Args:
        find: returns the words in a sound, given the typed words and the model's file.
    """
    asked: dict[str, Any] = json.load(sys.stdin)
    _print([matched(typed, find(samples_of(audio), typed, asked["model"])) for audio, typed in asked["files"]])


def answer_by_hearing(hear: Callable[[Samples, str], Heard]) -> None:
    """Do the same for a tool that does not know the typed words: a file that is asked for again is heard once.

    Args:
        hear: returns the words in a sound, given the model's file.
    """
    asked: dict[str, Any] = json.load(sys.stdin)
    heard = {audio: hear(samples_of(audio), asked["model"]) for audio in dict(asked["files"])}
    _print([matched(typed, heard[audio]) for audio, typed in asked["files"]])


def _print(times: Sequence[Sequence[Time | None]]) -> None:
    print(f"\n{json.dumps(times)}")  # on a line of its own: tools print too
