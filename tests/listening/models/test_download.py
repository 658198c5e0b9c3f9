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


class Told:
    """Keeps what a download tells of its progress."""

    def __init__(self) -> None:
        self.history: list[tuple[int, int | None]] = []

    def __call__(self, done: int, total: int | None) -> None:
        """Note one step."""
        self.history.append((done, total))


def site(**behaviour: object) -> Site:
    """A server with one model."""
    return Site(**{"files": {"/model.pt": CONTENT}, **behaviour})  # type: ignore[arg-type]


def test_a_file_comes_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    """Downloads the content, tells of it up to the last byte, and leaves no piece."""
    told = Told()
    with serving(site()) as server:
        fetch(f"{server.url}/model.pt", tmp_path / "model.pt", SHA256, told)

    assert (tmp_path / "model.pt").read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["model.pt"]
    assert told.history[0] == (0, len(CONTENT))
    assert told.history[-1] == (len(CONTENT), len(CONTENT))


def test_a_piece_of_an_earlier_run_is_gone_on_with(tmp_path: Path) -> None:
    """Asks only for what is missing."""
    (tmp_path / "model.pt.part").write_bytes(CONTENT[:500_000])
    told = Told()
    with serving(site()) as server:
        fetch(f"{server.url}/model.pt", tmp_path / "model.pt", SHA256, told)

    assert server.history == [("GET", "/model.pt", "bytes=500000-")]
    assert (tmp_path / "model.pt").read_bytes() == CONTENT
    assert told.history[0] == (500_000, len(CONTENT))


def test_a_server_that_ignores_ranges_is_taken_from_the_start(tmp_path: Path) -> None:
    """Does not put a whole file behind a piece of it."""
    (tmp_path / "model.pt.part").write_bytes(CONTENT[:500_000])
    with serving(site(ranges=False)) as server:
        fetch(f"{server.url}/model.pt", tmp_path / "model.pt", SHA256, Told())

    assert (tmp_path / "model.pt").read_bytes() == CONTENT


def test_a_piece_of_another_file_is_thrown_away(tmp_path: Path) -> None:
    """Begins anew when what was gone on with turns out to be something else."""
    (tmp_path / "model.pt.part").write_bytes(b"x" * 500_000)
    with serving(site()) as server:
        fetch(f"{server.url}/model.pt", tmp_path / "model.pt", SHA256, Told())

    assert (tmp_path / "model.pt").read_bytes() == CONTENT
    assert [wanted for _, _, wanted in server.history] == ["bytes=500000-", None]


def test_a_piece_that_is_already_whole_needs_no_more_bytes(tmp_path: Path) -> None:
    """Accepts a server's word that there is nothing beyond the end, and checks the hash."""
    (tmp_path / "model.pt.part").write_bytes(CONTENT)
    with serving(site()) as server:
        fetch(f"{server.url}/model.pt", tmp_path / "model.pt", SHA256, Told())

    assert (tmp_path / "model.pt").read_bytes() == CONTENT


def test_a_connection_that_is_cut_is_gone_on_with_in_the_same_run(tmp_path: Path) -> None:
    """Asks for the rest after each break."""
    with serving(site(cut_after=4 * PIECE, cuts=2)) as server:
        fetch(f"{server.url}/model.pt", tmp_path / "model.pt", SHA256, Told())

    assert (tmp_path / "model.pt").read_bytes() == CONTENT
    assert [wanted for _, _, wanted in server.history] == [None, f"bytes={4 * PIECE}-", f"bytes={8 * PIECE}-"]


def test_a_server_that_breaks_off_for_ever_ends_in_one_line_and_keeps_the_piece(tmp_path: Path) -> None:
    """Gives up after some breaks, and a later run goes on from there."""
    with serving(site(cut_after=PIECE, cuts=99)) as server, pytest.raises(SourceError, match="breaks off again"):
        fetch(f"{server.url}/model.pt", tmp_path / "model.pt", SHA256, Told())

    assert [path.name for path in tmp_path.iterdir()] == ["model.pt.part"]
    assert (tmp_path / "model.pt.part").read_bytes() == CONTENT[: 5 * PIECE]


def test_a_wrong_content_is_refused_and_removed(tmp_path: Path) -> None:
    """Never puts a file in place that is not the one it should be."""
    with (
        serving(Site({"/model.pt": b"something else"})) as server,
        pytest.raises(SourceError, match="not the model"),
    ):
        fetch(f"{server.url}/model.pt", tmp_path / "model.pt", SHA256, Told())

    assert list(tmp_path.iterdir()) == []


def test_a_page_in_place_of_the_model_is_told_at_once(tmp_path: Path) -> None:
    """Does not download a network's log-in page."""
    page = Site({"/model.pt": b"<html>Please log in</html>"}, content_type="text/html; charset=utf-8")
    with serving(page) as server, pytest.raises(SourceError, match="log-in page"):
        fetch(f"{server.url}/model.pt", tmp_path / "model.pt", SHA256, Told())

    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_says_what_the_server_answers(tmp_path: Path) -> None:
    """Names the server and its answer."""
    with serving(Site({})) as server, pytest.raises(SourceError, match=r"^127\.0\.0\.1:\d+ answers 404 Not Found$"):
        fetch(f"{server.url}/model.pt", tmp_path / "model.pt", SHA256, Told())


def test_nobody_at_the_address_is_one_line(tmp_path: Path) -> None:
    """Says that the host does not answer."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/model.pt"

        with pytest.raises(SourceError, match="does not answer"):
            fetch(url, tmp_path / "model.pt", SHA256, Told())


def test_a_folder_that_cannot_be_written_is_the_disks_fault(tmp_path: Path) -> None:
    """Leaves an error of the disk as it is, so that no other source is asked in vain."""
    with serving(site()) as server, pytest.raises(FileNotFoundError):
        fetch(f"{server.url}/model.pt", tmp_path / "gone" / "model.pt", SHA256, Told())
