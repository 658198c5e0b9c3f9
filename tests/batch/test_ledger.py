from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch.ledger import DEAD_AFTER_S, Ledger
from pipeline.batch.ledger_rows import RequestedEpisode, entry_from_row, to_json
from pipeline.batch.messages import Job, Outcome, Refusal
from pipeline.commands.batch import LEDGER as NAME
from pipeline.errors import LedgerError
from pipeline.progress import Step
from tests.sample_episode import environment

DONE = Outcome("align", results={"a.srt": "00"}, figures={"coverage": 0.9}, findings={"not-heard": 1})
FAILED = Outcome("align", error="a.mp3: is damaged")


def asked(name: str, *, transcript: str | None = "x.md", key: str = "key", **files: str) -> RequestedEpisode:
    """Return an episode as a run requests it."""
    return RequestedEpisode(Job(name, f"{name}.mp3", transcript), key, {"transcribe.model": "tiny.en"}, files)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The path of the ledger."""
    return tmp_path / "out" / NAME


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    """A ledger with a started run."""
    with Ledger(path) as made:
        made.begin()
        yield made


def states(ledger: Ledger) -> dict[str, str]:
    """Return the state of each episode."""
    return {entry.job.name: entry.state for entry in ledger.entries()}


def test_episodes_are_taken_once_and_drafts_last(ledger: Ledger) -> None:
    """Episodes with a transcript are taken in the order of the plan, then those to draft, and none twice."""
    ledger.enter("here", [asked("d", transcript=None), asked("b"), asked("a")], [])

    taken = [entry.job.name for _ in range(4) if (entry := ledger.take())]

    assert taken == ["b", "a", "d"]
    assert set(states(ledger).values()) == {"running"}


def test_drafts_wait_until_they_are_allowed(ledger: Ledger) -> None:
    """Episodes to draft are not taken with ``drafts=False``, and the unsettled ones with a transcript are counted."""
    ledger.enter("here", [asked("d", transcript=None), asked("a")], [])

    first = ledger.take(drafts=False)
    assert first is not None
    assert (first.job.name, ledger.take(drafts=False), ledger.unsettled_with_transcript()) == ("a", None, 1)

    ledger.settle("a", FAILED)
    assert ledger.unsettled_with_transcript() == 0
    assert [entry.job.name for entry in (ledger.take(),) if entry] == ["d"]


def test_outcome_is_kept(ledger: Ledger) -> None:
    """The steps of a running episode and every value of its outcome are stored."""
    ledger.enter("here", [asked("a")], [])
    ledger.take()
    ledger.record_step("a", Step("listening", 1, 4, "ms"))
    during = ledger.entries()[0]
    ledger.settle("a", DONE)
    after = ledger.entries()[0]

    assert (during.state, during.stage, during.share, during.attempts) == ("running", "listening", 0.25, 1)
    assert (after.state, after.stage, after.outcome, after.error) == ("done", None, DONE, None)
    assert after.settings == {"transcribe.model": "tiny.en"}
    assert after.started is not None
    assert after.ended is not None
    assert after.started <= after.ended


def finished(ledger: Ledger, **outcomes: Outcome) -> None:
    """Enter episodes and settle them with these outcomes."""
    ledger.enter("here", [asked(name) for name in outcomes], [])
    while entry := ledger.take():
        ledger.settle(entry.job.name, outcomes[entry.job.name])


@pytest.mark.parametrize(
    ("again", "retry", "redo", "state"),
    [
        (asked("a"), False, False, "done"),
        (asked("a"), False, True, "waiting"),
        (asked("a", key="other"), False, False, "waiting"),
        (asked("a", audio="changed"), False, False, "waiting"),
        (asked("b"), False, False, "failed"),
        (asked("b"), True, False, "waiting"),
        (asked("b", audio="fixed"), False, False, "waiting"),
    ],
)
def test_only_changed_episodes_wait_again(
    ledger: Ledger,
    again: RequestedEpisode,
    retry: bool,  # noqa: FBT001 -- a table
    redo: bool,  # noqa: FBT001 -- the same
    state: str,
) -> None:
    """An unchanged request keeps the state; changed files or options, ``retry`` and ``redo`` make an episode wait."""
    finished(ledger, a=DONE, b=FAILED)

    ledger.enter("here", [again], [], retry=retry, redo=redo)

    assert states(ledger)[again.job.name] == state


def test_the_last_outcome_is_returned_with_a_repeated_episode(ledger: Ledger) -> None:
    """An episode that is taken again has its last outcome, so that edited results can be recognized."""
    finished(ledger, a=DONE)
    ledger.enter("here", [asked("a", key="other")], [])

    entry = ledger.take()

    assert entry is not None
    assert entry.outcome == DONE


def test_episodes_that_left_the_source_are_removed_unless_done(ledger: Ledger) -> None:
    """Waiting, failed and refused entries that left the source are removed; done ones and other sources' stay."""
    finished(ledger, a=DONE, b=FAILED)
    ledger.enter("elsewhere", [asked("z")], [])
    ledger.enter("here", [asked("c")], [Refusal("odd\nname", "has two transcripts")])

    assert states(ledger) == {"a": "done", "c": "waiting", "z": "waiting", "odd\nname": "refused"}

    ledger.enter("here", [asked("c")], [])

    assert states(ledger) == {"a": "done", "c": "waiting", "z": "waiting"}


