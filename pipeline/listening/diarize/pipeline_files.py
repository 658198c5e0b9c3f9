"""Locate the files of a diarization pipeline: in the user's own folder, in the cache, or by a download."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from pipeline.errors import WeightsError
from pipeline.io.atomic import sha256_file
from pipeline.listening.diarize.diarize_options import DiarizeOptions
from pipeline.listening.models.catalog import SEGMENTATION_FILE, VOICES, VOICES_FILE
from pipeline.listening.models.locate import Weights, obtain
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.progress import Progress, Step

COMMUNITY = "pyannote/speaker-diarization-community-1"
"""The hub repository of pyannote's own pipeline; users have to accept its terms first."""

CONFIG_FILE = "config.yaml"


def _embedded(options: DiarizeOptions, weights: WeightsOptions, progress: Progress) -> Weights:
    if options.folder is None:
        return obtain(VOICES, "pyannote", weights, progress)
    return _user_folder(VOICES.name, Path(options.folder).expanduser(), (SEGMENTATION_FILE, VOICES_FILE))


def _community(options: DiarizeOptions, weights: WeightsOptions, progress: Progress) -> Weights:
    if options.folder is not None:
        return _user_folder(COMMUNITY, Path(options.folder).expanduser(), (CONFIG_FILE,))
    token = os.environ.get("HF_TOKEN")
    if weights.is_offline:
        raise WeightsError(COMMUNITY, "is fetched from its hub, which is not possible offline; name a folder with it")
    if not token:
        advice = f"accept its terms at huggingface.co/{COMMUNITY}, and set HF_TOKEN to a token of your account"
        raise WeightsError(COMMUNITY, f"its hub requires a token; {advice}, or use embedded")
    stage = f"fetching {COMMUNITY}"
    progress(Step(stage, 0, 1))
    folder = _from_hub(token)
    progress(Step(stage, 1, 1))
    return _user_folder(COMMUNITY, folder, (CONFIG_FILE,))


LOCATE: dict[str, Callable[[DiarizeOptions, WeightsOptions, Progress], Weights]] = {
    "embedded": _embedded,
    "community": _community,
}
"""The function that locates the files of each pipeline, by the pipeline's name."""


def _user_folder(model: str, folder: Path, needed: tuple[str, ...]) -> Weights:
    """Return a folder as it is, if it has the needed files."""
    if not folder.is_dir():
        raise WeightsError(model, f"{folder} is not a folder")
    missing = [name for name in needed if not (folder / name).is_file()]
    if missing:
        raise WeightsError(model, f"the folder {folder} lacks {' and '.join(missing)}")
    try:
        return Weights(model, folder, _fingerprint(folder), "your folder", english_only=False)
    except OSError as e:
        raise WeightsError(model, f"{folder} cannot be read ({e.strerror or e})") from e


def _fingerprint(folder: Path) -> str:
    """Return one SHA-256 of all files in a folder, without hidden ones."""
    files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    names = sorted(path.as_posix() for path in files if not any(part.startswith(".") for part in path.parts))
    return hashlib.sha256("".join(f"{name}\0{sha256_file(folder / name)}\0" for name in names).encode()).hexdigest()


def _from_hub(token: str) -> Path:
    """Download the pipeline with the hub's client, into the client's own cache."""
    import huggingface_hub  # noqa: PLC0415 -- loaded only for a download

    try:
        endpoint = os.environ.get("HF_ENDPOINT") or None
        return Path(huggingface_hub.snapshot_download(COMMUNITY, token=token, endpoint=endpoint))
    except Exception as e:
        line = str(e).strip().partition("\n")[0]
        reason = f"the hub does not give it ({line or type(e).__name__})"
        raise WeightsError(COMMUNITY, f"{reason}; is the token right, and are its terms accepted?") from e
