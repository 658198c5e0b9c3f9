from __future__ import annotations

import hashlib
import socket
from pathlib import Path

import pytest

from pipeline.batch.storage.downloads import Downloaded, download, download_transcript
from pipeline.errors import AudioError, TranscriptError
from tests.listening.http_servers import Site, serving

CONTENT = bytes(range(256)) * 4_000
OTHER = bytes(reversed(CONTENT))
PIECE = 1 << 16


def site(**behaviour: object) -> Site:
    """Return a server with one episode."""
    return Site(**{"files": {"/7.mp3": CONTENT}, "content_type": "audio/mpeg", **behaviour})  # type: ignore[arg-type]


def ignore_progress(done: int, total: int | None) -> None:
    """Ignore the progress."""


def fetch(server: Site, folder: Path, promised: int | None = None) -> Downloaded:
    """Download the episode."""
    return download(f"{server.url}/7.mp3", folder, ignore_progress, promised, allow_private=True)


def refusal(server: Site, folder: Path, promised: int | None = None) -> str:
    """Return the error message of the episode."""
    with pytest.raises(AudioError) as caught:
        fetch(server, folder, promised)
    return str(caught.value)


def left(folder: Path) -> list[str]:
    """Return the suffixes of the files in a folder, except locks."""
    return sorted("".join(path.suffixes) for path in folder.iterdir() if path.suffix != ".lock")


def test_an_episode_is_downloaded(tmp_path: Path) -> None:
    """The file and its length are returned, and no other file is left."""
    with serving(site()) as server:
        downloaded = fetch(server, tmp_path / "downloads", len(CONTENT))

    assert downloaded == Downloaded(downloaded.path, len(CONTENT))
    assert downloaded.path.read_bytes() == CONTENT
    assert left(tmp_path / "downloads") == [".mp3"]


def test_a_complete_file_is_not_downloaded_again(tmp_path: Path) -> None:
    """The file of an earlier attempt is used without a request."""
    with serving(site()) as server:
        first = fetch(server, tmp_path)
        second = fetch(server, tmp_path)

    assert first == second
    assert len(server.history) == 1


def test_an_interrupted_download_is_resumed_if_the_version_is_the_same(tmp_path: Path) -> None:
    """The rest is requested with the version as a condition."""
    with serving(site(cut_after=4 * PIECE, cuts=1)) as server:
        downloaded = fetch(server, tmp_path)

    assert downloaded.path.read_bytes() == CONTENT
    assert [asked_range for _, _, asked_range in server.history] == [None, f"bytes={4 * PIECE}-"]
    assert server.conditions == [None, f'"{hashlib.sha256(CONTENT).hexdigest()}"']


def test_a_later_run_resumes_a_partial_download(tmp_path: Path) -> None:
    """The part from a server that broke off repeatedly is kept, and only the rest is requested."""
    with serving(site(cut_after=PIECE, cuts=5)) as server:
        line = refusal(server, tmp_path)
        downloaded = fetch(server, tmp_path)

    assert line.endswith("breaks off again and again; run it again to go on")
    assert downloaded.path.read_bytes() == CONTENT
    assert server.history[-1][2] == f"bytes={5 * PIECE}-"


def test_a_modification_date_identifies_the_version(tmp_path: Path) -> None:
    """A download is resumed if the server has no ETag but states the modification date."""
    with serving(site(cut_after=4 * PIECE, mark="date")) as server:
        downloaded = fetch(server, tmp_path)

    assert downloaded.path.read_bytes() == CONTENT
    assert server.conditions[-1] is not None


@pytest.mark.parametrize("mark", ["strong", "date", "weak", None])
@pytest.mark.parametrize("careless", [False, True])
@pytest.mark.parametrize("ranges", [False, True])
def test_a_changed_file_is_never_joined_from_two_versions(
    tmp_path: Path, mark: str | None, *, careless: bool, ranges: bool
) -> None:
    """The new version is downloaded completely, whatever the server supports of versions and ranges."""
    changing = site(cut_after=4 * PIECE, after_cut={"/7.mp3": OTHER}, mark=mark, careless=careless, ranges=ranges)
    with serving(changing) as server:
        downloaded = fetch(server, tmp_path)

    assert downloaded.path.read_bytes() == OTHER


def test_a_file_that_became_shorter_is_downloaded_again(tmp_path: Path) -> None:
    """The answer that nothing follows the part's end does not complete the download."""
    short = CONTENT[: 2 * PIECE]
    with serving(site(cut_after=4 * PIECE, after_cut={"/7.mp3": short}, careless=True)) as server:
        downloaded = fetch(server, tmp_path)

    assert downloaded.path.read_bytes() == short


