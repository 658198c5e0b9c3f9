from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from pipeline.errors import WeightsError
from pipeline.listening.models.locate import Weights, obtain
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.progress import silent
from tests.listening.http_servers import Site
from tests.listening.toy_models import HUB_FILES, TOY


@pytest.mark.parametrize("damage", ["shorter", "same length", "gone", "record"])
def test_a_damaged_model_in_the_cache_is_fetched_again(
    hub: Site, options: WeightsOptions, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    """A cached model with a changed file is not used, but fetched again, with a warning of one line."""
    path = obtain(TOY, "ctranslate2", options, silent).path
    if damage == "record":
        (path / "cuemark.json").write_text("{")
    elif damage == "gone":
        (path / "model.bin").unlink()
    else:
        (path / "model.bin").write_bytes(b"bad" * (90_000 if damage == "same length" else 10))

    again = obtain(TOY, "ctranslate2", options, silent)

    assert again.origin == "hub"
    assert (again.path / "model.bin").read_bytes() == HUB_FILES["model.bin"]
    assert len([record for record in caplog.records if "it is removed and fetched again" in record.message]) == 1
    assert len(hub.history) > len(HUB_FILES)


@pytest.mark.usefixtures("hub")
def test_a_copied_file_is_still_good(options: WeightsOptions) -> None:
    """A file with a new modification time and the same content is accepted, and the new time is recorded."""
    path = obtain(TOY, "ctranslate2", options, silent).path
    os.utime(path / "model.bin", (0, 0))

    assert obtain(TOY, "ctranslate2", options, silent).origin == "cache"
    recorded = json.loads((path / "cuemark.json").read_text())["files"]["model.bin"]["modified"]
    assert recorded == (path / "model.bin").stat().st_mtime_ns


def test_two_runs_at_once_fetch_a_model_once(hub: Site, options: WeightsOptions) -> None:
    """The other runs wait for the first and find the model in the cache."""
    found: list[Weights] = []
    runs = [
        threading.Thread(target=lambda: found.append(obtain(TOY, "ctranslate2", options, silent))) for _ in range(4)
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()

    assert sorted(weights.origin for weights in found) == ["cache", "cache", "cache", "hub"]
    whole = [request for request in hub.history if request[0] == "GET" and request[1].endswith("model.bin")]
    assert len(whole) == 1


@pytest.mark.usefixtures("hub")
def test_a_cache_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    """The error names the folder and how to give another one."""
    (tmp_path / "file").write_text("")
    blocked = WeightsOptions(folder=str(tmp_path / "file" / "models"))

    with pytest.raises(WeightsError, match=r"cannot be kept in .*file/models \(Not a directory\).* CUEMARK_MODELS$"):
        obtain(TOY, "ctranslate2", blocked, silent)
