from __future__ import annotations

import threading
from pathlib import Path

import fsspec
import pytest

from pipeline.batch.storage import remote_files
from pipeline.errors import PlaceError
from pipeline.io.atomic import sha256_of
from pipeline.progress import Step, silent

ODD = (
    "a.mp3",
    "season 1/07 – the slow build.mp3",
    "ü/é 🎙.MP3",
    "star*[ab]?.mp3",
    "{x}.mp3",
    "a#b%20c+d&e.mp3",
    "x::file:///etc/hostname",
    "double//slash.mp3",
    "back\\slash.mp3",
    "../up.mp3",
    "no end",
)
"""Names that are valid for an object, and special in a shell, a pattern, an address or a file system."""


@pytest.fixture
def filled(bucket: str) -> str:
    """A folder of a bucket in which each object's content is its name."""
    for name in ODD:
        remote_files.write_bytes(remote_files.join(f"{bucket}/in", name), name.encode())
    return f"{bucket}/in"


def test_odd_names_are_listed_unchanged(filled: str) -> None:
    """Each object is listed under its own name, with the same fingerprint as in a single request."""
    found = remote_files.list_files(filled)

    assert sorted(found) == sorted(ODD)
    assert remote_files.fingerprints(remote_files.join(filled, name) for name in ODD) == {
        remote_files.join(filled, name): print_ for name, print_ in found.items()
    }


def test_each_object_is_fetched(filled: str, tmp_path: Path) -> None:
    """Each object's own content is copied into the folder and nowhere else, and the suffix is kept."""
    got = {name: remote_files.fetch_file(remote_files.join(filled, name), tmp_path / "here", silent) for name in ODD}

    assert {name: path.read_bytes().decode() for name, path in got.items()} == {name: name for name in ODD}
    assert {path.parent for path in got.values()} == {tmp_path / "here"}
    assert got["a.mp3"].suffix == ".mp3"
    assert got["no end"].suffix == ""


def test_an_unchanged_object_is_not_fetched_again(bucket: str, tmp_path: Path) -> None:
    """The first copy is used until the object changes."""
    address = f"{bucket}/7.mp3"
    remote_files.write_bytes(address, b"one")
    first = remote_files.fetch_file(address, tmp_path, silent)
    steps: list[Step] = []
    same = remote_files.fetch_file(address, tmp_path, steps.append)
    remote_files.write_bytes(address, b"two")
    other = remote_files.fetch_file(address, tmp_path, steps.append)

    assert first == same
    assert (first.read_bytes(), other.read_bytes()) == (b"one", b"two")
    assert steps == [
        Step("fetching 7.mp3", 0, 3, "bytes"),
        Step("fetching 7.mp3", 3, 3, "bytes"),
        Step("fetching 7.mp3", 3, 3, "bytes"),
    ]


