"""A server with the desk's routes and canned answers, so that the page is tested alone and can be given every fault."""

from __future__ import annotations

import io
import json
import queue
import re
import secrets
import threading
import wave
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "pipeline" / "desk" / "page"
TYPES = {"html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}
BYTES_A_SECOND = 32_000
"""16 kHz, 16 bit, mono."""

Json = dict[str, object]
Event = tuple[str, Json]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word as it is said, with the sentence's and the turn's end."""

    text: str
    start: int
    end: int
    end_of: str = "word"
    lead: str = " "
    """What stands before it: a space, or the line breaks and the label of a new turn."""


def units(text: str) -> int:
    """The length in UTF-16 code units, which is what the page counts."""
    return len(text.encode("utf-16-le")) // 2


def sliced(text: str, start: int, end: int) -> str:
    """Part of a text between two positions in UTF-16 code units."""
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le", "surrogatepass")


def applied(text: str, changes: list[int | list[int | str]]) -> str:
    """The text after a change set in the JSON of CodeMirror."""
    result, at = [], 0
    for part in changes:
        kept, lines = (part, None) if isinstance(part, int) else (int(part[0]), [str(line) for line in part[1:]])
        if lines is None:
            result.append(sliced(text, at, at + kept))
        else:
            result.append("\n".join(lines))
        at += kept
    assert at == units(text), "a change set covers the whole text"
    return "".join(result)


def silence(seconds: float) -> bytes:
    """A WAV file without a sound."""
    target = io.BytesIO()
    with wave.open(target, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(BYTES_A_SECOND // 2)
        sound.writeframes(bytes(int(seconds * BYTES_A_SECOND) // 2 * 2))
    return target.getvalue()


LABEL = re.compile(r"^\*\*([^*\n]+?):?\*\*:?", re.MULTILINE)


def word_marks(text: str, spoken: list[Spoken]) -> list[list[int | None]]:
    """The marks of all words but those of labels: the times of the same words in the same order, none for others."""
    labels = {at for match in LABEL.finditer(text) for at in range(match.start(), match.end())}
    words = [match for match in re.finditer(r"[\w'’-]+", text) if match.start() not in labels]
    written, said = [plain(word.group()) for word in words], [plain(word.text) for word in spoken]
    places = {}
    for block in SequenceMatcher(None, written, said, autojunk=False).get_matching_blocks():
        places.update({block.a + i: block.b + i for i in range(block.size)})
    marks: list[list[int | None]] = []
    for number, match in enumerate(words):
        start = units(text[: match.start()])
        one = spoken[places[number]] if number in places else None
        time: list[int | None] = [None, None, 2] if one is None else [one.start, one.end, 0]
        marks.append([start, start + units(match.group()), *time])
    return marks


def plain(word: str) -> str:
    """A word without case and signs."""
    return re.sub(r"\W", "", word).casefold()


@dataclass
class Desk:
    """What the server holds. Tests set its fields to cause what they want to see."""

    text: str
    spoken: list[Spoken] = field(default_factory=list)
    state: Json = field(default_factory=dict)
    sound: bytes = field(default_factory=lambda: silence(60))
    session: str = "first"
    version: int = 0
    saved: str | None = None
    writer: bool = True
    refuse: int | None = None
    """The status that every update is answered with, where it is not accepted."""
    lose_answers: bool = False
    """Accept updates, but break the connection before the answer."""
    disk: str | None = None
    """The text on the disk, where another program changed the file."""
    recovered: str | None = None
    commands: list[Json] = field(default_factory=list)
    answers: dict[str, Json] = field(default_factory=dict)
    """The answer to a command by its name; without one nothing changes."""
    requests: list[str] = field(default_factory=list)
    carets: list[int] = field(default_factory=list)
    """The places behind which the page asked for what is said next."""
    listeners: list[queue.Queue[Event | None]] = field(default_factory=list)
    ended: bool = False
    lock: threading.RLock = field(default_factory=threading.RLock)

    def full_state(self) -> Json:
        """The answer of ``/api/state``."""
        own: Json = {
            "session": self.session,
            "file": {"name": "talk.md", "path": "/srv/show/talk.md"},
            "audio": {"name": "talk.mp3", "duration": (len(self.sound) - 44) * 1000 // BYTES_A_SECOND},
            "version": self.version,
            "text": self.text,
            "writer": self.writer,
            "saved_version": self.version if self.saved == self.text else None,
            "language": "en",
            "direction": "ltr",
            "recovery": None,
            "timing": {
                "version": self.version,
                "from": 0,
                "to": units(self.text),
                "words": self.word_marks(),
            },
            "labels": {"version": self.version, "labels": [], "times": [], "notes": []},
            "turns": {"turns": [], "typed": []},
            "speakers": {"speakers": []},
            "note": {"text": None, "at": None, "complete": False},
            "queue": {"version": self.version, "items": []},
            "settling": {"waits": False},
            "hearing": {"stage": "done", "done": 1, "total": 1, "heard": [], "finished": True, "failed": None},
        }
        return own | self.state

    def word_marks(self) -> list[list[int | None]]:
        """The marks of all words."""
        return word_marks(self.text, self.spoken)

    def send(self, name: str, data: Json) -> None:
        """Send an event to each page."""
        for listener in list(self.listeners):
            listener.put((name, data))

    def hang_up(self) -> None:
        """End all connections, as a server does that ends."""
        self.ended = True
        for listener in list(self.listeners):
            listener.put(None)

    def update(self, body: Mapping[str, object]) -> tuple[int, Json | None]:
        """Accept updates or refuse them."""
        with self.lock:
            if self.refuse is not None:
                return self.refuse, {"version": self.version}
            if body["version"] != self.version:
                return 409, {"version": self.version}
            updates = body["updates"]
            assert isinstance(updates, list)
            for update in updates:
                self.text = applied(self.text, update["changes"])
                self.version += 1
            return 200, {"version": self.version}

    def caret(self, body: Mapping[str, object]) -> tuple[int, Json | None]:
        """What is said after the three words before a caret."""
        at = int(str(body["at"]))
        self.carets.append(at)
        before = sliced(self.text, 0, at)
        words = [plain(word) for word in re.findall(r"[\w'’-]+", before)][-3:]
        said = [plain(one.text) for one in self.spoken]
        place = next((i + 3 for i in range(len(said) - 2) if said[i : i + 3] == words), None)
        following = [] if place is None else self.spoken[place : place + 60]
        pieces: list[Json] = []
        for one in following:
            lead = "" if not pieces and one.lead == " " and before.endswith((" ", "\n")) else one.lead
            pieces.append({"text": lead + one.text, "start": one.start, "end": one.end, "end_of": one.end_of})
        return 200, {"version": body["version"], "at": at, "pieces": pieces}

    def command(self, body: Json) -> tuple[int, Json | None]:
        """Note a command and answer as the test wants it."""
        self.commands.append(body)
        empty: Json = {"version": self.version, "changes": None, "select": None}
        return 200, empty | self.answers.get(str(body["name"]), {})

    def save(self, body: Mapping[str, object]) -> tuple[int, Json | None]:
        """Save, where the file on the disk is the one that was seen."""
        if self.disk is not None and body.get("replace") != "sum-of-the-disk":
            return 409, {"disk": self.disk, "sha256": "sum-of-the-disk"}
        self.saved, self.disk = self.text, None
        return 200, {"version": self.version, "paths": ["/srv/show/talk.md"]}

    def recover(self, body: Mapping[str, object]) -> tuple[int, Json | None]:
        """Restore what a journal kept, or discard it."""
        if body["choice"] == "restore" and self.recovered is not None:
            self.text = self.recovered
        self.state = {**self.state, "recovery": None}
        return 200, self.full_state()

    def take_over(self) -> tuple[int, Json | None]:
        """Make the page that asks the one that writes."""
        self.writer = True
        return 200, self.full_state()


POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{}'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


class Handler(BaseHTTPRequestHandler):
    """Answers for one desk."""

    desk: Desk
    nonce: str
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name of the base class
        """Print nothing."""

    def handle_one_request(self) -> None:
        """Answer nothing after the end."""
        if self.desk.ended:
            self.close_connection = True
        else:
            super().handle_one_request()

    def ends(self) -> bool:
        """Whether the server ended while a connection waited for its next request."""
        self.close_connection = self.close_connection or self.desk.ended
        return self.desk.ended

    def answer(self, status: int, content: bytes, kind: str, **headers: str) -> None:
        """Answer with all headers that the real server sends."""
        self.send_response(status)
        all_headers = {
            "Content-Type": kind,
            "Content-Length": str(len(content)),
            "Content-Security-Policy": POLICY.format(self.nonce),
            "Cache-Control": "no-store",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        for name, value in all_headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def answer_json(self, status: int, body: Json | None) -> None:
        """Answer with JSON."""
        self.answer(status, b"" if body is None else json.dumps(body).encode(), "application/json")

    def do_GET(self) -> None:
        """Answer what the page reads."""
        if self.ends():
            return
        self.path = self.path.partition("?")[0]  # the page's name
        self.desk.requests.append(f"GET {self.path}")
        if self.path == "/":
            page = (PAGE / "index.html").read_text(encoding="utf-8").replace("{{nonce}}", self.nonce)
            self.answer(200, page.encode(), TYPES["html"])
        elif self.path in {"/static/desk.js", "/static/desk.css"}:
            name = self.path.rpartition("/")[2]
            self.answer(200, (PAGE / name).read_bytes(), TYPES[name.partition(".")[2]])
        elif self.path == "/api/state":
            self.answer_json(200, self.desk.full_state())
        elif self.path == "/api/peaks":
            self.answer(200, peaks(self.desk.sound), "application/octet-stream")
        elif self.path == "/api/events":
            self.stream()
        elif self.path == "/audio.wav":
            self.sound()
        else:
            self.answer(404, b"", "text/plain")

    def sound(self) -> None:
        """Answer one range of the sound."""
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if asked is None:
            self.answer(200, self.desk.sound, "audio/wav", Accept_Ranges="bytes")
            return
        start = int(asked[1])
        end = min(int(asked[2] or len(self.desk.sound)), len(self.desk.sound) - 1, start + 1_000_000)
        part = self.desk.sound[start : end + 1]
        self.answer(206, part, "audio/wav", Content_Range=f"bytes {start}-{end}/{len(self.desk.sound)}")

    def stream(self) -> None:
        """Send events until the end."""
        listener: queue.Queue[Event | None] = queue.Queue()
        self.desk.listeners.append(listener)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            self.wfile.write(b": open\n\n")
            self.wfile.flush()
            while (event := listener.get()) is not None:
                self.wfile.write(f"event: {event[0]}\ndata: {json.dumps(event[1])}\n\n".encode())
                self.wfile.flush()
        except OSError:
            pass  # the page went away
        finally:
            self.desk.listeners.remove(listener)
            self.close_connection = True

    def do_POST(self) -> None:
        """Answer what the page sends."""
        if self.ends():
            return
        self.path = self.path.partition("?")[0]
        self.desk.requests.append(f"POST {self.path}")
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
        if self.path == "/api/enter":
            self.send_response(204)
            self.send_header("Set-Cookie", "desk=1; HttpOnly; SameSite=Strict")
            self.end_headers()
            return
        answers: dict[str, Callable[[Json], tuple[int, Json | None]]] = {
            "/api/updates": self.desk.update,
            "/api/caret": self.desk.caret,
            "/api/command": self.desk.command,
            "/api/save": self.desk.save,
            "/api/recover": self.desk.recover,
            "/api/takeover": lambda _: self.desk.take_over(),
        }
        status, answer = answers[self.path](body)
        if self.desk.lose_answers and self.path == "/api/updates":
            self.close_connection = True
            self.connection.close()
            return
        self.answer_json(status, answer)


def peaks(sound: bytes) -> bytes:
    """One peak for each 20 ms, as signed octets."""
    step = BYTES_A_SECOND // 50
    return bytes(
        min(127, max((abs(int.from_bytes(sound[i : i + 2], "little", signed=True)) >> 8 for i in some), default=0))
        for some in (range(start, min(start + step, len(sound) - 1), 16) for start in range(44, len(sound), step))
    )


class Server(ThreadingHTTPServer):
    """Prints nothing where the page went away in the middle."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Print nothing."""


class CannedServer:
    """A desk on a free port of this machine, as a context."""

    def __init__(self, desk: Desk, port: int = 0) -> None:
        self.desk = desk
        self.nonce = secrets.token_urlsafe(12)
        self.http = Server(("127.0.0.1", port), type("DeskHandler", (Handler,), {"desk": desk, "nonce": self.nonce}))
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def address(self) -> str:
        """Where the page is, with a token."""
        return f"http://127.0.0.1:{self.http.server_address[1]}/#token=once"

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.desk.hang_up()
        self.http.shutdown()
        self.http.server_close()