def test_a_part_of_unknown_version_is_not_resumed(tmp_path: Path) -> None:
    """The download starts from the beginning if the version of the part is unknown."""
    with serving(site()) as server:
        whole = fetch(server, tmp_path)
        whole.path.unlink()
        whole.path.with_name(f"{whole.path.name}.part").write_bytes(b"x" * 500_000)
        downloaded = fetch(server, tmp_path)

    assert downloaded.path.read_bytes() == CONTENT
    assert server.history[-1][2] is None


def test_a_complete_part_is_only_renamed(tmp_path: Path) -> None:
    """No request is made if all bytes were downloaded before the run was killed."""
    with serving(site(cut_after=PIECE, cuts=5)) as server:
        refusal(server, tmp_path)
        part = next(tmp_path.glob("*.part"))
        part.write_bytes(CONTENT)
        requested = len(server.history)
        downloaded = fetch(server, tmp_path)

    assert downloaded.path.read_bytes() == CONTENT
    assert len(server.history) == requested


@pytest.mark.parametrize("frame", ["chunks", "length"])
def test_a_transfer_with_a_defined_end_is_complete(tmp_path: Path, frame: str) -> None:
    """A chunked transfer is complete, too: it has an end without a stated length."""
    with serving(site(frame=frame)) as server:
        assert fetch(server, tmp_path).path.read_bytes() == CONTENT


def test_an_interrupted_chunked_transfer_starts_again(tmp_path: Path) -> None:
    """After a break in a transfer without a stated length, the download starts from the beginning."""
    with serving(site(frame="chunks", cut_after=4 * PIECE)) as server:
        downloaded = fetch(server, tmp_path)

    assert downloaded.path.read_bytes() == CONTENT
    assert [asked_range for _, _, asked_range in server.history] == [None, None]


def test_a_transfer_without_a_defined_end_is_an_error(tmp_path: Path) -> None:
    """The end of the connection is not the end of the file, unless the feed states exactly this length."""
    with serving(site(frame="closing")) as server:
        line = refusal(server, tmp_path)
        downloaded = fetch(server, tmp_path, len(CONTENT))

    assert "does not say how long the file is" in line
    assert downloaded.path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("promised", "remarked"), [(0, False), (1, False), (len(CONTENT) + 90_000, True), (len(CONTENT) - 5_000, True)]
)
def test_a_wrong_length_in_the_feed_is_a_remark(tmp_path: Path, promised: int, *, remarked: bool) -> None:
    """The server's length counts, the feed's other length is a remark, and a placeholder is ignored."""
    with serving(site()) as server:
        downloaded = fetch(server, tmp_path, promised)

    said = f"the audio has {len(CONTENT)} bytes, and its publisher says {promised}"
    assert downloaded.remark == (said if remarked else None)


def test_less_than_half_of_the_feeds_length_is_an_error(tmp_path: Path) -> None:
    """A file that is much too short is an error, and nothing of it is kept."""
    with serving(site()) as server:
        line = refusal(server, tmp_path, 3 * len(CONTENT))

    assert f"gives {len(CONTENT)} bytes, less than half of the {3 * len(CONTENT)} that the feed promises" in line
    assert left(tmp_path) == []


def test_an_empty_file_is_an_error(tmp_path: Path) -> None:
    """The error says that the file is empty."""
    with serving(site(files={"/7.mp3": b""})) as server:
        assert refusal(server, tmp_path).endswith("gives an empty file")


def test_ranges_are_requested_after_redirections(tmp_path: Path) -> None:
    """A host that counts downloads redirects the first request and the one that resumes."""
    with serving(site(cut_after=4 * PIECE)) as host:
        counted = Site({}, redirects={"/7.mp3": f"{host.url}/7.mp3"})
        with serving(counted) as counter:
            downloaded = fetch(counter, tmp_path)

    assert downloaded.path.read_bytes() == CONTENT
    assert [asked_range for _, _, asked_range in host.history] == [None, f"bytes={4 * PIECE}-"]


def test_a_redirection_to_a_local_file_is_an_error(tmp_path: Path) -> None:
    """A server cannot make cuemark read a file of this machine."""
    (tmp_path / "secret.mp3").write_bytes(CONTENT)
    with serving(site(redirects={"/7.mp3": (tmp_path / "secret.mp3").as_uri()})) as server:
        assert "cannot be asked" in refusal(server, tmp_path / "downloads")