def test_a_run_takes_only_what_it_entered(path: Path, ledger: Ledger) -> None:
    """A run neither takes nor counts episodes that another run requested with other options since."""
    ledger.enter("here", [asked("a"), asked("b")], [])
    with Ledger(path) as other:
        other.begin()
        other.enter("there", [asked("c"), asked("b", key="other")], [])

        assert [entry.job.name for _ in range(3) if (entry := ledger.take())] == ["a"]
        assert [entry.job.name for _ in range(3) if (entry := other.take())] == ["c", "b"]
        assert other.counts() == {"running": 2}
        assert (ledger.counts(), ledger.count_taken_over(), other.count_taken_over()) == ({"running": 1}, 1, 0)


def test_a_growing_episode_is_not_taken(ledger: Ledger) -> None:
    """A growing episode is counted, keeps its retry, and is taken only when it is complete."""
    finished(ledger, a=FAILED)
    ledger.enter("here", [asked("a"), asked("b")], [], retry=True, growing={"a", "b"})

    assert (ledger.take(), ledger.counts(), ledger.waiting()) == (None, {"waiting": 2}, frozenset())

    ledger.enter("here", [asked("a"), asked("b")], [], growing={"b"})

    assert [entry.job.name for _ in range(2) if (entry := ledger.take())] == ["a"]


def test_a_refusal_of_the_same_name_does_not_replace_an_episode(ledger: Ledger) -> None:
    """An episode is taken although something of the same name was refused."""
    ledger.enter("here", [asked("Trailer")], [Refusal("Trailer", "the feed has no recording of it")])

    assert [entry.job.name for entry in (ledger.take(),) if entry] == ["Trailer"]
    assert ledger.counts() == {"running": 1, "refused": 1}


def test_the_running_episode_of_another_run_is_left_to_it(path: Path, ledger: Ledger) -> None:
    """An episode that a living run processes is neither taken nor changed, even if requested with other options."""
    ledger.enter("here", [asked("a")], [])
    ledger.take()
    with Ledger(path) as other:
        other.begin()
        other.enter("here", [asked("a", key="other")], [], redo=True)

        assert other.take() is None
        assert other.count_taken_over() == 1

        other.enter("here", [], [Refusal("a", "is refused")])
        assert states(other) == {"a": "running"}

    ledger.settle("a", DONE)
    assert states(ledger) == {"a": "done"}


def test_a_closed_run_releases_its_episodes(path: Path, ledger: Ledger) -> None:
    """The running episodes of a closed run wait again, and its lock file is removed."""
    ledger.enter("here", [asked("a")], [])
    with Ledger(path) as other:
        other.begin()
        other.enter("here", [asked("a")], [])
        other.take()

    assert states(ledger) == {"a": "waiting"}
    assert len(list(path.parent.glob(".*.lock"))) == 1


KILLED = """
import sys, time
from pathlib import Path
from pipeline.batch.ledger import Ledger
from tests.batch.test_ledger import asked
ledger = Ledger(Path(sys.argv[1]))
ledger.begin()
ledger.enter("here", [asked("a"), asked("b")], [])
print(ledger.take().job.name, flush=True)
time.sleep(60)
"""


