from __future__ import annotations

import pytest

from pipeline.settings.config import Config
from scripts.benchmark_hints import load_engine
from tests.fake_engines import FakeEngines


def test_default_options_load_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The options of no file and no command line name no model; the benchmarks and the training listen with them."""
    fake = FakeEngines()
    monkeypatch.setattr("scripts.benchmark_hints.real_engines", lambda: fake.engines)

    load_engine(Config())

    assert fake.history == ["locate base for ctranslate2", "load base, language None"]
