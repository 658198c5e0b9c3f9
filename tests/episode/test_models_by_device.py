"""Which model of Whisper transcribes on which device, if none is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.episode.engines import Engines, locate_model
from pipeline.errors import WeightsError
from pipeline.listening.models.locate import Weights
from pipeline.listening.transcribe import TranscribeOptions
from pipeline.progress import silent
from pipeline.settings.config import Config
from tests.fake_engines import FakeEngines


def engines_with(fake: FakeEngines, available: set[str]) -> Engines:
    """Engines with some models available."""

    def locate(model: str, *_: object) -> Weights:
        if model not in available:
            raise WeightsError(model, "is not available from the hub")
        return Weights(model, Path(model), "0" * 64, "cache", english_only=False)

    return replace(fake.engines, locate=locate)


@pytest.mark.parametrize(
    ("options", "available", "expected"),
    [
        (TranscribeOptions(device="cpu"), {"base", "large-v3-turbo"}, "base"),
        (TranscribeOptions(device="cuda"), {"base", "large-v3-turbo"}, "large-v3-turbo"),
        (TranscribeOptions(device="cuda"), {"base"}, "base"),
        (TranscribeOptions(device="cuda", model="tiny"), {"base", "large-v3-turbo", "tiny"}, "tiny"),
    ],
)
def test_a_gpu_has_a_larger_model(options: TranscribeOptions, available: set[str], expected: str) -> None:
    """Without a name: base on a processor, large-v3-turbo on a GPU, base there too if that cannot be had."""
    config = Config(transcribe=options)

    assert locate_model(config, engines_with(FakeEngines(), available), "openai-whisper", silent).model == expected


def test_the_other_model_is_said(caplog: pytest.LogCaptureFixture) -> None:
    """One line says why the better model is not used."""
    config = Config(transcribe=TranscribeOptions(device="cuda"))

    locate_model(config, engines_with(FakeEngines(), {"base"}), "openai-whisper", silent)

    (record,) = caplog.records
    assert record.message.startswith("another model than large-v3-turbo transcribes: ")
    assert "not available" in record.message


def test_a_named_model_is_not_replaced() -> None:
    """A model that the user names and that cannot be had is an error."""
    config = Config(transcribe=TranscribeOptions(device="cuda", model="large-v3-turbo"))

    with pytest.raises(WeightsError):
        locate_model(config, engines_with(FakeEngines(), {"base"}), "openai-whisper", silent)
