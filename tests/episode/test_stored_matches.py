"""What is heard of a text is computed once for each text, and a second run gives the same files."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pipeline
from pipeline.episode import run, stored_matches
from pipeline.episode.forced_times import ForcedWords
from pipeline.episode.session import Session
from pipeline.episode.stored_listening import StoredListening
from pipeline.episode.stored_matches import Matches, matches_of
from pipeline.files.store import Store, key_of
from pipeline.listening.forced import ForcedOptions
from pipeline.matching.alignment.align import AlignOptions, align
from pipeline.matching.alignment.heard_times import ForcedTime, heard_times
from pipeline.matching.misheard import Misheard
from pipeline.progress import silent
from pipeline.reading.transcript import parse
from pipeline.schema import Hearing, Run, Transcript
from pipeline.settings.config import Config
from pipeline.times import Span
from tests.episode.test_speakers import ALL_THREE
from tests.episodes.kept_hearing import AUDIO, kept_hearing
from tests.fake_engines import FakeEngines
from tests.matching.degraded_typing import degrade, document
from tests.sample_episode import HEARD, SHOW, Command, contents


@cache
def matched(text: str) -> Matches:
    """What is heard of a text in the example, each third word forced, in each way that there is."""
    typed, hearing = parse(text), kept_hearing()
    alignment = align(typed.words, hearing.words, AlignOptions())
    times = [(k, one.span) for k, one in enumerate(heard_times(typed, hearing, alignment)) if one.span]
    ways: tuple[Callable[[ForcedTime], ForcedTime], ...] = (
        lambda one: one,
        lambda one: replace(one, apart=12),
        lambda one: replace(one, place="rejected"),
    )
    forced = {k: ways[k // 3 % 3](ForcedTime(span)) for k, span in times if k % 3 == 0}
    misheard = (Misheard(Run(0, 2), "Wilhelmina Brandt", Span(0, 900), 0.9),)
    return Matches(hearing, alignment, ForcedWords(forced, misheard))


@dataclass
class Finder:
    """Finds matches, and counts how often."""

    folder: Path
    config: Config = field(default_factory=Config)
    relisten: bool = False
    count: int = 0

    def __call__(self, typed: Transcript, hearing: Hearing | None = None) -> Matches:
        """Return the matches of a text, from the store or not."""
        session = Session(self.config, FakeEngines().engines, Store(self.folder, self.relisten), silent)
        recording = FakeEngines().engines.open_recording(AUDIO)
        found = hearing or kept_hearing()

        def find() -> Matches:
            self.count += 1
            return matched(typed.source)

        return matches_of(typed, found, StoredListening(recording, session), find)


@given(seed=st.integers(0, 50))
@settings(max_examples=10, deadline=None)
def test_what_is_kept_is_what_was_found(seed: int) -> None:
    """However the text is typed, each value comes back as it was, and nothing is found twice."""
    typed = parse(document(degrade(seed)))
    with tempfile.TemporaryDirectory() as folder:
        finder = Finder(Path(folder))
        first, second = finder(typed), finder(typed)

    assert first == second == matched(typed.source)
    assert finder.count == 1


TYPED = parse(document(degrade(1)))
OTHER = parse(TYPED.source.replace("the", "then", 1))


@pytest.mark.parametrize(
    ("config", "typed", "hearing"),
    [
        (Config(), OTHER, None),
        (Config(align=AlignOptions(most_cells=1_000)), TYPED, None),
        (Config(forced=ForcedOptions(words=False)), TYPED, None),
        (Config(), TYPED, replace(kept_hearing(), duration=kept_hearing().duration + 1)),
    ],
    ids=["text", "alignment", "forced", "hearing"],
)
def test_a_change_is_matched_again(tmp_path: Path, config: Config, typed: Transcript, hearing: Hearing | None) -> None:
    """Another text, option or hearing; its entry takes the place of the last one."""
    finder = Finder(tmp_path)
    finder(TYPED)
    finder.config = config

    assert finder(typed, hearing) == finder(typed, hearing) == matched(typed.source)
    assert finder.count == 2


def test_changed_code_matches_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a developer changes is seen without a new version."""
    finder = Finder(tmp_path)
    finder(TYPED)
    monkeypatch.setattr(stored_matches, "_code", lambda: "other code")
    finder(TYPED)

    assert finder.count == 2


def test_the_code_is_that_of_reading_and_matching(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is changed, added or removed there gives another hash, and one of writing the same."""
    (tmp_path / "matching").mkdir()
    (tmp_path / "reading" / "words").mkdir(parents=True)
    monkeypatch.setattr(pipeline, "__file__", str(tmp_path / "__init__.py"))

    def code() -> str:
        stored_matches._code.cache_clear()
        return stored_matches._code()

    hashes = [code()]
    for name, text in (("matching/a.py", "1"), ("matching/a.py", "22"), ("reading/words/b.py", "1")):
        (tmp_path / name).write_text(text)
        hashes.append(code())
    (tmp_path / "c.py").write_text("1")
    last = code()
    stored_matches._code.cache_clear()

    assert len(set(hashes)) == 4
    assert last == hashes[-1]


@pytest.mark.parametrize("content", [b"", b"no matches", 7])
def test_a_damaged_entry_is_found_again(tmp_path: Path, content: object) -> None:
    """Whatever is in its place."""
    finder = Finder(tmp_path)
    finder(TYPED)
    session = Session(Config(), FakeEngines().engines, Store(tmp_path), silent)
    listening = StoredListening(FakeEngines().engines.open_recording(AUDIO), session)
    session.store.save("matches", key_of(listening.key), content)

    assert finder(TYPED) == matched(TYPED.source)
    assert finder.count == 2


def test_relisten_and_an_empty_text_keep_nothing_from_before(tmp_path: Path) -> None:
    """All is found again with --relisten; of no words there is nothing to keep."""
    finder = Finder(tmp_path)
    finder(TYPED)
    finder.relisten = True
    finder(TYPED)
    assert finder.count == 2

    finder.relisten, empty = False, parse("")
    finder(empty)
    finder(empty)
    assert finder.count == 4


@pytest.mark.parametrize("act", ["align", "align --no-voices", "finish"])
def test_a_second_run_is_the_same_as_a_whole_one(
    workspace: Path, cuemark: Command, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    """Byte by byte in every file, with the same status and summary, though no word is aligned again."""
    command = f"{act} show.mp3 show.md --overwrite --output-format all"
    engines = FakeEngines([HEARD], voices=ALL_THREE, forced_later_ms=5)
    first = cuemark(command, engines=engines)
    whole = contents(workspace)

    def refuse(*_: object) -> None:
        raise AssertionError("the words are aligned again")

    monkeypatch.setattr(run, "listen_again", refuse)
    second = cuemark(command, engines=engines)

    assert contents(workspace) == whole
    assert (second.status, second.out) == (first.status, first.out)
    assert second.err.splitlines()[-2:] == first.err.splitlines()[-2:]
    assert whole["show.md"] == SHOW.encode()
