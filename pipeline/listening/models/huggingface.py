"""Download a model's CTranslate2 files from the Hugging Face hub, or from the mirror in ``HF_ENDPOINT``."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.io.atomic import sha256_file
from pipeline.io.http_download import CONNECT_TIMEOUT_S, DISK_ERRORS, ByteProgress, SourceError

if TYPE_CHECKING:
    from huggingface_hub.hf_api import RepoSibling
    from tqdm import tqdm  # type: ignore[import-untyped]

_WANTED = (
    "config.json",
    "preprocessor_config.json",
    "tokenizer.json",
    "vocabulary.json",
    "vocabulary.txt",
    "model.bin",
)


def fetch(repository: str, folder: Path, report: ByteProgress) -> None:
    """Download a repository's model into ``folder``, one file after the other; a later run resumes a broken download.

    Each file is checked against the hash in the hub's metadata: SHA-256 for ``model.bin``, Git's hash for small files.
    Telemetry is off.

    Args:
        report: called with the number of bytes received and the number of all bytes.

    Raises:
        SourceError: the hub is not reachable, or sends other content.
        OSError: a file cannot be written.
    """
    for switch in ("HF_HUB_DISABLE_TELEMETRY", "HF_HUB_DISABLE_XET"):  # downloads with Xet do not resume
        os.environ.setdefault(switch, "1")
    with _source_errors():
        import huggingface_hub  # noqa: PLC0415 -- it reads the variables above; loaded only for a download

        endpoint = os.environ.get("HF_ENDPOINT") or None
        api = huggingface_hub.HfApi(endpoint=endpoint)
        info = api.model_info(repository, files_metadata=True, timeout=CONNECT_TIMEOUT_S)
        files = [file for file in info.siblings or () if file.rfilename in _WANTED]
        progress_bar = _progress_bar(report, sum(file.size or 0 for file in files))
        for file in files:
            huggingface_hub.hf_hub_download(
                repository,
                file.rfilename,
                revision=info.sha,
                local_dir=folder,
                endpoint=endpoint,
                etag_timeout=CONNECT_TIMEOUT_S,
                tqdm_class=progress_bar,
            )
            _check_hash(folder / file.rfilename, file)
    shutil.rmtree(folder / ".cache")  # the client's records of incomplete downloads
    if not (folder / "model.bin").is_file():
        raise SourceError(f"the hub's {repository} has no model.bin")


def _check_hash(path: Path, file: RepoSibling) -> None:
    if file.lfs is not None:
        is_correct = sha256_file(path) == file.lfs.sha256
    else:
        is_correct = file.blob_id in {None, _git_hash(path.read_bytes())}
    if not is_correct:
        path.unlink()
        raise SourceError(f"the hub gave a {file.rfilename} that is damaged (its hash is wrong)")


def _git_hash(content: bytes) -> str:
    """Return Git's hash of a file's content, which the hub states for files that are not in large file storage."""
    return hashlib.sha1(b"blob %d\0%b" % (len(content), content), usedforsecurity=False).hexdigest()


@contextmanager
def _source_errors() -> Iterator[None]:
    """Convert all exceptions of the hub's client into ``SourceError``; errors of the disk stay ``OSError``."""
    try:
        yield
    except SourceError:
        raise
    except Exception as e:
        if isinstance(e, OSError) and e.errno in DISK_ERRORS:
            raise
        line = str(e).strip().partition("\n")[0]
        raise SourceError(f"the hub does not give it ({line or type(e).__name__})") from e


def _progress_bar(report: ByteProgress, total: int) -> type[tqdm]:
    """Return a progress bar class for the client, which displays nothing and reports the sum over all files."""
    from tqdm import tqdm  # noqa: PLC0415 -- a dependency of the client

    done = 0

    class ProgressBar(tqdm):  # type: ignore[misc] # ships no types
        def __init__(self, *args: object, **settings: object) -> None:
            super().__init__(*args, **{**settings, "disable": True})
            self.update(settings.get("initial") or 0)  # received in an earlier run

        def update(self, n: Any = 1) -> None:  # noqa: ANN401 -- the signature of the base class
            nonlocal done
            done += int(n or 0)
            report(min(done, total), total)

    return ProgressBar
