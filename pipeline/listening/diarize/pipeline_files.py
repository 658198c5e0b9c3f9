"""Where the files of a diarization pipeline are: in a folder of the user's, in the cache, or to be fetched."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from pipeline.errors import WeightsError
from pipeline.io.atomic import sha256_file
from pipeline.listening.diarize.diarize_options import DiarizeOptions
from pipeline.listening.models.catalog import SEGMENTATION_FILE, VOICES, VOICES_FILE
from pipeline.listening.models.locate import Weights, WeightsOptions, obtain
from pipeline.progress import Progress, Step

COMMUNITY = "pyannote/speaker-diarization-community-1"
"""The repository of pyannote's own pipeline; its hub gives it to those who accepted its terms."""

_CONFIG = "config.yaml"


def _embedded(options: DiarizeOptions, weights: WeightsOptions, progress: Progress) -> Weights:
    if options.folder is None:
        return obtain(VOICES, "pyannote", weights, progress)
    return _given(VOICES.name, Path(options.folder).expanduser(), (SEGMENTATION_FILE, VOICES_FILE))


def _community(options: DiarizeOptions, weights: WeightsOptions, progress: Progress) -> Weights:
    if options.folder is not None:
        return _given(COMMUNITY, Path(options.folder).expanduser(), (_CONFIG,))
    token = os.environ.get("HF_TOKEN")
    if weights.is_offline:
        raise WeightsError(COMMUNITY, "is fetched from its hub, which is not asked offline; name a folder that has it")
    if not token:
        advice = f"accept its terms at huggingface.co/{COMMUNITY}, and set HF_TOKEN to a token of your account"
        raise WeightsError(COMMUNITY, f"its hub gives it to nobody without a token; {advice}, or use embedded")
    stage = f"fetching {COMMUNITY}"
    progress(Step(stage, 0, 1))
    folder = _from_hub(token)
    progress(Step(stage, 1, 1))
    return _given(COMMUNITY, folder, (_CONFIG,))


LOCATE: dict[str, Callable[[DiarizeOptions, WeightsOptions, Progress], Weights]] = {
    "embedded": _embedded,
    "community": _community,
}
"""Pipeline's name to what finds its files."""


def _given(model: str, folder: Path, needed: tuple[str, ...]) -> Weights:
    """Use a folder as it is, if it can be what is needed."""
    if not folder.is_dir():
        raise WeightsError(model, f"{folder} is no folder")
    missing = [name for name in needed if not (folder / name).is_file()]
    if missing:
        raise WeightsError(model, f"the folder {folder} lacks {' and '.join(missing)}")
    try:
        return Weights(model, folder, _fingerprint(folder), "your folder", english_only=False)
    except OSError as e:
        raise WeightsError(model, f"{folder} cannot be read ({e.strerror or e})") from e


def _fingerprint(folder: Path) -> str:
    """One SHA-256 for all files of a folder, hidden ones left out."""
    files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    shown = sorted(path.as_posix() for path in files if not any(part.startswith(".") for part in path.parts))
    return hashlib.sha256("".join(f"{name}\0{sha256_file(folder / name)}\0" for name in shown).encode()).hexdigest()


def _from_hub(token: str) -> Path:
    """Let the hub's client fetch the pipeline into its own cache."""
    import huggingface_hub  # noqa: PLC0415 -- only by those who fetch

    try:
        endpoint = os.environ.get("HF_ENDPOINT") or None
        return Path(huggingface_hub.snapshot_download(COMMUNITY, token=token, endpoint=endpoint))
    except Exception as e:
        line = str(e).strip().partition("\n")[0]
        reason = (
            f"the hub does not give it ({line or type(e).__name__}); is the token right, and are its terms accepted?"
        )
        raise WeightsError(COMMUNITY, reason) from e
