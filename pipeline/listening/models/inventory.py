"""The known models on this machine: list, verify, fetch and remove them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import WeightsError
from pipeline.listening.models import cache
from pipeline.listening.models.cache import CacheEntry, DamagedError, ModelRecord
from pipeline.listening.models.catalog import INDEX, READERS, KnownModel, Layout
from pipeline.listening.models.locate import Weights, fetch_line, obtain
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.progress import Progress, Step


@dataclass(frozen=True, slots=True)
class CachedModel:
    """A model's cached files for one engine.

    Attributes:
        size: in bytes; 0 if the model is damaged.
        origin: the source of the files, in words; empty if the model is damaged.
        damage: what is wrong; empty if the check found nothing.
    """

    model: str
    layout: Layout
    folder: Path
    size: int = 0
    origin: str = ""
    damage: str = ""

    @property
    def engine(self) -> str:
        """The name of the engine that reads the files."""
        return READERS[self.layout]

    @property
    def fetch_line(self) -> str:
        """The command that fetches the model again."""
        return fetch_line(self.model, self.layout)


def cached(known: KnownModel, options: WeightsOptions) -> tuple[CachedModel, ...]:
    """Return the cached files of a model after a quick check, which does not find a flipped bit (see ``verify``).

    Raises:
        WeightsError: the folder is not readable.
    """
    found = (_inspect(known, layout, options, None) for layout in known.layouts)
    return tuple(model for model in found if model is not None)


def verify(known: KnownModel, options: WeightsOptions, progress: Progress) -> tuple[CachedModel, ...]:
    """Return the cached files of a model after comparing every byte with the recorded and the published hashes.

    Raises:
        WeightsError: the folder is not readable.
    """
    found = (_inspect(known, layout, options, progress) for layout in known.layouts)
    return tuple(model for model in found if model is not None)


def fetch(known: KnownModel, layout: Layout, options: WeightsOptions, progress: Progress) -> Weights:
    """Verify a cached model, and download it if it is damaged or not cached.

    Raises:
        WeightsError: as ``locate.locate_weights``.
    """
    model = _inspect(known, layout, options, progress)
    if model is not None and model.damage and not options.is_offline:
        _remove(known, layout, options)
    elif model is not None and model.damage:
        raise WeightsError(known.name, f"{model.damage}, and offline nothing is fetched")
    return obtain(known, layout, options, progress)


def remove(known: KnownModel, options: WeightsOptions) -> int:
    """Remove a model in every layout, with its incomplete downloads and what an interrupted removal has left.

    Returns:
        The number of bytes that were freed.

    Raises:
        WeightsError: the model is not cached, or the folder cannot be written.
    """
    entries = [_entry(known, layout, options) for layout in known.layouts]
    if not any(folder.exists() for entry in entries for folder in (entry.folder, *entry.leftovers)):
        raise WeightsError(known.name, f"is not in {options.root}; there is nothing to remove")
    return sum(_remove(known, layout, options) for layout in known.layouts)


def _entry(known: KnownModel, layout: Layout, options: WeightsOptions) -> CacheEntry:
    return CacheEntry(options.root, layout, known.name)


def _remove(known: KnownModel, layout: Layout, options: WeightsOptions) -> int:
    entry = _entry(known, layout, options)
    try:
        with cache.locked(entry):
            return cache.remove(entry)
    except OSError as e:
        raise WeightsError(known.name, f"cannot be removed from {options.root} ({e.strerror or e})") from e


def _inspect(
    known: KnownModel, layout: Layout, options: WeightsOptions, progress: Progress | None
) -> CachedModel | None:
    """Check a model's cached files quickly or, with ``progress``, completely; None if it is not cached."""
    entry = _entry(known, layout, options)
    try:
        record = cache.read(entry, known.vouched(layout)) if progress is None else _verify(known, entry, progress)
    except DamagedError as e:
        return CachedModel(known.name, layout, entry.folder, damage=str(e))
    except OSError as e:
        raise WeightsError(known.name, f"{entry.folder} cannot be read ({e.strerror or e})") from e
    return None if record is None else CachedModel(known.name, layout, entry.folder, record.size, record.origin)


def _verify(known: KnownModel, entry: CacheEntry, progress: Progress) -> ModelRecord | None:
    stage = f"reading {known.name} for {READERS[entry.layout]}"
    by_source = {INDEX: {file.name: file.sha256 for file in known.packed}}

    def report(done: int, total: int) -> None:
        progress(Step(stage, done, total, "bytes"))

    return cache.verify(entry, known.vouched(entry.layout), by_source, report)
