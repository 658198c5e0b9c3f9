"""Speakers of the example with real models: wrong labels are found, no right one is, and the draft has right names."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import main
from pipeline.episode.engines import Engines
from tests.episodes.kept_hearing import AUDIO, TRANSCRIPT, TRUTH

pytestmark = pytest.mark.xdist_group("models")  # one process loads the real models

MIN_DURATION_S = 1.5
"""Labels of shorter turns are not checked."""


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory, example_store: Path, loaded: Engines) -> dict[str, Any]:
    """The JSON of the example, finished with the smallest Whisper model and with diarization."""
    folder = tmp_path_factory.mktemp("who speaks")
    shutil.copy(AUDIO, folder)
    shutil.copy(TRANSCRIPT, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("CUEMARK_STORE", str(example_store))
        assert main(["finish", AUDIO.name, TRANSCRIPT.name, "--model", "tiny.en", "-f", "json"], loaded) == 0
    return dict(json.loads(next(folder.glob("*.json")).read_text(encoding="utf-8")))


def person(name: str | None) -> str | None:
    """The person of a label: one name of the panel is mistyped in the example."""
    return {"Oscar Lind": "Oskar Lind"}.get(name or "", name)


def test_speaker_mismatches_are_exactly_the_wrong_labels(document: dict[str, Any]) -> None:
    """The findings are exactly the turns of 1.5 s and longer with a wrong label, and name the right speaker."""
    wrong = [
        index
        for index, (one, real) in enumerate(zip(document["utterances"], TRUTH["utterances"], strict=True))
        if person(one["speaker"]) != real["speaker"] and real["end"] - real["start"] >= MIN_DURATION_S
    ]
    found = {one["utterance"]: one for one in document["findings"] if one["kind"] == "speaker-mismatch"}

    assert list(found) == wrong != []
    assert [one["heard"] for one in found.values()] == [TRUTH["utterances"][index]["speaker"] for index in wrong]


def test_the_draft_has_the_right_names(document: dict[str, Any]) -> None:
    """96 % of the drafted speech has the name of the person who says it.

    On one processor it was all of it, on another 97.0 %: what a model with 8-bit weights hears differs a little.
    """
    sentences = [(one["start"], one["end"], one["speaker"]) for one in TRUTH["sentences"]]
    right = total = 0.0
    for turn in document["draft"]:
        for word in turn["words"]:
            overlaps = [(min(end, word["end"]) - max(start, word["start"]), name) for start, end, name in sentences]
            overlap, name = max(overlaps)
            if overlap > 0:
                total += overlap
                right += overlap * (name == turn["speaker"])

    assert total > 40
    assert right >= 0.96 * total
