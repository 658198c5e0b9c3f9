"""Who speaks, from the engines to the outputs: by diarization, by the speakers' own recordings, and without either."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pipeline.episode import stored_listening
from pipeline.errors import EngineError, NoSpeechError, WeightsError
from pipeline.listening.transcribe.window_parts import WindowStore
from pipeline.schema import Diarization, Hearing, NamedTurn, Turn, VoiceSample
from pipeline.times import Span
from tests.factories import SHA
from tests.fake_engines import FakeEngines
from tests.sample_episode import HEARD, SHOW, TIMED, Command


def voice(number: int) -> bytes:
    """A voice of its own, like no other's."""
    vector = np.zeros(192, np.float32)
    vector[number] = 1.0
    return vector.astype("<f4").tobytes()


def diarized(*parts: tuple[int, int, int]) -> Diarization:
    """A diarization from (start, end, cluster), with a sample for each 3 s."""
    turns = tuple(Turn(Span(start, end), f"SPEAKER_{number:02}") for start, end, number in parts)
    samples = tuple(
        VoiceSample((Span(at, min(at + 3_000, end)),), f"SPEAKER_{number:02}", voice(number))
        for start, end, number in parts
        for at in range(start, end - 1_000, 1_500)
    )
    return Diarization(turns, samples, "pyannote.audio", "voices", SHA)


ALL_THREE = diarized((1_000, 7_000, 0), (8_000, 15_200, 1), (16_000, 20_000, 0))


def findings(workspace: Path) -> dict[str, dict[str, object]]:
    """The findings of the JSON by their kind."""
    document = json.loads((workspace / "show.json").read_text())
    return {one["kind"]: one for one in document["findings"]}


def test_the_draft_is_under_real_names(workspace: Path, cuemark: Command) -> None:
    """The untyped rest gets the names that the labels have enrolled."""
    cuemark("finish show.mp3 show.md", engines=FakeEngines([HEARD], voices=ALL_THREE))

    document = json.loads((workspace / "show.json").read_text())
    assert "**Ann Lee**: And here is what nobody has typed" in (workspace / "show.finished.md").read_text()
    assert [one["heard_speaker"] for one in document["utterances"]] == ["Ann Lee", "Bob Ray"]
    assert [(one["name"], one["cluster"]) for one in document["speakers"]] == [
        ("Ann Lee", "SPEAKER_00"),
        ("Bob Ray", "SPEAKER_01"),
    ]
    assert document["engine"]["diarization"] == "pyannote.audio"


def test_a_voice_that_nobody_names_stays_unknown(workspace: Path, cuemark: Command) -> None:
    """Calls a third voice an unknown speaker, in the draft and in a finding."""
    third = diarized((1_000, 7_000, 0), (8_000, 15_200, 1), (15_300, 26_000, 2))
    cuemark("finish show.mp3 show.md", engines=FakeEngines([HEARD], voices=third))

    assert "**Unknown speaker 1**: And here is what" in (workspace / "show.finished.md").read_text()
    assert findings(workspace)["unknown-speaker"]["name"] == "Unknown speaker 1"


def test_the_transcript_is_timed_without_voices(workspace: Path, cuemark: Command) -> None:
    """Gives all times, and one line that says what is missing, where the model or the engine fails."""
    for failure in (WeightsError("voices", "is not here"), EngineError("pyannote.audio", "out of memory")):
        outcome = cuemark("align show.mp3 show.md --relisten", engines=FakeEngines([HEARD], voices=failure))

        assert outcome.status == 0
        assert outcome.err.count(f"warning: speakers are not identified: {failure}\n") == 1
        assert (workspace / "show.timed.md").read_text() == TIMED
        assert json.loads((workspace / "show.json").read_text())["engine"]["diarization"] is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", ["diarize any number in show.mp3"]),
        ("--speakers 2", ["diarize 2 in show.mp3"]),
        ("--speakers 2-4", ["diarize 2 to 4 in show.mp3"]),
        ("--speakers panel", ["diarize 2 in show.mp3"]),
        ("--no-voices", []),
    ],
)
def test_how_many_speak_is_passed_on(workspace: Path, cuemark: Command, line: str, expected: list[str]) -> None:
    """Passes on the number, the range or that of the panel; ``--no-voices`` runs no diarization."""
    assert (workspace / "show.md").exists()
    fake = FakeEngines([HEARD], voices=ALL_THREE)
    cuemark(f"align show.mp3 show.md {line}", engines=fake)

    assert [one for one in fake.history if one.startswith("diarize")] == expected


