from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.batch.messages import Task
from pipeline.batch.storage import remote_files, remote_results
from pipeline.errors import PlaceError
from pipeline.io.atomic import sha256_of
from tests.batch.worker_jobs import task

CHANGED = r"is not as cuemark left it, or not cuemark's; give --overwrite to replace it"


def result_address(bucket: str, end: str = "md") -> str:
    """Return the address of a result of the task."""
    return f"{bucket}/out/season 1/7.{end}"


@pytest.fixture
def seven(bucket: str) -> Task:
    """An episode whose results go to the bucket."""
    return task("season 1/7", f"{bucket}/out", audio=f"{bucket}/in/7.mp3")


def test_an_unedited_result_is_replaced(bucket: str, seven: Task) -> None:
    """A result is written again as long as nobody else has changed it, also if the ledger is lost."""
    for content in (b"one", b"two", b"two"):
        remote_results.write_remote_results({result_address(bucket): content}, [], seven)

    assert remote_files.read_bytes(result_address(bucket)) == b"two"


def test_an_edited_result_is_an_error(bucket: str, seven: Task) -> None:
    """An edited result stays, and no other result is written, unless ``overwrite`` is set."""
    remote_results.write_remote_results({result_address(bucket): b"one"}, [], seven)
    remote_files.write_bytes(result_address(bucket), b"one, corrected")

    with pytest.raises(PlaceError, match=CHANGED):
        remote_results.check_remote_results([result_address(bucket)], [], seven)
    with pytest.raises(PlaceError, match=CHANGED):
        remote_results.write_remote_results(
            {result_address(bucket, "srt"): b"1", result_address(bucket): b"two"}, [], seven
        )
    assert not remote_files.exists(result_address(bucket, "srt"))

    remote_results.write_remote_results({result_address(bucket): b"two"}, [], replace(seven, overwrite=True))
    assert remote_files.read_bytes(result_address(bucket)) == b"two"


def test_an_object_of_another_program_is_an_error(bucket: str, seven: Task) -> None:
    """An object whose hash is neither in the note nor in the ledger is not replaced."""
    remote_files.write_bytes(result_address(bucket), b"mine")

    with pytest.raises(PlaceError, match=CHANGED):
        remote_results.check_remote_results([result_address(bucket)], [], seven)
    remote_results.check_remote_results(
        [result_address(bucket)], [], replace(seven, written={result_address(bucket): sha256_of(b"mine")})
    )


def test_partial_results_of_a_lost_worker_are_replaced(
    bucket: str, seven: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another worker can replace the results of a worker that was lost between two of them, with other contents."""
    contents = {result_address(bucket): b"one", result_address(bucket, "srt"): b"1"}
    whole = remote_files.write_bytes

    def lost(address: str, content: bytes) -> None:
        if address.endswith(".srt"):
            raise KeyboardInterrupt
        whole(address, content)

    with monkeypatch.context() as patch:
        patch.setattr(remote_files, "write_bytes", lost)
        with pytest.raises(KeyboardInterrupt):
            remote_results.write_remote_results(contents, [], seven)
    assert remote_files.read_bytes(result_address(bucket)) == b"one"

    remote_results.check_remote_results(contents, [], seven)
    remote_results.write_remote_results(
        {result_address(bucket): b"two", result_address(bucket, "srt"): b"2"}, [], seven
    )
    assert [remote_files.read_bytes(result_address(bucket, end)) for end in ("md", "srt")] == [b"two", b"2"]


def test_an_invalid_note_is_ignored(bucket: str, seven: Task) -> None:
    """With an invalid note, an object counts as another program's."""
    remote_results.write_remote_results({result_address(bucket): b"one"}, [], seven)
    (note,) = (name for name in remote_files.list_files(seven.folder) if name.startswith(remote_results.NOTES_FOLDER))
    for spoiled in (b"", b"[1]", b"\xff", b'{"a": 1}', b"[" * 100_000):
        remote_files.write_bytes(remote_files.join(seven.folder, note), spoiled)
        with pytest.raises(PlaceError, match=CHANGED):
            remote_results.check_remote_results([result_address(bucket)], [], seven)


def test_a_result_never_replaces_an_input(bucket: str, seven: Task) -> None:
    """A result at the address of an input is an error, even with ``overwrite``."""
    with pytest.raises(PlaceError, match="is the input itself; give another --output-dir"):
        remote_results.check_remote_results(
            [result_address(bucket)], [result_address(bucket)], replace(seven, overwrite=True)
        )
