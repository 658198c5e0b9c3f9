from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from pipeline.config import Config, default_toml, load
from pipeline.errors import ConfigError
from pipeline.listening.transcribe import TranscribeOptions
from pipeline.writing import WritingOptions
from pipeline.writing.cues import CueOptions

DEFAULT = Path(__file__).parent.parent / "configs" / "default.toml"


@pytest.fixture
def my_toml(tmp_path: Path) -> Path:
    """Where a test puts its configuration."""
    return tmp_path / "my.toml"


def uncommented(text: str) -> str:
    """The default file with every key that has a default taken out of its comment."""
    return re.sub(r"^#(\w+ = )", r"\1", text, flags=re.MULTILINE)


def test_default_file_is_current() -> None:
    """Is the file that the options make; ``scripts/make_default_config.py`` renews it."""
    assert DEFAULT.read_text(encoding="utf-8") == default_toml()


def test_default_file_has_every_option() -> None:
    """Has every key of every stage, with its meaning above it."""
    keys = {(item.name, key.name) for item in fields(Config) for key in fields(getattr(Config(), item.name))}
    shown = set()
    for table in re.split(r"^\[", default_toml(), flags=re.MULTILINE)[1:]:
        name = table.partition("]")[0]
        shown |= {(name, key) for key in re.findall(r"^# [^\n]+\.\n#(\w+) =", table, re.MULTILINE)}

    assert shown == keys


def test_default_file_changes_nothing(my_toml: Path) -> None:
    """Means the defaults as it is, and with every key taken out of its comment."""
    my_toml.write_text(uncommented(default_toml()))

    assert load(DEFAULT, {}) == Config()
    assert tomllib.loads(my_toml.read_text())["transcribe"]["model"] == "base"
    assert load(my_toml, {}) == Config()


def test_flag_beats_file_beats_default(my_toml: Path) -> None:
    """Takes each option from the command line, else from the file, else from its default."""
    my_toml.write_text('[transcribe]\nmodel = "small"\nlanguage = "de"\n\n[cues]\ngap_s = 0\n')

    config = load(my_toml, {"transcribe.language": "en", "markdown.times": False})

    assert config.transcribe == TranscribeOptions(model="small", language="en")
    assert config.cues == CueOptions(gap_s=0.0)
    assert config.markdown.times is False
    assert config.speech == Config().speech


def test_no_file_and_no_flags_are_the_defaults() -> None:
    """Gives the defaults where nobody says anything."""
    assert load(None, {}) == Config()


def test_writers_get_their_options() -> None:
    """Hands the writers the options of the transcript and of the subtitles."""
    config = load(None, {"cues.max_line_width": 30, "markdown.fix_times": True})

    assert config.writing == WritingOptions(config.markdown, config.cues)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[transcribe]\nmodle = "small"\n', "there is no transcribe.modle; do you mean model?"),
        ('[transcribe]\nxyz = "small"\n', "there is no transcribe.xyz; there are engine, model, device, language"),
        ("[cue]\ngap_s = 1\n", "there is no table [cue]; do you mean cues?"),
        ('model = "small"\n', "there is no table [model]; there are weights, transcribe, "),
        ("cues = 3\n", "cues is a table, and its keys are written below [cues]"),
        ("[cues]\ngap_s = true\n", "cues.gap_s should be a valid number, not true"),
        ('[cues]\nmax_line_width = "42"\n', 'cues.max_line_width should be a valid integer, not "42"'),
        ("[cues]\nmax_line_width = 42.5\n", "cues.max_line_width should be a valid integer"),
        ("[cues]\ngap_s = nan\n", "[cues] has a date, or a number that is not finite"),
        ("[cues]\ngap_s = -1\n", "[cues]: a subtitle's "),
        ('[transcribe]\ndevice = "gpu"\n', "transcribe.device should be 'auto', 'cpu' or 'cuda', not \"gpu\""),
        ("[transcribe]\nmodel = 2026-11-24\n", "[transcribe] has a date, or a number that is not finite"),
        ("[cues\n", "is not TOML: "),
        ("\u00e9 = \ud800", "is not TOML: "),
    ],
)
def test_what_is_wrong_is_named(my_toml: Path, text: str, reason: str) -> None:
    """Refuses what it does not know, and names the file, the key and what may be meant."""
    my_toml.write_bytes(text.encode("utf-8", "surrogatepass"))

    with pytest.raises(ConfigError) as caught:
        load(my_toml, {})

    assert str(caught.value).startswith(f"{my_toml}: {reason}")
    assert caught.value.exit_status == 2


@pytest.mark.parametrize(
    ("flags", "line"),
    [
        ({"transcribe.device": "gpu"}, "--device: transcribe.device should be 'auto', 'cpu' or 'cuda', not \"gpu\""),
        ({"cues.max_line_width": 1}, "--max-line-width: [cues]: a subtitle "),
    ],
)
def test_wrong_flag_is_named(my_toml: Path, flags: dict[str, Any], line: str) -> None:
    """Names the flag, not the file, where the flag is wrong."""
    my_toml.write_text("[cues]\ngap_s = 0.1\n")

    with pytest.raises(ConfigError) as caught:
        load(my_toml, flags)

    assert str(caught.value).startswith(line)
