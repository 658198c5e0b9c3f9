"""Voice profiles of one episode of the example name the speakers of the next one, which has no transcript."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from pipeline.listening.audio.recording import open_recording
from pipeline.listening.diarize import Diarizer, load_diarizer, locate_pipeline
from pipeline.listening.diarize.diarize_options import DiarizeOptions, SpeakerCount
from pipeline.listening.models.weights_options import WeightsOptions
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
ENROLMENT_END: Ms = 200_000
"""Voices are enrolled from the first episode up to here: less than a minute of each person is enough."""


@pytest.fixture(scope="module")
def diarizer() -> Diarizer:
    """The real models."""
    options = DiarizeOptions()
    return load_diarizer(options, locate_pipeline(options, WeightsOptions(), silent))


def diarization(diarizer: Diarizer, audio: Path) -> Diarization:
    """The diarization with samples, as in a run of ``draft``."""
    recording = open_recording(audio)
    found = diarizer.diarize(recording, SpeakerCount(), silent)
    return with_samples(found, diarizer.sample(recording, sample_windows(found.turns), silent))


def enrolment(diarizer: Diarizer) -> VoiceExamples:
    """The voice examples of the first part of an episode, from its true turns and times."""
    utterances_before = [one for one in TRUTH["utterances"] if from_seconds(one["end"]) < ENROLMENT_END]
    spans = [Span(from_seconds(one["start"]), from_seconds(one["end"])) for one in utterances_before]
    turns = tuple(Turn(span, one["speaker"]) for span, one in zip(spans, utterances_before, strict=True))
    plain = Diarization(turns, (), diarizer.engine, "embedded", diarizer.weights.sha256)
    heard = with_samples(plain, diarizer.sample(open_recording(AUDIO), sample_windows(turns), silent))
    transcript = parse("\n\n".join(f"**{one['speaker']}**: word" for one in utterances_before) + "\n")
    words = [TimedWord(span, "heard", 1.0) for span in spans]
    utterances = [TimedUtterance(span, 1.0, "verbatim") for span in spans]
    naming = name_speakers(transcript, words, utterances, heard, VoiceBook("Kettle"))
    return VoiceExamples("0" * 64, AUDIO.stem, heard.weights, naming.examples)


@pytest.fixture(scope="module")
def next_episode(diarizer: Diarizer) -> Diarization:
    """The diarization of the second episode."""
    return diarization(diarizer, NEXT)


def sentences_of_next() -> list[tuple[Span, str]]:
    """The true sentences of the second episode and who says them."""
    truth = json.loads(NEXT.with_suffix(".truth.json").read_text(encoding="utf-8"))
    return [(Span(from_seconds(one["start"]), from_seconds(one["end"])), one["speaker"]) for one in truth["sentences"]]


def names_without_labels_of(who: str, heard: Diarization) -> Counter[tuple[bool, bool]]:
    """The ms of that person's speech and of the others' untyped speech, by whether it is under a name.

    The first half of the others' sentences is typed, under the right names.
    """
    others = [(span, name) for span, name in sentences_of_next() if name != who]
    typed = others[: len(others) // 2]
    transcript = parse("\n\n".join(f"**{name}**: word" for _, name in typed) + "\n")
    words = [TimedWord(span, "heard", 1.0) for span, _ in typed]
    utterances = [TimedUtterance(span, 1.0, "verbatim") for span, _ in typed]
    naming = name_speakers(transcript, words, utterances, heard)
    counted: Counter[tuple[bool, bool]] = Counter()
    for span, name in sentences_of_next():
        if name == who or ((span, name) not in typed and name in {known for _, known in typed}):
            for turn in naming.turns:
                is_right = turn.name not in {None, *naming.strangers} if name == who else turn.name == name
                counted[name == who, is_right] += turn.span.overlap(span)
    return counted


def test_who_has_no_turn_does_not_get_the_name_of_another(next_episode: Diarization) -> None:
    """Each person of the second episode is left out in turn: at most 5 % of that speech is under a name."""
    people = sorted({name for _, name in sentences_of_next()})
    counted = sum((names_without_labels_of(who, next_episode) for who in people), Counter[tuple[bool, bool]]())

    assert len(people) == 4
    assert counted[True, True] <= 0.05 * (counted[True, True] + counted[True, False])
    assert counted[False, True] >= 0.95 * (counted[False, True] + counted[False, False])
    assert counted[True, False] > 60_000


def test_the_next_episode_has_the_real_names(diarizer: Diarizer, next_episode: Diarization) -> None:
    """95 % of the hosts' speech has their names, and 95 % of the guest's, who is not enrolled, is a stranger's."""
    book = learn_episode(VoiceBook("Kettle"), enrolment(diarizer))
    naming = name_speakers(parse(""), (), (), next_episode, book)
    known = {voice.name for voice in book.voices}
    spoken: Counter[tuple[bool, bool]] = Counter()
    for span, name in sentences_of_next():
        for turn in naming.turns:
            is_known = name in known
            spoken[is_known, turn.name == name if is_known else turn.name in naming.strangers] += turn.span.overlap(
                span
            )

    assert known == {"Hannah Weir", "Miles Okoro", "Oskar Lind", "Priya Nand"}
    assert spoken[True, True] >= 0.95 * (spoken[True, True] + spoken[True, False])
    assert spoken[False, True] >= 0.95 * (spoken[False, True] + spoken[False, False])
    assert spoken[True, True] > 60_000 < 4 * spoken[False, True]
