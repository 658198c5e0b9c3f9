from __future__ import annotations

import os
import signal
import socket
import sys
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from distributed import Client

from pipeline.batch.episode_task import run_task
from pipeline.batch.messages import Job, Outcome, Task
from pipeline.batch.storage import remote_files
from pipeline.batch.workers import dask_cluster
from pipeline.batch.workers.capacity import Capacity
from pipeline.batch.workers.dask_cluster import dask_worker_pool
from pipeline.errors import ClusterError, ConfigError, LostWorkerError
from pipeline.io.atomic import sha256_file
from pipeline.progress import Step
from pipeline.settings.config import Config
from tests.batch.batch_program import make_episodes, plan_folder
from tests.batch.dask_machines import ROOT, ClusterProcesses, cluster_processes, wait_until, worker_pool
from tests.batch.fake_engines_by_name import ENGINES, HEARD_LOG, SLOWNESS
from tests.batch.ssh_server import serving_ssh
from tests.batch.worker_jobs import (
    copy_doubled,
    fail_to_prepare,
    fetch_only,
    kill_process_if_deadly,
    mark_ready,
    prepare_nothing,
    task,
    wait_for_go,
    write_process_id,
)
from tests.listening.http_servers import Site, serving

pytestmark = pytest.mark.xdist_group("dask")  # its cluster is started once

ALONE = ["--no-nanny"]
"""Options of a worker that is not restarted when it is lost."""


def test_a_missing_package_is_named_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the missing module and the line that installs the extra from a checkout."""
    monkeypatch.setitem(sys.modules, "pipeline.batch.workers.dask_workers", None)

    with (
        pytest.raises(ClusterError, match=r'needs one more package \(.+\); in the checkout .* "\.\[cluster\]"'),
        dask_worker_pool("local", write_process_id, lambda _n, _s: None, Capacity(1, 1), prepare_nothing, print),
    ):
        pass


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClusterProcesses]:
    """A scheduler with two workers, one of which declares a graphics card, for tests that do not end them."""
    with cluster_processes(tmp_path_factory.mktemp("cluster"), [*ALONE, "--resources", "GPU=1"], ALONE) as found:
        yield found


def started_by(folder: Path) -> dict[str, list[int]]:
    """Return the processes that have started each episode."""
    found = defaultdict(list)
    for path in folder.rglob("*.begun"):
        name, pid, _ = path.relative_to(folder).as_posix().rsplit(".", 2)
        found[name].append(int(pid))
    return found


def test_results_are_complete_in_the_object_store_though_a_worker_is_killed(bucket: str, tmp_path: Path) -> None:
    """Audio comes from an object store, results go there, and all are complete though a worker is killed meanwhile."""
    names = ["season 1/07 – é 🎙", "star*[1]?", "a#b%20c+d"]
    for name in names:
        remote_files.write_bytes(remote_files.join(f"{bucket}/in", f"{name}.mp3"), name.encode())
    with cluster_processes(tmp_path, ALONE, ALONE) as found, worker_pool(str(found.file), copy_doubled) as workers:
        wait_until(lambda: workers.size == 2)
        tasks = [
            task(name, f"{bucket}/out", audio=remote_files.join(f"{bucket}/in", f"{name}.mp3"), title=str(tmp_path))
            for name in names
        ]
        futures = [workers.submit(each) for each in tasks]
        wait_until(lambda: len(started_by(tmp_path)) == 2)
        (lost, (killed,)), *_ = started_by(tmp_path).items()
        os.kill(killed, signal.SIGKILL)
        (tmp_path / "go").touch()
        assert [future.result(timeout=60).error for future in futures] == [None] * 3

    results = {name: remote_files.read_bytes(remote_files.join(f"{bucket}/out", f"{name}.md")) for name in names}
    assert results == {name: name.encode() * 2 for name in names}
    assert len(set(started_by(tmp_path)[lost])) == 2


def test_real_episodes_are_complete_though_a_worker_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every result is whole and matches its reported hash, with the store and the results on a shared disk."""
    folder, out = tmp_path / "episodes", tmp_path / "out"
    make_episodes(folder, 5, broken=1)
    monkeypatch.setenv(HEARD_LOG, str(tmp_path / "heard.log"))
    monkeypatch.setenv(SLOWNESS, "1")
    steps: list[tuple[str, Step]] = []
    with (
        cluster_processes(tmp_path, ALONE, ALONE) as found,
        worker_pool(str(found.file), partial(run_task, ENGINES), steps=steps) as workers,
    ):
        wait_until(lambda: workers.size == 2)
        here = str(tmp_path / "here")
        tasks = [Task(job, Config(), str(out), here, ("md", "srt")) for job in plan_folder(folder).jobs]
        futures = {each.job.name: workers.submit(each) for each in tasks}
        wait_until(lambda: len({name for name, step in steps if step.stage == "listening"}) == 2)
        found.workers[0].kill()
        outcomes = {name: future.result(timeout=60) for name, future in futures.items()}

    assert outcomes.pop("000").error == f"{folder / '000.mp3'}: is not audio"
    assert {outcome.error for outcome in outcomes.values()} == {None}
    results = {path: hashed for outcome in outcomes.values() for path, hashed in outcome.results.items()}
    assert {path: sha256_file(Path(path)) for path in results} == results
    assert sorted(path.name for path in out.glob("*.srt")) == [f"00{number}.srt" for number in range(1, 5)]


