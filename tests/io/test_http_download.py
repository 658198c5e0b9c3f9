from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

import pytest

from pipeline.io.http_download import (
    DownloadRequest,
    Received,
    SourceError,
    download,
    host_of,
    read,
    read_head,
    shown,
)
from tests.faults.faulty_server import Fault, FaultKind, FaultySite, serving_faults
from tests.listening.http_servers import Site, serving


def test_a_small_file_comes_with_where_it_came_from() -> None:
    """Gives the bytes and the last of the addresses that led to them."""
    with serving(Site({"/b": b"text"}, redirects={"/a": "/b"})) as server:
        received = read(f"{server.url}/a", 100, "a feed", allow_private=True)

    assert received == Received(f"{server.url}/b", b"text", private=True)


def test_the_first_bytes_of_a_file_are_read() -> None:
    """Asks for no more than that, and takes no more from a server that sends the whole file."""
    for ranges in (True, False):
        with serving(Site({"/a": b"x" * 200_000}, ranges=ranges)) as server:
            head = read_head(f"{server.url}/a", 100, allow_private=True)

        assert 0 < len(head) <= 100
        assert server.history == [("GET", "/a", "bytes=0-99")]


def test_a_private_address_is_refused_in_one_line() -> None:
    """Says which address it is, and what to do."""
    with serving(Site({"/a": b"x"})) as server, pytest.raises(SourceError, match="name it yourself in a manifest"):
        read(f"{server.url}/a", 100, "a feed", allow_private=False)


def test_a_file_that_is_too_large_is_left() -> None:
    """Reads no more than is worth reading, and says who gives too much."""
    with (
        serving(Site({"/a": b"x" * (3 << 20)})) as server,
        pytest.raises(SourceError, match="gives more than 1 MB for a"),
    ):
        read(f"{server.url}/a", 1 << 20, "a feed", allow_private=True)


@pytest.mark.parametrize("url", ["http://[::1/a", "gopher://example.org/a", "http://", "ftp://example.org/a"])
def test_an_address_that_is_none_is_told(url: str) -> None:
    """Ends in one line."""
    with pytest.raises(SourceError, match="cannot be asked"):
        read(url, 100, "a feed", allow_private=True)


def test_nothing_secret_is_shown() -> None:
    """Shows neither a password nor a key, of an address that is none neither."""
    assert host_of("https://ann:secret@example.org:8080/7.mp3") == "example.org:8080"
    assert shown("https://ann:secret@example.org/7.mp3?key=1#x") == "https://example.org/7.mp3"
    assert shown("http://[::1/7.mp3") == "http://[::1/7.mp3"


# --- servers with faults ---------------------------------------------------------------------------------------------

CONTENT = bytes(range(256)) * 1_000


def refusals(kind: FaultKind, folder: Path, at: int = 1_000) -> set[str]:
    """What ``read`` and ``download`` say of a server with this fault, without its address."""
    lines = set[str]()
    with serving_faults(FaultySite({"/a": CONTENT})) as site:
        address, host = f"{site.url}/a", site.url.removeprefix("http://")
        site.faults["/a"] = [Fault(kind, at)]
        with pytest.raises(SourceError) as caught:
            read(address, len(CONTENT), "a feed", allow_private=True)
        lines.add(str(caught.value).removeprefix(host).strip())
        site.faults["/a"] = [Fault(kind, at)]
        with pytest.raises(SourceError) as caught:
            download(
                DownloadRequest(address, folder / "part", "a", folder / "version", allow_private=True), no_progress
            )
        lines.add(str(caught.value).removeprefix(host).strip())
    return lines


def no_progress(done: int, total: int | None) -> None:
    """Ignore the progress."""


@pytest.mark.parametrize("kind", ["cut gzip", "cut gzip in chunks", "cut gzip of stated length"])
def test_compressed_data_that_is_cut_off_is_refused(tmp_path: Path, kind: FaultKind) -> None:
    """The end of the answer is not enough: compressed data must reach its own end."""
    assert refusals(kind, tmp_path) == {"sends compressed data that is cut off; run it again"}


def test_damaged_compressed_data_is_refused(tmp_path: Path) -> None:
    """Its checksum must be right."""
    assert refusals("damaged gzip", tmp_path) == {"sends compressed data that is damaged"}


def test_compressed_data_is_unpacked(tmp_path: Path) -> None:
    """Reads all members of it, also where it was not asked to be compressed."""
    with serving_faults(FaultySite({"/a": CONTENT})) as site:
        site.faults["/a"] = [Fault("unasked gzip", at) for at in (0, 70_000)]
        received = read(f"{site.url}/a", len(CONTENT), "a feed", allow_private=True)
        request = DownloadRequest(f"{site.url}/a", tmp_path / "part", "a", tmp_path / "version", allow_private=True)
        version = download(request, no_progress)

    assert received.content == (tmp_path / "part").read_bytes() == CONTENT
    assert (version.total, version.has_end) == (None, True)


def test_a_part_that_was_not_asked_for_is_refused(tmp_path: Path) -> None:
    """Half of a file is not taken for all of it."""
    assert refusals("unasked range", tmp_path) == {"answers 206 Partial Content"}


@pytest.mark.parametrize("note", ["version", None])
def test_a_server_that_never_has_the_range_is_refused(tmp_path: Path, note: str | None) -> None:
    """Says what it answers, also where nothing was downloaded and no range was asked for."""
    with serving_faults(FaultySite({"/a": CONTENT})) as site:
        site.faults["/a"] = [Fault("416", 0)]
        version_file = tmp_path / note if note else None
        request = DownloadRequest(f"{site.url}/a", tmp_path / "part", "a", version_file, allow_private=True)
        with pytest.raises(SourceError, match=f"answers 416 {HTTPStatus(416).phrase}"):
            download(request, no_progress)


def test_the_words_of_a_server_are_not_shown(tmp_path: Path) -> None:
    """A server may send a page in place of a word, with control characters in it."""
    assert refusals("long reason", tmp_path) == {"answers 500 Internal Server Error"}


def test_a_busy_server_says_how_long_to_wait(tmp_path: Path) -> None:
    """The line has the time after which to try again."""
    assert refusals("429", tmp_path) == {"answers 429 Too Many Requests; it asks to wait 2 s"}


@pytest.mark.parametrize("kind", ["short", "broken chunks"])
def test_an_answer_that_breaks_off_says_so(tmp_path: Path, kind: FaultKind) -> None:
    """A server that breaks off at once is not one that does not answer."""
    assert refusals(kind, tmp_path, at=0) == {"breaks off before the end; run it again"}


@pytest.mark.parametrize("kind", ["reset", "short", "broken chunks", "no HTTP", "refused"])
def test_a_broken_head_of_a_file_is_one_error(kind: FaultKind) -> None:
    """The first bytes do not come, and that is an error of the source as any other."""
    site = FaultySite({"/a": CONTENT}, faults={"/a": [Fault(kind, 0)]})
    with serving_faults(site), pytest.raises(SourceError):
        read_head(f"{site.url}/a", 100, allow_private=True)
