"""Bring together what a run needs, and see it through: the ledger, the models, the workers, and what people see."""

from __future__ import annotations

import queue
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipeline.batch.crew import Crew, Processes, Tell
from pipeline.batch.display import display_on_stderr
from pipeline.batch.job import Plan, State
from pipeline.batch.ledger import Ledger
from pipeline.batch.machine import cores, fit, free_memory
from pipeline.batch.order import Order, ask
from pipeline.batch.run import Found, Inbox, Run, go_through
from pipeline.batch.work import do
from pipeline.listen import Ears, fetch_models
from pipeline.listening.transcribe import cards
from pipeline.show import progress_on_stderr

LOOK_EVERY_S = 5.0
"""How often a watched source is looked at."""


@dataclass(frozen=True, slots=True)
class Conduct:
    """How a run is to go.

    Attributes:
        ledger: where the ledger is.
        workers: how many episodes are worked on at once; None for as many as the machine has room for.
        retry: try again what has failed; ``redo`` also what is done.
        watch: look at the source again and again, for ever.
    """

    ledger: Path
    workers: int | None = None
    retry: bool = False
    redo: bool = False
    watch: bool = False


def conduct(order: Order, find: Callable[[], Plan], how: Conduct, ears: Ears) -> Mapping[State, int]:
    """Work through what ``find`` finds; returns how many of it stand how.

    Raises:
        PipelineError: the source, the ledger or a model cannot be used.
    """

    def look() -> Found:
        return ask(order, find())

    first = look()  # a source that cannot be read is told before anything else is done
    with Ledger(how.ledger) as ledger:
        ledger.begin()
        with progress_on_stderr() as progress:  # nobody wants to learn in the night that a model is missing
            for config in {id(one.config): one.config for one in first[0]}.values():
                fetch_models(config, ears, progress)
        inbox: Inbox = queue.SimpleQueue()
        crew = _crew(order, len(first[0]), how, ears, lambda name, step: inbox.put((name, step)))
        with closing(crew), display_on_stderr() as display:
            run = Run(
                order=order,
                look=look,
                first=first,
                ledger=ledger,
                crew=crew,
                inbox=inbox,
                display=display,
                retry=how.retry,
                redo=how.redo,
                look_every_s=LOOK_EVERY_S if how.watch else None,
            )
            return go_through(run)


def _crew(order: Order, episodes: int, how: Conduct, ears: Ears, tell: Tell) -> Crew:
    """Processes on this machine, as many as it has room for."""
    device = str(order.flags.get("transcribe.device") or "auto")
    share = fit(
        cores=cores(),
        memory=free_memory(),
        cards=0 if device == "cpu" else cards(),
        episodes=cores() if how.watch else episodes,
        asked=how.workers,
    )
    return Processes(partial(do, ears), tell, share.size, share.threads, share.devices)
