"""``cuemark batch`` on the command line, with real models in its worker processes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.listening.audio.recording import open_recording
from pipeline.times import Span, from_seconds
from tests.excerpts import write_excerpt
from tests.sample_episode import ROOT, environment

pytestmark = pytest.mark.xdist_group("models")  # one process loads the real models

EXAMPLE = ROOT / "examples" / "kettle-and-kernel" / "08-the-paper-backup"


@pytest.fixture(scope="module")
def show(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three short parts of the example: one typed, one half typed, one not typed; and a file that is not audio."""
    folder = tmp_path_factory.mktemp("show")
    truth = json.loads(EXAMPLE.with_suffix(".truth.json").read_text(encoding="utf-8"))["sentences"]
    recording = open_recording(EXAMPLE.with_suffix(".mp3"))
    for name, first, typed in (("01", 0, 6), ("02", 6, 2), ("03", 12, 0)):
        part = truth[first : first + 6]
        span = Span(from_seconds(part[0]["start"]) - 200, from_seconds(part[-1]["end"]) + 200)
        write_excerpt(recording, span, folder / f"{name}.wav")
        if typed:
            text = "\n\n".join(f"**{one['speaker']}**: {one['spoken']}" for one in part[:typed])
            (folder / f"{name}.md").write_text(f"{text}\n", encoding="utf-8")
    (folder / "04.mp3").write_bytes(b"no sound at all")
    (folder / "04.md").write_text("**Ann**: Nothing.\n")
    return folder


def test_batch_with_real_models(show: Path, tmp_path: Path) -> None:
    """A typed episode is aligned, a half typed one gets a note, one without text is drafted, a broken one fails."""
    command = [sys.executable, "-m", "pipeline", "batch", str(show), "-o", str(tmp_path), "--model", "tiny.en"]
    command += ["--workers", "2", "--no-voices"]
    outcome = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False, cwd=tmp_path)
    status = subprocess.run(
        [*command[:4], "status", "--json", "-o", str(tmp_path)], env=environment(), capture_output=True, check=False
    )
    episodes = {one["name"]: one for one in json.loads(status.stdout)["episodes"]}

    assert (outcome.returncode, status.returncode) == (1, 1), outcome.stderr
    assert [episodes[name]["state"] for name in ("01", "02", "03", "04")] == ["done", "done", "done", "failed"]
    assert episodes["01"]["figures"]["complete"]
    assert episodes["02"]["figures"]["continue_at"] > 2
    assert episodes["03"]["figures"]["drafted_words"] > 15
    assert "is text, not a recording" in episodes["04"]["error"]
    assert "<!-- Continue at " in (tmp_path / "02.timed.md").read_text(encoding="utf-8")
    assert (tmp_path / "03.draft.md").is_file()
    assert outcome.stderr.splitlines()[-1] == "batch: 3 done, 1 failed; cuemark batch status shows each"
