"""Files by their address: whatever fsspec reaches, such as ``s3://show/episodes/7.mp3``.

An address may hold any letters that the store allows, and comes from strangers: what stands in it is never taken for a
pattern, nor for several addresses in one (fsspec's ``::``). Nothing is remembered between two questions but a listing,
which the questions about single files below its folder are answered from.
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

from pipeline.errors import PlaceError
from pipeline.io.atomic import legal, sha256_of
from pipeline.progress import Progress, Step

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,20}://")
_LOCAL_SCHEMES = frozenset({"local", "memory"})
"""What fsspec takes for addresses though nobody else can reach it."""

_EXTRAS = {"s3": "s3", "s3a": "s3"}
"""The extra of ours that brings what an address needs, by how the address begins."""

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
"""What tells two contents of one address apart, in the words of the different stores; the surest first."""

_MAX_PARALLEL_REQUESTS = 32
_CHUNK_BYTES = 1 << 20


def is_address(name: str) -> bool:
    """Tell an address from a path.

    >>> is_address("s3://show/7.mp3"), is_address("show/7.mp3")
    (True, False)
    """
    return _ADDRESS.match(name) is not None


def is_web(name: str) -> bool:
    """Whether it is an address that is downloaded (see ``downloads``) and not fetched from a store."""
    return name.casefold().startswith(("http://", "https://"))


def join(folder: str, name: str) -> str:
    """The path or address of ``name``, which has its folders parted by ``/``, below ``folder``.

    >>> join("s3://show/", "season 1/7.mp3"), join("results", "7.srt")
    ('s3://show/season 1/7.mp3', 'results/7.srt')
    """
    return f"{folder.rstrip('/')}/{name}" if is_address(folder) else str(Path(folder, name))


def exists(address: str) -> bool:
    """Whether there is anything at the address, now.

    Raises:
        PlaceError: nobody can tell.
    """
    with _remote_store(address, fresh=True) as (files, path):
        return bool(files.exists(path))


def read_bytes(address: str, length: int | None = None) -> bytes:
    """The content at the address, or no more than its first ``length`` bytes.

    Raises:
        PlaceError: it cannot be had.
    """
    with _remote_store(address) as (files, path):
        content: bytes = files.cat_file(path) if length is None else files.cat_file(path, start=0, end=length)
        return content


def sha256_at(address: str) -> str:
    """The SHA-256 of the content at the address, read in pieces.

    Raises:
        PlaceError: it cannot be had.
    """
    digest = sha256()
    with _remote_store(address, fresh=True) as (files, path), files.open(path, "rb") as source:
        while chunk := source.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def write_bytes(address: str, content: bytes) -> None:
    """Put ``content`` at the address, whole: an object store shows the old or the new, and nothing between.

    Raises:
        PlaceError: it cannot be put there.
    """
    if "?versionId=" in address:
        raise PlaceError(legal(address), "S3 takes the end of this name for a version; give another name")
    with _remote_store(address) as (files, path):
        files.pipe_file(path, content)


def fingerprint(name: str) -> str:
    """What changes when the content at a path or address does, without reading it; not the same for two places.

    For an address of the web it is always the same: what was published there stands.

    Raises:
        PlaceError: there is nothing, or it cannot be looked at.
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
    """The fingerprint of each; None where there is nothing. Many are asked for at once."""
    names = tuple(names)
    with ThreadPoolExecutor(_MAX_PARALLEL_REQUESTS) as pool:
        return dict(zip(names, pool.map(_fingerprint_or_none, names), strict=True))


def list_files(folder: str) -> dict[str, str]:
    """The files below an address, by their names relative to it, each with its fingerprint, in order.

    Raises:
        PlaceError: there is no such place, or it cannot be listed.
    """
    with _remote_store(folder, fresh=True) as (files, path):
        found: Mapping[str, Mapping[str, object]] = files.find(path, detail=True)
        if not found and not files.exists(path):
            raise FileNotFoundError
    prefix = f"{path.rstrip('/')}/"
    inside = ((name.removeprefix(prefix), info) for name, info in sorted(found.items()) if name.startswith(prefix))
    return {name: _info_fingerprint(info) for name, info in inside if name and not name.endswith("/")}


