from __future__ import annotations

import inspect
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest

from pipeline.errors import INTERRUPTED_LINE, AudioError, EngineError, NoSpeechError
from tests.sample_episode import (
    FORCED,
    HEARD,
    LISTENED,
    SEPARATED,
    SHOW,
    TIMED,
    Command,
    Outcome,
    contents,
    environment,
    full_disk,
    python,
)

PACKAGE = f"{os.sep}pipeline{os.sep}"


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("align none.mp3 show.md", "none.mp3: there is no such file"),
        ("align show.mp3 none.md", "none.md: there is no such file; check the name and the folder"),
        ("align show.mp3 .", ".: this is a folder, not a transcript; give the file"),
        (
            "align show.md show.mp3",
            "show.mp3: is a recording, but show.md is text; give the audio first, then the transcript",
        ),
        (
            "marker show.mp3 show.mp3",
            "show.mp3: is given as the audio and as the transcript; give the audio first, then the transcript",
        ),
    ],
)
def test_unusable_files_are_one_line(workspace: Path, cuemark: Command, line: str, error: str) -> None:
    """Says in one line which file cannot be used, and why, with status 1, and writes nothing."""
    (workspace / "show.mp3").write_bytes(b"ID3\x04\0\0")
    before = contents(workspace)

    assert cuemark(line) == Outcome(1, "", f"cuemark: {error}\n")
    assert contents(workspace) == before


@pytest.mark.parametrize(
    ("failure", "line"),
    [
        (NoSpeechError(Path("show.mp3")), "show.mp3: no speech found; is this the episode's audio?"),
        (AudioError(Path("show.mp3"), "is damaged"), "show.mp3: is damaged"),
        (EngineError("faster-whisper", "out of memory"), "faster-whisper: out of memory"),
        (OSError(28, "No space left on device", "/store"), "/store: No space left on device"),
        (RuntimeError("two\nlines"), "this is a fault of cuemark, --debug shows where: RuntimeError: two lines"),
    ],
)
def test_failure_while_listening_is_one_line(workspace: Path, cuemark: Command, failure: Exception, line: str) -> None:
    """Says in one line what went wrong, whatever it was, without a traceback, and writes nothing."""
    outcome = cuemark("align show.mp3 show.md", failure)

    assert outcome == Outcome(1, "", f"{LISTENED}cuemark: {line}\n")
    assert set(contents(workspace)) == {"show.mp3", "show.md"}


@pytest.mark.usefixtures("workspace")
def test_debug_shows_where(cuemark: Command) -> None:
    """Shows a traceback with ``--debug``, and the one line after it."""
    outcome = cuemark("align show.mp3 show.md --debug", RuntimeError("broken"))

    assert outcome.status == 1
    assert "Traceback (most recent call last)" in outcome.err
    assert outcome.err.endswith("RuntimeError: broken\n")


def test_strangers_text_moves_no_cursor(workspace: Path, cuemark: Command) -> None:
    """Names a label without the control characters in it, so that it cannot write over the terminal."""
    (workspace / "show.md").write_text(SHOW.replace("**Ann Lee**", "**Ann\x1b[2J Lee**"))
    outcome = cuemark("align show.mp3 show.md -f md", HEARD)

    assert "[2J Lee" in outcome.err
    assert "\x1b" not in outcome.err