def test_an_episode_that_kills_its_workers_fails_alone(tmp_path: Path) -> None:
    """An episode that kills one worker after the other fails, and the others are done by the restarted workers."""
    with (
        cluster_processes(tmp_path, ["--nworkers", "2"]) as found,
        worker_pool(str(found.file), kill_process_if_deadly) as workers,
    ):
        futures = {name: workers.submit(task(name, str(tmp_path))) for name in ("first", "deadly", "last")}
        with pytest.raises(LostWorkerError, match="ended 3 times"):
            futures["deadly"].result(timeout=60)
        others = [futures[name].result(timeout=60).error for name in ("first", "last")]

    assert others == [None, None]


def test_steps_arrive_under_the_episodes_own_name(shared: ClusterProcesses, tmp_path: Path) -> None:
    """The run gets the first and last step of a stage, also if the episode's name has undecodable bytes."""
    steps: list[tuple[str, Step]] = []
    name = "se\udcffon 1/7 – 🎙 [a]"
    with worker_pool(str(shared.file), write_process_id, steps=steps) as workers:
        outcome = workers.submit(task(name, str(tmp_path))).result(timeout=60)
        wait_until(lambda: len(steps) == 2)

    assert outcome == Outcome("align", results={str(tmp_path / f"{name}.md"): "hash"})
    assert steps == [(name, Step("listening", 0, 2)), (name, Step("listening", 2, 2))]


def test_the_permission_to_reach_private_addresses_travels_with_the_task(
    shared: ClusterProcesses, tmp_path: Path
) -> None:
    """A worker downloads from this machine's network if the job allows it, and refuses to otherwise."""
    with (
        serving(Site({"/7.mp3": b"sound"}, content_type="audio/mpeg")) as server,
        worker_pool(str(shared.file), fetch_only) as workers,
    ):
        outcomes = {}
        for allowed in (True, False):
            job = Job(f"allowed {allowed}", f"{server.url}/7.mp3", allow_private=allowed)
            outcomes[allowed] = workers.submit(
                Task(job, Config(), str(tmp_path), str(tmp_path / "downloads"), ("md",))
            ).result()

    assert outcomes[True].inputs == {"audio": "sound"}
    assert "is an address of this machine or its network" in (outcomes[False].error or "")
    assert len(server.history) == 1


def test_episodes_for_a_graphics_card_run_on_the_worker_that_has_one(shared: ClusterProcesses, tmp_path: Path) -> None:
    """An episode that needs a graphics card runs only on the worker that declares one."""
    with worker_pool(str(shared.file), write_process_id) as workers:
        wait_until(lambda: workers.size == 2)
        futures = [workers.submit(task(f"e{number}", str(tmp_path), device="cuda")) for number in range(6)]
        assert [future.result(timeout=60).error for future in futures] == [None] * 6

    assert {path.read_text() for path in tmp_path.glob("*.md")} == {str(shared.workers[0].pid)}


def test_closing_the_pool_stops_its_episodes_and_keeps_the_workers(shared: ClusterProcesses, tmp_path: Path) -> None:
    """Running episodes stop when the pool is closed, and the next run can use the workers."""
    with worker_pool(str(shared.file), wait_for_go) as workers:
        future = workers.submit(task("long", str(tmp_path)))
        wait_until(lambda: len(started_by(tmp_path)) == 1)
    wait_until(lambda: len(list(tmp_path.glob("*.ended"))) == 1)

    assert future.cancelled() or isinstance(future.exception(), ClusterError)
    with worker_pool(str(shared.file), write_process_id) as workers:
        assert workers.submit(task("next", str(tmp_path))).result(timeout=60).error is None


