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
    """An episode as a run asks for it."""
    return RequestedEpisode(Job(name, f"{name}.mp3", transcript), key, {"transcribe.model": "tiny.en"}, files)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the ledger is."""
    return tmp_path / "out" / NAME


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    """A ledger with a run that has begun."""
    with Ledger(path) as made:
        made.begin()
        yield made


def states(ledger: Ledger) -> dict[str, str]:
    """How each episode stands."""
    return {entry.job.name: entry.state for entry in ledger.entries()}


def test_episodes_are_taken_in_order_and_each_once(ledger: Ledger) -> None:
    """Gives out what is typed in the order of the plan, then what is to be drafted, and nothing twice."""
    ledger.enter("here", [asked("d", transcript=None), asked("b"), asked("a")], [])

    taken = [entry.job.name for _ in range(4) if (entry := ledger.take())]

    assert taken == ["b", "a", "d"]
    assert set(states(ledger).values()) == {"running"}


def test_drafts_wait_where_asked(ledger: Ledger) -> None:
    """Leaves what is to be drafted alone until it is wanted, and knows how much that is typed is not settled."""
    ledger.enter("here", [asked("d", transcript=None), asked("a")], [])

    first = ledger.take(drafts=False)
    assert first is not None
    assert (first.job.name, ledger.take(drafts=False), ledger.unsettled_with_transcript()) == ("a", None, 1)

    ledger.settle("a", FAILED)
    assert ledger.unsettled_with_transcript() == 0
    assert [entry.job.name for entry in (ledger.take(),) if entry] == ["d"]


def test_outcome_is_kept(ledger: Ledger) -> None:
    """Keeps what became of an episode, to the last value."""
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
    """Enter these episodes and settle them."""
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
        (asked("b", audio="mended"), False, False, "waiting"),
    ],
)
def test_only_what_changed_is_done_again(
    ledger: Ledger,
    again: RequestedEpisode,
    retry: bool,  # noqa: FBT001 -- a table
    redo: bool,  # noqa: FBT001 -- the same
    state: str,
) -> None:
    """Lets stand what was asked for in the same way, and lets a change of files or options be done."""
    finished(ledger, a=DONE, b=FAILED)

    ledger.enter("here", [again], [], retry=retry, redo=redo)

    assert states(ledger)[again.job.name] == state


def test_old_results_are_known_when_it_is_done_again(ledger: Ledger) -> None:
    """Hands out with an episode what its results were, so that a person's change of them is noticed."""
    finished(ledger, a=DONE)
    ledger.enter("here", [asked("a", key="other")], [])

    entry = ledger.take()

    assert entry is not None
    assert entry.outcome == DONE


def test_what_is_gone_is_left_out_unless_it_is_done(ledger: Ledger) -> None:
    """Forgets what waits or failed and is no longer in the source; what is done, or of another source, stays."""
    finished(ledger, a=DONE, b=FAILED)
    ledger.enter("elsewhere", [asked("z")], [])
    ledger.enter("here", [asked("c")], [Refusal("odd\nname", "has two transcripts")])

    assert states(ledger) == {"a": "done", "c": "waiting", "z": "waiting", "odd\nname": "refused"}

    ledger.enter("here", [asked("c")], [])

    assert states(ledger) == {"a": "done", "c": "waiting", "z": "waiting"}


def test_a_run_takes_what_it_entered_alone(path: Path, ledger: Ledger) -> None:
    """Leaves to others what they asked for in another way; counts its own."""
    ledger.enter("here", [asked("a"), asked("b")], [])
    with Ledger(path) as other:
        other.begin()
        other.enter("there", [asked("c"), asked("b", key="other")], [])

        assert [entry.job.name for _ in range(3) if (entry := ledger.take())] == ["a"]
        assert [entry.job.name for _ in range(3) if (entry := other.take())] == ["c", "b"]
        assert other.counts() == {"running": 2}
        assert (ledger.counts(), ledger.count_taken_over(), other.count_taken_over()) == ({"running": 1}, 1, 0)


