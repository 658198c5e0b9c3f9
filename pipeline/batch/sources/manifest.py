"""Read and write manifests: lists of episodes, with the work and options for each.

Only ``audio`` is required in a row. ``transcript``, ``like`` and ``tracks`` name further files, ``work``, ``title`` and
``name`` describe the result, and every option is allowed under its name on the command line or in a configuration
file. A row whose ``work`` is ``skip`` is skipped, and ``note`` says why: so a manifest that was written from a folder
lists all of its files.
"""

from __future__ import annotations

import csv
import io
import json
import os
import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, get_args, get_type_hints
from urllib.parse import urlsplit

from pipeline.batch.messages import Job, Plan, Refusal, Work
from pipeline.batch.sources.filename_parts import AUDIO_SUFFIXES, DOCUMENT_SUFFIXES, TEXT_SUFFIXES, suffix
from pipeline.batch.sources.manifest_rows import Row, escape_formula, read_rows
from pipeline.batch.sources.result_names import fold_result_name, safe_name
from pipeline.batch.storage.remote_files import is_address, is_web
from pipeline.errors import ConfigError
from pipeline.io.private_addresses import names_private_host
from pipeline.settings.config import Config, nearest_hint, overlay
from pipeline.settings.precedence import not_for_strangers

SKIP = "skip"
"""The work of a row that is skipped."""

_JOB_KEYS = (
    "audio", "transcript", "other_transcripts", "work", "name", "title", "like", "tracks", "length", "private", "note",
)  # fmt: skip
_BUCKET_SCHEMES = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oss", "r2"})
"""Schemes of stores in which every address belongs to the same service, whatever its bucket."""

_MAX_HINTS = 100
_YES, _NO = {"yes", "true", "on", "1"}, {"no", "false", "off", "0"}
_WORKS: tuple[Work, ...] = get_args(Work)
_HINTS: Mapping[str, Any] = {
    f"{table}.{key}": hint
    for table, value_type in get_type_hints(Config).items()
    for key, hint in get_type_hints(value_type).items()
}
_KEY_COUNTS = Counter(name.partition(".")[2] for name in _HINTS)
_OPTIONS: Mapping[str, str] = {
    **{name: name for name in _HINTS},
    **{key: name for name in _HINTS if _KEY_COUNTS[key := name.partition(".")[2]] == 1},
    "subtitles": "cues.preset",
    "times": "finish.times",
    "device": "transcribe.device",
}
"""The accepted names of each option, as on the command line or with its table, and its full name."""

_KNOWN_KEYS = (*_JOB_KEYS, *_OPTIONS)


class _WrongRowError(ValueError):
    """A row is invalid; ``str`` says why."""


def plan_manifest(content: bytes, name: str, base: str, work: Work = "auto") -> Plan:
    """Plan the episodes of a manifest, in its order; only an invalid row is refused, with its line.

    Args:
        name: the name of the manifest, as the user gave it; its suffix is that of CSV, YAML or JSON Lines.
        base: the folder of its relative paths: a path or an address.
        work: the work of rows that state none.

    Raises:
        ConfigError: the manifest cannot be read, or has an unknown column.
    """
    reader = _ManifestReader(name, base, work)
    for row in read_rows(content, name, _KNOWN_KEYS):
        reader.read(row)
    return Plan(tuple(reader.jobs.values()), tuple(reader.refusals))


def write_manifest(plan: Plan, base: str = "") -> str:
    """Render a plan as a manifest in CSV, from which the same plan can be read.

    Refused files are included as skipped rows, each with its reason as a note: to pair files by hand, the user enters
    the transcript of an audio and removes ``skip``.

    Args:
        base: the future folder of the manifest; paths inside it are written relative to it.
    """
    rows = [
        *(_job_cells(job, base) for job in plan.jobs),
        *(_refusal_cells(refusal, base) for refusal in plan.refusals),
    ]
    used = {key for row in rows for key in row}
    always = {"audio", "transcript", "work", "name", "note"}
    columns = [*(key for key in _JOB_KEYS if key in used | always), *sorted(used - set(_JOB_KEYS))]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, restval="", quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow({key: key for key in columns})
    writer.writerows({key: escape_formula(value) for key, value in row.items()} for row in rows)
    return out.getvalue()


