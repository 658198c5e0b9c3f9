"""Diarization with pyannote's own newest pipeline and its tuned settings, for users with its files or a hub token.

Its folder may be a stranger's. So it is not loaded by pyannote, which would unpickle its models and call the classes
that its configuration names: see ``pipeline_config`` and ``pyannote_model``.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

import torch
from pyannote.audio.core.plda import PLDA
from pyannote.audio.pipelines.speaker_diarization import SpeakerDiarization
from pyannote.audio.utils.dependencies import check_dependencies

from pipeline.errors import EngineError
from pipeline.listening.diarize import ENGINE, Diarizer
from pipeline.listening.diarize.diarize_options import DiarizeOptions
from pipeline.listening.diarize.pipeline_config import MAX_CONFIG_BYTES, parse_config
from pipeline.listening.diarize.pipeline_files import CONFIG_FILE
from pipeline.listening.diarize.pyannote_audio import PyannoteDiarizer
from pipeline.listening.diarize.pyannote_model import NoPLDA, load_model
from pipeline.listening.models.locate import Weights
from pipeline.times import from_seconds

_MODEL_FILE = "pytorch_model.bin"


def load(options: DiarizeOptions, weights: Weights, device: str) -> Diarizer:
    """Load the pipeline from its folder, with its own settings; of ``options``, only ``shortest_sample_s`` is used.

    Raises:
        EngineError: the files are not such a pipeline or name something else to load, or the device is missing.
    """
    try:
        pipeline = _load_pipeline(weights.path)
        pipeline.to(torch.device(device))
    except Exception as e:  # what is in the files decides what pyannote raises at it
        reason = str(e).partition("\n")[0] or type(e).__name__
        raise EngineError(ENGINE, f"cannot load {weights.path} on {device} ({reason})") from e
    settings = {"pipeline": options.pipeline, "shortest_sample_s": options.shortest_sample_s}
    return PyannoteDiarizer(weights, settings, pipeline, from_seconds(options.shortest_sample_s))


def _load_pipeline(folder: Path) -> Any:  # noqa: ANN401 -- pyannote's pipeline, whose types say too little
    with (folder / CONFIG_FILE).open("rb") as file:
        content = file.read(MAX_CONFIG_BYTES + 1)
    if len(content) > MAX_CONFIG_BYTES:
        raise ValueError(f"{CONFIG_FILE} is too large for a configuration")
    config = parse_config(content.decode())
    if config.requires is not None:
        check_dependencies({ENGINE: config.requires}, "Pipeline")
    settings: dict[str, Any] = dict(config.settings)
    pipeline = SpeakerDiarization(
        segmentation=load_model(_model_file(folder, config.segmentation), sha256=None),
        embedding=load_model(_model_file(folder, config.embedding), sha256=None),
        plda=_plda(folder, config.plda),
        **settings,
    )
    pipeline.instantiate({part: dict(values) for part, values in config.parameters.items()})
    return pipeline


def _model_file(folder: Path, named: PurePosixPath) -> Path:
    path = folder / named
    path = path / _MODEL_FILE if path.is_dir() else path
    if not path.is_file():
        raise ValueError(f"{str(named)!a} is not in the folder; copy a model that its configuration names into it")
    return path


def _plda(folder: Path, named: PurePosixPath | None) -> PLDA:
    """Load the PLDA: numpy's archives, in which pickled objects are refused; pyannote leaves files open at an error."""
    if named is None:
        return NoPLDA()
    with (
        (folder / named / "xvec_transform.npz").open("rb") as transform,
        (folder / named / "plda.npz").open("rb") as plda,
    ):
        return PLDA(transform, plda)  # type: ignore[arg-type] # numpy, which reads them, takes open files
