"""The same rounds for a batch on a cluster, each with a scheduler and a worker: -m tests.faults.cluster_rounds --help.

Scheduler, worker and run are threads of one process, so that a fault may be at any write of the run or of the worker,
and a kill ends all three at once, as a power cut does on the one machine of ``--cluster local``. They talk over TCP as
those of several processes do.
"""

from __future__ import annotations

import sys
from pathlib import Path

from distributed import LocalCluster

from pipeline.batch import coordinator  # noqa: F401 -- so that no forked process has to import it
from pipeline.batch.workers import dask_task
from pipeline.cli import main
from tests.batch.batch_program import make_episodes
from tests.batch.fake_engines_by_name import ENGINES
from tests.faults import rounds
from tests.faults.scenarios import Scenario

_started: list[LocalCluster] = []


def episodes() -> None:
    """Make a folder with two episodes; the command that is run here imports what the one of the rounds needs."""
    make_episodes(Path("show"), 2)
    main(["batch", "show", "--show-config"], ENGINES)


def start_cluster() -> None:
    """Start a scheduler and a worker, which end with this process."""
    _started.append(
        LocalCluster(
            n_workers=1,
            threads_per_worker=1,
            processes=False,
            protocol="tcp://",
            dashboard_address=None,
            local_directory=str(Path("..", "dask").absolute()),
        )
    )


def batch() -> int:
    """Run ``cuemark batch --cluster``, until its worker has ended what it does."""
    line = f"batch show -o out -f md -f srt --retry-failed --cluster {_started[-1].scheduler_address}"
    status = main(line.split(), ENGINES)
    with dask_task._one_episode_at_a_time:
        return status


SCENARIOS = (
    Scenario(
        "batch --cluster",
        episodes,
        batch,
        start=start_cluster,
        optional=frozenset({"out/cuemark-batch.html"}),  # the summary: a run goes on without it, and says so
    ),
)

if __name__ == "__main__":
    sys.exit(rounds.main(scenarios=SCENARIOS, about=__doc__))
