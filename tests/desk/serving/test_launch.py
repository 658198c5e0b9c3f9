"""The real command as a process, without a browser: from its first line to its end, whatever the end is."""

from __future__ import annotations

import gc
import shutil
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from pipeline.cli import main
from pipeline.times import Span
from tests.desk.serving.desk_program import ENGINES, SLOWNESS
from tests.desk.serving.running_desk import RunningDesk, running_desk
from tests.episodes.kept_hearing import AUDIO, TRANSCRIPT, kept_hearing
from tests.sample_episode import contents

SHOW = ("show.mp3", "show.md", "--no-voices", "--no-browser")
TYPO, RIGHT = "kettle", "KETTLE"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the example episode, with CR LF at the ends of its lines."""
    folder = tmp_path / "show"
    folder.mkdir()
    shutil.copy(AUDIO, folder / "show.mp3")
    (folder / "show.md").write_bytes(TRANSCRIPT.read_bytes().replace(b"\n", b"\r\n"))
    return folder


def content(folder: Path) -> bytes:
    """The bytes of the transcript."""
    return (folder / "show.md").read_bytes()


def journals(home: Path) -> list[Path]:
    """The journals in the user's folder."""
    return list((home / "desk").glob("*.journal"))


def wait_for_time(desk: RunningDesk, version: int, at: int, said: Span) -> None:
    """Wait until everything was heard, and the word at a place has the time when it is said."""
    finished = found = False
    silences = 0
    with desk.events() as events:
        desk.state()  # it sends all events too
        for name, event in events:
            if name == "hearing":
                finished = event["finished"]
            elif name == "timing" and event["version"] == version:
                times = [
                    (start, end) for place, _, start, end, _ in event["words"] if place == at and start is not None
                ]
                found = found or any(max(abs(start - said.start), abs(end - said.end)) < 300 for start, end in times)
            elif name == "comment":
                silences += 1
                assert silences < 12, "nothing came for three minutes"
            if finished and found:
                return
    raise AssertionError


def test_an_episode_is_typed_and_saved(folder: Path, own_home: Path) -> None:
    """Enter, read, type, get the new times, save: untouched lines keep their bytes, and nothing is left over."""
    before = content(folder)
    with running_desk(folder, *SHOW, "-f", "srt", "-o", "out") as desk:
        address = desk.address()
        assert desk.enter(address).status == 204
        assert RunningDesk(desk.process).enter(address).status == 401
        first = desk.state()
        assert (first["version"], first["writer"], first["saved_version"], first["recovery"]) == (0, True, 0, None)
        assert first["text"] == before.decode().replace("\r\n", "\n")
        assert desk.type(TYPO, RIGHT + "\nand") == 1
        (said,) = (word.span for word in kept_hearing().words if word.text.strip(" ,.").lower() == "biscuits")
        wait_for_time(desk, 1, first["text"].index("biscuits") + len("\nand"), said)
        saved = desk.ask("POST", "/api/save", {"version": 1, "replace": None})
        assert (saved.status, saved.json["paths"]) == (200, ["show.md", "out/show.srt"])
        again = desk.line("desk: open; for another browser: ")
        assert desk.interrupt() == 0

    assert content(folder) == before.replace(TYPO.encode(), f"{RIGHT}\r\nand".encode(), 1)
    assert "-->" in (folder / "out" / "show.srt").read_text()
    assert journals(own_home) == []
    assert again.startswith(address.partition("#")[0])
    assert again != address


def test_what_is_not_saved_survives_any_end(folder: Path, own_home: Path) -> None:
    """Ctrl-C says where it is, and kill -9 loses nothing either: the next start offers it, at the same address."""
    before = content(folder)
    with running_desk(folder, *SHOW) as desk:
        desk.enter(desk.address())
        desk.state()
        desk.type(TYPO, RIGHT)
        port = desk.port
        assert desk.interrupt() == 130
    (journal,) = journals(own_home)
    what = f"not everything is saved; it is in {journal}, and the next cuemark desk offers it"
    assert desk.lines[-1] == f"show.md: {what}"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (journal, journal.parent)] == [0o600, 0o700]

    with running_desk(folder, *SHOW) as desk:
        desk.enter(desk.address())
        assert desk.port == port
        assert desk.state()["recovery"]["changes"] == 1
        assert RIGHT in desk.ask("POST", "/api/recover", {"choice": "restore"}).json["text"]
        desk.type("biscuits", "cookies")
        children = psutil.Process(desk.process.pid).children(recursive=True)
        assert len(children) >= 2
        desk.process.kill()
        desk.wait()
        _, alive = psutil.wait_procs(children, timeout=60)
        assert alive == []

    assert content(folder) == before
    with running_desk(folder, *SHOW) as desk:
        desk.enter(desk.address())
        recovery = desk.state()["recovery"]
        assert (recovery["changes"], recovery["same_file"]) == (2, True)
        assert "cookies" in desk.ask("POST", "/api/recover", {"choice": "restore"}).json["text"]
        assert desk.ask("POST", "/api/save", {"version": 0, "replace": None}).status == 200
        assert desk.interrupt() == 0
    assert content(folder) == before.replace(TYPO.encode(), RIGHT.encode(), 1).replace(b"biscuits", b"cookies", 1)