# --- reading -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _ManifestReader:
    """Converts rows to jobs and refusals; it remembers used names and the result of each check of options."""

    name: str
    base: str
    work: Work
    jobs: dict[str, Job] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    checked: dict[str, str | None] = field(default_factory=dict)
    hints: dict[str, str] = field(default_factory=dict)

    def read(self, row: Row) -> None:
        """Add a row as a job or as a refusal."""
        try:
            if row.cells.get("work") == SKIP and not row.error:
                self.refusals.append(_skip_refusal(row))
            else:
                self._add(self._job(row), row.line)
        except _WrongRowError as e:
            self.refusals.append(Refusal(f"{self.name}, line {row.line}", str(e)))

    def _add(self, job: Job, line: int) -> None:
        key = fold_result_name(job.name)
        if key in self.jobs:
            reason = f"has the name {job.name}, as line {self.lines[key]} has; give one of them another, as name"
            raise _WrongRowError(reason)
        self.jobs[key], self.lines[key] = job, line

    def _job(self, row: Row) -> Job:
        if row.error:
            raise _WrongRowError(row.error)
        cells = row.cells
        audio = self._path_cell(cells, "audio")
        if audio is None:
            raise _WrongRowError("names no audio")
        work, transcript = self._work(cells), self._path_cell(cells, "transcript")
        if work in {"align", "finish"} and transcript is None:
            raise _WrongRowError(f"has no transcript, and there is nothing to {work}")
        job = Job(
            name=safe_name(_text_cell(cells, "name") or _default_name(str(cells["audio"]))),
            audio=audio,
            transcript=transcript,
            work=work,
            title=_text_cell(cells, "title"),
            like=self._path_cell(cells, "like"),
            tracks={speaker: self._resolve(file) for speaker, file in _parse_tracks(cells.get("tracks"))},
            options=self._options(row),
            length=_parse_length(cells.get("length")),
            other_transcripts=tuple(map(self._resolve, _parse_list(cells.get("other_transcripts", ())))),
        )
        return replace(job, allow_private=self._allow_private(cells) and any(map(is_web, job.files)))

    def _allow_private(self, cells: Mapping[str, object]) -> bool:
        """Whether a row's web addresses may lead to this machine or its network: only a local manifest may allow it."""
        value = cells.get("private", True)
        allowed = value if isinstance(value, bool) else _parse_yes_no("private", value)
        return allowed and not is_address(self.base)

    def _work(self, cells: Mapping[str, object]) -> Work:
        value = _text_cell(cells, "work")
        if value is None:
            return self.work
        work = next((work for work in _WORKS if work == value), None)
        if work is None:
            raise _WrongRowError(f"there is no work {value[:60]}{nearest_hint(value, (*_WORKS, SKIP))}")
        return work

    def _path_cell(self, cells: Mapping[str, object], key: str) -> str | None:
        value = _text_cell(cells, key)
        return None if value is None else self._resolve(value)

    def _resolve(self, path: str) -> str:
        """Return the path or address of a file, relative to the manifest's folder."""
        if "\0" in path:
            raise _WrongRowError("a path cannot contain a null byte")
        if is_address(path):
            if path.casefold().startswith("file:"):
                raise _WrongRowError(f"{path[:80]}: give the path alone, without file://")
            if is_address(self.base) and (reason := _remote_refusal(path, self.base)):
                raise _WrongRowError(f"{path[:80]} is {reason}, where only a manifest on this machine may lead")
            return path
        if is_address(self.base):
            if path.startswith("/"):
                raise _WrongRowError(f"{path[:80]} is a path on one machine, and the manifest is not")
            return f"{self.base.rstrip('/')}/{path}"
        return os.path.join(self.base, path.removeprefix("./"))  # noqa: PTH118 -- pathlib would normalize the name

    def _hint(self, key: str) -> str:
        """Return the hint to an unknown key; only for the first ones, because each takes milliseconds."""
        if key not in self.hints and len(self.hints) < _MAX_HINTS:
            self.hints[key] = nearest_hint(key, _KNOWN_KEYS)
        return self.hints.get(key, "")

    def _options(self, row: Row) -> dict[str, object]:
        options: dict[str, object] = {}
        for key, value in row.cells.items():
            if key in _JOB_KEYS:
                continue
            if key not in _OPTIONS:
                raise _WrongRowError(f"there is no {key[:60]}{self._hint(key)}")
            options[_OPTIONS[key]] = value if row.typed else _parse_option(key, value)
        memo_key = repr(sorted(options.items(), key=lambda item: item[0]))
        if memo_key not in self.checked:
            self.checked[memo_key] = _options_error(options)
        if reason := self.checked[memo_key]:
            raise _WrongRowError(reason)
        return options


