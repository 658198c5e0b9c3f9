"""The ledger of a batch: the state of each episode, in an SQLite file that survives a crash of the run.

Each change is one transaction that is on the disk before it counts (``synchronous=FULL``), so after a power loss the
ledger is in a consistent earlier state. Several runs may share a ledger: a run takes an episode atomically. A run holds
a lock file next to the ledger while it is alive, and the operating system releases the lock when the process ends. So
the episodes of a dead run are free at once, and those of a living run are left alone. Locks of runs on other machines
cannot be checked; such a run counts as dead when it has not written for ten minutes.
"""

from __future__ import annotations

import os
import re
import secrets
import socket
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from pipeline.batch.ledger_rows import COLUMNS, Entry, RequestedEpisode, as_text, entry_from_row, to_json
from pipeline.batch.messages import Job, Outcome, Refusal, State
from pipeline.errors import LedgerError
from pipeline.io.confined import LinkOutError, opened_folder, real_name, refuse_link
from pipeline.progress import Step

DEAD_AFTER_S = 600.0
"""A run on another machine is dead if it has not written for this time; it writes every ``HEARTBEAT_INTERVAL_S``."""

HEARTBEAT_INTERVAL_S = 30.0
"""A twentieth of ``DEAD_AFTER_S``: a run may miss some writes, on a slow network disk, and still counts as alive."""

_RUN = re.compile(r"[0-9a-f]{16}")
_SQLITE_ENDS = ("-journal", "-wal", "-shm")
"""What SQLite appends to the name of a database for the files that it puts next to it."""

_APPLICATION_ID = 0x6375656D  # "cuem" in the file's header: other programs' databases are recognized and left alone
_SCHEMA_VERSION = 1
_LOCK_TIMEOUT_S = 60.0  # far longer than any transaction of another run; SQLite gives up after it
_RESERVED_BYTES = (
    1 << 20
)  # bytes that are kept free inside the file, so that failures can be recorded when the disk is full
_SCHEMA = (
    "CREATE TABLE runs (id TEXT PRIMARY KEY, host TEXT NOT NULL, beat REAL NOT NULL) STRICT",
    """CREATE TABLE episodes (
        name TEXT PRIMARY KEY, source TEXT NOT NULL, place INTEGER NOT NULL, drafts INTEGER NOT NULL,
        state TEXT NOT NULL, job TEXT NOT NULL, key TEXT NOT NULL, settings TEXT NOT NULL, files TEXT NOT NULL,
        run TEXT, stage TEXT, share REAL, attempts INTEGER NOT NULL DEFAULT 0, started REAL, ended REAL, outcome TEXT,
        error TEXT
    ) STRICT""",
    "CREATE INDEX episodes_by_state ON episodes (state, drafts, place)",
    "CREATE TABLE spare (bytes BLOB) STRICT",
)
_RELEASE_RUN = "UPDATE episodes SET state='waiting', run=NULL, stage=NULL, share=NULL WHERE run=?"
_RELEASE_ORPHANS = """
    UPDATE episodes SET state='waiting', run=NULL, stage=NULL, share=NULL
    WHERE state='running' AND run NOT IN (SELECT id FROM runs)"""
_ENTER_EPISODE = """
    INSERT INTO episodes (name, source, place, drafts, job, key, settings, files, state)
    VALUES (:name, :source, :place, :drafts, :job, :key, :settings, :files, 'waiting')
    ON CONFLICT (name) DO UPDATE SET source=:source, place=:place, drafts=:drafts, job=:job, settings=:settings,
        files=:files, key=:key,
        state=CASE
            WHEN key=:key AND files=:files AND NOT :redo AND (state='done' OR (state='failed' AND NOT :retry))
            THEN state ELSE 'waiting' END
    WHERE state<>'running'"""
_REFUSE = """
    INSERT INTO episodes (name, source, place, drafts, job, key, settings, files, state, error)
    VALUES (:name, :source, 0, 0, :job, '', '{}', '{}', 'refused', :error)
    ON CONFLICT (name) DO UPDATE SET source=:source, state='refused', job=:job, key='', error=:error
    WHERE state<>'running'"""
