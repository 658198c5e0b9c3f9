"""Where models are kept and whether they may be downloaded; imports nothing heavy, so that ``--help`` stays fast."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from pipeline.options import option


@dataclass(frozen=True, slots=True)
class WeightsOptions:
    """The models' folder, and whether models may be downloaded."""

    folder: str | None = option(
        None, "The folder for downloaded models; else the one in CUEMARK_MODELS, else the user's cache folder"
    )

    offline: bool = option(False, "Never use the network; nothing is fetched")  # noqa: FBT003

    @property
    def root(self) -> Path:
        """The models' folder: the option, else ``CUEMARK_MODELS``, else a folder in the user's cache."""
        import platformdirs  # noqa: PLC0415 -- --help describes the options without it

        named = self.folder or os.environ.get("CUEMARK_MODELS")
        return Path(named).expanduser() if named else Path(platformdirs.user_cache_dir("cuemark")) / "models"

    @property
    def is_offline(self) -> bool:
        """Whether the network must not be used; the hub's own variable ``HF_HUB_OFFLINE`` counts too."""
        return self.offline or os.environ.get("HF_HUB_OFFLINE", "").lower() in {"1", "on", "true", "yes"}
