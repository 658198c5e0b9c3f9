from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.console.unchanged_run import Printed, RepeatableRun, Report
from pipeline.files.store import Store, default_folder
from tests.factories import heard, hearing
from tests.fake_engines import FakeEngines
from tests.sample_episode import ANN, BOB, ELSEWHERE, HEARD, REST, SHOW, STORED, Command, Outcome, contents, python

AGAIN = "nothing has changed since this was run last, and nothing was written\n"
PROGRESS = re.compile(r"^(?:loading|listening|scoring|timing|checking).*\n", re.MULTILINE)


@pytest.fixture
def real(
    workspace: Path,  # noqa: ARG001 -- the commands are given in it
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Command:
    """The command line with engines that it takes for the real ones: ``real("align a b", HEARD)``."""

    def run(line: str, *answers: object) -> Outcome:
        fakes = FakeEngines(list(answers))  # type: ignore[arg-type]  # the answers of a test
        monkeypatch.setattr("pipeline.episode.engines.real_engines", lambda: fakes.engines)
        status = main(line.split())
        out, err = capsys.readouterr()
        return Outcome(status, out, PROGRESS.sub("", err))

    return run


@pytest.mark.parametrize(
    "line",
    [
        "align show.mp3 show.md",
        "align show.mp3 show.md --strict -o out -f all",
        "align show.mp3 show.md --null --no-times",
        "finish show.mp3 show.md -f md",
        "draft show.mp3 -f srt",
        "draft show.mp3 --like show.md -f md --config fast",
    ],
)
def test_the_same_again_prints_the_same(workspace: Path, real: Command, line: str) -> None:
    """Prints what the first run printed, ends with its status, and touches no file."""
    first = real(line, HEARD)
    before = {name: (workspace / name).stat().st_mtime_ns for name in contents(workspace)}
    second = real(line)

    assert second == replace(first, err=first.err + AGAIN)
    assert {name: (workspace / name).stat().st_mtime_ns for name in contents(workspace)} == before


def test_it_asks_for_nothing_heavy(workspace: Path, real: Command) -> None:
    """Imports neither numbers nor what reads, aligns and writes: that takes longer than all the rest."""
    real("align show.mp3 show.md -f md", HEARD)
    program = (
        "import sys; from pipeline.cli import main; status = main(['align', 'show.mp3', 'show.md', '-f', 'md']);"
        "print(status, [name for name in ('numpy', 'pipeline.matching', 'pipeline.writing') if name in sys.modules])"
    )
    done = python(program)

    assert (done.stdout, done.stderr[-len(AGAIN) :]) == ("show.timed.md\n0 []\n", AGAIN)
    assert workspace.is_dir()


def append(name: str, text: str) -> Callable[[], object]:
    """A change of a file, or a new file."""

    def change() -> None:
        with Path(name).open("a", encoding="utf-8") as file:
            file.write(text)

    return change


@pytest.mark.parametrize(
    "change",
    [
        append("show.md", "\n**Ann Lee**: Bye.\n"),
        append("cuemark.toml", "[cues]\nmax_line_count = 1\n"),
        lambda: Path("show.srt").unlink(),
    ],
    ids=["text", "options", "missing result"],
)
def test_what_has_changed_is_run(real: Command, change: Callable[[], object]) -> None:
    """Runs the command if what it reads is new, or what it wrote is gone; all results are there again."""
    real("align show.mp3 show.md", HEARD)
    change()
    again = real("align show.mp3 show.md")

    assert again.status == 0
    assert AGAIN not in again.err
    assert Path("show.srt").is_file()


def test_new_audio_is_heard(real: Command) -> None:
    """Listens to the file that has taken the place of the old one."""
    real("align show.mp3 show.md -f md", HEARD)
    Path("show.mp3").write_bytes(b"another sound")
    again = real("align show.mp3 show.md -f md", hearing(heard(ANN, 2_000, 8_000), heard(BOB, 9_000, 16_000)))

    assert "0:02 - **Ann Lee**" in Path("show.timed.md").read_text()
    assert AGAIN not in again.err


@pytest.mark.parametrize(
    ("variable", "value"), [("CUEMARK_STORE", "other"), ("OMP_NUM_THREADS", "7"), ("CUDA_VISIBLE_DEVICES", "3")]
)
def test_other_surroundings_are_another_run(
    real: Command, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    """Runs the command where variables say that results, models or processors are others."""
    real("align show.mp3 show.md -f srt", HEARD)
    monkeypatch.setenv(variable, value)

    assert AGAIN not in real("align show.mp3 show.md -f srt", HEARD).err


def test_a_result_that_a_person_changed_is_refused_as_ever(real: Command) -> None:
    """Does not take a changed result for its own."""
    real("align show.mp3 show.md -f srt", HEARD)
    append("show.srt", "mine")()
    again = real("align show.mp3 show.md -f srt")

    assert again.status == 1
    assert "show.srt: " in again.err
    assert Path("show.srt").read_text().endswith("mine")


@pytest.mark.parametrize(
    "line",
    [
        "align show.mp3 show.md --json",
        "align show.mp3 show.md --diff",
        "align show.mp3 show.md -f srt --relisten",
        "align show.mp3 show.md -f srt --voice-book garden",
    ],
)
def test_some_runs_are_never_repeated(real: Command, line: str) -> None:
    """Runs again what prints a document, what listens anew, and what teaches a voice book."""
    assert real(line, HEARD).status == real(line, HEARD).status == 0
    assert AGAIN not in real(line, HEARD).err


def test_in_place_is_repeated_once_it_changes_nothing(real: Command) -> None:
    """The first run changes the transcript, which is then another; the second changes nothing; the third repeats it."""
    errors = [real("align show.mp3 show.md --in-place -f srt", *([HEARD] * (run == 0))).err for run in range(3)]

    assert [AGAIN in error for error in errors] == [False, False, True]
    assert "show.md: nothing to change" in errors[1]
    assert errors[2] == errors[1] + AGAIN


def test_a_failure_is_not_repeated(real: Command) -> None:
    """Fails again by itself."""
    outcomes = [real("align show.mp3 show.md -f srt", ELSEWHERE) for _ in range(2)]

    assert [one.status for one in outcomes] == [1, 1]
    assert AGAIN not in outcomes[1].err


def test_a_warning_is_said_again(real: Command, own_home: Path) -> None:
    """Runs again what warned, because the warning is not among what was printed."""
    real("align show.mp3 show.md -f srt", HEARD)
    for entry in (own_home / "store" / "hearing").rglob("*"):
        if entry.is_file():
            entry.write_bytes(b"damaged")
    errors = [real("align show.mp3 show.md -f vtt", *([HEARD] * (run == 0))).err for run in range(3)]

    assert "damaged" in errors[0]
    assert [AGAIN in error for error in errors] == [False, False, True]


def test_given_engines_are_always_asked(workspace: Path, cuemark: Command) -> None:
    """A program that gives its own engines gets a run of them."""
    cuemark("align show.mp3 show.md -f srt", HEARD)
    again = cuemark("align show.mp3 show.md -f srt")

    assert again.err.startswith(STORED)
    assert (workspace / "show.srt").is_file()


def test_what_changes_meanwhile_is_not_kept(workspace: Path) -> None:
    """A transcript that somebody saves while the command runs belongs to no run that was kept."""
    store = Store(default_folder())
    run = RepeatableRun(store, {"": "align"}, (workspace / "show.md",))
    assert run.repeat() is None
    (workspace / "show.md").write_text(f"{SHOW}more")
    run.keep(Report(None, Printed("", ()), ()), 0)  # type: ignore[arg-type]  # a result does not matter here
    (workspace / "show.md").write_text(SHOW)

    assert RepeatableRun(store, {"": "align"}, (workspace / "show.md",)).repeat() is None


def test_what_is_gone_meanwhile_is_not_kept(workspace: Path) -> None:
    """An input that is removed while the command runs fails nothing."""
    store = Store(default_folder())
    run = RepeatableRun(store, {"": "align"}, (workspace / "show.md",))
    run.repeat()
    (workspace / "show.md").unlink()

    assert run.keep(Report(None, Printed("", ()), ()), 0) == 0  # type: ignore[arg-type]  # as above


def test_a_folder_that_is_gone_repeats_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command says by itself what is wrong with its folder."""
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()

    assert RepeatableRun(Store(tmp_path / "store"), {"": "align"}, ()).repeat() is None


def test_names_that_are_no_text_are_not_kept(workspace: Path) -> None:
    """A folder whose name has bytes that are not text cannot be stored as such; nothing fails."""
    store = Store(default_folder())
    run = RepeatableRun(store, {"": "align"}, (workspace / "show.md",))
    run.repeat()

    assert run.keep(Report(None, Printed("", ("results: in /a\udcff",)), ()), 1) == 1  # type: ignore[arg-type]
    assert RepeatableRun(store, {"": "align"}, (workspace / "show.md",)).repeat() is None


def test_what_is_no_file_is_read_each_time(workspace: Path) -> None:
    """A pipe of the same name may have other contents: ``<(...)`` of a shell is one."""
    os.mkfifo(workspace / "pipe.md")
    store = Store(default_folder())
    run = RepeatableRun(store, {"": "align"}, (workspace / "pipe.md",))

    assert run.repeat() is None
    run.keep(Report(None, Printed("", ()), ()), 0)  # type: ignore[arg-type]  # a result does not matter here
    assert run.repeat() is None


def test_files_that_cannot_be_read_are_left_to_the_command(real: Command) -> None:
    """Says what the command says of a file that is not there."""
    assert "none.md" in real("align show.mp3 none.md").err
    assert "none.mp3" in real(f"align none.mp3 show.md --track={REST[:3]}=none.wav").err