_TAKE = """
    UPDATE episodes SET state='running', run=:run, attempts=attempts+1, started=:now, ended=NULL, stage=NULL,
        share=NULL, error=NULL
    WHERE name=(
        SELECT name FROM episodes JOIN temp.mine USING (name, key)
        WHERE state='waiting' AND drafts<=:drafts ORDER BY drafts, place LIMIT 1
    ) RETURNING name"""
_SETTLE = """
    UPDATE episodes SET state=:state, run=NULL, stage=NULL, share=NULL, ended=:now, outcome=:outcome, error=:error
    WHERE name=:name AND run=:run"""


class Ledger:
    """The ledger at ``path``, created if it does not exist; ``begin`` starts a run, and ``close`` ends it.

    Every method raises ``LedgerError`` if the file cannot be read or written.

    Args:
        named: whether the user has named the file, so that a link with its name is followed wherever it leads.
        now: returns the seconds since 1970.
    """

    def __init__(self, path: Path, *, named: bool = True, now: Callable[[], float] = time.time) -> None:
        self.path = path
        self._now = now
        self._run = ""
        self._lock: FileLock | None = None
        self._last_heartbeat = 0.0
        with self._errors(), ExitStack() as refused:
            self._file = _create_file(path, named=named)
            self._database = sqlite3.connect(self._file, timeout=_LOCK_TIMEOUT_S, isolation_level=None)
            refused.callback(self._database.close)
            self._database.execute("PRAGMA trusted_schema=OFF")  # the file may be a stranger's
            self._database.execute("PRAGMA synchronous=FULL")
            self._database.execute("PRAGMA journal_mode=PERSIST")  # the journal keeps its space on the disk
            self._prepare()
            refused.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the run: its running episodes wait again."""
        if self._lock is not None:
            with suppress(LedgerError):
                self._execute(_RELEASE_RUN, self._run)
                self._execute("DELETE FROM runs WHERE id=?", self._run)
            self._lock.release()
            Path(self._lock.lock_file).unlink(missing_ok=True)
            self._lock = None
        self._database.close()

    # --- a run -------------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Start a run, and release the episodes of dead runs."""
        self._run = secrets.token_hex(8)
        with self._errors():
            self._lock = FileLock(self._lock_path(self._run))
            self._lock.acquire(timeout=0)
        self.heartbeat()
        for table in ("here", "mine"):  # all of the source's episodes, and those that may be taken
            self._execute(f"CREATE TEMP TABLE {table} (name TEXT PRIMARY KEY, key TEXT NOT NULL) STRICT")
        self.release_stale_runs()
        self._reserve_space()

    def enter(
        self,
        source: str,
        requested: Iterable[RequestedEpisode],
        refusals: Iterable[Refusal],
        *,
        retry: bool = False,
        redo: bool = False,
        redo_names: Collection[str] = (),
        growing: Collection[str] = (),
    ) -> None:
        """Enter the episodes of a source, in its order.

        A done episode stays done if its key and files are unchanged, and a failed one stays failed unless ``retry``.
        All others wait, as do all with ``redo`` and those named in ``redo_names``. An episode that is no longer in the
        source is removed, unless it is done. Episodes of another run are left to it. Episodes named in ``growing`` are
        not given out yet, because one of their files is still being written.
        """
        with self._errors(), self._transaction():
            for table in ("here", "mine"):
                self._database.execute(f"DELETE FROM temp.{table}")  # noqa: S608 -- ours
            for place, episode in enumerate(requested):
                redo_this = redo or episode.job.name in redo_names
                values = episode.row | {"source": source, "place": place, "redo": redo_this, "retry": retry}
                self._database.execute(_ENTER_EPISODE, values)
                self._database.execute("INSERT OR IGNORE INTO temp.here VALUES (:name, :key)", values)
                if episode.job.name not in growing:
                    self._database.execute("INSERT OR IGNORE INTO temp.mine VALUES (:name, :key)", values)
            for refusal in refusals:
                self._refuse(source, refusal)
            self._database.execute(
                "DELETE FROM episodes WHERE source=? AND state IN ('waiting', 'failed', 'refused') "
                "AND name NOT IN (SELECT name FROM temp.here)",
                (source,),
            )

    def _refuse(self, source: str, refusal: Refusal) -> None:
        name = as_text(refusal.name)
        if self._database.execute("SELECT 1 FROM temp.here WHERE name=?", (name,)).fetchone():
            name = f"{name} (not taken)"  # an episode that can be processed has this name
        values = {"name": name, "source": source, "error": as_text(refusal.reason)}
        self._database.execute(_REFUSE, values | {"job": to_json(Job(refusal.name, ""))})
        self._database.execute("INSERT OR IGNORE INTO temp.here VALUES (:name, '')", values)

    def take(self, *, drafts: bool = True) -> Entry | None:
        """Take the next waiting episode that this run entered; None if there is none.

        Args:
            drafts: also take episodes without a transcript, which come after all others.
        """
        values = {"run": self._run, "now": self._now(), "drafts": int(drafts)}
        with self._errors(), self._transaction():
            taken = self._database.execute(_TAKE, values).fetchone()
        return next(self._entries("WHERE name=?", taken[0])) if taken else None

    def record_step(self, name: str, step: Step) -> None:
        """Record the current stage of an episode of this run."""
        share = step.done / step.total if step.total else None
        statement = "UPDATE episodes SET stage=?, share=? WHERE name=? AND run=?"
        self._execute(statement, as_text(step.stage), share, as_text(name), self._run)

    def settle(self, name: str, outcome: Outcome) -> None:
        """Record the outcome of an episode of this run."""
        state: State = "failed" if outcome.error else "done"
        values = {
            "state": state,
            "now": self._now(),
            "outcome": to_json(outcome),
            "name": as_text(name),
            "run": self._run,
        }
        with self._errors(), self._transaction():
            self._database.execute(_SETTLE, values | {"error": as_text(outcome.error) if outcome.error else None})

    def counts(self) -> Mapping[State, int]:
        """Count the episodes that this run entered, by state."""
        with self._errors():
            query = "SELECT state, count(*) FROM episodes JOIN temp.here USING (name, key) GROUP BY state"
            return dict(self._database.execute(query).fetchall())

    def count_taken_over(self) -> int:
        """Count the episodes of this run that another run has requested with other options since."""
        with self._errors():
            query = "SELECT count(*) FROM temp.here LEFT JOIN episodes USING (name, key) WHERE state IS NULL"
            return int(self._database.execute(query).fetchone()[0])

    def waiting(self) -> frozenset[str]:
        """Return the names (see ``as_text``) of this run's waiting episodes."""
        with self._errors():
            query = "SELECT name FROM episodes JOIN temp.mine USING (name, key) WHERE state='waiting'"
            return frozenset(name for (name,) in self._database.execute(query))

    def unsettled_with_transcript(self) -> int:
        """Count this run's episodes with a transcript that no run has settled yet."""
        with self._errors():
            query = (
                "SELECT count(*) FROM episodes JOIN temp.mine USING (name, key) "
                "WHERE state IN ('waiting', 'running') AND NOT drafts"
            )
            return int(self._database.execute(query).fetchone()[0])

    def release_stale_runs(self) -> None:
        """Let the episodes of dead runs wait again."""
        with self._errors():
            runs = self._database.execute("SELECT id, host, beat FROM runs WHERE id<>?", (self._run,)).fetchall()
        for run, host, beat in runs:
            if not self._is_alive(run, host, beat):
                self._execute(_RELEASE_RUN, run)
                self._execute("DELETE FROM runs WHERE id=?", run)
        self._execute(_RELEASE_ORPHANS)

    def heartbeat(self) -> None:
        """Record that this run is alive; call it often: it writes only every ``HEARTBEAT_INTERVAL_S``."""
        if self._now() - self._last_heartbeat >= HEARTBEAT_INTERVAL_S:
            self._last_heartbeat = self._now()
            self._execute(
                "INSERT OR REPLACE INTO runs VALUES (?, ?, ?)", self._run, socket.gethostname(), self._last_heartbeat
            )

    # --- reading -----------------------------------------------------------------------------------------------------

    def done(self) -> Iterator[Entry]:
        """Return the entries of all done episodes, of any run."""
        return self._entries("WHERE state='done'")

    def entries(self) -> tuple[Entry, ...]:
        """Return all entries: the episodes in the order of their sources, then what was refused."""
        return tuple(self._entries("ORDER BY state='refused', source, place, name"))

    # --- SQLite ------------------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        with self._transaction():
            application_id, version = (self._database.execute(f"PRAGMA {name}").fetchone()[0] for name in _PRAGMAS)
            if (application_id, version) == (_APPLICATION_ID, _SCHEMA_VERSION):
                return
            if application_id or self._database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                reason = (
                    "is of a newer cuemark; update this one"
                    if application_id == _APPLICATION_ID
                    else "is another program's database"
                )
                raise LedgerError(self.path, reason)
            for statement in _SCHEMA:
                self._database.execute(statement)
            for name, value in _PRAGMAS.items():
                self._database.execute(f"PRAGMA {name}={value}")

    def _reserve_space(self) -> None:
        """Make the file and its journal larger than necessary: SQLite uses free pages before it asks for disk space."""
        for statement in ("INSERT INTO spare VALUES (zeroblob(?))", "UPDATE spare SET bytes=randomblob(?)"):
            with suppress(LedgerError):
                self._execute(statement, _RESERVED_BYTES)
        with suppress(LedgerError):
            self._execute("DELETE FROM spare")

    def _is_alive(self, run: str, host: str, beat: float) -> bool:
        if host != socket.gethostname():
            return self._now() - beat < DEAD_AFTER_S
        if not _RUN.fullmatch(run):  # not from us: it must not become a part of a path
            return False
        lock = FileLock(self._lock_path(run))
        try:
            lock.acquire(timeout=0)
        except (Timeout, OSError):  # it is held, or may not be opened
            return True
        lock.release()
        Path(lock.lock_file).unlink(missing_ok=True)
        return False

    def _lock_path(self, run: str) -> str:
        return os.fspath(self._file.with_name(f".{self._file.name}-{run}.lock"))

    def _entries(self, where: str, *values: object) -> Iterator[Entry]:
        with self._errors():
            rows = self._database.execute(f"SELECT {COLUMNS} FROM episodes {where}", values).fetchall()  # noqa: S608 -- ours
            yield from map(entry_from_row, rows)

    def _execute(self, statement: str, *values: object) -> None:
        with self._errors():
            self._database.execute(statement, values)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            with suppress(sqlite3.Error):
                self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn errors of SQLite and the file system into a ``LedgerError`` of one line."""
        try:
            yield
        except sqlite3.OperationalError as e:
            raise LedgerError(self.path, f"cannot be used ({e})") from e
        except (sqlite3.DatabaseError, ValueError, RecursionError) as e:  # the file or its content was damaged
            raise LedgerError(self.path, _DAMAGED) from e
        except LinkOutError as e:
            reason = f"cannot be used: a link leads out of its folder, to {e.target}; remove the link, or give --ledger"
            raise LedgerError(self.path, reason) from e
        except OSError as e:
            raise LedgerError(self.path, f"cannot be used ({e.strerror})") from e


def _create_file(path: Path, *, named: bool) -> Path:
    """Create the ledger's file if there is none, and return its path without links; SQLite takes an empty file.

    Raises:
        LinkOutError: it, or a file that SQLite would put next to it, is a link that must not be followed.
        OSError: it cannot be created.
    """
    folder = Path(os.path.realpath(path)).parent if named else Path(os.path.realpath(path.parent))
    name = Path(os.path.realpath(path)).name if named else real_name(folder, path.name)
    for end in _SQLITE_ENDS:
        refuse_link(folder / f"{name}{end}")
    with opened_folder(folder) as descriptor, suppress(FileExistsError):
        os.close(os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666, dir_fd=descriptor))
    return folder / name


_PRAGMAS = {"application_id": _APPLICATION_ID, "user_version": _SCHEMA_VERSION}
_DAMAGED = "is damaged or no ledger; move it away: all is processed again, with what was heard from the store"