def test_voices_are_listened_to_once(workspace: Path, cuemark: Command) -> None:
    """Takes the voices from the store in the second run, and for marker asks for none."""
    assert (workspace / "show.md").exists()
    fake = FakeEngines([HEARD], voices=ALL_THREE)
    for line in ("marker show.mp3 show.md", "align show.mp3 show.md", "finish show.mp3 show.md"):
        cuemark(line, engines=fake)

    assert [one for one in fake.history if one.startswith("diarize")] == ["diarize any number in show.mp3"]


def test_own_recordings_are_proof(workspace: Path, cuemark: Command) -> None:
    """Believes the speakers' own recordings: finds a wrong label, drafts under the right name, and asks no voices."""
    (workspace / "show.md").write_text(SHOW.replace("**Bob Ray**: Thank", "**Ann Lee**: Thank"))
    for name in ("ann.wav", "bob.wav"):
        (workspace / name).write_bytes(name.encode())
    turns = (
        NamedTurn(Span(1_000, 7_000), "Ann"),
        NamedTurn(Span(8_000, 15_200), "Bob"),
        NamedTurn(Span(16_000, 20_000), "Bob"),
    )
    fake = FakeEngines([HEARD], voices=ALL_THREE, turns=turns)
    outcome = cuemark("finish show.mp3 show.md --track Ann=ann.wav --track Bob=bob.wav", engines=fake)

    assert outcome.status == 0
    assert "**Bob Ray**: And here is what nobody has typed" in (workspace / "show.finished.md").read_text()
    assert findings(workspace)["speaker-mismatch"]["heard"] == "Bob Ray"
    assert "follow Ann, Bob in show.mp3" in fake.history
    assert not any(one.startswith("diarize") for one in fake.history)


def test_a_person_who_is_not_typed_yet_keeps_the_own_name(workspace: Path, cuemark: Command) -> None:
    """A track is not assigned to a person whose name is only similar."""
    (workspace / "show.md").write_text(SHOW.replace("Ann Lee", "Speaker 1").replace("Bob Ray", "Speaker 2"))
    for number in (1, 2, 3):
        (workspace / f"{number}.wav").write_bytes(str(number).encode())
    turns = (
        NamedTurn(Span(1_000, 7_000), "Speaker 1"),
        NamedTurn(Span(8_000, 15_200), "Speaker 2"),
        NamedTurn(Span(16_000, 20_000), "Speaker 3"),
    )
    tracks = " ".join(f"--track Speaker_{number}={number}.wav" for number in (1, 2, 3))
    cuemark(f"finish show.mp3 show.md {tracks}", engines=FakeEngines([HEARD], turns=turns))

    assert "**Speaker 3**: And here is what" in (workspace / "show.finished.md").read_text()


def test_tracks_are_opened_before_anybody_listens(workspace: Path, cuemark: Command) -> None:
    """Refuses a track that is not there without having listened."""
    assert (workspace / "show.md").exists()
    fake = FakeEngines([HEARD])
    cuemark("align show.mp3 show.md --track Ann=none.wav", engines=fake)

    assert fake.history == []


def test_the_only_turn_of_a_person_teaches_what_goes_on(workspace: Path, cuemark: Command) -> None:
    """Gives the rest to the person in whose only turn the typing stopped."""
    parts = ((1_000, 7_000, 0), (8_000, 20_000, 1))
    cuemark("finish show.mp3 show.md", engines=FakeEngines([HEARD], voices=diarized(*parts)))

    assert "**Bob Ray**: And here is what nobody has typed" in (workspace / "show.finished.md").read_text()


