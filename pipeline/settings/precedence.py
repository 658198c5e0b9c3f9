"""Where the value of each option comes from, highest precedence first, and the result as readable TOML.

    command line  >  --config: a file, or a preset by name  >  the show's own cuemark.toml  >  the default

A show's ``cuemark.toml`` is next to its transcripts. It comes with them, perhaps from a stranger, so it may set how the
show is transcribed and written, but neither a path on this machine nor how much of the machine is used.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from pipeline.errors import ConfigError
from pipeline.listening.models import catalog
from pipeline.listening.transcribe import AUTO
from pipeline.settings.config import Config, nearest_hint, overlay, overrule, toml_line
from pipeline.settings.setting_files import named_file, presets, show_file

LARGEST = 16 * 1024
"""Bytes. ``default.toml`` has less than half of it, so a larger file is some other file. It also bounds the time to
read: the standard library takes quadratic time for long dotted keys."""

NOT_FOR_A_SHOW: Mapping[str, str] = {
    "weights": "where models are kept and fetched is for each person to say",
    "diarize.folder": "where models are kept is for each person to say",
    "diarize.pipeline": "whose account is used is for each person to say",
    "diarize.device": "what computes is for each person to say",
    "diarize.segmentation_batch": "how much memory may be used is for each person to say",
    "diarize.embedding_batch": "how much memory may be used is for each person to say",
    "transcribe.device": "what computes is for each person to say",
    "align.most_cells": "how much memory may be used is for each person to say",
}
"""The tables and keys that a show's own file may not set, each with the reason for the error message."""

_OTHER_FLAGS = {
    "cues.preset": "subtitles",
    "chapters.source": "chapters",
    "chapters.embed": "embed-chapters",
    "publish.contributors": "contributor",
}
"""Command line options that have another name than the key that they set."""

_IN_LINE = re.compile(r" \(at line (\d+), column \d+\)$")


@dataclass(frozen=True, slots=True)
class Settings:
    """The options in force, and for each key (``"transcribe.model"``) that is not at its default what set it."""

    config: Config
    origins: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Layer:
    """The contents of one file, and its name for messages."""

    origin: str
    text: str
    tables: Mapping[str, object]

    def place(self, name: str) -> str:
        """Return the file's name, with the line of a table or key if it can be found by a plain search."""
        number = _line_of(self.text, name)
        return f"{self.origin}, line {number}" if number else self.origin

    @property
    def values(self) -> dict[str, object]:
        """The values that it sets, by key such as ``transcribe.model``."""
        tables = ((name, table if isinstance(table, dict) else {}) for name, table in self.tables.items())
        return {f"{name}.{key}": value for name, table in tables for key, value in table.items()}


def load_settings(given: Path | str | None, transcript: Path | None, flags: Mapping[str, object]) -> Settings:
    """Collect the options of all stages.

    Args:
        given: a TOML file, as a ``Path`` or a text with a dot or a separator in it; else the name of a preset.
        transcript: the transcript next to which the show's own settings may be (see ``show_file``); None for no search.
        flags: the command line options, as ``{"transcribe.model": "base"}``; None if an option was not given.

    Raises:
        ConfigError: a file cannot be read, or it or an option has an unknown table, key or value.
    """
    config = Config()
    origins: dict[str, str] = {}
    for layer in _layers(given, transcript):
        config = overlay(config, layer.tables, layer.place)
        origins |= dict.fromkeys(layer.values, layer.origin)
    names = {name: _flag(name, value) for name, value in flags.items() if value is not None}
    config = overrule(config, {name: flags[name] for name in names}, lambda name: _flags(names, name))
    return Settings(config, {**origins, **names})


def render_settings(settings: Settings) -> str:
    """Return all options in force as TOML, in the order of the data, each line with what set it.

    Read as a file, it gives the same options. A key without a value is commented out.
    """
    tables = (_table(settings, item.name) for item in fields(Config))
    return "\n\n".join(tables) + "\n"


