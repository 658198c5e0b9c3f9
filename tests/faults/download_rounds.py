"""Download from a server with faults, and look at what is left: -m tests.faults.download_rounds --help.

Each round starts in an empty folder and downloads in a forked process once or twice from a server with faults, on a
full disk at times, and then once from the same server without a fault. After each run:

- what was there before is as it was, and every file with a final name has the content of a run without a fault, whole;
- the exit status is 0 where everything is there, and else 1, with at least one clear line;
- no run takes more memory than a bound, or has no end.

After the last one everything is there, and no temporary file is left.
"""

from __future__ import annotations

import argparse
import gc
import io
import json
import math
import os
import random
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.files.transcript_import import as_transcript
from tests.batch.fake_engines_by_name import HEARD_LOG
from tests.faults.download_scenarios import DISK_LIMIT, DOWNLOADS, DownloadScenario, set_small_limits
from tests.faults.faulty_server import FAULTS, Fault, FaultySite, serving_faults
from tests.sample_episode import contents

PRECIOUS = {"notes.txt": b"nobody's business", "out/notes.txt": b"mine", "models/mine/notes.txt": b"mine too"}
_TEMPORARY = (".part", ".note", ".incomplete", ".metadata")
_SHARE_OF_SLOW, _SHARE_OF_FULL_DISKS = 0.2, 0.15
_MEMORY_BYTES = 64 << 20
"""How much more memory a run may take than one without a fault: less than a compressed answer unpacks to."""

_PER_RSS = 1 if sys.platform == "darwin" else 1 << 10
"""Bytes in a unit of ``ru_maxrss``."""

_LONGEST_S = 120
"""Seconds after which a run has no end; the hub's client repeats a request for half a minute."""

_LONGEST_LINE = 1_000
"""Characters of a line of an error, as in the rounds of the readers."""

Tree = Mapping[str, bytes]


@dataclass(frozen=True)
class Ended:
    """How a run ended.

    Attributes:
        status: below 0 if it was killed.
        memory: bytes, beyond what it had when it began, and beyond what a run without a fault takes.
    """

    status: int
    printed: str
    memory: int


@dataclass
class Report:
    """What was found."""

    rounds: int = 0
    runs: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    bytes_lost: int = 0
    violations: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Trial:
    """The faults of each run of a round, by path, and whether the disk is full in it."""

    scenario: DownloadScenario
    runs: tuple[tuple[Mapping[str, tuple[Fault, ...]], int | None], ...]