def _skip_refusal(row: Row) -> Refusal:
    cells = row.cells
    reason = str(cells.get("note") or "is marked to be skipped")
    if name := cells.get("name"):
        audio = str(cells.get("audio", "")) or None
        return Refusal(str(name), reason, audio, skipped=True, is_episode=bool(audio) or _is_file_name(str(name)))
    name = cells.get("audio") or cells.get("transcript") or f"line {row.line}"
    return Refusal(str(name), reason, skipped=True)


def _remote_refusal(address: str, base: str) -> str | None:
    """Return why a manifest at the address ``base`` may not name an address; None if it may."""
    if is_web(address):
        return "on this machine or its network" if names_private_host(address) else None
    scheme, own = (name.partition("://")[0].casefold() for name in (address, base))
    hosts = {urlsplit(name).netloc.rpartition("@")[2].casefold() for name in (address, base)}
    return None if scheme == own and (scheme in _BUCKET_SCHEMES or len(hosts) == 1) else "in another store"


def _text_cell(cells: Mapping[str, object], key: str) -> str | None:
    value = cells.get(key)
    if value is not None and not isinstance(value, str):
        raise _WrongRowError(f"{key} is a text")
    return value or None


def _parse_length(value: object) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,15}", value):
        return int(value)
    raise _WrongRowError("length is a number of bytes")


def _parse_tracks(value: object) -> Iterator[tuple[str, str]]:
    """Return speakers and their own recordings, from a mapping or a text such as ``Ann=ann.wav; Bob=bob.wav``."""
    if isinstance(value, str):
        value = _split_tracks(value)
    if not isinstance(value, Mapping | None):
        raise _WrongRowError('tracks are names with files, such as "Ann=ann.wav; Bob=bob.wav"')
    for speaker, file in (value or {}).items():
        if not (isinstance(file, str) and speaker.strip() and file):
            raise _WrongRowError('tracks are names with files, such as "Ann=ann.wav; Bob=bob.wav"')
        yield speaker.strip(), file


def _parse_list(value: object) -> tuple[str, ...]:
    """Return files from a list or a text such as ``a.md; b.md``."""
    if isinstance(value, str):
        value = _json_or_none(value) if value.startswith("[") else [part.strip() for part in value.split(";")]
    if not (isinstance(value, list | tuple) and all(isinstance(part, str) and part for part in value)):
        raise _WrongRowError('other_transcripts are files, such as "a.md; b.md"')
    return tuple(value)


def _json_or_none(value: str) -> object:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _split_tracks(value: str) -> object:
    if value.startswith("{"):
        return _json_or_none(value) or ()
    pairs = [part.partition("=") for part in value.split(";") if part.strip()]
    names = {speaker.strip(): file.strip() for speaker, _, file in pairs}
    return names if len(names) == len(pairs) else ()


