"""pyannote's own newest pipeline, as its makers tuned it, for those who have its files or a token for its hub."""

from __future__ import annotations

from typing import cast

import torch
from pyannote.audio import Pipeline

from pipeline.errors import EngineError
from pipeline.listening.diarize import ENGINE, Diarizer
from pipeline.listening.diarize.diarize_options import DiarizeOptions
from pipeline.listening.diarize.pyannote_audio import PyannoteDiarizer
from pipeline.listening.models.locate import Weights
from pipeline.times import from_seconds


def load(options: DiarizeOptions, weights: Weights, device: str) -> Diarizer:
    """Load the pipeline from its folder; its own settings hold, but for what a sample is.

    Raises:
        EngineError: the files are no such pipeline, or the device is missing.
    """
    try:
        pipeline = cast("Pipeline", Pipeline.from_pretrained(weights.path)).to(torch.device(device))
    except Exception as e:  # whatever a configuration that is not ours brings about
        raise EngineError(ENGINE, f"cannot load {weights.path} on {device} ({e})") from e
    settings = {"pipeline": options.pipeline, "shortest_sample_s": options.shortest_sample_s}
    return PyannoteDiarizer(weights, settings, pipeline, from_seconds(options.shortest_sample_s))
