"""The routes over a real server: what each takes and gives, and the sound by ranges."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from pipeline.desk.serving import server as module
from pipeline.desk.serving.host import Host
from pipeline.desk.serving.server import Sound, desk_app
from pipeline.desk.serving.virtual_wav import ByteSpan, Peaks, VirtualWav
from pipeline.files.store import Store
from pipeline.listening.audio.recording import Recording, open_recording
from pipeline.times import Span
from tests.desk.serving.opened_desk import opened
from tests.desk.serving.served import Answer, ask, listening_socket, serving
from tests.episodes.kept_hearing import AUDIO
from tests.excerpts import write_excerpt
from tests.sample_episode import SHOW

INDEX = '<meta name="style-nonce" content="{{nonce}}">'


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """Seven seconds of the example."""
    path = tmp_path_factory.mktemp("sound") / "show.wav"
    return open_recording(write_excerpt(open_recording(AUDIO), Span(60_000, 67_010), path))


@dataclass(frozen=True)
class Desk:
    """A served desk that a page has entered."""

    port: int
    host: Host
    sound: Sound
    path: Path
    cookie: str

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Send a request as the page does."""
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        origin = f"127.0.0.1:{self.port}"
        own = {"Host": origin, "Cookie": self.cookie, "Origin": f"http://{origin}", "Sec-Fetch-Site": "same-origin"}
        return ask(self.port, method, path, own | headers, content)

    def state(self, page: str = "") -> dict[str, Any]:
        """The state, for a page with a name."""
        answer = self.ask("GET", f"/api/state?page={page}")
        assert answer.status == 200
        state: dict[str, Any] = answer.json
        return state

    @contextmanager
    def events(self, page: str = "") -> Generator[Iterator[tuple[str, Any]]]:
        """The stream of events of a page, as long as the block runs."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            origin = f"127.0.0.1:{self.port}"
            connection.request("GET", f"/api/events?page={page}", headers={"Host": origin, "Cookie": self.cookie})
            answer = connection.getresponse()
            assert answer.headers["Content-Type"].startswith("text/event-stream")
            assert answer.readline() + answer.readline() == b": open\n\n"
            yield events_of(answer)
            answer.close()
        finally:
            connection.close()


def events_of(answer: http.client.HTTPResponse) -> Iterator[tuple[str, Any]]:
    """Yield events as they come; comments are named so."""
    while line := answer.readline():
        if line.startswith(b":"):
            yield "comment", None
            assert answer.readline() == b"\n"
        else:
            name = line.decode().removeprefix("event: ").strip()
            yield name, json.loads(answer.readline().removeprefix(b"data: "))
            assert answer.readline() == b"\n"


@contextmanager
def served_desk(folder: Path, recording: Recording, wait: Callable[[], bool] = lambda: True) -> Generator[Desk]:
    """The desk of the sample episode, with the sound of the example; its document is open when ``wait`` says so."""
    path, page = folder / "show.md", folder / "page"
    path.write_text(SHOW)
    page.mkdir()
    for name, text in (("index.html", INDEX), ("desk.js", "let desk;"), ("desk.css", "a {}"), ("secret.txt", "no")):
        (page / name).write_text(text)
    host = opened(path)
    sound = Sound(VirtualWav(recording), Peaks(recording, Store(folder / "store"), lambda: None), asyncio.Event())

    async def ready() -> Host:
        await asyncio.to_thread(wait)
        return host

    with listening_socket() as listener:
        port = listener.getsockname()[1]
        app = desk_app(ready, sound, port, lambda: None, page)
        with serving(app, listener):
            token = app.new_address().partition("#token=")[2]
            origin = f"127.0.0.1:{port}"
            headers = {"Host": origin, "Origin": f"http://{origin}"}
            entered = ask(port, "POST", "/api/enter", headers, json.dumps({"token": token}).encode())
            yield Desk(port, host, sound, path, entered.headers["set-cookie"].partition(";")[0])
            host.pages.end()


@pytest.fixture
def desk(tmp_path: Path, recording: Recording) -> Generator[Desk]:
    """The desk of the sample episode, whose document is open."""
    with served_desk(tmp_path, recording) as desk:
        yield desk


def typed(state: dict[str, Any], text: str) -> dict[str, Any]:
    """Updates that put a text before the state's own."""
    changes = [[0, *text.split("\n")], len(state["text"])]
    return {"version": state["version"], "updates": [{"clientID": "c", "changes": changes}]}