class DownloadRounds:
    """Runs scenarios in a folder, against one server: downloads are named by their whole address."""

    def __init__(self, folder: Path, site: FaultySite, scenarios: Sequence[DownloadScenario]) -> None:
        self._site = site
        self._work, self._home, self._messages = folder / "work", folder / "home", folder / "messages"
        self._usual_memory: dict[str, int] = {}
        self._warm_up(scenarios)
        self._complete = {scenario.name: self._observe(scenario) for scenario in scenarios}

    def try_out(self, trial: Trial, report: Report) -> None:
        """Run a trial, and add what is wrong to the report."""
        scenario = trial.scenario
        self._begin(scenario)
        for faults, disk in trial.runs:
            ended, wrong = self._try_run(scenario, faults, disk)
            self._count(report, ended, wrong, trial)
        ended, wrong = self._try_run(scenario, {}, None)
        if ended.status != 0:
            wrong.append(f"the last run ends with {ended.status}: {ended.printed}")
        wrong += [f"the last run leaves {name}" for name in self._temporary()]
        self._count(report, ended, wrong, trial)
        report.rounds += 1
        report.faults.update(self._site.happened)

    def _try_run(
        self, scenario: DownloadScenario, faults: Mapping[str, tuple[Fault, ...]], disk: int | None
    ) -> tuple[Ended, list[str]]:
        self._site.faults = {path: [*given] for path, given in faults.items()}
        was_whole = self._is_whole(scenario)
        ended = self._run(scenario, disk)
        return ended, [*self._wrong_files(scenario), *self._wrong_end(scenario, ended, was_whole=was_whole)]

    def _count(self, report: Report, ended: Ended, wrong: Sequence[str], trial: Trial) -> None:
        report.runs += 1
        report.statuses[ended.status] += 1
        left = contents(self._work)
        report.bytes_lost += sum(len(content) for name, content in PRECIOUS.items() if left.get(name) != content)
        report.violations += [f"{trial.scenario.name} {trial.runs}: {line}" for line in wrong]

    # --- what must hold ----------------------------------------------------------------------------------------------

    def _wrong_files(self, scenario: DownloadScenario) -> Iterator[str]:
        versions, downloads = self._complete[scenario.name], set(_downloaded(scenario))
        for name, content in self._files().items():
            if "/downloads/" in name and not name.endswith(_TEMPORARY):
                good = content in downloads
            else:
                good = name.endswith(_TEMPORARY) or any(content == version.get(name) for version in versions)
            if not good:
                yield f"{name} has {len(content)} other bytes"
        yield from (f"{name} is gone" for name in PRECIOUS if not (self._work / name).is_file())

    def _is_whole(self, scenario: DownloadScenario) -> bool:
        results = self._complete[scenario.name][0].keys()
        return {name for name in results if not name.endswith(".html")} <= self._files().keys()

    def _wrong_end(self, scenario: DownloadScenario, ended: Ended, *, was_whole: bool) -> Iterator[str]:
        whole = self._is_whole(scenario)
        if ended.status == 0 and not whole:
            yield "the status is 0, and not everything is there"
        if ended.status > 0 and whole and not was_whole:
            yield f"the status is {ended.status}, and everything is there: {ended.printed}"
        if ended.status not in {0, 1} and not (ended.status == -signal.SIGKILL and "killed" in self._site.happened):
            yield f"the status is {ended.status}: {ended.printed}"
        if "Traceback" in ended.printed or "fault of cuemark" in ended.printed:
            yield ended.printed
        lines = ended.printed.splitlines()
        if ended.status == 1 and not lines:
            yield "fails without a word"
        for line in lines:
            if len(line) > _LONGEST_LINE or any(unicodedata.category(character) == "Cc" for character in line):
                yield f"prints no clear line: {line[:200]!r}"
        if ended.memory > _MEMORY_BYTES:
            yield f"takes {ended.memory >> 20} MB more"

    def _files(self) -> Tree:
        """All files, without the ledger and locks, and without what differs from run to run."""
        return {
            name: _without_times(name, content)
            for name, content in contents(self._work).items()
            if not ("cuemark-batch.sqlite" in name or name.endswith(".lock") or "/.fetching/" in name)
        }

    def _temporary(self) -> list[str]:
        names = (str(path.relative_to(self._work)) for path in self._work.rglob("*") if path.is_file())
        return [name for name in names if not name.endswith(".lock") and _is_temporary(name)]

    # --- runs --------------------------------------------------------------------------------------------------------

    def _warm_up(self, scenarios: Sequence[DownloadScenario]) -> None:
        """Run all scenarios once in this process, so that what they import is there when it is forked.

        Another server answers: what a process remembers of an address is of no use to the rounds.
        """
        before = Path.cwd()
        with serving_faults(FaultySite({})) as site:
            for scenario in scenarios:
                self._begin(scenario)
                self._enter()
                site.files = dict(scenario.files)
                with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()) as printed:
                    status = scenario.run(site.url)
                assert status == 0, (scenario.name, printed.getvalue())
        os.chdir(before)
        gc.freeze()

    def _observe(self, scenario: DownloadScenario) -> tuple[Tree, ...]:
        """Return all files after a run without a fault, for each version of the files on the server."""
        versions: list[Tree] = []
        for replaced in ({}, scenario.replacements):
            self._begin(scenario)
            self._site.files |= replaced
            ended = self._run(scenario, None)
            assert ended.status == 0, (scenario.name, ended.printed)
            self._usual_memory[scenario.name] = ended.memory
            versions.append(self._files())
        return tuple(versions)

    def _begin(self, scenario: DownloadScenario) -> None:
        shutil.rmtree(self._home, ignore_errors=True)
        shutil.rmtree(self._work, ignore_errors=True)
        self._home.mkdir()
        for name, content in PRECIOUS.items():
            (self._work / name).parent.mkdir(parents=True, exist_ok=True)
            (self._work / name).write_bytes(content)
        self._site.files = dict(scenario.files)
        self._site.replacements = scenario.replacements
        self._site.faults, self._site.happened = {}, []

    def _enter(self) -> None:
        os.chdir(self._work)
        for name, place in (("HOME", ""), ("CUEMARK_STORE", "store"), (HEARD_LOG, "heard.log")):
            os.environ[name] = str(self._home / place)
        set_small_limits()

    def _run(self, scenario: DownloadScenario, disk: int | None) -> Ended:
        """Run in another process, in a group of its own, which a fault may kill."""
        reader, writer = os.pipe()
        process = os.fork()
        if process == 0:
            os.write(writer, b"%d" % resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
            self._be_the_command(scenario, disk)
        os.setpgid(process, process)
        self._site.process = process
        try:
            status, memory = _wait(process)
        finally:
            self._site.process = 0
        at_first = int(os.read(reader, 100))
        os.close(reader)
        os.close(writer)
        more = (memory - at_first) * _PER_RSS - self._usual_memory.get(scenario.name, 0)
        return Ended(status, self._messages.read_text(errors="replace"), more)

    def _be_the_command(self, scenario: DownloadScenario, disk: int | None) -> None:
        status = 3
        try:
            os.setpgid(0, 0)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self._enter()
            output = os.open(self._messages, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            for standard in (1, 2):
                os.dup2(output, standard)
            if disk is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (disk, disk))
            status = scenario.run(self._site.url)
        except BaseException:  # noqa: BLE001 -- shown as what it is, an exception that nobody caught
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)


