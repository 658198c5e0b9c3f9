"""``cuemark retime`` without ``--from``: the words of the file are found in the new audio."""

from __future__ import annotations

import json
from pathlib import Path

import pysubs2
import pytest

from pipeline.schema import Hearing
from pipeline.times import Ms, from_seconds
from tests.docs.test_command_json import assert_described
from tests.factories import heard, hearing
from tests.fake_engines import FakeEngines
from tests.sample_episode import ANN, BOB, ELSEWHERE, REST, SHOW, Command, contents

ADVERT = "this show is brought to you by the makers of a very fine ladder that reaches any branch"
CUE_WORDS = 6
CUE: Ms = 3_000


def cues_of(text: str) -> list[str]:
    """A text in cues of six words."""
    words = text.split()
    return [" ".join(words[k : k + CUE_WORDS]) for k in range(0, len(words), CUE_WORDS)]


FIRST, ADVERT_CUES, SECOND = cues_of(ANN), cues_of(ADVERT), cues_of(BOB)


def srt(*cues: str) -> str:
    """Subtitles of three seconds each, one after the other."""
    clock = "00:00:{:02d},000"
    return "\n".join(
        f"{k + 1}\n{clock.format(3 * k)} --> {clock.format(3 * k + 3)}\n{cue}\n" for k, cue in enumerate(cues)
    )


def said(*cues: str, at: Ms = 0) -> Hearing:
    """The same cues, said at these times from ``at`` on; an empty one is a pause."""
    words = (heard(cue, at + k * CUE, at + (k + 1) * CUE) for k, cue in enumerate(cues))
    return hearing(*words, duration=at + len(cues) * CUE + 50)


@pytest.fixture
def old(workspace: Path) -> Path:
    """Subtitles whose audio is lost."""
    path = workspace / "old.srt"
    path.write_text(srt(*FIRST, *SECOND))
    return path


def starts(path: Path) -> list[int]:
    """When the cues of subtitles begin, by an independent reader."""
    return [cue.start for cue in pysubs2.load(str(path))]


@pytest.mark.usefixtures("old")
def test_an_advert_was_put_in(workspace: Path, cuemark: Command) -> None:
    """The cues after it move, every other byte stays, and the new part is named with what is said in it."""
    sound = said(*FIRST, *ADVERT_CUES, *SECOND)
    outcome = cuemark("retime old.srt --to show.mp3", sound)

    assert (outcome.status, outcome.out) == (0, "show.srt\n")
    assert starts(workspace / "show.srt") == [k * CUE for k in (0, 1, 2, 6, 7, 8)]
    assert outcome.err.splitlines()[-3:] == [
        "found by its words, for --from was not given; times are as exact as those words",
        "from 0:09 on everything is 9.0 s later",
        "9.0 s of new audio at 0:09 (no text; 18 words said)",
    ]


def test_an_advert_was_taken_out(workspace: Path, cuemark: Command) -> None:
    """What nobody says any more is dropped and said; as JSON, the old recording is null."""
    (workspace / "old.srt").write_text(srt(*FIRST, *ADVERT_CUES, *SECOND))
    outcome = cuemark("retime old.srt --to show.mp3 --json", said(*FIRST, *SECOND))
    document = json.loads(outcome.out)

    assert_described(outcome.out, "retime")
    assert (document["from"], document["kind"], document["kept"]) == (None, "cue", 6)
    assert [one["start"] for one in document["dropped"]] == [9, 12, 15]
    assert starts(workspace / "show.srt") == [k * CUE for k in range(6)]
    assert "9.0 s removed at 0:09 (3 cues dropped)" in outcome.err


