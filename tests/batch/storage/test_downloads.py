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
    """A server with one episode."""
    return Site(**{"files": {"/7.mp3": CONTENT}, "content_type": "audio/mpeg", **behaviour})  # type: ignore[arg-type]


def untold(done: int, total: int | None) -> None:
    """Listen to no progress."""


def bring(server: Site, folder: Path, promised: int | None = None) -> Downloaded:
    """Download the episode."""
    return download(f"{server.url}/7.mp3", folder, untold, promised)


def refusal(server: Site, folder: Path, promised: int | None = None) -> str:
    """The line with which the episode is refused."""
    with pytest.raises(AudioError) as caught:
        bring(server, folder, promised)
    return str(caught.value)


def left(folder: Path) -> list[str]:
    """The ends of the names of what is in a folder, but for the locks."""
    return sorted("".join(path.suffixes) for path in folder.iterdir() if path.suffix != ".lock")


def test_an_episode_comes_whole(tmp_path: Path) -> None:
    """Gives the file and its length, and leaves nothing beside it."""
    with serving(site()) as server:
        came = bring(server, tmp_path / "downloads", len(CONTENT))

    assert came == Downloaded(came.path, len(CONTENT))
    assert came.path.read_bytes() == CONTENT
    assert left(tmp_path / "downloads") == [".mp3"]


def test_a_file_that_is_there_whole_is_not_asked_for_again(tmp_path: Path) -> None:
    """Takes what an earlier try of the same episode brought."""
    with serving(site()) as server:
        first = bring(server, tmp_path)
        second = bring(server, tmp_path)

    assert first == second
    assert len(server.history) == 1


def test_a_break_is_gone_on_from_if_the_file_is_still_the_same(tmp_path: Path) -> None:
    """Asks for the rest on the condition that it is of the same version."""
    with serving(site(cut_after=4 * PIECE, cuts=1)) as server:
        came = bring(server, tmp_path)

    assert came.path.read_bytes() == CONTENT
    assert [wanted for _, _, wanted in server.history] == [None, f"bytes={4 * PIECE}-"]
    assert server.conditions == [None, f'"{hashlib.sha256(CONTENT).hexdigest()}"']


def test_a_later_run_goes_on_where_the_one_before_ended(tmp_path: Path) -> None:
    """Keeps the piece of a server that broke off again and again, and asks only for what is missing."""
    with serving(site(cut_after=PIECE, cuts=5)) as server:
        line = refusal(server, tmp_path)
        came = bring(server, tmp_path)

    assert line.endswith("breaks off again and again; run it again to go on")
    assert came.path.read_bytes() == CONTENT
    assert server.history[-1][2] == f"bytes={5 * PIECE}-"


def test_a_date_tells_versions_apart_too(tmp_path: Path) -> None:
    """Goes on where a server has no ETag but says when the file was changed."""
    with serving(site(cut_after=4 * PIECE, mark="date")) as server:
        came = bring(server, tmp_path)

    assert came.path.read_bytes() == CONTENT
    assert server.conditions[-1] is not None


@pytest.mark.parametrize("mark", ["strong", "date", "weak", None])
@pytest.mark.parametrize("careless", [False, True])
@pytest.mark.parametrize("ranges", [False, True])
def test_a_file_that_changes_meanwhile_is_never_put_together_from_two(
    tmp_path: Path, mark: str | None, *, careless: bool, ranges: bool
) -> None:
    """Gives the new version whole, whether the server knows about versions and ranges or not."""
    changing = site(cut_after=4 * PIECE, after_cut={"/7.mp3": OTHER}, mark=mark, careless=careless, ranges=ranges)
    with serving(changing) as server:
        came = bring(server, tmp_path)

    assert came.path.read_bytes() == OTHER


def test_a_file_that_becomes_shorter_meanwhile_is_begun_anew(tmp_path: Path) -> None:
    """Does not stop at a server's answer that there is nothing beyond the place where the break was."""
    short = CONTENT[: 2 * PIECE]
    with serving(site(cut_after=4 * PIECE, after_cut={"/7.mp3": short}, careless=True)) as server:
        came = bring(server, tmp_path)

    assert came.path.read_bytes() == short


def test_a_piece_of_unknown_origin_is_not_gone_on_with(tmp_path: Path) -> None:
    """Begins anew where nothing says which version a piece is of."""
    with serving(site()) as server:
        whole = bring(server, tmp_path)
        whole.path.unlink()
        whole.path.with_name(f"{whole.path.name}.part").write_bytes(b"x" * 500_000)
        came = bring(server, tmp_path)

    assert came.path.read_bytes() == CONTENT
    assert server.history[-1][2] is None


def test_what_was_whole_before_a_kill_only_gets_its_name(tmp_path: Path) -> None:
    """Asks nobody where all the bytes came and only the last step is missing."""
    with serving(site(cut_after=PIECE, cuts=5)) as server:
        refusal(server, tmp_path)
        part = next(tmp_path.glob("*.part"))
        part.write_bytes(CONTENT)
        requested = len(server.history)
        came = bring(server, tmp_path)

    assert came.path.read_bytes() == CONTENT
    assert len(server.history) == requested


@pytest.mark.parametrize("frame", ["chunks", "length"])
def test_a_server_that_tells_where_a_file_ends_is_believed(tmp_path: Path, frame: str) -> None:
    """Takes a file in chunks too, which have an end though nobody says how long it is."""
    with serving(site(frame=frame)) as server:
        assert bring(server, tmp_path).path.read_bytes() == CONTENT