def test_a_second_desk_reads_until_it_takes_over(folder: Path) -> None:
    """The second desk says so; after it has taken over, the first one writes nothing, and ends well."""
    with running_desk(folder, *SHOW) as first:
        first.enter(first.address())
        first.state()
        first.type(TYPO, RIGHT)
        with running_desk(folder, *SHOW) as second:
            second.line("show.md: another desk has it open; this one only shows it until it takes it over")
            second.enter(second.address())
            assert second.port != first.port
            assert not second.state()["writer"]
            with first.events() as events:
                taken = second.ask("POST", "/api/takeover", {}).json
                assert (taken["writer"], taken["recovery"]["changes"]) == (True, 1)
                assert ("file", {"state": "taken-over"}) in events
            answer = first.ask("POST", "/api/save", {"version": 1, "replace": None})
            assert (answer.status, first.interrupt()) == (403, 0)
            second.ask("POST", "/api/recover", {"choice": "discard"})
            assert second.interrupt() == 0


def test_the_page_is_there_while_listening_goes_on(folder: Path) -> None:
    """Words come as they are heard, and the progress says which part of the sound that is."""
    with running_desk(folder, *SHOW, variables={SLOWNESS: "1"}) as desk:
        desk.enter(desk.address())
        state = desk.state()
        assert not state["hearing"]["finished"]
        heard = []
        with desk.events() as events:
            for name, event in events:
                if name == "hearing" and event["heard"]:
                    heard.append(event["heard"][0][1])
                    if event["finished"]:
                        break
        assert heard == sorted(heard)
        assert len(set(heard)) > 2
        assert heard[-1] == state["audio"]["duration"]
        assert desk.ask("GET", "/api/peaks").content != b""
        assert desk.interrupt() == 0


def test_a_new_transcript_is_begun(folder: Path) -> None:
    """It has the title of the audio and the style of the show, from the first label on; saving creates it."""
    (folder / "like.md").write_text("# Our Show\n\n00:01 - Ann: hi\n\n00:09 - Bo: ho\n\n00:12 - Ann: so\n")
    with running_desk(folder, "show.mp3", "new.md", *SHOW[2:], "--like", "like.md") as desk:
        desk.enter(desk.address())
        state = desk.state()
        assert (state["text"], state["saved_version"]) == ("# show\n\n<!-- Continue at 00:00! -->\n", None)
        command = {"version": 0, "name": "speaker", "at": len("# show\n"), "to": "Cy"}
        assert desk.ask("POST", "/api/command", command).json["changes"][1] == [
            0,
            "",
            "Cy: ",
            "",
        ]
        assert desk.interrupt() == 0
    assert not (folder / "new.md").exists()


def test_a_document_that_was_open_opens_with_its_times(folder: Path, own_home: Path) -> None:
    """The page's first state has them, before any process has computed anything; also where the text has changed."""
    with running_desk(folder, *SHOW) as desk:
        desk.enter(desk.address())
        (said,) = (word.span for word in kept_hearing().words if word.text.strip(" ,.").lower() == "biscuits")
        text = desk.state()["text"]
        wait_for_time(desk, 0, text.index("biscuits"), said)
        first = desk.state()
        while not (kept := list((own_home / "desk").glob("*.alignment"))):  # until the last that is heard is aligned
            time.sleep(0.1)
        assert desk.interrupt() == 0
    assert [stat.S_IMODE(path.stat().st_mode) for path in kept] == [0o600]

    with running_desk(folder, *SHOW) as desk:
        desk.enter(desk.address())
        again = desk.state()
        desk.interrupt()
    assert [again[name] for name in ("timing", "queue", "note", "turns")] == [
        first[name] for name in ("timing", "queue", "note", "turns")
    ]

    (folder / "show.md").write_bytes(content(folder).replace(b"biscuits", b"cookies"))
    with running_desk(folder, *SHOW) as desk:
        desk.enter(desk.address())
        changed = desk.state()
        desk.interrupt()
    assert abs(len(changed["timing"]["words"]) - len(first["timing"]["words"])) < 9
    with running_desk(folder, *SHOW, "--language", "en") as desk:
        desk.enter(desk.address())
        assert desk.state()["timing"]["words"] == []  # with other options it is another alignment
        desk.interrupt()