def _wait(process: int) -> tuple[int, int]:
    """Wait for the end of a process; returns its status, and the most memory that it had, as the system counts it."""
    end = time.monotonic() + _LONGEST_S
    while True:
        ended, status, used = os.wait4(process, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status), used.ru_maxrss
        if time.monotonic() > end:
            os.killpg(process, signal.SIGXCPU)
        time.sleep(0.002)


def _downloaded(scenario: DownloadScenario) -> Iterator[bytes]:
    """What may be among the downloads: the files on the server, transcripts as Markdown."""
    yield from scenario.replacements.values()
    for name, content in scenario.files.items():
        yield as_transcript(content) if name.endswith(".vtt") else content


def _without_times(name: str, content: bytes) -> bytes:
    if name.endswith(".html") and content.rstrip().endswith(b"</html>"):
        return b"a page"
    return re.sub(rb'"modified":\d+', b"", content) if name.endswith("cuemark.json") else content


def _is_temporary(name: str) -> bool:
    return name.endswith(_TEMPORARY) or "/downloads/" in name or "/.fetching/" in name


# --- which faults ----------------------------------------------------------------------------------------------------

_UNNOTICED = {".vtt": {"no end", "log-in page"}, "/": {"gzip bomb", "no end"}, "toy": {"gzip bomb"}}
"""Faults that nobody can notice, by the ending of the path: a text without a stated length may end anywhere, and a page
may be a transcript. The clients of the hub and of the index unpack what they get, as much as it is."""


def draw(scenarios: Sequence[DownloadScenario], chance: random.Random) -> Trial:
    """Draw the faults of a round."""
    quick = [one for one in scenarios if not one.slow]
    scenario = chance.choice(scenarios if chance.random() < _SHARE_OF_SLOW else quick)
    return Trial(scenario, tuple(_draw_run(scenario, chance) for _ in range(chance.choice((1, 1, 2)))))


def _draw_run(scenario: DownloadScenario, chance: random.Random) -> tuple[Mapping[str, tuple[Fault, ...]], int | None]:
    paths = chance.sample(sorted(scenario.files), min(len(scenario.files), chance.choice((1, 1, 1, 2, 3))))
    faults = {path: tuple(_draw_fault(path, scenario, chance) for _ in range(chance.randint(1, 3))) for path in paths}
    largest = max(map(len, scenario.files.values()))
    full = DISK_LIMIT if scenario.name == "feed" else chance.randrange(largest)
    return faults, full if chance.random() < _SHARE_OF_FULL_DISKS else None


def _draw_fault(path: str, scenario: DownloadScenario, chance: random.Random) -> Fault:
    unnoticed = next((kinds for ending, kinds in _UNNOTICED.items() if path.endswith(ending)), set[str]())
    kind = chance.choice([kind for kind in FAULTS if kind not in unnoticed])
    size = len(scenario.files[path])
    return Fault(kind, chance.choice((0, 1, size - 1, size)) if chance.random() < 0.2 else chance.randrange(size + 1))


def try_for(
    seconds: float, seed: int, scenarios: Sequence[DownloadScenario] = DOWNLOADS, rounds: float = math.inf
) -> Report:
    """Try faults in the order that the seed gives until the time is over, in so many rounds at most."""
    report, chance = Report(), random.Random(seed)
    with tempfile.TemporaryDirectory() as folder, serving_faults(FaultySite({})) as site:
        runner = DownloadRounds(Path(os.path.realpath(folder)), site, scenarios)
        end = time.monotonic() + seconds
        while time.monotonic() < end and report.rounds < rounds:
            runner.try_out(draw(scenarios, chance), report)
        return report


def main(words: Sequence[str] | None = None) -> int:
    """Print what was found as JSON; the status is 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="leave out what starts other programs")
    given = parser.parse_args(words)
    scenarios = [one for one in DOWNLOADS if not (given.quick and one.slow)]
    report = try_for(given.seconds, given.seed, scenarios)
    found = {
        "seed": given.seed,
        "rounds": report.rounds,
        "runs": report.runs,
        "statuses": dict(sorted(report.statuses.items())),
        "faults": dict(sorted(report.faults.items())),
        "bytes_lost": report.bytes_lost,
        "violations": report.violations[:50],
    }
    print(json.dumps(found, indent=2))  # noqa: T201 -- a program
    return int(bool(report.violations))


if __name__ == "__main__":
    sys.exit(main())
