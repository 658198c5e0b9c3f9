"""Read and write files at addresses that fsspec can open, such as ``s3://show/episodes/7.mp3``.

An address may contain any character that the store allows, and is untrusted: it is never interpreted as a pattern, nor
as chained addresses (fsspec's ``::``). Only listings are cached between two requests; requests about single files below
a listed folder are answered from its listing.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from filelock import FileLock

from pipeline.errors import PlaceError, how_to_install
from pipeline.io.atomic import legal, sha256_of
from pipeline.io.confined import open_without_link, refuse_link
from pipeline.progress import Progress, Step

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,20}://")
_LOCAL_SCHEMES = frozenset({"local", "memory"})
"""Schemes of fsspec that name nothing outside this process or machine."""

_EXTRAS = {"s3": "s3", "s3a": "s3"}
"""The extra of the package cuemark that installs what an address needs, by scheme."""

_VERSION_KEYS = (
    "ETag",
    "etag",
    "md5Hash",
    "content_hash",
    "LastModified",
    "last_modified",
    "updated",
    "mtime",
    "modify",
)
"""The keys under which different stores report an object's version, the most reliable first."""

_MAX_PARALLEL_REQUESTS = 32
"""Requests for file properties at the same time: they mostly wait for the network. Chosen by hand."""

_CHUNK_BYTES = 1 << 20
"""The bytes that are read at a time: enough that the number of reads costs nothing, and little memory."""


def is_address(name: str) -> bool:
    """Return whether a name is an address, not a path.

    >>> is_address("s3://show/7.mp3"), is_address("show/7.mp3")
    (True, False)
    """
    return _ADDRESS.match(name) is not None


def is_web(name: str) -> bool:
    """Return whether an address is downloaded (see ``downloads``) and not fetched from a store."""
    return name.casefold().startswith(("http://", "https://"))


def join(folder: str, name: str) -> str:
    """Return the path or address of ``name``, a relative name with ``/`` between its folders, below ``folder``.

    >>> join("s3://show/", "season 1/7.mp3"), join("results", "7.srt")
    ('s3://show/season 1/7.mp3', 'results/7.srt')
    """
    return f"{folder.rstrip('/')}/{name}" if is_address(folder) else str(Path(folder, name))


def exists(address: str) -> bool:
    """Return whether an object exists at the address now.

    Raises:
        PlaceError: the store does not answer.
    """
    with _remote_store(address, fresh=True) as (files, path):
        return bool(files.exists(path))


def read_bytes(address: str, length: int | None = None) -> bytes:
    """Return the content at the address, or at most its first ``length`` bytes.

    Raises:
        PlaceError: it cannot be read.
    """
    with _remote_store(address) as (files, path):
        content: bytes = files.cat_file(path) if length is None else files.cat_file(path, start=0, end=length)
        return content


def sha256_at(address: str) -> str:
    """Return the SHA-256 of the content at the address, which is read in chunks.

    Raises:
        PlaceError: it cannot be read.
    """
    digest = sha256()
    with _remote_store(address, fresh=True) as (files, path), files.open(path, "rb") as source:
        while chunk := source.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def write_bytes(address: str, content: bytes) -> None:
    """Write ``content`` to the address atomically: an object store has either the old or the new content.

    Raises:
        PlaceError: it cannot be written.
    """
    if "?versionId=" in address:
        raise PlaceError(legal(address), "S3 takes the end of this name for a version; give another name")
    with _remote_store(address) as (files, path):
        files.pipe_file(path, content)


def fingerprint(name: str) -> str:
    """Return a text that changes when the content at a path or address does, without reading the content.

    It compares two states of one file, not two files. For a web address it is constant: published files do not change.

    Raises:
        PlaceError: the file does not exist, or its properties cannot be read.
    """
    if is_web(name):
        return "as published"
    if is_address(name):
        with _remote_store(name) as (files, path):
            return _info_fingerprint(files.info(path))
    try:
        stat = Path(name).stat()
    except (OSError, ValueError) as e:
        raise PlaceError(legal(name), f"cannot be looked at ({getattr(e, 'strerror', e)})") from e
    return f"{stat.st_size} bytes, {stat.st_mtime_ns}"


def fingerprints(names: Iterable[str]) -> dict[str, str | None]:
    """Return the fingerprint of each file, None if it does not exist; many requests run in parallel."""
    names = tuple(names)
    with ThreadPoolExecutor(_MAX_PARALLEL_REQUESTS) as pool:
        return dict(zip(names, pool.map(_fingerprint_or_none, names), strict=True))


def list_files(folder: str) -> dict[str, str]:
    """Return the files below an address by their relative names, in order, each with its fingerprint.

    Raises:
        PlaceError: the folder does not exist, or cannot be listed.
    """
    with _remote_store(folder, fresh=True) as (files, path):
        found: Mapping[str, Mapping[str, object]] = files.find(path, detail=True)
        if not found and not files.exists(path):
            raise FileNotFoundError
    prefix = f"{path.rstrip('/')}/"
    inside = ((name.removeprefix(prefix), info) for name, info in sorted(found.items()) if name.startswith(prefix))
    return {name: _info_fingerprint(info) for name, info in inside if name and not name.endswith("/")}


