"""``cuemark check FILE --for PLATFORM``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.sample_episode import HEARD, Command, contents

FAULTY = "WEBVTT\n\nNOTE a comment\n\n1\n00:01.000 --> 00:02.000\n<v Ann>Hello\n"
MENDED = "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n<v Ann>Hello\n"


@pytest.fixture
def faulty(workspace: Path) -> Path:
    """WebVTT that Castopod does not read."""
    path = workspace / "show.vtt"
    path.write_text(FAULTY)
    return path


def test_findings_are_no_failure(faulty: Path, cuemark: Command) -> None:
    """Shows each place with its line and writes nothing; only ``--strict`` makes it a failure."""
    before = contents(faulty.parent)
    outcome = cuemark("check show.vtt --for castopod")

    assert (outcome.status, outcome.err) == (0, "")
    assert "\n3     comment     a comment (NOTE) begins here" in outcome.out
    assert "\n6     identifier  the cue has an identifier" in outcome.out
    assert cuemark("check show.vtt --for castopod --strict").status == 1
    assert cuemark("check show.vtt --for apple --strict").status == 0
    assert contents(faulty.parent) == before


def test_a_time_with_hundreds_of_digits(workspace: Path, cuemark: Command) -> None:
    """It is a finding like others."""
    (workspace / "show.json").write_text(
        f'{{"version": "1", "segments": [{{"startTime": 1{"0" * 400}, "body": "a"}}]}}'
    )
    outcome = cuemark("check show.json --for podcasting")

    assert (outcome.status, outcome.err) == (0, "")
    assert "startTime is no number of seconds" in outcome.out


def test_fix(faulty: Path, cuemark: Command) -> None:
    """A mended copy is written beside, never over the input; it keeps the rules, and has nothing more to mend."""
    document = json.loads(cuemark("check show.vtt --for castopod --fix --json").out)

    assert document["fixed"] == "show.fixed.vtt"
    assert faulty.with_name("show.fixed.vtt").read_text() == MENDED
    assert faulty.read_text() == FAULTY
    assert cuemark("check show.fixed.vtt --for castopod --strict").status == 0
    assert json.loads(cuemark("check show.fixed.vtt --for castopod --fix --json").out)["fixed"] is None


def test_a_copy_that_somebody_changed_is_kept(faulty: Path, cuemark: Command) -> None:
    """A mended copy is written again, but not over somebody's work unless that is asked for."""
    assert [cuemark("check show.vtt --for castopod --fix").status for _ in range(2)] == [0, 0]
    copy = faulty.with_name("show.fixed.vtt")
    copy.write_text("mine")
    outcome = cuemark("check show.vtt --for castopod --fix")

    assert (outcome.status, outcome.out, copy.read_text()) == (1, "", "mine")
    assert cuemark("check show.vtt --for castopod --fix --overwrite -o .").status == 0
    assert copy.read_text() == MENDED


@pytest.mark.parametrize(
    ("line", "status", "said"),
    [
        ("check show.vtt --for nobody", 2, "there is no platform 'nobody'; there are apple, "),
        ("check show.md --fix", 2, "need --for PLATFORM"),
        ("check none.vtt --for apple", 1, "there is no such file"),
        ("check show.md --for apple", 1, "is neither .srt, .vtt nor .json"),
    ],
)
def test_refused(faulty: Path, cuemark: Command, line: str, status: int, said: str) -> None:
    """A wrong line says what is possible."""
    outcome = cuemark(line)

    assert (outcome.status, outcome.out, said in outcome.err) == (status, "", True)
    assert faulty.read_text() == FAULTY


@pytest.mark.usefixtures("workspace")
def test_what_align_writes(cuemark: Command) -> None:
    """What ``align`` writes is taken as it is by these."""
    cuemark("align show.mp3 show.md --subtitles podcast", HEARD)

    for name, platform in (
        *(("show.vtt", platform) for platform in ("apple", "podcasting", "youtube")),
        *(("show.srt", platform) for platform in ("buzzsprout", "castopod", "youtube", "premiere", "resolve")),
    ):
        assert cuemark(f"check {name} --for {platform} --strict").status == 0, (name, platform)
