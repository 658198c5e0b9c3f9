"""The store as real processes use it: two at once, one that is killed, and a disk that is full."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.files.store import Cleared, Store
from pipeline.io.part_files import ABANDONED_S
from tests.sample_episode import HEARD, SHOW, contents, environment, python

KEY = "ab" * 32


def files(folder: Path) -> list[Path]:
    """All files below a folder."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A new store."""
    return Store(tmp_path / "store")


AT_ONCE = """
import sys, time
from pathlib import Path
from pipeline.cli import main
from tests.sample_episode import HEARD
from tests.fake_engines import FakeEngines

me, other = sys.argv[1:]

def meet(place):
    Path(f"{place}-{me}").touch()
    patience = time.monotonic() + 60
    while not Path(f"{place}-{other}").exists():
        assert time.monotonic() < patience, "the other run never came"
        time.sleep(0.001)

def answer(keep):
    meet("listening")
    for number in range(40):
        keep.save(f"window {number}", HEARD.words)
    meet("heard")
    return HEARD

sys.exit(main(["align", "show.mp3", "show.md"], FakeEngines([answer]).engines))
"""


def test_two_runs_on_one_episode(workspace: Path, own_home: Path) -> None:
    """Lets both listen and write at the same time: both succeed, and leave what one alone leaves, and no more."""
    command = [sys.executable, "-c", AT_ONCE]
    runs = [
        subprocess.Popen([*command, *names], env=environment(), stderr=subprocess.PIPE, text=True)
        for names in (("one", "two"), ("two", "one"))
    ]
    errors = [run.communicate(timeout=120)[1] for run in runs]
    both = {name: content for name, content in contents(workspace).items() if "-" not in name}
    (workspace / "alone").mkdir()
    for name in ("show.mp3", "show.md"):
        (workspace / "alone" / name).write_bytes((workspace / name).read_bytes())
    alone = python(
        "import os, sys; os.chdir('alone'); from pipeline.cli import main; from tests.fake_engines import FakeEngines;"
        "sys.exit(main(['align', 'show.mp3', 'show.md'], FakeEngines().engines))"
    )

    assert [run.returncode for run in runs] == [0, 0], errors
    assert all("warning" not in error for error in errors)
    assert (alone.returncode, both) == (0, contents(workspace / "alone"))
    assert both["show.md"] == SHOW.encode()
    assert [path.name for path in files(own_home / "store") if len(path.name) != 62] == []
    holdings = {one.stage: one for one in Store(own_home / "store").holdings()}
    stages = ["alignment", "forced", "hearing", "matches", "phones", "recording", "voices", "window", "written"]
    assert sorted(holdings) == stages
    assert holdings["window"].number == 40


KILLED = """
import os, signal, sys
from pathlib import Path
from pipeline.files.store import Store

os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
Store(Path(sys.argv[1])).save("hearing", "ab" * 32, "half written")
"""


def test_killed_write_is_not_believed(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    """Keeps what was there where a run is killed while it writes; the next run removes what it left."""
    store.save("hearing", KEY, "whole")
    (entry,) = files(store.folder)
    killed = python(KILLED, str(store.folder))
    (left,) = set(files(store.folder)) - {entry}

    assert killed.returncode == -signal.SIGKILL
    assert left.parent == store.folder
    assert store.load("hearing", KEY, str) == "whole"
    store.save("window", KEY, "of the next run")
    assert not left.exists()
    assert store.load("hearing", KEY, str) == "whole"
    assert caplog.messages == []


def test_clearing_removes_what_was_abandoned(store: Store) -> None:
    """Removes temporary files of killed runs everywhere in the store."""
    python(KILLED, str(store.folder))
    old = store.folder / "hearing" / "ab" / f".cuemark-{'a' * 16}.part"  # as an earlier version left it
    old.parent.mkdir(exist_ok=True)
    old.write_text("half")
    os.utime(old, (0, time.time() - ABANDONED_S - 60))
    assert len(files(store.folder)) == 2

    assert store.clear(unused_s=3_600) == Cleared(0, 0, 0)
    assert files(store.folder) == []


FULL = """
import resource, signal, sys
from pathlib import Path
import pipeline
from pipeline.files.store import Store
from tests.sample_episode import HEARD
from tests.fake_engines import FakeEngines

def answer(keep):
    for number in range(3):
        keep.save(f"window {number}", HEARD.words)
    return HEARD

resource.setrlimit(resource.RLIMIT_FSIZE, (50, 50))
engines, store = FakeEngines([answer]).engines, Store(Path(sys.argv[1]))
result = pipeline.align(Path("show.mp3"), Path("show.md"), engines=engines, store=store)
print(result.coverage, result.continue_point.at)
"""


def test_full_disk_is_done_without(workspace: Path, store: Store) -> None:
    """Gives the right result, one warning, and leaves nothing behind where no entry can be written whole."""
    outcome = python(FULL, str(store.folder))

    assert (outcome.returncode, outcome.stdout) == (0, f"1.0 {15_200}\n"), outcome.stderr
    assert outcome.stderr == f"{store.folder}: the store cannot be used (File too large); going on without it\n"
    assert files(store.folder) == []
    assert HEARD.words[-1].span.end == 20_000
    assert (workspace / "show.md").read_text() == SHOW


BUSY = """
import sys
from pathlib import Path
from pipeline.files.store import Store

store = Store(Path(sys.argv[1]))
print("ready", flush=True)
for number in range(400):
    store.save("hearing", f"{number % 7:064x}", number)
    store.load("hearing", f"{number % 5:064x}", int)
"""


def test_clearing_beside_a_run(store: Store) -> None:
    """Takes nothing from under a run that is writing: it goes on without a word."""
    run = subprocess.Popen(
        [sys.executable, "-c", BUSY, str(store.folder)],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    assert run.stdout.readline() == "ready\n"
    stuck = 0
    while run.poll() is None:
        stuck += store.clear().stuck

    assert (run.returncode, run.communicate()[1], stuck) == (0, "", 0)
    store.clear()
    assert files(store.folder) == []
