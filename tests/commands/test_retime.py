from __future__ import annotations

import json
import shutil
from pathlib import Path

import pysubs2
import pytest

from pipeline.io.atomic import sha256_file
from tests.docs.test_command_json import assert_described
from tests.episodes.test_goldens import EXPECTED
from tests.made_cuts import ADVERT_AT, EPISODE, INTRO, OTHER, advert_in, advert_in_time, samples, write_cut
from tests.sample_episode import Command, contents

pytestmark = pytest.mark.xdist_group("retime")  # the cut is made once

STEM = "07-the-slow-build"
CLOSE = 50
"""ms: what the times of subtitles may be off."""


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example without its intro and with a minute of other audio in the middle, at another bit rate and level."""
    return write_cut(tmp_path_factory.mktemp("cut") / "cut.mp3", advert_in())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut: Path) -> Path:
    """A folder with the example's results, its audio and the cut."""
    for path in (*EXPECTED.glob(f"{STEM}*"), EPISODE, OTHER, cut):
        shutil.copy(path, tmp_path / path.name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_subtitles_of_a_cut(folder: Path, cuemark: Command) -> None:
    """Every cue is off by less than 50 ms, by an independent reader; what was removed is dropped and said."""
    outcome = cuemark(f"retime {STEM}.srt --from {STEM}.mp3 --to cut.mp3")

    assert (outcome.status, outcome.out) == (0, "cut.srt\n")
    old = [one for one in pysubs2.load(str(folder / f"{STEM}.srt")) if one.end > INTRO + 100]
    new = pysubs2.load(str(folder / "cut.srt"))
    assert [one.text for one in new] == [one.text for one in old]
    for one, moved in zip(old, new, strict=True):
        assert abs(moved.start - advert_in_time(max(one.start, INTRO))) < CLOSE
        assert abs(moved.end - advert_in_time(one.end)) < CLOSE
    assert outcome.err.splitlines()[-5:-1] == [
        "from 0:12 on everything is 12.3 s earlier",
        "from 2:24 on everything is 47.7 s later",
        "1:00 of new audio at 2:12 (no text)",
        "0:12 removed at 0:00 (2 cues dropped)",
    ]


def test_document_and_transcript_of_a_cut(folder: Path, cuemark: Command) -> None:
    """The JSON has the new audio and its times, the transcript the same text with other times."""
    for name in (f"{STEM}.json", f"{STEM}.timed.md"):
        assert cuemark(f"retime {name} --from {STEM}.mp3 --to cut.mp3 -o out").status == 0
    old, new = (json.loads(path.read_text("utf-8")) for path in (folder / f"{STEM}.json", folder / "out/cut.json"))

    assert new["audio"]["sha256"] == sha256_file(folder / "cut.mp3")
    assert new["audio"]["duration"] == pytest.approx(len(advert_in()) / 16_000, abs=0.05)
    for one, moved in zip(old["utterances"], new["utterances"], strict=True):
        if (
            one["start"] is not None
            and one["start"] > INTRO / 1000
            and not one["start"] < ADVERT_AT / 1000 < one["end"]
        ):
            assert moved["start"] * 1000 == pytest.approx(advert_in_time(round(one["start"] * 1000)), abs=CLOSE)
    texts = [(folder / name).read_text("utf-8").split() for name in (f"{STEM}.timed.md", "out/cut.timed.md")]
    assert len(texts[0]) == len(texts[1])
    assert sum(one != other for one, other in zip(*texts, strict=True)) > 10


def test_another_speed(folder: Path, cuemark: Command) -> None:
    """A cut that is 2 % faster: all cues are there and off by less than 50 ms; the rate is said."""
    write_cut(folder / "fast.mp3", samples(EPISODE), speed=1.02)
    outcome = cuemark(f"retime {STEM}.srt --from {STEM}.mp3 --to fast.mp3 --json")
    document = json.loads(outcome.out)

    assert_described(outcome.out, "retime")
    assert document["stretches"][0]["rate"] == pytest.approx(1 / 1.02, abs=2e-5)
    assert document["dropped"] == []
    assert all(one["end"] - one["start"] < 0.05 for one in document["removed"])
    assert "everything is 2.00% faster" in outcome.err
    for one, moved in zip(pysubs2.load(f"{STEM}.srt"), pysubs2.load("fast.srt"), strict=True):
        assert abs(moved.start - one.start / 1.02) < CLOSE
        assert abs(moved.end - one.end / 1.02) < CLOSE


def test_the_same_audio(folder: Path, cuemark: Command) -> None:
    """The same recording under another name moves nothing."""
    shutil.copy(folder / f"{STEM}.mp3", folder / "copy.mp3")
    outcome = cuemark(f"retime {STEM}.vtt --from {STEM}.mp3 --to copy.mp3")

    assert (folder / "copy.vtt").read_bytes() == (folder / f"{STEM}.vtt").read_bytes()
    assert outcome.err == "the two recordings have the same sound at the same times\n"


def test_unrelated_audio(folder: Path, cuemark: Command) -> None:
    """Another episode of the show is refused in one line, and nothing is written."""
    before = contents(folder)
    outcome = cuemark(f"retime {STEM}.srt --from {STEM}.mp3 --to {OTHER.name}")

    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err.splitlines()[-1] == (
        f"cuemark: {OTHER.name}: has too little of the sound of {STEM}.mp3 to be another cut of it; "
        "if it is the same episode, align it with the transcript instead"
    )
    assert contents(folder) == before


@pytest.mark.parametrize(
    ("line", "status", "error"),
    [
        (
            f"retime {STEM}.chapters.json --to cut.mp3",
            2,
            f"--from: name the audio that the times of {STEM}.chapters.json are of; chapters have no words",
        ),
        (f"retime {STEM}.srt --from {STEM}.mp3", 2, "command line: Missing option '--to'."),
        (f"retime {STEM}.srt --from cut.mp3 --to {STEM}.mp3", 1, f"{STEM}.srt: is the input {STEM}.srt itself"),
        (f"retime none.srt --from {STEM}.mp3 --to cut.mp3", 1, "none.srt: "),
        (f"retime {STEM}.html --from {STEM}.mp3 --to cut.mp3", 1, f"{STEM}.html: its times cannot be changed; "),
        (f"retime {STEM}.srt --from none.mp3 --to cut.mp3", 1, "none.mp3: "),
        (f"retime {STEM}.srt --from {STEM}.mp3 --to text.md", 1, "text.md: "),
    ],
)
def test_mistakes(folder: Path, cuemark: Command, line: str, status: int, error: str) -> None:
    """What is wrong is one line, before any listening; nothing is written."""
    (folder / "text.md").write_text("**Ann**: Hello.\n")
    before = contents(folder)
    outcome = cuemark(line)

    assert (outcome.status, outcome.out) == (status, "")
    assert outcome.err.startswith(f"cuemark: {error}")
    assert outcome.err.count("\n") == 1
    assert contents(folder) == before


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        ("a.srt", "no times", "a.srt: has no times of subtitles"),
        (
            "a.srt",
            "1\n00:00:01,000 --> 00:00:02,000\na\n\n2\n00:00:30 --> 00:00:31\nb\n",
            "a.srt, line 6: looks like the times of a cue and cannot be moved; write it like 00:00:01,000 --> ",
        ),
        ("a.json", '{"chapters": [{"title": "no start"}]}', "a.json: is not what JSON chapters should be (KeyError: "),
        ("a.json", '{"schema": "cuemark.alignment/1"}', "a.json: is not what an alignment should be (KeyError: "),
    ],
)
def test_a_file_that_is_not_what_it_says(folder: Path, cuemark: Command, name: str, text: str, error: str) -> None:
    """A file of another form is one line, and nothing is written."""
    (folder / name).write_text(text)
    shutil.copy(folder / f"{STEM}.mp3", folder / "copy.mp3")
    before = contents(folder)
    outcome = cuemark(f"retime {name} --from {STEM}.mp3 --to copy.mp3")

    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err.startswith(f"cuemark: {error}")
    assert contents(folder) == before


def test_a_foreign_file_is_not_replaced(folder: Path, cuemark: Command) -> None:
    """A file that cuemark did not write is only replaced with --overwrite."""
    shutil.copy(folder / f"{STEM}.mp3", folder / "copy.mp3")
    (folder / "copy.srt").write_text("mine")
    line = f"retime {STEM}.srt --from {STEM}.mp3 --to copy.mp3"

    assert cuemark(line).status == 1
    assert (folder / "copy.srt").read_text() == "mine"
    assert cuemark(f"{line} --overwrite").status == 0
    assert (folder / "copy.srt").read_bytes() == (folder / f"{STEM}.srt").read_bytes()