def test_store_that_cannot_be_used_is_said_once(
    workspace: Path, cuemark: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Does its work without a store, with one warning."""
    monkeypatch.setenv("CUEMARK_STORE", str(workspace / "show.mp3" / "store"))
    outcome = cuemark("align show.mp3 show.md", HEARD)

    assert outcome.status == 0
    assert outcome.err.count("the store cannot be used (Not a directory); going on without it\n") == 1
    assert (workspace / "show.timed.md").read_text() == TIMED


FAKE_RUN = """
import sys, time
from pipeline.cli import main
from tests.fake_engines import FakeEngines
from tests.sample_episode import HEARD

def slowly(keep):
    print("now", file=sys.stderr, flush=True)
    time.sleep(60)

sys.exit(main(sys.argv[2:], FakeEngines([slowly if sys.argv[1] == "slowly" else HEARD]).engines))
"""


@pytest.mark.parametrize("command", ["align", "marker"])
def test_interrupt_leaves_nothing(workspace: Path, cuemark: Command, command: str) -> None:
    """Ends with 130 and one line, and leaves every file as it was."""
    before = contents(workspace)
    outcome = cuemark(f"{command} show.mp3 show.md --in-place", KeyboardInterrupt())

    assert outcome == Outcome(
        130, "", f"{LISTENED}cuemark: interrupted; every file is whole, and the next run goes on from here\n"
    )
    assert contents(workspace) == before


class _InterruptAt:
    """A profiler that is Ctrl-C at the n-th call of a function of ours.

    What Python calls to clear away a generator is left out: it can only complain of what is raised there.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.calls = 0

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        file, is_generator = frame.f_code.co_filename, frame.f_code.co_flags & inspect.CO_GENERATOR
        if event == "call" and PACKAGE in file and not (is_generator or file.endswith("cli.py")):
            self.calls += 1
            if self.calls == self.number:
                sys.setprofile(None)
                raise KeyboardInterrupt


def test_interrupt_at_any_moment_leaves_whole_files(workspace: Path, cuemark: Command) -> None:
    """Ends with 130 at whichever of its calls Ctrl-C comes, with no file but whole ones, and the next run is right."""
    cuemark("align show.mp3 show.md", HEARD)
    whole = contents(workspace)
    counter = _InterruptAt(0)
    sys.setprofile(counter)
    cuemark("align show.mp3 show.md --overwrite", HEARD)
    sys.setprofile(None)

    statuses = set()
    for number in range(1, counter.calls, max(1, counter.calls // 40)):
        for name in whole.keys() - {"show.mp3", "show.md"}:
            (workspace / name).unlink(missing_ok=True)
        sys.setprofile(_InterruptAt(number))
        outcome = cuemark("align show.mp3 show.md", HEARD)
        sys.setprofile(None)
        statuses.add(outcome.status)
        assert "Traceback" not in outcome.err
        assert contents(workspace).items() <= whole.items()
    assert statuses == {130}
    assert cuemark("align show.mp3 show.md", HEARD).status == 0
    assert contents(workspace) == whole


@contextmanager
def interruptible_children() -> Iterator[None]:
    """Let Ctrl-C reach child processes: they ignore what their parent ignores, as a job in the background does."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def test_interrupted_process_leaves_nothing(workspace: Path) -> None:
    """Ends with 130, without a traceback, when a real process gets Ctrl-C while it listens."""
    before = contents(workspace)
    words = [sys.executable, "-c", FAKE_RUN, "slowly", "align", "show.mp3", "show.md"]
    with (
        interruptible_children(),
        subprocess.Popen(words, env=environment(), stderr=subprocess.PIPE, text=True) as process,
    ):
        assert process.stderr is not None
        lines = [process.stderr.readline() for _ in range(3)]
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()

    assert (process.returncode, lines) == (130, ["loading the model base (cache)\n", "listening (0:20)\n", "now\n"])
    assert rest == "cuemark: interrupted; every file is whole, and the next run goes on from here\n"
    assert contents(workspace) == before


PROGRAM = """
import os, signal, sys, threading, time
from pipeline import cli

def interrupted():
    try:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(30)
    except KeyboardInterrupt:
        if sys.argv[1] == "twice":
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(30)
        threading.Thread(target=time.sleep, args=(30,)).start()  # a library that still computes
        return cli.INTERRUPTED

cli.main = interrupted if sys.argv[1] in ("once", "twice") else lambda: int(sys.argv[1])
cli.program()
"""


@pytest.mark.parametrize(
    ("case", "ends"),
    [("once", (130, "")), ("twice", (130, f"{INTERRUPTED_LINE}\n")), ("0", (0, "")), ("2", (2, ""))],
)
def test_the_program_ends_soon(case: str, ends: tuple[int, str]) -> None:
    """An interrupted one does not wait for what a library computes, and the second Ctrl-C ends it at once."""
    begun = time.monotonic()
    with interruptible_children():
        done = subprocess.run([sys.executable, "-c", PROGRAM, case], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == ends
    assert time.monotonic() - begun < 20


def test_reader_that_is_gone_makes_no_noise(workspace: Path) -> None:
    """Ends without a traceback if the reader of its output is gone; what it wrote is whole."""
    words = [sys.executable, "-c", FAKE_RUN, "at once", "align", "show.mp3", "show.md"]
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.run(words, env=environment(), stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)

    assert (process.returncode, process.stderr) == (1, LISTENED + FORCED + SEPARATED)
    assert (workspace / "show.timed.md").read_text() == TIMED


def test_output_that_cannot_be_written_is_one_line(workspace: Path) -> None:
    """Says in one line that standard output cannot be written, and ends with 1."""
    words = [sys.executable, "-c", FAKE_RUN, "at once", "align", "show.mp3", "show.md"]
    with Path(os.devnull).open() as closed_to_writing:
        process = subprocess.run(
            words, env=environment(), stdout=closed_to_writing, stderr=subprocess.PIPE, text=True, check=False
        )

    assert (process.returncode, process.stderr) == (
        1,
        f"{LISTENED}{FORCED}{SEPARATED}cuemark: standard output: Bad file descriptor\n",
    )
    assert (workspace / "show.timed.md").read_text() == TIMED


def test_closed_streams_are_no_failure(workspace: Path) -> None:
    """Does its work where it was started without standard output and standard error."""
    program = f"import sys\nsys.stdout = sys.stderr = None\n{FAKE_RUN}"
    process = python(program, "at once", "align", "show.mp3", "show.md")

    assert (process.returncode, process.stdout, process.stderr) == (0, "", "")
    assert (workspace / "show.timed.md").read_text() == TIMED


@pytest.mark.parametrize("stderr", ["full", "closed pipe", "closed"])
@pytest.mark.parametrize("line", ["align show.mp3 show.md --in-place", "marker show.mp3 show.md --in-place"])
def test_messages_that_cannot_be_written_end_nothing(workspace: Path, stderr: str, line: str) -> None:
    """Does all its work, prints its result and ends with 0 where standard error is full, broken or closed."""
    words = [sys.executable, "-c", FAKE_RUN, "at once", *line.split()]
    whole = subprocess.run(
        [*words, "--relisten"], env=environment(), cwd=copied(workspace), capture_output=True, check=True
    )
    reader, writer = os.pipe()
    os.close(reader)
    target = full_disk() if stderr == "full" else writer
    process = subprocess.run(
        ["sh", "-c", 'exec "$@" 2>&-', "sh", *words] if stderr == "closed" else words,
        env=environment(), stdout=subprocess.PIPE, stderr=target, check=False,
    )  # fmt: skip
    os.close(target)

    assert (process.returncode, process.stdout) == (0, whole.stdout)
    assert contents(workspace) == contents(workspace.parent / "copy")


def copied(workspace: Path) -> Path:
    """A copy of the workspace next to it."""
    return Path(shutil.copytree(workspace, workspace.parent / "copy"))


def test_failure_is_told_by_the_status_alone(workspace: Path) -> None:
    """Ends with the status of the failure where its line cannot be written, not with Python's own 120."""
    words = [sys.executable, "-c", FAKE_RUN, "at once", "align", "show.mp3", "none.md"]
    full = full_disk()
    process = subprocess.run(words, env=environment(), cwd=workspace, stderr=full, check=False)
    os.close(full)

    assert process.returncode == 1


DESCRIPTORS = """
import os, sys
from pipeline import cli
cli.main(["--version"])
print(os.open("show.md", os.O_RDONLY), file=open("descriptor", "w"))
"""


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_no_file_gets_the_number_of_a_closed_stream(workspace: Path, closed: str) -> None:
    """Opens the transcript under no standard descriptor: what a library prints must not go into a file."""
    words = ["sh", "-c", f'exec "$@" {closed}', "sh", sys.executable, "-c", DESCRIPTORS]
    process = subprocess.run(words, env=environment(), cwd=workspace, check=False)

    assert process.returncode == 0
    assert int((workspace / "descriptor").read_text()) > 2


TERMINAL_GOES = """
import os, sys
from pipeline.cli import main
from tests.fake_engines import FakeEngines
from tests.sample_episode import HEARD

def hang_up(keep):
    os.close(int(sys.argv[1]))
    return HEARD

sys.exit(main(sys.argv[2:], FakeEngines([hang_up]).engines))
"""


def test_terminal_that_is_closed_ends_nothing(workspace: Path) -> None:
    """Goes on where the terminal with the progress bars is closed while it listens."""
    parent, child = pty.openpty()
    words = [sys.executable, "-c", TERMINAL_GOES, str(parent), "align", "show.mp3", "show.md"]
    with subprocess.Popen(
        words, env={**environment(), "TERM": "xterm"}, stdout=subprocess.PIPE, stderr=child, pass_fds=[parent]
    ) as process:
        os.close(parent)
        os.close(child)
        assert process.stdout is not None
        printed = process.stdout.read()

    assert (process.returncode, printed) == (0, b"show.timed.md\nshow.srt\nshow.vtt\nshow.json\n")
    assert (workspace / "show.timed.md").read_text() == TIMED


def shown_on_a_terminal(words: list[str]) -> bytes:
    """Everything that a program writes to a terminal."""
    parent, child = pty.openpty()
    with subprocess.Popen(words, env=environment(), stdin=child, stdout=child, stderr=child):
        os.close(child)
        shown = b""
        try:
            while part := os.read(parent, 65_536):
                shown += part
        except OSError:  # the other end is closed, and everything is read
            pass
    os.close(parent)
    return shown


@pytest.mark.parametrize(
    "line",
    ["align show.mp3 show.md --diff", "check show.md", "align show.mp3 show.md --json", "marker show.mp3 show.md"],
)
def test_strangers_text_puts_no_controls_on_a_terminal(workspace: Path, line: str) -> None:
    """Shows control characters of a transcript as marks on a terminal, in results too; in a file they stay."""
    text = SHOW.replace("**Ann Lee**", "**Ann\x9b31m Lee\u202e**").replace("old apple", "old\x1b[2J\x07\r apple")
    (workspace / "show.md").write_bytes(text.replace("\n", "\r\n").encode())
    words = [sys.executable, "-c", FAKE_RUN, "at once", *line.split()]
    shown = shown_on_a_terminal(words).decode()
    in_a_file = subprocess.run(words, env=environment(), stdout=subprocess.PIPE, check=True).stdout.decode()

    assert not re.search(r"[\x9b\u202e\x07]|\x1b\[(2J|31m)|\r(?!\r?\n)", bars_removed(shown))
    assert ("\x1b[2J" in in_a_file) == ("--diff" in line)


def bars_removed(shown: str) -> str:
    """What is shown, without what Rich itself writes to move the cursor and to draw."""
    without_moves = re.sub(r"\r\x1b\[2K|\x1b\[1A\x1b\[2K", "", shown)
    return re.sub(r"\x1b\[(\?25[lh]|[\d;]*[mKA]|1A)|\r(?=\x1b)", "", without_moves)
