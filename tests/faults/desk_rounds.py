"""Let the desk fail or be killed wherever it changes files, and see what is left: -m tests.faults.desk_rounds --help.

Each round types and saves in a forked process with one fault, or several, and then opens the desk again without one:

- the transcript has a content that was to be saved, whole, and none from before one that was said to be saved;
- the desk that is opened next has the last text that was accepted: in the transcript, or as its offer; or the text of
  the edit that was on its way;
- what is restored can be saved, and then nothing is left but the transcript.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import random
import shutil
import stat
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from pipeline.desk.safekeeping.alignment_file import write_alignment_file
from pipeline.desk.safekeeping.document_place import DocumentPlace
from pipeline.desk.serving.host import Host, RefusedError
from pipeline.desk.serving.listener import Heard
from pipeline.episode.stored_alignment import encode_alignment
from pipeline.errors import PipelineError
from pipeline.times import Span
from tests.desk.serving.opened_desk import DURATION, PAGE, insertion, opened
from tests.faults.injection import HARMS, Harm, Injector
from tests.faults.rounds import parts
from tests.sample_episode import HEARD, SHOW

DONE: tuple[Harm, ...] = tuple(harm for harm in HARMS if harm != "interrupted")
"""What happens to a desk: it handles Ctrl-C itself, as the end of its server."""

EDITS, SAVES = 6, 2
_MOST_FAULTS = 3

Log = Callable[[str, str], None]
"""Notes what was tried or done, and the text at that time."""


@dataclass(frozen=True)
class Session:
    """What a person does at a desk: in order, what is typed where (a share of the text); None is a save."""

    acts: tuple[tuple[float, str] | None, ...]

    @classmethod
    def random(cls, chance: random.Random) -> Session:
        """Some edits and saves in any order."""
        acts: list[tuple[float, str] | None] = [None] * SAVES
        acts += [(chance.random(), chance.choice(("a", "word ", "\n\n**Cy**: 𝄞 said", "\r\n"))) for _ in range(EDITS)]
        chance.shuffle(acts)
        return cls(tuple(acts))


@dataclass(frozen=True)
class Seen:
    """What a process has noted before its end: each is an event and the text at that time."""

    events: tuple[tuple[str, str], ...]
    status: int

    def texts(self, *names: str, after: str = "") -> list[str]:
        """The texts of these events, only those behind the last event of another name if one is given."""
        last = max((n for n, (name, _) in enumerate(self.events) if name == after), default=-1)
        return [text for name, text in self.events[last + 1 :] if name in names]


@dataclass
class Report:
    """What was found."""

    rounds: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)


async def use(path: Path, session: Session, log: Log) -> None:
    """Open the desk, restore what it offers, and do what a person does; a refused edit or save is not repeated."""
    host = desk(path)
    host.state(PAGE)
    host.computing.take_heard(Heard(HEARD, None, (Span(0, DURATION),), complete=True, last=True))
    await host.computing.settle_soon()
    for act in session.acts:
        if act is None:
            await attempt("save", host.save(PAGE, host.session.version, None), host, host.session.source, log)
            continue
        text = str(host.session.state()["text"])
        at = round(act[0] * len(text))
        units = len(text[:at].encode("utf-16-le")) // 2
        update = insertion(host, units, act[1].replace("\r\n", "\n"))
        after = text[:at] + act[1].replace("\r\n", "\n") + text[at:]
        await attempt("edit", host.update(PAGE, host.session.version, [update]), host, after, log)
    host.close()
    log("closed", host.session.source)


async def attempt(name: str, what: object, host: Host, text: str, log: Log) -> None:
    """Do something, and note before and after it what text it is about."""
    log(f"try {name}", text)
    try:
        await what  # type: ignore[misc]  # a coroutine
    except (RefusedError, PipelineError):
        log(f"refused {name}", text)
    else:
        log(f"done {name}", host.session.source)


def desk(path: Path) -> Host:
    """The desk of a transcript, which keeps its alignment."""
    place = DocumentPlace.of(path.parent / "desk", path)
    return opened(path, key="key", keep=lambda kept: write_alignment_file(place, encode_alignment(kept)))


class DeskRounds:
    """Opens desks in a folder, whose path stays the same."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "round"
        self.path = self._folder / "show.md"
        self._begin()
        asyncio.run(use(self.path, Session(((0.5, "x"), None)), lambda *_: None))  # what it imports is there, too
        gc.freeze()

    def count(self, session: Session) -> int:
        """The number of calls that change files without a fault."""
        self._begin()
        calls: list[str] = []
        seen = self._forked(session, Injector(), calls)
        assert seen.status == 0, seen
        return len(calls)

    def try_out(self, session: Session, injector: Injector) -> list[str]:
        """Do a session with faults; return what is wrong afterwards."""
        self._begin()
        seen = self._forked(session, injector, [])
        return [*self._wrong_file(seen), *self._wrong_modes(), *asyncio.run(self._wrong_next(seen))]

    def _wrong_file(self, seen: Seen) -> Iterator[str]:
        content = self.path.read_bytes().decode("utf-8", "replace")
        saved = seen.texts("done save")
        allowed = {saved[-1] if saved else SHOW, *seen.texts("try save", after="done save")}
        if content not in allowed:
            yield f"the transcript is not what was saved: {content!r}"

    def _wrong_modes(self) -> Iterator[str]:
        for path in (self._folder / "desk").glob("*"):
            if path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077:
                yield f"others can read {path.name}"

    async def _wrong_next(self, seen: Seen) -> list[str]:
        """Open the desk again, restore what it offers, and save."""
        host = desk(self.path)
        wrong = []
        if not host.state(PAGE)["writer"]:
            wrong.append("the next desk only reads")
        if host._document.offered:
            await host.recover(PAGE, "restore")
        accepted = seen.texts("done edit")
        allowed = {accepted[-1] if accepted else SHOW, *seen.texts("try edit", after="done edit")}
        page_form = {text.replace("\r\n", "\n") for text in allowed}
        if host.session.source.replace("\r\n", "\n") not in page_form:
            wrong.append(f"lost what was accepted: {host.session.source!r} of {sorted(allowed)!r}")
        await host.save(PAGE, host.session.version, None)
        host.close()
        if self.path.read_bytes().decode() != host.session.source:
            wrong.append("what was restored is not saved")
        left = [*parts(self._folder), *(one.name for one in (self._folder / "desk").glob("*.journal"))]
        return [*wrong, *(f"left {name}" for name in left)]

    def _begin(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()
        self.path.write_text(SHOW)

    def _forked(self, session: Session, injector: Injector, calls: list[str]) -> Seen:
        reader, writer = os.pipe()
        process = os.fork()
        if process == 0:
            os.close(reader)
            self._be_the_desk(session, injector, writer)
        os.close(writer)
        with os.fdopen(reader, encoding="utf-8") as log:
            lines = [json.loads(line) for line in log]
        calls += [text for name, text in lines if name == "call"]
        events = tuple((name, text) for name, text in lines if name != "call")
        return Seen(events, os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))

    def _be_the_desk(self, session: Session, injector: Injector, pipe: int) -> None:
        status, real_write = 1, os.write

        def log(name: str, text: str) -> None:
            real_write(pipe, json.dumps([name, text]).encode() + b"\n")

        injector.log = lambda name: log("call", name)
        try:
            silent = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silent, 2)  # warnings about the journal
            injector.arm()
            asyncio.run(use(self.path, session, log))
            status = 0
        except PipelineError:
            status = 2  # the desk could not be opened, as on a full disk
        finally:
            os._exit(status)


