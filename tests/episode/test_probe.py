"""``marker`` that listens to a few windows, and to everything where they leave a doubt."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

import pipeline.writing
from pipeline.console.summary import mark_summary
from pipeline.episode.rendered import refusal
from pipeline.episode.run import Mark, align, marker
from pipeline.episode.session import Session
from pipeline.files.store import Store
from pipeline.listening.audio.recording import Recording
from pipeline.matching.probing import LEAST_PROBED_MS, MarkerOptions, WrongAudioOptions
from pipeline.progress import Progress, Step, silent
from pipeline.schema import Continue, Hearing, Result
from pipeline.settings.config import Config
from pipeline.writing import FORMATS
from tests.factories import SHA
from tests.fake_engines import FakeEngines
from tests.matching.probing.made_episode import MadeTurn, heard, made_turns, text_of

SCHEMA = Path(pipeline.writing.__file__).with_name("alignment.schema.json")
TURNS = made_turns(random.Random(8), 3_000)
TYPED = TURNS[: len(TURNS) // 2]
HEARING = heard(TURNS)
WHOLE = Config(marker=MarkerOptions(probe=False))


def marked(
    folder: Path,
    fake: FakeEngines,
    typed: Sequence[MadeTurn] = TYPED,
    config: Config = Config(),  # noqa: B008 -- frozen
    note: str = "1:00",
    progress: Progress = silent,
    *,
    is_cut_off: bool = False,
) -> Mark:
    """The answer for a transcript of some turns."""
    (folder / "show.mp3").touch()
    (folder / "show.md").write_text(text_of(typed, note))

    def open_recording(path: Path) -> Recording:
        fake.history.append("open")
        return Recording(path, HEARING.duration, SHA, is_cut_off=is_cut_off)

    engines = replace(fake.engines, open_recording=open_recording)
    return marker(
        folder / "show.mp3",
        folder / "show.md",
        config,
        engines=engines,
        store=Store(folder / "store"),
        progress=progress,
    )


def test_a_few_windows_give_the_answer_of_the_whole(tmp_path: Path) -> None:
    """The same note, from a part of the audio; the result says nothing about what was not listened to."""
    (tmp_path / "whole").mkdir()
    whole = marked(tmp_path / "whole", FakeEngines([HEARING]), config=WHOLE)
    fake = FakeEngines([HEARING])

    found = marked(tmp_path, fake)

    assert (found.note, found.old_note) == (whole.note, whole.old_note)
    assert (found.full_pass, whole.full_pass) == (False, True)
    assert found.heard < whole.heard / 2
    assert "hear show.mp3" not in fake.history
    assert {finding.kind for finding in found.result.findings} == {"note-moved"}
    (line,) = mark_summary(found)
    assert line.startswith("listened to: ")
    assert line.endswith(" of 22:56, around where the typing stops")


@pytest.mark.parametrize("config", [Config(), WHOLE], ids=["windows", "whole"])
def test_a_recording_without_its_end_leaves_the_note(tmp_path: Path, config: Config) -> None:
    """All that is heard is typed, but that is not all."""
    found = marked(tmp_path, FakeEngines([HEARING]), TURNS, config, is_cut_off=True)
    assert (found.result.continue_point, found.note) == (Continue(None, complete=False), found.old_note)
    assert found.result.findings[0].kind == "incomplete-audio"
    assert "note-moved" not in {one.kind for one in found.result.findings}
    (tmp_path / "complete").mkdir()

    found = marked(tmp_path / "complete", FakeEngines([HEARING]), TURNS, config)

    assert (found.result.continue_point, found.note) == (Continue(None, complete=True), None)
    assert found.full_pass == (config is WHOLE)


def test_a_window_is_heard_once(tmp_path: Path) -> None:
    """A second run takes all of them from the store, and loads no model."""
    first = marked(tmp_path, FakeEngines([HEARING]))
    again = FakeEngines([])

    second = marked(tmp_path, again)

    assert second == first
    assert [line for line in again.history if line.startswith(("hear", "load"))] == []


def test_what_was_heard_before_is_not_listened_to_again(tmp_path: Path) -> None:
    """Not a window of it; and that is said once."""
    whole = marked(tmp_path, FakeEngines([HEARING]), config=WHOLE)
    fake = FakeEngines([])
    steps: list[Step] = []

    found = marked(tmp_path, fake, progress=steps.append)

    assert (found.note, found.full_pass) == (whole.note, True)
    assert [line for line in fake.history if line.startswith("hear")] == []
    assert [step.stage for step in steps].count("listening: heard before, taken from the store") == 1


def test_a_short_recording_is_listened_to_as_a_whole(tmp_path: Path) -> None:
    """Windows would save little of it."""
    turns = TURNS[: len(TURNS) // 2]
    hearing = heard(turns)
    assert hearing.duration < LEAST_PROBED_MS
    (tmp_path / "show.mp3").touch()
    (tmp_path / "show.md").write_text(text_of(turns[:20]))
    fake = FakeEngines([hearing])
    engines = replace(fake.engines, open_recording=lambda path: Recording(path, hearing.duration, SHA))

    found = marker(tmp_path / "show.mp3", tmp_path / "show.md", engines=engines, store=Store(tmp_path / "store"))

    assert found.full_pass
    assert "hear show.mp3" in fake.history
    assert not [line for line in fake.history if line.startswith("hear show.mp3, ")]


def test_a_doubt_ends_in_the_full_pass(tmp_path: Path) -> None:
    """The typed turns are said nowhere near one another: a few windows do not prove where they end."""
    shuffled = list(TURNS)
    random.Random(1).shuffle(shuffled)
    fake = FakeEngines([HEARING])

    found = marked(tmp_path, fake, shuffled[:60])

    assert found.full_pass
    assert "hear show.mp3" in fake.history
    assert fake.history.count("open") == 1  # its warnings are said once


@pytest.mark.parametrize("language", ["de", "fr"])
def test_the_text_is_read_in_the_language_that_is_heard(tmp_path: Path, language: str) -> None:
    """The search begins again with its words, and no window is heard twice."""
    fake = FakeEngines([replace(HEARING, language=language)])

    found = marked(tmp_path, fake)

    assert (found.full_pass, found.result.hearing.language) == (False, language)
    windows = [line for line in fake.history if line.startswith("hear ")]
    assert len(windows) == len(set(windows)) > 1


def test_nothing_typed_needs_no_model(tmp_path: Path) -> None:
    """The point is the start."""
    fake = FakeEngines([])

    found = marked(tmp_path, fake, ())

    assert found.note == "<!-- Continue at 0:00! -->"
    assert fake.history == [] or not any(line.startswith("hear") for line in fake.history)


# --- another episode ----------------------------------------------------------------------------------------------

OTHER = heard(made_turns(random.Random(80), 3_000))


def aligned(folder: Path, fake: FakeEngines, hearing: Hearing, config: Config = Config()) -> Result:  # noqa: B008 -- frozen
    """The result of all turns with a recording."""
    (folder / "show.mp3").touch()
    (folder / "show.md").write_text(text_of(TURNS))
    engines = replace(fake.engines, open_recording=lambda path: Recording(path, hearing.duration, SHA))
    return align(folder / "show.mp3", folder / "show.md", config, engines=engines, store=Store(folder / "store"))


def test_another_episode_is_refused_before_it_is_listened_to(tmp_path: Path) -> None:
    """A few windows are heard, and the report says so; the result is that of the whole otherwise."""
    fake = FakeEngines([OTHER])

    result = aligned(tmp_path, fake, OTHER)

    assert "hear show.mp3" not in fake.history
    assert str(refusal(result, "show.md")).startswith(
        "show.md: the transcript does not belong to this audio: nothing that is typed is said in "
    )
    document = json.loads(FORMATS["json"].render(result, Config().writing))
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    assert document["engine"]["model"] == "base"
    assert document["coverage"] == 0
    assert {one["start"] for one in document["utterances"]} == {None}


def test_the_right_episode_is_listened_to_after_two_windows(tmp_path: Path) -> None:
    """The check changes nothing of the result."""
    fake = FakeEngines([HEARING])
    unchecked = Config(wrong_audio=WrongAudioOptions(probe=False))

    result = aligned(tmp_path, fake, HEARING)

    assert len([line for line in fake.history if line.startswith("hear show.mp3, ")]) == 2
    assert "hear show.mp3" in fake.history
    (tmp_path / "again").mkdir()
    whole = aligned(tmp_path / "again", FakeEngines([HEARING]), HEARING, unchecked)
    assert (result.words, result.findings) == (whole.words, whole.findings)


def test_what_was_heard_before_is_not_checked(tmp_path: Path) -> None:
    """Nothing is saved by it then."""
    unchecked = Config(wrong_audio=WrongAudioOptions(probe=False))
    aligned(tmp_path, FakeEngines([OTHER]), OTHER, unchecked)
    fake = FakeEngines([])

    result = aligned(tmp_path, fake, OTHER)

    assert not [line for line in fake.history if line.startswith("hear")]
    assert any("distinctive phrases" in finding.message for finding in result.findings)


def test_force_listens_to_everything() -> None:
    """``--force`` aligns the two anyway, so they are not checked."""
    session = Session(Config(), FakeEngines([]).engines, Store(Path("unused")))

    assert session.config.wrong_audio.probe
    assert not session.without_check().config.wrong_audio.probe