def test_an_error_answer_keeps_the_partial_download(tmp_path: Path) -> None:
    """The error is the server's answer, and the part is kept for a later attempt."""
    with serving(site(cut_after=4 * PIECE, cuts=1, after_cut={"/8.mp3": b""})) as server:
        line = refusal(server, tmp_path)

    assert "answers 404 Not Found" in line
    assert next(tmp_path.glob("*.part")).stat().st_size == 4 * PIECE


def test_a_page_in_place_of_the_audio_is_an_error(tmp_path: Path) -> None:
    """A network's log-in page is not downloaded as an episode."""
    with serving(site(pages=frozenset({"/7.mp3"}))) as server:
        assert "answers with a page, not with a recording" in refusal(server, tmp_path)


def test_the_error_has_no_password(tmp_path: Path) -> None:
    """The error has the host without the user and password of a private feed."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(AudioError) as caught:
            download(f"http://ann:secret@{host}/7.mp3", tmp_path, ignore_progress, allow_private=True)

    assert str(caught.value) == f"http://{host}/7.mp3: {host} does not answer"


def test_an_invalid_address_is_an_error(tmp_path: Path) -> None:
    """An invalid address is an error of one line, not an exception of a library."""
    with pytest.raises(AudioError, match="cannot be asked"):
        download("http://[::1/7.mp3", tmp_path, ignore_progress, allow_private=True)


def test_a_folder_that_cannot_be_created_is_an_error(tmp_path: Path) -> None:
    """The error names the folder."""
    (tmp_path / "downloads").write_text("no folder")
    with serving(site()) as server:
        assert "cannot be kept in" in refusal(server, tmp_path / "downloads")


# --- transcripts -------------------------------------------------------------------------------------------------


def test_a_published_transcript_is_converted(tmp_path: Path) -> None:
    """Subtitles with voice tags become Markdown with speaker labels."""
    subtitles = b"WEBVTT\n\n00:00.000 --> 00:02.000\n<v Ann>Hello.\n"
    with serving(Site({"/7.vtt": subtitles}, content_type="text/vtt")) as server:
        path = download_transcript(f"{server.url}/7.vtt", tmp_path, allow_private=True)

    assert (path.suffix, path.read_text(encoding="utf-8")) == (".md", "**Ann**: Hello.\n")


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"\x89PNG", "is a picture, not a transcript"), (b"", "is no text"), (b"WEBVTT\n\n", "nobody says anything")],
)
def test_another_file_is_not_a_transcript(tmp_path: Path, content: bytes, reason: str) -> None:
    """The error says what the file is instead."""
    with serving(Site({"/7.vtt": content})) as server, pytest.raises(TranscriptError, match=reason):
        download_transcript(f"{server.url}/7.vtt", tmp_path, allow_private=True)


def test_the_error_of_a_missing_transcript_has_the_answer(tmp_path: Path) -> None:
    """The error is the server's answer."""
    with serving(Site({})) as server, pytest.raises(TranscriptError, match="answers 404 Not Found"):
        download_transcript(f"{server.url}/7.vtt", tmp_path, allow_private=True)


@pytest.mark.parametrize("end", [".mp3", ".mp3.part", ".mp3.note", ".mp3.lock"])
@pytest.mark.parametrize("target", ["private", "not there yet"])
def test_planted_link_is_not_followed(tmp_path: Path, end: str, target: str) -> None:
    """A link with the name of a download, of its part, its note or its lock leads nowhere: that episode fails."""
    with serving(site()) as server:
        stem = fetch(server, tmp_path / "first").path.stem
        folder = tmp_path / "downloads"
        folder.mkdir()
        (tmp_path / "private").write_text("mine")
        (folder / f"{stem}{end}").symlink_to(tmp_path / target)
        reason = refusal(server, folder)

    assert "cannot be kept in" in reason
    assert (tmp_path / "private").read_text() == "mine"
    assert not (tmp_path / "not there yet").exists()


def test_planted_link_of_a_transcript_is_not_followed(tmp_path: Path) -> None:
    """A link with the name of a downloaded transcript that leads out of the folder is not written through."""
    folder = tmp_path / "downloads"
    folder.mkdir()
    with serving(site(files={"/7.md": b"**Ann**: text"}, content_type="text/markdown")) as server:
        name = download_transcript(f"{server.url}/7.md", tmp_path / "first", allow_private=True).name
        (folder / name).symlink_to(tmp_path / "new")
        with pytest.raises(TranscriptError, match="a link leads out of the folder"):
            download_transcript(f"{server.url}/7.md", folder, allow_private=True)

    assert not (tmp_path / "new").exists()