def test_the_page_has_its_nonce(desk: Desk) -> None:
    """The page's own policy permits the nonce that is in it; script and style come as what they are."""
    page, script, style = (desk.ask("GET", path) for path in ("/", "/static/desk.js", "/static/desk.css"))

    nonce = page.content.decode().partition('content="')[2].partition('"')[0]
    assert f"'nonce-{nonce}'" in page.headers["content-security-policy"]
    types = [one.headers["content-type"].partition(";")[0] for one in (page, script, style)]
    assert types == ["text/html", "text/javascript", "text/css"]
    assert (script.content, style.content) == (b"let desk;", b"a {}")


def test_the_page_is_served_before_the_document_is_open(tmp_path: Path, recording: Recording) -> None:
    """The browser reads the script while a long text is read here; its state waits for that, and then is whole."""
    is_open, states = threading.Event(), list[dict[str, Any]]()
    with served_desk(tmp_path, recording, is_open.wait) as desk:
        asking = threading.Thread(target=lambda: states.append(desk.state()))
        asking.start()
        assert [desk.ask("GET", path).status for path in ("/", "/static/desk.js", "/static/desk.css")] == [200] * 3
        assert states == []
        is_open.set()
        asking.join()

    assert [state["text"] for state in states] == [SHOW]


@pytest.mark.parametrize("path", ["/static/secret.txt", "/static/", "/static/../show.md", "/show.md", "/api", "/..%2f"])
def test_nothing_else_is_served(desk: Desk, path: str) -> None:
    """Only the page, its script and style, the document and the sound."""
    assert desk.ask("GET", path).status == 404


def test_the_state_has_what_a_page_shows(desk: Desk) -> None:
    """Names and paths of the files, the text, and every event by its name."""
    state = desk.state()

    assert state["file"] == {"name": "show.md", "path": str(desk.path)}
    assert state["audio"] == {"name": "show.mp3", "duration": 21_000}
    assert (state["text"], state["version"], state["writer"], state["saved_version"]) == (SHOW, 0, True, 0)
    assert {"timing", "labels", "turns", "speakers", "note", "queue", "hearing", "direction", "session"} <= set(state)


def test_typing_and_saving(desk: Desk) -> None:
    """An update gets the next version; a save gets the paths; the file has the text."""
    state = desk.state()

    assert desk.ask("POST", "/api/updates", typed(state, "a\n")).json == {"version": 1}
    assert desk.ask("POST", "/api/updates", typed(state, "b")).status == 409
    saved = desk.ask("POST", "/api/save", {"version": 1, "replace": None})

    assert (saved.status, saved.json["paths"]) == (200, [str(desk.path)])
    assert desk.path.read_text() == "a\n" + SHOW


def test_two_tabs_are_two_pages(desk: Desk) -> None:
    """The second tab of a browser reads only until it takes over."""
    with desk.events("one"):
        first = desk.state("one")
        second = desk.state("two")
        assert (first["writer"], second["writer"]) == (True, False)
        assert desk.ask("POST", "/api/updates?page=two", typed(second, "a")).status == 403
        with desk.events("two"):
            assert desk.ask("POST", "/api/takeover?page=two", {}).json["writer"]
            assert desk.ask("POST", "/api/updates?page=one", typed(first, "a")).status == 403
            assert desk.ask("POST", "/api/updates?page=two", typed(second, "a")).status == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/updates", b""),
        ("/api/updates", b"{"),
        ("/api/updates", b"[" * 5_000),
        ("/api/command", b'{"version": 0, "name": "\xf0"}'),
        ("/api/updates", {"version": 0, "updates": [{"changes": [0]}]}),
        ("/api/updates", {"version": "0", "updates": []}),
        ("/api/updates", {"version": 0, "updates": [{"clientID": "c", "changes": [1]}]}),
        ("/api/caret", {"version": 0, "at": "1"}),
        ("/api/caret", {"version": 0}),
        ("/api/command", {"version": 0}),
        ("/api/command", {"version": 0, "name": "act", "item": 1, "action": None}),
        ("/api/command", {"version": 0, "name": "nothing"}),
        ("/api/save", {"replace": None}),
        ("/api/recover", {"choice": "maybe"}),
    ],
)
def test_what_does_not_fit_is_refused(desk: Desk, path: str, body: object) -> None:
    """Whatever is sent, the answer is one line, and nothing has changed."""
    desk.state()

    answer = desk.ask("POST", path, body)

    assert answer.status == 400
    assert set(answer.json) == {"error"}
    assert (desk.state()["version"], desk.path.read_text()) == (0, SHOW)