def test_every_worker_is_set_up_before_its_first_episode(shared: ClusterProcesses, tmp_path: Path) -> None:
    """Each initial process is set up, and a process that joins later is set up before it counts."""
    with worker_pool(str(shared.file), write_process_id, prepare=partial(mark_ready, str(tmp_path))) as workers:
        assert len(list(tmp_path.glob("*.ready"))) == 2
        late = shared.add_worker(*ALONE)
        wait_until(lambda: (tmp_path / f"{late.pid}.ready").exists() and workers.size == 3)
    late.kill()


def test_a_worker_that_cannot_be_set_up_ends_the_run(shared: ClusterProcesses) -> None:
    """The error names what is missing, before any episode starts, and the workers keep running."""
    with (
        pytest.raises(ClusterError, match="a worker cannot be made ready: the model: is not there"),
        worker_pool(str(shared.file), write_process_id, prepare=partial(fail_to_prepare, "the model")),
    ):
        pass

    assert all(worker.poll() is None for worker in shared.workers[:2])


def test_a_lost_scheduler_ends_the_run(tmp_path: Path) -> None:
    """The error says that the connection broke off; the run neither waits for ever nor fails each episode."""
    with cluster_processes(tmp_path, ALONE) as found, worker_pool(str(found.file), wait_for_go) as workers:
        future = workers.submit(task("e", str(tmp_path)))
        wait_until(lambda: len(started_by(tmp_path)) == 1)
        found.scheduler.kill()

        with pytest.raises(ClusterError, match="run the same command again to go on"):
            future.result(timeout=60)


def test_local_processes_reject_unknown_clients(tmp_path: Path) -> None:
    """The pool starts workers and a dashboard on this machine, and a client without the key cannot connect."""
    lines: list[str] = []
    with worker_pool("local", write_process_id, lines=lines) as workers:
        outcomes = [workers.submit(task(f"e{number}", str(tmp_path))) for number in range(3)]
        assert [outcome.result(timeout=60).error for outcome in outcomes] == [None] * 3
        with urllib.request.urlopen(lines[0].rsplit(" ", 1)[1], timeout=60) as page:  # noqa: S310 -- our own
            assert page.status == 200
        with pytest.raises((OSError, TypeError)):
            Client(workers.scheduler, timeout=2, set_as_default=False)

    assert lines[0].startswith("cluster local: 2 workers; dashboard: http://127.0.0.1:")


def test_processes_are_started_over_ssh(own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scheduler starts on the first host and workers on all, with the user's ``~/.ssh``; all end with the block."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    lines: list[str] = []
    with (
        serving_ssh(own_home, "one", "two"),
        worker_pool("ssh:one,two", write_process_id, lines=lines, capacity=Capacity(1, 1)) as workers,
    ):
        wait_until(lambda: workers.size == 2)
        futures = [workers.submit(task(f"e{number}", str(tmp_path))) for number in range(4)]
        assert [future.result(timeout=60).error for future in futures] == [None] * 4
    pids = {int(path.read_text()) for path in tmp_path.glob("*.md")}
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))

    assert "whoever reaches these machines can run code on them" in lines[0]
    with (
        pytest.raises(ClusterError, match=r"cannot be started \(.*\); does `ssh one` work without asking\?"),
        worker_pool("ssh:one,two", write_process_id),
    ):
        pass


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("kubernetes", "'kubernetes' is not understood; give local, ssh:HOST,HOST, tcp://HOST:8786, or"),
        ("ssh:", "'ssh:' is not understood"),
        ("http://host:8786", "'http://host:8786' is not understood"),
        ("nowhere/scheduler.json", "there is no scheduler's file nowhere/scheduler.json; has the scheduler started?"),
    ],
)
def test_an_unknown_cluster_form_is_rejected(target: str, reason: str) -> None:
    """The error lists the accepted forms, before anything is started."""
    with (
        pytest.raises(ConfigError, match=f"^--cluster: {reason}"),
        dask_worker_pool(target, write_process_id, lambda _n, _s: None, Capacity(1, 1), prepare_nothing, print),
    ):
        pass


def test_an_address_without_a_scheduler_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says that no scheduler answers at the address, and what to start there."""
    monkeypatch.setattr(dask_cluster, "_CONNECT_TIMEOUT_S", 1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but no process accepts connections
        target = f"tcp://127.0.0.1:{taken.getsockname()[1]}"

        with (
            pytest.raises(ClusterError, match=r"no scheduler answers there .*; start one with: dask scheduler"),
            worker_pool(target, write_process_id),
        ):
            pass
