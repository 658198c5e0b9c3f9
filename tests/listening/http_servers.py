"""Small HTTP servers on this machine that behave as badly as real ones do; nothing leaves the machine."""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class Site:
    """What a server gives, how it behaves, and which requests came (method, path, Range).

    Attributes:
        files: content by path.
        ranges: whether it knows Range; one that does not sends all.
        cut_after: it breaks each answer off after so many bytes, None for never; ``cuts`` says how often.
        pages: paths in whose place a proxy gives its log-in page, with status 200.
        pause_s: it takes so long before each 64 KiB.
        redirects: addresses to go to instead, by path.
        mark: how it tells versions of a file apart: a ``strong`` or ``weak`` ETag, a ``date``, or not at all.
        careless: it gives the rest of whatever is there now, though the version that was asked for is gone.
        frame: how it tells where a file ends: by its ``length``, in ``chunks``, or by ``closing`` the connection.
        after_cut: what lies there in place of ``files`` once an answer broke off.
        conditions: the If-Range of each request.
    """

    files: Mapping[str, bytes]
    ranges: bool = True
    cut_after: int | None = None
    cuts: int = 1
    content_type: str = "application/octet-stream"
    pages: frozenset[str] = frozenset()
    pause_s: float = 0
    history: list[tuple[str, str, str | None]] = field(default_factory=list)
    redirects: Mapping[str, str] = field(default_factory=dict)
    mark: str | None = "strong"
    careless: bool = False
    frame: str = "length"
    after_cut: Mapping[str, bytes] | None = None
    conditions: list[str | None] = field(default_factory=list)
    url: str = ""


PAGE = b"<html><body>Please log in</body></html>"


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    """Serve ``site`` at ``site.url`` for as long as the block lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"site": site}))
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    """Answers as ``site`` says."""

    site: Site

    def do_HEAD(self) -> None:
        """Answer without a body."""
        self._answer(body=False)

    def do_GET(self) -> None:
        """Answer with the file, or with what is left of it."""
        self._answer(body=True)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base's name
        """Say nothing."""

    def _answer(self, *, body: bool) -> None:
        wanted = self.headers.get("Range")
        path = self.path.partition("?")[0]
        self.site.history.append((self.command, path, wanted))
        self.site.conditions.append(self.headers.get("If-Range"))
        if path in self.site.redirects:
            self._redirect(self.site.redirects[path])
            return
        content = PAGE if path in self.site.pages else self.site.files.get(path)
        start = _start(wanted) if self.site.ranges and self._is_current(content) else 0
        if content is None:
            self.send_error(404)
        elif start >= len(content) > 0:
            self.send_error(416)
        else:
            self._headers(content, start)
            if body:
                self._pour(content[start:])

    def _headers(self, content: bytes, start: int) -> None:
        self.send_response(206 if start else 200)
        self.send_header("Content-Type", self._content_type())
        if self.site.frame == "length":
            self.send_header("Content-Length", str(len(content) - start))
        elif self.site.frame == "chunks":
            self.send_header("Transfer-Encoding", "chunked")
        if name := self._mark(content):
            self.send_header("Last-Modified" if self.site.mark == "date" else "ETag", name)
        self.send_header("X-Repo-Commit", COMMIT)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()

    def _redirect(self, target: str) -> None:
        self.send_response(302)
        self.send_header("Location", target)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _is_current(self, content: bytes | None) -> bool:
        """Tell whether the version that is asked for is the one that is here."""
        asked = self.headers.get("If-Range")
        return self.site.careless or asked is None or content is None or asked == self._mark(content)

    def _mark(self, content: bytes) -> str | None:
        digest = hashlib.sha256(content).hexdigest()
        marks = {"strong": f'"{digest}"', "weak": f'W/"{digest}"', "date": f"Mon, 05 Jan 2026 10:00:{digest[:2]} GMT"}
        return marks.get(self.site.mark or "")

    def _content_type(self) -> str:
        path = self.path.partition("?")[0]
        return "text/html" if path in self.site.pages or path.endswith("/") else self.site.content_type

    def _pour(self, content: bytes) -> None:
        chunks_end = b"0\r\n\r\n"
        if self.site.cut_after is not None and self.site.cuts > 0:
            self.site.cuts -= 1
            content = content[: self.site.cut_after]
            self.close_connection = True
            self.site.files = self.site.after_cut or self.site.files
            chunks_end = b""
        with suppress(ConnectionError):  # who asked was killed
            for at in range(0, len(content), 1 << 16):
                time.sleep(self.site.pause_s)
                self.wfile.write(self._framed(content[at : at + (1 << 16)]))
            if self.site.frame == "chunks":
                self.wfile.write(chunks_end)
            self.close_connection = self.close_connection or self.site.frame == "closing"

    def _framed(self, piece: bytes) -> bytes:
        return b"%x\r\n%b\r\n" % (len(piece), piece) if self.site.frame == "chunks" else piece


def _start(wanted: str | None) -> int:
    found = re.fullmatch(r"bytes=(\d+)-\d*", wanted or "")
    return int(found[1]) if found else 0


COMMIT = "0123456789abcdef0123456789abcdef01234567"


def hub_files(repository: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """What a hub serves for a repository: its description and its files."""
    siblings = [
        {
            "rfilename": name,
            "size": len(content),
            "blobId": hashlib.sha1(b"blob %d\0%b" % (len(content), content), usedforsecurity=False).hexdigest(),
            **({"lfs": _lfs(content)} if name == "model.bin" else {}),
        }
        for name, content in files.items()
    ]
    described = {"id": repository, "modelId": repository, "sha": COMMIT, "siblings": siblings, "tags": []}
    return {
        f"/api/models/{repository}": json.dumps(described).encode(),
        **{f"/{repository}/resolve/{COMMIT}/{name}": content for name, content in files.items()},
    }


def _lfs(content: bytes) -> dict[str, object]:
    return {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 134}


def index_files(folder: Path) -> dict[str, bytes]:
    """What a package index serves for the wheels in a folder."""
    wheels = {path.name: path.read_bytes() for path in folder.glob("*.whl")}
    names = {name: name.partition("-")[0].replace("_", "-") for name in wheels}
    pages = {f"/simple/{project}/": f'<a href="/wheels/{name}">{name}</a>'.encode() for name, project in names.items()}
    return {**pages, **{f"/wheels/{name}": content for name, content in wheels.items()}}
