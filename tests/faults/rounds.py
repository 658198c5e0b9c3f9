"""Let commands fail or be killed wherever they change files, and look at what is left: -m tests.faults.rounds --help.

Each round copies a prepared folder, runs one command in a forked process with one fault, or several, and checks:

- every file has its content before the command or that after it, whole; what is not cuemark's is as it was;
- where the exit status is 0, everything is as after a run without a fault;
- the next run does what the first one should have done, and no temporary file is left anywhere.
"""

from __future__ import annotations

import argparse
import gc
import io
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from itertools import product, zip_longest
from pathlib import Path

from tests.batch.fake_engines_by_name import HEARD_LOG
from tests.faults.injection import HARMS, Harm, Injector
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.sample_episode import SHOW, contents

PRECIOUS = {"show.mp3": b"sound", "show.md": SHOW.encode(), "notes.txt": b"nobody's business", "show.txt": b"theirs"}
_MOST_FAULTS = 3
_PLACES = {
    "HOME": "home",
    "CUEMARK_STORE": "store",
    "CUEMARK_VOICES": "voices",
    "CUEMARK_MODELS": "work/models",  # files of which none may be lost
}
"""The folders of a round, by the variables that name them."""

Tree = Mapping[str, bytes]


@dataclass(frozen=True)
class Known:
    """What a scenario leads to without a fault: all files before, after one run and after two, and the calls."""

    before: Tree
    after: tuple[Tree, Tree]
    calls: tuple[str, ...]


@dataclass
class Report:
    """What was found."""

    rounds: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    bytes_lost: int = 0
    violations: list[str] = field(default_factory=list)


class Rounds:
    """Runs scenarios below ``folder``, in one place: the store knows results by their whole path."""

    def __init__(self, folder: Path, scenarios: Sequence[Scenario] = SCENARIOS) -> None:
        self._scenarios = scenarios
        self._round, self._templates = folder / "round", folder / "templates"
        self._messages = folder / "messages"
        self._warm_up()
        self.known = {scenario.name: self._observe(scenario) for scenario in scenarios}

    @property
    def work(self) -> Path:
        """The folder in which commands are run."""
        return self._round / "work"

    def try_out(self, scenario: Scenario, injector: Injector) -> tuple[list[str], int]:
        """Run a scenario once with faults and once without; return what is wrong, and how many bytes were lost."""
        known = self.known[scenario.name]
        self._begin(scenario)
        status, calls = self._forked(scenario, injector)
        left = files(self.work)
        wrong = list(_wrong_files(known, left))
        lost = sum(len(known.before[name]) for name in PRECIOUS if name in known.before and name in wrong)
        if status == 0 and _without(left, scenario.optional) != _without(known.after[0], scenario.optional):
            wrong.append("the status is 0, and not everything is done")
        harmed = {calls[number] for number in injector.harms if number < len(calls)}
        if status >= 0 and not injector.sticky and "unlink" not in harmed and parts(self._round):
            wrong.append(f"left {parts(self._round)}")
        message = self._messages.read_text(errors="replace")
        if "Traceback" in message or "fault of cuemark" in message:
            wrong.append(message)
        wrong += self._check_next_run(scenario, known)
        return wrong, lost

    def _check_next_run(self, scenario: Scenario, known: Known) -> Iterator[str]:
        status, _ = self._forked(scenario, Injector())
        if status != 0 and status not in scenario.again:
            yield f"the next run ends with {status}: {self._messages.read_text(errors='replace')}"
        if files(self.work) not in known.after:
            yield f"the next run leaves something else: {sorted(files(self.work))}"
        if left := parts(self._round):
            yield f"the next run leaves {left}"

    def _warm_up(self) -> None:
        """Run all commands once in this process, so that what they import is there when it is forked."""
        before = Path.cwd()
        for scenario in self._scenarios:
            self._make_work_folder()
            self._enter()
            with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
                scenario.setup()
                if scenario.start is None:  # what it starts would not survive a fork
                    scenario.run()
        os.chdir(before)
        gc.freeze()

    def _enter(self) -> None:
        os.chdir(self.work)
        for name, place in _PLACES.items():
            os.environ[name] = str(self._round / place)
        os.environ[HEARD_LOG] = str(self._round / "heard.log")

    def _make_work_folder(self) -> None:
        shutil.rmtree(self._round, ignore_errors=True)
        self.work.mkdir(parents=True)
        for name, content in PRECIOUS.items():
            (self.work / name).write_bytes(content)

    def _observe(self, scenario: Scenario) -> Known:
        self._make_work_folder()
        status, _ = self._forked(replace(scenario, run=scenario.prepare, start=None), Injector())
        assert status == 0, self._messages.read_text()
        shutil.copytree(self._round, self._templates / scenario.name)
        before = files(self.work)
        status, calls = self._forked(scenario, Injector())
        assert status == 0, (scenario.name, self._messages.read_text())
        once = files(self.work)
        self._forked(scenario, Injector())
        return Known(before, (once, files(self.work)), calls)

    def _begin(self, scenario: Scenario) -> None:
        shutil.rmtree(self._round, ignore_errors=True)
        shutil.copytree(self._templates / scenario.name, self._round)

    def _forked(self, scenario: Scenario, injector: Injector) -> tuple[int, tuple[str, ...]]:
        """Run in another process; return its status, below 0 if it was killed, and the calls that changed files."""
        reader, writer = os.pipe()
        process = os.fork()
        if process == 0:
            os.close(reader)
            self._be_the_command(scenario, injector, writer)
        os.close(writer)
        with os.fdopen(reader) as log:
            calls = tuple(log.read().split())
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), calls

    def _be_the_command(self, scenario: Scenario, injector: Injector, log: int) -> None:
        status = 1
        real_write = os.write
        injector.log = lambda name: real_write(log, f"{name}\n".encode())
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self._enter()
            output = os.open(self._messages, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            for standard in (1, 2):
                os.dup2(output, standard)
            if scenario.start is not None:
                scenario.start()
            injector.arm()
            status = scenario.run()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)


