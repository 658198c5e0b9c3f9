from __future__ import annotations

import pytest

from pipeline.io.http_download import SourceError, host_of, read, shown
from tests.listening.http_servers import Site, serving


def test_a_small_file_comes_with_where_it_came_from() -> None:
    """Gives the bytes and the last of the addresses that led to them."""
    with serving(Site({"/b": b"text"}, redirects={"/a": "/b"})) as server:
        assert read(f"{server.url}/a", 100, "a feed") == (f"{server.url}/b", b"text")


def test_a_file_that_is_too_large_is_left() -> None:
    """Reads no more than is worth reading, and says who gives too much."""
    with (
        serving(Site({"/a": b"x" * (3 << 20)})) as server,
        pytest.raises(SourceError, match="gives more than 1 MB for a"),
    ):
        read(f"{server.url}/a", 1 << 20, "a feed")


@pytest.mark.parametrize("url", ["http://[::1/a", "gopher://example.org/a", "http://", "ftp://example.org/a"])
def test_an_address_that_is_none_is_told(url: str) -> None:
    """Ends in one line."""
    with pytest.raises(SourceError, match="cannot be asked"):
        read(url, 100, "a feed")


def test_nothing_secret_is_shown() -> None:
    """Shows neither a password nor a key, of an address that is none neither."""
    assert host_of("https://ann:secret@example.org:8080/7.mp3") == "example.org:8080"
    assert shown("https://ann:secret@example.org/7.mp3?key=1#x") == "https://example.org/7.mp3"
    assert shown("http://[::1/7.mp3") == "http://[::1/7.mp3"
