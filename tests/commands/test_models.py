from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.listening.models import catalog
from pipeline.listening.models.weights_options import WeightsOptions
from tests.listening.conftest import hub, no_hub, options  # noqa: F401 -- fixtures
from tests.listening.http_servers import Site
from tests.listening.toy_models import HUB_FILES, TOY
from tests.sample_episode import Command

SIZE = sum(map(len, HUB_FILES.values()))
Flip = Callable[[Path], None]


@pytest.fixture
def folder(options: WeightsOptions, monkeypatch: pytest.MonkeyPatch) -> Path:  # noqa: F811 -- the fixture
    """The models' folder of the commands, with a toy among the models that are known."""
    monkeypatch.setenv("CUEMARK_MODELS", str(options.root))
    monkeypatch.setitem(catalog.MODELS, "toy", TOY)
    monkeypatch.setitem(catalog.ALL, "toy", TOY)
    return options.root


@pytest.mark.usefixtures("folder")
def test_list_shows_every_model(cuemark: Command) -> None:
    """Shows each known model with size, languages, licence and sources, and what to type where nothing is here."""
    outcome = cuemark("models")

    lines = outcome.out.splitlines()
    assert (outcome.status, outcome.err) == (0, "")
    assert lines[0].split() == ["model", "size", "languages", "licence", "where", "from"]
    rows = {line.split()[0]: line.split() for line in lines if line}
    assert rows["base"] == ["base", "145", "MB", "99", "MIT", "hub,", "OpenAI,", "package", "index"]
    assert rows["voices"] == ["voices", "34", "MB", "any", "MIT", "AND", "Apache-2.0", "package", "index"]
    assert lines[-1] == "to have those that are used here: cuemark models fetch"


@pytest.mark.usefixtures("hub")
def test_fetch_list_verify_remove(cuemark: Command, folder: Path) -> None:
    """Fetches a model, shows that it is here, reads it through, and takes it away again."""
    fetched = cuemark("models fetch toy --engine faster-whisper")
    listed = cuemark("models list toy")
    verified = cuemark("models verify toy")
    removed = cuemark("models remove toy")

    assert (fetched.status, fetched.out) == (0, f"{folder / 'ctranslate2' / 'toy'}\n")
    assert "toy for faster-whisper: fetched (hub)\n" in fetched.err
    assert listed.out.splitlines()[-1].split() == ["toy", "faster-whisper", "0", "MB"]
    assert (verified.status, verified.out) == (0, "toy for faster-whisper: good, 0 MB\n")
    assert (removed.status, removed.out) == (0, "toy: removed, 0 MB are free again\n")
    assert not (folder / "ctranslate2" / "toy").exists()


@pytest.mark.usefixtures("hub")
def test_verify_ends_with_one_for_damage(cuemark: Command, folder: Path) -> None:
    """Says what is damaged with the line that repairs it, and ends with 1; fetching again repairs it."""
    cuemark("models fetch toy --engine faster-whisper")
    (folder / "ctranslate2" / "toy" / "model.bin").write_bytes(b"other")

    verified = cuemark("models verify toy")

    assert verified.status == 1
    assert "is damaged; type: cuemark models fetch toy\n" in verified.out
    assert cuemark("models fetch toy --engine faster-whisper").status == 0
    assert cuemark("models verify toy").status == 0


def test_offline_fetches_nothing(cuemark: Command, folder: Path, hub: Site) -> None:  # noqa: F811 -- the fixture
    """Says in one line that nothing is fetched, and sends no request."""
    outcome = cuemark("models fetch toy --offline --engine faster-whisper")

    assert (outcome.status, outcome.out, outcome.err.count("\n")) == (1, "", 1)
    assert "offline nothing is fetched" in outcome.err
    assert hub.history == []
    assert not folder.exists()


@pytest.mark.usefixtures("hub", "folder")
def test_json_tells_machines(cuemark: Command) -> None:
    """Gives the list with what is here as one document."""
    cuemark("models fetch toy --engine faster-whisper")
    document = json.loads(cuemark("models --json").out)

    (toy,) = (model for model in document["models"] if model["name"] == "toy")
    assert document["schema"] == "cuemark.models/1"
    assert toy["here"][0] | {"path": ""} == {
        "engine": "faster-whisper",
        "path": "",
        "bytes": SIZE,
        "from": "hub",
        "damage": None,
    }


@pytest.mark.parametrize(
    ("line", "status", "error"),
    [
        ("models fetch bse", 2, "models: there is no bse; do you mean base?"),
        ("models remove", 2, "models remove: say which, such as: cuemark models remove base"),
        ("models remove toy", 1, "model toy: is not in "),
        ("models melt toy", 2, "command line: No such command"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_cannot_be_done_is_one_line(cuemark: Command, line: str, status: int, error: str) -> None:
    """Says what is wrong with a wish, and ends with 2 for a wrong command line, 1 for what fails."""
    outcome = cuemark(line)

    assert (outcome.status, outcome.out, outcome.err.count("\n")) == (status, "", 1)
    assert outcome.err.startswith(f"cuemark: {error}")