def fetch_file(name: str, folder: Path, progress: Progress) -> Path:
    """A file on this machine's own disk: a path as it is, the content of an address whole in ``folder``.

    Its name there is made of the address and the fingerprint: what was fetched before is not fetched again, and what
    has changed since is another file. Of several processes one fetches it.

    Raises:
        PlaceError: it cannot be had, changed meanwhile, or there is no room for it.
    """
    if not is_address(name):
        return Path(name)
    with _remote_store(name, fresh=True) as (files, path):
        info = files.info(path)
        if info.get("type") == "directory":
            raise IsADirectoryError
        target = folder / f"{_stem(name)}-{sha256_of(_info_fingerprint(info).encode())[:16]}{_suffix(path)}"
        with _writable_folder(name, folder), FileLock(f"{target}.lock"):
            if not target.exists():
                _copy(name, files, path, info, target, progress)
    return target


@contextmanager
def _writable_folder(name: str, folder: Path) -> Iterator[None]:
    """Make the folder; what is wrong with this machine's disk is said of it, and not of the store."""
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
    """Copy into ``part``; returns the bytes that came."""
    done = 0
    with (
        files.open(path, "rb", cache_type="readahead", block_size=8 * _CHUNK_BYTES) as source,
        part.open("wb") as target,
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
    """The store and the path in it; whatever goes wrong with it is a ``PlaceError``.

    Args:
        fresh: forget what was listed before.
    """
    try:
        files, path = _connect(address)
        if fresh:
            files.invalidate_cache()
        yield files, path
    except PlaceError:
        raise
    except Exception as e:  # each store's package has errors of its own, and none of them is a fault of ours
        raise PlaceError(legal(address), _error_reason(address, e)) from e


def _connect(address: str) -> tuple[AbstractFileSystem, str]:
    scheme, _, rest = address.partition("://")
    scheme = scheme.casefold()
    if scheme == "file":
        raise PlaceError(legal(address), f"give the path alone: {rest}")
    if is_web(address):
        raise PlaceError(legal(address), "is an address of the web, from which files are downloaded alone")
    import fsspec  # noqa: PLC0415 -- few batches have addresses

    if scheme in _LOCAL_SCHEMES or scheme not in fsspec.available_protocols():
        raise PlaceError(legal(address), "is an address of an unknown kind; give a path, or one such as s3://…")
    # What fsspec.url_to_fs does, without its chains of addresses.
    kind = fsspec.get_filesystem_class(scheme)
    return fsspec.filesystem(scheme, **kind._get_kwargs_from_urls(address)), kind._strip_protocol(address)  # noqa: SLF001


def _error_reason(address: str, error: Exception) -> str:
    """One line about an error of a store, and what to do."""
    scheme = address.partition(":")[0].casefold()
    message = " ".join(str(error).split())
    if isinstance(error, ImportError):
        hint = f'; pip install "cuemark[{_EXTRAS[scheme]}]"' if scheme in _EXTRAS else f": {message}"
        return f"needs one more package{hint}"
    if isinstance(error, FileNotFoundError):
        return "there is no such file or bucket; check the name"
    if isinstance(error, IsADirectoryError):
        return "is a folder; give a file in it"
    if isinstance(error, PermissionError):
        return f"access is denied ({message}); check what the account may do there"
    if re.search("credential|auth", type(error).__name__, re.IGNORECASE):
        return f"nobody is logged in there ({message}); log in as for the store's own tools, for S3 with AWS_PROFILE"
    return f"cannot be reached ({message or type(error).__name__}); try again later"