def test_chunks_that_break_off_are_no_file(tmp_path: Path) -> None:
    """Begins anew after a break in what has no stated length."""
    with serving(site(frame="chunks", cut_after=4 * PIECE)) as server:
        came = bring(server, tmp_path)

    assert came.path.read_bytes() == CONTENT
    assert [wanted for _, _, wanted in server.history] == [None, None]


def test_a_file_without_an_end_is_refused(tmp_path: Path) -> None:
    """Does not take the end of a connection for the end of a file, unless the feed promised that very length."""
    with serving(site(frame="closing")) as server:
        line = refusal(server, tmp_path)
        came = bring(server, tmp_path, len(CONTENT))

    assert "does not say how long the file is" in line
    assert came.path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("promised", "remarked"), [(0, False), (1, False), (len(CONTENT) + 90_000, True), (len(CONTENT) - 5_000, True)]
)
def test_a_feed_that_is_wrong_about_the_length_is_told_of(tmp_path: Path, promised: int, *, remarked: bool) -> None:
    """Believes the server, says what the feed says, and passes over a length that was never meant."""
    with serving(site()) as server:
        came = bring(server, tmp_path, promised)

    said = f"the audio has {len(CONTENT)} bytes, and its publisher says {promised}"
    assert came.remark == (said if remarked else None)


def test_less_than_half_of_what_is_promised_is_no_episode(tmp_path: Path) -> None:
    """Refuses a file that is much too short, and keeps nothing of it."""
    with serving(site()) as server:
        line = refusal(server, tmp_path, 3 * len(CONTENT))

    assert f"gives {len(CONTENT)} bytes, less than half of the {3 * len(CONTENT)} that the feed promises" in line
    assert left(tmp_path) == []


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    """Says that there is nothing in it."""
    with serving(site(files={"/7.mp3": b""})) as server:
        assert refusal(server, tmp_path).endswith("gives an empty file")


def test_redirections_are_followed_with_their_ranges(tmp_path: Path) -> None:
    """Goes the way of a host that counts downloads, after a break too."""
    with serving(site(cut_after=4 * PIECE)) as host:
        counted = Site({}, redirects={"/7.mp3": f"{host.url}/7.mp3"})
        with serving(counted) as counter:
            came = bring(counter, tmp_path)

    assert came.path.read_bytes() == CONTENT
    assert [wanted for _, _, wanted in host.history] == [None, f"bytes={4 * PIECE}-"]


def test_a_redirection_to_a_file_of_this_machine_is_refused(tmp_path: Path) -> None:
    """Reads nothing of this machine on a server's word."""
    (tmp_path / "secret.mp3").write_bytes(CONTENT)
    with serving(site(redirects={"/7.mp3": (tmp_path / "secret.mp3").as_uri()})) as server:
        assert "cannot be asked" in refusal(server, tmp_path / "downloads")


def test_a_missing_episode_keeps_the_piece_that_is_there(tmp_path: Path) -> None:
    """Says what the server answers, and throws nothing away because of one bad day."""
    with serving(site(cut_after=4 * PIECE, cuts=1, after_cut={"/8.mp3": b""})) as server:
        line = refusal(server, tmp_path)

    assert "answers 404 Not Found" in line
    assert next(tmp_path.glob("*.part")).stat().st_size == 4 * PIECE


def test_a_page_in_place_of_the_audio_is_told_at_once(tmp_path: Path) -> None:
    """Does not take a network's log-in page for an episode."""
    with serving(site(pages=frozenset({"/7.mp3"}))) as server:
        assert "answers with a page, not with a recording" in refusal(server, tmp_path)


def test_the_line_of_a_refusal_has_no_password(tmp_path: Path) -> None:
    """Names the host, and not what a private feed puts before it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(AudioError) as caught:
            download(f"http://ann:secret@{host}/7.mp3", tmp_path, untold)

    assert str(caught.value) == f"http://{host}/7.mp3: {host} does not answer"


def test_an_address_that_is_none_is_refused_in_one_line(tmp_path: Path) -> None:
    """Ends in a line and not in a fault where an address has no meaning."""
    with pytest.raises(AudioError, match="cannot be asked"):
        download("http://[::1/7.mp3", tmp_path, untold)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """Says that it is the disk."""
    (tmp_path / "downloads").write_text("no folder")
    with serving(site()) as server:
        assert "cannot be kept in" in refusal(server, tmp_path / "downloads")


# --- transcripts -------------------------------------------------------------------------------------------------


def test_a_published_transcript_comes_as_one_that_cuemark_reads(tmp_path: Path) -> None:
    """Makes Markdown with labels of subtitles with voices."""
    subtitles = b"WEBVTT\n\n00:00.000 --> 00:02.000\n<v Ann>Hello.\n"
    with serving(Site({"/7.vtt": subtitles}, content_type="text/vtt")) as server:
        path = download_transcript(f"{server.url}/7.vtt", tmp_path)

    assert (path.suffix, path.read_text(encoding="utf-8")) == (".md", "**Ann**: Hello.\n")


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"\x89PNG", "is a picture, not a transcript"), (b"", "is no text"), (b"WEBVTT\n\n", "nobody says anything")],
)
def test_what_is_no_transcript_is_told(tmp_path: Path, content: bytes, reason: str) -> None:
    """Says what lies at the address instead."""
    with serving(Site({"/7.vtt": content})) as server, pytest.raises(TranscriptError, match=reason):
        download_transcript(f"{server.url}/7.vtt", tmp_path)


def test_a_missing_transcript_names_the_answer(tmp_path: Path) -> None:
    """Says what the server answers."""
    with serving(Site({})) as server, pytest.raises(TranscriptError, match="answers 404 Not Found"):
        download_transcript(f"{server.url}/7.vtt", tmp_path)