def test_a_killed_run_releases_its_episodes_at_once(path: Path) -> None:
    """The episodes of a run are released after it was killed with kill -9, and not before."""
    path.parent.mkdir()
    words = [sys.executable, "-c", KILLED, str(path)]
    with (
        subprocess.Popen(words, env=environment(), stdout=subprocess.PIPE, text=True) as process,
        Ledger(path) as ledger,
    ):
        assert process.stdout is not None
        assert process.stdout.readline() == "a\n"
        ledger.begin()
        ledger.enter("here", [asked("a"), asked("b")], [])
        living = [entry.job.name for _ in range(2) if (entry := ledger.take())]
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        ledger.release_stale_runs()

        assert living == ["b"]
        freed = [entry.job.name for _ in range(2) if (entry := ledger.take())]
        assert freed == ["a"]


def test_a_silent_run_on_another_machine_is_dead(path: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run on another machine, whose lock cannot be checked, is dead after ``DEAD_AFTER_S`` without a heartbeat."""
    ledger.enter("here", [asked("a")], [])
    ledger.take()
    monkeypatch.setattr("socket.gethostname", lambda: "another")
    for silence, state in ((DEAD_AFTER_S / 2, "running"), (DEAD_AFTER_S * 2, "waiting")):
        later = time.time() + silence
        with Ledger(path, now=partial(float, later)) as other:
            other.begin()
            assert states(other) == {"a": state}


@pytest.mark.parametrize(
    "content", [b"no database at all, but a text of some length", b"SQLite format 3\0" + b"\xff" * 200]
)
def test_a_damaged_ledger_is_an_error_of_one_line(path: Path, content: bytes) -> None:
    """A file that is not a ledger is reported in one line, and stays unchanged."""
    path.parent.mkdir()
    path.write_bytes(content)

    with pytest.raises(LedgerError, match="is damaged or no ledger; move it away") as error:
        Ledger(path)

    assert "\n" not in str(error.value)
    assert path.read_bytes() == content


@pytest.mark.parametrize("job", ["[" * 100_000, "{", "{}"])
def test_a_damaged_row_is_an_error_of_one_line(path: Path, ledger: Ledger, job: str) -> None:
    """An episode that cuemark did not write, however it is nested, is reported as damage of the ledger."""
    ledger.enter("here", [asked("a")], [])
    with sqlite3.connect(path) as base:
        changed = base.execute("UPDATE episodes SET job=?", (job,)).rowcount
    base.close()

    assert changed > 0
    with pytest.raises(LedgerError, match="is damaged or no ledger; move it away"):
        ledger.entries()


def test_another_programs_database_is_left_alone(path: Path) -> None:
    """A database of another program is rejected, and not kept open."""
    path.parent.mkdir()
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE songs (name)")
    base.close()

    with pytest.raises(LedgerError, match="another program's database") as error:
        Ledger(path)
    assert str(path) not in {file.path for file in psutil.Process().open_files()}, error.value


def test_a_ledger_of_a_newer_version_is_left_alone(path: Path) -> None:
    """A ledger that a newer cuemark wrote is rejected."""
    with Ledger(path):
        pass
    with sqlite3.connect(path) as base:
        base.execute("PRAGMA user_version=99")
    base.close()

    with pytest.raises(LedgerError, match="newer cuemark; update this one"):
        Ledger(path)


NAMES = st.text(st.characters(codec=None, exclude_categories=()), min_size=1)


@given(name=NAMES, error=st.none() | NAMES)
def test_any_text_survives_the_ledger(name: str, error: str | None) -> None:
    """Names and messages of any characters, also lone surrogates, are read back unchanged."""
    job, outcome = Job(name, f"{name}.mp3", tracks={name: name}), Outcome("align", results={name: "00"}, error=error)
    row = (to_json(job), "done", "key", "{}", "{}", None, None, 1, None, None, to_json(outcome), None)

    entry = entry_from_row(row)

    assert (entry.job, entry.outcome) == (job, outcome)
    assert to_json(job).isascii()


def test_an_episode_with_an_undecodable_name_can_be_settled(ledger: Ledger) -> None:
    """An episode whose name has bytes that are not UTF-8 is taken and settled under its name."""
    ledger.enter("here", [asked("a\udcff")], [Refusal("b\udcfe", "is odd")])
    entry = ledger.take()
    assert entry is not None

    ledger.settle(entry.job.name, DONE)

    assert states(ledger) == {"a\udcff": "done", "b\udcfe": "refused"}
