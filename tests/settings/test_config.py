from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import ConfigError
from pipeline.listening.transcribe import TranscribeOptions
from pipeline.settings.config import Config, default_toml, nearest_hint, overlay, overrule
from pipeline.writing import WritingOptions
from pipeline.writing.cues import CueOptions

DEFAULT = Path(__file__).parents[2] / "configs" / "default.toml"


def place(name: str) -> str:
    """Where a test says that something was given."""
    return f"<{name}>"


def overlaid(text: str, config: Config | None = None) -> Config:
    """The options with a file's text over them."""
    return overlay(config or Config(), tomllib.loads(text), place)


def uncommented(text: str) -> str:
    """The default file with every key that has a default taken out of its comment."""
    return re.sub(r"^#(\w+ = )", r"\1", text, flags=re.MULTILINE)


def test_default_file_is_current() -> None:
    """Is the file that the options make; ``scripts/make_default_config.py`` renews it."""
    assert DEFAULT.read_text(encoding="utf-8") == default_toml()


def test_no_name_is_divided_at_a_hyphen() -> None:
    """Has every value that may be given in one piece: ``faster-whisper`` on two lines cannot be copied."""
    assert [line for line in default_toml().splitlines() if line.endswith("-")] == []


def test_default_file_has_every_option() -> None:
    """Has every key of every stage, with its meaning above it."""
    keys = {(item.name, key.name) for item in fields(Config) for key in fields(getattr(Config(), item.name))}
    shown = set()
    for table in re.split(r"^\[", default_toml(), flags=re.MULTILINE)[1:]:
        name = table.partition("]")[0]
        shown |= {(name, key) for key in re.findall(r"^# [^\n]+\.\n#(\w+) =", table, re.MULTILINE)}

    assert shown == keys


def test_default_file_changes_nothing() -> None:
    """Means the defaults as it is, and with every key taken out of its comment."""
    everything = uncommented(default_toml())

    assert overlaid(default_toml()) == Config()
    assert tomllib.loads(everything)["transcribe"]["model"] == "auto"
    assert overlaid(everything) == Config()


def test_what_is_given_beats_what_is_there() -> None:
    """Changes the keys that are given, whole numbers to numbers where those are meant, and leaves all others."""
    before = overlaid('[transcribe]\nmodel = "small"\nlanguage = "de"\n\n[cues]\ngap_s = 1\n')

    after = overlaid('[transcribe]\nlanguage = "en"\n[markdown]\ntimes = false', before)

    assert after.transcribe == TranscribeOptions(model="small", language="en")
    assert (after.cues, type(after.cues.gap_s)) == (CueOptions(gap_s=1.0), float)
    assert after.markdown.times is False
    assert after.speech == Config().speech


def test_limits_are_held_by_the_whole() -> None:
    """Looks at the options together: what one file says may need what another one says."""
    long = overlaid("[cues]\nmax_duration_s = 9")

    assert overlaid("[cues]\nmin_duration_s = 8", long).cues == CueOptions(min_duration_s=8.0, max_duration_s=9.0)
    with pytest.raises(ConfigError, match=r"^<cues>: \[cues\]: a subtitle's shortest time must be above 0 and not"):
        overlaid("[cues]\nmin_duration_s = 10", long)


def test_flags_beat_what_is_there() -> None:
    """Changes what flags say, several in a table at once, and loads no library for it."""
    config = overrule(Config(), {"cues.min_duration_s": 8.0, "cues.max_duration_s": 9.0, "hear.max_repeats": 3}, place)

    assert config.cues == CueOptions(min_duration_s=8.0, max_duration_s=9.0)
    assert config.hear.max_repeats == 3


def test_writers_get_their_options() -> None:
    """Hands the writers the options of the transcript and of the subtitles."""
    config = overrule(Config(), {"cues.max_line_width": 30, "markdown.fix_times": True}, place)

    assert config.writing == WritingOptions(config.markdown, config.cues)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[transcribe]\nmodle = "small"', "<transcribe.modle>: there is no transcribe.modle; do you mean model?"),
        ("[transcribe]\nxyz = 1", "<transcribe.xyz>: there is no transcribe.xyz; there are engine, model, "),
        ('[cues]\nmodel = "small"', "<cues.model>: there is no cues.model; model belongs below [transcribe]"),
        ("[cue]\ngap_s = 1", "<cue>: there is no table [cue]; do you mean cues?"),
        ('model = "small"', "<model>: there is no table [model]; model belongs below [transcribe]"),
        ("[zz]", "<zz>: there is no table [zz]; there are weights, transcribe, "),
        ("cues = 3", "<cues>: cues is a table, and its keys are written below [cues]"),
        ("[cues]\ngap_s = true", "<cues.gap_s>: cues.gap_s should be a valid number, not true"),
        ('[cues]\nmax_line_width = "42"', "<cues.max_line_width>: cues.max_line_width should be a valid integer, n"),
        ("[cues]\nmax_line_width = 42.5", "<cues.max_line_width>: cues.max_line_width should be a valid integer"),
        ("[cues]\ngap_s = nan", "<cues.gap_s>: cues.gap_s is a date, a number that is not finite, or nested deeply"),
        ("[cues]\ngap_s = -1", "<cues>: [cues]: a subtitle's "),
        ("[transcribe]\nmodel = 2026-11-24", "<transcribe.model>: transcribe.model is a date, "),
        ("[transcribe]\nmodel" + ".a" * 2_000 + " = 1", "<transcribe.model>: transcribe.model is a single "),
        (f"[transcribe]\n{'m' * 99} = 1", f"<transcribe.{'m' * 99}>: there is no transcribe.{'m' * 49}…; there are "),
        (
            '[transcribe]\ndevice = "gpu"',
            '<transcribe.device>: transcribe.device has no choice "gpu"; there are auto, cpu, cuda',
        ),
    ],
)
def test_what_is_wrong_is_named(text: str, line: str) -> None:
    """Refuses what it does not know in one line with the place, the key and what may be meant."""
    with pytest.raises(ConfigError) as caught:
        overlaid(text)

    assert str(caught.value).startswith(line)
    assert caught.value.exit_status == 2


@pytest.mark.parametrize(
    ("flags", "line"),
    [
        (
            {"transcribe.device": "gpu"},
            '<transcribe.device>: transcribe.device has no choice "gpu"; there are auto, cpu, cuda',
        ),
        ({"cues.max_line_width": 1}, "<cues>: a subtitle needs at least one line of two characters"),
    ],
)
def test_wrong_flag_is_named(flags: dict[str, Any], line: str) -> None:
    """Names the flag, or the flags of a table that do not fit together."""
    with pytest.raises(ConfigError) as caught:
        overrule(Config(), flags, place)

    assert str(caught.value) == line


def test_nearest_name_is_offered() -> None:
    """Offers the one name that is like what was given, or else all."""
    assert nearest_hint("fsat", ["accurate", "fast"]) == "; do you mean fast?"
    assert nearest_hint("zz", ["accurate", "fast"]) == "; there are accurate, fast"
    assert nearest_hint("zz", [str(number) for number in range(100)]).endswith(", 18, 19 and 80 more")
