"""Voices learned from one episode of the example name the people of the next one, of which nothing is typed."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from pipeline.listening.audio.recording import open_recording
from pipeline.listening.diarize import Diarizer, load, locate
from pipeline.listening.diarize.diarize_options import DiarizeOptions, SpeakerCount
from pipeline.listening.models.locate import WeightsOptions
from pipeline.matching.speakers.assignment import name_speakers
from pipeline.matching.speakers.embeddings import sample_windows, with_samples
from pipeline.matching.speakers.profile import VoiceBook
from pipeline.matching.speakers.profile_updates import learn_episode
from pipeline.progress import silent
from pipeline.reading.transcript import parse
from pipeline.schema import Diarization, TimedUtterance, TimedWord, Turn, VoiceExamples
from pipeline.times import Ms, Span, from_seconds
from tests.episodes.kept_hearing import AUDIO, TRUTH

pytestmark = pytest.mark.xdist_group("models")  # one process loads the real models

NEXT = AUDIO.with_name("08-the-paper-backup.mp3")
LEARNED: Ms = 200_000
"""Of the first episode so much is learned: a person needs less than a minute."""


@pytest.fixture(scope="module")
def diarizer() -> Diarizer:
    """The real models."""
    options = DiarizeOptions()
    return load(options, locate(options, WeightsOptions(), silent))


def told(diarizer: Diarizer, audio: Path) -> Diarization:
    """Whose voices are heard when, as a run of ``draft`` has it."""
    recording = open_recording(audio)
    found = diarizer.diarize(recording, SpeakerCount(), silent)
    return with_samples(found, diarizer.sample(recording, sample_windows(found.turns), silent))


def taught(diarizer: Diarizer) -> VoiceExamples:
    """What the first part of an episode teaches, its turns told apart and its words found as they are."""
    said = [one for one in TRUTH["utterances"] if from_seconds(one["end"]) < LEARNED]
    spans = [Span(from_seconds(one["start"]), from_seconds(one["end"])) for one in said]
    turns = tuple(Turn(span, one["speaker"]) for span, one in zip(spans, said, strict=True))
    plain = Diarization(turns, (), diarizer.engine, "embedded", diarizer.weights.sha256)
    heard = with_samples(plain, diarizer.sample(open_recording(AUDIO), sample_windows(turns), silent))
    transcript = parse("\n\n".join(f"**{one['speaker']}**: word" for one in said) + "\n")
    words = [TimedWord(span, measured=True, confidence=1.0) for span in spans]
    utterances = [TimedUtterance(span, 1.0, "verbatim") for span in spans]
    naming = name_speakers(transcript, words, utterances, heard, VoiceBook("Kettle"))
    return VoiceExamples("0" * 64, AUDIO.stem, heard.weights, naming.examples)


def test_the_next_episode_has_the_real_names(diarizer: Diarizer) -> None:
    """Gives 95 % of the hosts' speech to who speaks, and leaves the guest, whom nobody knows, unknown."""
    book = learn_episode(VoiceBook("Kettle"), taught(diarizer))
    naming = name_speakers(parse(""), (), (), told(diarizer, NEXT), book)
    known = {voice.name for voice in book.voices}
    truth = json.loads(NEXT.with_suffix(".truth.json").read_text(encoding="utf-8"))
    spoken: Counter[tuple[bool, bool]] = Counter()
    for one in truth["sentences"]:
        for turn in naming.turns:
            shared = turn.span.overlap(Span(from_seconds(one["start"]), from_seconds(one["end"])))
            is_known = one["speaker"] in known
            spoken[is_known, turn.name == one["speaker"] if is_known else turn.name in naming.strangers] += shared

    assert known == {"Hannah Weir", "Miles Okoro", "Oskar Lind", "Priya Nand"}
    assert spoken[True, True] >= 0.95 * (spoken[True, True] + spoken[True, False])
    assert spoken[False, True] >= 0.95 * (spoken[False, True] + spoken[False, False])
    assert spoken[True, True] > 60_000 < 4 * spoken[False, True]
