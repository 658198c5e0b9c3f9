"""A model's CTranslate2 files from the Hugging Face hub, or from the mirror that HF_ENDPOINT names."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.io.atomic import sha256_file
from pipeline.io.http_download import CONNECT_TIMEOUT_S, DISK_ERRORS, SourceError, Tell

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


def fetch(repository: str, folder: Path, tell: Tell) -> None:
    """Download a repository's model into ``folder``, one file after the other; a break is gone on from in a later run.

    Each file is checked against the hash that the hub states: SHA-256 for ``model.bin``, Git's own for small ones.
    Nothing is sent but the requests.

    Raises:
        SourceError: the hub is out of reach, or gives something else.
        OSError: it cannot be written.
    """
    for switch in ("HF_HUB_DISABLE_TELEMETRY", "HF_HUB_DISABLE_XET"):  # its newer way does not resume
        os.environ.setdefault(switch, "1")
    with _translated():
        import huggingface_hub  # noqa: PLC0415 -- after the variables, and only by those who fetch

        endpoint = os.environ.get("HF_ENDPOINT") or None
        api = huggingface_hub.HfApi(endpoint=endpoint)
        info = api.model_info(repository, files_metadata=True, timeout=CONNECT_TIMEOUT_S)
        files = [file for file in info.siblings or () if file.rfilename in _WANTED]
        counter = _counter(tell, sum(file.size or 0 for file in files))
        for file in files:
            huggingface_hub.hf_hub_download(
                repository,
                file.rfilename,
                revision=info.sha,
                local_dir=folder,
                endpoint=endpoint,
                etag_timeout=CONNECT_TIMEOUT_S,
                tqdm_class=counter,
            )
            _check(folder / file.rfilename, file)
    shutil.rmtree(folder / ".cache")  # the client's own notes on what it left unfinished
    if not (folder / "model.bin").is_file():
        raise SourceError(f"the hub's {repository} has no model.bin")


def _check(path: Path, file: RepoSibling) -> None:
    if file.lfs is not None:
        sound = sha256_file(path) == file.lfs.sha256
    else:
        sound = file.blob_id in {None, _git_hash(path.read_bytes())}
    if not sound:
        path.unlink()
        raise SourceError(f"the hub gave a {file.rfilename} that is damaged (its hash is wrong)")


def _git_hash(content: bytes) -> str:
    """The name of a file's content in Git: what the hub states for files that are kept in Git itself."""
    return hashlib.sha1(b"blob %d\0%b" % (len(content), content), usedforsecurity=False).hexdigest()


@contextmanager
def _translated() -> Iterator[None]:
    """Whatever the client and its transport raise becomes a SourceError; what is the disk's fault stays an OSError."""
    try:
        yield
    except SourceError:
        raise
    except Exception as e:
        if isinstance(e, OSError) and e.errno in DISK_ERRORS:
            raise
        line = str(e).strip().partition("\n")[0]
        raise SourceError(f"the hub does not give it ({line or type(e).__name__})") from e


def _counter(tell: Tell, total: int) -> type[tqdm]:
    """A progress bar class for the client, which draws nothing and tells us the sum over all files."""
    from tqdm import tqdm  # noqa: PLC0415 -- comes with the client

    done = 0

    class Counter(tqdm):  # type: ignore[misc] # ships no types
        def __init__(self, *args: object, **settings: object) -> None:
            super().__init__(*args, **{**settings, "disable": True})
            self.update(settings.get("initial") or 0)  # what an earlier run left

        def update(self, n: Any = 1) -> None:  # noqa: ANN401 -- the base's
            nonlocal done
            done += int(n or 0)
            tell(min(done, total), total)

    return Counter
