"""What of all that cuemark needs is here and fits, told without loading any of it.

Each thing is one ``Check``; what lacks says the line to type. What only a real run can tell is in ``trial``.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shlex
import shutil
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pipeline.listening.device import resolve_device
from pipeline.listening.diarize.diarize_options import DiarizeOptions
from pipeline.listening.models.catalog import MODELS, READERS, VOICES, KnownModel
from pipeline.listening.models.inventory import Kept, kept
from pipeline.listening.models.locate import WeightsOptions, download_size, fetch_line, identify
from pipeline.listening.transcribe import LAYOUTS, TranscribeOptions, choose

_ONLY_OPENAI = {"openai-whisper", "torch"}
_ONLY_VOICES = {"pyannote.audio", "pyannote.core", "scipy", "torchaudio"}
"""Without them nobody is told apart, and all times come all the same."""

_LEAST_MEMORY = 2_500_000_000
"""Bytes that three hours of audio take with the model base."""

_LEAST_ROOM = 100_000_000
_VARIABLES = (
    "CUEMARK_MODELS",
    "CUEMARK_STORE",
    "HF_ENDPOINT",
    "HF_HUB_OFFLINE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE",
    "PIP_INDEX_URL",
    "PIP_NO_INDEX",
    "CUDA_VISIBLE_DEVICES",
)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        detail: what was found, in words.
        remedy: the line to type; empty where there is nothing to type.
        needed: whether ``align`` cannot do its work unless it is ok.
    """

    name: str
    state: Literal["ok", "missing", "problem"]
    detail: str
    remedy: str = ""
    needed: bool = True


def examine(
    options: TranscribeOptions, weights: WeightsOptions, store: Path, voices: DiarizeOptions
) -> Iterator[Check]:
    """Look at the machine, the packages, the models and the folders, in this order.

    Raises:
        ConfigError: the options name no model.
        WeightsError: the models' folder cannot be read.
    """
    model = identify(options.model)
    yield _python()
    yield from _packages(engine_here(options))
    yield from _machine(options)
    yield from _models(model, options, weights)
    yield from _other_models(model, weights)
    yield _voices(voices, weights)
    yield _models_folder(model, options, weights)
    yield _folder("store", store, "CUEMARK_STORE")
    yield from _environment()


def is_ready(checks: Iterator[Check] | list[Check]) -> bool:
    """Whether ``align`` can do its work."""
    return all(check.state == "ok" for check in checks if check.needed)


def engine_here(options: TranscribeOptions) -> str:
    """The engine that would listen; where that cannot be asked, the one that is meant for a processor."""
    try:
        return choose(options.engine, options.device)
    except (ImportError, OSError):  # ctranslate2, which is asked for GPUs, cannot be loaded: that is said of it
        return "faster-whisper"


# --- Python and its packages -------------------------------------------------------------------------------------


def _python() -> Check:
    from packaging.specifiers import SpecifierSet  # noqa: PLC0415 -- only by those who ask

    name, here = f"Python {platform.python_version()}", f"{platform.system()} {platform.machine()}, {sys.executable}"
    wanted = _asked_for()[0]
    if SpecifierSet(wanted).contains(platform.python_version(), prereleases=True):
        return Check(name, "ok", here)
    return Check(name, "problem", f"cuemark needs Python {wanted}; {here}")


