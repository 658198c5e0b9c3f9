"""Rows of the ledger: an episode as it is requested, its state, and the conversion of both from and to SQLite values.

File names may contain bytes that are not valid UTF-8; JSON in ASCII preserves them, and nothing is ever unpickled.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

import msgspec

from pipeline.batch.messages import Job, Outcome, State
from pipeline.settings.config import Config

COLUMNS = "job, state, key, settings, files, stage, share, attempts, started, ended, outcome, error"


@dataclass(frozen=True, slots=True)
class RequestedEpisode:
    """An episode as a run requests it.

    Attributes:
        key: a hash of all that its results depend on, except the files.
        settings: the options that are not at their defaults, such as ``{"transcribe.model": "tiny.en"}``.
        files: the fingerprint of each file, by its role: ``audio``, ``transcript``; it changes when the file does.
        config: all its options.
    """

    job: Job
    key: str
    settings: Mapping[str, object] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    config: Config = field(default_factory=Config)

    @property
    def row(self) -> dict[str, object]:
        """The values that SQLite stores of it, by column name."""
        return {
            "name": as_text(self.job.name),
            "drafts": int(self.job.transcript is None),
            "job": to_json(self.job),
            "key": self.key,
            "settings": json.dumps(dict(self.settings), sort_keys=True),
            "files": json.dumps(dict(self.files), sort_keys=True),
        }


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the ledger.

    Attributes:
        stage: the current stage of the work; None if it is not running.
        share: the part of the stage that is done, 0..1.
        attempts: how many times the work was started.
        started: the time of the last start, in seconds since 1970.
        ended: the time when it was settled, in seconds since 1970.
        outcome: the outcome of the last attempt.
    """

    job: Job
    state: State
    key: str
    settings: Mapping[str, object]
    files: Mapping[str, str]
    stage: str | None
    share: float | None
    attempts: int
    started: float | None
    ended: float | None
    outcome: Outcome | None
    error: str | None


def entry_from_row(row: Sequence[object]) -> Entry:
    """Convert a row with ``COLUMNS`` to an entry.

    Raises:
        ValueError: this program did not write the row.
    """
    job, state, key, settings, files, stage, share, attempts, started, ended, outcome, error = row
    values = {
        "job": json.loads(str(job)),
        "state": state,
        "key": key,
        "settings": json.loads(str(settings)),
        "files": json.loads(str(files)),
        "stage": stage,
        "share": share,
        "attempts": attempts,
        "started": started,
        "ended": ended,
        "outcome": json.loads(str(outcome)) if outcome else None,
        "error": error,
    }
    return msgspec.convert(values, Entry)


def to_json(value: Job | Outcome) -> str:
    """Encode the value as JSON in ASCII, whatever bytes its names contain; voice examples are always left out."""
    if isinstance(value, Outcome):
        value = replace(value, examples=None)
    return json.dumps(asdict(value))


def as_text(name: str) -> str:
    r"""Return the name as valid Unicode: an undecodable byte becomes an escape such as ``\udcff``."""
    return name.encode("utf-8", "backslashreplace").decode()
