"""Check that everything cuemark needs is installed, without loading any of it.

Each item is one ``Check``; a missing one comes with the command that installs it. ``smoke_test`` checks what only a
real run can show.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shlex
import shutil
import stat
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pipeline.io.confined import is_shared
from pipeline.listening.device import core_count, resolve_device
from pipeline.listening.diarize.diarize_options import DiarizeOptions
from pipeline.listening.models.catalog import MODELS, READERS, VOICES, KnownModel
from pipeline.listening.models.inventory import CachedModel, cached
from pipeline.listening.models.locate import download_size, fetch_line, identify
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.listening.transcribe import LAYOUTS, TranscribeOptions, choose_engine, model_names

_ONLY_OPENAI = {"openai-whisper", "torch"}
_ONLY_VOICES = {"pyannote.audio", "pyannote.core", "scipy", "torchaudio"}
"""Needed for diarization only: without them speakers are not identified, and all times are found nevertheless."""

_MIN_MEMORY = 3_000_000_000
"""Bytes that three hours of audio may take with the model base; docs/explanation/figures.md has what was measured."""

_MIN_DISK_SPACE = 100_000_000
"""Bytes that the store should have free. No measurement is recorded for it."""

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
    """The result of one check.

    Attributes:
        detail: the result in words.
        remedy: the command to type; empty if there is none.
        needed: whether ``align`` does not work unless the state is ``ok``.
    """

    name: str
    state: Literal["ok", "missing", "problem"]
    detail: str
    remedy: str = ""
    needed: bool = True


def examine(
    options: TranscribeOptions, weights: WeightsOptions, store: Path, books: Path, voices: DiarizeOptions
) -> Iterator[Check]:
    """Check Python, packages, hardware, models, folders and environment variables, in this order.

    Args:
        store: the folder of the store.
        books: the folder of the voice books.

    Raises:
        ConfigError: there is no model with the name in the options.
        WeightsError: the models' folder cannot be read.
    """
    model = identify(model_here(options, weights))
    yield _python()
    yield from _packages(engine_here(options))
    yield from _machine(options)
    yield from _models(model, options, weights)
    yield from _other_models(model, weights)
    yield _voices(voices, weights)
    yield _models_folder(model, options, weights)
    yield _private_folder(_folder("store", store, "CUEMARK_STORE"), store)
    yield _private_folder(_folder("voice books", books, "CUEMARK_VOICES"), books)
    yield from _environment()


def is_ready(checks: Iterator[Check] | list[Check]) -> bool:
    """Return whether ``align`` works: all needed checks are ``ok``."""
    return all(check.state == "ok" for check in checks if check.needed)


def engine_here(options: TranscribeOptions) -> str:
    """Return the engine of this machine; if GPUs cannot be detected, the one for a CPU."""
    try:
        return choose_engine(options.engine, options.device)
    except (ImportError, OSError):  # ctranslate2, which detects GPUs, cannot be loaded: another check reports that
        return "faster-whisper"


def model_here(options: TranscribeOptions, weights: WeightsOptions) -> str:
    """Return the model of this machine: of those that the options mean, one that is here, else the best one."""
    try:
        names = model_names(options)
    except (ImportError, OSError):  # as above
        names = model_names(replace(options, device="cpu"))
    known = ((name, identify(name)) for name in names)
    return next((name for name, one in known if not isinstance(one, Path) and cached(one, weights)), names[0])


# --- Python and its packages -------------------------------------------------------------------------------------


def _python() -> Check:
    from packaging.specifiers import SpecifierSet  # noqa: PLC0415 -- loaded only for the checks

    name, system = f"Python {platform.python_version()}", f"{platform.system()} {platform.machine()}, {sys.executable}"
    required = _requirements()[0]
    if SpecifierSet(required).contains(platform.python_version(), prereleases=True):
        return Check(name, "ok", system)
    return Check(name, "problem", f"cuemark needs Python {required}; {system}")


def _requirements() -> tuple[str, list[str]]:
    """Return the required versions of Python and the required packages, as in pyproject.toml."""
    try:
        installed = metadata.distribution("cuemark")
        return installed.metadata["Requires-Python"], installed.requires or []
    except metadata.PackageNotFoundError:  # cuemark runs from the folder of its sources
        text = (Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8")
        project = tomllib.loads(text)["project"]
        return project["requires-python"], project["dependencies"]


def _packages(engine: str) -> Iterator[Check]:
    from packaging.requirements import Requirement  # noqa: PLC0415 -- the same

    optional = _ONLY_VOICES | (_ONLY_OPENAI if engine == "faster-whisper" else set())
    for line in _requirements()[1]:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield _package(requirement.name, str(requirement.specifier), needed=requirement.name not in optional)
    if importlib.util.find_spec("pip") is None:
        line = shlex.join([sys.executable, "-m", "ensurepip"])
        yield Check("pip", "missing", "needed to fetch models from the package index", line, needed=False)


def _package(name: str, versions: str, *, needed: bool) -> Check:
    from packaging.specifiers import SpecifierSet  # noqa: PLC0415 -- the same

    remedy = shlex.join([sys.executable, "-m", "pip", "install", f"{name}{versions}"])
    try:
        installed = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Check(name, "missing", "is not installed", remedy, needed)
    if not SpecifierSet(versions).contains(installed, prereleases=True):
        return Check(name, "problem", f"{installed} is installed, and cuemark needs {versions}", remedy, needed)
    return Check(name, "ok", installed, needed=needed)


# --- hardware ----------------------------------------------------------------------------------------------------


def _machine(options: TranscribeOptions) -> Iterator[Check]:
    yield Check("processors", "ok", f"{core_count()} can be used", needed=False)
    yield _memory()
    try:
        gpu = "one can be used" if resolve_device("auto") == "cuda" else "none with CUDA; the CPU is used"
        yield Check("GPU", "ok", gpu, needed=False)
        engine = choose_engine(options.engine, options.device)
        yield Check("engine", "ok", f"{engine} on {resolve_device(options.device)}")
    except (ImportError, OSError) as e:  # OSError: a compiled library that does not run on this machine
        yield Check("engine", "problem", f"ctranslate2 cannot be loaded ({e})")
    ffmpeg = shutil.which("ffmpeg")
    yield Check("ffmpeg", "ok", f"not needed ({ffmpeg or 'not installed'})", needed=False)


def _memory() -> Check:
    import psutil  # noqa: PLC0415 -- the same

    size = psutil.virtual_memory().total
    if size >= _MIN_MEMORY:
        return Check("memory", "ok", _gigabytes(size), needed=False)
    detail = f"{_gigabytes(size)}; long episodes may need more, and --model tiny.en less"
    return Check("memory", "problem", detail, needed=False)


# --- models and folders ------------------------------------------------------------------------------------------


def _models(model: KnownModel | Path, options: TranscribeOptions, weights: WeightsOptions) -> Iterator[Check]:
    if isinstance(model, Path):
        exists = model.exists()
        detail = "your own files; --deep loads them" if exists else "there is no such file or folder"
        yield Check(f"model {model}", "ok" if exists else "missing", detail)
        return
    by_engine = {files.engine: files for files in cached(model, weights)}
    for engine, layout in LAYOUTS.items():
        name, needed = f"model {model.name} for {engine}", engine == engine_here(options)
        if engine in by_engine:
            yield _cached_model(name, by_engine[engine], needed=needed)
        elif layout == "openai" and "faster-whisper" in by_engine:
            yield Check(name, "ok", "is converted from the files for faster-whisper when needed", needed=needed)
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
    files = cached(VOICES, weights)
    if files:
        return _cached_model(name, files[0], needed=False)
    size = f"about {download_size(VOICES, 'pyannote', weights) / 1e6:,.0f} MB"
    when = "nothing is fetched offline" if weights.is_offline else "it is fetched for the first diarization, or now"
    return Check(name, "missing", f"{size}; {when}", fetch_line(VOICES.name, "pyannote"), needed=False)


def _other_models(model: KnownModel | Path, weights: WeightsOptions) -> Iterator[Check]:
    for other in MODELS.values():
        if other is not model:
            for files in cached(other, weights):
                yield _cached_model(f"model {other.name} for {files.engine}", files, needed=False)


def _cached_model(name: str, files: CachedModel, *, needed: bool) -> Check:
    if files.damage:
        return Check(name, "problem", files.damage, files.fetch_line, needed)
    return Check(name, "ok", f"{files.size / 1e6:,.0f} MB, from: {files.origin}", needed=needed)


def _models_folder(model: KnownModel | Path, options: TranscribeOptions, weights: WeightsOptions) -> Check:
    is_cached = isinstance(model, Path) or any(files.engine == engine_here(options) for files in cached(model, weights))
    size = 0 if isinstance(model, Path) else download_size(model, LAYOUTS[engine_here(options)], weights)
    found = _folder("models folder", weights.root, "CUEMARK_MODELS", size)
    if found.state == "problem" and is_cached:
        return Check(found.name, "ok", f"{found.detail}; that is enough for the models in it", needed=False)
    return Check(found.name, found.state, found.detail, found.remedy, needed=not is_cached)


def _folder(name: str, folder: Path, variable: str, size: int = _MIN_DISK_SPACE) -> Check:
    """Check that a folder, or its nearest parent if it does not exist, is writable and has space for ``size`` bytes."""
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    remedy = f"export {variable}=/another/folder"
    if not (existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)):
        return Check(name, "problem", f"{folder} cannot be written", remedy, needed=False)
    free = shutil.disk_usage(existing).free
    if free < size:
        return Check(name, "problem", f"{folder} has only {_gigabytes(free)} free", remedy, needed=False)
    return Check(name, "ok", f"{folder}, {_gigabytes(free)} free", needed=False)


def _private_folder(found: Check, folder: Path) -> Check:
    """Add to the check of a folder with voices in it who else may look into it."""
    try:
        mode = stat.S_IMODE(folder.stat().st_mode)
    except OSError:
        return found
    if found.state != "ok" or not mode & 0o077:
        return found
    if is_shared(folder):
        return replace(found, detail=f"{found.detail}; its group shares it (mode {mode:04o})")
    detail = f"{found.detail}; others may look into it (mode {mode:04o}), and voices are private"
    return replace(found, detail=detail, remedy=shlex.join(["chmod", "700", str(folder)]))


# --- the environment ---------------------------------------------------------------------------------------------


def _environment() -> Iterator[Check]:
    for name in _VARIABLES:
        for spelling in dict.fromkeys((name, name.lower())):
            if value := os.environ.get(spelling):
                yield Check(spelling, "ok", _without_password(value), needed=False)


def _without_password(value: str) -> str:
    """Return a URL without user name and password."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return "(not a URL)"
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl() if "@" in parts.netloc else value


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:,.1f} GB"
