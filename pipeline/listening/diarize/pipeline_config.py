"""Read the ``config.yaml`` of a pipeline of pyannote.audio, from which nothing is run.

pyannote's own reader imports and calls whatever class the file names, and fetches the models that it names from a hub.
Here a configuration may name one pipeline, files in its own folder, and plain settings. Everything else is refused with
the reason: a folder may come from a stranger.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

MAX_CONFIG_BYTES = 64 << 10
"""Bytes. pyannote's own have less than 1 kB."""

_PIPELINES = {
    "pyannote.audio.pipelines.SpeakerDiarization",
    "pyannote.audio.pipelines.speaker_diarization.SpeakerDiarization",
}
_TOP = {"pipeline", "params", "dependencies", "version"}
_SETTINGS: Mapping[str, type] = {
    "clustering": str,
    "segmentation_step": float,
    "segmentation_batch_size": int,
    "embedding_batch_size": int,
    "embedding_exclude_overlap": bool,
}
_MODELS = ("segmentation", "embedding", "plda")
_IN_FOLDER = re.compile(r"(?:\$model/)?([\w.-]{1,100}(?:/[\w.-]{1,100}){0,5})")

Plain = bool | int | float | str


@dataclass(frozen=True, slots=True)
class PipelineConfig:
    """What a configuration says.

    Attributes:
        segmentation, embedding: the model's file, or the folder with its ``pytorch_model.bin``, relative to the folder
            of the configuration.
        plda: the folder with ``plda.npz`` and ``xvec_transform.npz``; None if the clustering needs none.
        settings: arguments of pyannote's ``SpeakerDiarization``.
        parameters: its tuned parameters, by part and name.
        requires: the version of pyannote.audio that the pipeline was made with; None if it states none.
    """

    segmentation: PurePosixPath
    embedding: PurePosixPath
    plda: PurePosixPath | None
    settings: Mapping[str, Plain]
    parameters: Mapping[str, Mapping[str, Plain]]
    requires: str | None


def parse_config(text: str) -> PipelineConfig:
    """Parse a configuration.

    Raises:
        ValueError: it is not YAML, lacks something, or names what it may not; the message says what.
    """
    import yaml  # noqa: PLC0415 -- a run that diarized before needs none of it

    try:
        root = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as e:  # ValueError: a date that does not exist
        raise ValueError("config.yaml is not YAML") from e
    top = _mapping(root, "config.yaml")
    _refuse_unknown(top, _TOP, "config.yaml")
    pipeline = _mapping(top.get("pipeline"), "pipeline")
    _refuse_unknown(pipeline, {"name", "params"}, "pipeline")
    name = pipeline.get("name")
    if not isinstance(name, str) or name not in _PIPELINES:
        raise ValueError(f"config.yaml names the pipeline {_shown(name)}, which cuemark does not run")
    given = _mapping(pipeline.get("params"), "pipeline.params")
    _refuse_unknown(given, {*_SETTINGS, *_MODELS}, "pipeline.params")
    settings = {name: _setting(name, given[name]) for name in _SETTINGS if name in given}
    if "plda" not in given and settings.get("clustering") != "AgglomerativeClustering":
        raise ValueError("config.yaml lacks pipeline.params.plda, which its clustering needs")
    return PipelineConfig(
        segmentation=_in_folder("segmentation", given.get("segmentation")),
        embedding=_in_folder("embedding", given.get("embedding")),
        plda=_in_folder("plda", given["plda"]) if "plda" in given else None,
        settings=settings,
        parameters=_parameters(top.get("params", {})),
        requires=_required(top),
    )


def _mapping(value: object, name: str) -> Mapping[str, object]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise ValueError(f"{name} is not a table of names and values")
    return value


def _refuse_unknown(table: Mapping[str, object], known: set[str], where: str) -> None:
    if unknown := sorted(table.keys() - known):
        raise ValueError(f"{where} has {_shown(unknown[0])}, which is not taken from a folder")


def _setting(name: str, value: object) -> Plain:
    kind = _SETTINGS[name]
    if isinstance(value, int) and not isinstance(value, bool) and kind is float:
        return float(value)
    if type(value) is not kind or (kind is int and not 0 < int(str(value)) <= 1_000):
        raise ValueError(f"pipeline.params.{name} is {_shown(value)}, not {_WORDS[kind]}")
    return value  # type: ignore[return-value] # of the type in _SETTINGS


_WORDS: Mapping[type, str] = {str: "a name", float: "a number", int: "a number from 1 to 1000", bool: "true or false"}


def _in_folder(name: str, value: object) -> PurePosixPath:
    """Return the path of a model within the folder: no configuration leads to a hub or to other files."""
    found = _IN_FOLDER.fullmatch(value) if isinstance(value, str) else None
    if value is None:
        raise ValueError(f"config.yaml lacks pipeline.params.{name}")
    if found is None or ".." in found[1].split("/"):
        raise ValueError(f"pipeline.params.{name} is {_shown(value)}, not a file in the folder such as $model/{name}")
    return PurePosixPath(found[1])


def _parameters(value: object) -> Mapping[str, Mapping[str, Plain]]:
    tables = {part: _mapping(inner, f"params.{_named(part)}") for part, inner in _mapping(value, "params").items()}
    return {
        part: {name: _plain(f"params.{_named(part)}.{_named(name)}", one) for name, one in table.items()}
        for part, table in tables.items()
    }


def _plain(name: str, value: object) -> Plain:
    if isinstance(value, bool | int | float | str):
        return value
    raise ValueError(f"{name} is not a plain value")


def _named(key: str) -> str:
    return _shown(key)[1:-1]


def _required(top: Mapping[str, object]) -> str | None:
    """Return the version of pyannote.audio, which older configurations state as ``version``."""
    dependencies = _mapping(top.get("dependencies", {}), "dependencies")
    _refuse_unknown(dependencies, {"pyannote.audio"}, "dependencies")
    version = dependencies.get("pyannote.audio", top.get("version"))
    return None if version is None else str(version)[:40]


def _shown(value: object) -> str:
    """Return a value for a message: short, and with nothing in it that a terminal acts on."""
    return ascii(value)[:80]
