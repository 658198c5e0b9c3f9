"""The vocabulary of one episode improves the transcription of the next, with a real model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.listening.audio.recording import open_recording
from pipeline.listening.models.locate import locate_weights
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.listening.transcribe import LAYOUTS, Decoding, TranscribeOptions, as_hint, load_transcriber
from pipeline.progress import silent
from pipeline.reading.transcript import parse
from pipeline.reading.vocabulary import collect_vocabulary
from pipeline.times import Span, from_seconds

pytestmark = pytest.mark.xdist_group("models")  # one process loads the real models

EXAMPLE = Path(__file__).parents[2] / "examples" / "kettle-and-kernel"
SENTENCES = json.loads((EXAMPLE / "08-the-paper-backup.truth.json").read_text(encoding="utf-8"))["sentences"]
UNTYPED = tuple(Span(from_seconds(s["start"]), from_seconds(s["end"])) for s in SENTENCES if not s["typed"])
NAMES = ("Priya Nand", "Oskar Lind", "Miles Okoro", "CI server", "Kernel")
"""Names and terms in the untyped part of episode 8 and in the transcript of episode 7."""


def test_names_of_another_episode_are_heard() -> None:
    """With the vocabulary of episode 7 as a hint, Whisper spells all names and terms of episode 8, and else not all."""
    weights = locate_weights("tiny.en", LAYOUTS["faster-whisper"], WeightsOptions(), silent)
    engine = load_transcriber(TranscribeOptions(engine="faster-whisper", device="cpu", beam_size=1), weights)
    sound = open_recording(EXAMPLE / "08-the-paper-backup.mp3").read(Span(UNTYPED[0].start, UNTYPED[-1].end))
    terms = collect_vocabulary([parse((EXAMPLE / "07-the-slow-build.md").read_text(encoding="utf-8"))])

    heard = [
        " ".join(word.text for word in engine.hear(sound, UNTYPED, Decoding("en", as_hint(hints))))
        for hints in ((), terms)
    ]
    found = [[name for name in NAMES if name in text] for text in heard]

    assert found[1] == list(NAMES)
    assert len(found[0]) < len(NAMES)
    assert "Philomena" not in heard[1]  # in the hint, and not spoken