Trial = tuple[Session, dict[int, Harm], bool]
"""What is done, the faults by the number of the call, and whether everything fails from the first one on."""


def trials(rounds: DeskRounds, chance: random.Random) -> Iterator[Trial]:
    """Yield every single fault of a session, in any order, and as many with several faults; then of another session."""
    while True:
        session = Session.random(chance)
        calls = rounds.count(session)
        single = [
            (session, {call: harm}, sticky)
            for call, harm, sticky in product(range(calls), DONE, (False, True))
            if harm == "no space" or not sticky
        ]
        for one in chance.sample(single, len(single)):
            yield one
            number = min(calls, chance.randint(2, _MOST_FAULTS))
            yield session, {call: chance.choice(DONE) for call in chance.sample(range(calls), number)}, False


def try_for(seconds: float, seed: int, wanted: str = "") -> Report:
    """Try faults in the order that the seed gives until the time is over, or the wanted violation is found."""
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        rounds = DeskRounds(Path(os.path.realpath(folder)))
        end = time.monotonic() + seconds
        for session, harms, sticky in trials(rounds, random.Random(seed)):
            wrong = rounds.try_out(session, Injector(harms, sticky))
            report.rounds += 1
            report.faults.update(harms.values())
            where = ", ".join(f"{number}: {harm}" for number, harm in harms.items())
            report.violations += [f"{session}, {where}{', and on' if sticky else ''}: {line}" for line in wrong]
            is_found = wanted and any(wanted in line for line in report.violations)
            if is_found or time.monotonic() > end:
                return report
    return report


def main(words: Sequence[str] | None = None) -> int:
    """Print what was found as JSON; the status is 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(words)
    report = try_for(given.seconds, given.seed)
    found = {
        "seed": given.seed,
        "rounds": report.rounds,
        "faults": dict(sorted(report.faults.items())),
        "violations": report.violations[:50],
    }
    print(json.dumps(found, indent=2))  # noqa: T201 -- a program
    return int(bool(report.violations))


if __name__ == "__main__":
    sys.exit(main())
