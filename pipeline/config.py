"""All options of all stages in one value, from a TOML file and the command line; what is misspelt is never passed over.

Every stage keeps its options, with their defaults and meanings, in a frozen dataclass beside its function; a table of
the file is one such dataclass. A flag beats the file, the file beats the default.
"""

from __future__ import annotations

import difflib
import json
import textwrap
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

from pipeline.errors import ConfigError
from pipeline.listening.hear import HearOptions
from pipeline.listening.speech import SpeechOptions
from pipeline.listening.transcribe import TranscribeOptions
from pipeline.listening.weights import WeightsOptions
from pipeline.matching.align import AlignOptions
from pipeline.options import describe
from pipeline.writing import WritingOptions
from pipeline.writing.cues import CueOptions
from pipeline.writing.markdown import MarkdownOptions

if TYPE_CHECKING:
    from pydantic import ValidationError

Tables = Mapping[str, Mapping[str, object]]
"""A configuration as TOML has it: table, key, value."""

_HEADER = """\
# Every option of cuemark, with its default and what it means.
# Make a copy, take the "#" away before what you want to change, and give the copy with --config.
# Written by scripts/make_default_config.py; a test compares.
"""


@dataclass(frozen=True, slots=True)
class Config:
    """The options of all stages, in the order of the data."""

    weights: WeightsOptions = field(default_factory=WeightsOptions)
    transcribe: TranscribeOptions = field(default_factory=TranscribeOptions)
    speech: SpeechOptions = field(default_factory=SpeechOptions)
    hear: HearOptions = field(default_factory=HearOptions)
    align: AlignOptions = field(default_factory=AlignOptions)
    markdown: MarkdownOptions = field(default_factory=MarkdownOptions)
    cues: CueOptions = field(default_factory=CueOptions)

    @property
    def writing(self) -> WritingOptions:
        """What the writers take."""
        return WritingOptions(markdown=self.markdown, cues=self.cues)


def load(path: Path | None, flags: Mapping[str, object]) -> Config:
    """Read a configuration file, if there is one, and let the command line's flags overrule it.

    Args:
        path: a TOML file; None for the defaults.
        flags: only what the user gave, as ``{"transcribe.model": "base"}``.

    Raises:
        ConfigError: the file cannot be read, or a table, a key or a value in it, or a flag's value, is none of ours.
    """
    tables = _read(path) if path else {}
    config = _build(tables, str(path))
    merged: dict[str, Mapping[str, object]] = dict(tables)
    for name, value in flags.items():
        table, key = name.split(".")
        _build({table: {key: value}}, f"--{key.replace('_', '-')}")
        merged[table] = {**merged.get(table, {}), key: value}
    return _build(merged, str(path or "command line")) if flags else config


def default_toml() -> str:
    """The text of ``configs/default.toml``: all tables and keys, every key commented out, with its default."""
    tables = (_describe(name, kind) for name, kind in get_type_hints(Config).items())
    return "\n".join([_HEADER, *tables])


def _read(path: Path) -> Tables:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as e:
        raise ConfigError(str(path), f"cannot be read ({e.strerror})") from e
    except ValueError as e:  # not TOML, or not UTF-8
        raise ConfigError(str(path), f"is not TOML: {e}") from e


def _build(tables: Tables, where: str) -> Config:
    kinds = get_type_hints(Config)
    for name, table in tables.items():
        if name not in kinds:
            raise ConfigError(where, f"there is no table [{name}]{_nearest(name, list(kinds))}")
        if not isinstance(table, dict):
            raise ConfigError(where, f"{name} is a table, and its keys are written below [{name}]")
    return Config(**{name: _options(kinds[name], name, table, where) for name, table in tables.items()})


def _options(kind: type[Any], name: str, table: Mapping[str, object], where: str) -> Any:  # noqa: ANN401 -- an instance of kind
    """Make the options of one table, checking each value against its field's type."""
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 -- costs 0.2 s, and most runs have no options

    known = [item.name for item in fields(kind)]
    for key in table:
        if key not in known:
            raise ConfigError(where, f"there is no {name}.{key}{_nearest(key, known)}")
    try:
        return TypeAdapter(kind).validate_json(json.dumps(table, allow_nan=False), strict=True)
    except ValidationError as e:
        raise ConfigError(where, _reason(name, e)) from e
    except (TypeError, ValueError) as e:  # neither is JSON, and no option is either
        raise ConfigError(where, f"[{name}] has a date, or a number that is not finite") from e


def _reason(name: str, error: ValidationError) -> str:
    first = error.errors()[0]
    if first["type"] == "value_error":
        return f"[{name}]: {first['ctx']['error']}"
    key = ".".join(str(part) for part in first["loc"][:1])
    return f"{first['msg'].replace('Input', f'{name}.{key}', 1)}, not {json.dumps(first['input'])}"


def _nearest(name: str, known: list[str]) -> str:
    found = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"; do you mean {found[0]}?" if found else f"; there are {', '.join(known)}"


def _describe(name: str, kind: type[Any]) -> str:
    about = (kind.__doc__ or "").partition("\n")[0]
    keys = (line for item in fields(kind) for line in _describe_key(kind, item))
    return "\n".join([f"[{name}]", f"# {about}", *keys, ""])


def _describe_key(kind: type[Any], item: Field[Any]) -> Iterator[str]:
    default = "" if item.default is None else f" {json.dumps(item.default, ensure_ascii=False)}"
    meaning = textwrap.wrap(describe(kind, item.name), 100, initial_indent="# ", subsequent_indent="# ")
    yield from ("", *meaning, f"#{item.name} ={default}")
