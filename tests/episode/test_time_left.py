"""What the time that is left of a run is computed from; that it is true is tested in ``tests/test_progress.py``."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.episode.run import align
from pipeline.listening.diarize.diarize_options import DiarizeOptions
from pipeline.progress import LISTENING, TIMING, Expected
from pipeline.settings.config import Config
from tests.fake_engines import FakeEngines
from tests.sample_episode import HEARD


@pytest.mark.parametrize(
    ("wanted", "tracks", "expected"), [("yes", (), "beside"), ("no", (), "no"), ("yes", ("Ann",), "no")]
)
def test_time_left_counts_the_voices_that_are_separated(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, wanted: str, tracks: tuple[str, ...], expected: str
) -> None:
    """Expects no time for voices where they are not wanted, or where each speaker has a recording."""
    asked: list[str] = []

    def expect(duration_s: float, *, typed: float, voices: str, forces: bool, drafts: bool) -> Expected:
        asked.append(voices)
        return Expected({LISTENING: duration_s * typed, TIMING: float(forces or drafts)})

    monkeypatch.setattr("pipeline.episode.run.expect", expect)
    monkeypatch.setattr("pipeline.episode.run.thread_count", lambda _: 2)
    config = Config(diarize=DiarizeOptions(voices=wanted == "yes"))
    recordings = dict.fromkeys(tracks, workspace / "show.mp3")
    align("show.mp3", "show.md", config, engines=FakeEngines([HEARD]).engines, tracks=recordings)

    assert asked == [expected]
