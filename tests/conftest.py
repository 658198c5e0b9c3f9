"""Fixtures for all tests: nothing of the user's is touched, and goldens are written again on request."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
import pytest
from hypothesis import HealthCheck, settings

from pipeline.cli import main
from tests.sample_episode import SHOW, Command, Outcome

if TYPE_CHECKING:
    from tests.fake_engines import Answer, FakeEngines

# How many examples a law gets in each tier of scripts/check. What the first two draw is the same at each run, so that a
# change fails for what it changed; the nightly tier looks for new examples. A slow machine is no fault of a strategy.
SLOW = [HealthCheck.too_slow]
settings.register_profile("fast", deadline=None, max_examples=20, derandomize=True, suppress_health_check=SLOW)
settings.register_profile("full", deadline=None, max_examples=50, derandomize=True, suppress_health_check=SLOW)
settings.register_profile("thorough", deadline=None, max_examples=2_000, suppress_health_check=SLOW)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "full"))

# Found before any test changes HOME: models are fetched once for all runs, not once for each.
MODELS = os.environ.get("CUEMARK_MODELS") or str(Path(platformdirs.user_cache_dir("cuemark")) / "models")


# The tests of the packages that have the coverage gate; elsewhere it would only take time.
MEASURED = tuple(f"{top}/{package}/" for top in ("tests", "pipeline") for package in ("reading", "matching", "writing"))


@pytest.hookimpl(trylast=True)  # once Hypothesis has marked its tests
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Measure coverage where there is a gate, and there by examples alone.

    A law takes twice its time while it is measured, and what it reaches by chance would count as tested.
    """
    for item in items:
        if not item.nodeid.startswith(MEASURED) or item.get_closest_marker("hypothesis"):
            item.add_marker("no_cover")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--update-goldens``."""
    parser.addoption("--update-goldens", action="store_true", help="write the expected files again; review the diff")


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of the test's own, with its store; the models are the user's."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("CUEMARK_STORE", str(home / "store"))
    monkeypatch.setenv("CUEMARK_VOICES", str(home / "voices"))
    monkeypatch.setenv("CUEMARK_DESK", str(home / "desk"))
    monkeypatch.setenv("CUEMARK_MODELS", MODELS)
    return home


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str | bytes], None]:
    """Compare what was made with the file that has what is expected, or write it there with ``--update-goldens``."""

    def compare(path: Path, made: str | bytes) -> None:
        content = made.encode() if isinstance(made, str) else made
        if request.config.getoption("--update-goldens"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        expected = path.read_bytes()

        if isinstance(made, str):
            assert made == expected.decode()
        assert content == expected

    return compare


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an episode and its transcript, in which the commands are given."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "show.mp3").write_bytes(b"sound")
    (folder / "show.md").write_text(SHOW)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def cuemark(capsys: pytest.CaptureFixture[str]) -> Command:
    """The command line in process: ``cuemark("align a b", HEARD)``."""
    from tests.fake_engines import FakeEngines  # noqa: PLC0415 -- imports all stages, which few tests need

    def run(line: str, *answers: Answer, engines: FakeEngines | None = None) -> Outcome:
        status = main(line.split(), (engines or FakeEngines(list(answers))).engines)
        out, err = capsys.readouterr()
        return Outcome(status, out, err)

    return run
