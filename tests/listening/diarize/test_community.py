from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import EngineError
from pipeline.listening.diarize import load_diarizer, locate_pipeline
from pipeline.listening.diarize.diarize_options import DiarizeOptions
from pipeline.listening.models.locate import WeightsOptions
from pipeline.progress import silent


def test_a_folder_that_is_not_a_pipeline_is_one_line(tmp_path: Path, options: WeightsOptions) -> None:
    """The error of a configuration that pyannote cannot load is one line with its folder."""
    (tmp_path / "config.yaml").write_text("pipeline: {name: nothing.Known}\n")
    mine = DiarizeOptions(pipeline="community", folder=str(tmp_path), device="cpu")

    with pytest.raises(EngineError, match=rf"^pyannote.audio: cannot load {tmp_path} on cpu \([^\n]*\)$"):
        load_diarizer(mine, locate_pipeline(mine, options, silent))
