"""A line of the ledger: an episode as it is asked for, how it stands, and both as text that SQLite keeps.

Names on a disk may have bytes that are no text; JSON in ASCII keeps them, and nothing is ever unpickled.
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
    """An episode as a run asks for it.

    Attributes:
        key: of all that its results depend on, but for the files.
        settings: the options that are not at their defaults, as ``{"transcribe.model": "tiny.en"}``.
        files: what tells cheaply whether a file changed, by what it is: ``audio``, ``transcript``.
        config: all its options.
    """

    job: Job
    key: str
    settings: Mapping[str, object] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    config: Config = field(default_factory=Config)

    @property
    def row(self) -> dict[str, object]:
        """What SQLite keeps of it, by its columns' names."""
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
    """One line of the ledger.

    Attributes:
        stage: what is being done with it, and ``share`` how much of that is done, 0..1.
        attempts: how often it was taken up.
        started: when that was the last time, in seconds since 1970; ``ended`` when it was settled.
        outcome: of the last time.
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
    """The entry of a row with ``COLUMNS``.

    Raises:
        ValueError: it is none that was written by us.
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
    """The value as JSON in ASCII, whatever bytes its names have; never with what anybody's voice sounds like."""
    if isinstance(value, Outcome):
        value = replace(value, examples=None)
    return json.dumps(asdict(value))


def as_text(name: str) -> str:
    r"""The name as text that any program reads: ``\udcff`` for a byte that is none."""
    return name.encode("utf-8", "backslashreplace").decode()