def _asked_for() -> tuple[str, list[str]]:
    """The versions of Python and the packages that cuemark needs, as pyproject.toml writes them."""
    try:
        installed = metadata.distribution("cuemark")
        return installed.metadata["Requires-Python"], installed.requires or []
    except metadata.PackageNotFoundError:  # it runs from the folder of its sources
        text = (Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8")
        project = tomllib.loads(text)["project"]
        return project["requires-python"], project["dependencies"]


def _packages(engine: str) -> Iterator[Check]:
    from packaging.requirements import Requirement  # noqa: PLC0415 -- the same

    spared = _ONLY_VOICES | (_ONLY_OPENAI if engine == "faster-whisper" else set())
    for line in _asked_for()[1]:
        wanted = Requirement(line)
        if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
            wanted.marker = None
            yield _package(wanted.name, str(wanted.specifier), needed=wanted.name not in spared)
    if importlib.util.find_spec("pip") is None:
        line = shlex.join([sys.executable, "-m", "ensurepip"])
        yield Check("pip", "missing", "without it no model comes from the package index", line, needed=False)


def _package(name: str, versions: str, *, needed: bool) -> Check:
    from packaging.specifiers import SpecifierSet  # noqa: PLC0415 -- the same

    remedy = shlex.join([sys.executable, "-m", "pip", "install", f"{name}{versions}"])
    try:
        here = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Check(name, "missing", "is not installed", remedy, needed)
    if not SpecifierSet(versions).contains(here, prereleases=True):
        return Check(name, "problem", f"{here} is installed, and cuemark needs {versions}", remedy, needed)
    return Check(name, "ok", here, needed=needed)


# --- the machine -------------------------------------------------------------------------------------------------


def _machine(options: TranscribeOptions) -> Iterator[Check]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    yield Check("processors", "ok", f"{cores} can be used", needed=False)
    yield _memory()
    try:
        gpu = "one can be used" if resolve_device("auto") == "cuda" else "none for CUDA; the processor does the work"
        yield Check("GPU", "ok", gpu, needed=False)
        engine = choose(options.engine, options.device)
        yield Check("engine", "ok", f"{engine} on {resolve_device(options.device)}")
    except (ImportError, OSError) as e:  # OSError: a compiled part that does not fit this machine
        yield Check("engine", "problem", f"ctranslate2 cannot be loaded ({e})")
    ffmpeg = shutil.which("ffmpeg")
    yield Check("ffmpeg", "ok", f"not needed{f' ({ffmpeg})' if ffmpeg else ', and not here'}", needed=False)


def _memory() -> Check:
    size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if size >= _LEAST_MEMORY:
        return Check("memory", "ok", _gigabytes(size), needed=False)
    detail = f"{_gigabytes(size)}; long episodes may need more, and --model tiny.en less"
    return Check("memory", "problem", detail, needed=False)


# --- models and folders ------------------------------------------------------------------------------------------


def _models(model: KnownModel | Path, options: TranscribeOptions, weights: WeightsOptions) -> Iterator[Check]:
    if isinstance(model, Path):
        there = model.exists()
        detail = "your own files; --deep loads them" if there else "there is no such file or folder"
        yield Check(f"model {model}", "ok" if there else "missing", detail)
        return
    here = {one.engine: one for one in kept(model, weights)}
    for engine, layout in LAYOUTS.items():
        name, needed = f"model {model.name} for {engine}", engine == engine_here(options)
        if engine in here:
            yield _kept_model(name, here[engine], needed=needed)
        elif layout == "openai" and "faster-whisper" in here:
            yield Check(name, "ok", "is made from the files for faster-whisper when it is needed", needed=needed)
        else:
            size = f"about {download_size(model, layout, weights) / 1e6:,.0f} MB"
            when = "nothing is fetched offline" if weights.is_offline else "it is fetched when it is needed, or now"
            remedy = fetch_line(model.name, layout)
            yield Check(name, "missing", f"{size}; {when}", remedy, needed=needed and weights.is_offline)


def _voices(options: DiarizeOptions, weights: WeightsOptions) -> Check:
    if options.folder is not None or options.pipeline != "embedded":
        detail = f"{options.folder or 'from the hub, with the token in HF_TOKEN'}; --deep loads it"
        return Check(f"model for {READERS['pyannote']} ({options.pipeline})", "ok", detail, needed=False)
    name = f"model {VOICES.name} for {READERS['pyannote']}"
    here = kept(VOICES, weights)
    if here:
        return _kept_model(name, here[0], needed=False)
    size = f"about {download_size(VOICES, 'pyannote', weights) / 1e6:,.0f} MB"
    when = "nothing is fetched offline" if weights.is_offline else "it is fetched when voices are told apart, or now"
    return Check(name, "missing", f"{size}; {when}", fetch_line(VOICES.name, "pyannote"), needed=False)


def _other_models(model: KnownModel | Path, weights: WeightsOptions) -> Iterator[Check]:
    for other in MODELS.values():
        if other is not model:
            for one in kept(other, weights):
                yield _kept_model(f"model {other.name} for {one.engine}", one, needed=False)


def _kept_model(name: str, one: Kept, *, needed: bool) -> Check:
    if one.damage:
        return Check(name, "problem", one.damage, one.fetch_line, needed)
    return Check(name, "ok", f"{one.size / 1e6:,.0f} MB, from: {one.origin}", needed=needed)


def _models_folder(model: KnownModel | Path, options: TranscribeOptions, weights: WeightsOptions) -> Check:
    here = isinstance(model, Path) or any(one.engine == engine_here(options) for one in kept(model, weights))
    wanted = 0 if isinstance(model, Path) else download_size(model, LAYOUTS[engine_here(options)], weights)
    found = _folder("models folder", weights.root, "CUEMARK_MODELS", wanted)
    if found.state == "problem" and here:
        return Check(found.name, "ok", f"{found.detail}; that is enough for what is in it", needed=False)
    return Check(found.name, found.state, found.detail, found.remedy, needed=not here)


def _folder(name: str, folder: Path, variable: str, wanted: int = _LEAST_ROOM) -> Check:
    """Whether a folder, or the one that it would be made in, can be written and has room for ``wanted`` bytes."""
    place = next(parent for parent in (folder, *folder.parents) if parent.exists())
    remedy = f"export {variable}=/another/folder"
    if not (place.is_dir() and os.access(place, os.W_OK | os.X_OK)):
        return Check(name, "problem", f"{folder} cannot be written", remedy, needed=False)
    free = shutil.disk_usage(place).free
    if free < wanted:
        return Check(name, "problem", f"{folder} has only {_gigabytes(free)} free", remedy, needed=False)
    return Check(name, "ok", f"{folder}, {_gigabytes(free)} free", needed=False)


# --- the environment ---------------------------------------------------------------------------------------------


def _environment() -> Iterator[Check]:
    for name in _VARIABLES:
        for spelling in dict.fromkeys((name, name.lower())):
            if value := os.environ.get(spelling):
                yield Check(spelling, "ok", _without_password(value), needed=False)


def _without_password(value: str) -> str:
    """An address without the name and password that may stand in it."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return "(no address)"
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl() if "@" in parts.netloc else value


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:,.1f} GB"
