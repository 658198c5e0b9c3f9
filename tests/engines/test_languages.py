"""``cuemark align`` in four languages and scripts, with the multilingual model and a detected language."""

from __future__ import annotations

import json
import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pysubs2
import pytest

from pipeline.cli import main
from pipeline.episode.engines import Engines
from pipeline.listening.forced import BOTH_ALIGNERS
from pipeline.writing.line_breaks import display_width
from pipeline.writing.presets import limits_of

pytestmark = pytest.mark.xdist_group("models")  # one process loads the real models

LANGUAGES = Path(__file__).parents[1] / "languages"
CODES = {"chinese": "zh", "german": "de", "hebrew": "he", "japanese": "ja"}
SPOKEN = {"chinese": "茶", "german": "Roggenbrot", "hebrew": "ספרים", "japanese": "コーヒー"}
"""A word that the subtitles must have."""


@pytest.fixture(scope="module", params=CODES)
def episode(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, loaded: Engines) -> Path:
    """A folder with one episode and the default results of ``align``; its name is the language."""
    folder = tmp_path_factory.mktemp("languages") / str(request.param)
    folder.mkdir()
    for path in LANGUAGES.glob(f"{request.param}.*"):
        shutil.copy(path, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("CUEMARK_STORE", str(folder / "store"))
        assert main(["align", f"{folder.name}.opus", f"{folder.name}.md"], loaded) == 0
    return folder


def document(episode: Path) -> dict[str, Any]:
    """The JSON that was written."""
    text = (episode / f"{episode.name}.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def truth(episode: Path) -> dict[str, Any]:
    """The ground truth of the generated episode."""
    return dict(json.loads((episode / f"{episode.name}.truth.json").read_text(encoding="utf-8")))


def test_starts_and_note(episode: Path) -> None:
    """The continue time is within 1 s, most words are found, and no confident start is off by 1 s or more."""
    made, known = document(episode), truth(episode)

    assert abs(made["continue_at"] - known["continue_at"]) < 1
    assert made["coverage"] > 0.7
    off = [
        abs(one["start"] - real["start"])
        for one, real in zip(made["utterances"], known["utterances"], strict=True)
        if one["confidence"] >= 0.5
    ]
    assert len(off) > 0.8 * len(known["utterances"])
    assert max(off) < 1
    assert np.median(off) < 0.15


def test_both_aligners_time_the_words(episode: Path) -> None:
    """By the nearest phones of English; how well a word fits is not known, so nothing is said to be misheard."""
    made = document(episode)
    assert made["engine"]["settings"]["word_times"] == BOTH_ALIGNERS
    assert "misheard" not in {one["kind"] for one in made["findings"]}


def test_document_is_the_humans(episode: Path) -> None:
    """Times are added before labels and the note is moved; nothing else changes."""
    timed = (episode / f"{episode.name}.timed.md").read_text(encoding="utf-8").splitlines()
    typed = (episode / f"{episode.name}.md").read_text(encoding="utf-8").splitlines()

    changed = [(new, old) for new, old in zip(timed, typed, strict=True) if new != old]
    assert all(new.endswith(f" - {old}") or old.startswith("<!-- Continue") for new, old in changed)
    assert len(changed) > 0.8 * len(truth(episode)["utterances"])


@pytest.mark.parametrize("suffix", ["srt", "vtt"])
def test_subtitles_keep_the_limits_of_the_language(episode: Path, suffix: str) -> None:
    """Cues are in order, have the human's words in lines of the language's width, and end with the typed part."""
    events = pysubs2.load(str(episode / f"{episode.name}.{suffix}"), encoding="utf-8").events
    limits = limits_of("default", "srt", CODES[episode.name])
    lines = [line for event in events for line in event.plaintext.split("\n")]

    assert all(one.end <= two.start for one, two in pairwise(events))
    assert max(map(display_width, lines)) <= limits.width
    assert SPOKEN[episode.name] in "".join(lines)
    assert events[-1].end / 1000 < truth(episode)["continue_at"] + 2


def test_untranscribed_speech_is_a_finding(episode: Path) -> None:
    """The speech after the continue note is a finding."""
    found = [one for one in document(episode)["findings"] if one["kind"] == "untranscribed"]

    assert any(one["end"] > truth(episode)["continue_at"] for one in found)
