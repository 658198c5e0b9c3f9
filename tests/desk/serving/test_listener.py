"""What the process that listens sends: words, the second pass, voices or tracks; and the place where it begins."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.desk.serving.listener import (
    Heard,
    Listener,
    ListenRequest,
    Looked,
    LookRequest,
    first_needed,
    hearing_after,
)
from pipeline.listening.diarize.diarize_options import DiarizeOptions
from pipeline.listening.transcribe.windows import EarlyResults, HeardSoFar
from pipeline.progress import Step
from pipeline.reading.transcript import parse
from pipeline.schema import Diarization, Hearing
from pipeline.settings.config import Config
from pipeline.times import Span
from tests.episode.test_run import FULL, MISHEARD, NAMED
from tests.episode.test_speakers import ALL_THREE
from tests.factories import SHA
from tests.fake_engines import FakeEngines
from tests.files.test_store import hearings
from tests.sample_episode import HEARD, SHOW

DURATION = 20_000
WITHOUT_VOICES = Config(diarize=DiarizeOptions(voices=False))
ALL = Heard(HEARD, None, (Span(0, DURATION),), complete=True, last=False)


def heard_by(fake: FakeEngines, folder: Path, config: Config = WITHOUT_VOICES) -> list[object]:
    """Everything that is sent while an episode is listened to."""
    sent: list[object] = []
    audio = folder / "show.mp3"
    audio.write_bytes(b"sound")
    engines = fake.engines
    request = ListenRequest(engines.open_recording(audio), SHOW, config, engines, folder / "store", relisten=False)
    Listener()(request, sent.append)
    assert sent[-1] == Looked(SHOW)
    return [message for message in sent[:-1] if not isinstance(message, Step)]


def test_what_is_heard_is_sent_at_once(tmp_path: Path) -> None:
    """The whole hearing, and once more when it is known that the second pass changes nothing and no voices follow."""
    assert heard_by(FakeEngines([HEARD]), tmp_path) == [ALL, replace(ALL, last=True)]


def test_what_was_heard_before_comes_from_the_store(tmp_path: Path) -> None:
    """The second time nothing is listened to."""
    heard_by(FakeEngines([HEARD]), tmp_path)
    fake = FakeEngines()

    assert heard_by(fake, tmp_path) == [ALL, replace(ALL, last=True)]
    assert [step for step in fake.history if step.startswith(("hear", "load"))] == []


def test_voices_follow_the_words(tmp_path: Path) -> None:
    """The words are there before it is known whose they are."""
    voices = Diarization((), (), "pyannote.audio", "voices", SHA)
    messages = heard_by(FakeEngines([HEARD], voices=voices), tmp_path, Config())

    assert messages == [ALL, replace(ALL, turns=voices, last=True)]


def test_a_second_look_sends_what_is_new(tmp_path: Path) -> None:
    """For a text with other words it listens again where they may be; without a difference only the end is sent."""
    fake, sent = FakeEngines([MISHEARD], again=[FULL]), list[object]()
    audio = tmp_path / "show.mp3"
    audio.write_bytes(b"sound")
    listener, other = Listener(), NAMED.replace("Philomena Okoro", "a minor")
    store = tmp_path / "store"
    listener(
        ListenRequest(fake.engines.open_recording(audio), other, WITHOUT_VOICES, fake.engines, store, relisten=True),
        sent.append,
    )
    sent.clear()

    listener(LookRequest(NAMED), sent.append)
    listener(LookRequest(NAMED), sent.append)

    new, *ends = [message for message in sent if not isinstance(message, Step)]
    assert isinstance(new, Heard)
    assert "Philomena" in [word.text for word in new.hearing.words]
    assert ends == [Looked(NAMED), Looked(NAMED)]
    assert fake.history.count("hear show.mp3") == 1


def test_nothing_is_looked_at_before_anything_was_heard() -> None:
    """A request that comes too early does nothing."""
    sent: list[object] = []
    Listener()(LookRequest(SHOW), sent.append)
    assert sent == []


def test_the_terms_of_the_transcript_are_hints(tmp_path: Path) -> None:
    """The names in it are given to the engine, as in any other command."""
    fake = FakeEngines([HEARD])
    heard_by(fake, tmp_path)

    assert "Ann Lee" in fake.prompts[0]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("**Ann**: one two\n\n<!-- Continue at 9:30! -->\n", 540_000),
        ("0:10 - **Ann**: one two\n\n2:00 - **Bo**: three\n", 90_000),
        ("**Ann**: " + "word " * 1_000, 270_000),
        ("**Ann**: one two\n\n<!-- Continue at 0:10! -->\n", 0),
        ("", 0),
    ],
)
def test_listening_begins_a_little_before_the_typing_stops(source: str, expected: int) -> None:
    """By the note, else by the last typed time, else by the number of words."""
    assert first_needed(parse(source)) == expected


def test_listening_gets_the_place_to_begin(tmp_path: Path) -> None:
    """The engine gets the place, and what it hears on the way is sent with the parts of the sound it is about."""
    given: list[EarlyResults | None] = []
    part = HeardSoFar(HEARD, (Span(5_000, 9_000),))

    class Slow(FakeEngines):
        def _hear(self, *arguments: object) -> Hearing:  # passes on
            early = arguments[-1]
            assert isinstance(early, EarlyResults)
            assert early.take is not None
            given.append(early)
            early.take(part)
            return HEARD

    messages = heard_by(Slow(), tmp_path)

    assert given[0] is not None
    assert given[0].start == first_needed(parse(SHOW))
    assert messages[0] == Heard(HEARD, None, part.spans, complete=False, last=False)


# --- pure --------------------------------------------------------------------------------------------------------


def test_progress_counts_what_was_heard() -> None:
    """Steps of the sound say nothing: listening need not begin at the start."""
    event = {"stage": "listening", "done": 0, "total": DURATION, "heard": [], "finished": False, "failed": None}
    for message in (
        Step("fetching base", 5, None, "bytes"),
        Step("listening", 19_000, DURATION, "ms"),
        Heard(HEARD, None, (Span(10_000, 15_000),), complete=False, last=False),
        Step("listening", 19_500, DURATION, "ms"),
    ):
        event = hearing_after(event, message, DURATION)

    assert event == {
        "stage": "listening", "done": 5_000, "total": DURATION, "heard": [[10_000, 15_000]], "finished": False,
        "failed": None,
    }  # fmt: skip


@given(hearings(), st.binary(), st.booleans())
def test_what_is_heard_arrives_as_it_was_sent(hearing: Hearing, forced: bytes, last: bool) -> None:  # noqa: FBT001
    """Between the processes a message is pickled, with a hearing that is packed."""
    message = Heard(hearing, ALL_THREE, (Span(0, DURATION),), complete=True, last=last, forced=forced)

    assert pickle.loads(pickle.dumps(message)) == message  # noqa: S301 -- our own bytes
