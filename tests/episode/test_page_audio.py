from __future__ import annotations

import re
from base64 import b64decode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.episode.engines import real_engines
from pipeline.episode.page_audio import relative_link, with_page_audio
from pipeline.episode.session import Session
from pipeline.files.store import Store
from pipeline.listening.audio.recording import open_recording
from pipeline.settings.config import Config
from pipeline.writing.transcript_page import HtmlOptions, file_name_url
from tests.listening.conftest import babble, write_sound
from tests.sample_episode import HEARD, Command


def source(page: Path) -> str:
    """The address of the sound in a page."""
    (address,) = re.findall(r'<audio [^>]*src="([^"]*)"', page.read_text(encoding="utf-8"))
    return str(address)


def test_page_links_the_audio_from_its_folder(workspace: Path, cuemark: Command) -> None:
    """The link leads from the folder of the results to the audio, wherever the command was started."""
    outcome = cuemark("align show.mp3 show.md -f html -o results/one", HEARD)

    assert outcome.out == "results/one/show.html\n"
    assert source(workspace / "results" / "one" / "show.html") == "../../show.mp3"


@pytest.mark.parametrize("end", ["", "/"])
def test_show_names_the_folder_of_the_audio(workspace: Path, cuemark: Command, end: str) -> None:
    """The folder in the show's configuration comes before the file's name."""
    (workspace / "cuemark.toml").write_text(f'[html]\naudio_folder_url = "https://example.org/a{end}"\n')
    cuemark("align show.mp3 show.md -f html", HEARD)

    assert source(workspace / "show.html") == "https://example.org/a/show.mp3"


def test_folder_is_an_address_of_the_web(workspace: Path, cuemark: Command) -> None:
    """Anything else is refused: a show's file, which may be a stranger's, names no place on this machine."""
    (workspace / "cuemark.toml").write_text('[html]\naudio_folder_url = "file:///home"\n')
    outcome = cuemark("align show.mp3 show.md -f html")

    assert outcome.status == 2
    assert "audio_folder_url must begin with http:// or https://" in outcome.err


def test_audio_is_embedded_on_request(workspace: Path, cuemark: Command) -> None:
    """With ``--embed-audio`` the page refers to no file."""
    cuemark("align show.mp3 show.md -f html --embed-audio", HEARD)

    assert source(workspace / "show.html").startswith("data:audio/mp4;base64,")


def test_embedded_audio_is_the_recording(tmp_path: Path) -> None:
    """The embedded sound is an MP4 of the recording's length, whatever folder the options name."""
    audio = write_sound(tmp_path / "show.mp3", babble(2))
    config = Config(html=HtmlOptions(audio_folder_url="https://example.org", embed_audio=True))
    writing = with_page_audio(Session(config, real_engines(), Store(tmp_path)), ("html",), audio, "show.mp3")

    embedded = tmp_path / "embedded.m4a"
    embedded.write_bytes(b64decode((writing.audio_url or "").partition(",")[2]))
    assert open_recording(embedded).duration == pytest.approx(2_000, abs=100)


def test_without_a_page_nothing_is_encoded(workspace: Path, cuemark: Command) -> None:
    """``--embed-audio`` without the format does nothing: the audio here could not even be read."""
    assert cuemark("align show.mp3 show.md -f srt --embed-audio", HEARD).status == 0
    assert not (workspace / "show.html").exists()


@pytest.mark.parametrize(
    ("name", "link"),
    [("one two.mp3", "one%20two.mp3"), ("1:2.mp3", "./1%3A2.mp3"), ("a%20b#?.mp3", "a%2520b%23%3F.mp3")],
)
def test_names_are_quoted(tmp_path: Path, name: str, link: str) -> None:
    """A name is one part of a path in the address, whatever signs it has."""
    assert relative_link(tmp_path / name, tmp_path).removeprefix("./") == link.removeprefix("./")


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1))
def test_name_alone_leads_beside_the_page(name: str) -> None:
    """The address of a file beside the page has no scheme and no part that leads elsewhere."""
    assert re.fullmatch(r"\./[A-Za-z0-9_.~%-]+", file_name_url(f"shows/{name}"))