def fetch_file(name: str, folder: Path, progress: Progress) -> Path:
    """Return the path of a file on this machine's disk; the content of an address is copied to ``folder``.

    The name of the copy is made of the address and the fingerprint: an unchanged file is not fetched again, and a
    changed one gets another name. If several processes ask at once, one fetches the file and the others wait.

    Raises:
        PlaceError: it cannot be read, changed meanwhile, or does not fit on the disk.
    """
    if not is_address(name):
        return Path(name)
    with _remote_store(name, fresh=True) as (files, path):
        info = files.info(path)
        if info.get("type") == "directory":
            raise IsADirectoryError
        target = folder / f"{_stem(name)}-{sha256_of(_info_fingerprint(info).encode())[:16]}{_suffix(path)}"
        with _writable_folder(name, folder), FileLock(f"{target}.lock"):
            refuse_link(target)
            if not target.exists():
                _copy(name, files, path, info, target, progress)
    return target


@contextmanager
def _writable_folder(name: str, folder: Path) -> Iterator[None]:
    """Create the folder; errors of this machine's disk name the folder, not the store."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as e:
        if e.filename is None and e.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise PlaceError(legal(name), f"cannot be kept in {folder} ({e.strerror})") from e


def _copy(
    name: str,
    files: AbstractFileSystem,
    path: str,
    info: Mapping[str, object],
    target: Path,
    progress: Progress,
) -> None:
    size = info.get("size")
    stage, total = f"fetching {legal(PurePosixPath(path).name)}", size if isinstance(size, int) else None
    part = target.with_name(f"{target.name}.part")
    progress(Step(stage, 0, total, "bytes"))
    try:
        done = _copy_chunks(files, path, part, lambda done: progress(Step(stage, done, total, "bytes")))
        files.invalidate_cache()
        if (total is not None and done != total) or _info_fingerprint(files.info(path)) != _info_fingerprint(info):
            raise PlaceError(name, f"{done} bytes came of {total}, or it changed meanwhile; run again")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    progress(Step(stage, done, done, "bytes"))


def _copy_chunks(files: AbstractFileSystem, path: str, part: Path, report: Callable[[int], None]) -> int:
    """Copy the content to ``part``; returns the number of bytes."""
    done = 0
    with (
        files.open(path, "rb", cache_type="readahead", block_size=8 * _CHUNK_BYTES) as source,
        open(part, "wb", opener=open_without_link) as target,
    ):
        while chunk := source.read(_CHUNK_BYTES):
            target.write(chunk)
            done += len(chunk)
            report(done)
    return done


def _fingerprint_or_none(name: str) -> str | None:
    try:
        return fingerprint(name)
    except PlaceError:
        return None


def _info_fingerprint(info: Mapping[str, object]) -> str:
    version = next((str(info[word]) for word in _VERSION_KEYS if info.get(word)), "")
    return f"{info.get('size')} bytes, {version}".replace('"', "")


def _stem(address: str) -> str:
    return sha256(address.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _suffix(path: str) -> str:
    found = PurePosixPath(path).suffix.casefold()
    return found if re.fullmatch(r"\.[a-z0-9]{1,5}", found) else ""


# --- fsspec ----------------------------------------------------------------------------------------------------------


@contextmanager
def _remote_store(address: str, *, fresh: bool = False) -> Iterator[tuple[AbstractFileSystem, str]]:
    """Provide the store of an address and the path in it; every error becomes a ``PlaceError``.

    Args:
        fresh: drop the cached listings.
    """
    try:
        files, path = _connect(address)
        if fresh:
            files.invalidate_cache()
        yield files, path
    except PlaceError:
        raise
    except Exception as e:  # each store's package has its own exception types
        raise PlaceError(legal(address), _error_reason(address, e)) from e


def _connect(address: str) -> tuple[AbstractFileSystem, str]:
    scheme, _, rest = address.partition("://")
    scheme = scheme.casefold()
    if scheme == "file":
        raise PlaceError(legal(address), f"give the path alone: {rest}")
    if is_web(address):
        raise PlaceError(legal(address), "is an address of the web, from which files are downloaded alone")
    import fsspec  # noqa: PLC0415 -- few batches use addresses

    if scheme in _LOCAL_SCHEMES or scheme not in fsspec.available_protocols():
        raise PlaceError(legal(address), "is an address of an unknown kind; give a path, or one such as s3://…")
    # As fsspec.url_to_fs, but without chained addresses.
    kind = fsspec.get_filesystem_class(scheme)
    return fsspec.filesystem(scheme, **kind._get_kwargs_from_urls(address)), kind._strip_protocol(address)  # noqa: SLF001


def _error_reason(address: str, error: Exception) -> str:
    """Describe an error of a store in one line, with what to do."""
    scheme = address.partition(":")[0].casefold()
    message = " ".join(str(error).split())
    if isinstance(error, ImportError):
        hint = f"; {how_to_install(_EXTRAS[scheme])}" if scheme in _EXTRAS else f": {message}"
        return f"needs one more package{hint}"
    if isinstance(error, FileNotFoundError):
        return "there is no such file or bucket; check the name"
    if isinstance(error, IsADirectoryError):
        return "is a folder; give a file in it"
    if isinstance(error, PermissionError):
        return f"access is denied ({message}); check what the account may do there"
    if re.search("credential|auth", type(error).__name__, re.IGNORECASE):
        return f"no credentials ({message}); log in as for the store's own tools, for S3 with AWS_PROFILE"
    return f"cannot be reached ({message or type(error).__name__}); try again later"
