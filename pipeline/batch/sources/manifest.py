"""A manifest: the episodes as somebody lists them, with what is to be done for each.

``audio`` is all that a row needs. ``transcript``, ``like`` and ``tracks`` name files as well, ``work``, ``title`` and
``name`` say what becomes of it, and every option may stand there under the name that it has on the command line or in
a configuration file. A row whose ``work`` is ``skip`` is left out, and ``note`` says why: so a manifest that a folder
was written into holds all that is in the folder.
"""

from __future__ import annotations

import csv
import io
import json
import os
import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args, get_type_hints

from pipeline.batch.messages import Job, Plan, Refusal, Work
from pipeline.batch.sources.filename_parts import AUDIO_SUFFIXES, suffix
from pipeline.batch.sources.manifest_rows import Row, guarded, read_rows
from pipeline.batch.sources.result_names import fold_result_name, safe_name
from pipeline.batch.storage.remote_files import is_address
from pipeline.errors import ConfigError
from pipeline.settings.config import Config, nearest_hint, overlay
from pipeline.settings.precedence import not_for_strangers

SKIP = "skip"
"""The work of a row that is left out."""

_FIXED = ("audio", "transcript", "work", "name", "title", "like", "tracks", "length", "note")
_YES, _NO = {"yes", "true", "on", "1"}, {"no", "false", "off", "0"}
_WORKS: tuple[Work, ...] = get_args(Work)
_HINTS: Mapping[str, Any] = {
    f"{table}.{key}": hint
    for table, kind in get_type_hints(Config).items()
    for key, hint in get_type_hints(kind).items()
}
_OFTEN = Counter(name.partition(".")[2] for name in _HINTS)
_OPTIONS: Mapping[str, str] = {
    **{name: name for name in _HINTS},
    **{key: name for name in _HINTS if _OFTEN[key := name.partition(".")[2]] == 1},
    "subtitles": "cues.preset",
    "times": "finish.times",
    "device": "transcribe.device",
}
"""What an option may be called, as on the command line or with its table, and which one it is."""

_KNOWN = (*_FIXED, *_OPTIONS)


class _WrongRowError(ValueError):
    """A row cannot be taken; ``str`` says why."""


def plan_manifest(content: bytes, name: str, beside: str, work: Work = "auto") -> Plan:
    """Plan the episodes of a manifest, in its order; a row that is wrong is refused alone, with its line.

    Args:
        name: of the manifest, as the user gave it; its suffix says whether it is CSV, YAML or JSON Lines.
        beside: the folder that its relative paths start from: a path or an address.
        work: where a row does not say what is to be done.

    Raises:
        ConfigError: the whole cannot be read, or has a column that means nothing.
    """
    reader = _Reader(name, beside, work)
    for row in read_rows(content, name, _KNOWN):
        reader.read(row)
    return Plan(tuple(reader.jobs.values()), tuple(reader.refusals))


def write_manifest(plan: Plan, beside: str = "") -> str:
    """Render a plan as a manifest in CSV, from which the same plan can be read.

    What is refused is there as well, as rows to skip, each with its reason as a note: whoever puts a transcript beside
    an audio and takes the ``skip`` away has said what belongs together.

    Args:
        beside: the folder in which the manifest will lie; paths inside it are written from there.
    """
    rows = [*(_cells(job, beside) for job in plan.jobs), *(_skipped(refusal, beside) for refusal in plan.refusals)]
    used = {key for row in rows for key in row}
    usual = {"audio", "transcript", "work", "name", "note"}
    columns = [*(key for key in _FIXED if key in used | usual), *sorted(used - set(_FIXED))]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, restval="", quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow({key: key for key in columns})
    writer.writerows({key: guarded(value) for key, value in row.items()} for row in rows)
    return out.getvalue()


