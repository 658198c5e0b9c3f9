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
    """

    files: Mapping[str, bytes]
    ranges: bool = True
    cut_after: int | None = None
    cuts: int = 1
    content_type: str = "application/octet-stream"
    pages: frozenset[str] = frozenset()
    pause_s: float = 0
    history: list[tuple[str, str, str | None]] = field(default_factory=list)
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
        content = PAGE if path in self.site.pages else self.site.files.get(path)
        start = _start(wanted) if self.site.ranges else 0
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
        self.send_header("Content-Length", str(len(content) - start))
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()

    def _content_type(self) -> str:
        path = self.path.partition("?")[0]
        return "text/html" if path in self.site.pages or path.endswith("/") else self.site.content_type

    def _pour(self, content: bytes) -> None:
        if self.site.cut_after is not None and self.site.cuts > 0:
            self.site.cuts -= 1
            content = content[: self.site.cut_after]
            self.close_connection = True
        with suppress(ConnectionError):  # who asked was killed
            for at in range(0, len(content), 1 << 16):
                time.sleep(self.site.pause_s)
                self.wfile.write(content[at : at + (1 << 16)])


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
