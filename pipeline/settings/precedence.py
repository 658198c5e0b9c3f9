"""Where each option's value comes from, the strongest first, and all of it as a file that people can read.

    a flag  >  --config: a file, or a preset by name  >  the show's own cuemark.toml  >  the default

A show's ``cuemark.toml`` lies beside its transcripts. It comes with them, perhaps from a stranger, so it may say how
the show is heard and written, but neither where anything lies on this machine nor how much of it is used.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from pipeline.errors import ConfigError
from pipeline.listening.models import catalog
from pipeline.settings.config import Config, nearest, overlay, overrule, setting

SHOW_FILE = "cuemark.toml"
"""The name of a show's own settings."""

LARGEST = 16 * 1024
"""Bytes. The file of all defaults is a quarter of it; what is larger is some other file. Reading time is bounded by it
too: TOML's long dotted keys take the square of their length."""

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
"""The tables and keys that a show's own file may not set, each with the reason that is given."""

_OTHER_FLAGS = {"cues.preset": "subtitles"}
"""Flags that are not called what their option is."""

_IN_LINE = re.compile(r" \(at line (\d+), column \d+\)$")


@dataclass(frozen=True, slots=True)
class Settings:
    """The options in force, and what said so, for each (as ``"transcribe.model"``) that is not at its default."""

    config: Config
    origins: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Layer:
    """What one file says, and its name in words."""

    origin: str
    text: str
    tables: Mapping[str, object]

    def place(self, name: str) -> str:
        """The file, with the line of a table or key where it is written in the plain way."""
        number = _line_of(self.text, name)
        return f"{self.origin}, line {number}" if number else self.origin

    @property
    def values(self) -> dict[str, object]:
        """What it sets, as ``transcribe.model``."""
        tables = ((name, table if isinstance(table, dict) else {}) for name, table in self.tables.items())
        return {f"{name}.{key}": value for name, table in tables for key, value in table.items()}


def load(given: Path | str | None, beside: Path | None, flags: Mapping[str, object]) -> Settings:
    """Put together the options of all stages.

    Args:
        given: a TOML file, as a ``Path`` or a text with a dot or a separator in it; else the name of a preset.
        beside: the transcript, beside which the show's own settings may lie (see ``show_file``); None to look nowhere.
        flags: what the user gave on the command line, as ``{"transcribe.model": "base"}``; None where there is none.

    Raises:
        ConfigError: a file cannot be read, or a table, a key or a value in it, or a flag's value, is none of ours.
    """
    config = Config()
    origins: dict[str, str] = {}
    for layer in _layers(given, beside):
        config = overlay(config, layer.tables, layer.place)
        origins |= dict.fromkeys(layer.values, layer.origin)
    names = {name: _flag(name, value) for name, value in flags.items() if value is not None}
    config = overrule(config, {name: flags[name] for name in names}, lambda name: _flags(names, name))
    return Settings(config, {**origins, **names})


def render_settings(settings: Settings) -> str:
    """Everything in force as TOML, in the order of the data, each line with what it was said by.

    Read as a file, it gives the same options. What has no value, because nobody gave one, is commented out.
    """
    tables = (_table(settings, item.name) for item in fields(Config))
    return "\n\n".join(tables) + "\n"


def presets() -> dict[str, Path]:
    """The shipped files by name: in the package, or beside it where it runs from the folder of its sources."""
    package = Path(__file__).parents[1]
    folder = next(place for place in (package / "configs", package.parent / "configs") if place.is_dir())
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def show_file(transcript: Path) -> Path | None:
    """The show's own settings for a transcript: the nearest ``cuemark.toml``, or None.

    It lies in the transcript's folder or, if that is inside a Git repository, in one of the folders from there up to
    the repository's. Nowhere else is looked: what lies above may belong to anybody.
    """
    folder = Path(os.path.realpath(transcript.parent))
    above = (folder, *folder.parents)
    top = next((place for place in above if os.access(place / ".git", os.F_OK)), folder)
    files = (place / SHOW_FILE for place in above[: above.index(top) + 1])
    return next((file for file in files if os.path.isfile(file)), None)  # noqa: PTH113 -- Path's own may raise


def not_for_strangers(who: str, name: str, value: object) -> str | None:
    """Say why a file that may come from a stranger may not set an option; None where it may.

    Args:
        who: the file, as a sentence begins with it.
        name: the option, as ``transcribe.model``.
    """
    if reason := NOT_FOR_A_SHOW.get(name) or NOT_FOR_A_SHOW.get(name.partition(".")[0]):
        return f"{who} may not set {name}: {reason}, with --config"
    if name == "transcribe.model" and isinstance(value, str) and catalog.find(value) is None:
        return f"{who} may only name a known model{nearest(value, catalog.MODELS)}"
    return None


# --- files -------------------------------------------------------------------------------------------------------


def _layers(given: Path | str | None, beside: Path | None) -> list[_Layer]:
    """What the files say, the weakest first."""
    show = show_file(beside) if beside else None
    return [*([_show_layer(show)] if show else []), *([_given_layer(given)] if given else [])]


def _given_layer(given: Path | str) -> _Layer:
    if isinstance(given, Path) or any(mark in given for mark in {".", "/", os.sep}):
        return _read(Path(given), str(given))
    known = presets()
    if given not in known:
        also = f"; for the file of this name give ./{given}" if Path(given).exists() else ""
        raise ConfigError(f"--config {given}", f"there is no such preset{nearest(given, known)}{also}")
    return _read(known[given], f"configs/{given}")


def _show_layer(path: Path) -> _Layer:
    """Read a show's own file, and refuse what is not its business."""
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
    """The number of the line with a table's heading or a key below it; None where it is written in another way."""
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
        f"{setting(item.name, getattr(options, item.name))}  # {_origin(settings, f'{name}.{item.name}')}"
        for item in fields(options)
    )
    return "\n".join([f"[{name}]", *lines])


def _origin(settings: Settings, name: str) -> str:
    """What a value was said by, as a comment that cannot end before its line does."""
    origin = settings.origins.get(name, "default")
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in origin)


def _flag(name: str, value: object) -> str:
    """How a flag is written on the command line: ``--fix-times``, ``--no-times``."""
    plain = _OTHER_FLAGS.get(name, name.partition(".")[2].replace("_", "-"))
    return f"--{'no-' if value is False else ''}{plain}"


def _flags(written: Mapping[str, str], name: str) -> str:
    """The flag of an option, or all flags of a table."""
    return ", ".join(flag for option, flag in written.items() if option == name or option.startswith(f"{name}."))
