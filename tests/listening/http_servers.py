"""Small HTTP servers on this machine with the faults of real ones; no request leaves the machine."""

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
    """The files of a server, its behaviour, and the requests that it received.

    Attributes:
        files: content by path.
        ranges: whether it supports Range; else it sends the whole file.
        cut_after: it closes the connection after so many bytes, None for never; ``cuts`` is how many times.
        pages: paths for which a proxy returns its log-in page, with status 200.
        pause_s: the pause before each 64 KiB, in seconds.
        history: the method, path and Range of each request.
        redirects: the target of each redirect, by path.
        mark: how it identifies the version of a file: a ``strong`` or ``weak`` ETag, a ``date``, or None.
        careless: it sends the rest of the current file, though the requested version is gone.
        frame: how it marks the end of a file: by its ``length``, in ``chunks``, or by ``closing`` the connection.
        after_cut: replaces ``files`` after the first closed connection.
        conditions: the If-Range of each request.
        keep_alive: it lets a client use a connection for several requests.
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
    keep_alive: bool = False
    url: str = ""


PAGE = b"<html><body>Please log in</body></html>"


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    """Serve ``site`` at ``site.url`` inside the block."""
    version = "HTTP/1.1" if site.keep_alive else "HTTP/1.0"
    handler = type("Handler", (_Handler,), {"site": site, "protocol_version": version})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True  # a connection that is kept does not keep the server
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
    """A request handler with the behaviour of ``site``."""

    site: Site

    def do_HEAD(self) -> None:
        """Answer without a body."""
        self._answer(body=False)

    def do_GET(self) -> None:
        """Answer with the file, or with its requested range."""
        self._answer(body=True)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name in the base class
        """Print nothing."""

    def _answer(self, *, body: bool) -> None:
        range_header = self.headers.get("Range")
        path = self.path.partition("?")[0]
        self.site.history.append((self.command, path, range_header))
        self.site.conditions.append(self.headers.get("If-Range"))
        if path in self.site.redirects:
            self._redirect(self.site.redirects[path])
            return
        content = PAGE if path in self.site.pages else self.site.files.get(path)
        start = _start(range_header) if self.site.ranges and self._is_current(content) else 0
        if content is None:
            self.send_error(404)
        elif start >= len(content) > 0:
            self.send_error(416)
        else:
            self._headers(content, start)
            if body:
                self._send_body(content[start:])

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
        """Return whether the requested version is the current one."""
        requested = self.headers.get("If-Range")
        return self.site.careless or requested is None or content is None or requested == self._mark(content)

    def _mark(self, content: bytes) -> str | None:
        digest = hashlib.sha256(content).hexdigest()
        marks = {"strong": f'"{digest}"', "weak": f'W/"{digest}"', "date": f"Mon, 05 Jan 2026 10:00:{digest[:2]} GMT"}
        return marks.get(self.site.mark or "")

    def _content_type(self) -> str:
        path = self.path.partition("?")[0]
        return "text/html" if path in self.site.pages or path.endswith("/") else self.site.content_type

    def _send_body(self, content: bytes) -> None:
        chunks_end = b"0\r\n\r\n"
        if self.site.cut_after is not None and self.site.cuts > 0:
            self.site.cuts -= 1
            content = content[: self.site.cut_after]
            self.close_connection = True
            self.site.files = self.site.after_cut or self.site.files
            chunks_end = b""
        with suppress(ConnectionError):  # the client was killed
            for at in range(0, len(content), 1 << 16):
                time.sleep(self.site.pause_s)
                self.wfile.write(self._framed(content[at : at + (1 << 16)]))
            if self.site.frame == "chunks":
                self.wfile.write(chunks_end)
            self.close_connection = self.close_connection or self.site.frame == "closing"

    def _framed(self, piece: bytes) -> bytes:
        return b"%x\r\n%b\r\n" % (len(piece), piece) if self.site.frame == "chunks" else piece


def _start(range_header: str | None) -> int:
    found = re.fullmatch(r"bytes=(\d+)-\d*", range_header or "")
    return int(found[1]) if found else 0


COMMIT = "0123456789abcdef0123456789abcdef01234567"


def hub_files(repository: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The content of a hub for a repository, by path: its description and its files."""
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
    """The content of a package index with the wheels in a folder, by path."""
    wheels = {path.name: path.read_bytes() for path in folder.glob("*.whl")}
    names = {name: name.partition("-")[0].replace("_", "-") for name in wheels}
    pages = {f"/simple/{project}/": f'<a href="/wheels/{name}">{name}</a>'.encode() for name, project in names.items()}
    return {**pages, **{f"/wheels/{name}": content for name, content in wheels.items()}}