def test_what_may_still_be_growing_is_not_given_out(ledger: Ledger) -> None:
    """Knows of it, keeps what was asked for it in mind, and gives it out when it is whole."""
    finished(ledger, a=FAILED)
    ledger.enter("here", [asked("a"), asked("b")], [], retry=True, growing={"a", "b"})

    assert (ledger.take(), ledger.counts(), ledger.waiting()) == (None, {"waiting": 2}, frozenset())

    ledger.enter("here", [asked("a"), asked("b")], [], growing={"b"})

    assert [entry.job.name for _ in range(2) if (entry := ledger.take())] == ["a"]


def test_a_refusal_does_not_stand_in_the_way(ledger: Ledger) -> None:
    """Keeps an episode that can be done where something of the same name cannot."""
    ledger.enter("here", [asked("Trailer")], [Refusal("Trailer", "the feed has no recording of it")])

    assert [entry.job.name for entry in (ledger.take(),) if entry] == ["Trailer"]
    assert ledger.counts() == {"running": 1, "refused": 1}


def test_what_another_run_has_in_hand_is_left_to_it(path: Path, ledger: Ledger) -> None:
    """Neither takes nor changes what a living run has in hand, even if it is asked for in another way."""
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


def test_a_run_that_ends_gives_back_what_it_had(path: Path, ledger: Ledger) -> None:
    """Lets wait again what a run had in hand when it was closed, and leaves no lock behind."""
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


def test_what_a_killed_run_had_is_free_at_once(path: Path) -> None:
    """Frees what a run had in hand that was ended with kill -9, and not before."""
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


def test_a_silent_run_elsewhere_is_dead(path: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes a run on another machine, whose lock nobody here can see, for dead after ten minutes of silence."""
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
def test_what_is_no_ledger_is_one_line(path: Path, content: bytes) -> None:
    """Says in one line that a file is no ledger, and leaves it as it is."""
    path.parent.mkdir()
    path.write_bytes(content)

    with pytest.raises(LedgerError, match="is damaged or no ledger; move it away") as error:
        Ledger(path)

    assert "\n" not in str(error.value)
    assert path.read_bytes() == content


def test_another_programs_database_is_left_alone(path: Path) -> None:
    """Refuses a database of another program, and a ledger of a later version."""
    path.parent.mkdir()
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE songs (name)")
    base.close()

    with pytest.raises(LedgerError, match="another program's database"):
        Ledger(path)


def test_a_later_ledger_is_left_alone(path: Path) -> None:
    """Does not touch a ledger that a later cuemark wrote."""
    with Ledger(path):
        pass
    with sqlite3.connect(path) as base:
        base.execute("PRAGMA user_version=99")
    base.close()

    with pytest.raises(LedgerError, match="newer cuemark; update this one"):
        Ledger(path)


NAMES = st.text(st.characters(codec=None, exclude_categories=()), min_size=1)


@given(name=NAMES, error=st.none() | NAMES)
def test_any_name_survives(name: str, error: str | None) -> None:
    """Keeps names and messages of any characters, lone surrogates too, as they came from the disk."""
    job, outcome = Job(name, f"{name}.mp3", tracks={name: name}), Outcome("align", results={name: "00"}, error=error)
    row = (to_json(job), "done", "key", "{}", "{}", None, None, 1, None, None, to_json(outcome), None)

    entry = entry_from_row(row)

    assert (entry.job, entry.outcome) == (job, outcome)
    assert to_json(job).isascii()


def test_undecodable_names_can_be_settled(ledger: Ledger) -> None:
    """Takes and settles an episode whose name has bytes that are no text."""
    ledger.enter("here", [asked("a\udcff")], [Refusal("b\udcfe", "is odd")])
    entry = ledger.take()
    assert entry is not None

    ledger.settle(entry.job.name, DONE)

    assert states(ledger) == {"a\udcff": "done", "b\udcfe": "refused"}
