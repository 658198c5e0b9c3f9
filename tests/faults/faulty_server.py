"""A server on this machine whose answers have the faults of real servers, each at a chosen place of a file.

It writes its answers byte by byte, because a library for servers would refuse to send most of them.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import select
import signal
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal, get_args

from tests.listening.http_servers import COMMIT

FaultKind = Literal[
    "refused",
    "reset",
    "stall",
    "short",
    "long",
    "killed",
    "replaced",
    "replaced, condition ignored",
    "416",
    "429",
    "503",
    "404",
    "redirect loop",
    "log-in page",
    "no HTTP",
    "long reason",
    "cut chunks",
    "broken chunks",
    "endless chunks",
    "no end",
    "cut gzip",
    "cut gzip in chunks",
    "cut gzip of stated length",
    "damaged gzip",
    "unasked gzip",
    "gzip bomb",
    "condition ignored",
    "wrong start",
    "wrong total",
    "no Content-Range",
    "unasked range",
    "wrong Content-Length",
]
FAULTS: tuple[FaultKind, ...] = get_args(FaultKind)

ENDLESS_BYTES = 16 << 20
"""How much an endless answer has at most: more than any limit that the rounds set."""

_BOMB = gzip.compress(bytes(96 << 20), 1)
"""96 MB in one; the limits of the rounds are far below, and so is the memory that a command may use."""

_TYPES = {".xml": "application/rss+xml", ".mp3": "audio/mpeg", ".vtt": "text/vtt"}
_STATUS = {"416": "Range Not Satisfiable", "429": "Too Many Requests", "503": "Service Unavailable", "404": "Not Found"}
_LOG_IN_PAGE = b"<!DOCTYPE html><html><body>Please log in</body></html>"
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends RST
_HELD_S = 10.0  # a client that waits longer than that for a stalled answer has no time limit
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Fault:
    """What one answer does wrong; ``at`` bytes of its body come first, for the kinds that have a body."""

    kind: FaultKind
    at: int


@dataclass
class FaultySite:
    """The files of a server, and its next answers.

    Attributes:
        files: content by path.
        replacements: what a file is replaced by in the fault ``replaced``.
        faults: the faults of the next answers, by path; without one, an answer is as it should be.
        happened: the faults that were met.
        process: is killed, with its children, by the fault ``killed``.
    """

    files: dict[str, bytes]
    replacements: Mapping[str, bytes] = field(default_factory=dict)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    happened: list[str] = field(default_factory=list)
    process: int = 0
    address: tuple[str, int] = ("127.0.0.1", 0)
    closed_port: int = 0

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://{self.address[0]}:{self.address[1]}"


@contextmanager
def serving_faults(site: FaultySite) -> Iterator[FaultySite]:
    """Serve ``site`` at ``site.url`` inside the block."""
    handler = type("Handler", (_Handler,), {"site": site})
    with socket.socket() as closed, _Server(site.address, handler) as server:
        closed.bind(("127.0.0.1", 0))  # and never listens
        site.closed_port = closed.getsockname()[1]
        site.address = ("127.0.0.1", server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 64


@dataclass(frozen=True)
class _Request:
    method: str
    path: str
    start: int | None
    condition: str | None


class _Handler(socketserver.StreamRequestHandler):
    """Reads one request, answers it, and closes the connection."""

    site: FaultySite

    def handle(self) -> None:
        """Answer, with the next fault of the path if there is one."""
        with suppress(OSError):
            request = self._read_request()
            if request is None:
                return
            waiting = self.site.faults.get(request.path)
            if request.path not in self.site.files:
                self._send_status("404", request)
            elif waiting:
                fault = waiting.pop(0)
                self.site.happened.append(fault.kind)
                self._misbehave(fault, request)
            else:
                self._answer(request)

    def _read_request(self) -> _Request | None:
        head: list[str] = []
        while line := self.rfile.readline(1 << 16).decode("latin-1").strip():
            head.append(line)
        if not head:
            return None
        method, path, _ = head[0].split()
        headers = {name.casefold(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        asked = re.fullmatch(r"bytes=(\d+)-\d*", headers.get("range", ""))
        return _Request(method, path.partition("?")[0], int(asked[1]) if asked else None, headers.get("if-range"))

    # --- as it should be ---------------------------------------------------------------------------------------------

    def _answer(self, request: _Request) -> None:
        content = self.site.files[request.path]
        start = _start(request, content)
        if start is not None and start >= len(content):
            self._send_status("416", request)
            return
        self._send_head(request, content, start)
        self._send(content[start or 0 :], request)

    def _send_head(self, request: _Request, content: bytes, start: int | None, *, total: int | None = None) -> None:
        size = len(content)
        ranged = [] if start is None else [f"Content-Range: bytes {start}-{size - 1}/{total or size}"]
        self._write_head(
            "200 OK" if start is None else "206 Partial Content",
            f"Content-Length: {size - (start or 0)}",
            f"ETag: {_tag(content)}",
            *ranged,
            path=request.path,
        )

    def _write_head(self, status: str, *headers: str, path: str = "") -> None:
        ending = path[path.rfind(".") :] if "." in path else ""
        typed = f"Content-Type: {_TYPES.get(ending, 'text/html' if path.endswith('/') else 'application/octet-stream')}"
        lines = [f"HTTP/1.1 {status}", *headers, "Connection: close", f"X-Repo-Commit: {COMMIT}", typed]
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1"))

    def _send(self, body: bytes, request: _Request) -> None:
        if request.method != "HEAD":
            self.wfile.write(body)

    def _send_status(self, status: str, request: _Request) -> None:
        wait = ["Retry-After: 2"] if status in {"429", "503"} else []
        body = f"<h1>{status}</h1>".encode()
        self._write_head(f"{status} {_STATUS[status]}", f"Content-Length: {len(body)}", *wait)
        self._send(body, request)

    # --- as it should not be -----------------------------------------------------------------------------------------

    def _misbehave(self, fault: Fault, request: _Request) -> None:
        match fault.kind:
            case "416" | "429" | "503" | "404":
                self._send_status(fault.kind, request)
            case "refused" | "redirect loop" | "log-in page" | "no HTTP" | "long reason":
                self._send_no_content(fault, request)
            case "reset" | "stall" | "short" | "long" | "killed" | "replaced" | "replaced, condition ignored":
                self._break_off(fault, request)
            case "cut chunks" | "broken chunks" | "endless chunks":
                self._send_chunks(fault, request)
            case "no end" | "wrong Content-Length":
                self._send_unknown_length(fault, request)
            case "cut gzip" | "cut gzip in chunks" | "cut gzip of stated length":
                self._send_packed(fault, request)
            case "damaged gzip" | "unasked gzip" | "gzip bomb":
                self._send_packed(fault, request)
            case "unasked range":
                content = self.site.files[request.path]
                self._send_head(request, content, len(content) // 2)
                self._send(content[len(content) // 2 :], request)
            case "condition ignored" | "wrong start" | "wrong total" | "no Content-Range":
                self._send_wrong_range(fault, request)

    def _send_no_content(self, fault: Fault, request: _Request) -> None:
        match fault.kind:
            case "refused":
                self._redirect(f"http://127.0.0.1:{self.site.closed_port}{request.path}")
            case "redirect loop":
                self.site.faults.setdefault(request.path, []).insert(0, fault)
                self._redirect(f"{request.path}?{fault.at}")
            case "log-in page":
                self._write_head("200 OK", f"Content-Length: {len(_LOG_IN_PAGE)}", path="/")
                self._send(_LOG_IN_PAGE, request)
            case "no HTTP":
                self.wfile.write(b"\x16\x03\x01\x02\x00 what\r\n\r\n")
            case "long reason":
                self._write_head(f"500 {'x' * 60_000}\x1b[2J", "Content-Length: 0")

    def _redirect(self, target: str) -> None:
        self._write_head("302 Found", f"Location: {target}", "Content-Length: 0")

    def _break_off(self, fault: Fault, request: _Request) -> None:
        """Send a true head and the first bytes of the file, and then no more, or more than that."""
        content = self.site.files[request.path]
        start = _start(request, content)
        self._send_head(request, content, start)
        rest = content[start or 0 :]
        self._send(rest + b"x" * (fault.at + 1) if fault.kind == "long" else rest[: fault.at], request)
        match fault.kind:
            case "stall":
                select.select([self.connection], [], [], _HELD_S)
            case "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            case "killed":
                if self.site.process:  # 0 would be this process itself
                    os.killpg(self.site.process, signal.SIGKILL)
            case "replaced" | "replaced, condition ignored":
                self.site.files[request.path] = self.site.replacements.get(request.path, content)
                if fault.kind == "replaced, condition ignored":
                    self.site.faults.setdefault(request.path, []).insert(0, Fault("condition ignored", 0))

    def _send_chunks(self, fault: Fault, request: _Request) -> None:
        self._write_head("200 OK", "Transfer-Encoding: chunked", path=request.path)
        cut = self.site.files[request.path][: fault.at]
        pieces = [cut[start : start + _CHUNK] for start in range(0, len(cut), _CHUNK)]
        if fault.kind == "endless chunks":
            pieces += [bytes(1 << 20)] * (ENDLESS_BYTES >> 20)
        for piece in pieces:
            self._send(b"%x\r\n%b\r\n" % (len(piece), piece), request)
        if fault.kind == "broken chunks":
            self._send(b"no number\r\nmore\r\n0\r\n\r\n", request)

    def _send_unknown_length(self, fault: Fault, request: _Request) -> None:
        content = self.site.files[request.path]
        if fault.kind == "no end":
            self._write_head("200 OK", path=request.path)
            self._send(content[: fault.at], request)
            return
        length = ("-5", "abc", "9" * 30, f"{len(content)}, {len(content) + 1}", "")[fault.at % 5]
        self._write_head("200 OK", f"Content-Length: {length}", f"ETag: {_tag(content)}", path=request.path)
        self._send(content, request)

    def _send_packed(self, fault: Fault, request: _Request) -> None:
        content = self.site.files[request.path]
        sent = _BOMB
        if fault.kind == "unasked gzip":  # in two members, as some servers join what they have compressed
            sent = gzip.compress(content[: fault.at], 1) + gzip.compress(content[fault.at :], 1)
        elif fault.kind != "gzip bomb":
            packed = gzip.compress(content, 1)
            sent = packed[: fault.at % len(packed)] if fault.kind != "damaged gzip" else packed[:-8] + b"checksum"
        framed = {"cut gzip": [], "cut gzip in chunks": ["Transfer-Encoding: chunked"]}
        headers = framed.get(fault.kind, [f"Content-Length: {len(sent)}"])
        self._write_head("200 OK", "Content-Encoding: gzip", *headers, path=request.path)
        if fault.kind == "cut gzip in chunks":
            sent = (b"%x\r\n%b\r\n" % (len(sent), sent) if sent else b"") + b"0\r\n\r\n"
        self._send(sent, request)

    def _send_wrong_range(self, fault: Fault, request: _Request) -> None:
        """Answer with another part of the file than was asked for, or one that does not say which it is."""
        content, start = self.site.files[request.path], request.start
        if start is None or start >= len(content):
            self._answer(request)
            return
        if fault.kind == "no Content-Range":
            start //= 2
            self._write_head("206 Partial Content", f"Content-Length: {len(content) - start}", path=request.path)
        else:
            start = max(0, start - 1 - fault.at % 1_000) if fault.kind == "wrong start" else start
            more = fault.at % 9 + 1 if fault.kind == "wrong total" else 0
            self._send_head(request, content, start, total=len(content) + more)
        self._send(content[start:], request)


def _start(request: _Request, content: bytes) -> int | None:
    """The place from which a part of the file is asked for, if it is this version of it."""
    return request.start if request.condition in {None, _tag(content)} else None


def _tag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:16]}"'