def not_for_strangers(who: str, name: str, value: object) -> str | None:
    """Return why a file that may come from a stranger may not set an option; None if it may.

    Args:
        who: the file, as the start of a sentence.
        name: the option, as ``transcribe.model``.
    """
    if reason := NOT_FOR_A_SHOW.get(name) or NOT_FOR_A_SHOW.get(name.partition(".")[0]):
        return f"{who} may not set {name}: {reason}, with --config"
    if name == "transcribe.model" and isinstance(value, str) and value != AUTO and catalog.find(value) is None:
        return f"{who} may only name a known model{nearest_hint(value, catalog.MODELS)}"
    return None


# --- files -------------------------------------------------------------------------------------------------------


def _layers(given: Path | str | None, transcript: Path | None) -> list[_Layer]:
    """Return the files' contents, lowest precedence first."""
    show = show_file(transcript) if transcript else None
    return [*([_show_layer(show)] if show else []), *([_given_layer(given)] if given else [])]


def _given_layer(given: Path | str) -> _Layer:
    if file := named_file(given):
        return _read(file, str(given))
    known, name = presets(), str(given)
    if name not in known:
        also = f"; for the file of this name give ./{name}" if Path(name).exists() else ""
        raise ConfigError(f"--config {name}", f"there is no such preset{nearest_hint(name, known)}{also}")
    return _read(known[name], f"configs/{name}")


def _show_layer(path: Path) -> _Layer:
    """Read a show's own file, and refuse keys that it may not set."""
    layer = _read(path, str(path))
    for name, value in layer.values.items():
        if reason := not_for_strangers("a show's own file", name, value):
            raise ConfigError(layer.place(name), reason)
    return layer


def _read(path: Path, origin: str) -> _Layer:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as e:
        raise ConfigError(origin, f"cannot be read ({e.strerror})") from e
    if len(content) > LARGEST:
        raise ConfigError(origin, "is too large for settings (more than 16 KiB)")
    try:
        text = content.decode("utf-8-sig")  # some editors put a byte order mark before it
        return _Layer(origin, text, tomllib.loads(text))
    except RecursionError as e:
        raise ConfigError(origin, "is not TOML that anybody writes: nested too deeply") from e
    except ValueError as e:  # not TOML, or not UTF-8
        reason, line = str(e), _IN_LINE.search(str(e))
        where = f"{origin}, line {line[1]}" if line else origin
        raise ConfigError(where, f"is not TOML: {_IN_LINE.sub('', reason)}") from e


def _line_of(text: str, name: str) -> int | None:
    """Return the line number of a table's heading or of a key below it; None if a plain search does not find it."""
    heading = ""
    for number, line in enumerate(text.split("\n"), 1):
        said = line.partition("#")[0].strip()
        if said.startswith("["):
            heading = said = said.strip("[] \t")
        else:
            key = said.partition("=")[0].strip(" \t\"'")
            said = f"{heading}.{key}" if heading else key
        if said == name:
            return number
    return None


# --- names -------------------------------------------------------------------------------------------------------


def _table(settings: Settings, name: str) -> str:
    options = getattr(settings.config, name)
    lines = (
        f"{toml_line(item.name, getattr(options, item.name))}  # {_origin(settings, f'{name}.{item.name}')}"
        for item in fields(options)
    )
    return "\n".join([f"[{name}]", *lines])


def _origin(settings: Settings, name: str) -> str:
    """Return what set a value, as a TOML comment of one line."""
    origin = settings.origins.get(name, "default")
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in origin)


def _flag(name: str, value: object) -> str:
    """Return the spelling of an option on the command line: ``--fix-times``, ``--no-times``."""
    plain = _OTHER_FLAGS.get(name, name.partition(".")[2].replace("_", "-"))
    return f"--{'no-' if value is False else ''}{plain}"


def _flags(written: Mapping[str, str], name: str) -> str:
    """Return the command line option of a key, or all options of a table."""
    return ", ".join(flag for option, flag in written.items() if option == name or option.startswith(f"{name}."))
