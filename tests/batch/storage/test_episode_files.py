from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.batch.episode_task import run_task
from pipeline.batch.messages import Job, Task
from pipeline.batch.storage import remote_files
from pipeline.io.atomic import sha256_of
from pipeline.progress import silent
from pipeline.settings.config import Config
from tests.batch.fake_engines_by_name import ENGINES, HEARD_LOG
from tests.listening.http_servers import Site, serving

SAID = "the kettle is older than all of our servers and it has never been down for a single day of its long life"


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The log of completed transcriptions."""
    monkeypatch.setenv(HEARD_LOG, str(tmp_path / "heard.log"))
    return tmp_path / "heard.log"


@pytest.fixture
def stored(bucket: str, tmp_path: Path) -> Task:
    """An episode whose files and results are in an object store."""
    remote_files.write_bytes(f"{bucket}/in/7 – é.mp3", SAID.encode())
    remote_files.write_bytes(f"{bucket}/in/7 – é.md", f"**Ann**: {SAID}\n".encode())
    job = Job("season 1/7 – é", f"{bucket}/in/7 – é.mp3", f"{bucket}/in/7 – é.md")
    return Task(job, Config(), f"{bucket}/out", str(tmp_path / "here"), ("md", "srt"))


@pytest.mark.usefixtures("log")
def test_inputs_and_results_in_an_object_store(bucket: str, stored: Task, tmp_path: Path) -> None:
    """Results are written to addresses with the reported hashes, and no copy of the audio is left."""
    outcome = run_task(ENGINES, stored, silent)

    assert outcome.error is None
    assert sorted(outcome.results) == [f"{bucket}/out/season 1/7 – é.{end}" for end in ("srt", "timed.md")]
    assert {name: sha256_of(remote_files.read_bytes(name)) for name in outcome.results} == outcome.results
    assert "**Ann**" in remote_files.read_bytes(f"{bucket}/out/season 1/7 – é.timed.md").decode()
    assert list((tmp_path / "here").glob("*.mp3*")) == []


def test_an_edited_result_is_an_error_before_the_transcription(stored: Task, log: Path) -> None:
    """The episode fails before it is transcribed, and the edited result stays unless ``overwrite`` is set."""
    result = f"{stored.folder}/season 1/7 – é.srt"
    remote_files.write_bytes(result, b"mine")
    outcome = run_task(ENGINES, stored, silent)

    assert outcome.error == f"{result}: is not as cuemark left it, or not cuemark's; give --overwrite to replace it"
    assert remote_files.read_bytes(result) == b"mine"
    assert not log.exists()
    assert run_task(ENGINES, replace(stored, overwrite=True), silent).error is None


@pytest.mark.usefixtures("log")
def test_errors_name_the_address(bucket: str, stored: Task) -> None:
    """Errors name the address that the user knows, not the copy on this machine."""

    def error(audio: str = "7 – é.mp3", transcript: str = "7 – é.md") -> str | None:
        job = replace(stored.job, audio=f"{bucket}/in/{audio}", transcript=f"{bucket}/in/{transcript}")
        return run_task(ENGINES, replace(stored, job=job), silent).error

    remote_files.write_bytes(f"{bucket}/in/broken.mp3", b"broken")
    remote_files.write_bytes(f"{bucket}/in/latin.md", b"**Ann**: caf\xe9\n")

    assert error(audio="broken.mp3") == f"{bucket}/in/broken.mp3: is not audio"
    assert error(audio="8.mp3") == f"{bucket}/in/8.mp3: there is no such file or bucket; check the name"
    assert (error(transcript="latin.md") or "").startswith(f"{bucket}/in/latin.md, line 1: byte 0xe9")


@pytest.mark.usefixtures("log")
def test_an_episode_of_a_feed_is_downloaded(tmp_path: Path) -> None:
    """The audio and transcript are downloaded, a wrong length is a warning, and no copy of the audio is left."""
    audio = (SAID * 300).encode()
    with serving(Site({"/7.mp3": audio, "/7.txt": f"Ann: {SAID * 300}\n".encode()})) as site:
        job = Job("7", f"{site.url}/7.mp3", f"{site.url}/7.txt", length=len(audio) + 1)
        outcome = run_task(
            ENGINES, Task(job, Config(), str(tmp_path / "out"), str(tmp_path / "here"), ("srt",)), silent
        )

    assert outcome.error is None
    assert f"the audio has {len(audio)} bytes, and its publisher says {len(audio) + 1}" in outcome.warnings
    assert (tmp_path / "out" / "7.srt").is_file()
    assert list((tmp_path / "here").glob("*.mp3*")) == []
