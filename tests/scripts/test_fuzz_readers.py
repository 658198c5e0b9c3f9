"""The fuzzer finds each kind of fault, gives the same inputs again, and its readers accept what they are made for."""

from __future__ import annotations

import importlib.util
import math
import resource
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from scripts import fuzz_readers
from scripts.fuzzing.reader import Reader
from scripts.fuzzing.readers import READERS
from scripts.fuzzing.rounds import ROUND, InputAtWork, Report, attempt, one_round, run_rounds
from tests.scripts import planted_readers

PLANTED = "tests.scripts.planted_readers"
STRUCTURED = ("feed", "feed plan", "manifest.csv", "manifest.yaml", "manifest.jsonl", "subtitles", "html")
"""The readers for which whole documents are built."""

_ALL = list(HealthCheck)


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Report]:
    """What is found in the planted readers, by name."""
    names = [*planted_readers.READERS]
    return {one.reader: one for one in run_rounds(PLANTED, names, 24, 0, tmp_path_factory.mktemp("rounds"))}


def test_every_reader_is_run_whatever_the_others_do(reports: Mapping[str, Report]) -> None:
    """There is one report of each reader, in order, also after those that end the process."""
    assert [*reports] == [*planted_readers.READERS]


def test_a_reader_without_a_fault_passes(reports: Mapping[str, Report]) -> None:
    """Refusals are counted and are no faults."""
    fine = reports["is fine"]

    assert (fine.fault, fine.content) == ("", b"")
    assert 0 < fine.refused < fine.inputs


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("raises", "KeyError: \"'no such key'\""),
        ("ends", "the process ended (SIGKILL)"),
        ("hangs", "the process ended (SIGXCPU: it took far too much processor time)"),
        ("is slow", "took 0."),
        ("is greedy", "took 0."),
        ("talks", "refused in no clear line: 'xxx"),
    ],
)
def test_a_fault_is_found_with_its_input(reports: Mapping[str, Report], name: str, fault: str) -> None:
    """An exception, the end of the process, a hang, too much time or memory, a page as a message: each is found."""
    assert reports[name].fault.startswith(fault)
    assert b"!" in reports[name].content


def test_the_input_of_an_exception_is_made_smaller(reports: Mapping[str, Report]) -> None:
    """Little is left besides the byte that does it."""
    assert len(reports["raises"].content) < 30


def test_a_refused_seed_is_a_fault(reports: Mapping[str, Report]) -> None:
    """A reader has to accept what it is made for."""
    assert reports["refuses seeds"].fault.startswith("LookupError: ")


def drawn(seed: int, folder: Path) -> list[bytes]:
    """The inputs of one round."""
    contents: list[bytes] = []
    reader = Reader(contents.append, planted_readers.SEEDS, planted_readers.TOKENS)
    one_round(reader, seed, math.inf, InputAtWork(folder, reader.largest), Report("all"))
    return contents


def test_the_same_seed_gives_the_same_inputs(tmp_path: Path) -> None:
    """A round can be repeated; another seed gives another one."""
    first = drawn(7, tmp_path)

    assert len(first) == ROUND
    assert drawn(7, tmp_path) == first
    assert drawn(8, tmp_path) != first


@pytest.mark.xdist_group("models")  # some load PyTorch and pyannote.audio
@pytest.mark.parametrize("name", READERS)
def test_every_reader_accepts_its_seeds(name: str) -> None:
    """No seed is refused: else its inputs would not get far into the reader."""
    reader, report = READERS[name](), Report(name)
    for content in reader.seeds:
        attempt(reader, content, report)

    assert reader.seeds != ()
    assert (report.fault, report.refused) == ("", 0)


@pytest.mark.parametrize("name", STRUCTURED)
def test_most_documents_are_accepted(name: str) -> None:
    """What is built for a reader reaches its inner parts; some of it is wrong on purpose."""
    reader, report = READERS[name](), Report(name)
    assert reader.documents is not None

    @seed(1)
    @settings(max_examples=100, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=_ALL)
    @given(reader.documents)
    def read(content: bytes) -> None:
        attempt(reader, content, report)

    read()

    assert report.fault == ""
    assert report.refused < report.inputs / 2


def test_the_limit_of_an_attempt_ends_with_it() -> None:
    """The process goes on after a reader: what limits the reader does not end the process minutes later."""
    before = resource.getrlimit(resource.RLIMIT_CPU)
    attempt(Reader(len, planted_readers.SEEDS, planted_readers.TOKENS), b"content", Report("all"))

    assert resource.getrlimit(resource.RLIMIT_CPU) == before


def test_a_file_is_read_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A kept input can be given again."""
    (tmp_path / "name").write_bytes(b"07.mp3")

    assert fuzz_readers.main(["--reader", "file names", "--input", str(tmp_path / "name")]) == 0
    assert capsys.readouterr().out.startswith("read in 0.")


def test_the_command_line_reports_each_reader(capsys: pytest.CaptureFixture[str]) -> None:
    """Prints a line for each reader and one for all, and exits with 0 where nothing is found."""
    assert fuzz_readers.main(["--reader", "file names", "--reader", "model record", "--seconds", "1"]) == 0

    *lines, last = capsys.readouterr().out.splitlines()
    assert [line[:20].rstrip() for line in lines] == ["file names", "model record"]
    assert last.startswith("2 readers, ")
    assert " 0 faults in " in last


def test_atheris_guides_where_it_is_installed(capfd: pytest.CaptureFixture[str]) -> None:
    """Runs a reader with it, or says that it is missing."""
    status = fuzz_readers.main(["--engine", "atheris", "--reader", "file names", "--seconds", "1"])

    message = capfd.readouterr().err
    is_installed = importlib.util.find_spec("atheris") is not None
    assert status == (0 if is_installed else 1), message
    assert ("Done " if is_installed else "atheris is not installed here") in message