def test_parallel_requests_fetch_an_object_once(bucket: str, tmp_path: Path) -> None:
    """One of several threads fetches the object, and the others wait for it."""
    remote_files.write_bytes(f"{bucket}/7.mp3", b"sound" * 1_000_000)
    steps: list[Step] = []
    threads = [
        threading.Thread(target=remote_files.fetch_file, args=(f"{bucket}/7.mp3", tmp_path, steps.append))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(step.done == 0 for step in steps) == 1
    assert {path.stat().st_size for path in tmp_path.glob("*.mp3")} == {5_000_000}


def test_an_object_that_changes_during_the_copy_is_an_error(bucket: str, tmp_path: Path) -> None:
    """Content of two versions is an error, and nothing of it is left."""
    address = f"{bucket}/7.mp3"
    remote_files.write_bytes(address, b"one")

    with pytest.raises(PlaceError, match="it changed meanwhile; run again"):
        remote_files.fetch_file(
            address, tmp_path, lambda step: remote_files.write_bytes(address, b"two") if step.done else None
        )

    assert [path.suffix for path in tmp_path.iterdir()] == [".lock"]


def test_a_path_is_returned_as_it_is(tmp_path: Path) -> None:
    """A path on this machine is returned unchanged, whether or not the file exists."""
    assert remote_files.fetch_file("a/b.mp3", tmp_path / "here", silent) == Path("a/b.mp3")
    assert not (tmp_path / "here").exists()


def test_content_is_read_and_hashed(bucket: str) -> None:
    """All of an object or its beginning is read, and its hash and existence are reported."""
    remote_files.write_bytes(f"{bucket}/7.md", b"Hello there")

    assert remote_files.read_bytes(f"{bucket}/7.md") == b"Hello there"
    assert remote_files.read_bytes(f"{bucket}/7.md", 5) == b"Hello"
    assert remote_files.sha256_at(f"{bucket}/7.md") == sha256_of(b"Hello there")
    assert remote_files.exists(f"{bucket}/7.md")
    assert not remote_files.exists(f"{bucket}/8.md")


def test_a_changed_file_has_another_fingerprint(tmp_path: Path) -> None:
    """The fingerprint has size and time, and a missing file or an invalid name has None."""
    path = tmp_path / "a.md"
    path.write_bytes(b"one")
    before = remote_files.fingerprint(str(path))
    path.write_bytes(b"three")

    assert remote_files.fingerprint(str(path)) != before
    assert remote_files.fingerprints([str(path), f"{path}x", "a\0b"]) == {
        str(path): remote_files.fingerprint(str(path)),
        f"{path}x": None,
        "a\0b": None,
    }


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("s3://no-such-bucket/7.mp3", "s3://no-such-bucket/7.mp3: there is no such file or bucket; check the name"),
        ("s3://show-a/none.mp3", "s3://show-a/none.mp3: there is no such file or bucket; check the name"),
        ("s3://show-a", "s3://show-a: is a folder; give a file in it"),
        ("abc://show/7.mp3", "abc://show/7.mp3: is an address of an unknown kind; give a path, or one such as s3://…"),
        ("memory://7.mp3", "memory://7.mp3: is an address of an unknown kind; give a path, or one such as s3://…"),
        ("file:///etc/hostname", "file:///etc/hostname: give the path alone: /etc/hostname"),
        ("https://a.org/7.mp3", "https://a.org/7.mp3: is an address of the web, from which files are downloaded alone"),
    ],
)
@pytest.mark.usefixtures("bucket")
def test_an_unreadable_address_is_an_error_of_one_line(address: str, said: str, tmp_path: Path) -> None:
    """The error says what is wrong with the address and what to do."""
    with pytest.raises(PlaceError) as caught:
        remote_files.fetch_file(address, tmp_path, silent)

    assert str(caught.value) == said


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says how to install the package, for a supported store and for another one."""

    def missing(scheme: str) -> None:
        raise ImportError(f"Please install what {scheme} needs")

    monkeypatch.setattr(fsspec, "get_filesystem_class", missing)

    with pytest.raises(PlaceError, match=r'needs one more package; in the checkout .*: pip install .* "\.\[s3\]"'):
        remote_files.read_bytes("s3://a/b")
    with pytest.raises(PlaceError, match="gs://a/b: needs one more package: Please install what gs needs"):
        remote_files.read_bytes("gs://a/b")


def test_missing_credentials_are_an_error_of_their_own(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says that credentials are missing, not that the object is."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    fsspec.get_filesystem_class("s3").clear_instance_cache()

    with pytest.raises(PlaceError, match=r"no credentials \(.*\); log in as for the store's own tools"):
        remote_files.write_bytes(f"{bucket}/7.mp3", b"one")


def test_an_error_of_the_local_disk_names_the_folder(bucket: str, tmp_path: Path) -> None:
    """The error is about this machine's folder, not about the store."""
    remote_files.write_bytes(f"{bucket}/7.mp3", b"one")
    (tmp_path / "file").touch()

    with pytest.raises(PlaceError, match=rf"7.mp3: cannot be kept in {tmp_path}/file \(File exists\)"):
        remote_files.fetch_file(f"{bucket}/7.mp3", tmp_path / "file", silent)
