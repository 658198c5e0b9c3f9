from __future__ import annotations

import json
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


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("overwrite", [False, True])
def test_no_link_of_this_machine_is_looked_for_in_an_object_store(
    bucket: str, stored: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, overwrite: bool
) -> None:
    """An object store has no links: links under the same names in the working directory change nothing there."""
    private = tmp_path / "private"
    private.mkdir()
    (tmp_path / "work" / "s3:" / "show-a").mkdir(parents=True)
    (tmp_path / "work" / "s3:" / "show-a" / "out").symlink_to(private)
    (private / "season 1").mkdir()
    (private / "season 1" / "7 – é.srt").write_text("precious")
    monkeypatch.chdir(tmp_path / "work")
    outcome = run_task(ENGINES, replace(stored, overwrite=overwrite), silent)

    assert outcome.error is None
    assert {name: sha256_of(remote_files.read_bytes(name)) for name in outcome.results} == outcome.results
    assert all(name.startswith(f"{bucket}/out/season 1/") for name in outcome.results)
    assert [path.name for path in private.rglob("*")] == ["season 1", "7 – é.srt"]
    assert (private / "season 1" / "7 – é.srt").read_text() == "precious"


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


OTHER = "der kessel ist aelter als alle unsere server und er war noch nie einen einzigen tag lang kaputt " * 20


def published(site: Site, *transcripts: str) -> Job:
    """Return an episode with these transcripts on a server."""
    first, *others = (f"{site.url}/{name}" for name in transcripts)
    return Job("7", f"{site.url}/7.mp3", first, other_transcripts=tuple(others), allow_private=True)


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("first", ["de.txt", "missing.txt", "picture.txt"])
def test_the_next_transcript_is_tried_if_the_first_does_not_fit(tmp_path: Path, first: str) -> None:
    """One of another language, one that is not there and one that is no transcript are left, with a warning."""
    said = SAID * 20
    files = {"/7.mp3": said.encode(), "/de.txt": f"**Ann**: {OTHER}\n".encode(), "/picture.txt": b"\x89PNG\r\n",
             "/en.txt": f"**Ann**: {said}\n".encode()}  # fmt: skip
    with serving(Site(files)) as site:
        job = published(site, first, "en.txt")
        outcome = run_task(
            ENGINES, Task(job, Config(), str(tmp_path / "out"), str(tmp_path / "here"), ("md", "json")), silent
        )
        downloads = [path for _, path, _ in site.history if path == "/7.mp3"]

    assert outcome.error is None
    assert "kettle" in (tmp_path / "out" / "7.timed.md").read_text()
    assert json.loads((tmp_path / "out" / "7.json").read_text())["transcript"]["path"] == f"{site.url}/en.txt"
    assert [line for line in outcome.warnings if "the next one is tried" in line and first in line] != []
    assert downloads == ["/7.mp3"]


@pytest.mark.usefixtures("log")
def test_an_episode_whose_transcripts_do_not_fit_fails(tmp_path: Path) -> None:
    """Only the report of the first is written, and the error names it."""
    with serving(Site({"/7.mp3": (SAID * 20).encode(), "/de.txt": f"**Ann**: {OTHER}\n".encode()})) as site:
        job = published(site, "de.txt", "gone.txt")
        outcome = run_task(
            ENGINES, Task(job, Config(), str(tmp_path / "out"), str(tmp_path / "here"), ("md", "json")), silent
        )

    assert (outcome.error or "").startswith(f"{site.url}/de.txt: ")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["7.json"]


@pytest.mark.usefixtures("log")
def test_an_episode_of_a_feed_is_downloaded(tmp_path: Path) -> None:
    """The audio and transcript are downloaded, a wrong length is a warning, and no copy of the audio is left."""
    audio = (SAID * 300).encode()
    with serving(Site({"/7.mp3": audio, "/7.txt": f"Ann: {SAID * 300}\n".encode()})) as site:
        job = Job("7", f"{site.url}/7.mp3", f"{site.url}/7.txt", length=len(audio) + 1, allow_private=True)
        outcome = run_task(
            ENGINES, Task(job, Config(), str(tmp_path / "out"), str(tmp_path / "here"), ("srt",)), silent
        )

    assert outcome.error is None
    assert f"the audio has {len(audio)} bytes, and its publisher says {len(audio) + 1}" in outcome.warnings
    assert (tmp_path / "out" / "7.srt").is_file()
    assert list((tmp_path / "here").glob("*.mp3*")) == []


@pytest.mark.parametrize("link", ["downloads", "downloads/{}"])
@pytest.mark.parametrize("target", ["private", "not there yet"])
def test_planted_link_of_the_download_folder_is_refused(tmp_path: Path, log: Path, link: str, target: str) -> None:
    """Downloads nothing through a link in the results' folder that leads out of it, and removes nothing there."""
    out, private = tmp_path / "out", tmp_path / "private"
    out.mkdir()
    private.mkdir()
    (private / "precious").write_text("old")
    place = out / link.format(sha256_of(b"7")[:16])
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(tmp_path / target)
    with serving(Site({"/7.mp3": SAID.encode(), "/7.txt": SAID.encode()})) as site:
        job = Job("7", f"{site.url}/7.mp3", f"{site.url}/7.txt")
        outcome = run_task(ENGINES, Task(job, Config(), str(out), str(out / "downloads"), ("srt",)), silent)

    assert "a link leads out of the folder" in (outcome.error or "")
    assert [path.name for path in private.iterdir()] == ["precious"]
    assert not (tmp_path / "not there yet").exists()
    assert not log.exists()


@pytest.mark.usefixtures("log")
def test_copies_beside_the_store_are_private(tmp_path: Path, own_home: Path) -> None:
    """The copies of an episode that a worker keeps in a place of its own choice can be read by their owner alone."""
    with serving(Site({"/7.mp3": b"broken", "/7.txt": SAID.encode()})) as site:
        job = Job("7", f"{site.url}/7.mp3", f"{site.url}/7.txt")
        run_task(ENGINES, Task(job, Config(), str(tmp_path / "out"), "", ("srt",)), silent)

    folders = [own_home / "downloads", *(own_home / "downloads").iterdir()]
    assert [oct(folder.stat().st_mode)[-3:] for folder in folders] == ["700", "700"]
