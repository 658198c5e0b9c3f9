"""A recording that was opened before is opened from the store, and is the same."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.episode.engines import Engines
from pipeline.episode.stored_recording import open_stored, open_with_warnings
from pipeline.errors import AudioError
from pipeline.files.store import Store
from pipeline.listening.audio.recording import Recording, open_recording
from pipeline.times import Span
from tests.episodes.kept_hearing import AUDIO
from tests.fake_engines import FakeEngines


def test_it_is_measured_once(tmp_path: Path) -> None:
    """The second time, under any name, nothing is measured; it has the same parts and the same sound."""
    opened: list[Path] = []

    def measure(path: Path) -> Recording:
        opened.append(path)
        return open_recording(path)

    engines, store = replace(FakeEngines().engines, open_recording=measure), Store(tmp_path / "store")
    copy = tmp_path / f"copy{AUDIO.suffix}"
    shutil.copy(AUDIO, copy)

    first, second = open_stored(AUDIO, engines, store), open_stored(copy, engines, store)

    assert opened == [AUDIO]
    assert first == open_recording(AUDIO)
    assert second == replace(first, path=copy)
    span = Span(30_000, 31_000)
    assert second.segment(span).raw_data == first.segment(span).raw_data


def test_another_file_is_measured(tmp_path: Path) -> None:
    """A name says nothing: the bytes do."""
    fake, store, path = FakeEngines(), Store(tmp_path / "store"), tmp_path / "show.mp3"
    path.write_bytes(b"one")
    first = open_stored(path, fake.engines, store)
    path.write_bytes(b"two")

    assert open_stored(path, fake.engines, store).sha256 != first.sha256


def test_what_cannot_be_read_is_refused_by_the_engine(tmp_path: Path) -> None:
    """With its own line, as in any command."""
    with pytest.raises(AudioError, match="there is no such file"):
        open_stored(tmp_path / "none.mp3", FakeEngines().engines, Store(tmp_path / "store"))


@pytest.mark.parametrize("share", [1.0, 0.7])
def test_a_command_that_prints_warnings_has_them_each_time(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, share: float
) -> None:
    """A truncated download is measured, and said, in each run; a whole one is measured once."""
    opened: list[Path] = []

    def measure(path: Path) -> Recording:
        opened.append(path)
        return open_recording(path)

    engines, store = replace(FakeEngines().engines, open_recording=measure), Store(tmp_path / "store")
    path, content = tmp_path / "show.mp3", AUDIO.read_bytes()
    path.write_bytes(content[: round(share * len(content))])

    first, second = open_with_warnings(path, engines, store), open_with_warnings(path, engines, store)

    is_whole = share == 1
    said = [record.getMessage() for record in caplog.records]
    assert ["incomplete download" in one for one in said] == ([] if is_whole else [True, True])
    assert opened == ([path] if is_whole else [path, path])
    assert open_stored(path, engines, store) == first == second
    assert (first.is_plain, first.is_cut_off) == (is_whole, not is_whole)


@pytest.mark.parametrize("open_one", [open_stored, open_with_warnings])
def test_a_named_pipe_is_refused(tmp_path: Path, open_one: Callable[[Path, Engines, Store], Recording]) -> None:
    """It is not read: that would never end."""
    os.mkfifo(tmp_path / "show.mp3")

    with pytest.raises(AudioError, match="not a file"):
        open_one(tmp_path / "show.mp3", replace(FakeEngines().engines, open_recording=open_recording), Store(tmp_path))
