"""The copy of the audio with chapters, in a batch: the task runs in this process, on a real recording."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from mutagen.id3 import ID3
from mutagen.oggopus import OggOpus

from pipeline.batch.episode_task import run_task
from pipeline.batch.messages import Job, Outcome, Task
from pipeline.batch.storage import remote_files
from pipeline.io.atomic import sha256_of
from pipeline.progress import silent
from pipeline.settings.config import Config
from pipeline.writing.chapters.chapter_list import ChapterOptions
from tests.fake_engines import FakeEngines
from tests.listening.audio.chapters.recordings import recording, with_opus_cover
from tests.sample_episode import HEARD, SHOW

CONFIG = replace(Config(), chapters=ChapterOptions(embed=True))


def run(job: Job, folder: str, downloads: str = "") -> Outcome:
    """Process one episode in this process."""
    return run_task(FakeEngines([HEARD]).engines, Task(job, CONFIG, folder, downloads, ("srt",)), silent)


def test_the_copy_is_a_result(tmp_path: Path) -> None:
    """Its hash is in the ledger, as that of every result."""
    audio, text = recording(tmp_path / "what? 7.mp3"), tmp_path / "7.md"
    text.write_text(SHOW)
    outcome = run(Job("7", str(audio), str(text)), str(tmp_path / "out"))
    copy = tmp_path / "out" / "7.chapters.mp3"

    assert outcome.error is None
    assert outcome.results[str(copy)] == sha256_of(copy.read_bytes())
    assert [one.sub_frames["TIT2"].text[0] for one in ID3(copy).getall("CHAP")] == ["Start"]


def test_an_episode_without_headings_is_done(tmp_path: Path) -> None:
    """One warning says why it has no copy."""
    audio, text = recording(tmp_path / "7.mp3"), tmp_path / "7.md"
    text.write_text(SHOW.replace("## Start", ""))
    outcome = run(Job("7", str(audio), str(text)), str(tmp_path / "out"))

    assert outcome.error is None
    assert list(outcome.results) == [str(tmp_path / "out" / "7.srt")]
    assert outcome.warnings[-1].startswith(
        "7: audio with chapters: not written, because the transcript has no headings"
    )


def test_addresses_are_named_as_they_are_known(bucket: str, tmp_path: Path) -> None:
    """The recording is copied here and there again; a loss is told with its address."""
    audio = with_opus_cover(recording(tmp_path / "7.opus"))
    remote_files.write_bytes(f"{bucket}/in/7.opus", audio.read_bytes())
    remote_files.write_bytes(f"{bucket}/in/7.md", SHOW.encode())
    outcome = run(Job("7", f"{bucket}/in/7.opus", f"{bucket}/in/7.md"), f"{bucket}/out", str(tmp_path / "here"))

    assert sorted(outcome.results) == [f"{bucket}/out/7.chapters.opus", f"{bucket}/out/7.srt"]
    assert f"{bucket}/in/7.opus: the copy with chapters has all of it but its cover" in outcome.warnings
    (tmp_path / "back.opus").write_bytes(remote_files.read_bytes(f"{bucket}/out/7.chapters.opus"))
    assert OggOpus(tmp_path / "back.opus")["chapter000name"] == ["Start"]


@pytest.mark.parametrize("kind", ["wav", "flac"])
def test_audio_without_chapters_fails(tmp_path: Path, kind: str) -> None:
    """Before it is heard."""
    audio, text = recording(tmp_path / f"7.{kind}"), tmp_path / "7.md"
    text.write_text(SHOW)
    outcome = run(Job("7", str(audio), str(text)), str(tmp_path / "out"))

    assert (outcome.error or "").startswith(f"{audio}: its format ({kind}) cannot hold chapters; ")
    assert outcome.results == {}