# --- reading -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Reader:
    """Reads rows one after the other; the names that are taken and the options that are checked stay in mind."""

    name: str
    beside: str
    work: Work
    jobs: dict[str, Job] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    checked: dict[str, str | None] = field(default_factory=dict)

    def read(self, row: Row) -> None:
        """Take a row as a job or as a refusal."""
        try:
            if row.cells.get("work") == SKIP and not row.wrong:
                self.refusals.append(_skip(row))
            else:
                self._take(self._job(row), row.line)
        except _WrongRowError as e:
            self.refusals.append(Refusal(f"{self.name}, line {row.line}", str(e)))

    def _take(self, job: Job, line: int) -> None:
        key = fold_result_name(job.name)
        if key in self.jobs:
            reason = f"has the name {job.name}, as line {self.lines[key]} has; give one of them another, as name"
            raise _WrongRowError(reason)
        self.jobs[key], self.lines[key] = job, line

    def _job(self, row: Row) -> Job:
        if row.wrong:
            raise _WrongRowError(row.wrong)
        cells = row.cells
        audio = self._path(cells, "audio")
        if audio is None:
            raise _WrongRowError("names no audio")
        work, transcript = self._work(cells), self._path(cells, "transcript")
        if work in {"align", "finish"} and transcript is None:
            raise _WrongRowError(f"has no transcript, and there is nothing to {work}")
        return Job(
            name=safe_name(_text(cells, "name") or _default_name(str(cells["audio"]))),
            audio=audio,
            transcript=transcript,
            work=work,
            title=_text(cells, "title"),
            like=self._path(cells, "like"),
            tracks={speaker: self._at(file) for speaker, file in _tracks(cells.get("tracks"))},
            options=self._options(row),
            length=_length(cells.get("length")),
        )

    def _work(self, cells: Mapping[str, object]) -> Work:
        said = _text(cells, "work")
        if said is None:
            return self.work
        known = next((work for work in _WORKS if work == said), None)
        if known is None:
            raise _WrongRowError(f"there is no work {said[:60]}{nearest_hint(said, (*_WORKS, SKIP))}")
        return known

    def _path(self, cells: Mapping[str, object], key: str) -> str | None:
        said = _text(cells, key)
        return None if said is None else self._at(said)

    def _at(self, path: str) -> str:
        """A file of the manifest, seen from where the manifest is."""
        if "\0" in path:
            raise _WrongRowError("no path has a byte 0 in it")
        if is_address(path):
            if path.casefold().startswith("file:"):
                raise _WrongRowError(f"{path[:80]}: give the path alone, without file://")
            return path
        if is_address(self.beside):
            if path.startswith("/"):
                raise _WrongRowError(f"{path[:80]} is a path on one machine, and the manifest is not")
            return f"{self.beside.rstrip('/')}/{path}"
        return os.path.join(self.beside, path.removeprefix("./"))  # noqa: PTH118 -- what is named is kept as a text

    def _options(self, row: Row) -> dict[str, object]:
        options: dict[str, object] = {}
        for key, said in row.cells.items():
            if key in _FIXED:
                continue
            if key not in _OPTIONS:
                raise _WrongRowError(f"there is no {key[:60]}{nearest_hint(key, _KNOWN)}")
            options[_OPTIONS[key]] = said if row.typed else _typed(key, said)
        memory = repr(sorted(options.items(), key=lambda item: item[0]))
        if memory not in self.checked:
            self.checked[memory] = _wrong(options)
        if reason := self.checked[memory]:
            raise _WrongRowError(reason)
        return options


def _skip(row: Row) -> Refusal:
    name = row.cells.get("audio") or row.cells.get("transcript") or f"line {row.line}"
    return Refusal(str(name), str(row.cells.get("note") or "is marked to be skipped"), skipped=True)


def _text(cells: Mapping[str, object], key: str) -> str | None:
    said = cells.get(key)
    if said is not None and not isinstance(said, str):
        raise _WrongRowError(f"{key} is a text")
    return said or None


def _length(said: object) -> int | None:
    if said is None or (isinstance(said, int) and not isinstance(said, bool) and said >= 0):
        return said
    if isinstance(said, str) and re.fullmatch(r"[0-9]{1,15}", said):
        return int(said)
    raise _WrongRowError("length is a number of bytes")


def _tracks(said: object) -> Iterator[tuple[str, str]]:
    """Speakers and their own recordings: a mapping, or a text such as ``Ann=ann.wav; Bob=bob.wav``."""
    if isinstance(said, str):
        said = _tracks_of(said)
    if not isinstance(said, Mapping | None):
        raise _WrongRowError('tracks are names with files, such as "Ann=ann.wav; Bob=bob.wav"')
    for speaker, file in (said or {}).items():
        if not (isinstance(file, str) and speaker.strip() and file):
            raise _WrongRowError('tracks are names with files, such as "Ann=ann.wav; Bob=bob.wav"')
        yield speaker.strip(), file


