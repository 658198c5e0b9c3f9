"""Voice books of made-up voices (see ``made_voices``), learned from episodes with labels that may be wrong."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.io.atomic import sha256_of
from pipeline.matching.speakers.profile import VoiceBook
from pipeline.matching.speakers.profile_updates import learn_episode
from pipeline.schema import VoiceExample, VoiceExamples
from pipeline.times import Span
from tests.matching.made_voices import sample

WEIGHTS = "0" * 64


def audio_sha256(episode: str) -> str:
    """Return the SHA-256 that the audio of an episode of this name has."""
    return sha256_of(episode.encode())


def voice_example(who: str, episode: str, number: int = 0, ms: int = 4_000) -> VoiceExample:
    """Return a few seconds of a voice, slightly different in each episode and each time."""
    at = int(audio_sha256(episode)[:6], 16) + 5_000 * number
    return VoiceExample(5_000 * number, ms, sample(who, Span(at, at + ms)).embedding)


def taught_examples(episode: str, people: str | Mapping[str, str], each: int = 3) -> VoiceExamples:
    """Return what an episode teaches: ``"Ann Bob/Cy"`` is Ann, and Bob's voice under Cy's label."""
    pairs = dict(map(_labelled, people.split())) if isinstance(people, str) else people
    voices = {label: tuple(voice_example(who, episode, k) for k in range(each)) for label, who in pairs.items()}
    return VoiceExamples(audio_sha256(episode), episode, WEIGHTS, voices)


def _labelled(one: str) -> tuple[str, str]:
    who, _, label = one.partition("/")
    return label or who, who


def book(*episodes: str) -> VoiceBook:
    """Return a book that has learned episodes, which are called 1, 2, … in this order."""
    made = VoiceBook("Garden")
    for number, people in enumerate(episodes, 1):
        made = learn_episode(made, taught_examples(str(number), people))
    return made
