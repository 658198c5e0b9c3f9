"""Diarization with pyannote's own newest pipeline and its tuned settings, for users with its files or a hub token."""

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
    """Load the pipeline from its folder, with its own settings; of ``options``, only ``shortest_sample_s`` is used.

    Raises:
        EngineError: the files are not a pipeline, or the device is missing.
    """
    try:
        pipeline = cast("Pipeline", Pipeline.from_pretrained(weights.path)).to(torch.device(device))
    except Exception as e:  # a configuration file may name any class, which may raise anything
        raise EngineError(ENGINE, f"cannot load {weights.path} on {device} ({e})") from e
    settings = {"pipeline": options.pipeline, "shortest_sample_s": options.shortest_sample_s}
    return PyannoteDiarizer(weights, settings, pipeline, from_seconds(options.shortest_sample_s))
