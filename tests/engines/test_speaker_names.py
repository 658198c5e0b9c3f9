"""Who speaks in the example, with real models: wrong labels found, no right one accused, the rest under right names."""

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

JUDGED_FROM = 1.5


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, example_store: Path, loaded: Engines) -> dict[str, Any]:
    """The JSON of the example, finished with the smallest Whisper and the voices."""
    folder = tmp_path_factory.mktemp("who speaks")
    shutil.copy(AUDIO, folder)
    shutil.copy(TRANSCRIPT, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("CUEMARK_STORE", str(example_store))
        assert main(["finish", AUDIO.name, TRANSCRIPT.name, "--model", "tiny.en", "-f", "json"], loaded) == 0
    return dict(json.loads(next(folder.glob("*.json")).read_text(encoding="utf-8")))


def person(name: str | None) -> str | None:
    """A label's person: one name of the panel is mistyped in the example."""
    return {"Oscar Lind": "Oskar Lind"}.get(name or "", name)


def test_wrong_labels_are_found_and_no_right_one_accused(made: dict[str, Any]) -> None:
    """Accuses just those turns of 1.5 s and longer whose label is not who speaks."""
    wrong = [
        index
        for index, (one, real) in enumerate(zip(made["utterances"], TRUTH["utterances"], strict=True))
        if person(one["speaker"]) != real["speaker"] and real["end"] - real["start"] >= JUDGED_FROM
    ]
    accused = {one["utterance"]: one for one in made["findings"] if one["kind"] == "speaker-mismatch"}

    assert list(accused) == wrong != []
    assert [one["heard"] for one in accused.values()] == [TRUTH["utterances"][index]["speaker"] for index in wrong]


def test_the_rest_is_under_the_right_names(made: dict[str, Any]) -> None:
    """Gives 97 % of the drafted speech to the person who says it."""
    said = [(one["start"], one["end"], one["speaker"]) for one in TRUTH["sentences"]]
    right = total = 0.0
    for turn in made["draft"]:
        for word in turn["words"]:
            shared = [(min(end, word["end"]) - max(start, word["start"]), name) for start, end, name in said]
            overlap, name = max(shared)
            if overlap > 0:
                total += overlap
                right += overlap * (name == turn["speaker"])

    assert total > 40
    assert right >= 0.97 * total