def _tracks_of(said: str) -> object:
    if said.startswith("{"):
        try:
            return json.loads(said)
        except (ValueError, RecursionError):
            return ()
    pairs = [part.partition("=") for part in said.split(";") if part.strip()]
    names = {speaker.strip(): file.strip() for speaker, _, file in pairs}
    return names if len(names) == len(pairs) else ()


def _default_name(audio: str) -> str:
    """The name of the results where none is given: the audio's, with its folders where they are the manifest's own."""
    inside = not is_address(audio) and not posixpath.isabs(audio)
    path = posixpath.normpath(audio)
    if not inside or path.startswith(".."):
        path = posixpath.basename(path.partition("?")[0])
    stem, end = posixpath.splitext(path)
    return stem if end.casefold() in AUDIO_SUFFIXES else path


def _typed(key: str, said: object) -> object:
    """An option's value out of a text, by what the option takes."""
    if not isinstance(said, str):
        raise _WrongRowError(f"{key} is a single value")
    kinds = {_HINTS[_OPTIONS[key]], *get_args(_HINTS[_OPTIONS[key]])}
    if bool in kinds:
        plain = said.strip().casefold()
        if plain not in _YES | _NO:
            raise _WrongRowError(f"{key} is yes or no, not {said[:60]}")
        return plain in _YES
    for kind in (int, float):
        if kind in kinds:
            try:
                return kind(said)
            except ValueError:
                raise _WrongRowError(f"{key} is a number, not {said[:60]}") from None
    return said


def _wrong(options: Mapping[str, object]) -> str | None:
    """What is wrong with a row's options; None where nothing is."""
    tables: dict[str, dict[str, object]] = {}
    for name, value in options.items():
        if reason := not_for_strangers("a manifest", name, value):
            return reason
        table, _, key = name.partition(".")
        tables.setdefault(table, {})[key] = value
    try:
        overlay(Config(), tables, str)
    except ConfigError as e:
        return e.reason
    return None


# --- writing -----------------------------------------------------------------------------------------------------


def _cells(job: Job, beside: str) -> dict[str, str]:
    said = {
        "audio": _seen_from(beside, job.audio),
        "transcript": job.transcript and _seen_from(beside, job.transcript),
        "work": job.work,
        "name": job.name,
        "title": job.title,
        "like": job.like and _seen_from(beside, job.like),
        "tracks": _written_tracks({speaker: _seen_from(beside, file) for speaker, file in job.tracks.items()}),
        "length": None if job.length is None else str(job.length),
        **{_short(name): _written(value) for name, value in job.options.items() if value is not None},
    }
    return {key: value for key, value in said.items() if value}


def _skipped(refusal: Refusal, beside: str) -> dict[str, str]:
    side = "audio" if suffix(refusal.name) in AUDIO_SUFFIXES else "transcript"
    named = _seen_from(beside, refusal.file) if refusal.file else refusal.name
    return {side: named, "work": SKIP, "note": refusal.reason}


def _seen_from(beside: str, path: str) -> str:
    if is_address(path) and not is_address(beside):
        return path
    start = f"{beside.rstrip('/')}/" if beside else ""
    if path.startswith(start):
        inside = path[len(start) :]
        return f"./{inside}" if is_address(inside) or (inside.startswith("/") and start) else inside
    return path if is_address(path) else os.path.abspath(path)  # noqa: PTH100 -- a text, as it is kept


def _short(name: str) -> str:
    return next((short for short, full in _OPTIONS.items() if full == name and "." not in short), name)


def _written(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _written_tracks(tracks: Mapping[str, str]) -> str | None:
    plain = all(not set(word) & set(";={") and word == word.strip() for pair in tracks.items() for word in pair)
    if plain:
        return "; ".join(f"{speaker}={file}" for speaker, file in tracks.items()) or None
    return json.dumps(dict(tracks), ensure_ascii=False)
