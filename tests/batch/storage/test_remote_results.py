from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.batch.messages import Task
from pipeline.batch.storage import remote_files, remote_results
from pipeline.errors import PlaceError
from pipeline.io.atomic import sha256_of
from tests.batch.worker_jobs import task

CHANGED = r"is not as cuemark left it, or not cuemark's; give --overwrite to replace it"


def place(bucket: str, end: str = "md") -> str:
    """The address of a result of the task."""
    return f"{bucket}/out/season 1/7.{end}"


@pytest.fixture
def seven(bucket: str) -> Task:
    """An episode whose results go to the bucket."""
    return task("season 1/7", f"{bucket}/out", audio=f"{bucket}/in/7.mp3")


def test_our_own_result_is_replaced(bucket: str, seven: Task) -> None:
    """Writes a result again as often as nobody else has touched it, also where the ledger is lost."""
    for content in (b"one", b"two", b"two"):
        remote_results.write_remote_results({place(bucket): content}, [], seven)

    assert remote_files.read_bytes(place(bucket)) == b"two"


def test_a_changed_result_is_refused(bucket: str, seven: Task) -> None:
    """Leaves what somebody has changed since as it is, unless told otherwise."""
    remote_results.write_remote_results({place(bucket): b"one"}, [], seven)
    remote_files.write_bytes(place(bucket), b"one, corrected")

    with pytest.raises(PlaceError, match=CHANGED):
        remote_results.check_remote_results([place(bucket)], [], seven)
    with pytest.raises(PlaceError, match=CHANGED):
        remote_results.write_remote_results({place(bucket, "srt"): b"1", place(bucket): b"two"}, [], seven)
    assert not remote_files.exists(place(bucket, "srt"))

    remote_results.write_remote_results({place(bucket): b"two"}, [], replace(seven, overwrite=True))
    assert remote_files.read_bytes(place(bucket)) == b"two"


def test_what_was_never_ours_is_refused(bucket: str, seven: Task) -> None:
    """Replaces nothing that cuemark did not write, as far as the note beside it and the ledger know."""
    remote_files.write_bytes(place(bucket), b"mine")

    with pytest.raises(PlaceError, match=CHANGED):
        remote_results.check_remote_results([place(bucket)], [], seven)
    remote_results.check_remote_results(
        [place(bucket)], [], replace(seven, written={place(bucket): sha256_of(b"mine")})
    )


def test_the_half_of_a_lost_worker_is_ours(bucket: str, seven: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets another worker go on where the first was lost between two results, and with other contents."""
    contents = {place(bucket): b"one", place(bucket, "srt"): b"1"}
    whole = remote_files.write_bytes

    def lost(address: str, content: bytes) -> None:
        if address.endswith(".srt"):
            raise KeyboardInterrupt
        whole(address, content)

    with monkeypatch.context() as patch:
        patch.setattr(remote_files, "write_bytes", lost)
        with pytest.raises(KeyboardInterrupt):
            remote_results.write_remote_results(contents, [], seven)
    assert remote_files.read_bytes(place(bucket)) == b"one"

    remote_results.check_remote_results(contents, [], seven)
    remote_results.write_remote_results({place(bucket): b"two", place(bucket, "srt"): b"2"}, [], seven)
    assert [remote_files.read_bytes(place(bucket, end)) for end in ("md", "srt")] == [b"two", b"2"]


def test_a_note_that_is_none_protects_all_the_same(bucket: str, seven: Task) -> None:
    """Takes a note that somebody has spoiled for none."""
    remote_results.write_remote_results({place(bucket): b"one"}, [], seven)
    (note,) = (name for name in remote_files.list_files(seven.folder) if name.startswith(remote_results.NOTES_FOLDER))
    for spoiled in (b"", b"[1]", b"\xff"):
        remote_files.write_bytes(remote_files.join(seven.folder, note), spoiled)
        with pytest.raises(PlaceError, match=CHANGED):
            remote_results.check_remote_results([place(bucket)], [], seven)


def test_no_result_falls_on_an_input(bucket: str, seven: Task) -> None:
    """Refuses a result at the address of an input, even with ``overwrite``."""
    with pytest.raises(PlaceError, match="is the input itself; give another --output-dir"):
        remote_results.check_remote_results([place(bucket)], [place(bucket)], replace(seven, overwrite=True))
