"""The models' folder, and whether the network may be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.listening.models.weights_options import WeightsOptions


def test_the_user_chooses_the_cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The option takes precedence over CUEMARK_MODELS, and that over the user's cache folder."""
    monkeypatch.setenv("CUEMARK_MODELS", str(tmp_path / "from environment"))

    assert WeightsOptions(folder=str(tmp_path / "named")).root == tmp_path / "named"
    assert WeightsOptions().root == tmp_path / "from environment"
    monkeypatch.delenv("CUEMARK_MODELS")
    assert WeightsOptions().root.parts[-2:] == ("cuemark", "models")


@pytest.mark.parametrize(("value", "is_offline"), [("1", True), ("TRUE", True), ("0", False), ("", False)])
def test_the_hubs_own_variable_counts_too(monkeypatch: pytest.MonkeyPatch, value: str, *, is_offline: bool) -> None:
    """Nothing is fetched where the hub's library must not use the network either."""
    monkeypatch.setenv("HF_HUB_OFFLINE", value)

    assert WeightsOptions().is_offline == is_offline
    assert WeightsOptions(offline=True).is_offline
