from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.errors import WeightsError
from pipeline.listening.models.locate import Weights, obtain
from pipeline.listening.models.weights_options import WeightsOptions
from pipeline.progress import Step, silent
from tests.listening.http_servers import Site, serving
from tests.listening.toy_models import HUB_FILES, TOY, sha256


def test_a_model_comes_from_the_hub_and_then_from_the_cache(hub: Site, options: WeightsOptions) -> None:
    """A model is fetched once; the second time there is no request."""
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


def test_a_broken_download_from_the_hub_is_resumed(hub: Site, options: WeightsOptions) -> None:
    """After a broken connection, the file is completed."""
    hub.cut_after, hub.cuts = 100_000, 1
    hub.files = dict(hub.files)
    fetched = obtain(TOY, "ctranslate2", options, silent)

    assert (fetched.path / "model.bin").read_bytes() == HUB_FILES["model.bin"]


def test_a_damaged_file_of_the_hub_is_refused(hub: Site, options: WeightsOptions) -> None:
    """A file that does not have the hash in the hub's metadata is an error."""
    path = next(path for path in hub.files if path.endswith("model.bin"))
    hub.files = {**hub.files, path: b"bad" * 90_000}

    with pytest.raises(WeightsError, match=r"model.bin that is damaged .*give its folder with --model"):
        obtain(TOY, "ctranslate2", options, silent)

    assert not (options.root / "ctranslate2" / "toy").exists()


def test_a_page_in_place_of_the_hub_is_one_line(
    monkeypatch: pytest.MonkeyPatch, hub: Site, options: WeightsOptions
) -> None:
    """A network's log-in page in place of the model's description is an error of one line."""
    page = b"<html>Please log in</html>"
    with serving(Site(dict.fromkeys(hub.files, page), content_type="text/html")) as site:
        monkeypatch.setenv("HF_ENDPOINT", site.url)

        with pytest.raises(WeightsError, match="the hub does not give it"):
            obtain(TOY, "ctranslate2", options, silent)


@pytest.mark.parametrize("path", ["config.json", "model.bin"])
def test_a_page_in_place_of_a_file_is_one_line(hub: Site, options: WeightsOptions, path: str) -> None:
    """A page that a proxy sends with status 200 is not used as a file, and a later run fetches the file."""
    hub.pages = frozenset(name for name in hub.files if name.endswith(path))

    with pytest.raises(WeightsError) as refused:
        obtain(TOY, "ctranslate2", options, silent)

    assert "the hub " in str(refused.value)
    assert "\n" not in str(refused.value)
    hub.pages = frozenset()
    assert (obtain(TOY, "ctranslate2", options, silent).path / path).read_bytes() == HUB_FILES[path]


@pytest.mark.parametrize("content", [b"[]", b"{ }"])
def test_a_small_file_of_the_hub_is_checked_too(hub: Site, options: WeightsOptions, content: bytes) -> None:
    """A small file with one changed byte is refused, by Git's hash."""
    path = next(path for path in hub.files if path.endswith("config.json"))
    hub.files = {**hub.files, path: content}

    with pytest.raises(WeightsError, match="the hub "):
        obtain(TOY, "ctranslate2", options, silent)

    assert not (options.root / "ctranslate2" / "toy").exists()
