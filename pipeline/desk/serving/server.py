"""The routes of the desk: the page and its script, the document as JSON, events, and the sound.

The page names itself in the query (``?page=…``), so that two tabs of one browser are two pages. Everything else that a
route takes is checked against a type; what does not fit is refused with one line.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from pipeline.desk.serving.access import Access, TooLargeError, limited_body
from pipeline.desk.serving.host import Host, RefusedError
from pipeline.desk.serving.pages import Event, Stream
from pipeline.desk.serving.virtual_wav import ByteSpan, Peaks, UnsatisfiableError, VirtualWav, parse_range
from pipeline.errors import PipelineError

PAGE = Path(__file__).parents[1] / "page"
"""The folder of the page and its script."""

_STATIC = {"desk.js": "text/javascript; charset=utf-8", "desk.css": "text/css; charset=utf-8"}
_NONCE = "{{nonce}}"
_MOST_BODY_BYTES = 16 * 1024 * 1024
"""The largest request: the largest transcript, replaced as a whole, with each of its characters escaped."""

KEEP_ALIVE_S = 15.0
"""After so long without an event, a comment is sent: a proxy or a browser may else give the connection up."""

T = TypeVar("T")


class _Update(msgspec.Struct):
    clientID: str  # noqa: N815 -- as CodeMirror names it
    changes: list[Any]


class _Updates(msgspec.Struct):
    version: int
    updates: list[_Update]


class _Caret(msgspec.Struct):
    version: int
    at: int


class _Save(msgspec.Struct):
    version: int
    replace: str | None = None


class _Recover(msgspec.Struct):
    choice: str


@dataclass(frozen=True, slots=True)
class Sound:
    """The sound as the page gets it; ``more_peaks`` is set whenever there are more peaks."""

    wav: VirtualWav
    peaks: Peaks
    more_peaks: asyncio.Event


Opened = Callable[[], Awaitable[Host]]
"""Returns the desk as soon as its document is open: a browser can read the page and its script before."""


def desk_app(host: Opened, sound: Sound, port: int, entered: Callable[[], None], page: Path = PAGE) -> Access:
    """Return the ASGI application of a desk.

    Args:
        host: waits for the desk.
        sound: of its recording.
        port: on which the server listens.
        entered: is called after a page has entered.
        page: the folder of the page and its script.
    """
    routes = [
        Route("/", partial(_page, page)),
        *(Route(f"/static/{name}", partial(_static, page / name, kind)) for name, kind in _STATIC.items()),
        Route("/api/state", partial(_state, host)),
        Route("/api/events", partial(_events, host)),
        Route("/api/updates", partial(_answer, partial(_updates, host)), methods=["POST"]),
        Route("/api/caret", partial(_answer, partial(_caret, host)), methods=["POST"]),
        Route("/api/command", partial(_answer, partial(_command, host)), methods=["POST"]),
        Route("/api/save", partial(_answer, partial(_save, host)), methods=["POST"]),
        Route("/api/recover", partial(_answer, partial(_recover, host)), methods=["POST"]),
        Route("/api/takeover", partial(_answer, partial(_take_over, host)), methods=["POST"]),
        Route("/audio.wav", partial(_audio, sound.wav)),
        Route("/api/peaks", partial(_peaks, sound)),
    ]
    return Access(Starlette(routes=routes), port, entered)


# --- the page ----------------------------------------------------------------------------------------------------


def _page(folder: Path, request: Request) -> Response:
    text = (folder / "index.html").read_text(encoding="utf-8")
    return Response(text.replace(_NONCE, request.state.nonce), media_type="text/html")


def _static(path: Path, kind: str, _: Request) -> Response:
    return Response(path.read_bytes(), headers={"Content-Type": kind})


# --- the document ------------------------------------------------------------------------------------------------


def _json(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def _name(request: Request) -> str:
    return request.query_params.get("page", "")[:100]


async def _body(request: Request, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(await limited_body(request.receive, _MOST_BODY_BYTES) or b"{}", type=kind)
    except TooLargeError as e:
        raise RefusedError(413, {"error": "the request is too large"}) from e
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as e:
        raise RefusedError(400, {"error": str(e)}) from e


async def _answer(do: Callable[[Request], Coroutine[None, None, Mapping[str, Any]]], request: Request) -> Response:
    """Answer with what a function returns, or with why it does not."""
    try:
        return _json(await do(request))
    except RefusedError as e:
        return _json(e.answer, e.status)
    except PipelineError as e:
        return _json({"error": str(e)}, 500)


async def _state(host: Opened, request: Request) -> Response:
    return _json((await host()).state(_name(request)))


async def _updates(host: Opened, request: Request) -> Mapping[str, Any]:
    body = await _body(request, _Updates)
    updates = [msgspec.structs.asdict(one) for one in body.updates]
    return await (await host()).update(_name(request), body.version, updates)


async def _caret(host: Opened, request: Request) -> Mapping[str, Any]:
    body = await _body(request, _Caret)
    return (await host()).caret(body.version, body.at)


async def _command(host: Opened, request: Request) -> Mapping[str, Any]:
    body = await _body(request, dict[str, Any])
    version, name = body.pop("version", None), body.pop("name", None)
    if not isinstance(version, int) or not isinstance(name, str):
        raise RefusedError(400, {"error": "a command has a version and a name"})
    return await (await host()).command(_name(request), version, name, body)


async def _save(host: Opened, request: Request) -> Mapping[str, Any]:
    body = await _body(request, _Save)
    return await (await host()).save(_name(request), body.version, body.replace)


async def _recover(host: Opened, request: Request) -> Mapping[str, Any]:
    body = await _body(request, _Recover)
    if body.choice not in {"restore", "discard"}:
        raise RefusedError(400, {"error": "the choice is restore or discard"})
    return await (await host()).recover(_name(request), body.choice)


async def _take_over(host: Opened, request: Request) -> Mapping[str, Any]:
    return await (await host()).take_over(_name(request))


async def _events(host: Opened, request: Request) -> Response:
    return StreamingResponse(_event_stream(await host(), _name(request)), media_type="text/event-stream")


async def _event_stream(host: Host, page: str) -> AsyncIterator[bytes]:
    """Yield events as they come, until the page goes or the desk ends."""
    stream = host.pages.open(page)
    try:
        yield b": open\n\n"
        while not stream.closed:
            for event in _due(host, stream):
                yield as_sent(event)
            try:
                await asyncio.wait_for(stream.wake.wait(), KEEP_ALIVE_S)
                stream.wake.clear()
            except TimeoutError:
                yield b": keep-alive\n\n"
    finally:
        host.left(page, stream)


def _due(host: Host, stream: Stream) -> list[Event]:
    """Return the events that wait for a page; all of them again if it has missed some."""
    if stream.stale:
        stream.stale = False
        host.send_everything()
    waiting = list(stream.waiting)
    stream.waiting.clear()
    return waiting


def as_sent(event: Event) -> bytes:
    r"""Return an event as the stream has it.

    >>> as_sent(("note", {"text": "a\nb"}))
    b'event: note\ndata: {"text":"a\\nb"}\n\n'
    """
    name, content = event
    return b"event: %s\ndata: %s\n\n" % (name.encode(), msgspec.json.encode(content))


# --- the sound ---------------------------------------------------------------------------------------------------


async def _audio(wav: VirtualWav, request: Request) -> Response:
    headers = {"Accept-Ranges": "bytes", "Content-Type": "audio/wav"}
    try:
        part = parse_range(request.headers.get("range"), wav.size)
    except UnsatisfiableError:
        return PlainTextResponse("", 416, headers={"Content-Range": f"bytes */{wav.size}"})
    span = part or ByteSpan(0, wav.size)
    headers["Content-Length"] = str(span.end - span.start)
    if part:
        headers["Content-Range"] = f"bytes {span.start}-{span.end - 1}/{wav.size}"
    status = 206 if part else 200
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    return StreamingResponse(wav.read(span), status, headers)


async def _peaks(sound: Sound, _: Request) -> Response:
    headers = {"Content-Type": "application/octet-stream", "Content-Length": str(sound.peaks.size)}
    return StreamingResponse(_peak_stream(sound), headers=headers)


async def _peak_stream(sound: Sound) -> AsyncIterator[bytes]:
    """Yield the peaks as they are computed; silence for those that cannot be."""
    sent = 0
    while sent < sound.peaks.size:
        sound.more_peaks.clear()
        octets = sound.peaks.octets
        if sound.peaks.failed:
            octets = octets.ljust(sound.peaks.size, b"\0")
        if len(octets) == sent:
            await sound.more_peaks.wait()
            continue
        yield octets[sent:]
        sent = len(octets)