@pytest.mark.parametrize("in_place", [False, True], ids=("beside", "in-place"))
def test_a_document_that_was_aligned_opens_with_its_times(folder: Path, in_place: bool) -> None:  # noqa: FBT001
    """The first time, too, and where align has written the times into it; listening then begins beside the page."""
    words = ("--in-place", "-f", "srt") if in_place else ("-f", "srt")
    audio, transcript = str(folder / "show.mp3"), str(folder / "show.md")
    aligned = ["align", audio, transcript, "--no-voices", "-o", str(folder / "out"), *words]
    assert main(aligned, ENGINES) == 0

    with running_desk(folder, *SHOW) as desk:
        desk.enter(desk.address())
        first = desk.state()
        (said,) = (word.span for word in kept_hearing().words if word.text.strip(" ,.").lower() == "biscuits")
        wait_for_time(desk, 0, first["text"].index("biscuits"), said)
        later = desk.state()
        desk.interrupt()

    assert (first["timing"], first["note"], first["turns"]) == (later["timing"], later["note"], later["turns"])
    assert first["queue"]["items"]


BROWSER = """\
#!{python}
import os, sys
from pathlib import Path
page = Path(sys.argv[1].removeprefix("file://"))
text = page.read_text() + oct(page.stat().st_mode)
Path("opened.part").write_text("\\n".join([" ".join(sys.argv), text]))
os.replace("opened.part", "opened")
"""


def test_the_browser_gets_a_file_and_no_token(folder: Path) -> None:
    """What the browser is started with can be seen by everybody: it is the path of a file that only its owner reads."""
    browser = folder / "browser"
    browser.write_text(BROWSER.format(python=sys.executable))
    browser.chmod(0o755)
    variables = {"BROWSER": f"{browser} %s", "DISPLAY": ":99"}
    with running_desk(folder, *SHOW[:3], variables=variables) as desk:
        address = desk.address()
        end = time.monotonic() + 120
        while not (folder / "opened").exists():
            assert desk.process.poll() is None
            assert time.monotonic() < end, "the browser was not started"
            time.sleep(0.02)
        arguments, text = (folder / "opened").read_text().split("\n", 1)
        assert address.partition("#token=")[2] not in arguments
        assert f'url={address}"' in text
        assert text.endswith("0o100600")
        assert Path(arguments.split()[1].removeprefix("file://")).exists()
        desk.enter(address)
        desk.line("desk: open")
        assert not Path(arguments.split()[1].removeprefix("file://")).exists()
        assert desk.interrupt() == 0


def test_a_file_of_another_program_is_opened_as_markdown(folder: Path) -> None:
    """Subtitles are converted to Markdown beside them, and that is what the page edits."""
    (folder / "talk.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nAnn Lee: Put the kettle on.\n")

    with running_desk(folder, "show.mp3", "talk.srt", "--no-browser") as desk:
        desk.enter(desk.address())
        text = desk.state()["text"]

    assert "talk.srt is a file of subtitles (SRT): it was converted to talk.md, which is opened" in desk.lines[0]
    assert text == (folder / "talk.md").read_text()
    assert "Put the kettle on." in text


@pytest.fixture
def own_collection() -> Iterator[None]:
    """A desk looks for unused objects less often; the process of the tests goes on as before."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.parametrize(
    ("words", "status", "line"),
    [
        (("gone.mp3", "show.md"), 1, "cuemark: gone.mp3: "),
        (("show.mp3", "gone/show.md"), 1, "cuemark: gone/show.md: "),
        (("show.mp3", "show.mp3"), 1, "cuemark: show.mp3: "),
        (("show.mp3", "show.md", "--port", "0"), 2, "cuemark: command line: "),
        (("show.mp3", "show.md", "--model", "none"), 2, "cuemark: --model none: "),
        (("show.mp3", "show.md", "-f", "doc"), 2, "cuemark: --output-format: "),
        (("show.mp3", "show.md", "--track", "Ann=gone.wav"), 1, "cuemark: gone.wav: "),
        (("show.mp3", "show.md", "--track", "gone.wav"), 2, "cuemark: --track gone.wav: "),
        (("show.mp3", "show.md", "--no-voices", "--voice-book", "garden"), 2, "cuemark: --voice-book: "),
        (("show.mp3", "show.md", "--model", "base.en", "--language", "de"), 2, "cuemark: model base.en: "),
    ],
)
@pytest.mark.usefixtures("own_collection")
def test_what_cannot_be_opened_is_refused(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    status: int,
    line: str,
) -> None:
    """One line, before a browser is opened or anything is written. In this process: nothing is started."""
    monkeypatch.chdir(folder)
    before = contents(folder)

    assert main(["desk", *words, "--no-browser"], ENGINES) == status

    assert capsys.readouterr().err.splitlines()[-1].startswith(line)
    assert contents(folder) == before
