from __future__ import annotations

import os
import signal
import socket
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from distributed import Client

from pipeline.batch.episode_task import run_task
from pipeline.batch.messages import Outcome, Task
from pipeline.batch.storage import remote_files
from pipeline.batch.workers import dask_cluster
from pipeline.batch.workers.capacity import Capacity
from pipeline.batch.workers.dask_cluster import dask_worker_pool
from pipeline.batch.workers.dask_workers import check_versions
from pipeline.errors import ClusterError, ConfigError, LostWorkerError
from pipeline.io.atomic import sha256_file
from pipeline.progress import Step
from pipeline.settings.config import Config
from tests.batch.batch_program import make, plan
from tests.batch.dask_machines import ROOT, Machines, crew_of, machines, wait_until
from tests.batch.fake_engines_by_name import ENGINES, HEARD_LOG, SLOWNESS
from tests.batch.ssh_server import serving_ssh
from tests.batch.worker_jobs import copy, die, fail, leave_mark, nothing, put_number, task, wait_for_word

pytestmark = pytest.mark.xdist_group("dask")  # its cluster is started once

ALONE = ["--no-nanny"]
"""A worker that nobody starts again when it is lost."""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """A scheduler with two workers, one of which has a graphics card, for the tests that leave them as they are."""
    with machines(tmp_path_factory.mktemp("cluster"), [*ALONE, "--resources", "GPU=1"], ALONE) as found:
        yield found


def begun(folder: Path) -> dict[str, list[int]]:
    """Which processes have begun each episode."""
    found = defaultdict(list)
    for path in folder.rglob("*.begun"):
        name, pid, _ = path.relative_to(folder).as_posix().rsplit(".", 2)
        found[name].append(int(pid))
    return found


def test_episodes_go_from_store_to_store(bucket: str, tmp_path: Path) -> None:
    """Takes audio from an object store and puts results there, complete though a worker is killed on the way."""
    names = ["season 1/07 – é 🎙", "star*[1]?", "a#b%20c+d"]
    for name in names:
        remote_files.write_bytes(remote_files.join(f"{bucket}/in", f"{name}.mp3"), name.encode())
    with machines(tmp_path, ALONE, ALONE) as found, crew_of(str(found.file), copy) as crew:
        wait_until(lambda: crew.size == 2)
        tasks = [
            task(name, f"{bucket}/out", audio=remote_files.join(f"{bucket}/in", f"{name}.mp3"), title=str(tmp_path))
            for name in names
        ]
        futures = [crew.submit(each) for each in tasks]
        wait_until(lambda: len(begun(tmp_path)) == 2)
        (lost, (killed,)), *_ = begun(tmp_path).items()
        os.kill(killed, signal.SIGKILL)
        (tmp_path / "go").touch()
        assert [future.result(timeout=60).error for future in futures] == [None] * 3

    results = {name: remote_files.read_bytes(remote_files.join(f"{bucket}/out", f"{name}.md")) for name in names}
    assert results == {name: name.encode() * 2 for name in names}
    assert len(set(begun(tmp_path)[lost])) == 2


