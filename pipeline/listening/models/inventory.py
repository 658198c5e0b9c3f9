"""What of the known models is on this machine, and the ways to change that: fetched, looked through, taken away."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import WeightsError
from pipeline.listening.models import cache
from pipeline.listening.models.cache import DamagedError, Place, Record
from pipeline.listening.models.catalog import INDEX, READERS, VENDOR, KnownModel, Layout
from pipeline.listening.models.locate import Weights, WeightsOptions, fetch_line, obtain
from pipeline.progress import Progress, Step


@dataclass(frozen=True, slots=True)
class Kept:
    """A model's files for one engine.

    Attributes:
        size: bytes; 0 of a damaged one.
        origin: where they came from, in words; empty of a damaged one.
        damage: what is wrong, empty for nothing as far as was looked.
    """

    model: str
    layout: Layout
    folder: Path
    size: int = 0
    origin: str = ""
    damage: str = ""

    @property
    def engine(self) -> str:
        """Who reads it."""
        return READERS[self.layout]

    @property
    def fetch_line(self) -> str:
        """What to type to have it again."""
        return fetch_line(self.model, self.layout)


def kept(known: KnownModel, options: WeightsOptions) -> tuple[Kept, ...]:
    """What is here of a model, as far as a glance tells: a flipped bit is found by ``verify`` alone.

    Raises:
        WeightsError: the folder may not be read.
    """
    found = (_look(known, layout, options, None) for layout in known.layouts)
    return tuple(one for one in found if one is not None)


def verify(known: KnownModel, options: WeightsOptions, progress: Progress) -> tuple[Kept, ...]:
    """What is here of a model, every byte compared with what it was when it came, and with what is known of it.

    Raises:
        WeightsError: the folder may not be read.
    """
    found = (_look(known, layout, options, progress) for layout in known.layouts)
    return tuple(one for one in found if one is not None)


def fetch(known: KnownModel, layout: Layout, options: WeightsOptions, progress: Progress) -> Weights:
    """Have a model here that is whole to the last bit: look through what is here, and fetch what is not.

    Raises:
        WeightsError: as ``weights.locate``.
    """
    here = _look(known, layout, options, progress)
    if here is not None and here.damage and not options.is_offline:
        _remove(known, layout, options)
    elif here is not None and here.damage:
        raise WeightsError(known.name, f"{here.damage}, and offline nothing is fetched")
    return obtain(known, layout, options, progress)


def remove(known: KnownModel, options: WeightsOptions) -> int:
    """Take a model away, in every layout, with what was fetched of it and not finished.

    Returns:
        The bytes that are free now.

    Raises:
        WeightsError: it is not here, or the folder cannot be written.
    """
    places = [_place(known, layout, options) for layout in known.layouts]
    if not any(place.folder.exists() or place.work.exists() for place in places):
        raise WeightsError(known.name, f"is not in {options.root}; there is nothing to remove")
    return sum(_remove(known, layout, options) for layout in known.layouts)


def _place(known: KnownModel, layout: Layout, options: WeightsOptions) -> Place:
    return Place(options.root, layout, known.name)


def _remove(known: KnownModel, layout: Layout, options: WeightsOptions) -> int:
    place = _place(known, layout, options)
    try:
        with cache.locked(place):
            return cache.remove(place)
    except OSError as e:
        raise WeightsError(known.name, f"cannot be removed from {options.root} ({e.strerror or e})") from e


def _look(known: KnownModel, layout: Layout, options: WeightsOptions, progress: Progress | None) -> Kept | None:
    """A glance, or with ``progress`` every byte."""
    place = _place(known, layout, options)
    try:
        record = cache.read(place) if progress is None else _read_through(known, place, progress)
    except DamagedError as e:
        return Kept(known.name, layout, place.folder, damage=str(e))
    except OSError as e:
        raise WeightsError(known.name, f"{place.folder} cannot be read ({e.strerror or e})") from e
    return None if record is None else Kept(known.name, layout, place.folder, record.size, record.origin)


def _read_through(known: KnownModel, place: Place, progress: Progress) -> Record | None:
    stage = f"reading {known.name} for {READERS[place.layout]}"
    expected = {
        VENDOR: {f"{known.name}.pt": known.vendor_sha256},
        INDEX: {file.name: file.sha256 for file in known.packed},
    }
    return cache.verify(place, expected, lambda done, total: progress(Step(stage, done, total, "bytes")))