def files(work: Path) -> Tree:
    """All files, without what differs from run to run: the ledger, its lock, the page's times."""
    return {
        name: b"a page" if name.endswith(".html") and content.rstrip().endswith(b"</html>") else content
        for name, content in contents(work).items()
        if not ("cuemark-batch.sqlite" in name or name.endswith(".lock"))
    }


def without_parts(tree: Tree) -> Tree:
    """The same without temporary files, and without a model that is being removed."""
    return {name: content for name, content in tree.items() if not (name.endswith(".part") or ".removed/" in name)}


def _without(tree: Tree, names: frozenset[str]) -> Tree:
    return {name: content for name, content in without_parts(tree).items() if name not in names}


def parts(folder: Path) -> list[str]:
    """All temporary files below a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob(".cuemark-*.part"))


def _wrong_files(known: Known, left: Tree) -> Iterator[str]:
    for name in known.before.keys() | known.after[0].keys() | without_parts(left).keys():
        if left.get(name) not in (known.before.get(name), known.after[0].get(name)):
            yield name


Trial = tuple[Scenario, dict[int, Harm], bool]
"""A command, the faults by the number of the call, and whether everything fails from the first one on."""


def single_faults(rounds: Rounds, scenarios: Sequence[Scenario]) -> list[Trial]:
    """Every fault that can happen alone: each call of each command, with each harm, once or from then on."""
    return [
        (scenario, {call: harm}, sticky)
        for scenario in scenarios
        for call, harm, sticky in product(range(len(rounds.known[scenario.name].calls)), HARMS, (False, True))
        if harm == "no space" or not sticky
    ]


def in_turn(trials: Sequence[Trial], chance: random.Random) -> list[Trial]:
    """Shuffle the trials of each command, and take one of each in turn, so that a long one does not displace others."""
    by_command: dict[str, list[Trial]] = {}
    for trial in chance.sample(trials, len(trials)):
        by_command.setdefault(trial[0].name, []).append(trial)
    return [trial for row in zip_longest(*by_command.values()) for trial in row if trial is not None]


def several_faults(rounds: Rounds, scenarios: Sequence[Scenario], chance: random.Random) -> Trial:
    """A command with two or three faults at any of its calls."""
    scenario = chance.choice(scenarios)
    calls = range(len(rounds.known[scenario.name].calls))
    number = min(len(calls), chance.randint(2, _MOST_FAULTS))
    return scenario, {call: chance.choice(HARMS) for call in chance.sample(calls, number)}, chance.random() < 0.2


def try_for(seconds: float, seed: int, scenarios: Sequence[Scenario] = SCENARIOS) -> tuple[Report, int]:
    """Try faults in the order that the seed gives until the time is over; also return the number of single ones."""
    report, chance = Report(), random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        rounds = Rounds(Path(os.path.realpath(folder)), scenarios)
        single = in_turn(single_faults(rounds, scenarios), chance)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            more = report.rounds < len(single)
            scenario, harms, sticky = single[report.rounds] if more else several_faults(rounds, scenarios, chance)
            injector = Injector(harms, sticky)
            wrong, lost = rounds.try_out(scenario, injector)
            report.rounds += 1
            report.faults.update(harms.values())
            report.bytes_lost += lost
            calls = rounds.known[scenario.name].calls
            where = ", ".join(f"{calls[number]} {number}: {harm}" for number, harm in harms.items())
            report.violations += [f"{scenario.name}, {where}{', and on' if sticky else ''}: {line}" for line in wrong]
        return report, len(single)


def main(words: Sequence[str] | None = None, scenarios: Sequence[Scenario] = SCENARIOS, about: str = __doc__) -> int:
    """Print what was found as JSON; the status is 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(words)
    report, single = try_for(given.seconds, given.seed, scenarios)
    found = {
        "seed": given.seed,
        "commands": len(scenarios),
        "single_faults_possible": single,
        "rounds": report.rounds,
        "faults": dict(sorted(report.faults.items())),
        "bytes_lost": report.bytes_lost,
        "violations": report.violations[:50],
    }
    print(json.dumps(found, indent=2))  # noqa: T201 -- a program
    return int(bool(report.violations))


if __name__ == "__main__":
    sys.exit(main())