def test_real_work_outlives_a_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Writes whole what ``cuemark batch`` writes of each episode, with the store and the results on a shared disk."""
    folder, out = tmp_path / "episodes", tmp_path / "out"
    make(folder, 5, broken=1)
    monkeypatch.setenv(HEARD_LOG, str(tmp_path / "heard.log"))
    monkeypatch.setenv(SLOWNESS, "1")
    steps: list[tuple[str, Step]] = []
    with (
        machines(tmp_path, ALONE, ALONE) as found,
        crew_of(str(found.file), partial(run_task, ENGINES), steps=steps) as crew,
    ):
        wait_until(lambda: crew.size == 2)
        here = str(tmp_path / "here")
        tasks = [Task(job, Config(), str(out), here, ("md", "srt")) for job in plan(folder).jobs]
        futures = {each.job.name: crew.submit(each) for each in tasks}
        wait_until(lambda: len({name for name, step in steps if step.stage == "listening"}) == 2)
        found.workers[0].kill()
        outcomes = {name: future.result(timeout=60) for name, future in futures.items()}

    assert outcomes.pop("000").error == f"{folder / '000.mp3'}: is not audio"
    assert {outcome.error for outcome in outcomes.values()} == {None}
    results = {path: hashed for outcome in outcomes.values() for path, hashed in outcome.results.items()}
    assert {path: sha256_file(Path(path)) for path in results} == results
    assert sorted(path.name for path in out.glob("*.srt")) == [f"00{number}.srt" for number in range(1, 5)]


def test_an_episode_that_kills_its_workers_costs_no_other(tmp_path: Path) -> None:
    """Gives up an episode under which one worker after the other dies, and does the rest with their successors."""
    with machines(tmp_path, ["--nworkers", "2"]) as found, crew_of(str(found.file), die) as crew:
        futures = {name: crew.submit(task(name, str(tmp_path))) for name in ("first", "deadly", "last")}
        with pytest.raises(LostWorkerError, match="ended 3 times"):
            futures["deadly"].result(timeout=60)
        others = [futures[name].result(timeout=60).error for name in ("first", "last")]

    assert others == [None, None]


def test_steps_arrive_under_the_episodes_own_name(shared: Machines, tmp_path: Path) -> None:
    """Tells the run each stage's beginning and end, whatever bytes the episode's name has."""
    steps: list[tuple[str, Step]] = []
    name = "se\udcffon 1/7 – 🎙 [a]"
    with crew_of(str(shared.file), put_number, steps=steps) as crew:
        outcome = crew.submit(task(name, str(tmp_path))).result(timeout=60)
        wait_until(lambda: len(steps) == 2)

    assert outcome == Outcome("align", results={str(tmp_path / f"{name}.md"): "hash"})
    assert steps == [(name, Step("listening", 0, 2)), (name, Step("listening", 2, 2))]


def test_episodes_for_a_graphics_card_go_where_there_is_one(shared: Machines, tmp_path: Path) -> None:
    """Gives an episode that asks for a graphics card to none but the worker that declares one."""
    with crew_of(str(shared.file), put_number) as crew:
        wait_until(lambda: crew.size == 2)
        futures = [crew.submit(task(f"e{number}", str(tmp_path), device="cuda")) for number in range(6)]
        assert [future.result(timeout=60).error for future in futures] == [None] * 6

    assert {path.read_text() for path in tmp_path.glob("*.md")} == {str(shared.workers[0].pid)}


def test_a_run_that_ends_takes_its_episodes_with_it(shared: Machines, tmp_path: Path) -> None:
    """Ends the episodes in hand when the crew is closed, and leaves the workers to the next run."""
    with crew_of(str(shared.file), wait_for_word) as crew:
        future = crew.submit(task("long", str(tmp_path)))
        wait_until(lambda: len(begun(tmp_path)) == 1)
    wait_until(lambda: len(list(tmp_path.glob("*.ended"))) == 1)

    assert future.cancelled() or isinstance(future.exception(), ClusterError)
    with crew_of(str(shared.file), put_number) as crew:
        assert crew.submit(task("next", str(tmp_path))).result(timeout=60).error is None


def test_every_worker_is_made_ready_once_before_it_works(shared: Machines, tmp_path: Path) -> None:
    """Prepares each process that is there, and one that joins later before it counts."""
    with crew_of(str(shared.file), put_number, prepare=partial(leave_mark, str(tmp_path))) as crew:
        assert len(list(tmp_path.glob("*.ready"))) == 2
        late = shared.join(*ALONE)
        wait_until(lambda: (tmp_path / f"{late.pid}.ready").exists() and crew.size == 3)
    late.kill()


def test_a_worker_that_cannot_be_made_ready_ends_the_run(shared: Machines) -> None:
    """Says in one line what is missing, before any episode, and leaves the workers as they are."""
    with (
        pytest.raises(ClusterError, match="a worker cannot be made ready: the model: is not there"),
        crew_of(str(shared.file), put_number, prepare=partial(fail, "the model")),
    ):
        pass

    assert all(worker.poll() is None for worker in shared.workers[:2])


def test_a_scheduler_that_is_lost_ends_the_run(tmp_path: Path) -> None:
    """Says that the connection broke off, instead of waiting for ever or calling each episode a failure."""
    with machines(tmp_path, ALONE) as found, crew_of(str(found.file), wait_for_word) as crew:
        future = crew.submit(task("e", str(tmp_path)))
        wait_until(lambda: len(begun(tmp_path)) == 1)
        found.scheduler.kill()

        with pytest.raises(ClusterError, match="run the same command again to go on"):
            future.result(timeout=60)


def test_processes_here_are_closed_to_others(tmp_path: Path) -> None:
    """Starts workers on this machine, shows them on a page, and takes no work from whoever else finds the port."""
    lines: list[str] = []
    with crew_of("local", put_number, lines=lines) as crew:
        outcomes = [crew.submit(task(f"e{number}", str(tmp_path))) for number in range(3)]
        assert [outcome.result(timeout=60).error for outcome in outcomes] == [None] * 3
        with urllib.request.urlopen(lines[0].rsplit(" ", 1)[1], timeout=60) as page:  # noqa: S310 -- our own
            assert page.status == 200
        with pytest.raises((OSError, TypeError)):
            Client(crew.scheduler, timeout=2, set_as_default=False)

    assert lines[0].startswith("cluster local: 2 workers; see what goes on at http://127.0.0.1:")


def test_processes_are_started_over_ssh(own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Starts the scheduler on the first host and processes on all, as the user's own ``~/.ssh`` says, and ends them."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    lines: list[str] = []
    with (
        serving_ssh(own_home, "one", "two"),
        crew_of("ssh:one,two", put_number, lines=lines, share=Capacity(1, 1)) as crew,
    ):
        wait_until(lambda: crew.size == 2)
        futures = [crew.submit(task(f"e{number}", str(tmp_path))) for number in range(4)]
        assert [future.result(timeout=60).error for future in futures] == [None] * 4
    pids = {int(path.read_text()) for path in tmp_path.glob("*.md")}
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))

    assert "whoever reaches these machines can give them work" in lines[0]
    with (
        pytest.raises(ClusterError, match=r"cannot be started \(.*\); does `ssh one` work without asking\?"),
        crew_of("ssh:one,two", put_number),
    ):
        pass


def versions(*workers: dict[str, str]) -> dict[str, object]:
    """What a scheduler tells of versions, with the same ones as here but for each worker's own."""
    here = {"python": "3.11.7.final.0", "cuemark": "1.0.0", "distributed": "2026.8.0"}
    each = {f"tcp://{number}": {"packages": {**here, **worker}} for number, worker in enumerate(workers)}
    return {"client": {"packages": here}, "scheduler": {"packages": here}, "workers": each}


