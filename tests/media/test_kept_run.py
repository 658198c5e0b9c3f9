"""The runs that are kept for the pictures fit their episodes, so that what the pictures show is real."""

from __future__ import annotations

import json

import pytest

from pipeline.writing.document import render_json
from tests.media.kept_run import EPISODES, aligned, engines, kept_run


@pytest.mark.parametrize("name", EPISODES)
def test_a_kept_run_fits_its_episode(name: str) -> None:
    """Has most of the written words, the end of the typing within a second, and a voice for each label."""
    truth = json.loads(EPISODES[name].audio.with_suffix(".truth.json").read_text(encoding="utf-8"))
    made = json.loads(render_json(aligned(engines(kept_run(name)), name=name)))

    assert made["coverage"] > 0.75
    assert made["continue_at"] == pytest.approx(truth["continue_at"], abs=1)
    labels = {one["speaker"] for one in truth["utterances"] if one["speaker"]}
    assert labels <= {one["name"] for one in made["speakers"]}