def test_a_transcript_with_typed_times(workspace: Path, cuemark: Command) -> None:
    """Typed times move to where their words are said; the text stays."""
    typed = SHOW.replace("**Ann", "0:31 - **Ann").replace("**Bob", "0:38 - **Bob").replace("0:05!", "0:45!")
    (workspace / "old.md").write_text(typed)
    sound = hearing(heard(ANN, 1_500, 7_000), heard(BOB, 8_500, 15_900), duration=16_000)
    assert cuemark("retime old.md --to show.mp3", sound).status == 0

    text = (workspace / "show.timed.md").read_text()
    assert text == typed.replace("0:31", "0:01").replace("0:38", "0:08").replace("0:45!", "0:15!")


def test_the_report_of_align(workspace: Path, cuemark: Command) -> None:
    """The report of another cut: each word moves."""
    sound = said(*FIRST, *SECOND)
    (workspace / "typed.md").write_text(f"**Ann Lee**: {ANN}\n\n**Bob Ray**: {BOB}\n")
    assert cuemark("align show.mp3 typed.md -f json", sound).status == 0
    (workspace / "new.mp3").write_bytes(b"other sound")
    assert cuemark("retime show.json --to new.mp3 -o out", said(*FIRST, *ADVERT_CUES, *SECOND)).status == 0

    was, now = (json.loads((workspace / name).read_text()) for name in ("show.json", "out/new.json"))
    moved = [
        from_seconds(new["start"]) - from_seconds(old["start"])
        for one, other in zip(was["utterances"], now["utterances"], strict=True)
        for old, new in zip(one["words"], other["words"], strict=True)
    ]
    assert moved == [0] * len(ANN.split()) + [9_000] * len(BOB.split())


def test_nothing_moved(workspace: Path, old: Path, cuemark: Command) -> None:
    """Where all is said at its time, one line says so, and the file is the same."""
    outcome = cuemark("retime old.srt --to show.mp3", said(*FIRST, *SECOND))

    assert (workspace / "show.srt").read_bytes() == old.read_bytes()
    assert outcome.err.splitlines()[-1] == "all times are right as they are"


def test_it_listens_once(old: Path, cuemark: Command) -> None:
    """What was heard is taken from the store, and nobody is told apart by the voice."""
    fake = FakeEngines([said(*FIRST, *SECOND)])
    cuemark("retime old.srt --to show.mp3", engines=fake)
    cuemark("retime old.srt --to show.mp3", engines=fake)

    assert [step for step in fake.history if step.startswith(("hear", "diarize"))] == ["hear show.mp3"]
    assert old.exists()


@pytest.mark.usefixtures("old")
def test_another_episode(workspace: Path, cuemark: Command) -> None:
    """Audio that says something else is one line, and nothing is written."""
    before = contents(workspace)
    outcome = cuemark("retime old.srt --to show.mp3", ELSEWHERE)

    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err.splitlines()[-1] == (
        "cuemark: show.mp3: too few of the words of old.srt are said in it; "
        "give the audio that the times are of with --from"
    )
    assert contents(workspace) == before


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        (
            "a.srt",
            "1\n00:00:01,000 --> 00:00:02,000\n\n",
            "a.srt: is a file of subtitles (SRT) in which nobody ",
        ),
        ("a.md", f"**Ann**: {REST}\n", "a.md: has no times before its labels, so there is nothing to find them by"),
        ("a.json", '{"schema": "cuemark.alignment/1"}', "a.json: is not what an alignment should be (KeyError: "),
        (
            "a.json",
            '{"schema": "cuemark.alignment/1", "utterances": [], "draft": [], "audio": {"duration": 1}}',
            "a.json: has no words with times, so there is nothing to listen for",
        ),
    ],
)
def test_a_file_without_words_or_times(workspace: Path, cuemark: Command, name: str, text: str, error: str) -> None:
    """It is refused in one line before anybody listens."""
    (workspace / name).write_text(text)
    fake = FakeEngines()
    outcome = cuemark(f"retime {name} --to show.mp3", engines=fake)

    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err.startswith(f"cuemark: {error}")
    assert fake.history == []