@pytest.mark.parametrize(
    ("worker", "said"),
    [
        (
            {"cuemark": "0.9.0"},
            "the worker tcp://1 has cuemark 0.9.0, and here it is 1.0.0; install the same everywhere",
        ),
        ({"cuemark": None}, "the worker tcp://1 has no cuemark, and here it is 1.0.0"),
        ({"python": "3.12.1.final.0"}, "the worker tcp://1 has Python 3.12, and here it is 3.11"),
        ({"distributed": "2026.7.0"}, "the worker tcp://1 has distributed 2026.7.0, and here it is 2026.8.0"),
    ],
)
def test_other_versions_are_refused(worker: dict[str, str], said: str) -> None:
    """Says which machine has another version of what must be the same, and of what."""
    check_versions("tcp://host", versions({}, {"python": "3.11.9.final.0"}))

    with pytest.raises(ClusterError, match=f"^cluster tcp://host: {said}"):
        check_versions("tcp://host", versions({}, worker))


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("kubernetes", "'kubernetes' is not understood; give local, ssh:HOST,HOST, tcp://HOST:8786, or"),
        ("ssh:", "'ssh:' is not understood"),
        ("http://host:8786", "'http://host:8786' is not understood"),
        ("nowhere/scheduler.json", "there is no scheduler's file nowhere/scheduler.json; has the scheduler begun?"),
    ],
)
def test_other_words_are_refused(where: str, said: str) -> None:
    """Says what may be given, before anything is started."""
    with (
        pytest.raises(ConfigError, match=f"^--cluster: {said}"),
        dask_worker_pool(where, put_number, lambda _n, _s: None, Capacity(1, 1), nothing, print),
    ):
        pass


def test_where_no_scheduler_answers_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Says in one line that nobody answers at an address, and what to start there."""
    monkeypatch.setattr(dask_cluster, "_CONNECT_S", 1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        where = f"tcp://127.0.0.1:{taken.getsockname()[1]}"

        with (
            pytest.raises(ClusterError, match=r"no scheduler answers there .*; start one with: dask scheduler"),
            crew_of(where, put_number),
        ):
            pass
