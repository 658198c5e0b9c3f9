"""The desk of the sample episode without its server, and what its page does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

import pytest

from pipeline.desk.desk_session import DeskSession
from pipeline.desk.safekeeping.document_file import DocumentFile
from pipeline.desk.safekeeping.document_place import DocumentPlace
from pipeline.desk.safekeeping.kept_document import KeptDocument
from pipeline.desk.serving.host import Host, RefusedError
from pipeline.desk.serving.opening import Opening
from pipeline.desk.settle import Given, Settled, SettleRequest, settle
from pipeline.io.atomic import sha256_of

PAGE = "page"
DURATION = 21_000
GIVEN = Given()
OTHER = "\ufeffother\r\nline\r"


async def settle_here(request: SettleRequest) -> Settled | None:
    """Compute in this process."""
    return settle(request)


def text_in(path: Path) -> str:
    """The text in a file, to the byte; empty without a file."""
    return path.read_bytes().decode() if path.exists() else ""


def put(path: Path, text: str) -> None:
    """Change a file as another program does."""
    path.write_bytes(text.encode())


def opened(
    path: Path,
    formats: tuple[str, ...] = (),
    write: Callable[[Mapping[str, bytes]], tuple[Path, ...]] = lambda _: (),
    *,
    times: bool = False,
    given: Given = GIVEN,
    **more: Any,  # noqa: ANN401 -- as in Opening
) -> Host:
    """The desk of a transcript; ``more`` are fields of its opening."""
    sha256 = sha256_of(path.read_bytes()) if path.exists() else None
    source = path.read_text() if path.exists() else "New\n===\n"
    document = KeptDocument(
        DocumentFile(path, path, sha256), DocumentPlace.of(path.parent / "desk", path), source, 9_000
    )
    document.take()

    def begin(source: str) -> DeskSession:
        return DeskSession(source, given, DURATION, "en", document.place.ignored)

    audio, begins = Path("show.mp3"), more.pop("begin", begin)
    opening = Opening(
        document, audio, DURATION, begins, settle_here, times=times, formats=formats, write_beside=write, **more
    )
    return Host(opening, begins(source))


def run(test: Coroutine[None, None, None]) -> None:
    """Run a test in an event loop."""
    asyncio.run(test)


def insertion(host: Host, at: int, text: str) -> dict[str, Any]:
    """An update as the page sends it."""
    state = host.session.state()
    length = len(str(state["text"]).encode("utf-16-le")) // 2
    parts = [at, [0, *text.split("\n")], length - at]
    return {"clientID": "c", "changes": [part for part in parts if part != 0]}


async def type_text(host: Host, at: int, text: str) -> None:
    """Type a text."""
    await host.update(PAGE, host.session.version, [insertion(host, at, text)])


async def refused(what: Coroutine[None, None, Any]) -> tuple[int, Mapping[str, Any]]:
    """Status and content of the answer to a request that is not done."""
    with pytest.raises(RefusedError) as raised:
        await what
    return raised.value.status, raised.value.answer
