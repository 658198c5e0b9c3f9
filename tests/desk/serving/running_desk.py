"""``cuemark desk`` as a process, and what its page does, for tests without a browser."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.desk.serving.served import Answer, ask
from tests.desk.serving.test_server import events_of
from tests.sample_episode import environment

PROGRAM = "tests.desk.serving.desk_program"
"""cuemark that hears the example, and no voices."""


@dataclass
class RunningDesk:
    """A desk that runs, and its page.

    Attributes:
        lines: what it has printed on standard error so far.
    """

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    port: int = 0
    cookie: str = ""

    def line(self, beginning: str) -> str:
        """The next line on standard error that begins so, without that."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line.rstrip("\n"))
            if line.startswith(beginning):
                return self.lines[-1].removeprefix(beginning)
        raise AssertionError(self.lines)

    def address(self) -> str:
        """The address that it has printed."""
        return self.line("desk: ")

    def enter(self, address: str) -> Answer:
        """Open an address, as the page does."""
        host, _, token = address.removeprefix("http://").partition("/#token=")
        self.port = int(host.partition(":")[2])
        answer = self.ask("POST", "/api/enter", {"token": token})
        self.cookie = answer.headers.get("set-cookie", "").partition(";")[0]
        return answer

    def ask(self, method: str, path: str, body: object = None) -> Answer:
        """Send a request as the page does."""
        host = f"127.0.0.1:{self.port}"
        headers = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin", "Cookie": self.cookie}
        return ask(self.port, method, path, headers, b"" if body is None else json.dumps(body).encode())

    def state(self) -> dict[str, Any]:
        """The state."""
        state: dict[str, Any] = self.ask("GET", "/api/state").json
        return state

    @contextmanager
    def events(self) -> Generator[Iterator[tuple[str, Any]]]:
        """The stream of events."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            headers = {"Host": f"127.0.0.1:{self.port}", "Cookie": self.cookie}
            connection.request("GET", "/api/events", headers=headers)
            answer = connection.getresponse()
            answer.readline(), answer.readline()
            yield events_of(answer)
            answer.close()
        finally:
            connection.close()

    def type(self, old: str, new: str) -> int:
        """Replace the first place of a text, as the page does; returns the version."""
        state = self.state()
        text = state["text"]
        before = len(text[: text.index(old)].encode("utf-16-le")) // 2
        after = len(text[text.index(old) + len(old) :].encode("utf-16-le")) // 2
        parts = [before, [len(old.encode("utf-16-le")) // 2, *(new.split("\n") if new else [])], after]
        updates = [{"clientID": "c", "changes": [part for part in parts if part != 0]}]
        answer = self.ask("POST", "/api/updates", {"version": state["version"], "updates": updates})
        assert answer.status == 200, answer.content
        return int(answer.json["version"])

    def interrupt(self) -> int:
        """Press Ctrl-C; returns the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.wait()

    def wait(self) -> int:
        """Wait for its end; returns the exit status."""
        assert self.process.stderr is not None
        self.lines += [line.rstrip("\n") for line in self.process.stderr]
        return self.process.wait()


@contextmanager
def running_desk(
    folder: Path, *words: str, variables: Mapping[str, str] | None = None, program: str = PROGRAM
) -> Generator[RunningDesk]:
    """Start ``cuemark desk`` with these words in a folder; it is killed at the end if it still runs.

    Args:
        folder: in which it starts.
        words: its arguments.
        variables: of its environment, beside the usual ones.
        program: the module that is cuemark with engines that load nothing.
    """
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", program, "desk", *words],
        cwd=folder,
        env={**environment(), **(variables or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield RunningDesk(process)
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert process.stderr is not None
        process.stderr.close()