def test_a_request_that_is_too_large_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody fills the memory."""
    monkeypatch.setattr(module, "_MOST_BODY_BYTES", 1_000)
    desk.state()

    assert desk.ask("POST", "/api/updates", b" " * 100_000).status == 413


# --- events ------------------------------------------------------------------------------------------------------


def test_events_come_as_they_happen(desk: Desk) -> None:
    """A page that has the state gets what is new, from then on."""
    state = desk.state()
    with desk.events() as events:
        desk.ask("POST", "/api/updates", typed(state, "a\n"))
        names: dict[str, Any] = {}
        for name, value in islice(events, 5):
            names[name] = value
            if {"timing", "labels"} <= names.keys():  # next come comments, one in 15 s
                break

    assert {"timing", "labels"} <= set(names)
    assert names["timing"]["version"] == 1


def test_a_stream_that_has_missed_something_gets_everything(desk: Desk) -> None:
    """A browser that connects again has the same state as one that never was away."""
    with desk.events("unknown") as events:
        names = [next(events)[0] for _ in range(8)]

    assert sorted(names) == ["hearing", "labels", "note", "queue", "settling", "speakers", "timing", "turns"]


def test_a_quiet_stream_is_kept_alive(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Comments come where there are no events."""
    monkeypatch.setattr(module, "KEEP_ALIVE_S", 0.01)
    desk.state()
    with desk.events() as events:
        assert [next(events)[0] for _ in range(3)] == ["comment"] * 3


def test_a_closed_tab_lets_another_one_write(desk: Desk) -> None:
    """The server finds out that the connection is closed, and tells the others."""
    desk.state("one")
    with desk.events("one"):
        assert not desk.state("two")["writer"]
        streams = ExitStack()
        events = streams.enter_context(desk.events("two"))
    with streams:
        assert ("file", {"state": "released"}) in events
        assert desk.state("two")["writer"]


# --- the sound ---------------------------------------------------------------------------------------------------


def test_the_sound_is_served_by_ranges(desk: Desk) -> None:
    """The whole file, a range of it, and one at its end; each says what it is."""
    wav = desk.sound.wav
    content = b"".join(wav.read(ByteSpan(0, wav.size)))

    whole = desk.ask("GET", "/audio.wav")
    assert (whole.status, whole.content) == (200, content)
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["content-type"] == "audio/wav"
    end = wav.size - 1
    for header, first, last in (("bytes=0-", 0, end), ("bytes=9-70000", 9, 70_000), ("bytes=-5", end - 4, end)):
        part = desk.ask("GET", "/audio.wav", Range=header)
        assert (part.status, part.content) == (206, content[first : last + 1])
        assert part.headers["content-range"] == f"bytes {first}-{last}/{wav.size}"
        assert part.headers["content-length"] == str(last + 1 - first)


def test_a_range_behind_the_end_is_not_satisfiable(desk: Desk) -> None:
    """The answer says how long the file is."""
    answer = desk.ask("GET", "/audio.wav", Range="bytes=99999999-")

    assert (answer.status, answer.headers["content-range"]) == (416, f"bytes */{desk.sound.wav.size}")


def test_head_has_the_headers_alone(desk: Desk) -> None:
    """A player may ask for the length first."""
    whole, part = desk.ask("HEAD", "/audio.wav"), desk.ask("HEAD", "/audio.wav", Range="bytes=1-2")

    assert (whole.status, whole.headers["content-length"], whole.content) == (200, str(desk.sound.wav.size), b"")
    assert (part.status, part.headers["content-length"], part.content) == (206, "2", b"")


def test_peaks_are_sent_as_a_whole(desk: Desk) -> None:
    """One octet for each 20 ms."""
    desk.sound.peaks._fill(wait_s=0)

    answer = desk.ask("GET", "/api/peaks")

    assert answer.content == desk.sound.peaks.octets
    assert len(answer.content) == 351


def test_peaks_that_cannot_be_computed_are_silence(desk: Desk) -> None:
    """The page is not left waiting."""
    desk.sound.peaks.failed = True

    assert desk.ask("GET", "/api/peaks").content == bytes(351)
