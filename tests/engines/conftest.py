"""What the tests with real models share: each model is loaded once, and the example is listened to once."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.episode.engines import Engines, keep_loaded, real_engines


@pytest.fixture(scope="session")
def loaded() -> Engines:
    """The engines of this machine; a model stays loaded until another one is asked for."""
    return keep_loaded(real_engines())


@pytest.fixture(scope="session")
def example_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of all tests that work on the example with the same model."""
    return tmp_path_factory.mktemp("example store")
