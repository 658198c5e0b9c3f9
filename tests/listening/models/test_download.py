from __future__ import annotations

import hashlib
import socket
from pathlib import Path

import pytest

from pipeline.io.http_download import SourceError
from pipeline.listening.models.download import fetch
from tests.listening.http_servers import Site, serving

CONTENT = bytes(range(256)) * 4_000
PIECE = 1 << 16
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class RecordedProgress:
    """Records the progress of a download."""

    def __init__(self) -> None:
        self.history: list[tuple[int, int | None]] = []

    def __call__(self, done: int, total: int | None) -> None:
        """Record one step."""
        self.history.append((done, total))


def site(**behaviour: object) -> Site:
    """A server with one model."""
    return Site(**{"files": {"/model.pt": CONTENT}, **behaviour})  # type: ignore[arg-type]


def test_a_complete_download_leaves_only_the_file(tmp_path: Path) -> None:
    """The file has the content, progress is reported up to the last byte, and no partial file is left."""
    progress = RecordedProgress()
    with serving(site()) as server:
        fetch(f"{server.url}/model.pt", tmp_path / "model.pt", SHA256, progress)

    assert (tmp_path / "model.pt").read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["model.pt"]
    assert progress.history[0] == (0, len(CONTENT))
    assert progress.history[-1] == (len(CONTENT), len(CONTENT))


def test_a_partial_file_is_resumed(tmp_path: Path) -> None:
    """Only the missing bytes are requested."""
    (tmp_path / "model.pt.part").write_bytes(CONTENT[:500_000])
    progress = RecordedProgress()
    with serving(site()) as server:
        fetch(f"{server.url}/model.pt", tmp_path / "model.pt", SHA256, progress)

    assert server.history == [("GET", "/model.pt", "bytes=500000-")]
    assert (tmp_path / "model.pt").read_bytes() == CONTENT
    assert progress.history[0] == (500_000, len(CONTENT))


def test_a_server_without_ranges_is_read_from_the_start(tmp_path: Path) -> None:
    """A complete answer replaces the partial file, and is not appended to it."""
    (tmp_path / "model.pt.part").write_bytes(CONTENT[:500_000])
    with serving(site(ranges=False)) as server:
        fetch(f"{server.url}/model.pt", tmp_path / "model.pt", SHA256, RecordedProgress())

    assert (tmp_path / "model.pt").read_bytes() == CONTENT


def test_a_partial_file_with_other_content_is_deleted(tmp_path: Path) -> None:
    """If the resumed file has a wrong hash, it is downloaded again from the start."""
    (tmp_path / "model.pt.part").write_bytes(b"x" * 500_000)
    with serving(site()) as server:
        fetch(f"{server.url}/model.pt", tmp_path / "model.pt", SHA256, RecordedProgress())

    assert (tmp_path / "model.pt").read_bytes() == CONTENT
    assert [asked_range for _, _, asked_range in server.history] == ["bytes=500000-", None]


def test_a_partial_file_that_is_complete_needs_no_more_bytes(tmp_path: Path) -> None:
    """If the server answers that nothing is beyond the end, the hash decides."""
    (tmp_path / "model.pt.part").write_bytes(CONTENT)
    with serving(site()) as server:
        fetch(f"{server.url}/model.pt", tmp_path / "model.pt", SHA256, RecordedProgress())

    assert (tmp_path / "model.pt").read_bytes() == CONTENT


def test_a_broken_connection_is_resumed_in_the_same_run(tmp_path: Path) -> None:
    """After each break, the rest is requested."""
    with serving(site(cut_after=4 * PIECE, cuts=2)) as server:
        fetch(f"{server.url}/model.pt", tmp_path / "model.pt", SHA256, RecordedProgress())

    assert (tmp_path / "model.pt").read_bytes() == CONTENT
    assert [asked_range for _, _, asked_range in server.history] == [None, f"bytes={4 * PIECE}-", f"bytes={8 * PIECE}-"]


def test_repeated_breaks_are_an_error_and_keep_the_partial_file(tmp_path: Path) -> None:
    """After several breaks there is an error of one line, and a later run can resume."""
    with serving(site(cut_after=PIECE, cuts=99)) as server, pytest.raises(SourceError, match="breaks off again"):
        fetch(f"{server.url}/model.pt", tmp_path / "model.pt", SHA256, RecordedProgress())

    assert [path.name for path in tmp_path.iterdir()] == ["model.pt.part"]
    assert (tmp_path / "model.pt.part").read_bytes() == CONTENT[: 5 * PIECE]


def test_wrong_content_is_refused_and_deleted(tmp_path: Path) -> None:
    """A file with a wrong hash is an error, and nothing of it is kept."""
    with (
        serving(Site({"/model.pt": b"something else"})) as server,
        pytest.raises(SourceError, match="not the model"),
    ):
        fetch(f"{server.url}/model.pt", tmp_path / "model.pt", SHA256, RecordedProgress())

    assert list(tmp_path.iterdir()) == []


def test_a_page_in_place_of_the_model_is_an_error(tmp_path: Path) -> None:
    """A network's log-in page is not downloaded."""
    page = Site({"/model.pt": b"<html>Please log in</html>"}, content_type="text/html; charset=utf-8")
    with serving(page) as server, pytest.raises(SourceError, match="log-in page"):
        fetch(f"{server.url}/model.pt", tmp_path / "model.pt", SHA256, RecordedProgress())

    assert list(tmp_path.iterdir()) == []


def test_the_error_of_a_missing_file_has_the_servers_answer(tmp_path: Path) -> None:
    """The error names the server and its answer."""
    with serving(Site({})) as server, pytest.raises(SourceError, match=r"^127\.0\.0\.1:\d+ answers 404 Not Found$"):
        fetch(f"{server.url}/model.pt", tmp_path / "model.pt", SHA256, RecordedProgress())


def test_no_server_at_the_address_is_one_line(tmp_path: Path) -> None:
    """The error says that the host does not answer."""
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{port.getsockname()[1]}/model.pt"

        with pytest.raises(SourceError, match="does not answer"):
            fetch(url, tmp_path / "model.pt", SHA256, RecordedProgress())


def test_an_error_of_the_disk_is_not_converted(tmp_path: Path) -> None:
    """An error of the disk stays an ``OSError``, so that no other source is tried in vain."""
    with serving(site()) as server, pytest.raises(FileNotFoundError):
        fetch(f"{server.url}/model.pt", tmp_path / "gone" / "model.pt", SHA256, RecordedProgress())