def _default_name(audio: str) -> str:
    """Return the default name of the results: the audio's name, with its folders if they are below the manifest's."""
    is_relative = not is_address(audio) and not posixpath.isabs(audio)
    path = posixpath.normpath(audio)
    if not is_relative or path.startswith(".."):
        path = posixpath.basename(path.partition("?")[0])
    stem, end = posixpath.splitext(path)
    return stem if end.casefold() in AUDIO_SUFFIXES else path


def _parse_option(key: str, value: object) -> object:
    """Parse an option's value from a text, by the option's type."""
    if not isinstance(value, str):
        raise _WrongRowError(f"{key} is a single value")
    types = {_HINTS[_OPTIONS[key]], *get_args(_HINTS[_OPTIONS[key]])}
    if bool in types:
        return _parse_yes_no(key, value)
    for value_type in (int, float):
        if value_type in types:
            try:
                return value_type(value)
            except ValueError:
                raise _WrongRowError(f"{key} is a number, not {value[:60]}") from None
    return value


def _parse_yes_no(key: str, value: object) -> bool:
    plain = str(value).strip().casefold()
    if plain not in _YES | _NO:
        raise _WrongRowError(f"{key} is yes or no, not {str(value)[:60]}")
    return plain in _YES


def _options_error(options: Mapping[str, object]) -> str | None:
    """Return the error in a row's options; None if there is none."""
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


def _job_cells(job: Job, base: str) -> dict[str, str]:
    value = {
        "audio": _relative_to(base, job.audio),
        "transcript": job.transcript and _relative_to(base, job.transcript),
        "work": job.work,
        "name": job.name,
        "title": job.title,
        "like": job.like and _relative_to(base, job.like),
        "tracks": _format_tracks({speaker: _relative_to(base, file) for speaker, file in job.tracks.items()}),
        "length": None if job.length is None else str(job.length),
        "other_transcripts": _format_list([_relative_to(base, name) for name in job.other_transcripts]),
        "private": "no" if any(map(is_web, job.files)) and not job.allow_private else None,
        **{_short_name(name): _format_value(value) for name, value in job.options.items() if value is not None},
    }
    return {key: value for key, value in value.items() if value}


def _is_file_name(name: str) -> bool:
    return suffix(name) in AUDIO_SUFFIXES | TEXT_SUFFIXES | DOCUMENT_SUFFIXES


def _refusal_cells(refusal: Refusal, base: str) -> dict[str, str]:
    """Return the cells of a skipped row; what is no file stands in the column of names."""
    if refusal.is_episode or not (refusal.file or _is_file_name(refusal.name)):
        return {"name": refusal.name, "audio": refusal.file or "", "work": SKIP, "note": refusal.reason}
    side = "audio" if suffix(refusal.name) in AUDIO_SUFFIXES else "transcript"
    path = _relative_to(base, refusal.file) if refusal.file else refusal.name
    return {side: path, "work": SKIP, "note": refusal.reason}


def _relative_to(base: str, path: str) -> str:
    if is_address(path) and not is_address(base):
        return path
    start = f"{base.rstrip('/')}/" if base else ""
    if path.startswith(start):
        is_relative = path[len(start) :]
        return f"./{is_relative}" if is_address(is_relative) or (is_relative.startswith("/") and start) else is_relative
    return path if is_address(path) else os.path.abspath(path)  # noqa: PTH100 -- pathlib would normalize the name


def _short_name(name: str) -> str:
    return next((short for short, full in _OPTIONS.items() if full == name and "." not in short), name)


def _format_value(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _format_list(files: Sequence[str]) -> str | None:
    is_plain = all(";" not in file and file == file.strip() for file in files) and not "".join(files).startswith("[")
    return ("; ".join(files) if is_plain else json.dumps(list(files), ensure_ascii=False)) or None


def _format_tracks(tracks: Mapping[str, str]) -> str | None:
    is_plain = all(not set(word) & set(";={") and word == word.strip() for pair in tracks.items() for word in pair)
    if is_plain:
        return "; ".join(f"{speaker}={file}" for speaker, file in tracks.items()) or None
    return json.dumps(dict(tracks), ensure_ascii=False)