def test_where_nobody_has_a_label_nobody_is_missed(workspace: Path, cuemark: Command) -> None:
    """A transcript without any label gets no findings about unknown speakers."""
    (workspace / "show.md").write_text(SHOW.replace("**Ann Lee**: ", "").replace("**Bob Ray**: ", ""))
    cuemark("align show.mp3 show.md", engines=FakeEngines([HEARD], voices=diarized((1_000, 20_000, 0))))

    assert "unknown-speaker" not in findings(workspace)


def test_strict_is_content_with_what_was_drafted(workspace: Path, cuemark: Command) -> None:
    """``finish --strict`` ends with 0 if everything untyped is drafted, and ``align --strict`` with 1."""
    assert (workspace / "show.md").exists()
    fake = FakeEngines([HEARD], voices=ALL_THREE)

    assert cuemark("align show.mp3 show.md --strict", engines=fake).status == 1
    assert cuemark("finish show.mp3 show.md --strict", engines=fake).status == 0


@pytest.mark.parametrize(
    ("line", "status", "error"),
    [
        ("--track ann.wav", 2, '--track ann.wav: write the name and the file, such as --track "Ann Lee=ann.wav"'),
        ("--track Ann=a.wav --track Ann=b.wav", 2, "--track Ann=b.wav: Ann has two; give one recording for each"),
        ("--track Ann=none.wav", 1, "none.wav: there is no such file"),
        ("--speakers 4-2", 2, "--speakers: the least number of speakers, 4, is above the most, 2"),
        ("--speakers some", 2, "--speakers: speakers must be a number, a range such as 2-4, or panel, not some"),
    ],
)
def test_what_is_given_wrongly_is_one_line(
    workspace: Path, cuemark: Command, line: str, status: int, error: str
) -> None:
    """Says in one line what is wrong with a track or a number."""
    assert (workspace / "show.md").exists()
    outcome = cuemark(f"align show.mp3 show.md {line}", HEARD)

    assert (outcome.status, outcome.out) == (status, "")
    assert outcome.err.splitlines()[-1].startswith(f"cuemark: {error}")


@pytest.mark.parametrize(("threads", "asked"), [(2, ["begin", "cancel"]), (1, [])])
def test_voices_are_found_beside_listening(
    workspace: Path, cuemark: Command, monkeypatch: pytest.MonkeyPatch, threads: int, asked: list[str]
) -> None:
    """Where there are two threads: they are begun before it, and ended with it, also where it fails."""
    monkeypatch.setattr(stored_listening, "thread_count", lambda most: min(threads, most))
    fake = FakeEngines([], voices=ALL_THREE)

    def heard(_: WindowStore) -> Hearing:
        assert fake.begun == asked[:1]
        return HEARD

    fake.queue += [NoSpeechError(workspace / "show.mp3"), heard]

    assert cuemark("align show.mp3 show.md", engines=fake).status == 1
    assert fake.begun == asked
    fake.begun.clear()
    assert cuemark("align show.mp3 show.md", engines=fake).status == 0
    assert fake.begun == asked
    assert json.loads((workspace / "show.json").read_text())["engine"]["diarization"] == "pyannote.audio"

    cuemark("align show.mp3 show.md", engines=fake)
    assert fake.begun == asked, "what was found before is not looked for again"


def test_turns_have_the_edges_of_their_voices_where_two_people_speak(workspace: Path, cuemark: Command) -> None:
    """Ann goes on behind her last heard word, and Bob has begun before; the times of words stay as they are."""
    cuemark("align show.mp3 show.md", engines=FakeEngines([HEARD], voices=ALL_THREE))
    ann, bob = json.loads((workspace / "show.json").read_text())["utterances"]
    start, end = round(ann["end"] * 1_000) + 200, round(ann["end"] * 1_000) + 600
    both = diarized((1_000, end, 0), (start, 15_200, 1), (16_000, 20_000, 0))
    cuemark("align show.mp3 show.md --relisten --overwrite", engines=FakeEngines([HEARD], voices=both))

    made = json.loads((workspace / "show.json").read_text())["utterances"]
    assert made == [{**ann, "end": end / 1_000}, {**bob, "start": start / 1_000, "confidence": 0.45}]
